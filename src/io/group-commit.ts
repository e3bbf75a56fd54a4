/**
 * Commits entries in groups: those that come up while others are being written wait for each other
 * and share one transaction, and so one wait for the disk. An entry is done when its group is.
 */

/** Turns of the event loop that entries wait for others, as long as others come. */
const TURNS_MAX = 2;

/** Returns a function that hands its entry to `write` with others, and resolves with its result. */
export function groupCommits<Entry, Result>(
  /** Writes all entries or none, and returns a result for each in the same order. */
  write: (entries: readonly Entry[]) => Promise<readonly Result[]>,
): (entry: Entry) => Promise<Result> {
  let waiting: Waiting<Entry, Result>[] = [];
  let isRunning = false;

  async function commitAll(): Promise<void> {
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
    isRunning = false;
  }

  return (entry) =>
    new Promise((done, failed) => {
      waiting.push({ entry, done, failed });
      if (isRunning) return;
      isRunning = true;
      setImmediate(gather, 0, 0);
    });

  /** Begins once a turn of the event loop has brought nothing more, or enough have passed. */
  function gather(before: number, turns: number): void {
    if (waiting.length > before && turns < TURNS_MAX) {
      setImmediate(gather, waiting.length, turns + 1);
    } else {
      void commitAll();
    }
  }
}

interface Waiting<Entry, Result> {
  readonly entry: Entry;
  readonly done: (result: Result) => void;
  readonly failed: (error: unknown) => void;
}
