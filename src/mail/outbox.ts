/**
 * The outbox: one row per edition and subscriber, the durable truth of what is owed and what became
 * of it. Sole owner of the table `deliveries`. A delivery goes
 *
 *     due → claimed → sending → accepted | rejected | uncertain | deferred (→ due)
 *                  ↘ suppressed | cancelled | expired
 *
 * `sending` is written before the first byte of a body leaves. Whatever is lost after that is
 * `uncertain`: listed, and never sent again by itself.
 */
import type { ExpressionBuilder, Kysely, Selectable } from "kysely";
import type { OutboxTables } from "./outbox-tables.ts";
import { fateOf } from "../io/process.ts";
import type { Handle } from "../io/database.ts";
import { groupCommits } from "../io/group-commit.ts";
import type { Cadence, Period } from "../editions/period.ts";
import type { Exclusion, SubscriberKey } from "../subscribers/subscriber.ts";
import { recipientsQuery, type SubscriberTables } from "../subscribers/subscriber-list.ts";
import {
  DELIVERY_STATES,
  type Addressed,
  type ClaimedDelivery,
  type DeliveryCounts,
  type DeliveryFilter,
  type DeliveryRecord,
  type DeliveryState,
  type EditionName,
  type Settlement,
} from "./delivery.ts";

export interface Outbox {
  /**
   * Makes a delivery for every recipient of an edition that has none yet, all in one transaction,
   * and returns how the subscribers of its cadence divide into recipients and excluded ones.
   */
  address(edition: EditionName, times: { dueAt: string; expiresAt: string }): Promise<Addressed>;
  /** Takes up to `limit` deliveries that are due, of one edition or of all. */
  claim(claim: {
    by: string;
    now: string;
    limit: number;
    edition: EditionName | null;
  }): Promise<ClaimedDelivery[]>;
  /** Returns whether anything is due, of one edition or of all. */
  hasDue(now: string, edition: EditionName | null): Promise<boolean>;
  /** Returns how many letters a server was offered since then, those on their way included. */
  countTried(since: string): Promise<number>;
  /** Marks a delivery durably before its body leaves. */
  markSending(key: number, by: string): Promise<void>;
  settle(key: number, by: string, settlement: Settlement, now: string): Promise<void>;
  /** Gives the claims of a run that has ended back; what it could not settle is uncertain. */
  release(by: string, now: string): Promise<void>;
  /**
   * Takes back what a process left that ended in the middle: claimed becomes due, sending becomes
   * uncertain. `self` is about to begin a run, so whatever still bears its name is of an ended one.
   */
  recover(self: string, now: string): Promise<{ due: number; uncertain: number }>;
  counts(edition: EditionName): Promise<DeliveryCounts>;
  /** Returns how many deliveries of any edition are still to be made. */
  countOwed(): Promise<number>;
  /** Returns up to `limit` deliveries, those first that came into their state last. */
  list(filter: DeliveryFilter, limit: number): Promise<DeliveryRecord[]>;
  /** Makes deliveries due once more, and returns how many. A deliberate act of the operator. */
  requeue(filter: DeliveryFilter, times: { dueAt: string; expiresAt: string }): Promise<number>;
  /** Settles uncertain deliveries as accepted by the operator's word, and returns how many. */
  vouch(filter: DeliveryFilter, now: string): Promise<number>;
}

/** States that a delivery comes into when a server was offered its letter. */
const TRIED_STATES: readonly DeliveryState[] = ["accepted", "rejected", "deferred", "uncertain"];
/** A claim of another host is taken back after this long, when nothing can be told of its process. */
const LEASE_MS = 15 * 60_000;

type Row = Selectable<OutboxTables["deliveries"]>;
type Tables = OutboxTables & SubscriberTables;

