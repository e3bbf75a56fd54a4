/** Which papers letters of a reader's own choice have brought, as the outbox keeps it with their deliveries. */
import { sql } from "kysely";
import { addDays, daysOf } from "../editions/period.ts";
import type { Handle } from "../io/database.ts";
import type { PaperKey } from "../papers/paper.ts";
import type { History, Pause, SubscriberKey } from "../subscribers/subscriber.ts";
import type { EditionName } from "./delivery.ts";
import type { OutboxTables } from "./outbox-tables.ts";

/** A paper that is older than so many letters is no candidate any more. */
const SEEN_LETTERS = 30;
/** What earlier letters of a reader's own choice have brought: lists in JSON, with commas between. */
export const SEEN = sql<string | null>`(select group_concat(papers) from (
  select earlier.papers from deliveries as earlier
  where earlier.subscriber_key = deliveries.subscriber_key and earlier.cadence = deliveries.cadence
    and earlier.period != deliveries.period and earlier.papers is not null
  order by earlier.period desc limit ${sql.lit(SEEN_LETTERS)}))`;
/** What came out in a pause is told of for so many days after it, and no longer. */
const TOLD_DAYS = 45;
/** The days of an edition that comes out after a pause begin at most so many before its end: a month's. */
const LATE_DAYS = 31;
const SINCE = sql`date(away_until, ${sql.lit(`-${LATE_DAYS} days`)})`;
/**
 * Of a reader whose pause may not have been told of: the letter that was addressed to them last before the
 * one at hand, of those since the pause, in JSON. One step for each edition, each a look into an index.
 */
export const LAST_LETTER = sql<string | null>`case
  when away_until > date(deliveries.due_at, ${sql.lit(`-${TOLD_DAYS} days`)}) then (
  with recursive editions(cadence, first, period) as (
    select column1, column2, (select max(d.period) from deliveries as d where d.cadence = column1)
    from (values ('daily', ${SINCE}), ('weekly', strftime('%G-W%V', ${SINCE})),
      ('monthly', substr(${SINCE}, 1, 7)))
    union all
    select cadence, first, (select max(d.period) from deliveries as d
      where d.cadence = editions.cadence and d.period < editions.period)
    from editions where period >= first
  )
  select json_object('cadence', own.cadence, 'period', own.period)
  from editions join deliveries as own on own.cadence = editions.cadence
    and own.period = editions.period and own.subscriber_key = deliveries.subscriber_key
  where own.key < deliveries.key order by own.key desc limit 1) end`;

/** A delivery's row, as far as it tells of its reader's letters. */
export interface HistoryRow {
  readonly due_at: string;
  readonly kept: string | null;
  readonly seen: string | null;
  readonly away_since: string | null;
  readonly away_until: string | null;
  readonly last_letter: string | null;
}

/** Returns what a reader's letters have brought, and a pause not told of; nothing for most. */
export function historyOf(row: HistoryRow): History | undefined {
  const { kept, seen } = row;
  const pause = pauseOf(row);
  if (kept === null && seen === null && pause === undefined) return undefined;
  return {
    kept: kept === null ? null : (JSON.parse(kept) as PaperKey[]),
    seen: seen === null ? [] : (JSON.parse(`[${seen}]`) as PaperKey[][]).flat(),
    pause,
  };
}

/** Of a pause that a letter has come after nothing is left to tell. */
function pauseOf({ away_since, away_until, ...row }: HistoryRow): Pause | undefined {
  if (away_since === null || away_until === null) return undefined;
  if (away_until <= addDays(row.due_at.slice(0, 10), -TOLD_DAYS)) return undefined;
  const last = row.last_letter === null ? null : (JSON.parse(row.last_letter) as EditionName);
  if (last && daysOf(last.cadence, last.period).last >= away_until) return undefined;
  return { since: away_since, until: away_until, last };
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

/**
 * Calls off what a reader is still to get of editions that another one had, to whose mailbox they move;
 * within the caller's transaction.
 */
export async function cancelTwins(
  db: Handle<OutboxTables>,
  reader: SubscriberKey,
  { of, now }: { readonly of: SubscriberKey; readonly now: string },
): Promise<void> {
  await sql`
    update deliveries set state = 'cancelled', settled_at = ${now}, claimed_by = null, claimed_at = null,
      reply_text = 'This mailbox had the edition before.'
    where subscriber_key = ${reader} and state in ('due', 'deferred', 'claimed') and exists (
      select 1 from deliveries as had where had.cadence = deliveries.cadence
        and had.period = deliveries.period and had.subscriber_key = ${of}
        and had.state in ('sending', 'accepted', 'uncertain'))`.execute(db);
}
