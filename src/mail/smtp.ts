/**
 * Delivers over SMTP: as many connections as are allowed, each with a conversation of its own, and a
 * breaker before them all. A connection that the server closes is replaced.
 */
import type { PaperRoundError } from "../errors.ts";
import { isTrial, openBreaker, type Trial } from "./breaker.ts";
import { converseInChunks } from "./chunks.ts";
import { converse } from "./conversation.ts";
import { judgeConnection } from "./outcome.ts";
import { openSession, type Session, type SmtpOptions } from "./session.ts";
import { openSingleLetters } from "./single.ts";
import type { CarryOptions, Letter, Supply, Transport } from "./transport.ts";

/** Returns a transport to the server that `url` names. Nothing is opened yet. */
export function smtpTransport(
  options: SmtpOptions,
  pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>,
): Transport {
  const server = options.url.host;
  /** Until it turns out that a server does not keep what it offers. */
  let takesChunks = true;
  const breaker = openBreaker(() => performance.now(), pause);

  async function carry(supply: Supply, how: CarryOptions): Promise<PaperRoundError | null> {
    let fault: PaperRoundError | null = null;
    const lanes = Array.from({ length: options.connections }, async () => {
      fault = (await workLane(supply, how)) ?? fault;
    });
    // A lane that throws ends the supply for the others; all of them settle what they have begun.
    const ended = await Promise.allSettled(lanes);
    const broken = ended.find((lane) => lane.status === "rejected");
    if (broken) throw broken.reason;
    return fault;
  }

  async function workLane(supply: Supply, how: CarryOptions): Promise<PaperRoundError | null> {
    let inHand: Letter | null = null;
    for (;;) {
      inHand ??= await supply.next();
      if (!inHand) return null;
      const entered = await breaker.enter(how);
      if (!isTrial(entered)) {
        inHand.giveBack();
        return entered === "over" ? null : entered;
      }
      try {
        inHand = await work(entered, inHand, supply, how.signal);
      } finally {
        entered.over();
      }
    }
  }

  /** Works one connection; returns the letter to begin the next one with. */
  async function work(
    trial: Trial,
    first: Letter,
    supply: Supply,
    signal: AbortSignal,
  ): Promise<Letter | null> {
    let session: Session;
    try {
      session = await openSession(options, signal);
    } catch (error) {
      trial.failed(judgeConnection(error as Error, server));
      return first;
    }
    const { served } = trial;
    const window = options.lettersInFlight;
    const inChunks =
      window > 1 && takesChunks && session.offers("CHUNKING") && session.offers("PIPELINING");
    const parting = inChunks
      ? await converseInChunks(session, first, supply, { server, served, window })
      : await converse(session, first, supply, { server, served });
    if (parting.refusesChunks) takesChunks = false;
    if (parting.fault) trial.failed(parting.fault);
    return parting.inHand;
  }

  return {
    capacity: options.connections * options.lettersInFlight,
    carry,
    openSingle: () => openSingleLetters(options),
  };
}
