/** The pages where readers change what they get, take their data with them, or are forgotten. */
import type { Context, Hono } from "hono";
import { html } from "hono/html";
import { shortDate } from "../editions/period.ts";
import { siteHost } from "../mail/letter.ts";
import type { Readers } from "../readers.ts";
import { pauseEnd } from "../subscribers/away.ts";
import type { Preferences, Subscriber } from "../subscribers/subscriber.ts";
import type { Erased } from "../subscribers/subscriber-list.ts";
import {
  cadenceField,
  clockFields,
  formatField,
  papersField,
  readChoices,
  rightChoices,
} from "./choices.ts";
import { admissible, visitorNetwork, type JoiningDependencies } from "./door.ts";
import { interestFields } from "./interest-fields.ts";
import { addressField, closedPage } from "./joining-pages.ts";
import { readerBy, refuseLink } from "./link-holders.ts";
import type { Markup, Show } from "./pages.ts";
import { formOf, refuseBusy } from "./refusals.ts";
import { guessTimeZone, type Wrong } from "./visitor.ts";

/** What is told on the page, and where. */
interface Said {
  /** What was saved, in a sentence. */
  readonly saved?: string;
  readonly problem?: string;
  /** A choice that can't be taken, and what is shown as chosen beside it. */
  readonly wrong?: Wrong;
  readonly chosen?: Preferences;
  /** The new address as it was written, and what is wrong with it. */
  readonly move?: { readonly email: string; readonly problem: string };
}

/** Adds the pages behind a letter's link to its reader's preferences. */
export function addPreferences(app: Hono, house: JoiningDependencies, show: Show): void {
  const { readers, links, door } = house;

  async function readerOf(context: Context): Promise<Subscriber | null> {
    return readerBy(house, "preferences", context.req.param("token") ?? "");
  }
  const unknown = (context: Context) => refuseLink(context, show, house.links, "preferences");

  async function preferences(context: Context, reader: Subscriber, said: Said = {}) {
    const token = context.req.param("token") ?? "";
    const leave = `/unsubscribe/${links.token("unsubscribe", reader)}`;
    const guessed = guessTimeZone(context.req.header("accept-language") ?? "");
    const isHere = reader.state === "confirmed";
    const first = isHere
      ? choicesForm(reader, house, guessed, said)
      : goneForm(reader, (await readers.mayStay(reader)) ? leave : null);
    const main = html`${problemLine(said)} ${first}
    ${isHere && door.mailServer !== null && moveForm(token, said)} ${isHere && leaveLink(leave)}
    ${rightsLinks(token, isHere)}`;
    if (problemOf(said) === null) return show(context, "Preferences", main);
    return show(context, "Error: Preferences", main, said.problem === undefined ? 422 : 400);
  }

  app.get("/preferences/:token", async (context) => {
    const reader = await readerOf(context);
    return reader ? preferences(context, reader) : unknown(context);
  });

  app.post("/preferences/:token", async (context) => {
    const reader = await readerOf(context);
    if (!reader) return unknown(context);
    const fields = await formOf(context, show);
    if (fields instanceof Response) return fields;
    // Whatever did not come from the form changes nothing.
    if (!fields.has("format")) return preferences(context, reader, { problem: NOT_THE_FORM });
    const chosen = readChoices(fields, reader, door, readers.today());
    if ("wrong" in chosen) {
      const right = rightChoices(fields, reader, door, readers.today());
      return preferences(context, reader, { wrong: chosen, chosen: right });
    }
    if (reader.state === "confirmed") await readers.save(reader, chosen);
    return preferences(context, { ...reader, ...chosen }, { saved: savedLine(chosen, readers) });
  });

  app.post("/preferences/:token/address", async (context) => {
    const reader = await readerOf(context);
    if (!reader) return unknown(context);
    if (door.mailServer === null) return show(context, "Closed", closedPage(true), 403);
    const fields = await formOf(context, show);
    if (fields instanceof Response) return fields;
    if (reader.state !== "confirmed")
      return preferences(context, reader, { problem: NOT_THE_FORM });
    const email = fields.get("email")?.trim() ?? "";
    const address = admissible(email, door);
    const refuse = (problem: string) => preferences(context, reader, { move: { email, problem } });
    if ("problem" in address) return refuse(address.problem);
    // Another spelling of a reader's own address may be moved to.
    if (address.address === reader.address) return refuse(NOTHING_TO_MOVE);
    const askedFrom = siteHost(house.masthead);
    const visit = { network: visitorNetwork(context), seal: null };
    const verdict = await readers.askMove(reader, { address, askedFrom }, visit);
    house.wake?.(true);
    if (verdict === "busy") return refuseBusy(context, show);
    return show(context, "Look into your mailbox", moveAskedPage(reader, address.address));
  });

  app.get("/preferences/:token/data", async (context) => {
    const reader = await readerOf(context);
    if (!reader) return unknown(context);
    context.header("Content-Disposition", 'attachment; filename="my-data.json"');
    const opinions = await house.tastes.opinionsOf(reader);
    const data = JSON.stringify({ ...(await readers.dataOf(reader)), opinions }, null, 2);
    return context.body(`${data}\n`, 200, { "Content-Type": "application/json" });
  });

  app.get("/preferences/:token/erase", async (context) => {
    const reader = await readerOf(context);
    return reader ? show(context, "Erase", erasePage(reader)) : unknown(context);
  });

  app.post("/preferences/:token/erase", async (context) => {
    const reader = await readerOf(context);
    if (!reader) return unknown(context);
    const erased = await readers.erase(reader);
    return erased ? show(context, "Erased", erasedPage(erased)) : unknown(context);
  });
}

