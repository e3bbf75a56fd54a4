/** What a letter or page shows of one entry, in words, and how short it may be made. */
import { Temporal } from "temporal-polyfill";
import type { Entry } from "../editions/edition.ts";
import { localDate } from "../editions/period.ts";
import { wrap } from "../io/template.ts";
import { latexText, readLatex } from "../papers/latex/reader.ts";
import { beginningWithin } from "../papers/extract.ts";
import { beginningOf, notationHtml, notationText, wordsOf } from "../papers/notation.ts";
import type { Notation } from "../papers/notation.ts";
import type { Paper } from "../papers/paper.ts";
import { COUNTS, type Count } from "../papers/readings.ts";
import { topicsOf } from "../papers/topics.ts";
import type { CalendarDate } from "../papers/text.ts";
import { isolatedIn, shorten } from "./headline.ts";
import { summaryOf } from "./summaries.ts";
import { ENGLISH } from "./wording.ts";
import type { Noun, Wording } from "./wording/wording.ts";

/** All there is to say; title and votes; or the title alone, without any notation. */
export type EntrySize = "full" | "brief" | "bare";

export interface EntryRules {
  /** A summary of more words is cut. */
  readonly summaryWords: number;
  readonly size: EntrySize;
  readonly thumbnails: boolean;
  /** Whose clock tells since when votes have changed, and the day that needs no date. */
  readonly timeZone: string;
  readonly today: CalendarDate;
  readonly wording: Wording;
}

export type EntryView = ReturnType<typeof entryView>;

/** The longest true titles have some 250 characters; what is longer is noise. */
const TITLE_MAX: Readonly<Record<EntrySize, number>> = { full: 300, brief: 120, bare: 80 };
/** Longer addresses are not worth the room that they take in every letter. */
const URL_MAX = 250;
const NAME_MAX = 80;
const TOPICS_MAX = 3;
/** Pictures of papers are made for 1200 by 630; the frame keeps a letter still while one loads. */
const THUMBNAIL = { width: 240, height: 126 };

const NOUNS: Readonly<Record<Count, Noun>> = { votes: "vote", comments: "comment", stars: "star" };

/** Returns all that a template may show of an entry; every field is always there. */
export function entryView(entry: Entry, rules: EntryRules) {
  const { paper, rank, signals } = entry;
  const { wording } = rules;
  const brief = rules.size !== "full";
  const title = titleOf(paper, rules.size);
  const summary = summaryOf(paper, entry.written, wording);
  const text = brief ? [] : beginningWithin(summary.text, rules.summaryWords);
  const told = tellers(entry, rules);
  const byline = latexText(bylineOf(paper, wording));
  const organization = shorten(latexText(paper.organization ?? ""), NAME_MAX);
  const date = paper.publishedOn ? wording.shortDate(paper.publishedOn) : "";
  const name = nameOf(entry, notationText(title), wording);
  return {
    /** What a pause kept from its reader has none: it is of no place in this edition. */
    rank: isMissed(entry) ? "" : rank,
    /** By which links tell one paper from another: "paper 3". */
    name,
    brief,
    title: notationText(title),
    titleHtml: notationHtml(title),
    url: addressOf(paper),
    dir: "auto",
    byline,
    organization,
    date,
    /** Who wrote it, where, and when: on one line, but each may be of a script of its own. */
    about: [byline, organization, date].filter(Boolean),
    topics: topicsOf(paper)
      .slice(0, TOPICS_MAX)
      .map(({ name }) => name)
      .join(" · "),
    votes: signals.votes === undefined ? "" : wording.counted(signals.votes, "vote"),
    /** How it came in by an exception: what rose, what is new, or that few have voted for it. */
    label: labelOf(entry, wording),
    /** The language of the label, where it is not the frame's. */
    labelLang: isMissed(entry) || wording.language === "en" ? "" : "en",
    reason: isolatedIn(wording, told.reason),
    summary: notationText(text),
    summaryHtml: notationHtml(text),
    summaryNote: text.length > 0 ? summary.note : "",
    thumbnail: rules.thumbnails ? thumbnailOf(paper, notationText(title), wording) : null,
    links: linksOf(entry, told.stars, { wording, name }),
    /** Why one reader gets it, behind the reason that it has for everybody. */
    own: entry.own ?? "",
    ownLine: ownLine(entry.own ?? ""),
    /** Where a reader says what they think of it, in a letter to a subscriber. */
    opinionUrl: "",
    /** Where a letter to subscribers has a block of its own for each entry. */
    begin: "",
  };
}

function isMissed({ label }: Entry): boolean {
  return label?.kind === "missed";
}

function nameOf(entry: Entry, title: string, wording: Wording): string {
  if (!isMissed(entry)) return `${wording.fixed.paper} ${entry.rank}`;
  return isolatedIn(wording, shorten(title, TITLE_MAX.bare));
}

