/** What a letter says first: the subject, the preheader beside it, and what is unusual about the day. */
import dayjs from "dayjs";
import utc from "dayjs/plugin/utc.js";
import type { Draft } from "../editions/edition.ts";
import { daysOf, periodTitle } from "../editions/period.ts";
import { counted } from "../io/plural.ts";

dayjs.extend(utc);

/** What programs on a phone show of a subject, and a little more. */
const SUBJECT_MAX = 50;
/** As much as programs show beside a subject. */
export const PREHEADER_MAX = 90;
/** Scripts that are written from right to left. */
const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
/** Words that promise another one, and are no end for a line. */
const DANGLING =
  /(?:[\s,:;.·–—-]|\s(?:an?|and|as|at|by|for|from|in|is|of|on|or|over|the|to|towards?|via|when|with|without|through))+$/i;

/** Returns the news: the leading title, cut at a word, and how many more papers there are. */
export function subjectOf(titles: readonly string[], papers: number, draft: Draft): string {
  const [first] = titles;
  if (!first) return quietLine(draft, 0).replace(/\.$/, "");
  const span = { daily: "", weekly: " this week", monthly: ` in ${monthOf(draft)}` }[draft.cadence];
  const more = papers > 1 ? ` and ${papers - 1} more${span}` : "";
  return `${shorten(first, SUBJECT_MAX - more.length)}${more}`;
}

/** Returns what the subject does not say: the next titles. */
export function preheaderOf(titles: readonly string[]): string {
  const [, second, third] = titles;
  if (!second) return "";
  const room = PREHEADER_MAX - "Also: ".length;
  if (!third) return `Also: ${isolated(shorten(second, room))}`;
  const both = room - " · ".length;
  // What the shorter title leaves over is the longer one's.
  const left = shorten(second, both - Math.min(third.length, both / 2));
  return `Also: ${isolated(left)} · ${isolated(shorten(third, both - left.length))}`;
}

/** Keeps a text that is written from right to left from turning the line around it (UAX 9, FSI). */
export function isolated(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text;
}

/** Returns when the papers of the edition are from, as the masthead has it. */
export function datelineOf({ cadence, period }: Draft): string {
  switch (cadence) {
    case "daily":
      return periodTitle(cadence, period);
    case "weekly":
      return `This week, ${spanOf(daysOf(cadence, period))}`;
    case "monthly":
      return `The month’s papers, ${periodTitle(cadence, period)}`;
  }
}

/** Returns "A quiet Monday: 3 papers." where an edition is not full, else nothing. */
export function noteOf(draft: Draft, leads: number, full: number): string {
  return leads < full ? quietLine(draft, leads) : "";
}

/** Returns the heading of what follows the leading papers. */
export function tailTitleOf({ cadence }: Draft): string {
  return { daily: "Also today", weekly: "Also this week", monthly: "Also this month" }[cadence];
}

/** Cuts at a word where one ends in the second half, and never inside a character. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text
    .slice(0, max - 1)
    .toWellFormed()
    .replace(/\ufffd$/, "");
  const space = cut.lastIndexOf(" ");
  return `${(space > max / 2 ? cut.slice(0, space) : cut).replace(DANGLING, "")}…`;
}

function quietLine(draft: Draft, papers: number): string {
  const when = {
    daily: periodTitle("daily", draft.period).split(",")[0] ?? "day",
    weekly: "week",
    monthly: monthOf(draft),
  }[draft.cadence];
  return `A quiet ${when}: ${counted(papers, "paper")}.`;
}

function monthOf({ cadence, period }: Draft): string {
  return dayjs.utc(daysOf(cadence, period).first).format("MMMM");
}

/** Returns "13–19 April 2026", or "30 March – 5 April 2026". */
function spanOf({ first, last }: ReturnType<typeof daysOf>): string {
  const [from, to] = [dayjs.utc(first), dayjs.utc(last)];
  const end = to.format("D MMMM YYYY");
  if (from.year() !== to.year()) return `${from.format("D MMMM YYYY")} – ${end}`;
  if (from.month() !== to.month()) return `${from.format("D MMMM")} – ${end}`;
  return `${from.format("D")}–${end}`;
}
