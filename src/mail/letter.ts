/**
 * The letter: an edition as one subscriber gets it. *Set* turns an edition into HTML and text once;
 * *print* puts one reader's links into what was set, which costs a splice and not a rendering.
 */
import { counted } from "../io/plural.ts";
import type { Templates } from "../io/template.ts";
import { isPublished, leadEntries, type Draft, type Entry } from "../editions/edition.ts";
import { periodTitle, shortDate } from "../editions/period.ts";
import { latexText, readLatex } from "../papers/latex/reader.ts";
import { notationHtml, notationText } from "../papers/notation.ts";
import type { Paper } from "../papers/paper.ts";
import type { Parts } from "./message.ts";
import { block, endOfBlocks, fillSlots, slot } from "./mime.ts";
import { summaryOf } from "./summaries.ts";

/** What the newsletter says of itself in every letter. */
export interface Masthead {
  readonly name: string;
  readonly tagline: string;
  readonly accent: string;
  readonly postalAddress: string;
  readonly contact: string;
  /** Where the pages are, without a slash at the end. */
  readonly siteUrl: string;
  /** How many papers a full letter leads with. */
  readonly entries: number;
}

/** An edition, set: ready to be printed for any reader. */
export interface SetLetter extends Parts {
  readonly html: string;
  /** The same without links to leave or change: for one-off letters and the preview. */
  readonly unaddressed: Parts;
}

/** What differs from reader to reader. */
export interface ReaderLinks {
  readonly address: string;
  readonly unsubscribeUrl: string;
  readonly preferencesUrl: string;
}

/** Places for a reader's own values. HTML has places of its own, since there values are escaped. */
const TEXT_SLOTS = slotsNamed("address", "unsubscribe", "preferences");
const HTML_SLOTS = slotsNamed("htmlAddress", "htmlUnsubscribe", "htmlPreferences");

const SUBJECT_MAX = 60;
const PREHEADER_MAX = 90;
/** Words a minute of a reader who skims prose. */
const READING_SPEED = 230;

/** Sets `draft`. Throws TEMPLATE_BROKEN. */
export async function setLetter(
  draft: Draft,
  masthead: Masthead,
  templates: Templates,
): Promise<SetLetter> {
  const view = letterView(draft, masthead);
  const unaddressed = { ...view, footer: oneOffFooter(masthead) };
  const entries = leadEntries(draft).map((entry, index) => ({
    ...view.entries[index],
    begin: block(blockName(entry)),
  }));
  const addressed = (slots: ReaderLinks) => ({
    ...view,
    entries,
    entriesEnd: endOfBlocks(),
    footer: subscriberFooter(masthead, slots),
  });
  return {
    subject: view.subject,
    html: await templates.html("letter", addressed(HTML_SLOTS)),
    text: templates.text("letter", addressed(TEXT_SLOTS)),
    unaddressed: {
      subject: view.subject,
      html: await templates.html("letter", unaddressed),
      text: templates.text("letter", unaddressed),
    },
  };
}

/** Returns the name under which a letter holds an entry, for a reader's own choice of them. */
export function blockName({ paper }: Entry): string {
  return String(paper.key);
}

/** Returns the letter with one reader's values in place. */
export function printLetter(letter: SetLetter, reader: ReaderLinks, textOnly: boolean): Parts {
  const values = slotValues(reader);
  const fill = (text: string) => fillSlots(text, values);
  return {
    subject: letter.subject,
    text: fill(letter.text),
    html: textOnly ? null : fill(letter.html),
  };
}

/** Returns what goes into each slot of a letter for one reader. */
export function slotValues(reader: ReaderLinks): Readonly<Record<string, string>> {
  return {
    address: reader.address,
    unsubscribe: reader.unsubscribeUrl,
    preferences: reader.preferencesUrl,
    htmlAddress: escapeHtml(reader.address),
    htmlUnsubscribe: escapeHtml(reader.unsubscribeUrl),
    htmlPreferences: escapeHtml(reader.preferencesUrl),
  };
}