/** The ranking says its own in English. */
function labelOf(entry: Entry, wording: Wording): string {
  const text = entry.label?.text ?? "";
  return text === "" || isMissed(entry) ? text : isolatedIn(wording, text);
}

/** Returns the line of a text that says why one reader gets an entry; nothing for one of everybody. */
export function ownLine(why: string): string {
  return why === "" ? "" : `\n${wrap(why, 4)}`;
}

function titleOf(paper: Paper, size: EntrySize): Notation {
  const read = readLatex(paper.title);
  // Of LaTeX alone there may be nothing to read.
  const isBlank = !/[\p{L}\p{N}\p{P}\p{S}]/u.test(wordsOf(read));
  const title = isBlank ? readLatex(paper.id) : cutAt(read, TITLE_MAX[size]);
  if (size !== "bare") return title;
  return [{ text: shorten(notationText(title), TITLE_MAX.bare), place: "line", italic: false }];
}

/** Returns "A, B and 12 others", or "5 authors" where no name is known. */
export function bylineOf(
  { authors, authorCount }: Pick<Paper, "authors" | "authorCount">,
  wording: Wording,
): string {
  const total = Math.max(authorCount ?? 0, authors.length);
  const names = authors.slice(0, 3).map((name) => shorten(name, NAME_MAX));
  if (!names[0]) return total ? wording.counted(total, "author") : "";
  if (total === 1) return names[0];
  const shown = names.map((name) => isolatedIn(wording, name));
  if (shown.length === total) return wording.listed(shown);
  const first = shown.slice(0, 2);
  return wording.listed([...first, wording.counted(total - first.length, "other")]);
}

/**
 * Returns the ranking's reason with what changed since the reading before ("143 votes (up 21 since
 * 06:00)"), and the stars likewise.
 */
function tellers({ reason, signals, changes }: Entry, rules: EntryRules) {
  let told = reason;
  let stars = "";
  let since = "";
  for (const signal of COUNTS) {
    const value = signals[signal];
    if (value === undefined) continue;
    const wording = signal === "stars" ? rules.wording : ENGLISH;
    const phrase = wording.counted(value, NOUNS[signal]);
    const change = changes[signal];
    const time = change ? timeOf(change.since, rules, wording) : "";
    const moved = change?.by ? wording.moved(change.by, time === since ? "" : time) : "";
    if (signal === "stars") {
      if (value > 0) stars = [phrase, moved].filter(Boolean).join(", ");
    } else if (moved && told.includes(phrase)) {
      told = told.replace(phrase, `${phrase} (${moved})`);
      since = time;
    } else if (moved) {
      told += `; ${phrase}, ${moved}`;
      since = time;
    }
  }
  return { reason: told, stars };
}

/** Returns "06:00" of the edition's day, else "14 Apr": days before, and what was read on a date alone. */
function timeOf(since: string, { timeZone, today }: EntryRules, wording: Wording): string {
  const date = localDate(new Date(since), timeZone);
  if (date !== today || since.includes("T00:00:00.000")) return wording.dayOfMonth(date);
  return Temporal.Instant.from(since)
    .toZonedDateTimeISO(timeZone)
    .toPlainTime()
    .toString()
    .slice(0, 5);
}

function addressOf({ links }: Paper): string {
  const known = [links.abstract, links.discussion, links.project, links.pdf, links.code];
  return known.find((url) => url !== undefined && url.length <= URL_MAX) ?? "";
}

function linksOf(
  { paper }: Entry,
  stars: string,
  { wording, name }: { readonly wording: Wording; readonly name: string },
) {
  const { pdf, code, project, discussion } = paper.links;
  // One link for each target: the title leads to the first of them, and projects name their code.
  const linked = new Set([addressOf(paper)]);
  const known = [
    { label: "PDF", url: pdf },
    { label: wording.code(stars), url: code },
    { label: wording.project, url: project },
    { label: wording.discussion, url: discussion },
  ];
  return known.flatMap(({ label, url }) => {
    if (!url || linked.has(url) || url.length > URL_MAX) return [];
    linked.add(url);
    return [{ label, url, name: `${label}, ${name}` }];
  });
}

function thumbnailOf({ thumbnail }: Paper, title: string, wording: Wording) {
  if (!thumbnail?.startsWith("https://") || thumbnail.length > URL_MAX) return null;
  return { url: thumbnail, alt: wording.pictureOf(shorten(title, 60)), ...THUMBNAIL };
}

/** Cuts a notation of more characters than `max` at a word. */
function cutAt(notation: Notation, max: number): Notation {
  const words = wordsOf(notation);
  if (words.length <= max) return notation;
  return withEllipsis(beginningOf(notation, shorten(words, max).length - 1));
}

function withEllipsis(notation: Notation): Notation {
  return [...notation, { text: "…", place: "line", italic: false }];
}
