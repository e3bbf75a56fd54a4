/**
 * The conversation that carries letters over one session (RFC 5321), as few waits as the server
 * allows: with PIPELINING (RFC 2920) the next envelope travels with the end of the letter before, so
 * that a letter costs one round trip.
 */
import { newSheet, type Sheet } from "./message.ts";
import {
  hungUp,
  judgeReply,
  refusedSender,
  replyOf,
  type Outcome,
  type Settled,
  type Untried,
} from "./outcome.ts";
import type { RawReply, Session } from "./session.ts";
import type { Letter, Supply } from "./transport.ts";

/** Why a conversation is over. */
export interface Parting {
  /** The letter to begin the next one with: nothing of its body has left. */
  readonly inHand: Letter | null;
  /** What is wrong with the server or our standing with it, whatever the letter. */
  readonly fault: Untried | null;
  /** The server offered to take chunks and does not know the command. */
  readonly refusesChunks?: boolean;
}

/** Ends the data of a letter, whose last line is complete (section 4.1.1.4). */
const END_OF_DATA = ".\r\n";
const RSET = "RSET\r\n";
const MAIL = "MAIL";
const RCPT = "RCPT";
const DATA = "DATA\r\n";
const COMMANDS = [MAIL, RCPT, DATA] as const;
/** A transaction that failed is taken back first. */
const AFTER_REFUSAL = [RSET, ...COMMANDS] as const;
const LOST = "The connection was lost before the letter was asked for.";
const SPOKE_EARLY = "The server answered before it had the letter.";

/**
 * Carries `first` and whatever `supply` has after it, until that is all or the session ends. Throws
 * what a letter threw; the session is dropped then, and nothing of that letter has left.
 */
