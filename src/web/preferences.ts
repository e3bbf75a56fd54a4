/** The pages where readers change what they get, take their data with them, or are forgotten. */
import type { Context, Hono } from "hono";
import { html } from "hono/html";
import type { Subscriber } from "../subscribers/subscriber.ts";
import type { Erased } from "../subscribers/subscriber-list.ts";
import {
  cadenceField,
  clockFields,
  formatField,
  papersField,
  pauseField,
  readChoices,
} from "./choices.ts";
import { admissible, visitorNetwork, type JoiningDependencies } from "./door.ts";
import { interestFields } from "./interest-fields.ts";
import { busyPage, unreadablePage } from "./joining-pages.ts";
import { unknownLinkPage } from "./leaving.ts";
import { readerBy } from "./link-holders.ts";
import type { Markup, Show } from "./pages.ts";
import { guessTimeZone, readForm } from "./visitor.ts";

interface Said {
  readonly saved?: boolean;
  readonly problem?: string;
}

/** Adds the pages behind a letter's link to its reader's preferences. */
export function addPreferences(app: Hono, house: JoiningDependencies, show: Show): void {
  const { readers, links, door } = house;

  async function readerOf(context: Context): Promise<Subscriber | null> {
    return readerBy(house, "preferences", context.req.param("token") ?? "");
  }
  const unknown = (context: Context) => show(context, "Link not known", unknownLinkPage(), 404);

  function preferences(context: Context, reader: Subscriber, said: Said = {}) {
    const token = context.req.param("token") ?? "";
    const leave = `/unsubscribe/${links.token("unsubscribe", reader)}`;
    const guessed = guessTimeZone(context.req.header("accept-language") ?? "");
    const isHere = reader.state === "confirmed";
    const main = html`${isHere ? choicesForm(reader, house, guessed, said) : goneForm(reader, leave)}
    ${isHere && moveForm(token)} ${rightsLinks(token, isHere ? leave : null)}`;
    return show(context, "Preferences", main, said.problem === undefined ? 200 : 400);
  }

  app.get("/preferences/:token", async (context) => {
    const reader = await readerOf(context);
    return reader ? preferences(context, reader) : unknown(context);
  });

  app.post("/preferences/:token", async (context) => {
    const reader = await readerOf(context);
    if (!reader) return unknown(context);
    const fields = await readForm(context);
    if (typeof fields === "string") {
      return show(context, "Not readable", unreadablePage(), fields === "type" ? 415 : 400);
    }
    // Whatever did not come from the form changes nothing.
    if (!fields.has("format")) return preferences(context, reader, { problem: NOT_THE_FORM });
    const chosen = readChoices(fields, reader, door, readers.today());
    if ("wrong" in chosen) return preferences(context, reader, { problem: chosen.wrong });
    if (reader.state === "confirmed") await readers.save(reader, chosen);
    return preferences(context, { ...reader, ...chosen }, { saved: true });
  });

  app.post("/preferences/:token/address", async (context) => {
    const reader = await readerOf(context);
    if (!reader) return unknown(context);
    const fields = await readForm(context);
    if (typeof fields === "string" || reader.state !== "confirmed") {
      return preferences(context, reader, { problem: NOT_THE_FORM });
    }
    const address = admissible(fields.get("email")?.trim() ?? "", door);
    if ("problem" in address) return preferences(context, reader, { problem: address.problem });
    const askedFrom = new URL(house.masthead.siteUrl).host;
    const visit = { network: visitorNetwork(context), seal: null };
    const verdict = await readers.askMove(reader, { address, askedFrom }, visit);
    house.wake?.(true);
    if (verdict === "busy") return show(context, "Too many at once", busyPage(), 429);
    return show(context, "Look into your mailbox", moveAskedPage(reader, address.address));
  });

  app.get("/preferences/:token/data", async (context) => {
    const reader = await readerOf(context);
    if (!reader) return unknown(context);
    context.header("Content-Disposition", 'attachment; filename="my-data.json"');
    const opinions = await house.tastes.opinionsOf(reader);
    return context.json({ ...(await readers.dataOf(reader)), opinions });
  });

  app.get("/preferences/:token/erase", async (context) => {
    const reader = await readerOf(context);
    return reader ? show(context, "Erase", erasePage(reader)) : unknown(context);
  });

  app.post("/preferences/:token/erase", async (context) => {
    const reader = await readerOf(context);
    if (!reader) return unknown(context);
    return show(context, "Erased", erasedPage(await readers.erase(reader)));
  });
}

const NOT_THE_FORM = "What came was not this form. Nothing was changed.";

function choicesForm(
  reader: Subscriber,
  { door, readers }: JoiningDependencies,
  guessed: string | null,
  { saved, problem }: Said,
): Markup {
  const today = readers.today();
  return html`<h1>What you get</h1>
    ${saved && html`<p role="status" class="saved">Saved. The next edition comes like this.</p>`}
    ${problem !== undefined && html`<p role="alert" class="problem">${problem}</p>`}
    <p><strong>${reader.address}</strong> gets the ${reader.cadence} letter.</p>
    <form method="post">
      ${cadenceField(door, reader.cadence)} ${clockFields(reader, door, guessed)}
      ${formatField(reader)}
      <fieldset>
        <legend>How much</legend>
        ${papersField(reader, door)} ${pauseField(reader, today)}
      </fieldset>
      ${interestFields(reader.interests)}
      <button>Save</button>
    </form>`;
}

function goneForm(reader: Subscriber, leave: string): Markup {
  return html`<h1>You are unsubscribed</h1>
    <p>
      No letter goes to <strong>${reader.address}</strong>. <a href="${leave}">Take it back</a>
    </p>`;
}

function moveForm(token: string): Markup {
  return html`<h2>Another address</h2>
    <form method="post" action="/preferences/${token}/address">
      <label for="email">Send the letters here instead</label>
      <input id="email" type="email" name="email" required maxlength="254" autocomplete="email" />
      <button class="quiet">Ask there</button>
      <p class="meta">A letter goes to the new address; nothing changes before it is confirmed.</p>
    </form>`;
}

function rightsLinks(token: string, leave: string | null): Markup {
  return html`<h2>Your data</h2>
    <p class="links">
      ${leave !== null && html`<a href="/preferences/${token}/learned">What it learned</a>`}
      <a href="/preferences/${token}/data">Download what we keep</a>
      <a href="/preferences/${token}/erase">Erase me</a>
      ${leave !== null && html`<a href="${leave}">Unsubscribe</a>`}
    </p>`;
}

function moveAskedPage(reader: Subscriber, address: string): Markup {
  return html`<h1>Look into the other mailbox</h1>
    <p>
      A letter is on its way to <strong>${address}</strong>. Until its link is followed, everything
      goes to <strong>${reader.address}</strong> as before.
    </p>`;
}

function erasePage(reader: Subscriber): Markup {
  return html`<h1>Erase everything?</h1>
    <p>
      No letter goes to <strong>${reader.address}</strong> any more, and the address is deleted with
      all that belongs to it. What stays is a code that shows no address: it keeps this one off the
      list, also if somebody imports it again. This can't be taken back; whoever reads at the
      address may subscribe anew.
    </p>
    <form method="post"><button>Erase me</button></form>`;
}

function erasedPage({ scrubbed }: Erased): Markup {
  return html`<h1>Erased</h1>
    <p>
      ${
        scrubbed
          ? "Nothing is left but a code that keeps the address off the list."
          : "You are off the list, and your data are deleted. The file that held them is in use; their last traces are overwritten as soon as it is free, within minutes as a rule."
      }
      Goodbye.
    </p>`;
}
