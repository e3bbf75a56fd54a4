/**
 * The way out: what carries letters to a mail server. It asks for letters as it has room for them, so
 * that the next envelope can travel with the end of the letter before.
 */
import type { PaperRoundError } from "../errors.ts";
import type { Message, Sheet } from "./message.ts";
import type { Outcome, Settled } from "./outcome.ts";

/** A letter for one reader, on its way. It is settled or given back, and that once. */
export interface Letter {
  readonly from: string;
  readonly to: string;
  /** Prints the message. Throws rather than print one that lacks its signature. */
  print(sheet: Sheet): Promise<void> | void;
  /**
   * Asked when nothing but the body is left to be sent, and before its first byte leaves: from here
   * on the outcome may come to be unknown. False withdraws the letter, which is then done with; when
   * it throws, no byte leaves and the whole run ends.
   */
  mayLeave(): Promise<boolean>;
  settle(outcome: Settled): void;
  /** Says that nothing of it left, and that it is for another time. */
  giveBack(): void;
}

/** Where letters come from. */
export interface Supply {
  /** Returns the next letter, waiting for one if need be; null when there are no more. */
  next(): Promise<Letter | null>;
  /** Returns the next letter if there is one to hand. */
  atHand(): Letter | null;
}

export interface CarryOptions {
  /** When aborted, what is on its way is finished and no connection is opened any more. */
  readonly signal: AbortSignal;
  /** Go on trying while the server can't be reached, instead of giving up. */
  readonly patient: boolean;
  /** Told why, each time that a patient one waits. */
  readonly onWaiting?: ((fault: PaperRoundError) => void) | undefined;
}

export interface Transport {
  /** How many letters may be on their way at once. */
  readonly capacity: number;
  /**
   * Carries letters until there are no more. Returns the fault that ended it early, or null. Throws
   * what `mayLeave` or `print` threw, once everything that was on its way is settled.
   */
  carry(supply: Supply, options: CarryOptions): Promise<PaperRoundError | null>;
  /** Opens a connection for single letters, whose outcome somebody waits for. */
  openSingle(): SingleLetters;
}

export interface SingleLetters {
  send(message: Message): Promise<Outcome>;
  close(): void;
}
