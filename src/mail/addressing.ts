/**
 * Addresses an edition: makes a delivery for each of its recipients, and counts who is none and why.
 */
import { sql, type Kysely } from "kysely";
import type { OwnTime } from "../editions/schedule.ts";
import type { Handle } from "../io/database.ts";
import type { Exclusion, SubscriberKey } from "../subscribers/subscriber.ts";
import { MAY_BE_MAILED, recipientsQuery } from "../subscribers/subscriber-list.ts";
import type { SubscriberTables } from "../subscribers/subscriber-tables.ts";
import type { Addressed, DeliveryTimes, EditionName } from "./delivery.ts";
import type { OutboxTables } from "./outbox-tables.ts";

type Tables = OutboxTables & SubscriberTables;

/** When an edition is addressed, and when its letters are due. */
export interface Addressing {
  /** The date in the newsletter's zone: whoever pauses on it is left out. */
  readonly date: string;
  readonly times: DeliveryTimes;
  /** Of readers who want their letters at an hour of their own; null: they get them like all others. */
  readonly ownTimes: ((time: OwnTime) => DeliveryTimes) | null;
}

/** Makes the deliveries that are missing, all in one transaction. */
export function addressEdition(
  db: Kysely<Tables>,
  edition: EditionName,
  addressing: Addressing,
): Promise<Addressed> {
  return db.transaction().execute(async (tx) => {
    const own = addressing.ownTimes ? await ownTimesOf(tx, edition, addressing) : [];
    // Those with an hour of their own come first, so that what is left is all the others.
    for (const { chosen, times } of own)
      await insertMissing(tx, edition, addressing.date, times, chosen);
    await insertMissing(tx, edition, addressing.date, addressing.times, null);
    return {
      recipients: await countRows(tx, edition),
      excluded: await countExcluded(tx, edition, addressing.date),
    };
  });
}

/**
 * Makes one reader's delivery of an edition, within the caller's transaction. Returns false where there
 * is one already, or the reader must not be mailed.
 */
export async function addressReader(
  db: Handle<Tables>,
  edition: EditionName,
  reader: SubscriberKey,
  times: DeliveryTimes,
): Promise<boolean> {
  const result = await db
    .insertInto("deliveries")
    .columns(DELIVERY_COLUMNS)
    .expression(
      db
        .selectFrom("subscribers")
        .where("subscribers.key", "=", reader)
        .where(sql<boolean>`${sql.raw(MAY_BE_MAILED)}`)
        .select(deliveryValues(edition, times)),
    )
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return Number(result.numInsertedOrUpdatedRows ?? 0) > 0;
}

const DELIVERY_COLUMNS = [
  "cadence",
  "period",
  "subscriber_key",
  "state",
  "due_at",
  "expires_at",
  "attempts",
] as const;

/** A delivery's columns, to be chosen for each row of `subscribers`. */
function deliveryValues({ cadence, period }: EditionName, { dueAt, expiresAt }: DeliveryTimes) {
  return [
    sql<string>`${cadence}`.as("cadence"),
    sql<string>`${period}`.as("period"),
    sql<number>`subscribers.key`.as("subscriber_key"),
    sql<string>`'due'`.as("state"),
    sql<string>`${dueAt}`.as("due_at"),
    sql<string>`${expiresAt}`.as("expires_at"),
    sql<number>`0`.as("attempts"),
  ];
}

/** Inserts a delivery for every recipient that has none: one statement, however long the list. */
async function insertMissing(
  db: Handle<Tables>,
  edition: EditionName,
  date: string,
  times: DeliveryTimes,
  only: Chosen | null,
): Promise<void> {
  const all = recipientsQuery(db, edition.cadence, date);
  const recipients = only
    ? all
        .where("time_zone", "=", only.timeZone)
        .where(sql<boolean>`hour is ${only.hour}`)
        .where(sql<boolean>`(${only.isOfDay} = 0 or weekday is ${only.weekday})`)
    : all;
  await db
    .insertInto("deliveries")
    .columns(DELIVERY_COLUMNS)
    .expression(recipients.select(deliveryValues(edition, times)))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** What readers chose: a weekly letter may have a day of the week, and then no hour. */
interface Chosen {
  readonly timeZone: string;
  readonly hour: number | null;
  readonly weekday: number | null;
  readonly isOfDay: 0 | 1;
}

/** Returns the times that recipients have chosen, each with those of its deliveries. */
async function ownTimesOf(
  db: Handle<Tables>,
  { cadence }: EditionName,
  { date, ownTimes }: Addressing,
): Promise<{ chosen: Chosen; times: DeliveryTimes }[]> {
  const isOfDay = cadence === "weekly" ? 1 : 0;
  const weekday = sql<number | null>`case when ${isOfDay} then weekday end`;
  const all = recipientsQuery(db, cadence, date);
  // Of a daily letter only hours count, and they have an index.
  const rows = await (isOfDay ? all : all.where("hour", "is not", null))
    .select(["time_zone", "hour", weekday.as("weekday")])
    .distinct()
    .where("time_zone", "is not", null)
    .execute();
  return rows.flatMap(({ time_zone: timeZone, hour, weekday }) => {
    if (timeZone === null || !ownTimes || (hour === null && weekday === null)) return [];
    const times = ownTimes({ timeZone, hour: hour ?? 0, weekday });
    return [{ chosen: { timeZone, hour, weekday, isOfDay }, times }];
  });
}

/** Counts the subscribers of the cadence that have no delivery, by the reason. */
async function countExcluded(
  db: Handle<Tables>,
  { cadence, period }: EditionName,
  date: string,
): Promise<Record<Exclusion, number>> {
  const isPausing = sql<number>`subscribers.state = 'confirmed' and coalesce(paused_until > ${date}, 0)`;
  const rows = await db
    .selectFrom("subscribers")
    .leftJoin("deliveries", (join) =>
      join
        .onRef("deliveries.subscriber_key", "=", "subscribers.key")
        .on("deliveries.cadence", "=", cadence)
        .on("deliveries.period", "=", period),
    )
    .select([
      "subscribers.state",
      isPausing.as("pausing"),
      (eb) => eb.fn.countAll().as("subscribers"),
    ])
    .where("subscribers.cadence", "=", cadence)
    .where("deliveries.key", "is", null)
    .groupBy(["subscribers.state", "pausing"])
    .execute();
  const excluded = { pending: 0, unsubscribed: 0, suppressed: 0, paused: 0 };
  for (const { state, pausing, subscribers } of rows) {
    // Whoever is confirmed and yet got no delivery above must not be mailed, or wants none for now.
    const reason = state !== "confirmed" ? state : pausing ? "paused" : "suppressed";
    excluded[reason as Exclusion] += Number(subscribers);
  }
  return excluded;
}

async function countRows(
  db: Handle<OutboxTables>,
  { cadence, period }: EditionName,
): Promise<number> {
  const row = await db
    .selectFrom("deliveries")
    .select((eb) => eb.fn.countAll().as("deliveries"))
    .where("cadence", "=", cadence)
    .where("period", "=", period)
    .executeTakeFirstOrThrow();
  return Number(row.deliveries);
}
