/** Which papers letters of a reader's own choice have brought, as the outbox keeps it with their deliveries. */
import { sql } from "kysely";
import type { Handle } from "../io/database.ts";
import type { PaperKey } from "../papers/paper.ts";
import type { History, SubscriberKey } from "../subscribers/subscriber.ts";
import type { OutboxTables } from "./outbox-tables.ts";

/** A paper that is older than so many letters is no candidate any more. */
const SEEN_LETTERS = 30;
/** What earlier letters of a reader's own choice have brought: lists in JSON, with commas between. */
export const SEEN = sql<string | null>`(select group_concat(papers) from (
  select earlier.papers from deliveries as earlier
  where earlier.subscriber_key = deliveries.subscriber_key and earlier.cadence = deliveries.cadence
    and earlier.period != deliveries.period and earlier.papers is not null
  order by earlier.period desc limit ${sql.lit(SEEN_LETTERS)}))`;
/** Returns what letters of a reader's own choice have brought; nothing where there was none. */
export function historyOf({
  kept,
  seen,
}: {
  kept: string | null;
  seen: string | null;
}): History | undefined {
  if (kept === null && seen === null) return undefined;
  return {
    kept: kept === null ? null : (JSON.parse(kept) as PaperKey[]),
    seen: seen === null ? [] : (JSON.parse(`[${seen}]`) as PaperKey[][]).flat(),
  };
}

/**
 * Forgets whose letters a reader's were, which papers they held, and what servers said of them, which often
 * names the address; within the caller's transaction. What is left counts: one letter, each by itself.
 */
export async function forgetLetters(
  db: Handle<OutboxTables>,
  reader: SubscriberKey,
): Promise<void> {
  await db
    .updateTable("deliveries")
    .set({
      // No reader has such a key, and no two letters the same.
      subscriber_key: sql`-key`,
      papers: null,
      reply_text: null,
      queue_id: null,
    })
    .where("subscriber_key", "=", reader)
    .execute();
}
