/** What a reader may choose on a page: the fields of the form, and what they say when it comes back. */
import { html } from "hono/html";
import type { Cadence } from "../editions/period.ts";
import { isLanguage, LANGUAGES, LANGUAGE_TAGS, type Language } from "../config/language.ts";
import { calendarDate } from "../papers/text.ts";
import { pauseEnd } from "../subscribers/away.ts";
import { PAPER_COUNTS, type Preferences } from "../subscribers/subscriber.ts";
import { readInterests } from "./interest-fields.ts";
import type { Markup } from "./pages.ts";
import type { Fields, Wrong } from "./visitor.ts";
import { isZone, zoneOptions } from "./zones.ts";

/** Which choices there are. */
export interface Offer {
  /** The cadences that the schedule keeps. */
  readonly cadences: readonly Cadence[];
  /** How many papers an edition leads with. */
  readonly entries: number;
  /** Of the newsletter. */
  readonly timeZone: string;
  readonly language: Language;
}

/** What the choices are called, in the form and where they are shown. */
export const CHOICE_LABELS = {
  clock: "When it comes",
  form: "How it looks",
  language: "Language of headings and links",
} as const;

type Reading<Chosen> = Chosen | Wrong;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
/** A longer pause is a good-bye. */
const PAUSE_DAYS_MAX = 366;

/** Returns `before` with what the fields choose; a field that is left out changes nothing. */
export function readChoices(
  fields: Fields,
  before: Preferences,
  offer: Offer,
  today: string,
): Reading<Preferences> {
  const cadence = fields.get("cadence") ?? before.cadence;
  const isOffered = cadence === before.cadence || offer.cadences.some((each) => each === cadence);
  if (!isOffered) return { wrong: "There is no such cadence.", field: "cadence" };
  const format = fields.get("format") ?? (before.textOnly ? "text" : "html");
  if (format !== "html" && format !== "text") {
    return { wrong: "There is no such format.", field: "format" };
  }
  const clock = readClock(fields, before);
  if ("wrong" in clock) return clock;
  const papers = readPapers(fields.get("papers"), before.papers);
  if (papers === "wrong") return { wrong: "There is no such number of papers.", field: "papers" };
  const pausedUntil = readPause(fields.get("pause"), before.pausedUntil, today);
  if (pausedUntil === "wrong") {
    const wrong = "A pause ends on a date within a year from now.";
    return { wrong, field: "pause", text: fields.get("pause") ?? "" };
  }
  const language = fields.get("language") ?? before.language ?? "";
  if (language !== "" && !isLanguage(language)) {
    return { wrong: "There is no such language.", field: "language" };
  }
  const interests = readInterests(fields, before.interests);
  if ("wrong" in interests) return interests;
  return {
    cadence,
    textOnly: format === "text",
    language: language === "" ? null : language,
    ...clock,
    papers,
    pausedUntil,
    interests,
  };
}

/** Returns `before` with what is right among the fields, so that nobody fills in a form twice. */
export function rightChoices(...[fields, before, offer, today]: Parameters<typeof readChoices>) {
  const left = new Map(fields);
  for (;;) {
    const read = readChoices(left, before, offer, today);
    if (!("wrong" in read)) return read;
    if (!left.delete(read.field)) return before;
  }
}

