/** A reader's letters go to another address from now on, once whoever reads there has said yes. */
import type { Handle } from "../io/database.ts";
import { addressAsKept, type Address } from "./address.ts";
import { eraseOpinionsOf } from "./opinions.ts";
import { eraseRequestsOf } from "./requests.ts";
import type { Consent, SubscriberKey } from "./subscriber.ts";
import { subscriberWith } from "./subscriber-list.ts";
import type { SubscriberTables } from "./subscriber-tables.ts";
import { findSuppression, lift } from "./suppression.ts";

/** A change of address, and the proof that the mailbox there asked for it. */
export interface Moving extends NonNullable<Consent["moved"]> {
  readonly to: Address;
}

/**
 * Gives a confirmed reader another address, within the caller's transaction. Returns the one that they
 * leave, whose links from now on only end the subscription. Of a subscription that was ended at the new
 * address nothing stays; `forget` is told whose traces are to go from elsewhere in the database.
 */
export async function changeAddress(
  db: Handle<SubscriberTables>,
  key: SubscriberKey,
  { to, detail, at, confirmedAt }: Moving,
  forget: (db: Handle<SubscriberTables>, key: SubscriberKey) => Promise<void>,
): Promise<Address | "taken" | "refused"> {
  const owner = await subscriberWith(db, { address: to.key });
  const former = owner && owner.key !== key ? owner : null;
  if (former?.state === "confirmed") return "taken";
  const before = await subscriberWith(db, { key });
  if (before?.state !== "confirmed") return "refused";
  // Whoever reads there has said yes, as to join anew.
  await lift(db, to.key);
  if (await findSuppression(db, to.key)) return "refused";
  if (former) {
    await db.deleteFrom("subscribers").where("key", "=", former.key).execute();
    await eraseRequestsOf(db, former.key);
    await eraseOpinionsOf(db, former.key);
    await forget(db, former.key);
  }
  await db
    .updateTable("subscribers")
    .set({
      address: to.address,
      address_key: to.key,
      moves: before.moves + 1,
      move_detail: detail,
      move_asked_at: at,
      move_confirmed_at: confirmedAt,
    })
    .where("key", "=", key)
    .execute();
  return addressAsKept(before.address);
}
