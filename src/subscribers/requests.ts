/**
 * What is asked for at the door under an address that nobody has proved to be theirs: to join, to move
 * to it, or to be sent a lost link. Apart from the list until its owner says yes; forgotten after a
 * while. Together with what tidies it, sole owner of the table `requests`, which also says which notice
 * each of them is owed.
 *
 * Asking looks nobody up, so that neither the answer nor its time can tell who is on the list: that is
 * found out when the notice is written.
 */
import { sql, type Kysely, type Selectable } from "kysely";
import { storedLanguage } from "../config/language.ts";
import type { Handle } from "../io/database.ts";
import { storedInterests } from "../papers/interests.ts";
import type { Address } from "./address.ts";
import { chooseAnew, put, type Asking, type Wish } from "./request-asking.ts";
import { takeSeal, weigh, type RequestLimits, type RequestMarks, type Verdict } from "./request-log.ts";
import type { RequestTables } from "./request-tables.ts";
import { forgetTold, tidy } from "./request-tidying.ts";
import type { SubscriberKey } from "./subscriber.ts";

export type RequestKey = number & { readonly __brand: "RequestKey" };

/**
 * `welcome` is owed to whoever has joined and gets no edition at once, `moved` to the mailbox that a reader
 * has left.
 */
export type OwedNotice = "first" | "reminder" | "welcome" | "moved";

export interface RequestRecord extends Omit<Asking, "address" | "mover"> {
  readonly key: RequestKey;
  /** Null once it is answered, but for that of a mailbox that is still to be told of a move. */
  readonly address: Address | null;
  /** Who moves, or who has joined by it. */
  readonly subscriber: SubscriberKey | null;
  readonly askedAt: string;
  readonly expiresAt: string;
  readonly confirmedAt: string | null;
  readonly refusedAt: string | null;
  readonly notice: OwedNotice | null;
  readonly attempts: number;
  /** When the notice was begun to be sent; null while nobody sends it. */
  readonly begunAt: string | null;
}

/** A request as `begin` gave it out: what is said of its notice counts for no later one. */
export type Begun = Pick<RequestRecord, "key" | "notice" | "begunAt">;

export interface Requests {
  /**
   * Takes a request, unless its limits are reached; only a fresh one is owed a notice, a repeated one changes
   * what is chosen. The form's seal is good for one mailbox; null where there was no need of one.
   */
  ask(asking: Asking, marks: RequestMarks, now: Date, seal?: string | null): Promise<Verdict>;
  /** Says whether a reminder may go within the limits, against which it then counts once. */
  mayRemind(key: RequestKey, marks: RequestMarks, now: Date): Promise<Verdict>;
  /** Returns the open requests of a reader, and those under an address. */
  openOf(subscriber: SubscriberKey, address: Address): Promise<RequestRecord[]>;
  get(key: RequestKey): Promise<RequestRecord | null>;
  /** Takes the next request whose notice is due, for this process to send; or null. */
  begin(now: Date): Promise<RequestRecord | null>;
  /** Says that nothing is owed any more. */
  settle(begun: Begun): Promise<void>;
  /** Says that nothing of a notice left, and when to try again. */
  postpone(begun: Begun, until: Date): Promise<void>;
  /** Forgets the request together with the notice that it was owed. */
  drop(begun: Begun): Promise<void>;
  /** Makes reminders due, and forgets what has expired or been begun by a run that ended. */
  tidy(now: Date): Promise<void>;
}

export interface RequestOptions {
  readonly limits: RequestLimits;
  /** How long a request waits for its confirmation. */
  readonly expiresDays: number;
  /** When to remind whoever has not answered; 0: never. */
  readonly remindHours: number;
}

const HOUR_MS = 3_600_000;

/** Returns the requests kept in `db`; `oweScrub` is told that an address was erased. */
export function openRequests(
  db: Kysely<RequestTables>,
  { limits, expiresDays, remindHours }: RequestOptions,
  oweScrub: () => void = () => {},
): Requests {
  const expiresMs = expiresDays * 24 * HOUR_MS;
  const remindMs = remindHours > 0 ? remindHours * HOUR_MS : null;
  return {
    ask: (asking, marks, now, seal = null) =>
      db.transaction().execute(async (tx) => {
        if (seal !== null && !(await takeSeal(tx, seal, marks, now))) return "stale";
        const verdict = await weigh(tx, marks, limits, now);
        if (verdict === "fresh") await put(tx, asking, now, new Date(now.getTime() + expiresMs));
        if (verdict === "repeated") await chooseAnew(tx, asking, now);
        return verdict;
      }),

    mayRemind: (key, marks, now) =>
      db.transaction().execute(async (tx) => {
        const row = tx.selectFrom("requests").select("reminded_at").where("key", "=", key);
        // One that is tried again was weighed before.
        if ((await row.executeTakeFirst())?.reminded_at) return "fresh";
        const verdict = await weigh(tx, marks, limits, now);
        const weighed = { reminded_at: verdict === "busy" ? null : now.toISOString() };
        await tx.updateTable("requests").set(weighed).where("key", "=", key).execute();
        return verdict;
      }),

    openOf: async (subscriber, { key }) => {
      const rows = await db
        .selectFrom("requests")
        .selectAll()
        .where((eb) => eb.or([eb("subscriber_key", "=", subscriber), eb("address_key", "=", key)]))
        .where("confirmed_at", "is", null)
        .where("refused_at", "is", null)
        .execute();
      return rows.map(requestOf);
    },

    get: (key) => getRequest(db, key),

    begin: (now) =>
      db.transaction().execute(async (tx) => {
        const row = await tx
          .selectFrom("requests")
          .selectAll()
          .where("notice", "is not", null)
          .where("notice_begun_at", "is", null)
          .where("notice_due_at", "<=", now.toISOString())
          .orderBy("notice_due_at")
          .limit(1)
          .executeTakeFirst();
        if (!row) return null;
        const begun = {
          notice_begun_at: now.toISOString(),
          notice_attempts: row.notice_attempts + 1,
        };
        await tx
          .updateTable("requests")
          .set(begun)
          .where("key", "=", row.key)
          .execute();
        return requestOf({ ...row, ...begun });
      }),

    settle: async (begun) => {
      await db
        .updateTable("requests")
        .set({ notice: null, notice_begun_at: null })
        .where(stillOwed(begun))
        .execute();
      if (await forgetTold(db)) oweScrub();
    },

    postpone: async (begun, until) => {
      await db
        .updateTable("requests")
        .set({ notice_due_at: until.toISOString(), notice_begun_at: null })
        .where(stillOwed(begun))
        .execute();
    },

    drop: async (begun) => {
      await db.deleteFrom("requests").where(stillOwed(begun)).execute();
      oweScrub();
    },

    tidy: async (now) => {
      const isErased = await db.transaction().execute((tx) => tidy(tx, now, remindMs));
      if (isErased) oweScrub();
    },
  };
}

