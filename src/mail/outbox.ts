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
import type { Generated, Kysely, Selectable } from "kysely";
import { fateOf } from "../io/process.ts";
import type { Handle, Migrations } from "../io/database.ts";
import type { Cadence, Period } from "../editions/period.ts";
import type { Exclusion, Subscriber, SubscriberKey } from "../subscribers/subscriber.ts";
import { walkSubscribers, type SubscriberTables } from "../subscribers/subscriber-list.ts";
import { findSuppression } from "../subscribers/suppression.ts";
import type { Reply } from "./outcome.ts";

export interface OutboxTables {
  deliveries: {
    key: Generated<number>;
    cadence: string;
    period: string;
    subscriber_key: number;
    state: string;
    due_at: string;
    expires_at: string;
    attempts: number;
    claimed_by: string | null;
    claimed_at: string | null;
    settled_at: string | null;
    reply_code: number | null;
    reply_enhanced: string | null;
    reply_text: string | null;
  };
}

export const DELIVERY_STATES = [
  "due",
  "claimed",
  "sending",
  "accepted",
  "deferred",
  "rejected",
  "expired",
  "uncertain",
  "suppressed",
  "cancelled",
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export interface EditionName {
  readonly cadence: Cadence;
  readonly period: Period;
}

export interface ClaimedDelivery extends EditionName {
  readonly key: number;
  readonly subscriber: SubscriberKey;
  readonly attempts: number;
  readonly expiresAt: string;
}

export type DeliveryCounts = Readonly<Record<DeliveryState, number>>;

/** recipients + the sum of `excluded` = all subscribers of the edition's cadence. */
export interface Addressed {
  readonly recipients: number;
  readonly excluded: Readonly<Record<Exclusion, number>>;
}

/** A state that ends an attempt, and what is known of it. */
export interface Settlement {
  readonly state: Exclude<DeliveryState, "due" | "claimed" | "sending">;
  readonly reply: Reply | null;
  /** When a deferred delivery is due again. */
  readonly dueAt?: string;
}

/** A delivery as shown to the operator. */
export interface DeliveryRecord extends EditionName {
  readonly state: DeliveryState;
  readonly subscriber: SubscriberKey;
  readonly reply: string | null;
  readonly at: string | null;
}

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
  /** Marks a delivery durably before its body leaves. */
  markSending(key: number, by: string): Promise<void>;
  settle(key: number, by: string, settlement: Settlement, now: string): Promise<void>;
  /** Gives claims of this process back, untouched. */
  release(by: string): Promise<void>;
  /** Takes back what a dead process left: claimed becomes due, sending becomes uncertain. */
  recover(now: string): Promise<{ due: number; uncertain: number }>;
  counts(edition: EditionName): Promise<DeliveryCounts>;
  /** Returns the newest `limit` deliveries of an edition in one of `states`. */
  list(
    edition: EditionName,
    states: readonly DeliveryState[],
    limit: number,
  ): Promise<DeliveryRecord[]>;
}

export const outboxMigrations: Migrations = {
  "deliveries-0001": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("deliveries")
        .addColumn("key", "integer", (column) => column.primaryKey())
        .addColumn("cadence", "text", (column) => column.notNull())
        .addColumn("period", "text", (column) => column.notNull())
        .addColumn("subscriber_key", "integer", (column) => column.notNull())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("due_at", "text", (column) => column.notNull())
        .addColumn("expires_at", "text", (column) => column.notNull())
        .addColumn("attempts", "integer", (column) => column.notNull())
        .addColumn("claimed_by", "text")
        .addColumn("claimed_at", "text")
        .addColumn("settled_at", "text")
        .addColumn("reply_code", "integer")
        .addColumn("reply_enhanced", "text")
        .addColumn("reply_text", "text")
        .addUniqueConstraint("deliveries_once", ["cadence", "period", "subscriber_key"])
        .execute();
      await db.schema
        .createIndex("deliveries_owed")
        .on("deliveries")
        .columns(["state", "due_at"])
        .execute();
    },
  },
};

/** A claim of another host is taken back after this long, when nothing can be told of its process. */
const LEASE_MS = 15 * 60_000;

type Row = Selectable<OutboxTables["deliveries"]>;
type Tables = OutboxTables & SubscriberTables;

