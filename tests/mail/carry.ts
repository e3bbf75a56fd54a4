/** Carries letters without a ledger, over one connection if not told otherwise, and tells what came of each. */
import { onTestFinished } from "vitest";
import type { PaperRoundError } from "../../src/errors.ts";
import { pause } from "../../src/io/pause.ts";
import type { Reply } from "../../src/mail/outcome.ts";
import type { SmtpOptions, Timeouts } from "../../src/mail/session.ts";
import { smtpTransport } from "../../src/mail/smtp.ts";
import type { Letter, SingleLetters } from "../../src/mail/transport.ts";

export interface TestLetter {
  readonly to: string;
  readonly content: Buffer;
  /** Stands for the ledger: false withdraws the letter. */
  readonly mark?: () => Promise<boolean>;
}

export interface Carried {
  readonly state: string;
  readonly reply?: Reply;
  readonly marked: boolean;
  readonly givenBack?: boolean;
  readonly fault?: PaperRoundError;
  readonly lasting?: boolean;
}

export function letterTo(to: string): TestLetter {
  return { to, content: Buffer.from(`To: ${to}\r\nSubject: x\r\n\r\nBody.\r\n`) };
}

function optionsFor(url: URL, timeouts: Partial<Timeouts>): SmtpOptions {
  return { url, connections: 1, lettersInFlight: 1, allowPlaintext: false, timeouts };
}

export async function carry(
  url: URL,
  letters: readonly TestLetter[],
  changes: Partial<SmtpOptions> = {},
  /** Passes before each letter but the first, none of which is to hand. */
  between?: () => Promise<void>,
): Promise<Carried[]> {
  const transport = smtpTransport({ ...optionsFor(url, {}), ...changes }, pause);
  const results: Partial<Carried>[] = letters.map(() => ({ state: "untried", marked: false }));
  let index = 0;
  const atHand = (): Letter | null => {
    const letter = letters[index];
    const result = results[index++];
    if (!letter || !result) return null;
    return {
      from: "letters@example.org",
      to: letter.to,
      print: (sheet) => {
        sheet.bytes = Buffer.alloc(letter.content.length + 4096);
        sheet.start = 0;
        sheet.end = letter.content.copy(sheet.bytes);
      },
      mayLeave: async () => {
        Object.assign(result, { marked: true });
        const leaves = (await letter.mark?.()) ?? true;
        if (!leaves) Object.assign(result, { state: "withdrawn" });
        return leaves;
      },
      settle: (outcome) => {
        const isOver = result.state !== "untried" || result.givenBack;
        if (isOver) throw new Error(`${letter.to} was settled twice.`);
        Object.assign(result, outcome);
      },
      giveBack: () => {
        if (result.state !== "untried") throw new Error(`${letter.to} was settled before.`);
        Object.assign(result, { givenBack: true });
      },
    };
  };
  const next = async () => {
    if (index > 0) await between?.();
    return atHand();
  };
  const supply = { atHand: () => (between ? null : atHand()), next };
  const signal = new AbortController().signal;
  const fault = await transport.carry(supply, { signal, patient: false });
  return results.map((result) => ({
    ...(result as Carried),
    ...(result.state === "untried" &&
      fault && { fault, lasting: fault.code !== "SMTP_UNREACHABLE" }),
  }));
}

/** Returns a way for single letters, closed when the test ends. */
export function singleLetters(url: URL, timeouts: Partial<Timeouts> = {}): SingleLetters {
  const way = smtpTransport(optionsFor(url, timeouts), pause).openSingle();
  onTestFinished(() => way.close());
  return way;
}
