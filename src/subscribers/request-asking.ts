/** What is asked for at the door, and how it is written down: the first time, and asked once more. */
import type { Handle } from "../io/database.ts";
import { interestsText } from "../papers/interests.ts";
import type { Address } from "./address.ts";
import type { RequestTables } from "./request-tables.ts";
import type { Consent, Preferences, SubscriberKey } from "./subscriber.ts";

/** `link` is a lost one, which is mailed to whoever reads at that address. */
export type Wish = "join" | "move" | "link";

/** What is chosen along with an address; all else only a reader chooses. */
export type FirstChoices = Omit<Preferences, "papers" | "pausedUntil">;

/** Returns nothing but what is chosen along with an address. */
export function firstChoicesOf(preferences: FirstChoices): FirstChoices {
  const { cadence, textOnly, language, hour, weekday, timeZone, interests } = preferences;
  return { cadence, textOnly, language, hour, weekday, timeZone, interests };
}

/** What is asked for. */
export interface Asking extends FirstChoices {
  readonly wish: Wish;
  readonly address: Address;
  /** Who moves; null for everybody else. */
  readonly mover: SubscriberKey | null;
  readonly how: Extract<Consent["how"], "form" | "api">;
  /** The host whose page it was. */
  readonly askedFrom: string;
  /** The neighbourhood of the visitor's network, for the letter that asks; null: unknown. */
  readonly askedNetwork: string | null;
  /** The words beside the button. */
  readonly wording: string;
}

/** Puts a request in its place: one that is still open keeps its key, so that its link stays good. */
export async function put(
  db: Handle<RequestTables>,
  asking: Asking,
  now: Date,
  expires: Date,
): Promise<void> {
  const { wish, address, mover } = asking;
  const values = {
    ...askedAs(asking, now),
    wish,
    address: address.address,
    address_key: address.key,
    subscriber_key: mover,
    expires_at: expires.toISOString(),
    notice: "first",
    notice_due_at: now.toISOString(),
    notice_attempts: 0,
    notice_begun_at: null,
  };
  const open = await db
    .selectFrom("requests")
    .select("key")
    .where("address_key", "=", address.key)
    .where("wish", "=", wish)
    .where("confirmed_at", "is", null)
    .where("subscriber_key", mover === null ? "is" : "=", mover)
    .executeTakeFirst();
  if (open) await db.updateTable("requests").set(values).where("key", "=", open.key).execute();
  else await db.insertInto("requests").values(values).execute();
}

/**
 * Takes the latest choices of whoever asks to join more than once before they answer. No second notice is
 * owed, and the end of the request stays as the first one says it.
 */
export async function chooseAnew(db: Handle<RequestTables>, asking: Asking, now: Date): Promise<void> {
  if (asking.wish !== "join") return;
  await db
    .updateTable("requests")
    .set(askedAs(asking, now))
    .where("address_key", "=", asking.address.key)
    .where("wish", "=", "join")
    .where("confirmed_at", "is", null)
    .where("refused_at", "is", null)
    .where("expires_at", ">", now.toISOString())
    .execute();
}

/** Returns what is chosen, and who asked when and where, as it is stored. */
function askedAs(asking: Asking, now: Date) {
  const { textOnly, timeZone, interests, ...others } = firstChoicesOf(asking);
  const { how, askedFrom, askedNetwork, wording } = asking;
  return {
    ...others,
    text_only: textOnly ? 1 : 0,
    time_zone: timeZone,
    interests: interestsText(interests),
    how,
    asked_from: askedFrom,
    asked_network: askedNetwork,
    asked_at: now.toISOString(),
    wording,
  };
}
