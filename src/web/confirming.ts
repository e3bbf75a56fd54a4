/** The pages behind the links of a confirmation: yes, and "this was not me". */
import type { Context, Hono } from "hono";
import type { Cadence } from "../editions/period.ts";
import type { LinkPurpose } from "../subscribers/links.ts";
import type { RequestKey, RequestRecord } from "../subscribers/requests.ts";
import type { JoiningDependencies } from "./door.ts";
import * as pages from "./joining-pages.ts";
import { unknownLinkPage } from "./leaving.ts";
import type { Show } from "./pages.ts";

/** Adds the pages by which a request is confirmed or withdrawn. */
export function addConfirming(app: Hono, house: JoiningDependencies, show: Show): void {
  const { readers, links, masthead } = house;

  async function requestOf(
    purpose: Extract<LinkPurpose, "confirm" | "refuse">,
    token: string,
  ): Promise<{ key: RequestKey; request: RequestRecord | null } | null> {
    const key = links.verify(purpose, token);
    return key === null ? null : { key, request: await readers.request(key) };
  }
  const unknown = (context: Context) => show(context, "Link not known", unknownLinkPage(), 404);
  const gone = (context: Context) => show(context, "Link expired", pages.gonePage(), 410);
  const isOpen = (request: RequestRecord | null) =>
    request?.address != null && new Date(request.expiresAt) > house.now();

  app.get("/confirm/:token", async (context) => {
    const asked = await requestOf("confirm", context.req.param("token"));
    if (!asked) return unknown(context);
    const { request } = asked;
    if (request?.confirmedAt) return show(context, "Confirmed", pages.wasConfirmedPage());
    if (!request || !isOpen(request)) return gone(context);
    return show(context, "Confirm", pages.confirmPage(request, masthead));
  });

  app.post("/confirm/:token", async (context) => {
    const asked = await requestOf("confirm", context.req.param("token"));
    if (!asked) return unknown(context);
    const confirmed = await readers.confirm(asked.key);
    if (confirmed.state === "gone") return gone(context);
    if (confirmed.state === "taken") return show(context, "Taken", pages.takenPage(), 409);
    house.wake?.();
    const { reader } = confirmed;
    const preferences = `/preferences/${links.token("preferences", reader.key)}`;
    const [latest = null] = await house.shelves.names(1, reader.cadence as Cadence);
    const next = { sender: house.door.sender, latest };
    return show(context, "Confirmed", pages.confirmedPage(confirmed, preferences, next));
  });

  app.get("/refuse/:token", async (context) => {
    const asked = await requestOf("refuse", context.req.param("token"));
    if (!asked) return unknown(context);
    const { request } = asked;
    if (!request || !isOpen(request)) return gone(context);
    return show(context, "Not you?", pages.refusePage(request));
  });

  app.post("/refuse/:token", async (context) => {
    const asked = await requestOf("refuse", context.req.param("token"));
    if (!asked) return unknown(context);
    await readers.refuse(asked.key);
    return show(context, "Thrown away", pages.refusedPage());
  });
}
