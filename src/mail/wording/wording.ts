/** What the frame of a letter says, in one language: everything that is not of a paper or its edition. */
import { Temporal } from "temporal-polyfill";
import type { Why } from "../../editions/choice.ts";
import type { Cadence, Days } from "../../editions/period.ts";
import type { Language } from "../../config/language.ts";
import type { CalendarDate } from "../../papers/text.ts";

/** What letters count. */
export type Noun = "paper" | "minute" | "vote" | "comment" | "star" | "author" | "other";

/** Words that templates show as they stand. */
export interface Fixed {
  readonly readOnWeb: string;
  readonly why: string;
  readonly moreLikeThis: string;
  readonly less: string;
  readonly save: string;
  readonly paper: string;
  readonly unsubscribe: string;
  readonly change: string;
  readonly allEditions: string;
}

/** What a letter leaves out to fit a mail. */
export interface Shortened {
  readonly isShort: boolean;
  /** The numbers of the first and last paper of which there is the title alone; null: of none. */
  readonly titles: readonly [number, number] | null;
  readonly noRunnersUp: boolean;
  readonly onWebOnly: number;
}

export interface Wording {
  readonly language: Language;
  readonly dir: "ltr" | "rtl";
  readonly fixed: Fixed;

  /** Returns "3 papers". */
  counted(value: number, noun: Noun): string;
  /** Returns items in a row: "A, B and C". */
  listed(items: readonly string[]): string;
  /** Returns how much there is to read: "3 papers, 2 minutes". */
  length(papers: string, minutes: string): string;

  /** Returns "15 Apr 2026". */
  shortDate(date: CalendarDate): string;
  /** Returns "15 Apr". */
  dayOfMonth(date: CalendarDate): string;

  /** Returns when the papers of an edition are from: "Wednesday, 15 April 2026". */
  dateline(cadence: Cadence, days: Days): string;
  /** What stands behind that where an edition holds the best of the week before as well. */
  readonly andWeekBefore: string;
  /** Returns "Daily edition no. 3"; null: not published yet. */
  label(cadence: Cadence, number: string | null): string;
  /** The heading of what follows the leading papers. */
  readonly tailTitle: Readonly<Record<Cadence, string>>;
  /** Returns what stands behind the first title in a subject: " and 11 more this week". */
  more(count: number, cadence: Cadence, days: Days): string;
  /** What stands before the next titles, beside the subject. */
  readonly also: string;
  /** Returns "A quiet Monday: 3 papers." */
  quiet(cadence: Cadence, days: Days, papers: string): string;
  readonly ofDaysBefore: string;
  /** Where nothing is to be said, and where nothing reached the bar. */
  readonly empty: string;
  readonly belowBar: string;
  /** Returns what was given up to fit a mail; "" for a letter that is whole. */
  cut(shortened: Shortened): string;

  /** Returns "up 21 since 06:00"; "" for no time leaves that out. */
  moved(by: number, since: string): string;
  /** Returns the name of the link to the code: "Code (120 stars)". */
  code(stars: string): string;
  readonly project: string;
  readonly discussion: string;
  pictureOf(title: string): string;
  /** Who wrote a summary. */
  writtenBy(model: string): string;
  summaryBy(source: string): string;
  readonly extract: string;
  readonly fromAbstract: string;

  /** Returns why one reader gets a paper: "You follow Ada Lovelace." */
  own(kind: Why["kind"], what: string): string;
  /** Returns how a letter was chosen, where anything of its reader's own is in it. */
  chosen(followed: number, liked: number): string;
  /** Returns when a paper led that a reader missed during a pause. */
  away(date: string): string;
  /** Returns what a letter says that holds such papers: "2 papers". */
  caughtUp(papers: string): string;
  /** What is said where nothing of an edition is left for its reader. */
  readonly allMuted: string;
  readonly noneLeft: string;

  /** Returns why a subscriber gets the letter. */
  subscribed(address: string, newsletter: string): string;
  /** Returns why somebody gets it who is no subscriber. */
  oneOff(newsletter: string): string;
  questions(contact: string): string;
}

/** A noun by how many there are (CLDR plural rules). `none` stands for no number at all. */
export type Forms = Partial<Record<Intl.LDMLPluralRule | "none", string>> & {
  readonly other: string;
};

/** Returns what a language does with numbers, rows and dates, as its `locale` writes them. */
export function conventionsOf(locale: string, nouns: Readonly<Record<Noun, Forms>>) {
  const rules = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  const rows = new Intl.ListFormat(locale, { type: "conjunction" });
  const dates = {
    day: dateFormat(locale, { weekday: "long", day: "numeric", month: "long", year: "numeric" }),
    weekday: dateFormat(locale, { weekday: "long" }),
    month: dateFormat(locale, { month: "long" }),
    monthOfYear: dateFormat(locale, { month: "long", year: "numeric" }),
    shortDate: dateFormat(locale, { day: "numeric", month: "short", year: "numeric" }),
    dayOfMonth: dateFormat(locale, { day: "numeric", month: "short" }),
  };
  const spans = new Intl.DateTimeFormat(locale, {
    timeZone: "UTC",
    day: "numeric",
    month: "long",
    year: "numeric",
  });
  const number = (value: number) => numbers.format(value);
  const counted = (value: number, noun: Noun) => {
    const forms = nouns[noun];
    const form = value === 0 ? forms.none : forms[rules.select(value)];
    return (form ?? forms.other).replace("#", number(value));
  };
  return {
    ...dates,
    number,
    counted,
    /** "+21", or "−2". */
    signed: (value: number) => `${value > 0 ? "+" : "−"}${number(Math.abs(value))}`,
    // A mail program may have no thin space.
    span: ({ first, last }: Days) =>
      spans.formatRange(instantOf(first), instantOf(last)).replaceAll("\u2009", " "),
    /** What is in a wording as the language has it. */
    shared: {
      counted,
      listed: (items: readonly string[]) => rows.format(items),
      shortDate: dates.shortDate,
      dayOfMonth: dates.dayOfMonth,
    },
  };
}

/** Returns those parts in a row that there are. */
export function joined(separator: string, parts: readonly (string | false | null)[]): string {
  return parts.filter(Boolean).join(separator);
}

function dateFormat(locale: string, parts: Intl.DateTimeFormatOptions) {
  // Dates of the calendar: read and written in one zone.
  const format = new Intl.DateTimeFormat(locale, { ...parts, timeZone: "UTC" });
  return (date: CalendarDate) => format.format(instantOf(date));
}

function instantOf(date: CalendarDate): Date {
  return new Date(Temporal.PlainDate.from(date).toZonedDateTime("UTC").epochMilliseconds);
}
