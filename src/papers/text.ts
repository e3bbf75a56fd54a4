/**
 * Turns foreign text, dates and addresses into values that the rest of the program may trust. Every
 * source passes its fields through here; past this file they hold no control or bidi characters,
 * are well-formed, bounded in length, and links lead to http(s) only.
 */
import { createHash } from "node:crypto";
import dayjs from "dayjs";
import customParseFormat from "dayjs/plugin/customParseFormat.js";
import utc from "dayjs/plugin/utc.js";

// Always dayjs.utc: in local time some days do not exist (2011-12-30 in Samoa).
dayjs.extend(utc);
dayjs.extend(customParseFormat);

/** A calendar date without a zone, as "2026-04-15". */
export type CalendarDate = string;

/**
 * C0 and C1 controls, bidi overrides and isolates (UAX 9), zero-width and BOM characters, line and
 * paragraph separators, and the tag block. Joiners U+200C and U+200D stay: Persian and Indic
 * scripts need them.
 */
const UNSAFE =
  // eslint-disable-next-line no-control-regex -- these are the characters that must go
  /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Marks on one character beyond what any script needs: a heap of them is drawn over the lines around it. */
const HEAPED_MARKS = /(\p{Mn}{5})\p{Mn}+/gu;

/** Printable ASCII, in which nothing needs to be looked at but its blanks. */
const PLAIN = /^[\x20-\x7e]*$/;

/** Returns `value` on one line: normalised to NFC, unsafe characters gone, at most `max` long. */
export function cleanText(value: unknown, max: number): string {
  if (typeof value !== "string") return "";
  // Cut before the work, so that a hostile length costs no more than a permitted one.
  const beginning = value.slice(0, max * 4);
  // Most text is plain, and need not be looked at six times.
  const isPlain = beginning.length <= max && !beginning.includes("  ") && PLAIN.test(beginning);
  if (isPlain) return beginning.trim();
  const text = beginning
    .toWellFormed()
    .replace(UNSAFE, "")
    .normalize("NFC")
    .replace(HEAPED_MARKS, "$1")
    .replace(/[\s\u2028\u2029]+/gu, " ")
    .trim();
  if (text.length <= max) return text;
  return `${text
    .slice(0, max - 1)
    .toWellFormed()
    .replace(/\ufffd$/, "")
    .trimEnd()}…`;
}

/** More keywords than any source gives a paper. */
const WORDS_MAX = 30;
const WORD_LENGTH_MAX = 80;

/** Returns a list of keywords, each cleaned and once. */
export function cleanWords(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  const words = value.slice(0, WORDS_MAX).map((word) => cleanText(word, WORD_LENGTH_MAX));
  return [...new Set(words.filter(Boolean))];
}

/** An IPv4 or IPv6 address as a URL is written with it, whatever way it was spelt before. */
const BARE_ADDRESS = /^\[|^\d+(?:\.\d+){3}$/;

/** Returns the address when it is http(s), without credentials and of sane length; else null. */
export function webLink(value: unknown): string | null {
  if (typeof value !== "string" || value.length > 2000) return null;
  const url = URL.parse(value.trim());
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) return null;
  // A paper has no page at a bare address; filters take a letter with such a link for a trick.
  return BARE_ADDRESS.test(url.hostname) ? null : url.href;
}

/** Returns the address when it is a `webLink` that is https: what a letter may show a picture from. */
export function secureLink(value: unknown): string | null {
  const link = webLink(value);
  return link?.startsWith("https:") ? link : null;
}

/** Returns the day of an ISO date or instant ("2026-04-15T…Z" as written), or null. */
export function calendarDate(value: unknown): CalendarDate | null {
  if (typeof value !== "string") return null;
  const day = /^(\d{4})-(\d{1,2})-(\d{1,2})(?=$|[T ])/.exec(value.trim());
  if (!day) return null;
  const [, year = "", month = "", date = ""] = day;
  const text = `${year}-${month.padStart(2, "0")}-${date.padStart(2, "0")}`;
  // Node takes February 30 for March 2; years before 100 are nobody's.
  const moment = new Date(`${text}T00:00:00Z`);
  const isDay = !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text);
  return isDay && !year.startsWith("00") ? text : null;
}

const INSTANT =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * Returns an instant as ISO 8601 in UTC, or null. One without a zone is in UTC, whatever the
 * machine's own, and a bare date is its first moment.
 */
export function instant(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const [, day, time = "00:00", zone = "Z"] = INSTANT.exec(value.trim()) ?? [];
  if (!calendarDate(day)) return null;
  const moment = Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(moment) ? null : new Date(moment).toISOString();
}

/** Returns a count of at least 0, or null. */
export function count(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** Returns "Mar 15, 2023", or "Mar 15" of `year`, as a calendar date, or null. */
export function namedDate(text: string, year: number): CalendarDate | null {
  const withYear = /,\s*\d{4}$/.test(text) ? text : `${text}, ${year}`;
  const date = dayjs.utc(withYear.replace(/\s+/g, " "), "MMM D, YYYY", true);
  return date.isValid() ? date.format("YYYY-MM-DD") : null;
}

/**
 * Returns the arXiv identifier in `value` without version ("2604.05072", "hep-th/9901001"), or
 * null. Both schemes: https://info.arxiv.org/help/arxiv_identifier.html
 */
export function arxivId(value: unknown): string | null {
  if (typeof value !== "string" || value.length > 200) return null;
  const bare = value
    .trim()
    .replace(/^https?:\/\/(?:[a-z]+\.)?arxiv\.org\/(?:abs|pdf|html)\//i, "")
    .replace(/^arxiv:/i, "")
    .replace(/\.pdf$/i, "")
    .replace(/v\d{1,3}$/, "");
  if (/^\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}$/.test(bare)) return bare;
  const [, archive = ""] =
    /^([a-z-]+)(?:\.[A-Z]{2})?\/\d{2}(?:0[1-9]|1[0-2])\d{3}$/.exec(bare) ?? [];
  return ARCHIVES.has(archive) ? bare : null;
}

/** All that gave ids before April 2007, by which their papers are still known. */
const ARCHIVES: ReadonlySet<string> = new Set(
  `acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas
  cond-mat cs dg-ga funct-an gr-qc hep-ex hep-lat hep-ph hep-th math math-ph mtrl-th nlin nucl-ex
  nucl-th patt-sol physics plasm-ph q-alg q-bio quant-ph solv-int supr-con`.split(/\s+/),
);

/** Returns the title with only its letters and digits, without case or accents, to compare by. */
export function titleKey(title: string): string {
  const plain = title.normalize("NFKD").toLowerCase();
  // A title of signs alone ("???") is compared as it stands, so that it too is known again.
  return plain.replace(/[^\p{L}\p{N}]+/gu, "") || plain;
}

/** Returns a short stable name for a work that has no identifier but its title. */
export function titleId(key: string): string {
  return `title-${createHash("sha256").update(key).digest("hex").slice(0, 12)}`;
}
