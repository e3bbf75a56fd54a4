/**
 * How commands speak: results on standard output, talk on standard error, so that a result can be
 * piped whatever is said beside it. Colour and progress only where a person looks on.
 */
import { createInterface } from "node:readline/promises";
import { styleText } from "node:util";
import type { PaperRoundError } from "../errors.ts";
import { grouped } from "../io/plural.ts";

/** Writes a result. */
export function answer(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes a result as JSON. */
export function answerJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Says something beside the result. */
export function talk(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Returns `text` emphasised where the terminal shows it (NO_COLOR is honoured). */
export function strong(text: string): string {
  return styleText("bold", text, { stream: process.stdout });
}

/** Tells what happened, why, and what to do. */
export function talkFault(fault: PaperRoundError, debug: boolean): void {
  const label = styleText("red", "error", { stream: process.stderr });
  talk(`${label} ${fault.message}\n      ${fault.remedy} [${fault.code}]`);
  if (debug)
    talk(
      `${fault.stack ?? ""}${fault.cause instanceof Error ? `\ncause: ${fault.cause.stack}` : ""}`,
    );
}

/** Lets `paperround … | head` end without a stack trace; what is still to do is done. */
export function tolerateClosedPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

export interface Progress {
  step(): void;
  /** Says something beside the line. */
  say(text: string): void;
  done(): void;
}

const REDRAW_MS = 200;
/** The rate is that of so many seconds: what was fast an hour ago says nothing of what is left. */
const RATE_SECONDS = 10;

/** Returns a line that counts to `total` with rate and remaining time, on a terminal only. */
export function startProgress(verb: string, total: number): Progress {
  if (!process.stderr.isTTY || total < 2) return { step: () => {}, say: talk, done: () => {} };
  let count = 0;
  /** The count at the end of each of the last seconds, oldest first. */
  const seconds: number[] = [0];
  const counting = setInterval(() => {
    seconds.push(count);
    if (seconds.length > RATE_SECONDS) seconds.shift();
  }, 1000).unref();
  const line = drawLine(() => {
    const rate = (count - (seconds[0] ?? 0)) / seconds.length;
    return progressText(verb, count, total, rate);
  });
  return {
    ...line,
    step: () => {
      count++;
    },
    done: () => {
      clearInterval(counting);
      line.done();
    },
  };
}

/** Returns a line that counts without knowing how far, on a terminal only. */
export function startCount(what: string): Progress {
  if (!process.stderr.isTTY) return { step: () => {}, say: talk, done: () => {} };
  let count = 0;
  const line = drawLine(() => `${grouped(count)} ${what}`);
  return {
    ...line,
    step: () => {
      count++;
    },
  };
}

/** Draws a line anew and anew, and makes room for what is said meanwhile. */
function drawLine(text: () => string): Pick<Progress, "say" | "done"> {
  const clear = () => process.stderr.write("\r\u001b[2K");
  const drawing = setInterval(() => {
    clear();
    process.stderr.write(text());
  }, REDRAW_MS).unref();
  return {
    say: (said) => {
      clear();
      talk(said);
    },
    done: () => {
      clearInterval(drawing);
      clear();
    },
  };
}

/** Returns "1,234 of 20,000 settled, 310/s, 1 min left"; `rate` is that of now, a second. */
export function progressText(verb: string, count: number, total: number, rate: number): string {
  const done = `${grouped(count)} of ${grouped(total)} ${verb}`;
  if (count === 0) return done;
  if (rate === 0) return `${done}, waiting`;
  const pace =
    rate >= 1 ? `${Math.round(rate).toLocaleString("en-US")}/s` : `${Math.round(rate * 60)}/min`;
  return `${done}, ${pace}, ${duration(Math.max(total - count, 0) / rate)} left`;
}

/** Returns "12 s", "3 min" or "2 h 5 min". */
function duration(seconds: number): string {
  if (seconds <= 59) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest > 0 ? ` ${rest} min` : ""}`;
}

/** Asks on a terminal; anywhere else the answer is yes, since a script has said what it wants. */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } catch {
    // Ctrl-C, or the end of the input, is no consent.
    return false;
  } finally {
    terminal.close();
  }
}

/**
 * One Ctrl-C may arrive more than once: from the terminal, which signals every process of the group,
 * and again from npm or our launcher, which pass on what they got. Only a later one is a second one.
 */
const SAME_INTERRUPT_MS = 1000;

/** Returns a signal that the first SIGINT or SIGTERM aborts; a second one ends the program at once. */
export function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const interrupt = () => {
    if (!controller.signal.aborted) {
      first = performance.now();
      controller.abort();
    } else if (performance.now() - first > SAME_INTERRUPT_MS) {
      process.exit(130);
    }
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  return controller.signal;
}

/** Waits for the first SIGINT or SIGTERM. */
export function interrupted(): Promise<void> {
  return aborted(untilInterrupted());
}

/** Waits until `signal` is aborted. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
}

/** Returns "2026-04-15 08:00" of a timestamp, in UTC. */
export function minuteOf(timestamp: string): string {
  return timestamp.slice(0, 16).replace("T", " ");
}

/** Returns rows as columns of equal width, two spaces apart. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
