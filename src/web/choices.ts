/** What a reader may choose on a page: the fields of the form, and what they say when it comes back. */
import { html } from "hono/html";
import type { Cadence } from "../editions/period.ts";
import { calendarDate } from "../papers/text.ts";
import { PAPER_COUNTS, type Preferences } from "../subscribers/subscriber.ts";
import { readInterests } from "./interest-fields.ts";
import type { Markup } from "./pages.ts";
import type { Fields } from "./visitor.ts";

/** Which choices there are. */
export interface Offer {
  /** The cadences that the schedule keeps. */
  readonly cadences: readonly Cadence[];
  /** How many papers an edition leads with. */
  readonly entries: number;
  /** Of the newsletter. */
  readonly timeZone: string;
}

type Reading<Chosen> = Chosen | { readonly wrong: string };

const ZONES = Intl.supportedValuesOf("timeZone");
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
/** A longer pause is a good-bye. */
const PAUSE_DAYS_MAX = 366;

/**
 * Returns `before` with what the fields choose; a field that is left out changes nothing. `wrong` says
 * which choice there is not.
 */
export function readChoices(
  fields: Fields,
  before: Preferences,
  offer: Offer,
  today: string,
): Reading<Preferences> {
  const cadence = fields.get("cadence") ?? before.cadence;
  const isOffered = cadence === before.cadence || offer.cadences.some((each) => each === cadence);
  if (!isOffered) return { wrong: "There is no such cadence." };
  const format = fields.get("format") ?? (before.textOnly ? "text" : "html");
  if (format !== "html" && format !== "text") return { wrong: "There is no such format." };
  const clock = readClock(fields, before);
  if ("wrong" in clock) return clock;
  const papers = readPapers(fields.get("papers"), before.papers);
  if (papers === "wrong") return { wrong: "There is no such number of papers." };
  const pausedUntil = readPause(fields.get("pause"), before.pausedUntil, today);
  if (pausedUntil === "wrong") {
    return { wrong: "A pause ends on a date within a year from now." };
  }
  const interests = readInterests(fields, before.interests);
  if ("wrong" in interests) return interests;
  return { cadence, textOnly: format === "text", ...clock, papers, pausedUntil, interests };
}

function readClock(fields: Fields, before: Clock): Reading<Clock> {
  const isGiven = fields.has("hour") || fields.has("weekday");
  if (!isGiven) return { hour: before.hour, weekday: before.weekday, timeZone: before.timeZone };
  const hour = readNumber(fields.get("hour"), before.hour, [0, 23]);
  if (hour === "wrong") return { wrong: "There is no such hour." };
  const weekday = readNumber(fields.get("weekday"), before.weekday, [1, 7]);
  if (weekday === "wrong") return { wrong: "There is no such day of the week." };
  if (hour === null && weekday === null) return { hour, weekday, timeZone: null };
  const timeZone = fields.get("timeZone") ?? before.timeZone ?? "UTC";
  if (!isZone(timeZone)) return { wrong: "There is no such time zone." };
  return { hour, weekday, timeZone };
}

/** When letters come. */
type Clock = Pick<Preferences, "hour" | "weekday" | "timeZone">;

function readNumber(
  text: string | undefined,
  before: number | null,
  [least, most]: readonly [number, number],
): number | null | "wrong" {
  if (text === undefined) return before;
  if (text === "") return null;
  const number = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return number >= least && number <= most ? number : "wrong";
}

function readPapers(text: string | undefined, before: number | null): number | null | "wrong" {
  if (text === undefined) return before;
  if (text === "") return null;
  return PAPER_COUNTS.find((count) => String(count) === text) ?? "wrong";
}

function readPause(
  text: string | undefined,
  before: string | null,
  today: string,
): string | null | "wrong" {
  if (text === undefined) return before;
  if (text === "" || text <= today) return text === "" || calendarDate(text) ? null : "wrong";
  const days = (Date.parse(text) - Date.parse(today)) / 86_400_000;
  return calendarDate(text) === text && days <= PAUSE_DAYS_MAX ? text : "wrong";
}

