/**
 * The pages by which readers change what they get, and leave. A GET never changes anything (mail
 * scanners open every link); a POST acts.
 */
import type { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { html } from "hono/html";
import type { Newsletter } from "../newsletter.ts";
import type { LinkPurpose, Links } from "../subscribers/links.ts";
import type { Subscriber } from "../subscribers/subscriber.ts";
import type { SubscriberList } from "../subscribers/subscriber-list.ts";
import type { Markup, Show } from "./pages.ts";

export interface JoiningDependencies {
  readonly newsletter: Newsletter;
  readonly subscribers: SubscriberList;
  readonly links: Links;
}

const FORM_BYTES_MAX = 16 * 1024;

/** Adds the pages that the links of a letter lead to. Their addresses are secrets of one reader. */
export function addJoining(
  app: Hono,
  { newsletter, subscribers, links }: JoiningDependencies,
  show: Show,
): void {
  async function readerOf(purpose: LinkPurpose, token: string): Promise<Subscriber | null> {
    const key = links.verify(purpose, token);
    return key === null ? null : subscribers.get(key);
  }
  for (const path of ["/unsubscribe/*", "/preferences/*"]) {
    app.use(path, async (context, next) => {
      await next();
      context.header("Cache-Control", "no-store");
      context.header("X-Robots-Tag", "noindex");
    });
    app.use(path, bodyLimit({ maxSize: FORM_BYTES_MAX }));
  }

  app.get("/unsubscribe/:token", async (context) => {
    const reader = await readerOf("unsubscribe", context.req.param("token"));
    if (!reader) return show(context, "Link not known", unknownLinkPage(), 404);
    return show(
      context,
      "Unsubscribe",
      reader.state === "confirmed" ? leavePage(reader) : leftPage(reader),
    );
  });
  // RFC 8058 section 3.2: the mail program posts here without cookies and follows no redirect. The
  // form of the page above posts here as well; neither needs a body.
  app.post("/unsubscribe/:token", async (context) => {
    const reader = await readerOf("unsubscribe", context.req.param("token"));
    if (!reader) return show(context, "Link not known", unknownLinkPage(), 404);
    await newsletter.unsubscribe(reader);
    return show(context, "Unsubscribed", leftPage(reader));
  });

  app.get("/preferences/:token", async (context) => {
    const token = context.req.param("token");
    const reader = await readerOf("preferences", token);
    if (!reader) return show(context, "Link not known", unknownLinkPage(), 404);
    const leave = `/unsubscribe/${links.token("unsubscribe", reader.key)}`;
    return show(context, "Preferences", preferencesPage(reader, leave, false));
  });
  app.post("/preferences/:token", async (context) => {
    const reader = await readerOf("preferences", context.req.param("token"));
    if (!reader) return show(context, "Link not known", unknownLinkPage(), 404);
    const leave = `/unsubscribe/${links.token("unsubscribe", reader.key)}`;
    const { format } = await context.req.parseBody().catch(() => ({ format: null }));
    // Whatever did not come from the form below changes nothing.
    if (format !== "html" && format !== "text") {
      return show(context, "Preferences", preferencesPage(reader, leave, false), 400);
    }
    const textOnly = format === "text";
    await subscribers.setTextOnly(reader.key, textOnly);
    return show(context, "Preferences", preferencesPage({ ...reader, textOnly }, leave, true));
  });
}

function leavePage(reader: Subscriber): Markup {
  return html`<h1>Unsubscribe?</h1>
    <p>
      <strong>${reader.address}</strong> gets the ${reader.cadence} letter. One press and no further
      letter comes.
    </p>
    <form method="post"><button>Unsubscribe</button></form>`;
}

function leftPage(reader: Subscriber): Markup {
  return html`<h1>You are unsubscribed</h1>
    <p>
      No further letter goes to <strong>${reader.address}</strong>, not even one that is being sent
      at this moment.
    </p>`;
}

function preferencesPage(reader: Subscriber, leave: string, saved: boolean): Markup {
  if (reader.state !== "confirmed") return leftPage(reader);
  return html`<h1>What you get</h1>
    ${saved && html`<p role="status" class="saved">Saved. The next letter comes like this.</p>`}
    <p><strong>${reader.address}</strong> gets the ${reader.cadence} letter.</p>
    <form method="post">
      <fieldset>
        <legend>How it comes</legend>
        <label
          ><input type="radio" name="format" value="html" ${reader.textOnly ? "" : "checked"} /> Set
          with type and links</label
        >
        <label
          ><input type="radio" name="format" value="text" ${reader.textOnly ? "checked" : ""} /> As
          plain text only</label
        >
      </fieldset>
      <button>Save</button>
    </form>
    <p><a href="${leave}">Unsubscribe</a></p>`;
}

function unknownLinkPage(): Markup {
  return html`<h1>This link is not known</h1>
    <p>It may have been cut off on its way. Take it whole from the foot of any of our letters.</p>`;
}
