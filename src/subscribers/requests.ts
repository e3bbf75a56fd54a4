/**
 * What is asked for at the door under an address that nobody has proved to be theirs: to join, to move
 * to it, or to be sent a lost link. Apart from the list until its owner says yes; forgotten after a
 * while. Sole owner of the table `requests`, which also says which notice each of them is owed.
 *
 * Asking looks nobody up, so that neither the answer nor its time can tell who is on the list: that is
 * found out when the notice is written.
 */
import type { Kysely, Selectable } from "kysely";
import type { Handle } from "../io/database.ts";
import { interestsText, storedInterests } from "../papers/interests.ts";
import type { Address } from "./address.ts";
import { forgetOld, weigh, type RequestLimits, type RequestMarks, type Verdict } from "./request-log.ts";
import type { RequestTables } from "./request-tables.ts";
import type { Consent, Preferences, SubscriberKey } from "./subscriber.ts";

export type RequestKey = number & { readonly __brand: "RequestKey" };

/** `link` is a lost one, which is mailed to whoever reads at that address. */
export type Wish = "join" | "move" | "link";

/** `welcome` is owed to whoever has joined and gets no edition at once. */
export type OwedNotice = "first" | "reminder" | "welcome";

/** What is asked for. */
export interface Asking extends Pick<
  Preferences,
  "cadence" | "textOnly" | "hour" | "timeZone" | "interests"
> {
  readonly wish: Wish;
  readonly address: Address;
  /** Who moves; null for everybody else. */
  readonly mover: SubscriberKey | null;
  readonly how: Extract<Consent["how"], "form" | "api">;
  /** The host whose page it was. */
  readonly askedFrom: string;
  /** The words beside the button. */
  readonly wording: string;
}

export interface RequestRecord extends Omit<Asking, "address" | "mover"> {
  readonly key: RequestKey;
  /** Null once it is answered. */
  readonly address: Address | null;
  /** Who moves, or who has joined by it. */
  readonly subscriber: SubscriberKey | null;
  readonly askedAt: string;
  readonly expiresAt: string;
  readonly confirmedAt: string | null;
  readonly notice: OwedNotice | null;
  readonly attempts: number;
}

export interface Requests {
  /** Takes a request, unless its limits are reached; only a fresh one is owed a notice. */
  ask(asking: Asking, marks: RequestMarks, now: Date): Promise<Verdict>;
  /** Whether a reminder may go within the limits, against which it then counts. */
  mayRemind(marks: RequestMarks, now: Date): Promise<boolean>;
  get(key: RequestKey): Promise<RequestRecord | null>;
  /** Takes the next request whose notice is due, for this process to send; or null. */
  begin(now: Date): Promise<RequestRecord | null>;
  /** Says that nothing is owed any more. */
  settle(key: RequestKey): Promise<void>;
  /** Says that nothing of a notice left, and when to try again. */
  postpone(key: RequestKey, until: Date): Promise<void>;
  drop(key: RequestKey): Promise<void>;
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
/** A notice that was begun this long ago is no longer being sent by anybody. */
const BEGUN_MS = HOUR_MS;

/** Returns the requests kept in `db`. */
export function openRequests(
  db: Kysely<RequestTables>,
  { limits, expiresDays, remindHours }: RequestOptions,
): Requests {
  const expiresMs = expiresDays * 24 * HOUR_MS;
  const remindMs = remindHours > 0 ? remindHours * HOUR_MS : null;
  return {
    ask: (asking, marks, now) =>
      db.transaction().execute(async (tx) => {
        const verdict = await weigh(tx, marks, limits, now);
        if (verdict === "fresh") await put(tx, asking, now, new Date(now.getTime() + expiresMs));
        return verdict;
      }),

    mayRemind: async (marks, now) =>
      (await db.transaction().execute((tx) => weigh(tx, marks, limits, now))) === "fresh",

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
        await tx
          .updateTable("requests")
          .set({ notice_begun_at: now.toISOString(), notice_attempts: row.notice_attempts + 1 })
          .where("key", "=", row.key)
          .execute();
        return requestOf({ ...row, notice_attempts: row.notice_attempts + 1 });
      }),

