/**
 * What a run writes down of each letter: that it is about to leave, and what came of it. All of a
 * turn are one statement each in one transaction, so that a letter's share of the work, and of the
 * wait for the disk, is small.
 */
import { sql, type Kysely, type Transaction } from "kysely";
import { groupCommits } from "../io/group-commit.ts";
import { MAY_BE_MAILED, type SubscriberTables } from "../subscribers/subscriber-list.ts";
import type { Settlement } from "./delivery.ts";
import type { OutboxTables } from "./outbox-tables.ts";

/**
 * What marking a delivery found: its letter may leave, or must not because of what its reader did
 * since it was claimed, or it is no longer ours.
 */
export type Marked = "sending" | "cancelled" | "suppressed" | "lost";

export interface Journal {
  /**
   * Marks a delivery as `sending`, durably when this resolves: the last look and the mark are one.
   * Whoever must not be mailed any more is settled as such.
   */
  markSending(key: number): Promise<Marked>;
  /** Writes what became of a delivery that is claimed or sending. */
  settle(key: number, settlement: Settlement): Promise<void>;
}

type Tables = OutboxTables & SubscriberTables;
type Entry = number | { readonly key: number; readonly settlement: Settlement; readonly at: string };

/** Returns the journal of the process named `self`, kept in the outbox's table. */
export function openJournal(db: Kysely<Tables>, self: string, now: () => Date): Journal {
  const commit = groupCommits<Entry, Marked | null>((entries) =>
    db.transaction().execute(async (tx) => {
      const settled = entries.filter((entry) => typeof entry === "object");
      const keys = entries.filter((entry) => typeof entry === "number");
      if (settled.length > 0) await writeSettled(tx, self, settled);
      const marked = keys.length > 0 ? await writeMarks(tx, self, keys, now) : NONE;
      return entries.map((entry) =>
        typeof entry === "number" ? (marked.get(entry) ?? "lost") : null,
      );
    }),
  );
  return {
    markSending: async (key) => (await commit(key)) ?? "lost",
    settle: async (key, settlement) => {
      await commit({ key, settlement, at: now().toISOString() });
    },
  };
}

const NONE: ReadonlyMap<number, Marked> = new Map();
const STATES_OPEN = sql`('claimed', 'sending')`;

async function writeMarks(
  tx: Transaction<Tables>,
  self: string,
  keys: readonly number[],
  now: () => Date,
): Promise<ReadonlyMap<number, Marked>> {
  const list = sql`(select value from json_each(${JSON.stringify(keys)}))`;
  const { rows } = await sql<{ key: number; state: Marked }>`
    update deliveries set state = 'sending'
    where key in ${list} and state = 'claimed' and claimed_by = ${self} and exists
      (select 1 from subscribers where subscribers.key = subscriber_key and ${MAY_BE_MAILED})
    returning key, state`.execute(tx);
  const marked = new Map(rows.map(({ key, state }) => [key, state]));
  if (marked.size === keys.length) return marked;
  const left = await sql<{ key: number; state: Marked }>`
    update deliveries set settled_at = ${now().toISOString()}, state = iif(exists
      (select 1 from subscribers where key = subscriber_key and state = 'confirmed'),
      'suppressed', 'cancelled')
    where key in ${list} and state = 'claimed' and claimed_by = ${self}
    returning key, state`.execute(tx);
  for (const { key, state } of left.rows) marked.set(key, state);
  return marked;
}

async function writeSettled(
  tx: Transaction<Tables>,
  self: string,
  entries: readonly Exclude<Entry, number>[],
): Promise<void> {
  const rows = entries.map(({ key, at, settlement: { state, reply, dueAt } }) => [
    key,
    state,
    reply ? 1 : 0,
    at,
    reply?.code ?? null,
    reply?.enhanced ?? null,
    reply?.text ?? null,
    reply?.queueId ?? null,
    dueAt ?? null,
  ]);
  await sql`
    update deliveries set
      state = settled.state, attempts = attempts + settled.tried, settled_at = settled.at,
      reply_code = settled.code, reply_enhanced = settled.enhanced, reply_text = settled.text,
      queue_id = settled.queue_id, due_at = coalesce(settled.due_at, deliveries.due_at)
    from (select value ->> 0 as key, value ->> 1 as state, value ->> 2 as tried, value ->> 3 as at,
      value ->> 4 as code, value ->> 5 as enhanced, value ->> 6 as text, value ->> 7 as queue_id,
      value ->> 8 as due_at from json_each(${JSON.stringify(rows)})) as settled
    where deliveries.key = settled.key and deliveries.claimed_by = ${self}
      and deliveries.state in ${STATES_OPEN}`.execute(tx);
}
