/**
 * What a run writes down of each letter: that it is about to leave, and what came of it. All of a
 * turn share one transaction, so that a letter's share of the wait for the disk is small. This is
 * what runs for every letter, so its statements are plain ones.
 */
import type { Batch, RunStatement } from "../io/database.ts";
import { groupCommits } from "../io/group-commit.ts";
import { MAY_BE_MAILED } from "../subscribers/subscriber-list.ts";
import type { PaperKey } from "../papers/paper.ts";
import type { Settlement } from "./delivery.ts";

/**
 * What marking a delivery found: its letter may leave, or must not because of what its reader did
 * since it was claimed, or it is no longer ours.
 */
export type Marked = "sending" | "cancelled" | "suppressed" | "lost";

export interface Journal {
  /**
   * Marks a delivery as `sending`, durably when this resolves: the last look and the mark are one.
   * Whoever must not be mailed any more is settled as such. `papers` are those of a reader's own choice.
   */
  markSending(key: number, papers?: readonly PaperKey[] | null): Promise<Marked>;
  /** Writes what became of a delivery that is claimed or sending. */
  settle(key: number, settlement: Settlement): Promise<null>;
  /** Resolves once all that was handed in is written, or could not be. */
  written(): Promise<void>;
}

interface Mark {
  readonly key: number;
  readonly papers: readonly PaperKey[] | null;
}
type Entry = Mark | { readonly key: number; readonly settlement: Settlement };

const MARK = `
  update deliveries set state = 'sending', papers = ?
  where key = ? and state = 'claimed' and claimed_by = ? and exists
    (select 1 from subscribers where subscribers.key = subscriber_key and ${MAY_BE_MAILED})`;
const WITHDRAW = `
  update deliveries set state = ?, settled_at = ?, claimed_by = null, claimed_at = null
  where key = ? and state = 'claimed' and claimed_by = ? and ? = exists
    (select 1 from subscribers where key = subscriber_key and state = 'confirmed')`;
/** The reader may have been erased since the letter left: then nothing is kept that may name the address. */
const SETTLE = `
  update deliveries set state = ?, attempts = attempts + ?, settled_at = ?, reply_code = ?,
    reply_enhanced = ?, reply_text = iif(subscriber_key > 0, ?, null),
    queue_id = iif(subscriber_key > 0, ?, null), due_at = coalesce(?, due_at),
    claimed_by = null, claimed_at = null
  where key = ? and state in ('claimed', 'sending') and claimed_by = ?`;

const NO_REPLY = { code: null, enhanced: null, text: null, queueId: null };

/** Returns the journal of the process named `self`, kept in the outbox's table. */
export function openJournal(batch: Batch, self: string, now: () => Date): Journal {
  const commit = groupCommits<Entry, Marked | null>((entries) =>
    batch((run) => {
      const at = now().toISOString();
      return entries.map((entry) =>
        "papers" in entry ? mark(run, entry, at) : settle(run, entry, at),
      );
    }),
  );

  function mark(run: RunStatement, { key, papers }: Mark, at: string): Marked {
    const kept = papers && JSON.stringify(papers);
    if (run(MARK, [kept, key, self]) === 1) return "sending";
    if (run(WITHDRAW, ["suppressed", at, key, self, 1]) === 1) return "suppressed";
    return run(WITHDRAW, ["cancelled", at, key, self, 0]) === 1 ? "cancelled" : "lost";
  }

  function settle(
    run: RunStatement,
    { key, settlement: { state, reply, dueAt } }: Exclude<Entry, Mark>,
    at: string,
  ): null {
    const { code, enhanced, text, queueId } = reply ?? NO_REPLY;
    const tried = reply ? 1 : 0;
    run(SETTLE, [
      state,
      tried,
      at,
      code,
      enhanced,
      text,
      queueId ?? null,
      dueAt ?? null,
      key,
      self,
    ]);
    return null;
  }

  return {
    markSending: (key, papers = null) => commit({ key, papers }) as Promise<Marked>,
    settle: (key, settlement) => commit({ key, settlement }) as Promise<null>,
    written: commit.idle,
  };
}
