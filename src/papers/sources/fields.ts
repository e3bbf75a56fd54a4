/** Fields that many sources have alike, from foreign values to ours. */
import { Parser } from "htmlparser2";
import { calendarDate, cleanText, count, type CalendarDate } from "../text.ts";

/** Collaborations of physicists have some three thousand; nobody reads so many names. */
const NAMES_MAX = 200;
/** No paper has as many; the largest has some fifteen thousand. */
const AUTHORS_MAX = 100_000;
const VERSION_MAX = 999;
const CATEGORIES_MAX = 20;
/** Past it an abstract is none, and the work for it is bounded. */
const MARKUP_MAX = 60_000;

/** Returns names as a source orders them, each cleaned, the first two hundred. */
export function cleanNames(values: readonly unknown[]): string[] {
  return values
    .slice(0, NAMES_MAX)
    .map((name) => cleanText(name, 100))
    .filter(Boolean);
}

/** Returns classes such as "cs.CL", each once. */
export function cleanCategories(values: readonly unknown[]): string[] {
  const words = values.slice(0, CATEGORIES_MAX * 2).map((value) => cleanText(value, 40));
  const known = words.filter((word) => /^[\w.-]{2,30}$/.test(word));
  return [...new Set(known)].slice(0, CATEGORIES_MAX);
}

/** Elements whose text nobody is to read, and those that part words. */
const SILENT = new Set(["script", "style", "template", "noscript", "head", "title", "svg"]);
const BLOCK = /^(?:p|div|br|li|ul|ol|h[1-6]|tr|td|th|table|section|article|blockquote)$/;

/** Returns the number of a version, which some write as text; else null. */
export function versionOf(value: unknown): number | null {
  const number = count(typeof value === "string" ? Number(value) : value);
  return number !== null && number >= 1 && number <= VERSION_MAX ? number : null;
}

/** Returns how many wrote a paper, from a number or the names; null where neither tells. */
export function authorCountOf(told: unknown, names: readonly unknown[]): number | null {
  const counted = count(told) || names.length;
  return counted > 0 && counted <= AUTHORS_MAX ? counted : null;
}

/** Returns the text of what may be HTML, without markup; of what is not, the text as it is. */
export function textOfHtml(value: unknown): string {
  if (typeof value !== "string") return "";
  const markup = value.slice(0, MARKUP_MAX);
  // "a < b" is no markup: a tag begins with a letter, and an entity ends.
  if (!/<[/!]?[a-z]|&(?:#\d|#x|[a-z]+;)/i.test(markup)) return markup;
  const parts: string[] = [];
  let silent = 0;
  const parser = new Parser({
    onopentag: (name) => {
      if (SILENT.has(name)) silent++;
      if (BLOCK.test(name)) parts.push(" ");
    },
    ontext: (text) => {
      if (silent === 0) parts.push(text);
    },
    onclosetag: (name) => {
      if (SILENT.has(name)) silent = Math.max(0, silent - 1);
      if (BLOCK.test(name)) parts.push(" ");
    },
  });
  parser.end(markup);
  return parts.join("");
}

/**
 * Returns the day of a date in any of the ways that feeds write one, as written there: ISO 8601,
 * "2026-6-30", or RFC 822 ("Wed, 20 Aug 2025 00:00:00 -0400"); else null.
 */
export function dayOfDate(value: unknown): CalendarDate | null {
  const iso = calendarDate(value);
  if (iso !== null || typeof value !== "string") return iso;
  const named = /^(?:[a-z]{3,9},?\s+)?(\d{1,2})\s+([a-z]{3})[a-z]*\.?\s+(\d{4})\b/i.exec(
    value.trim(),
  );
  if (!named) return null;
  const [, day = "", name = "", year = ""] = named;
  const month = MONTHS.indexOf(name.toLowerCase()) / 3 + 1;
  return Number.isInteger(month) && month > 0 ? calendarDate(`${year}-${month}-${day}`) : null;
}

const MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";