/** Returns the outbox kept in `db`, which also holds the subscriber list. */
export function openOutbox(db: Kysely<Tables>): Outbox {
  // Marks and outcomes of all connections share their waits for the disk.
  const commit = groupCommits(db);
  return {
    address: (edition, times) =>
      db.transaction().execute(async (tx) => {
        await insertMissing(tx, edition, times);
        return {
          recipients: await countRows(tx, edition),
          excluded: await countExcluded(tx, edition),
        };
      }),

    hasDue: async (now, edition) =>
      (await dueQuery(db, now, edition).limit(1).executeTakeFirst()) !== undefined,

    countTried: async (since) => {
      const row = await db
        .selectFrom("deliveries")
        .select((eb) => eb.fn.countAll().as("deliveries"))
        .where((eb) =>
          eb.or([
            eb("state", "in", ["claimed", "sending"]),
            eb.and([eb("settled_at", ">", since), eb("state", "in", TRIED_STATES)]),
          ]),
        )
        .executeTakeFirstOrThrow();
      return Number(row.deliveries);
    },

    claim: async ({ by, now, limit, edition }) => {
      const due = dueQuery(db, now, edition);
      const rows = await db
        .updateTable("deliveries")
        .set({ state: "claimed", claimed_by: by, claimed_at: now })
        .where("key", "in", due.orderBy("due_at").orderBy("key").limit(limit))
        .returningAll()
        .execute();
      return rows.map(claimedOf);
    },

    markSending: async (key, by) => {
      const marked = await commit(async (tx) => {
        const result = await tx
          .updateTable("deliveries")
          .set({ state: "sending" })
          .where("key", "=", key)
          .where("state", "=", "claimed")
          .where("claimed_by", "=", by)
          .executeTakeFirst();
        return result.numUpdatedRows;
      });
      // Said after the commit, so that the others of its group keep their marks.
      if (marked !== 1n) throw new Error(`Delivery ${key} is no longer claimed by us.`);
    },

    settle: async (key, by, { state, reply, dueAt }, now) => {
      await commit((tx) =>
        tx
          .updateTable("deliveries")
          .set((eb) => ({
            state,
            attempts: eb("attempts", "+", 1),
            settled_at: now,
            reply_code: reply?.code ?? null,
            reply_enhanced: reply?.enhanced ?? null,
            reply_text: reply?.text ?? null,
            ...(dueAt && { due_at: dueAt }),
          }))
          .where("key", "=", key)
          .where("claimed_by", "=", by)
          .where("state", "in", ["claimed", "sending"])
          .execute(),
      );
    },

    release: async (by, now) => {
      await toUncertain(db, by, ["sending"], now);
      await backToDue(db, by);
    },

    recover: async (self, now) => {
      const owners = await db
        .selectFrom("deliveries")
        .select(["claimed_by", (eb) => eb.fn.max("claimed_at").as("last_claim")])
        .where("state", "in", ["claimed", "sending"])
        .groupBy("claimed_by")
        .execute();
      const recovered = { due: 0, uncertain: 0 };
      for (const { claimed_by: by, last_claim: lastClaim } of owners) {
        if (by === null) continue;
        const fate = by === self ? "dead" : fateOf(by);
        const leaseOver = Date.parse(now) - Date.parse(lastClaim ?? now) > LEASE_MS;
        if (fate === "alive" || (fate === "elsewhere" && !leaseOver)) continue;
        // After a reboot a mere claim may stand for a letter that left, if the disk lied about what
        // it had written.
        const doubtful: DeliveryState[] =
          fate === "rebooted" ? ["claimed", "sending"] : ["sending"];
        recovered.uncertain += await toUncertain(db, by, doubtful, now);
        recovered.due += await backToDue(db, by);
      }
      return recovered;
    },

    counts: async ({ cadence, period }) => {
      const rows = await db
        .selectFrom("deliveries")
        .select(["state", (eb) => eb.fn.countAll().as("deliveries")])
        .where("cadence", "=", cadence)
        .where("period", "=", period)
        .groupBy("state")
        .execute();
      const counted = new Map(rows.map((row) => [row.state, Number(row.deliveries)]));
      return Object.fromEntries(
        DELIVERY_STATES.map((state) => [state, counted.get(state) ?? 0]),
      ) as DeliveryCounts;
    },

    countOwed: async () => {
      const row = await db
        .selectFrom("deliveries")
        .select((eb) => eb.fn.countAll().as("deliveries"))
        .where("state", "in", ["due", "deferred", "claimed", "sending"])
        .executeTakeFirstOrThrow();
      return Number(row.deliveries);
    },

    list: async (filter, limit) => {
      const rows = await db
        .selectFrom("deliveries")
        .selectAll()
        .where(matches(filter))
        .orderBy("settled_at", "desc")
        .orderBy("key")
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        cadence: row.cadence as Cadence,
        period: row.period as Period,
        state: row.state as DeliveryState,
        subscriber: row.subscriber_key as SubscriberKey,
        attempts: row.attempts,
        reply: row.reply_text,
        at: row.state === "claimed" || row.state === "sending" ? row.claimed_at : row.settled_at,
        dueAt: row.due_at,
      }));
    },

    requeue: async (filter, { dueAt, expiresAt }) => {
      const result = await db
        .updateTable("deliveries")
        .set({
          state: "due",
          due_at: dueAt,
          expires_at: expiresAt,
          attempts: 0,
          claimed_by: null,
          claimed_at: null,
          settled_at: null,
          reply_code: null,
          reply_enhanced: null,
          reply_text: null,
        })
        .where(matches(filter))
        .executeTakeFirst();
      return Number(result.numUpdatedRows);
    },

    vouch: async (filter, now) => {
      const result = await db
        .updateTable("deliveries")
        .set({ state: "accepted", settled_at: now, reply_text: "Accepted by the operator's word." })
        .where(matches({ ...filter, states: ["uncertain"] }))
        .executeTakeFirst();
      return Number(result.numUpdatedRows);
    },
  };
}