function slotsNamed(address: string, unsubscribe: string, preferences: string): ReaderLinks {
  return {
    address: slot(address),
    unsubscribeUrl: slot(unsubscribe),
    preferencesUrl: slot(preferences),
  };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Returns all that a template or page may show of an edition; every field is always there. */
export function letterView(draft: Draft, masthead: Masthead) {
  const entries = leadEntries(draft).map(entryView);
  const title = periodTitle(draft.cadence, draft.period);
  const cadence = draft.cadence[0]?.toUpperCase() + draft.cadence.slice(1);
  return {
    lang: "en",
    dir: "ltr",
    rtl: false,
    newsletter: {
      name: masthead.name,
      tagline: masthead.tagline,
      accent: masthead.accent,
      accentDark: lighten(masthead.accent),
      postalAddress: masthead.postalAddress,
      url: `${masthead.siteUrl}/`,
    },
    edition: {
      title,
      label: isPublished(draft)
        ? `${cadence} edition no. ${draft.number}`
        : `${cadence} edition, not published yet`,
      url: editionUrl(masthead.siteUrl, draft),
    },
    subject: subjectOf(
      entries.map((entry) => entry.title),
      `${masthead.name}, ${title}`,
    ),
    preheader: preheaderOf(entries.map((entry) => entry.title)),
    summaryLine: `${counted(entries.length, "paper")}, ${counted(minutes(entries), "minute")}`,
    note: noteOf(draft, entries.length, masthead.entries, title),
    entries,
    entriesEnd: "",
  };
}

/** Returns the address of an edition's page. */
export function editionUrl(
  siteUrl: string,
  { cadence, period }: Pick<Draft, "cadence" | "period">,
): string {
  return `${siteUrl}/archive/${cadence}/${period}`;
}

function subscriberFooter({ name, contact }: Masthead, slots: ReaderLinks) {
  return {
    why: `You get this letter because ${slots.address} subscribed to ${name}.`,
    unsubscribeUrl: slots.unsubscribeUrl,
    preferencesUrl: slots.preferencesUrl,
    contact,
  };
}

function oneOffFooter({ name, contact }: Masthead) {
  return {
    why: `Somebody who runs ${name} sent you this one letter. You are not subscribed and nothing more follows.`,
    unsubscribeUrl: "",
    preferencesUrl: "",
    contact,
  };
}

function entryView(entry: Entry) {
  const { paper, rank, reason, signals, written } = entry;
  const title = readLatex(paper.title);
  const summary = summaryOf(paper, written);
  return {
    rank,
    title: notationText(title),
    titleHtml: notationHtml(title),
    url: paper.links.abstract ?? paper.links.discussion ?? paper.links.project ?? "",
    dir: "auto",
    byline: latexText(bylineOf(paper)),
    organization: latexText(paper.organization ?? ""),
    date: paper.publishedOn ? shortDate(paper.publishedOn) : "",
    reason,
    summary: notationText(summary.text),
    summaryHtml: notationHtml(summary.text),
    summaryNote: summary.note,
    links: linksOf(paper, notationText(title), signals.stars),
    /** Where a letter to subscribers has a block of its own for each entry. */
    begin: "",
  };
}

/** Returns "A, B and 12 others", or "5 authors" where no name is known. */
export function bylineOf({ authors, authorCount }: Pick<Paper, "authors" | "authorCount">): string {
  const total = Math.max(authorCount ?? 0, authors.length);
  const [first, second, third] = authors;
  if (!first) return total ? counted(total, "author") : "";
  if (total === 1) return first;
  if (!second) return `${first} and ${counted(total - 1, "other")}`;
  if (total === 2) return `${first} and ${second}`;
  if (total === 3 && third) return `${first}, ${second} and ${third}`;
  return `${first}, ${second} and ${counted(total - 2, "other")}`;
}

function linksOf(paper: Paper, title: string, stars: number | undefined) {
  const { pdf, code, project, discussion } = paper.links;
  const known = [
    { label: "PDF", url: pdf },
    { label: stars ? `Code (${counted(stars, "star")})` : "Code", url: code },
    { label: "Project", url: project },
    { label: "Discussion", url: discussion },
  ];
  return known.flatMap(({ label, url }) =>
    url ? [{ label, url, name: `${label}: ${title}` }] : [],
  );
}

/** The news first: the leading title, cut at a word, and how many more there are. */
function subjectOf(titles: readonly string[], fallback: string): string {
  const [first] = titles;
  if (!first) return fallback;
  const more = titles.length > 1 ? ` and ${titles.length - 1} more` : "";
  return `${shorten(first, SUBJECT_MAX - more.length)}${more}`;
}

/** What the subject does not say: the next titles. */
function preheaderOf(titles: readonly string[]): string {
  const [, second, third] = titles;
  if (!second) return "";
  return `Also: ${shorten([second, third].filter(Boolean).join(" · "), PREHEADER_MAX)}`;
}

function noteOf(draft: Draft, leads: number, full: number, title: string): string {
  if (leads >= full) return "";
  const day =
    draft.cadence === "daily" ? (title.split(",")[0] ?? "day") : draft.cadence.replace("ly", "");
  return `A quiet ${day}: ${counted(leads, "paper")}.`;
}

function minutes(entries: readonly { title: string; summary: string }[]): number {
  const words = entries
    .flatMap(({ title, summary }) => `${title} ${summary}`.split(/\s+/))
    .filter(Boolean).length;
  return Math.max(1, Math.round(words / READING_SPEED));
}

/** Cuts at a word where one ends in the second half, and never inside a character. */
function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text
    .slice(0, max - 1)
    .toWellFormed()
    .replace(/\ufffd$/, "");
  const space = cut.lastIndexOf(" ");
  return `${(space > max / 2 ? cut.slice(0, space) : cut).replace(/[\s,:;.·–—-]+$/, "")}…`;
}

/** Returns a colour mixed with more than its half of white: readable on dark mode's dark ground. */
function lighten(hex: string): string {
  const channels = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `#${channels
    .map((channel) =>
      Math.round(channel * 0.4 + 255 * 0.6)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}
