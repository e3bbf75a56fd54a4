/**
 * The list: who subscribed, with consent and preferences. Sole owner of the table `subscribers`.
 * Adding, importing and leaving may be repeated; none of them revives a suppressed address.
 */
import { randomBytes } from "node:crypto";
import { sql, type Generated, type Kysely, type Selectable } from "kysely";
import type { Handle, Migrations } from "../io/database.ts";
import type { Address } from "./address.ts";
import type { Consent, ConsentState, Standing, Subscriber, SubscriberKey } from "./subscriber.ts";
import {
  findSuppression,
  suppress,
  suppressErased,
  suppressionMigrations,
  type SuppressionTables,
} from "./suppression.ts";

export interface SubscriberTables extends SuppressionTables {
  subscribers: {
    key: Generated<number>;
    address: string;
    address_key: string;
    state: string;
    cadence: string;
    text_only: number;
    consent_how: string;
    consent_detail: string;
    consent_at: string;
    ended_at: string | null;
  };
}

/** A person to be put on the list. */
export interface Admission {
  readonly address: Address;
  readonly cadence: string;
  readonly textOnly: boolean;
  readonly consent: Consent;
}

export type Admitted = "added" | "already" | "suppressed";

export interface SubscriberList {
  /** Puts confirmed subscribers on the list, all of them or none. Returns what became of each. */
  admit(admissions: readonly Admission[]): Promise<Admitted[]>;
  /** Yields all subscribers, in the order they came. */
  all(): AsyncIterable<Subscriber>;
  find(address: Address): Promise<Subscriber | null>;
  get(key: SubscriberKey): Promise<Subscriber | null>;
  /** Returns whether anybody on the list has a mailbox at one of these domains. */
  hasDomain(domains: readonly string[]): Promise<boolean>;
  /** Returns whether the address must not be mailed, whoever asks for it. */
  isSuppressed(address: Address): Promise<boolean>;
  /** The last look before a letter leaves. */
  standing(key: SubscriberKey): Promise<Standing>;
  setTextOnly(key: SubscriberKey, textOnly: boolean): Promise<void>;
  /** Ends a subscription at the reader's wish: it stays ended, whatever is imported later. */
  unsubscribe(key: SubscriberKey, now: string): Promise<void>;
  /** Ends a subscription at the operator's wish; the operator may add the address again. */
  remove(key: SubscriberKey, now: string): Promise<void>;
  /** Forgets a person; only a salted hash of the address stays, to keep it off the list. */
  erase(address: Address, now: string): Promise<boolean>;
  count(): Promise<{ confirmed: number; pending: number; unsubscribed: number }>;
  /** How many would get an edition of `cadence` now. */
  countRecipients(cadence: string): Promise<number>;
}

export const subscriberMigrations: Migrations = {
  ...suppressionMigrations,
  "subscribers-0001": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("subscribers")
        // Never reused: a link or a delivery of an erased reader must not become another's.
        .addColumn("key", "integer", (column) => column.primaryKey().autoIncrement())
        .addColumn("address", "text", (column) => column.notNull())
        .addColumn("address_key", "text", (column) => column.notNull().unique())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("cadence", "text", (column) => column.notNull())
        .addColumn("text_only", "integer", (column) => column.notNull())
        .addColumn("consent_how", "text", (column) => column.notNull())
        .addColumn("consent_detail", "text", (column) => column.notNull())
        .addColumn("consent_at", "text", (column) => column.notNull())
        .addColumn("ended_at", "text")
        .execute();
    },
  },
};

/** Rows read at a time while walking the list, so that its length does not matter. */
const PAGE_ROWS = 1000;

type Row = Selectable<SubscriberTables["subscribers"]>;

