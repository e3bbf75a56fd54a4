/** Which papers letters of a reader's own choice have brought, as the outbox keeps it with their deliveries. */
import { sql } from "kysely";
import { daysOf, type Cadence, type Period } from "../editions/period.ts";
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
/** So many editions of a pause are looked at; the best of a longer one are the best of its end. */
export const MISSED_MAX = 31;
/**
 * Of a reader who has or had a pause: until when, and the period of their last letter, or of the one that is as
 * far back as is looked, in JSON. One step for each edition, each a look into an index.
 */
export const PAUSE = sql<string | null>`case when paused_until is not null then json_array(
  paused_until, (with recursive earlier(period, steps) as (
    select max(d.period), 1 from deliveries as d
    where d.cadence = deliveries.cadence and d.period < deliveries.period
    union all
    select (select max(d.period) from deliveries as d
      where d.cadence = deliveries.cadence and d.period < earlier.period), steps + 1
    from earlier
    where earlier.period is not null and steps <= ${sql.lit(MISSED_MAX)} and not exists (
      select 1 from deliveries as own where own.cadence = deliveries.cadence
        and own.period = earlier.period and own.subscriber_key = deliveries.subscriber_key)
  ) select period from earlier order by steps desc limit 1)) end`;

/** A delivery's row, as far as it tells of its reader's letters. */
export interface HistoryRow {
  readonly cadence: string;
  readonly kept: string | null;
  readonly seen: string | null;
  readonly pause: string | null;
}

/** Returns what a reader's letters have brought, and what a pause kept from them; nothing for most. */
export function historyOf({ cadence, kept, seen, pause }: HistoryRow): History | undefined {
  const missedAfter = pause === null ? undefined : missedIn(cadence as Cadence, pause);
  if (kept === null && seen === null && missedAfter === undefined) return undefined;
  return {
    kept: kept === null ? null : (JSON.parse(kept) as PaperKey[]),
    seen: seen === null ? [] : (JSON.parse(`[${seen}]`) as PaperKey[][]).flat(),
    missedAfter,
  };
}

/** A pause that ended before the last letter is over. */
function missedIn(cadence: Cadence, pause: string): string | undefined {
  const [until, last] = JSON.parse(pause) as [string, Period | null];
  return last !== null && until > daysOf(cadence, last).last ? last : undefined;
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