function readClock(fields: Fields, before: Clock): Reading<Clock> {
  const isGiven = fields.has("hour") || fields.has("weekday");
  if (!isGiven) return { hour: before.hour, weekday: before.weekday, timeZone: before.timeZone };
  const hour = readNumber(fields.get("hour"), before.hour, [0, 23]);
  if (hour === "wrong") return { wrong: "There is no such hour.", field: "hour" };
  const weekday = readNumber(fields.get("weekday"), before.weekday, [1, 7]);
  if (weekday === "wrong") return { wrong: "There is no such day of the week.", field: "weekday" };
  if (hour === null && weekday === null) return { hour, weekday, timeZone: null };
  const timeZone = fields.get("timeZone") ?? before.timeZone ?? "UTC";
  if (!isZone(timeZone)) return { wrong: "There is no such time zone.", field: "timeZone" };
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
  if (text === "") return null;
  // A page that was opened in a pause and is sent after it says nothing new.
  if (text === today || (text === before && text < today)) return null;
  const days = (Date.parse(text) - Date.parse(today)) / 86_400_000;
  return calendarDate(text) === text && days > 0 && days <= PAUSE_DAYS_MAX ? text : "wrong";
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

/** Returns the choice of an hour and its zone, and of a pause where there may be one. */
export function clockFields(
  chosen: Clock & Pick<Preferences, "pausedUntil">,
  offer: Offer,
  guessed: string | null,
  pause: { readonly today: string; readonly wrong: Wrong | null } | null = null,
): Markup {
  const zone = chosen.timeZone ?? guessed ?? offer.timeZone;
  const isGuess = chosen.timeZone === null && guessed !== null;
  return html`<fieldset>
    <legend>${CHOICE_LABELS.clock}</legend>
    <label for="hour">Not before</label>
    <select id="hour" name="hour">
      <option value="" ${chosen.hour === null ? "selected" : ""}>As soon as it is out</option>
      ${HOURS.map(
        (hour) =>
          html`<option value="${hour}" ${chosen.hour === hour ? "selected" : ""}>
            ${String(hour).padStart(2, "0")}:00
          </option>`,
      )}
    </select>
    <label for="zone">Your time zone</label>
    <select id="zone" name="timeZone" aria-describedby="zone-hint">
      ${zoneOptions(zone)}
    </select>
    <p class="hint" id="zone-hint">
      ${isGuess ? "Guessed from the language of your browser. " : ""}It counts only with an
      hour${offer.cadences.includes("weekly") && " or a day"}.
    </p>
    ${weekdayField(chosen, offer)} ${pause && pauseField(chosen, pause.today, pause.wrong)}
  </fieldset>`;
}

/** The days of the week, the first of them 1. */
export const WEEKDAYS = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday",
];

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

/** Returns the choice between the letter's two forms, and of the language of its frame. */
export function formatField(
  { textOnly, language }: Pick<Preferences, "textOnly" | "language">,
  offer: Offer,
): Markup {
  const chosen = textOnly ? "text" : "html";
  return html`<fieldset>
    <legend>${CHOICE_LABELS.form}</legend>
    ${radio("format", "html", "As a page, with headings and links", chosen)}
    ${radio("format", "text", "As plain text", chosen)}
    <label for="language">${CHOICE_LABELS.language}</label>
    <select id="language" name="language" aria-describedby="language-hint">
      <option value="" ${language === null ? "selected" : ""}>
        As the newsletter has it: ${LANGUAGES[offer.language]}
      </option>
      ${LANGUAGE_TAGS.map(
        (tag) =>
          html`<option value="${tag}" lang="${tag}" ${tag === language ? "selected" : ""}>
            ${LANGUAGES[tag]}
          </option>`,
      )}
    </select>
    <p class="hint" id="language-hint">
      For the editions. Papers keep their own language, and letters such as a confirmation are in
      English.
    </p>
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

function pauseField(
  chosen: Pick<Preferences, "pausedUntil">,
  today: string,
  wrong: Wrong | null,
): Markup {
  const mistake = wrong?.field === "pause" ? wrong : null;
  return html`<label for="pause">Pause until</label>
    ${mistake && html`<p class="problem" id="pause-problem">${mistake.wrong}</p>`}
    <input
      id="pause"
      type="date"
      name="pause"
      value="${mistake?.text ?? pauseEnd(chosen, today) ?? ""}"
      min="${today}"
      aria-describedby="${mistake ? "pause-problem " : ""}pause-hint"
      ${mistake ? html`aria-invalid="true" autofocus` : ""}
    />
    <p class="hint" id="pause-hint">
      No letter comes before this date. Leave it empty for no pause.
    </p>`;
}

function radio(name: string, value: string, label: string, chosen: string): Markup {
  return html`<label
    ><input type="radio" name="${name}" value="${value}" ${value === chosen ? "checked" : ""} />
    ${label}</label
  >`;
}
