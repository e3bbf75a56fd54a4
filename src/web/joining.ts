/**
 * The reader's side of the pages: to subscribe, to change what comes, to leave. A GET never changes
 * anything (mail scanners open every link); a POST acts. What is asked for at the door is answered
 * alike whoever is on the list, and looks nobody up.
 */
import type { Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { siteHost } from "../mail/letter.ts";
import { isAddress, parseAddress } from "../subscribers/address.ts";
import type { Verdict } from "../subscribers/request-log.ts";
import { rightChoices } from "./choices.ts";
import { addConfirming } from "./confirming.ts";
import {
  admissible,
  askToJoin,
  chooseNothing,
  readFirstChoices,
  openForm,
  sealIsGood,
  visitOf,
  type JoiningDependencies,
} from "./door.ts";
import { addApi } from "./joining-api.ts";
import { addOpinions } from "./opinion-pages.ts";
import { embedPage } from "./embed-page.ts";
import * as pages from "./joining-pages.ts";
import { addLeaving } from "./leaving.ts";
import { SECRET_PAGES, type Markup, type Show } from "./pages.ts";
import { addPreferences } from "./preferences.ts";
import { addPrivacy } from "./privacy.ts";
import { refuseChanges } from "./read-only.ts";
import { formOf, refuseBusy } from "./refusals.ts";
import { guessTimeZone, TRAP, type Fields } from "./visitor.ts";

const BODY_BYTES_MAX = 16 * 1024;
/** Room for lists that are too long, so that whoever pastes one can be told so. */
const PREFERENCES_BYTES_MAX = 1024 * 1024;
/** Pages that hold a form of its moment. */
const OF_THE_MOMENT = ["subscribe", "link", "api"];

/** Adds all pages of a reader's own. */
export function addJoining(app: Hono, house: JoiningDependencies, show: Show): void {
  for (const name of [...OF_THE_MOMENT, ...SECRET_PAGES]) addPersonal(app, name, house, show);
  addSubscribing(app, house, show);
  addLostLink(app, house, show);
  addApi(app, house);
  addConfirming(app, house, show);
  addLeaving(app, house, show);
  addPreferences(app, house, show);
  addOpinions(app, house, show);
  addPrivacy(app, house, show);
}

/**
 * Keeps the pages of that name out of caches and search engines, and their bodies within bounds; where
 * the home can't be written, they change nothing.
 */
function addPersonal(app: Hono, name: string, house: JoiningDependencies, show: Show): void {
  const keeping = SECRET_PAGES.includes(name) ? "no-store, no-transform" : "no-store";
  const maxSize = name === "preferences" ? PREFERENCES_BYTES_MAX : BODY_BYTES_MAX;
  for (const path of [`/${name}`, `/${name}/*`]) {
    app.use(path, async (context, next) => {
      await next();
      context.header("Cache-Control", keeping);
      context.header("X-Robots-Tag", "noindex");
    });
    app.use(path, bodyLimit({ maxSize }));
    if (house.isReadOnly) refuseChanges(app, path, house, show);
  }
}

/** Returns the form of the front page, fresh; null while nobody may subscribe. */
export function joinBox(house: JoiningDependencies): Markup | null {
  return house.door.open
    ? pages.joinBox({ email: "", ...openForm(house), problem: null }, house.masthead)
    : null;
}

function addSubscribing(app: Hono, house: JoiningDependencies, show: Show): void {
  const { door, masthead } = house;
  const nothingChosen = chooseNothing(door);

  const joinPage = (
    context: Context,
    fields: Fields,
    problem: string | null,
    wrong: string | null = null,
  ) => {
    const chosen = rightChoices(fields, nothingChosen, door, house.readers.today());
    const guessedZone = guessTimeZone(context.req.header("accept-language") ?? "");
    const form = { email: fields.get("email") ?? "", ...openForm(house), problem };
    const main = pages.joinPage(form, masthead, { chosen, offer: door, guessedZone, wrong });
    return (problem ?? wrong) === null
      ? show(context, "Subscribe", main)
      : show(context, "Error: Subscribe", main, 422);
  };

  app.get("/subscribe", (context) =>
    door.open
      ? joinPage(context, new Map(), null)
      : show(context, "Closed", pages.closedPage(), 403),
  );

  app.post("/subscribe", async (context) => {
    if (!door.open) return show(context, "Closed", pages.closedPage(), 403);
    const fields = await formOf(context, show);
    if (fields instanceof Response) return fields;
    if (fields.has("more")) return joinPage(context, fields, null);
    const email = fields.get("email")?.trim() ?? "";
    const asked = pages.askedPage(email, door.expiresDays);
    // Whoever fills in what can't be seen is told what everybody is told.
    if (fields.get(TRAP)) return show(context, "Look into your mailbox", asked);
    const address = admissible(email, door);
    if ("problem" in address) return joinPage(context, fields, address.problem);
    const chosen = readFirstChoices(fields, door, house.readers.today());
    if ("wrong" in chosen) return joinPage(context, fields, null, chosen.wrong);
    const verdict = sealIsGood(house, fields)
      ? await askToJoin(house, { address, chosen, how: "form" }, visitOf(context, fields))
      : "stale";
    if (verdict === "stale") {
      const form = { email, ...openForm(house), problem: null };
      const again = pages.pressAgainPage(form, masthead, fields);
      return show(context, "Press once more", again);
    }
    return answerVerdict(context, show, verdict, asked);
  });

  app.get("/embed", (context) =>
    door.open
      ? show(context, "A form for your own site", embedPage(masthead, door))
      : show(context, "Closed", pages.closedPage(), 403),
  );
}

function addLostLink(app: Hono, house: JoiningDependencies, show: Show): void {
  const { door, readers, masthead } = house;
  const lostPage = (context: Context, email: string, said: { problem?: string; again?: true }) => {
    const form = { email, ...openForm(house), problem: said.problem ?? null };
    const main = pages.lostLinkPage(form, said.again ?? false);
    return said.problem === undefined
      ? show(context, "Your subscription", main)
      : show(context, "Error: Your subscription", main, 422);
  };
  const isMute = door.mailServer === null;
  const mute = (context: Context) => show(context, "Closed", pages.closedPage(true), 403);
  app.get("/link", (context) => (isMute ? mute(context) : lostPage(context, "", {})));
  app.post("/link", async (context) => {
    if (isMute) return mute(context);
    const fields = await formOf(context, show);
    if (fields instanceof Response) return fields;
    const email = fields.get("email")?.trim() ?? "";
    const asked = pages.linkAskedPage(email);
    if (fields.get(TRAP)) return show(context, "Look into your mailbox", asked);
    const address = parseAddress(email);
    if (!isAddress(address)) {
      return lostPage(context, email, { problem: `What you wrote ${address.invalid}.` });
    }
    const asking = { ...chooseNothing(door), address, how: "form", wording: "" } as const;
    const askedFrom = siteHost(masthead);
    const verdict = sealIsGood(house, fields)
      ? await readers.askLinks({ ...asking, askedFrom }, visitOf(context, fields))
      : "stale";
    if (verdict === "stale") {
      return lostPage(context, email, { again: true });
    }
    house.wake?.(true);
    return answerVerdict(context, show, verdict, asked);
  });
}

function answerVerdict(
  context: Context,
  show: Show,
  verdict: Exclude<Verdict, "stale">,
  asked: Markup,
): Response | Promise<Response> {
  if (verdict === "busy") return refuseBusy(context, show);
  return show(context, "Look into your mailbox", asked);
}