export async function converse(
  session: Session,
  first: Letter,
  supply: Supply,
  { server, served }: { server: string; served: () => void },
): Promise<Parting> {
  const isPipelined = session.offers("PIPELINING");
  const { command: commandTimeout, letter: letterTimeout } = session.timeouts;
  const sheet = newSheet();
  let carried = 0;
  /** A transaction is open that has to be taken back before the next. */
  let isStale = false;
  /** What the server said when it ended the session. */
  let farewell = "";

  for (let letter: Letter | null = first, asked = false; letter !== null;) {
    const offer = await offerEnvelope(letter, asked);
    if (offer === "closing") {
      if (carried > 0) return parting(letter);
      // Nobody else was served on this connection: the letter itself may be what ends it.
      letter.settle({ state: "deferred", reply: replyOf(`${LOST}${farewell}`, null) });
      return parting(null, hungUp(server));
    }
    if (offer !== "ready" && offer.state === "untried") return parting(letter, offer);
    if (carried === 0) served();
    if (offer !== "ready") {
      letter.settle(offer);
      carried++;
      letter = await nextLetter();
      asked = false;
      continue;
    }
    if (!(await begin(letter))) return parting(null);
    const riding: Letter | null = isPipelined ? supply.atHand() : null;
    finishSheet(sheet, riding ? envelopeOf(riding) : "");
    session.write(sheet.bytes.subarray(sheet.start, sheet.end));
    let reply: RawReply;
    try {
      reply = await session.reply(letterTimeout);
    } catch (error) {
      letter.settle({ state: "uncertain", reply: replyOf((error as Error).message, null) });
      return parting(riding);
    }
    const isEarly = !(await session.isFlushed());
    letter.settle(outcomeOf(reply, isEarly));
    carried++;
    if (reply.code === 421 || isEarly) return parting(riding);
    letter = riding ?? (await nextLetter());
    asked = riding !== null;
  }
  session.quit();
  return { inHand: null, fault: null };

  /** Ends the session and says what is left. */
  function parting(inHand: Letter | null, fault: Untried | null = null): Parting {
    session.drop();
    return { inHand, fault };
  }

  async function nextLetter(): Promise<Letter | null> {
    const atHand = supply.atHand();
    if (atHand) return atHand;
    // Where a server allows few connections, an idle one keeps a letter that waits for a place waiting.
    const leaving = setTimeout(() => session.quit(), session.timeouts.idle);
    try {
      return await supply.next();
    } catch (thrown) {
      session.drop();
      throw thrown;
    } finally {
      clearTimeout(leaving);
    }
  }

  /** The commands that offer a letter, together. */
  function envelopeOf(letter: Letter): string {
    return `${isStale ? RSET : ""}${mailOf(letter)}${rcptOf(letter)}${DATA}`;
  }

  /**
   * Offers a letter by its envelope, which is on its way already when `asked`. Returns "ready" when
   * the server waits for the letter, "closing" when the session has ended, else what became of it.
   */
  async function offerEnvelope(
    letter: Letter,
    asked: boolean,
  ): Promise<"ready" | "closing" | Outcome> {
    if (!asked && !session.isQuiet()) return "closing";
    if (isPipelined && !asked) session.write(envelopeOf(letter));
    let refusal: Outcome | null = null;
    let isReady = false;
    for (const command of isStale ? AFTER_REFUSAL : COMMANDS) {
      if (!isPipelined) session.write(commandOf(command, letter));
      let reply: RawReply;
      try {
        reply = await session.reply(commandTimeout);
      } catch {
        return refusal ?? "closing";
      }
      // A session that ends here says nothing of the reader; one that ends after RCPT may.
      if (reply.code === 421 && command === MAIL) farewell = ` It said: ${reply.text}`;
      if (command === RSET ? reply.code >= 300 : reply.code === 421 && command === MAIL) {
        return "closing";
      }
      isReady = command === DATA && reply.code === 354;
      if (isReady || (command !== DATA && reply.code < 300)) continue;
      refusal ??=
        command === MAIL
          ? refusedSender(reply.text, reply.code, server)
          : judgeReply(reply.text, reply.code);
      if (!isPipelined) break;
    }
    isStale = refusal !== null;
    if (!refusal) return "ready";
    // Asked for a letter without a reader: the end of data alone takes it back (RFC 2920 section 3.1).
    if (isReady) {
      session.write(END_OF_DATA);
      await session.reply(commandTimeout).catch(() => null);
    }
    return refusal;
  }

  /** Prints a letter and lets it leave; false when it is not to leave on this session. */
  async function begin(letter: Letter): Promise<boolean> {
    try {
      await letter.print(sheet);
      if (!(await letter.mayLeave())) return false;
    } catch (thrown) {
      session.drop();
      throw thrown;
    }
    if (session.isQuiet()) return true;
    // Whatever came while the letter was made ready is no answer to it.
    const early = await session.reply(commandTimeout).catch(() => null);
    const refused = early !== null && early.code >= 400;
    letter.settle(
      refused
        ? judgeReply(early.text, early.code)
        : { state: "deferred", reply: replyOf(early ? SPOKE_EARLY : LOST, null) },
    );
    return false;
  }
}

/** Returns what the reply to a whole letter means. */
function outcomeOf({ text, code }: RawReply, isEarly: boolean): Settled {
  if (code >= 400) return judgeReply(text, code);
  // A yes to half a letter, or anything but yes and no, tells nothing.
  if (isEarly || code >= 300) return { state: "uncertain", reply: replyOf(text, code) };
  return { state: "accepted", reply: replyOf(text, code) };
}

/** Puts the end of the letter behind it, and what travels with that. */
function finishSheet(sheet: Sheet, behind: string): void {
  sheet.end += sheet.bytes.write(END_OF_DATA + behind, sheet.end, "latin1");
}

function commandOf(command: (typeof AFTER_REFUSAL)[number], letter: Letter): string {
  if (command === MAIL) return mailOf(letter);
  return command === RCPT ? rcptOf(letter) : command;
}

function mailOf({ from }: Letter): string {
  return `MAIL FROM:<${from}>\r\n`;
}

function rcptOf({ to }: Letter): string {
  return `RCPT TO:<${to}>\r\n`;
}
