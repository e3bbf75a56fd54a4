/** Who may do what by a signed link of a reader's own, and what is answered to one that is no good. */
import type { Context } from "hono";
import { html } from "hono/html";
import type { Subscriber } from "../subscribers/subscriber.ts";
import type { JoiningDependencies } from "./door.ts";
import type { Markup, Show } from "./pages.ts";

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

/** Answers a link by which nobody can do anything: one that was good once is no mistake of who opens it. */
export function refuseLink(
  context: Context,
  show: Show,
  links: House["links"],
  purpose: "unsubscribe" | "preferences" | "opinion",
): Response | Promise<Response> {
  return links.verify(purpose, context.req.param("token") ?? "") === null
    ? show(context, "Link not known", unknownLinkPage(), 404)
    : show(context, "Link no longer good", spentLinkPage(), 410);
}

/** Answers a link that is none of ours, or was cut off. */
export function unknownLinkPage(): Markup {
  return html`<h1>This link is not known</h1>
    <p>
      A part of it may be missing. Copy the whole link from the foot of any of our letters, or
      <a href="/link">have it mailed to you</a>.
    </p>`;
}

/** Whoever holds an old link may be anybody: whether its reader has moved, left or been erased is not told. */
function spentLinkPage(): Markup {
  return html`<h1>This link is no longer good</h1>
    <p>
      It is from a subscription as it was once. If letters come to you, use the links at the foot of
      the latest one, or <a href="/link">have them mailed to you</a>. If none comes any more, there
      is nothing left to do; you may <a href="/subscribe">subscribe anew</a>.
    </p>`;
}
