/**
 * Addresses an edition: makes a delivery for each of its recipients, and counts who is none and why.
 */
import type { Kysely } from "kysely";
import type { Handle } from "../io/database.ts";
import type { Exclusion } from "../subscribers/subscriber.ts";
import { recipientsQuery, type SubscriberTables } from "../subscribers/subscriber-list.ts";
import type { Addressed, EditionName } from "./delivery.ts";
import type { OutboxTables } from "./outbox-tables.ts";

type Tables = OutboxTables & SubscriberTables;

/** Makes the deliveries that are missing, all in one transaction. */
export function addressEdition(
  db: Kysely<Tables>,
  edition: EditionName,
  times: { dueAt: string; expiresAt: string },
): Promise<Addressed> {
  return db.transaction().execute(async (tx) => {
    await insertMissing(tx, edition, times);
    return {
      recipients: await countRows(tx, edition),
      excluded: await countExcluded(tx, edition),
    };
  });
}

/** Inserts a delivery for every recipient that has none: one statement, however long the list. */
async function insertMissing(
  db: Handle<Tables>,
  { cadence, period }: EditionName,
  { dueAt, expiresAt }: { dueAt: string; expiresAt: string },
): Promise<void> {
  await db
    .insertInto("deliveries")
    .columns(["cadence", "period", "subscriber_key", "state", "due_at", "expires_at", "attempts"])
    .expression(
      recipientsQuery(db, cadence).select((eb) => [
        eb.val(cadence).as("cadence"),
        eb.val(period).as("period"),
        "subscribers.key",
        eb.val("due").as("state"),
        eb.val(dueAt).as("due_at"),
        eb.val(expiresAt).as("expires_at"),
        eb.val(0).as("attempts"),
      ]),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Counts the subscribers of the cadence that have no delivery, by the reason. */
async function countExcluded(
  db: Handle<Tables>,
  { cadence, period }: EditionName,
): Promise<Record<Exclusion, number>> {
  const rows = await db
    .selectFrom("subscribers")
    .leftJoin("deliveries", (join) =>
      join
        .onRef("deliveries.subscriber_key", "=", "subscribers.key")
        .on("deliveries.cadence", "=", cadence)
        .on("deliveries.period", "=", period),
    )
    .select(["subscribers.state", (eb) => eb.fn.countAll().as("subscribers")])
    .where("subscribers.cadence", "=", cadence)
    .where("deliveries.key", "is", null)
    .groupBy("subscribers.state")
    .execute();
  const counted = new Map(rows.map((row) => [row.state, Number(row.subscribers)]));
  return {
    pending: counted.get("pending") ?? 0,
    unsubscribed: counted.get("unsubscribed") ?? 0,
    // Whoever is confirmed and yet got no delivery above must not be mailed.
    suppressed: counted.get("confirmed") ?? 0,
  };
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