function isZone(name: string): boolean {
  return name === "UTC" || ZONES.includes(name);
}

/** Returns the choice of a cadence; nothing where there is but one. */
export function cadenceField({ cadences }: Offer, chosen: string): Markup | "" {
  if (cadences.length < 2 && cadences.some((each) => each === chosen)) return "";
  return html`<fieldset>
    <legend>How often</legend>
    ${cadences.map((cadence) => radio("cadence", cadence, CADENCE_LABELS[cadence], chosen))}
  </fieldset>`;
}

const CADENCE_LABELS: Readonly<Record<Cadence, string>> = {
  daily: "Every day that has papers",
  weekly: "Once a week",
  monthly: "Once a month, on the first",
};

/** Returns the choice of an hour and its zone. */
export function clockFields(chosen: Clock, offer: Offer, guessed: string | null): Markup {
  const zone = chosen.timeZone ?? guessed ?? offer.timeZone;
  return html`<fieldset>
    <legend>When it comes</legend>
    <label for="hour">From this hour on</label>
    <select id="hour" name="hour">
      <option value="" ${chosen.hour === null ? "selected" : ""}>As soon as it is out</option>
      ${HOURS.map(
        (hour) =>
          html`<option value="${hour}" ${chosen.hour === hour ? "selected" : ""}>
            ${String(hour).padStart(2, "0")}:00
          </option>`,
      )}
    </select>
    <label for="zone">Of the clock in</label>
    <select id="zone" name="timeZone">
      ${(ZONES.includes(zone) ? ZONES : [zone, ...ZONES]).map(
        (name) => html`<option ${name === zone ? "selected" : ""}>${name}</option>`,
      )}
    </select>
    ${weekdayField(chosen, offer)}
  </fieldset>`;
}

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

function weekdayField({ weekday }: Pick<Clock, "weekday">, { cadences }: Offer): Markup | "" {
  if (!cadences.includes("weekly")) return "";
  return html`<label for="weekday">A weekly letter on this day</label>
    <select id="weekday" name="weekday">
      <option value="" ${weekday === null ? "selected" : ""}>When it is out, on Monday</option>
      ${WEEKDAYS.map(
        (name, index) =>
          html`<option value="${index + 1}" ${weekday === index + 1 ? "selected" : ""}>
            ${name}
          </option>`,
      )}
    </select>`;
}

/** Returns the choice between the letter's two forms. */
export function formatField({ textOnly }: Pick<Preferences, "textOnly">): Markup {
  const chosen = textOnly ? "text" : "html";
  return html`<fieldset>
    <legend>How it looks</legend>
    ${radio("format", "html", "Set with type and links", chosen)}
    ${radio("format", "text", "As plain text only", chosen)}
  </fieldset>`;
}

/** Returns the choice of a letter's length. */
export function papersField({ papers }: Pick<Preferences, "papers">, { entries }: Offer): Markup {
  const counts = PAPER_COUNTS.filter((count) => count < entries || count === papers);
  return html`<label for="papers">Papers in a letter</label>
    <select id="papers" name="papers">
      <option value="" ${papers === null ? "selected" : ""}>
        As many as there are, up to ${entries}
      </option>
      ${counts.map(
        (count) =>
          html`<option value="${count}" ${count === papers ? "selected" : ""}>${count}</option>`,
      )}
    </select>`;
}

/** Returns the choice of a pause. */
export function pauseField(
  { pausedUntil }: Pick<Preferences, "pausedUntil">,
  today: string,
): Markup {
  const until = pausedUntil !== null && pausedUntil > today ? pausedUntil : "";
  return html`<label for="pause">No letters before this date (empty: no pause)</label>
    <input id="pause" type="date" name="pause" value="${until}" min="${today}" />`;
}

function radio(name: string, value: string, label: string, chosen: string): Markup {
  return html`<label
    ><input type="radio" name="${name}" value="${value}" ${value === chosen ? "checked" : ""} />
    ${label}</label
  >`;
}