/** Returns the outbox kept in `db`, which also holds the subscriber list. */
export function openOutbox(db: Kysely<Tables>): Outbox {
  return {
    address: (edition, times) =>
      db.transaction().execute(async (tx) => {
        const excluded = { pending: 0, unsubscribed: 0, suppressed: 0 };
        for await (const subscriber of walkSubscribers(tx)) {
          if (subscriber.cadence !== edition.cadence) continue;
          if (await hasDelivery(tx, edition, subscriber.key)) continue;
          const exclusion = await exclusionOf(tx, subscriber);
          if (exclusion) excluded[exclusion]++;
          else await insertDelivery(tx, edition, subscriber.key, times);
        }
        return { recipients: await countRows(tx, edition), excluded };
      }),

    claim: async ({ by, now, limit, edition }) => {
      let due = db
        .selectFrom("deliveries")
        .select("key")
        .where("state", "in", ["due", "deferred"])
        .where("due_at", "<=", now);
      if (edition) {
        due = due.where("cadence", "=", edition.cadence).where("period", "=", edition.period);
      }
      const rows = await db
        .updateTable("deliveries")
        .set({ state: "claimed", claimed_by: by, claimed_at: now })
        .where("key", "in", due.orderBy("due_at").orderBy("key").limit(limit))
        .returningAll()
        .execute();
      return rows.map(claimedOf);
    },

    markSending: async (key, by) => {
      const result = await db
        .updateTable("deliveries")
        .set((eb) => ({ state: "sending", attempts: eb("attempts", "+", 1) }))
        .where("key", "=", key)
        .where("state", "=", "claimed")
        .where("claimed_by", "=", by)
        .executeTakeFirst();
      if (result.numUpdatedRows !== 1n)
        throw new Error(`Delivery ${key} is no longer claimed by us.`);
    },

    settle: async (key, by, { state, reply, dueAt }, now) => {
      await db
        .updateTable("deliveries")
        .set({
          state,
          settled_at: now,
          reply_code: reply?.code ?? null,
          reply_enhanced: reply?.enhanced ?? null,
          reply_text: reply?.text ?? null,
          ...(dueAt && { due_at: dueAt }),
        })
        .where("key", "=", key)
        .where("claimed_by", "=", by)
        .where("state", "in", ["claimed", "sending"])
        .execute();
    },

    release: async (by) => {
      await backToDue(db, by);
    },

    recover: async (now) => {
      const owners = await db
        .selectFrom("deliveries")
        .select(["claimed_by", (eb) => eb.fn.max("claimed_at").as("last_claim")])
        .where("state", "in", ["claimed", "sending"])
        .groupBy("claimed_by")
        .execute();
      const recovered = { due: 0, uncertain: 0 };
      for (const { claimed_by: by, last_claim: lastClaim } of owners) {
        if (by === null) continue;
        const fate = fateOf(by);
        const leaseOver = Date.parse(now) - Date.parse(lastClaim ?? now) > LEASE_MS;
        if (fate === "alive" || (fate === "elsewhere" && !leaseOver)) continue;
        // A power cut may have taken the last `sending` marks with it, so after a reboot even a mere
        // claim may stand for a letter that left.
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

    list: async ({ cadence, period }, states, limit) => {
      const rows = await db
        .selectFrom("deliveries")
        .selectAll()
        .where("cadence", "=", cadence)
        .where("period", "=", period)
        .where("state", "in", states)
        .orderBy("key")
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        cadence,
        period,
        state: row.state as DeliveryState,
        subscriber: row.subscriber_key as SubscriberKey,
        reply: row.reply_text,
        at: row.settled_at ?? row.claimed_at,
      }));
    },
  };
}

async function exclusionOf(
  db: Handle<SubscriberTables>,
  { state, address }: Subscriber,
): Promise<Exclusion | null> {
  if (state !== "confirmed") return state;
  return (await findSuppression(db, address.toLowerCase())) ? "suppressed" : null;
}

async function hasDelivery(
  db: Handle<OutboxTables>,
  { cadence, period }: EditionName,
  subscriber: SubscriberKey,
): Promise<boolean> {
  const row = await db
    .selectFrom("deliveries")
    .select("key")
    .where("cadence", "=", cadence)
    .where("period", "=", period)
    .where("subscriber_key", "=", subscriber)
    .executeTakeFirst();
  return row !== undefined;
}

async function insertDelivery(
  db: Handle<OutboxTables>,
  { cadence, period }: EditionName,
  subscriber: SubscriberKey,
  { dueAt, expiresAt }: { dueAt: string; expiresAt: string },
): Promise<void> {
  await db
    .insertInto("deliveries")
    .values({
      cadence,
      period,
      subscriber_key: subscriber,
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
    .execute();
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
