/**
 * The list: who subscribed, with consent and preferences. Sole owner of the table `subscribers`,
 * but that moving.ts writes addresses there.
 * Adding, importing and leaving may be repeated; none of them revives a suppressed address.
 */
import { randomBytes } from "node:crypto";
import { sql, type Kysely } from "kysely";
import type { Handle } from "../io/database.ts";
import { interestsText } from "../papers/interests.ts";
import { addressAsKept, type Address } from "./address.ts";
import { awayChanges, type Moment } from "./away.ts";
import { eraseOpinionsOf } from "./opinions.ts";
import { countPending, eraseRequests, eraseRequestsOf } from "./requests.ts";
import {
  NO_CHOICE,
  type Consent,
  type ConsentState,
  type LeavingReason,
  type Preferences,
  type Standing,
  type Subscriber,
  type SubscriberKey,
} from "./subscriber.ts";
import { subscriberOf, type SubscriberTables } from "./subscriber-tables.ts";
import {
  findSuppression,
  isOwnWish,
  lift,
  suppress,
  suppressErased,
  type Suppression,
} from "./suppression.ts";

/** A person to be put on the list. */
export interface Admission extends Partial<Omit<Preferences, "cadence" | "textOnly">> {
  readonly address: Address;
  readonly cadence: string;
  readonly textOnly: boolean;
  readonly consent: Consent;
}

/** What came of an erasure. */
export interface Erased {
  /** Whether the address was on the list. */
  readonly known: boolean;
  /** Whether it has left the files as well; they may be in use by another program. */
  readonly scrubbed: boolean;
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
  /**
   * Returns whether the address may be asked if letters are wanted: it is free, or its reader has left or
   * was erased. Nothing comes of it without a word from the mailbox itself.
   */
  mayAsk(address: Address): Promise<boolean>;
  /** Returns why the address must not be mailed, or null. */
  suppression(address: Address): Promise<Suppression | null>;
  /** The last look before a letter leaves. */
  standing(key: SubscriberKey): Promise<Standing>;
  /** Writes what differs between the two, so that what somebody else has changed in between stays. */
  setPreferences(before: Subscriber, after: Preferences, moment: Moment): Promise<void>;
  /** Ends a subscription at the reader's wish: it stays ended, whatever is imported later. */
  unsubscribe(key: SubscriberKey, now: string): Promise<void>;
  /** Keeps why a reader has left. Returns false for one who has not. */
  noteReason(key: SubscriberKey, reason: LeavingReason): Promise<boolean>;
  /**
   * Takes back an unsubscribing since `since`. Returns false, and changes nothing, for one of before,
   * and for an address that must not be mailed for another reason.
   */
  resume(key: SubscriberKey, since: string): Promise<boolean>;
  /** Whether that would succeed. */
  mayResume(key: SubscriberKey, since: string): Promise<boolean>;
  /** Ends a subscription at the operator's wish; the operator may add the address again. */
  remove(key: SubscriberKey, now: string): Promise<void>;
  /** Forgets a person; only a salted hash of the address stays, to keep it off the list. */
  erase(address: Address, now: string): Promise<Erased>;
  /** The same of a reader, wherever they read. Returns null, and changes nothing, after a move. */
  eraseReader(copy: Pick<Subscriber, "key" | "moves">, now: string): Promise<Erased | null>;
  count(): Promise<{ confirmed: number; pending: number; unsubscribed: number }>;
  /** How many would get an edition of `cadence` on `date`. */
  countRecipients(cadence: string, date: string): Promise<number>;
}

/** Rows read at a time while walking the list, so that its length does not matter. */
const PAGE_ROWS = 1000;

/**
 * Returns the list kept in `db`. `scrub` takes what was erased out of the files; `forget` is told, within
 * the transaction, whose traces are to go from elsewhere in the database.
 */
