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
import { addressEdition, type Addressing } from "./addressing.ts";
import { LAST_LETTER, SEEN } from "./history.ts";
import { standingOf } from "./standing.ts";
import { openJournal, type Journal } from "./journal.ts";
import { IS_CLAIMED, type OutboxTables } from "./outbox-tables.ts";
import { recoverClaims, releaseClaims } from "./recovery.ts";
import type { Database } from "../io/database.ts";
import type { Cadence, Period } from "../editions/period.ts";
import type { PaperKey } from "../papers/paper.ts";
import type { SubscriberKey } from "../subscribers/subscriber.ts";
import { MAY_BE_MAILED } from "../subscribers/subscriber-list.ts";
import type { SubscriberTables } from "../subscribers/subscriber-tables.ts";
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
  address(edition: EditionName, addressing: Addressing): Promise<Addressed>;
  /** Returns deliveries whose time has come, of one edition or of all, in the order of their keys. */
  due(query: DueQuery & { after: number; limit: number }): Promise<DueDelivery[]>;
  /** Takes deliveries for this process; returns the keys of those that nobody else had taken. */
  claim(keys: readonly number[], now: string): Promise<readonly number[]>;
  /** Gives claimed deliveries back, for any process to take. */
  giveBack(keys: readonly number[]): Promise<void>;
  /** Returns when the next delivery is due, of one edition or of all, but for what is held; or null. */
  nextDue(edition: EditionName | null, but: Exceptions): Promise<string | null>;
  /** Returns how many letters a server was offered since then, those on their way included. */
  countTried(since: string): Promise<number>;
  /** Writes down what happens to each letter. */
  readonly journal: Journal;
  /** Gives the claims of a run that has ended back; what it could not settle is uncertain. */
  release(now: string): Promise<void>;
  /**
   * Takes back what a process left that ended in the middle: claimed becomes due, sending becomes
   * uncertain. `own` says what becomes of claims that bear this one's name: whoever is about to begin
   * a run knows that they are of an ended one.
   */
  recover(now: string, own?: "ended" | "alive"): Promise<{ due: number; uncertain: number }>;
  counts(edition: EditionName): Promise<DeliveryCounts>;
  /** Returns how many deliveries are still to be made, by edition, the one due last first. */
  countOwed(): Promise<Owed[]>;
  /** Returns the editions that letters are due of. */
  editionsOwed(now: string): Promise<EditionName[]>;
  /** Returns how many letters wait for their turn, by edition and by the domain of their readers. */
  countWaiting(): Promise<Waiting[]>;
  /** Returns how many deliveries are in each state that any is in. */
  countStates(filter: DeliveryFilter): Promise<Partial<DeliveryCounts>>;
  /** Returns up to `limit` deliveries, or all, those first that came into their state last. */
  list(filter: DeliveryFilter, limit: number | null): Promise<DeliveryRecord[]>;
  /** Makes deliveries due once more, and returns how many. A deliberate act of the operator. */
  requeue(filter: DeliveryFilter, times: { dueAt: string; expiresAt: string }): Promise<number>;
  /** Settles uncertain deliveries as accepted by the operator's word, and returns how many. */
  vouch(filter: DeliveryFilter, now: string): Promise<number>;
  /** Settles what nobody has begun with as cancelled by the operator's word, and returns how many. */
  cancel(edition: EditionName, now: string): Promise<number>;
}

/** What is left out. */
export interface Exceptions {
  readonly editions: readonly EditionName[];
  /** Of readers' addresses. */
  readonly domains: readonly string[];
}

export interface Owed extends EditionName {
  readonly letters: number;
}

/** How many letters of an edition wait for readers of one domain. */
export interface Waiting extends Owed {
  readonly domain: string;
}

export interface DueQuery {
  readonly now: string;
  readonly edition: EditionName | null;
}

/** States that a delivery comes into when a server was offered its letter. */
const TRIED_STATES: readonly DeliveryState[] = ["accepted", "rejected", "deferred", "uncertain"];
type Tables = OutboxTables & SubscriberTables;

/** As one text, so that the index over editions, which holds what is settled too, is left alone. */
const EDITION_NAME = sql<string>`deliveries.cadence || ' ' || deliveries.period`;
/** Of the reader's address, where it is in lower case. */
const DOMAIN = sql<string | null>`substr(address, instr(address, '@') + 1)`;

/**
 * Returns the outbox kept in `db`, which also holds the subscriber list. `self` names this process in
 * its claims.
 */
