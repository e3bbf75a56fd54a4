/**
 * Waiting for a database that another program has locked, without keeping anybody else from their turn: a
 * visitor gives up after two seconds and is asked to come back, a send insists for longer.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { pause } from "./pause.ts";

/** How long those wait who are not in a hurry: commands, and the work of the schedule. */
const PATIENCE_MS = 15_000;
const FIRST_PAUSE_MS = 2;
const PAUSE_MAX_MS = 50;
/** SQLite's code for a file that another connection has locked. */
const SQLITE_BUSY = 5;
/** Its code for a table that is locked within one connection. */
const SQLITE_LOCKED = 6;
/** Its codes for a file that can't be written, and for one that can't be made beside it. */
const SQLITE_READONLY = 8;
const SQLITE_CANTOPEN = 14;
/** Its codes for a disk that fails, and for one that is full. */
const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;
/** What ends without a mending of ours: locked, read-only, a disk that fails or is full, out of reach. */
const PASSING: ReadonlySet<number | null> = new Set([
  SQLITE_BUSY,
  SQLITE_LOCKED,
  SQLITE_READONLY,
  SQLITE_IOERR,
  SQLITE_FULL,
  SQLITE_CANTOPEN,
]);

const patience = new AsyncLocalStorage<number>();

/** Calls `work`, and whatever it awaits, with less patience for a locked database than usual. */
export function hastily<Result>(patienceMs: number, work: () => Result): Result {
  return patience.run(patienceMs, work);
}

/** Whether a fault is the database's state of the moment, so that to come back is worth while. */
export function mayPass(fault: unknown): boolean {
  return PASSING.has(codeOf(fault));
}

/** Whether a fault says that even to read took writing, which is not allowed. */
export function wantsToWrite(fault: unknown): boolean {
  const code = codeOf(fault);
  return code === SQLITE_READONLY || code === SQLITE_CANTOPEN;
}

function codeOf(fault: unknown): number | null {
  if (!(fault instanceof Error) || !("errcode" in fault)) return null;
  // The low byte is the code, what stands above it a finer reason.
  return typeof fault.errcode === "number" ? fault.errcode & 0xff : null;
}

/** Those who use one connection, one after the other, in the order they came. */
export interface Turns {
  take(): Promise<void>;
  give(): void;
}

/** Returns turns that nobody has taken yet. */
export function openTurns(): Turns {
  const waiting: (() => void)[] = [];
  let isTaken = false;
  return {
    take: async () => {
      if (isTaken) await new Promise<void>((resume) => waiting.push(resume));
      isTaken = true;
    },
    give: () => {
      const next = waiting.shift();
      if (next) next();
      else isTaken = false;
    },
  };
}

/**
 * Calls `work` again and again while the database is locked, until patience ends. In between it gives up
 * its turn. Throws what `work` throws.
 */
export async function patiently<Result>(
  work: () => Promise<Result>,
  turns?: Turns,
): Promise<Result> {
  const until = performance.now() + (patience.getStore() ?? PATIENCE_MS);
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, PAUSE_MAX_MS)) {
    try {
      return await work();
    } catch (fault) {
      if (codeOf(fault) !== SQLITE_BUSY || performance.now() >= until) throw fault;
    }
    turns?.give();
    await pause(wait);
    await turns?.take();
  }
}