function dueQuery(db: Kysely<Tables>, now: string, edition: EditionName | null) {
  const due = db
    .selectFrom("deliveries")
    .select("key")
    .where("state", "in", ["due", "deferred"])
    .where("due_at", "<=", now);
  if (!edition) return due;
  return due.where("cadence", "=", edition.cadence).where("period", "=", edition.period);
}

function matches({ states, cadence, edition, subscribers }: DeliveryFilter) {
  return (eb: ExpressionBuilder<OutboxTables, "deliveries">) =>
    eb.and([
      eb("state", "in", states),
      ...(cadence ? [eb("cadence", "=", cadence)] : []),
      ...(edition ? [eb("cadence", "=", edition.cadence), eb("period", "=", edition.period)] : []),
      ...(subscribers ? [eb("subscriber_key", "in", subscribers)] : []),
    ]);
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

async function backToDue(db: Kysely<Tables>, by: string): Promise<number> {
  const result = await db
    .updateTable("deliveries")
    .set({ state: "due", claimed_by: null, claimed_at: null })
    .where("claimed_by", "=", by)
    .where("state", "=", "claimed")
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

async function toUncertain(
  db: Kysely<Tables>,
  by: string,
  states: readonly DeliveryState[],
  now: string,
): Promise<number> {
  const result = await db
    .updateTable("deliveries")
    .set({
      state: "uncertain",
      settled_at: now,
      reply_text: "The program ended before the server's answer was written down.",
    })
    .where("claimed_by", "=", by)
    .where("state", "in", states)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

function claimedOf(row: Row): ClaimedDelivery {
  return {
    key: row.key,
    cadence: row.cadence as Cadence,
    period: row.period as Period,
    subscriber: row.subscriber_key as SubscriberKey,
    attempts: row.attempts,
    expiresAt: row.expires_at,
  };
}
