/**
 * The conversation with a server that takes letters in chunks (RFC 3030): several are under way on one
 * session, and none waits for the answer to the one before. A letter's envelope and body leave
 * together, so all that are under way when a session breaks are uncertain. Four answers belong to
 * each letter, and all look alike: of a server that says more than it was asked, answers to several
 * letters can't be told apart. One in flight is therefore the rule, and more is the operator's choice.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Parting } from "./conversation.ts";
import { newSheet, type Sheet } from "./message.ts";
import {
  hungUp,
  judgeReply,
  refusedSender,
  replyOf,
  type Settled,
  type Untried,
} from "./outcome.ts";
import type { RawReply, Session } from "./session.ts";
import type { Letter, Supply } from "./transport.ts";

const LOST = "The connection was lost before the letter left.";
const NO_CHUNKS = "The server offers to take letters in chunks and then does not.";
/** RFC 5321 section 4.2.4: a command that is not known or not implemented. */
const UNKNOWN_COMMAND = new Set([500, 502, 504]);

interface UnderWay {
  readonly letter: Letter;
  readonly sheet: Sheet;
  /** All of it has left this program: only then the answer is one to the whole letter. */
  hasLeft: boolean;
}

interface Ending {
  /** What is wrong with the server or our standing with it. */
  fault: Untried | null;
  /** What a letter threw. */
  broken: { readonly reason: unknown } | null;
  /** The server does not know the command, and has taken the letter for commands. */
  refusesChunks: boolean;
}

/** Carries letters, up to `window` at once. The rest is as in `converse`. */
export async function converseInChunks(
  session: Session,
  first: Letter,
  supply: Supply,
  { server, served, window }: { server: string; served: () => void; window: number },
): Promise<Parting> {
  const underWay: UnderWay[] = [];
  const sheets = Array.from({ length: window }, newSheet);
  let inHand: Letter | null = first;
  /** Why nothing leaves any more, though what is under way is still answered. */
  const end: Ending = { fault: null, broken: null, refusesChunks: false };
  /** Until one letter was taken notice of, no second one is risked. */
  let isServed = false;
  const isEnding = () => end.fault !== null || end.broken !== null || end.refusesChunks;

  try {
    while (inHand !== null || underWay.length > 0) {
      while (inHand && !isEnding() && sheets.length > (isServed ? 0 : window - 1))
        await send(inHand);
      const [oldest] = underWay;
      if (!oldest) break;
      const outcome = await hear(oldest);
      underWay.shift();
      sheets.push(oldest.sheet);
      oldest.letter.settle(outcome);
      if (isEnding()) continue;
      inHand ??= supply.atHand();
      if (!inHand && underWay.length === 0) await waitForMore();
    }
    if (isEnding()) session.drop();
    else session.quit();
  } catch (error) {
    session.drop();
    if (!isServed) end.fault ??= hungUp(server);
    const reply = replyOf((error as Error).message, null);
    for (const { letter } of underWay) letter.settle({ state: "uncertain", reply });
  }
  if (end.broken) throw end.broken.reason;
  return { inHand, fault: end.fault, refusesChunks: end.refusesChunks };

  /** Prints a letter and sends it whole; takes the next to hand. */
  async function send(letter: Letter): Promise<void> {
    const sheet = sheets.pop() ?? newSheet();
    inHand = null;
    try {
      await letter.print(sheet);
      if (await letter.mayLeave()) {
        if (underWay.length === 0 && !session.isQuiet()) {
          letter.settle({ state: "deferred", reply: replyOf(LOST, null) });
          end.fault ??= hungUp(server);
          return;
        }
        const size = sheet.end - sheet.start;
        // A transaction that failed has to be taken back before the next (section 2); whether the
        // last one did is not known yet.
        session.write(
          `RSET\r\nMAIL FROM:<${letter.from}>\r\nRCPT TO:<${letter.to}>\r\nBDAT ${size} LAST\r\n`,
        );
        const sent: UnderWay = { letter, sheet, hasLeft: false };
        session.write(sheet.bytes.subarray(sheet.start, sheet.end), () => {
          sent.hasLeft = true;
        });
        underWay.push(sent);
      } else {
        sheets.push(sheet);
      }
      inHand = supply.atHand();
    } catch (reason) {
      end.broken = { reason };
    }
  }

  /** Returns what the answers to one letter come to. */
  async function hear(sent: UnderWay): Promise<Settled> {
    const { command, letter } = session.timeouts;
    const rset = await session.reply(letter);
    // What stands here instead of a yes is a farewell, or no answer to this letter.
    if (rset.code >= 300) throw new Error(rset.text);
    const mail = await session.reply(command);
    if (mail.code >= 400) end.fault ??= refusedSender(mail.text, mail.code, server);
    const rcpt = await session.reply(command);
    const bdat = await session.reply(letter);
    // Of what went over TLS it is known a turn of the event loop later that it has left.
    if (!sent.hasLeft) await nextTurn();
    // The sheet must not be printed on again, and a yes to half a letter is none.
    if (!sent.hasLeft) throw new Error("The server answered before it had the letter.");
    if (UNKNOWN_COMMAND.has(bdat.code)) {
      end.refusesChunks = true;
      if (mail.code < 300 && rcpt.code < 300) {
        return { state: "deferred", reply: replyOf(NO_CHUNKS, null) };
      }
    }
    if (mail.code < 400) {
      served();
      isServed = true;
    }
    const refusal = [mail, rcpt, bdat].find(({ code }) => code >= 300);
    if (!refusal) return { state: "accepted", reply: replyOf(bdat.text, bdat.code) };
    return outcomeOf(refusal, refusal === mail);
  }

  /** A session that lay idle may have been closed, which must not show only once a letter is gone. */
  async function waitForMore(): Promise<void> {
    inHand = await supply.next();
    if (!inHand) return;
    session.write("NOOP\r\n");
    const { code, text } = await session.reply(session.timeouts.command);
    // A farewell from while it lay idle stands where the answer is looked for.
    if (code >= 300 || !session.isQuiet()) throw new Error(text);
  }
}

function outcomeOf({ text, code }: RawReply, isSender: boolean): Settled {
  // A refused sender is no fault of the reader's; the letter is known not to have been taken.
  if (isSender) return { state: "deferred", reply: replyOf(text, code) };
  if (code >= 400) return judgeReply(text, code);
  return { state: "uncertain", reply: replyOf(text, code) };
}
