/**
 * Commits entries in groups: those that come up while others are being written wait for each other
 * and share one transaction, and so one wait for the disk. An entry is done when its group is.
 */
import { setImmediate as nextTurn } from "node:timers/promises";

/** Turns of the event loop that entries wait for others after the first, as long as others come. */
const TURNS_MAX = 2;

export interface GroupCommit<Entry, Result> {
  /** Hands an entry in, and resolves with its result once its group is written. */
  (entry: Entry): Promise<Result>;
  /** Resolves once all that was handed in is written, or could not be. */
  idle(): Promise<void>;
}

/** Returns a group commit over `write`, which writes all entries or none and returns their results. */
export function groupCommits<Entry, Result>(
  write: (entries: readonly Entry[]) => Promise<readonly Result[]>,
): GroupCommit<Entry, Result> {
  let waiting: Waiting<Entry, Result>[] = [];
  let writing: Promise<void> | null = null;

  async function writeAll(): Promise<void> {
    await gather();
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        const results = await write(group.map(({ entry }) => entry));
        for (const [index, { done }] of group.entries()) done(results[index] as Result);
      } catch (error) {
        for (const { failed } of group) failed(error);
      }
    }
    writing = null;
  }

  /** Lets turns of the event loop pass, in which other replies may have come as well. */
  async function gather(): Promise<void> {
    for (let turn = 0, before = 0; turn <= TURNS_MAX && waiting.length > before; turn++) {
      before = waiting.length;
      await nextTurn();
    }
  }

  const commit = (entry: Entry): Promise<Result> =>
    new Promise((done, failed) => {
      waiting.push({ entry, done, failed });
      writing ??= writeAll();
    });
  return Object.assign(commit, { idle: () => writing ?? Promise.resolve() });
}

interface Waiting<Entry, Result> {
  readonly entry: Entry;
  readonly done: (result: Result) => void;
  readonly failed: (error: unknown) => void;
}
