/** Who may do what by a signed link of a reader's own. */
import type { Subscriber } from "../subscribers/subscriber.ts";
import type { JoiningDependencies } from "./door.ts";

export interface Holder {
  readonly reader: Subscriber;
  /**
   * Whether the link went to the address that the reader has now. Whoever holds an older one may be anybody:
   * it ends the subscription, as every letter has promised, and shows nothing.
   */
  readonly isCurrent: boolean;
}

type House = Pick<JoiningDependencies, "links" | "subscribers">;

/** Returns who holds a link to leave by, or null for a link that is none of ours. */
export async function leaverBy(
  { links, subscribers }: House,
  token: string,
): Promise<Holder | null> {
  const bearer = links.verify("unsubscribe", token);
  const reader = bearer && (await subscribers.get(bearer.key));
  return reader && { reader, isCurrent: reader.moves === bearer.moves };
}

/** Returns the reader whom a link was given to, or null: also for one from before a move. */
export async function readerBy(
  { links, subscribers }: House,
  purpose: "preferences" | "opinion",
  token: string,
): Promise<Subscriber | null> {
  const bearer = links.verify(purpose, token);
  const reader = bearer && (await subscribers.get(bearer.key));
  return reader?.moves === bearer?.moves ? reader : null;
}