/** Returns the list kept in `db`, which may be a transaction that other rooms share. */
export function openSubscriberList(
  db: Kysely<SubscriberTables>,
  scrub: () => void = () => {},
): SubscriberList {
  const get = async (key: SubscriberKey): Promise<Subscriber | null> => {
    const row = await db
      .selectFrom("subscribers")
      .selectAll()
      .where("key", "=", key)
      .executeTakeFirst();
    return row ? subscriberOf(row) : null;
  };

  return {
    get,
    all: () => walkSubscribers(db),

    admit: (admissions) =>
      db.transaction().execute(async (tx) => {
        const outcomes: Admitted[] = [];
        for (const admission of admissions) outcomes.push(await admit(tx, admission));
        return outcomes;
      }),

    find: async ({ key }) => {
      const row = await db
        .selectFrom("subscribers")
        .selectAll()
        .where("address_key", "=", key)
        .executeTakeFirst();
      return row ? subscriberOf(row) : null;
    },

    hasDomain: async (domains) => {
      const row = await db
        .selectFrom("subscribers")
        .select("key")
        .where(sql`substr(address_key, instr(address_key, '@') + 1)`, "in", domains)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },

    isSuppressed: async ({ key }) => (await findSuppression(db, key)) !== null,

    standing: async (key) => {
      const row = await db
        .selectFrom("subscribers")
        .selectAll()
        .select(sql<number>`${sql.raw(MAY_BE_MAILED)}`.as("may_be_mailed"))
        .where("key", "=", key)
        .executeTakeFirst();
      if (row?.state !== "confirmed") return { mail: null, because: "left" };
      return row.may_be_mailed ? { mail: subscriberOf(row) } : { mail: null, because: "suppressed" };
    },

    setTextOnly: async (key, textOnly) => {
      await db
        .updateTable("subscribers")
        .set({ text_only: textOnly ? 1 : 0 })
        .where("key", "=", key)
        .execute();
    },

    unsubscribe: (key, now) =>
      db.transaction().execute(async (tx) => {
        const ended = await end(tx, key, now);
        if (ended) await suppress(tx, ended.address_key, { reason: "unsubscribed", at: now });
      }),

    remove: async (key, now) => {
      await end(db, key, now);
    },

    erase: async ({ key: addressKey }, now) => {
      const erased = await db.transaction().execute(async (tx) => {
        const result = await tx
          .deleteFrom("subscribers")
          .where("address_key", "=", addressKey)
          .executeTakeFirst();
        await suppressErased(tx, addressKey, now, () => randomBytes(32).toString("hex"));
        return result.numDeletedRows > 0n;
      });
      scrub();
      return erased;
    },

    countRecipients: async (cadence) => {
      const row = await recipientsQuery(db, cadence)
        .select((eb) => eb.fn.countAll().as("recipients"))
        .executeTakeFirstOrThrow();
      return Number(row.recipients);
    },

    count: async () => {
      const counts = { confirmed: 0, pending: 0, unsubscribed: 0 };
      const rows = await db
        .selectFrom("subscribers")
        .select(["state", (eb) => eb.fn.countAll().as("subscribers")])
        .groupBy("state")
        .execute();
      for (const row of rows) counts[row.state as ConsentState] = Number(row.subscribers);
      return counts;
    },
  };
}

/** Returns a query of the subscribers that an edition of `cadence` goes to. */
export function recipientsQuery(db: Handle<SubscriberTables>, cadence: string) {
  return db
    .selectFrom("subscribers")
    .where("subscribers.cadence", "=", cadence)
    .where(sql<boolean>`${sql.raw(MAY_BE_MAILED)}`);
}

/**
 * A condition on a row of `subscribers`, in SQL: confirmed and not suppressed. An erased address has
 * no row there, so its salted hash need not be looked up.
 */
export const MAY_BE_MAILED = `(subscribers.state = 'confirmed' and not exists
  (select 1 from suppressions where suppressions.address = subscribers.address_key))`;

/** Yields all subscribers in the order they came, a page at a time. */
async function* walkSubscribers(db: Handle<SubscriberTables>): AsyncIterable<Subscriber> {
  for (let after = 0; ; ) {
    const rows = await db
      .selectFrom("subscribers")
      .selectAll()
      .where("key", ">", after)
      .orderBy("key")
      .limit(PAGE_ROWS)
      .execute();
    for (const row of rows) yield subscriberOf(row);
    const last = rows.at(-1);
    if (!last) return;
    after = last.key;
  }
}

async function admit(db: Handle<SubscriberTables>, admission: Admission): Promise<Admitted> {
  const { address, cadence, textOnly, consent } = admission;
  if (await findSuppression(db, address.key)) return "suppressed";
  const values = {
    address: address.address,
    state: "confirmed",
    cadence,
    text_only: textOnly ? 1 : 0,
    consent_how: consent.how,
    consent_detail: consent.detail,
    consent_at: consent.at,
    ended_at: null,
  };
  const result = await db
    .insertInto("subscribers")
    .values({ ...values, address_key: address.key })
    // Whoever is confirmed keeps consent and preferences as they stand.
    .onConflict((conflict) =>
      conflict.column("address_key").doUpdateSet(values).where("subscribers.state", "!=", "confirmed"),
    )
    .executeTakeFirst();
  return Number(result.numInsertedOrUpdatedRows ?? 0) > 0 ? "added" : "already";
}

async function end(db: Handle<SubscriberTables>, key: SubscriberKey, now: string) {
  const row = await db
    .selectFrom("subscribers")
    .selectAll()
    .where("key", "=", key)
    .executeTakeFirst();
  if (!row) return null;
  await db
    .updateTable("subscribers")
    .set({ state: "unsubscribed", ended_at: now })
    .where("key", "=", key)
    .where("state", "!=", "unsubscribed")
    .execute();
  return row;
}

function subscriberOf(row: Row): Subscriber {
  return {
    key: row.key as SubscriberKey,
    address: row.address,
    state: row.state as ConsentState,
    cadence: row.cadence,
    textOnly: row.text_only === 1,
    consent: {
      how: row.consent_how as Consent["how"],
      detail: row.consent_detail,
      at: row.consent_at,
    },
    endedAt: row.ended_at,
  };
}