/** A condition, in SQL: nothing has come in between since that notice was begun. */
function stillOwed({ key, notice, begunAt }: Begun) {
  return sql<boolean>`key = ${key} and notice = ${notice} and notice_begun_at = ${begunAt}`;
}

/** Returns the request with that key, or null. */
export async function getRequest(
  db: Handle<RequestTables>,
  key: RequestKey,
): Promise<RequestRecord | null> {
  const row = await db
    .selectFrom("requests")
    .selectAll()
    .where("key", "=", key)
    .executeTakeFirst();
  return row ? requestOf(row) : null;
}

/**
 * Writes down that a request was confirmed; its address is then kept by the list alone. `tell` is the mailbox
 * that is owed the notice, where it is not the reader's, until it was told.
 */
export async function closeRequest(
  db: Handle<RequestTables>,
  key: RequestKey,
  outcome: {
    readonly subscriber: SubscriberKey;
    readonly notice: OwedNotice | null;
    readonly tell?: Address;
    readonly now: string;
  },
): Promise<void> {
  const { subscriber, notice, tell, now } = outcome;
  await db
    .updateTable("requests")
    .set({
      address: tell?.address ?? null,
      address_key: tell?.key ?? null,
      asked_network: null,
      subscriber_key: subscriber,
      confirmed_at: now,
      interests: null,
      notice,
      notice_due_at: now,
      notice_attempts: 0,
      notice_begun_at: null,
    })
    .where("key", "=", key)
    .execute();
}

/** Writes down that a request was refused, and forgets for whom it was. */
export async function refuseRequest(
  db: Handle<RequestTables>,
  key: RequestKey,
  now: string,
): Promise<void> {
  await db
    .updateTable("requests")
    .set({
      address: null,
      address_key: null,
      asked_network: null,
      subscriber_key: null,
      refused_at: now,
      notice: null,
      notice_begun_at: null,
    })
    .where("key", "=", key)
    .execute();
}

/** Forgets the open requests of a reader who moves, and all under the address that is left. */
export async function eraseOpenRequests(
  db: Handle<RequestTables>,
  subscriber: SubscriberKey,
  left: Address,
): Promise<void> {
  await db
    .deleteFrom("requests")
    .where((eb) => eb.or([eb("subscriber_key", "=", subscriber), eb("address_key", "=", left.key)]))
    .where("confirmed_at", "is", null)
    .execute();
}

/** Forgets all requests under an address. */
export async function eraseRequests(
  db: Handle<RequestTables>,
  addressKey: string,
): Promise<void> {
  await db.deleteFrom("requests").where("address_key", "=", addressKey).execute();
}

/** Forgets all requests of a reader. */
export async function eraseRequestsOf(
  db: Handle<RequestTables>,
  subscriber: SubscriberKey,
): Promise<void> {
  await db.deleteFrom("requests").where("subscriber_key", "=", subscriber).execute();
}

/** Returns how many ask to join and have not confirmed it. */
export async function countPending(db: Handle<RequestTables>): Promise<number> {
  const row = await db
    .selectFrom("requests")
    .select((eb) => eb.fn.countAll().as("requests"))
    .where("wish", "=", "join")
    .where("confirmed_at", "is", null)
    .where("refused_at", "is", null)
    .executeTakeFirstOrThrow();
  return Number(row.requests);
}

function requestOf(row: Selectable<RequestTables["requests"]>): RequestRecord {
  const { address, address_key: key } = row;
  return {
    key: row.key as RequestKey,
    wish: row.wish as Wish,
    address: address === null || key === null ? null : { address, key },
    subscriber: row.subscriber_key as SubscriberKey | null,
    cadence: row.cadence,
    textOnly: row.text_only === 1,
    hour: row.hour,
    weekday: row.weekday,
    language: storedLanguage(row.language),
    timeZone: row.time_zone,
    interests: storedInterests(row.interests),
    how: row.how as Asking["how"],
    askedFrom: row.asked_from,
    askedNetwork: row.asked_network,
    wording: row.wording,
    askedAt: row.asked_at,
    expiresAt: row.expires_at,
    confirmedAt: row.confirmed_at,
    refusedAt: row.refused_at,
    notice: row.notice as OwedNotice | null,
    attempts: row.notice_attempts,
    begunAt: row.notice_begun_at,
  };
}
