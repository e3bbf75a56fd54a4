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
import { sql, type ExpressionBuilder, type Kysely } from "kysely";
import { addressEdition } from "./addressing.ts";
import { openJournal, type Journal } from "./journal.ts";
import type { OutboxTables } from "./outbox-tables.ts";
import { fateOf } from "../io/process.ts";
import type { Database } from "../io/database.ts";
import type { Cadence, Period } from "../editions/period.ts";
import type { Recipient, Standing, SubscriberKey } from "../subscribers/subscriber.ts";
import { MAY_BE_MAILED, type SubscriberTables } from "../subscribers/subscriber-list.ts";
import {
  DELIVERY_STATES,
  type Addressed,
  type DeliveryCounts,
  type DeliveryFilter,
  type DeliveryRecord,
  type DeliveryState,
  type DueDelivery,
  type EditionName,
} from "./delivery.ts";

export interface Outbox {
  /**
   * Makes a delivery for every recipient of an edition that has none yet, all in one transaction,
   * and returns how the subscribers of its cadence divide into recipients and excluded ones.
   */
  address(edition: EditionName, times: { dueAt: string; expiresAt: string }): Promise<Addressed>;
  /** Returns deliveries whose time has come, of one edition or of all, in the order of their keys. */
  due(query: DueQuery & { after: number; limit: number }): Promise<DueDelivery[]>;
  /** Takes deliveries for this process; returns the keys of those that nobody else had taken. */
  claim(keys: readonly number[], now: string): Promise<readonly number[]>;
  /** Gives claimed deliveries back, for any process to take. */
  giveBack(keys: readonly number[]): Promise<void>;
  /** Returns when the next delivery comes due after `now`, of one edition or of all, or null. */
  nextDue(edition: EditionName | null, now: Date): Promise<string | null>;
  /** Returns how many letters a server was offered since then, those on their way included. */
  countTried(since: string): Promise<number>;
  /** Writes down what happens to each letter. */
  readonly journal: Journal;
  /** Gives the claims of a run that has ended back; what it could not settle is uncertain. */
  release(now: string): Promise<void>;
  /**
   * Takes back what a process left that ended in the middle: claimed becomes due, sending becomes
   * uncertain. This one is about to begin a run, so whatever bears its name is of an ended one.
   */
  recover(now: string): Promise<{ due: number; uncertain: number }>;
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

export interface DueQuery {
  readonly now: string;
  readonly edition: EditionName | null;
}

/** States that a delivery comes into when a server was offered its letter. */
const TRIED_STATES: readonly DeliveryState[] = ["accepted", "rejected", "deferred", "uncertain"];
/** A claim of another host is taken back after this long, when nothing can be told of its process. */
const LEASE_MS = 15 * 60_000;

type Tables = OutboxTables & SubscriberTables;

/**
 * Returns the outbox kept in `db`, which also holds the subscriber list. `self` names this process in
 * its claims.
 */
export function openOutbox(
  { db, batch }: Pick<Database<Tables>, "db" | "batch">,
  self: string,
  now: () => Date,
): Outbox {
  return {
    journal: openJournal(batch, self, now),

    address: (edition, times) => addressEdition(db, edition, times),

    due: async ({ after, limit, now, edition }) => {
      const rows = await owedQuery(db, edition)
        .leftJoin("subscribers", "subscribers.key", "deliveries.subscriber_key")
        .select([
          "deliveries.key",
          "deliveries.cadence",
          "period",
          "attempts",
          "expires_at",
          "subscriber_key",
          "address",
          "text_only",
          sql<number>`subscribers.state = 'confirmed'`.as("confirmed"),
          sql<number>`${sql.raw(MAY_BE_MAILED)}`.as("may_be_mailed"),
        ])
        .where("due_at", "<=", now)
        .where("deliveries.key", ">", after)
        .orderBy("deliveries.key")
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        key: row.key,
        cadence: row.cadence as Cadence,
        period: row.period as Period,
        attempts: row.attempts,
        expiresAt: row.expires_at,
        reader: standingOf(row),
      }));
    },

    claim: async (keys, now) => {
      const { numAffectedRows } = await sql`
        update deliveries set state = 'claimed', claimed_by = ${self}, claimed_at = ${now}
        where key in ${inList(keys)} and state in ('due', 'deferred')`.execute(db);
      if (Number(numAffectedRows) === keys.length) return keys;
      // Another process was faster with some of them.
      const rows = await db
        .selectFrom("deliveries")
        .select("key")
        .where("key", "in", sql<number>`${inList(keys)}`)
        .where("state", "=", "claimed")
        .where("claimed_by", "=", self)
        .execute();
      return rows.map(({ key }) => key);
    },

    giveBack: async (keys) => {
      await sql`
        update deliveries set state = 'due', claimed_by = null, claimed_at = null
        where key in ${inList(keys)} and state = 'claimed' and claimed_by = ${self}`.execute(db);
    },

    nextDue: async (edition, now) => {
      const row = await owedQuery(db, edition)
        .where("due_at", ">", now.toISOString())
        .select((eb) => eb.fn.min("due_at").as("due_at"))
        .executeTakeFirst();
      return row?.due_at ?? null;
    },

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

    release: async (now) => {
      await toUncertain(db, self, ["sending"], now);
      await backToDue(db, self);
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
        queueId: row.queue_id,
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
          queue_id: null,
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

/** What is still to be sent. Its states are written out, as its index has them. */
function owedQuery(db: Kysely<Tables>, edition: EditionName | null) {
  const owed = db
    .selectFrom("deliveries")
    .where(sql<boolean>`deliveries.state in ('due', 'deferred')`);
  if (!edition) return owed;
  // As one text, so that the index over editions, which holds what is settled too, is left alone.
  const name = sql<string>`deliveries.cadence || ' ' || deliveries.period`;
  return owed.where(name, "=", `${edition.cadence} ${edition.period}`);
}

function standingOf(row: {
  subscriber_key: number;
  address: string | null;
  text_only: number | null;
  confirmed: number;
  may_be_mailed: number;
}): Standing<Recipient> {
  if (!row.confirmed || row.address === null) return { mail: null, because: "left" };
  if (!row.may_be_mailed) return { mail: null, because: "suppressed" };
  const key = row.subscriber_key as SubscriberKey;
  return { mail: { key, address: row.address, textOnly: row.text_only === 1 } };
}

function inList(keys: readonly number[]) {
  return sql`(select value from json_each(${JSON.stringify(keys)}))`;
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
