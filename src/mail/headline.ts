/** What a letter says first: the subject, the preheader beside it, and what is unusual about the day. */
import { leadEntries, type Draft } from "../editions/edition.ts";
import { daysOf } from "../editions/period.ts";
import type { Wording } from "./wording/wording.ts";

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
export function subjectOf(
  titles: readonly string[],
  papers: number,
  draft: Draft,
  wording: Wording,
): string {
  const { cadence, period } = draft;
  const [first] = titles;
  if (!first) return quietLine(draft, 0, wording).replace(/[.。]$/, "");
  const more = papers > 1 ? wording.more(papers - 1, cadence, daysOf(cadence, period)) : "";
  return `${isolatedIn(wording, shorten(first, SUBJECT_MAX - more.length))}${more}`;
}

/** Returns what the subject does not say: the next titles. */
export function preheaderOf(titles: readonly string[], wording: Wording): string {
  const [, second, third] = titles;
  if (!second) return "";
  const { also } = wording;
  const room = PREHEADER_MAX - also.length;
  const shown = (title: string) => isolatedIn(wording, title);
  if (!third) return also + shown(shorten(second, room));
  const both = room - " · ".length;
  // What the shorter title leaves over is the longer one's.
  const left = shorten(second, both - Math.min(third.length, both / 2));
  return `${also}${shown(left)} · ${shown(shorten(third, both - left.length))}`;
}

/** Keeps a foreign text from turning the line around it, whichever way the line is written. */
export function isolatedIn({ dir }: Wording, text: string): string {
  return dir === "rtl" ? `\u2068${text}\u2069` : isolated(text);
}

/** Keeps a text that is written from right to left from turning the line around it (UAX 9, FSI). */
function isolated(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text;
}

/**
 * Returns when the papers of the edition are from, as the masthead has it: that of a letter of a reader's
 * own choice too, whatever else that says.
 */
export function datelineOf({ cadence, period, widened }: Draft, wording: Wording): string {
  const dateline = wording.dateline(cadence, daysOf(cadence, period));
  return widened ? `${dateline}${wording.andWeekBefore}` : dateline;
}

/**
 * Returns what is unusual: "A quiet Monday: 3 papers." where an edition is not full, and that a daily one
 * holds papers of other days alone.
 */
export function noteOf(draft: Draft, leads: number, full: number, wording: Wording): string {
  const ofToday = leadEntries(draft).some(({ paper }) => (paper.day ?? "") >= draft.window.upTo);
  const isOlder = draft.cadence === "daily" && leads > 0 && !ofToday;
  const older = isOlder ? wording.ofDaysBefore : "";
  return [leads < full ? quietLine(draft, leads, wording) : "", older].filter(Boolean).join(" ");
}

/** Returns why an edition has nothing to say. */
export function emptyLine({ entries }: Draft, { empty, belowBar }: Wording): string {
  return entries.length > 0 ? belowBar : empty;
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

function quietLine({ cadence, period }: Draft, papers: number, wording: Wording): string {
  return wording.quiet(cadence, daysOf(cadence, period), wording.counted(papers, "paper"));
}