const NOTHING_TO_MOVE = "The letter goes to this address already.";
const NOT_THE_FORM = "What came was not this form. Nothing was changed.";

/** Returns what can't be taken, and the id of the field that says so again if there is one. */
function problemOf({ problem, wrong, move }: Said): { text: string; field: string | null } | null {
  if (problem !== undefined) return { text: problem, field: null };
  if (move) return { text: move.problem, field: "email" };
  return wrong ? { text: wrong.wrong, field: wrong.text === undefined ? null : wrong.field } : null;
}

/** The form is long: what is wrong with it is told where the page begins, and leads to its place. */
function problemLine(said: Said): Markup | "" {
  const problem = problemOf(said);
  if (!problem) return "";
  const { text, field } = problem;
  return html`<p role="alert" class="problem">
    ${field === null ? text : html`<a href="#${field}">${text}</a>`}
  </p>`;
}

function savedLine(chosen: Preferences, readers: Pick<Readers, "today">): string {
  const until = pauseEnd(chosen, readers.today());
  return until === null
    ? "Saved. The next edition comes like this."
    : `Saved. No letter before ${shortDate(until)}.`;
}

function choicesForm(
  reader: Subscriber,
  { door, readers }: JoiningDependencies,
  guessed: string | null,
  { saved, wrong, chosen = reader }: Said,
): Markup {
  const pause = { today: readers.today(), wrong: wrong ?? null };
  return html`<h1>What you get</h1>
    ${saved !== undefined && html`<p role="status" class="saved">${saved}</p>`}
    <p>
      <strong>${reader.address}</strong> gets the ${reader.cadence} letter. You can change it here,
      or <a href="#leave">unsubscribe</a>.
    </p>
    <form method="post">
      ${cadenceField(door, chosen.cadence)} ${clockFields(chosen, door, guessed, pause)}
      ${formatField(chosen, door)}
      <fieldset>
        <legend>How much</legend>
        ${papersField(chosen, door)}
      </fieldset>
      ${interestFields(chosen.interests, wrong ?? null)}
      <button>Save</button>
    </form>`;
}

function goneForm(reader: Subscriber, undo: string | null): Markup {
  return html`<h1>You are unsubscribed</h1>
    <p>
      No letter goes to <strong>${reader.address}</strong>.
      ${undo === null ? html`<a href="/subscribe">Subscribe again</a>` : html`<a href="${undo}">Take it back</a>`}
    </p>`;
}

function moveForm(token: string, { move }: Said): Markup {
  const { email = "", problem = null } = move ?? {};
  return html`<h2>Another address</h2>
    <form method="post" action="/preferences/${token}/address">
      ${addressField(
        "Send the letter to this address instead",
        { email, problem },
        {
          button: html`<button class="quiet">Change address</button>`,
        },
      )}
      <p class="meta">We mail a link to the new address. Nothing changes before it is followed.</p>
    </form>`;
}

function leaveLink(leave: string): Markup {
  return html`<h2 id="leave">Unsubscribe</h2>
    <p>One more press on the next page, and no letter comes any more.</p>
    <p><a class="button" href="${leave}">Unsubscribe</a></p>`;
}

function rightsLinks(token: string, isHere: boolean): Markup {
  return html`<h2>Your data</h2>
    <p class="links">
      ${isHere && html`<a href="/preferences/${token}/learned">What it learned</a>`}
      <a href="/preferences/${token}/data">Download what we keep</a>
      <a class="danger" href="/preferences/${token}/erase">Erase me…</a>
    </p>`;
}

function moveAskedPage(reader: Subscriber, address: string): Markup {
  return html`<h1>Look into the other mailbox</h1>
    <p>
      A letter is on its way to <strong>${address}</strong>. Until its link is followed, everything
      goes to <strong>${reader.address}</strong> as before.
    </p>
    <p>
      No letter after a few minutes? Look in the spam folder there. We send one such letter a day to
      an address; if there is none, try again tomorrow.
    </p>`;
}

function erasePage(reader: Subscriber): Markup {
  return html`<h1>Erase everything?</h1>
    <p>
      No letter goes to <strong>${reader.address}</strong> any more, and the address is deleted with
      all that belongs to it. What stays is a code that shows no address: it keeps this one off the
      list, also if somebody imports it again; and for 30 days at most, the codes by which requests
      are counted. This can't be taken back; whoever reads at the address may subscribe anew.
    </p>
    <form method="post"><button class="danger">Erase me</button></form>`;
}

function erasedPage({ scrubbed }: Erased): Markup {
  return html`<h1>Erased</h1>
    <p>
      ${
        scrubbed
          ? "Nothing is left but codes that show no address: the one that keeps it off the list, and for 30 days at most those by which requests are counted."
          : "You are off the list, and your data are deleted. The file that held them is in use; their last traces are overwritten as soon as it is free, within minutes as a rule."
      }
      Goodbye.
    </p>`;
}
