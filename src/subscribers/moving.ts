/** A reader's letters go to another address from now on, once whoever reads there has said yes. */
import type { Handle } from "../io/database.ts";
import { addressAsKept, type Address } from "./address.ts";
import type { Consent, SubscriberKey } from "./subscriber.ts";
import { eraseTraces, subscriberWith } from "./subscriber-list.ts";
import type { SubscriberTables } from "./subscriber-tables.ts";
import { findSuppression, lift } from "./suppression.ts";

/** A change of address, and the proof that the mailbox there asked for it. */
export interface Moving extends NonNullable<Consent["moved"]> {
  readonly to: Address;
}

/** What came of a move. */
export interface Moved {
  /** The address that the reader leaves, whose links from now on only end the subscription. */
  readonly left: Address;
  /** Whose ended subscription was at the new address; its letters are still to be forgotten. */
  readonly former: SubscriberKey | null;
}

/**
 * Gives a confirmed reader another address, within the caller's transaction. A subscription that was
 * ended there leaves the list. Returns what came of it: `taken` where somebody else reads there.
 */
export async function changeAddress(
  db: Handle<SubscriberTables>,
  key: SubscriberKey,
  { to, detail, at, confirmedAt }: Moving,
): Promise<Moved | "taken" | "refused"> {
  const owner = await subscriberWith(db, { address: to.key });
  const former = owner && owner.key !== key ? owner : null;
  if (former?.state === "confirmed") return "taken";
  const before = await subscriberWith(db, { key });
  if (before?.state !== "confirmed") return "refused";
  // Whoever reads there has said yes, as to join anew.
  await lift(db, to.key);
  if (await findSuppression(db, to.key)) return "refused";
  if (former) await eraseTraces(db, former.key);
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
  return { left: addressAsKept(before.address), former: former?.key ?? null };
}
