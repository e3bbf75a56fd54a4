/** A reader's letters go to another address from now on, once whoever reads there has said yes. */
import type { Handle } from "../io/database.ts";
import { addressAsKept, type Address } from "./address.ts";
import type { Consent, SubscriberKey } from "./subscriber.ts";
import { subscriberWith } from "./subscriber-list.ts";
import type { SubscriberTables } from "./subscriber-tables.ts";
import { findSuppression } from "./suppression.ts";

/** A change of address, and the proof that the mailbox there asked for it. */
export interface Moving extends NonNullable<Consent["moved"]> {
  readonly to: Address;
}

/**
 * Gives a confirmed reader another address, within the caller's transaction. Returns the one that they
 * leave, whose links from now on only end the subscription.
 */
export async function changeAddress(
  db: Handle<SubscriberTables>,
  key: SubscriberKey,
  { to, detail, at, confirmedAt }: Moving,
): Promise<Address | "taken" | "refused"> {
  if (await findSuppression(db, to.key)) return "refused";
  const owner = await subscriberWith(db, { address: to.key });
  if (owner && owner.key !== key) return "taken";
  const before = await subscriberWith(db, { key });
  if (before?.state !== "confirmed") return "refused";
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
