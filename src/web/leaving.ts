/**
 * Leaving: the page behind the link, and the one click of RFC 8058, at the same address. A mail program
 * posts there without cookies and follows no redirect; whatever else stands in its body is ignored.
 */
import type { Context, Hono } from "hono";
import { html } from "hono/html";
import { LEAVING_REASONS, type LeavingReason, type Subscriber } from "../subscribers/subscriber.ts";
import type { JoiningDependencies } from "./door.ts";
import type { Markup, Show } from "./pages.ts";
import { readForm, type Fields } from "./visitor.ts";

/** How long a pause is that is taken instead of leaving. */
const PAUSE_DAYS = 28;

/** Adds the pages by which readers leave. */
export function addLeaving(app: Hono, house: JoiningDependencies, show: Show): void {
  const { readers, subscribers, links } = house;

  async function readerOf(context: Context): Promise<Subscriber | null> {
    const key = links.verify("unsubscribe", context.req.param("token") ?? "");
    return key === null ? null : subscribers.get(key);
  }

  app.get("/unsubscribe/:token", async (context) => {
    const reader = await readerOf(context);
    if (!reader) return show(context, "Link not known", unknownLinkPage(), 404);
    const main = reader.state === "confirmed" ? leavePage(reader, house) : leftPage(reader);
    return show(context, "Unsubscribe", main);
  });

  app.post("/unsubscribe/:token", async (context) => {
    const reader = await readerOf(context);
    if (!reader) return show(context, "Link not known", unknownLinkPage(), 404);
    // Only a whole form of ours asks for anything else than to leave.
    const read = await readForm(context);
    const fields: Fields = typeof read === "string" ? new Map() : read;
    if (fields.has("stay")) {
      return (await readers.stay(reader))
        ? show(context, "Welcome back", stayedPage(reader))
        : show(context, "Unsubscribed", cannotStayPage(), 409);
    }
    const reason = fields.get("reason") ?? "";
    if (Object.hasOwn(LEAVING_REASONS, reason)) {
      await readers.noteReason(reader, reason as LeavingReason);
      return show(context, "Thank you", thanksPage());
    }
    const instead = fields.get("instead");
    if (instead !== undefined && reader.state === "confirmed") {
      return show(context, "Fewer letters", await takeFewer(house, reader, instead));
    }
    await readers.leave(reader);
    return show(context, "Unsubscribed", leftPage(reader));
  });
}

async function takeFewer(
  { readers, door }: JoiningDependencies,
  reader: Subscriber,
  instead: string,
): Promise<Markup> {
  const isWeekly = instead === "weekly" && door.cadences.includes("weekly");
  const until = new Date(Date.parse(readers.today()) + PAUSE_DAYS * 86_400_000);
  const pausedUntil = until.toISOString().slice(0, 10);
  await readers.save(
    reader,
    isWeekly ? { ...reader, cadence: "weekly" } : { ...reader, pausedUntil },
  );
  return html`<h1>Fewer letters</h1>
    <p>
      ${
        isWeekly
          ? html`From now on <strong>${reader.address}</strong> gets one letter a week.`
          : html`No edition goes to <strong>${reader.address}</strong> before ${pausedUntil}. Then
              the letters come again by themselves.`
      }
    </p>
    <form method="post"><button>Unsubscribe after all</button></form>`;
}

function leavePage(reader: Subscriber, { door }: JoiningDependencies): Markup {
  const isWeeklyOffered = reader.cadence === "daily" && door.cadences.includes("weekly");
  return html`<h1>Unsubscribe?</h1>
    <p>
      <strong>${reader.address}</strong> gets the ${reader.cadence} letter. Press the button, and no
      further letter comes.
    </p>
    <form method="post"><button>Unsubscribe</button></form>
    <h2>Or fewer letters instead</h2>
    <form method="post" class="row">
      ${
        isWeeklyOffered &&
        html`<button class="quiet" name="instead" value="weekly">One letter a week</button>`
      }
      <button class="quiet" name="instead" value="pause">A pause of four weeks</button>
    </form>`;
}

/** Says that a reader has left, and how to take it back. */
function leftPage(reader: Subscriber): Markup {
  return html`<h1>You are unsubscribed</h1>
    <p>
      No further letter goes to <strong>${reader.address}</strong>, not even one that is being sent
      at this moment.
    </p>
    <form method="post">
      <button class="quiet" name="stay" value="yes">That was a mistake: keep me on the list</button>
    </form>
    <form method="post">
      <fieldset>
        <legend>Would you tell us why? You don’t have to.</legend>
        ${Object.entries(LEAVING_REASONS).map(
          ([value, label]) =>
            html`<label
              ><input type="radio" name="reason" value="${value}" required /> ${label}</label
            >`,
        )}
      </fieldset>
      <button class="quiet">Send the answer</button>
    </form>`;
}

/** Answers a link that is none of ours, or was cut off. */
export function unknownLinkPage(): Markup {
  return html`<h1>This link is not known</h1>
    <p>
      A part of it may be missing. Copy the whole link from the foot of any of our letters, or
      <a href="/link">have it mailed to you</a>.
    </p>`;
}

function stayedPage(reader: Subscriber): Markup {
  return html`<h1>Welcome back</h1>
    <p>The ${reader.cadence} letter goes to <strong>${reader.address}</strong> as before.</p>`;
}

function cannotStayPage(): Markup {
  return html`<h1>You are unsubscribed</h1>
    <p>
      That can be taken back for a day only. <a href="/subscribe">Subscribe again</a>, if you like.
    </p>`;
}

function thanksPage(): Markup {
  return html`<h1>Thank you</h1>
    <p>That helps us. No further letter comes.</p>`;
}
