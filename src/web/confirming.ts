/** The pages behind the links of a confirmation: yes, and "this was not me". */
import type { Context, Hono } from "hono";
import type { Cadence } from "../editions/period.ts";
import type { RequestRecord } from "../subscribers/requests.ts";
import type { JoiningDependencies } from "./door.ts";
import * as pages from "./joining-pages.ts";
import { unknownLinkPage } from "./link-holders.ts";
import type { Show } from "./pages.ts";
import { readForm } from "./visitor.ts";

/** Adds the pages by which a request is confirmed or withdrawn. */
export function addConfirming(app: Hono, house: JoiningDependencies, show: Show): void {
  const { readers, links, masthead } = house;

  const unknown = (context: Context) => show(context, "Link not known", unknownLinkPage(), 404);
  const gone = (context: Context) => show(context, "Link expired", pages.gonePage(), 410);
  const isOpen = (request: RequestRecord | null) =>
    request?.address != null && new Date(request.expiresAt) > house.now();

  app.get("/confirm/:token", async (context) => {
    const key = links.verify("confirm", context.req.param("token"));
    if (key === null) return unknown(context);
    const request = await readers.request(key);
    if (request?.confirmedAt) return show(context, "Confirmed", pages.wasConfirmedPage());
    if (!request || !isOpen(request)) return gone(context);
    return show(context, "Confirm", pages.confirmPage(request, masthead));
  });

  app.post("/confirm/:token", async (context) => {
    const key = links.verify("confirm", context.req.param("token"));
    if (key === null) return unknown(context);
    const confirmed = await readers.confirm(key);
    if (confirmed.state === "gone") return gone(context);
    if (confirmed.state === "taken") return show(context, "Taken", pages.takenPage(), 409);
    // A letter may be forwarded: what leads to a reader's preferences is shown the first time only.
    if (confirmed.state === "again") return show(context, "Confirmed", pages.wasConfirmedPage());
    house.wake?.(false);
    const { reader } = confirmed;
    const preferences = `/preferences/${links.token("preferences", reader)}`;
    const [latest = null] = await house.shelves.names(1, reader.cadence as Cadence);
    const next = { sender: house.door.sender, latest };
    return show(context, "Confirmed", pages.confirmedPage(confirmed, preferences, next));
  });

  app.get("/refuse/:token", async (context) => {
    const key = links.verify("refuse", context.req.param("token"));
    if (key === null) return unknown(context);
    const refusal = await readers.refusal(key);
    if (refusal.state === "gone") return gone(context);
    if (refusal.state === "refused") return show(context, "Thrown away", pages.refusedPage());
    return refusal.state === "open"
      ? show(context, "Not you?", pages.refusePage(refusal.address))
      : show(context, "Confirmed", pages.refusedLatePage(refusal.reader));
  });

  app.post("/refuse/:token", async (context) => {
    const key = links.verify("refuse", context.req.param("token"));
    if (key === null) return unknown(context);
    const refused = await readers.refuse(key);
    if (refused.state === "gone") return gone(context);
    if (refused.state !== "confirmed") return show(context, "Thrown away", pages.refusedPage());
    const fields = await readForm(context);
    if (typeof fields === "string" || !fields.has("leave")) {
      return show(context, "Confirmed", pages.refusedLatePage(refused.reader), 409);
    }
    await readers.leave(refused.reader);
    return show(context, "Unsubscribed", pages.refusedLeftPage());
  });
}
