/**
 * Leaving: the page behind the link, and the one click of RFC 8058, at the same address. A mail program
 * posts there without cookies and follows no redirect; whatever else stands in its body is ignored.
 */
import type { Context, Hono } from "hono";
import { html } from "hono/html";
import { shortDate, type Cadence } from "../editions/period.ts";
import { LEAVING_REASONS, type LeavingReason, type Subscriber } from "../subscribers/subscriber.ts";
import type { Offer } from "./choices.ts";
import type { JoiningDependencies } from "./door.ts";
import { leaverBy, refuseLink } from "./link-holders.ts";
import type { Markup, Show } from "./pages.ts";
import { readForm, type Fields } from "./visitor.ts";

/** How long a pause is that is taken instead of leaving. */
const PAUSE_DAYS = 28;

/** Adds the pages by which readers leave. */
export function addLeaving(app: Hono, house: JoiningDependencies, show: Show): void {
  const holderOf = (context: Context) => leaverBy(house, context.req.param("token") ?? "");
  const unknown = (context: Context) => refuseLink(context, show, house.links, "unsubscribe");

  app.get("/unsubscribe/:token", async (context) => {
    const holder = await holderOf(context);
    if (!holder) return unknown(context);
    const { reader, isCurrent } = holder;
    const isHere = reader.state === "confirmed";
    if (!isCurrent) return show(context, "Unsubscribe", formerPage(isHere));
    const main = isHere ? leavePage(reader, house) : await leftOf(house, reader);
    return show(context, "Unsubscribe", main);
  });

  app.post("/unsubscribe/:token", async (context) => {
    const holder = await holderOf(context);
    if (!holder) return unknown(context);
    const { reader, isCurrent } = holder;
    if (!isCurrent) {
      await house.readers.leave(reader);
      return show(context, "Unsubscribed", formerPage(false));
    }
    // Only a whole form of ours asks for anything else than to leave.
    const read = await readForm(context);
    const fields: Fields = typeof read === "string" ? new Map() : read;
    const isOneClick = fields.get("List-Unsubscribe") === "One-Click";
    const other = isOneClick ? null : await doOtherwise(context, { house, reader, fields, show });
    if (other) return other;
    await house.readers.leave(reader);
    return show(context, "Unsubscribed", await leftOf(house, reader));
  });
}

/** Does what a form asks for other than leaving; returns null where it asks for nothing else. */
async function doOtherwise(
  context: Context,
  asked: { house: JoiningDependencies; reader: Subscriber; fields: Fields; show: Show },
): Promise<Response | null> {
  const { house, reader, fields, show } = asked;
  const isHere = reader.state === "confirmed";
  if (fields.has("stay")) {
    return isHere || (await house.readers.stay(reader))
      ? show(context, "Welcome back", stayedPage(reader))
      : show(context, "Unsubscribed", cannotStayPage(), 409);
  }
  const reason = fields.get("reason");
  if (reason !== undefined) {
    const isKnown = Object.hasOwn(LEAVING_REASONS, reason);
    if (isKnown && (await house.readers.noteReason(reader, reason as LeavingReason))) {
      return show(context, "Thank you", thanksPage());
    }
    const main = isHere ? leavePage(reader, house) : await leftOf(house, reader);
    return show(context, "Unsubscribe", main, 400);
  }
  const instead = fields.get("instead");
  // Whoever has left in another window meanwhile stays so.
  if (instead === undefined || !isHere) return null;
  const fewer = fewerOf(instead, reader, house);
  if (!fewer) return show(context, "Unsubscribe", leavePage(reader, house), 400);
  await house.readers.save(reader, { ...reader, ...fewer });
  return show(context, "Fewer letters", fewerPage({ ...reader, ...fewer }, instead === "pause"));
}

/** Returns what there is to choose instead of leaving, and what it means; it never means more letters. */
function fewerOf(
  instead: string,
  reader: Subscriber,
  { readers, door }: JoiningDependencies,
): Partial<Subscriber> | null {
  if (instead === "pause") {
    const end = new Date(Date.parse(readers.today()) + PAUSE_DAYS * 86_400_000);
    const until = end.toISOString().slice(0, 10);
    const before = reader.pausedUntil ?? "";
    return { pausedUntil: before > until ? before : until };
  }
  const cadence = rarerThan(reader, door).find((each) => each === instead);
  return cadence === undefined ? null : { cadence };
}

function rarerThan({ cadence }: Subscriber, { cadences }: Offer): readonly Cadence[] {
  const order = Object.keys(FEWER_LABELS);
  return cadences.filter((each) => order.indexOf(each) > order.indexOf(cadence));
}

/** The cadences, the one with the most letters first. */
const FEWER_LABELS: Readonly<Record<Cadence, string>> = {
  daily: "One letter a day",
  weekly: "One letter a week",
  monthly: "One letter a month",
};

function fewerPage({ address, cadence, pausedUntil }: Subscriber, isPause: boolean): Markup {
  const rarely = cadence === "monthly" ? "one letter a month" : "one letter a week";
  return html`<h1>Fewer letters</h1>
    <p>
      ${
        isPause
          ? html`No edition goes to <strong>${address}</strong> before
              ${shortDate(pausedUntil ?? "")}. Then the letters come again by themselves.`
          : html`From now on <strong>${address}</strong> gets ${rarely}.`
      }
    </p>
    <form method="post"><button>Unsubscribe after all</button></form>`;
}

/** What is said to a mailbox that the reader has left: nothing of where the letters go now. */
function formerPage(isHere: boolean): Markup {
  return isHere
    ? html`<h1>Unsubscribe?</h1>
        <p>
          This link is from before the letters moved to another address. It can still end the
          subscription. One press and no further letter comes.
        </p>
        <form method="post"><button>Unsubscribe</button></form>`
    : html`<h1>You are unsubscribed</h1>
        <p>No further letter comes, not even one that is being sent at this moment.</p>`;
}

function leavePage(reader: Subscriber, { door }: JoiningDependencies): Markup {
  return html`<h1>Unsubscribe?</h1>
    <p>
      <strong>${reader.address}</strong> gets the ${reader.cadence} letter. Press the button, and no
      further letter comes.
    </p>
    <form method="post"><button>Unsubscribe</button></form>
    <h2>Or fewer letters instead</h2>
    <form method="post" class="row">
      ${rarerThan(reader, door).map(
        (cadence) =>
          html`<button class="quiet" name="instead" value="${cadence}">
            ${FEWER_LABELS[cadence]}
          </button>`,
      )}
      <button class="quiet" name="instead" value="pause">A pause of four weeks</button>
    </form>`;
}

async function leftOf({ readers }: JoiningDependencies, reader: Subscriber): Promise<Markup> {
  return leftPage(reader, await readers.mayStay(reader));
}

/** Says that a reader has left, and how to take it back while that works. */
function leftPage(reader: Subscriber, mayStay: boolean): Markup {
  return html`<h1>You are unsubscribed</h1>
    <p>
      No further letter goes to <strong>${reader.address}</strong>, not even one that is being sent
      at this moment.
    </p>
    ${
      mayStay
        ? html`<form method="post">
            <button class="quiet" name="stay" value="yes">
              That was a mistake: keep me on the list
            </button>
          </form>`
        : html`<p><a href="/subscribe">Subscribe again</a>, if you like.</p>`
    }
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