export function openOutbox(
  { db, batch }: Pick<Database<Tables>, "db" | "batch">,
  self: string,
  now: () => Date,
): Outbox {
  async function countStates(filter: DeliveryFilter): Promise<Partial<DeliveryCounts>> {
    const rows = await db
      .selectFrom("deliveries")
      .select(["state", (eb) => eb.fn.countAll().as("deliveries")])
      .where(matches(filter))
      .groupBy("state")
      .execute();
    return Object.fromEntries(rows.map((row) => [row.state, Number(row.deliveries)]));
  }

  return {
    journal: openJournal(batch, self, now),

    address: (edition, addressing) => addressEdition(db, edition, addressing),

    due: async ({ after, limit, now, edition }) => {
      const rows = await owedQuery(db, edition)
        .leftJoin("subscribers", "subscribers.key", "deliveries.subscriber_key")
        .select([
          "deliveries.key",
          "deliveries.cadence",
          "period",
          "attempts",
          "due_at",
          "expires_at",
          "subscriber_key",
          "address",
          "text_only",
          "language",
          "subscribers.papers",
          "interests",
          "packed_profile",
          "deliveries.papers as kept",
          SEEN.as("seen"),
          "away_since",
          "away_until",
          LAST_LETTER.as("last_letter"),
          "moves",
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
        .where("key", "in", inList(keys))
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

    nextDue: async (edition, { editions, domains }) => {
      const row = await owedQuery(db, edition)
        .leftJoin("subscribers", "subscribers.key", "deliveries.subscriber_key")
        .where((eb) =>
          eb.and([
            eb(EDITION_NAME, "not in", inList(editions.map(nameOf))),
            // Nobody's domain once the reader is erased.
            eb.or([eb("address", "is", null), eb(DOMAIN, "not in", inList(domains))]),
          ]),
        )
        .select((eb) => eb.fn.min("due_at").as("due_at"))
        .executeTakeFirst();
      return row?.due_at ?? null;
    },

    countTried: async (since) => {
      const count = db.selectFrom("deliveries").select((eb) => eb.fn.countAll().as("deliveries"));
      // Two counts: each has an index of its own, and for both at once there is none.
      const onTheirWay = await count.where(IS_CLAIMED).executeTakeFirstOrThrow();
      const ended = await count
        .where("settled_at", ">", since)
        .where("state", "in", TRIED_STATES)
        .executeTakeFirstOrThrow();
      return Number(onTheirWay.deliveries) + Number(ended.deliveries);
    },

    release: (now) => releaseClaims(db, self, now),

    recover: (now, own = "ended") => recoverClaims(db, self, now, own),

    counts: async (edition) => {
      const found = await countStates({ states: DELIVERY_STATES, edition });
      return Object.fromEntries(
        DELIVERY_STATES.map((state) => [state, found[state] ?? 0]),
      ) as DeliveryCounts;
    },

    countOwed: async () => {
      const rows = await db
        .selectFrom("deliveries")
        .select(["cadence", "period", (eb) => eb.fn.countAll().as("letters")])
        .where("state", "in", ["due", "deferred", "claimed", "sending"])
        .groupBy(["cadence", "period"])
        .orderBy(sql`max(due_at)`, "desc")
        .execute();
      return rows.map(({ cadence, period, letters }) => ({
        cadence: cadence as Cadence,
        period: period as Period,
        letters: Number(letters),
      }));
    },

    editionsOwed: async (now) => {
      const rows = await owedQuery(db, null)
        .select(["deliveries.cadence", "period"])
        .distinct()
        .where("due_at", "<=", now)
        .execute();
      return rows as EditionName[];
    },

    countWaiting: async () => {
      const rows = await owedQuery(db, null)
        .leftJoin("subscribers", "subscribers.key", "deliveries.subscriber_key")
        .select([
          "deliveries.cadence",
          "period",
          DOMAIN.as("domain"),
          (eb) => eb.fn.countAll().as("letters"),
        ])
        .groupBy(["deliveries.cadence", "period", "domain"])
        .execute();
      return rows.map(({ cadence, period, domain, letters }) => ({
        cadence: cadence as Cadence,
        period: period as Period,
        domain: domain ?? "",
        letters: Number(letters),
      }));
    },

    countStates,

    list: async (filter, limit) => {
      const rows = await db
        .selectFrom("deliveries")
        .selectAll()
        .where(matches(filter))
        .orderBy("settled_at", "desc")
        .orderBy("key")
        .limit(limit ?? -1) // SQLite's word for no limit.
        .execute();
      return rows.map((row) => ({
        cadence: row.cadence as Cadence,
        period: row.period as Period,
        state: row.state as DeliveryState,
        subscriber: row.subscriber_key as SubscriberKey,
        attempts: row.attempts,
        reply: row.reply_text,
        code: row.reply_code,
        enhanced: row.reply_enhanced,
        queueId: row.queue_id,
        at: row.state === "claimed" || row.state === "sending" ? row.claimed_at : row.settled_at,
        dueAt: row.due_at,
        papers: row.papers === null ? null : (JSON.parse(row.papers) as PaperKey[]),
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

    cancel: async (edition, now) => {
      const result = await db
        .updateTable("deliveries")
        .set({
          state: "cancelled",
          settled_at: now,
          reply_text: "Cancelled by the operator's word.",
        })
        .where(matches({ edition, states: ["due", "deferred"] }))
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
  return owed.where(EDITION_NAME, "=", nameOf(edition));
}

function nameOf({ cadence, period }: EditionName): string {
  return `${cadence} ${period}`;
}

function inList<Value extends number | string>(values: readonly Value[]) {
  return sql<Value>`(select value from json_each(${JSON.stringify(values)}))`;
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