    settle: async (key) => {
      await db
        .updateTable("requests")
        .set({ notice: null, notice_begun_at: null })
        .where("key", "=", key)
        .execute();
    },

    postpone: async (key, until) => {
      await db
        .updateTable("requests")
        .set({ notice_due_at: until.toISOString(), notice_begun_at: null })
        .where("key", "=", key)
        .execute();
    },

    drop: (key) => dropRequest(db, key),

    tidy: (now) => db.transaction().execute((tx) => tidy(tx, now, remindMs)),
  };
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

/** Writes down that a request was confirmed; its address is then kept by the list alone. */
export async function closeRequest(
  db: Handle<RequestTables>,
  key: RequestKey,
  { subscriber, notice, now }: { subscriber: SubscriberKey; notice: OwedNotice | null; now: string },
): Promise<void> {
  await db
    .updateTable("requests")
    .set({
      address: null,
      address_key: null,
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

/** Forgets a request. */
export async function dropRequest(db: Handle<RequestTables>, key: RequestKey): Promise<void> {
  await db.deleteFrom("requests").where("key", "=", key).execute();
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
    .executeTakeFirstOrThrow();
  return Number(row.requests);
}

/** Puts a request in its place: one that is still open keeps its key, so that its link stays good. */
async function put(
  db: Handle<RequestTables>,
  asking: Asking,
  now: Date,
  expires: Date,
): Promise<void> {
  const { wish, address, mover, cadence, textOnly, hour, timeZone } = asking;
  const { how, askedFrom, wording, interests } = asking;
  const values = {
    wish,
    address: address.address,
    address_key: address.key,
    subscriber_key: mover,
    cadence,
    text_only: textOnly ? 1 : 0,
    hour,
    time_zone: timeZone,
    how,
    asked_from: askedFrom,
    wording,
    asked_at: now.toISOString(),
    expires_at: expires.toISOString(),
    notice: "first",
    notice_due_at: now.toISOString(),
    notice_attempts: 0,
    notice_begun_at: null,
    interests: interestsText(interests),
  };
  const open = await db
    .selectFrom("requests")
    .select("key")
    .where("address_key", "=", address.key)
    .where("wish", "=", wish)
    .where("subscriber_key", mover === null ? "is" : "=", mover)
    .executeTakeFirst();
  if (open) await db.updateTable("requests").set(values).where("key", "=", open.key).execute();
  else await db.insertInto("requests").values(values).execute();
}

async function tidy(
  db: Handle<RequestTables>,
  now: Date,
  remindMs: number | null,
): Promise<void> {
  const at = now.toISOString();
  await db.deleteFrom("requests").where("expires_at", "<=", at).execute();
  await db
    .updateTable("requests")
    .set({ notice: null, notice_begun_at: null })
    .where("notice_begun_at", "<=", new Date(now.getTime() - BEGUN_MS).toISOString())
    .execute();
  if (remindMs !== null) {
    await db
      .updateTable("requests")
      .set({ notice: "reminder", notice_due_at: at, notice_attempts: 0, reminded_at: at })
      .where("wish", "=", "join")
      .where("confirmed_at", "is", null)
      .where("reminded_at", "is", null)
      .where("notice", "is", null)
      .where("asked_at", "<=", new Date(now.getTime() - remindMs).toISOString())
      .execute();
  }
  await forgetOld(db, now);
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
    timeZone: row.time_zone,
    interests: storedInterests(row.interests),
    how: row.how as Asking["how"],
    askedFrom: row.asked_from,
    wording: row.wording,
    askedAt: row.asked_at,
    expiresAt: row.expires_at,
    confirmedAt: row.confirmed_at,
    notice: row.notice as OwedNotice | null,
    attempts: row.notice_attempts,
  };
}