export function openSubscriberList(
  db: Kysely<SubscriberTables>,
  scrub: () => boolean = () => true,
  forget: (db: Handle<SubscriberTables>, key: SubscriberKey) => Promise<void> = async () => {},
): SubscriberList {
  async function erase(
    tx: Handle<SubscriberTables>,
    addressKey: string,
    key: SubscriberKey | null,
    now: string,
  ): Promise<void> {
    if (key !== null) {
      await eraseTraces(tx, key);
      await forget(tx, key);
    }
    await eraseRequests(tx, addressKey);
    await suppressErased(tx, addressKey, now, () => randomBytes(32).toString("hex"));
  }

  return {
    get: (key) => subscriberWith(db, { key }),
    all: () => walkSubscribers(db),

    admit: (admissions) =>
      db.transaction().execute(async (tx) => {
        const outcomes: Admitted[] = [];
        for (const admission of admissions) outcomes.push(await admit(tx, admission));
        return outcomes;
      }),

    find: ({ key }) => subscriberWith(db, { address: key }),

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

    mayAsk: async ({ key }) => {
      const suppression = await findSuppression(db, key);
      return suppression === null || isOwnWish(suppression);
    },

    suppression: ({ key }) => findSuppression(db, key),

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

    setPreferences: async (before, after, moment) => {
      const columns = columnsOf(before);
      const changes = Object.entries(columnsOf(after)).filter(
        ([name, value]) => columns[name as keyof typeof columns] !== value,
      );
      if (changes.length === 0) return;
      await db
        .updateTable("subscribers")
        .set({ ...Object.fromEntries(changes), ...awayChanges(before, after, moment) })
        .where("key", "=", before.key)
        .execute();
    },

    unsubscribe: (key, now) =>
      db.transaction().execute(async (tx) => {
        const ended = await end(tx, key, now);
        if (ended) await suppress(tx, ended.address_key, { reason: "unsubscribed", at: now });
      }),

    noteReason: async (key, reason) => {
      const result = await db
        .updateTable("subscribers")
        .set({ leaving_reason: reason })
        .where("key", "=", key)
        .where("state", "=", "unsubscribed")
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    resume: (key, since) => db.transaction().execute((tx) => resume(tx, key, since)),

    mayResume: async (key, since) => (await resumable(db, key, since)) !== null,

    remove: async (key, now) => {
      await end(db, key, now);
    },

    erase: async (address, now) => {
      const known = await db.transaction().execute(async (tx) => {
        const reader = await subscriberWith(tx, { address: address.key });
        await erase(tx, address.key, reader?.key ?? null, now);
        return reader !== null;
      });
      return { known, scrubbed: scrub() };
    },

    eraseReader: async ({ key, moves }, now) => {
      const known = await db.transaction().execute(async (tx) => {
        const reader = await subscriberWith(tx, { key });
        if (reader?.moves !== moves) return false;
        await erase(tx, addressAsKept(reader.address).key, key, now);
        return true;
      });
      return known ? { known, scrubbed: scrub() } : null;
    },

    countRecipients: async (cadence, date) => {
      const row = await recipientsQuery(db, cadence, date)
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
      counts.pending += await countPending(db);
      return counts;
    },
  };
}

/** Returns a query of the subscribers that an edition of `cadence` goes to on `date`. */
export function recipientsQuery(db: Handle<SubscriberTables>, cadence: string, date: string) {
  return db
    .selectFrom("subscribers")
    .where("subscribers.cadence", "=", cadence)
    .where((eb) => eb.or([eb("paused_until", "is", null), eb("paused_until", "<=", date)]))
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

/** Returns the subscriber of that key or address, as the caller's transaction sees it, or null. */
export async function subscriberWith(
  db: Handle<SubscriberTables>,
  name: { readonly key: SubscriberKey } | { readonly address: string },
): Promise<Subscriber | null> {
  const rows = db.selectFrom("subscribers").selectAll();
  const row = await (
    "key" in name ? rows.where("key", "=", name.key) : rows.where("address_key", "=", name.address)
  ).executeTakeFirst();
  return row ? subscriberOf(row) : null;
}

/** Deletes a reader with what they asked for and thought of papers, within the caller's transaction. */
export async function eraseTraces(
  db: Handle<SubscriberTables>,
  key: SubscriberKey,
): Promise<void> {
  await db.deleteFrom("subscribers").where("key", "=", key).execute();
  await eraseRequestsOf(db, key);
  await eraseOpinionsOf(db, key);
}

/** Puts one confirmed subscriber on the list, within the caller's transaction. */
export async function admit(
  db: Handle<SubscriberTables>,
  { address, consent, ...chosen }: Admission,
): Promise<Admitted> {
  if (await findSuppression(db, address.key)) return "suppressed";
  const values = {
    address: address.address,
    state: "confirmed",
    ...columnsOf({ ...NO_CHOICE, ...chosen }),
    consent_how: consent.how,
    consent_detail: consent.detail,
    consent_at: consent.at,
    consent_wording: consent.wording ?? null,
    confirmed_at: consent.confirmedAt ?? null,
    ended_at: null,
    leaving_reason: null,
    away_since: null,
    away_until: null,
    // Proof of an earlier subscription; how often it moved goes on to count, for the sake of its links.
    move_detail: null,
    move_asked_at: null,
    move_confirmed_at: null,
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

function columnsOf(preferences: Preferences) {
  const { cadence, textOnly, language, hour, weekday, timeZone } = preferences;
  const { papers, pausedUntil, interests } = preferences;
  return {
    cadence,
    text_only: textOnly ? 1 : 0,
    language,
    hour,
    weekday,
    time_zone: timeZone,
    papers,
    paused_until: pausedUntil,
    interests: interestsText(interests),
  };
}

async function resume(
  db: Handle<SubscriberTables>,
  key: SubscriberKey,
  since: string,
): Promise<boolean> {
  const addressKey = await resumable(db, key, since);
  if (addressKey === null) return false;
  await lift(db, addressKey);
  await db
    .updateTable("subscribers")
    .set({ state: "confirmed", ended_at: null, leaving_reason: null })
    .where("key", "=", key)
    .execute();
  return true;
}

/** Returns the address key of a reader who may take leaving back, or null. */
async function resumable(
  db: Handle<SubscriberTables>,
  key: SubscriberKey,
  since: string,
): Promise<string | null> {
  const row = await db
    .selectFrom("subscribers")
    .select("address_key")
    .where("key", "=", key)
    .where("state", "=", "unsubscribed")
    .where("ended_at", ">=", since)
    .executeTakeFirst();
  if (!row) return null;
  const suppression = await findSuppression(db, row.address_key);
  // One whom the operator took off the list has no suppression, and nothing to take back.
  return suppression?.reason === "unsubscribed" ? row.address_key : null;
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
