/**
 * Commits writes in groups: those that come up while others are being written wait for each other and
 * share one transaction, and so one wait for the disk. A write is done when its group is committed.
 */
import type { Kysely, Transaction } from "kysely";

/** Runs `write` in the next group, and returns its result once that is committed. */
export type GroupCommit<Tables> = <Result>(
  write: (tx: Transaction<Tables>) => Promise<Result>,
) => Promise<Result>;

interface Waiting<Tables> {
  readonly write: (tx: Transaction<Tables>) => Promise<unknown>;
  readonly done: (result: unknown) => void;
  readonly failed: (error: unknown) => void;
}

/** Returns a function that commits in groups to `db`. A write is repeated if another of its group fails. */
export function groupCommits<Tables>(db: Kysely<Tables>): GroupCommit<Tables> {
  let waiting: Waiting<Tables>[] = [];
  let running = false;

  async function commitAll(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      // Where one write fails, the others of its group are not to suffer for it.
      if (!(await commit(group))) for (const each of group) await commit([each], each.failed);
    }
    running = false;
  }

  async function commit(
    group: readonly Waiting<Tables>[],
    failed?: (error: unknown) => void,
  ): Promise<boolean> {
    try {
      const results = await db.transaction().execute(async (tx) => {
        const written: unknown[] = [];
        for (const { write } of group) written.push(await write(tx));
        return written;
      });
      for (const [index, { done }] of group.entries()) done(results[index]);
      return true;
    } catch (error) {
      failed?.(error);
      return false;
    }
  }

  return <Result>(write: (tx: Transaction<Tables>) => Promise<Result>) =>
    new Promise<Result>((resolve, reject) => {
      waiting.push({ write, done: (result) => resolve(result as Result), failed: reject });
      if (running) return;
      running = true;
      // After this turn of the event loop, in which other replies may have come as well.
      setImmediate(() => void commitAll());
    });
}
