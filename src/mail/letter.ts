/**
 * The letter: an edition as one subscriber gets it. *Set* turns an edition into HTML and text once;
 * *print* puts one reader's links into what was set, which costs a splice and not a rendering.
 */
import type { Templates } from "../io/template.ts";
import { isPublished, leadEntries, type Draft, type Entry } from "../editions/edition.ts";
import { periodTitle } from "../editions/period.ts";
import { escapeHtml } from "./escape.ts";
import { entryView, type EntrySize, type EntryView } from "./entry-view.ts";
import { datelineOf, emptyLine, noteOf, preheaderOf, subjectOf } from "./headline.ts";
import type { Parts } from "./message.ts";
import { block, encodeBody, endOfBlocks, fillSlots, slot } from "./mime.ts";
import { ENGLISH } from "./wording.ts";
import type { Shortened, Wording } from "./wording/wording.ts";

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
  /** A paper that is expected to come to fewer votes is in no letter for its likeness alone. */
  readonly bar: number;
  /** Whose clock tells since when votes have changed. */
  readonly timeZone: string;
  /** Whether letters show pictures, which are loaded from elsewhere on opening. */
  readonly thumbnails: boolean;
  /** Whether letters ask their readers what they think of each paper. */
  readonly opinions: boolean;
}

/** Returns where the pages are as people say it, by which a letter tells where something was asked for. */
export function siteHost({ siteUrl }: Pick<Masthead, "siteUrl">): string {
  return new URL(siteUrl).host;
}

/** An edition, set: ready to be printed for any reader. */
export interface SetLetter extends Parts {
  readonly preheader: string;
  readonly html: string;
  /** The same without links to leave or change: for one-off letters and the preview. */
  readonly unaddressed: Parts;
}

/** What differs from reader to reader. */
export interface ReaderLinks {
  readonly address: string;
  readonly unsubscribeUrl: string;
  readonly preferencesUrl: string;
  /** Stands in the addresses where the reader says what they think of a paper. */
  readonly opinionToken: string;
}

/** How much of an edition a letter holds. */
export interface Fit {
  readonly summaryWords: number;
  /** Titles of runners-up. */
  readonly tail: number;
  /** Leading papers that are shown with all that there is to say. */
  readonly full: number;
  /** How the others are shown. */
  readonly title: Exclude<EntrySize, "full">;
  /** Leading papers that are shown at all; the others are on the web. */
  readonly shown: number;
}

/** Places for a reader's own values. HTML has places of its own, since there values are escaped. */
export const TEXT_SLOTS = slotsNamed("address", "unsubscribe", "preferences");
export const HTML_SLOTS = slotsNamed("htmlAddress", "htmlUnsubscribe", "htmlPreferences");

/** Words a minute of a reader who skims prose. */
const READING_SPEED = 230;

/** Gmail cuts a mail off at 102 KB. This leaves room for a reader's own values, and for theirs. */
export const HTML_BYTES_MAX = 88_000;

export const WHOLE: Fit = {
  summaryWords: 60,
  tail: 12,
  full: Infinity,
  title: "brief",
  // As many as an edition keeps.
  shown: 60,
};
const SHORT: Fit = { ...WHOLE, summaryWords: 30 };

/** What is given up for a letter that is too large, one after the other; the last always fits. */
const FITS: readonly Fit[] = [
  WHOLE,
  SHORT,
  { ...SHORT, tail: 0 },
  { ...SHORT, tail: 0, full: 20 },
  { ...SHORT, tail: 0, full: 10 },
  { ...SHORT, tail: 0, full: 5, shown: 40, summaryWords: 20 },
  { summaryWords: 0, tail: 0, full: 0, title: "bare", shown: 25 },
];

/** Sets `draft`, shortened as far as it must be to fit a mail. Throws TEMPLATE_BROKEN. */
export async function setLetter(
  draft: Draft,
  masthead: Masthead,
  templates: Templates,
  wording: Wording,
): Promise<SetLetter> {
  for (const fit of FITS) {
    const isLast = fit === FITS.at(-1);
    const view = letterView(draft, masthead, { fit, wording });
    const leads = leadEntries(draft);
    const text = templates.text(
      "letter",
      addressed({ view, leads, masthead, wording }, TEXT_SLOTS),
    );
    // HTML says the same and more, so that what is too long as text need not be tried.
    if (!isLast && encodeBody({ text, html: null }).size > HTML_BYTES_MAX) continue;
    const html = await templates.html(
      "letter",
      addressed({ view, leads, masthead, wording }, HTML_SLOTS),
    );
    if (!isLast && encodeBody({ text: "", html }).size > HTML_BYTES_MAX) continue;
    const oneOff = { ...view, footer: oneOffFooter(masthead, wording) };
    return {
      subject: view.subject,
      preheader: view.preheader,
      html,
      text,
      unaddressed: {
        subject: view.subject,
        html: await templates.html("letter", oneOff),
        text: templates.text("letter", oneOff),
      },
    };
  }
  throw new Error("A letter fits in no way.");
}

/** Returns the view with a block for each entry, and a subscriber's footer. */
export function addressed(
  {
    view,
    leads,
    masthead,
    wording,
  }: {
    readonly view: LetterView;
    readonly leads: readonly Entry[];
    readonly masthead: Masthead;
    readonly wording: Wording;
  },
  slots: ReaderLinks,
) {
  const entries = view.entries.map((entry, index) => {
    const lead = leads[index];
    if (!lead) return entry;
    const opinionUrl = masthead.opinions
      ? `${masthead.siteUrl}/opinion/${slots.opinionToken}/${lead.paper.key}`
      : "";
    return { ...entry, begin: block(blockName(lead)), opinionUrl };
  });
  const footer = subscriberFooter(masthead, wording, slots);
  return { ...view, entries, entriesEnd: endOfBlocks(), footer };
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
    opinion: reader.opinionToken,
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
    // Letters, digits and hyphens, which are the same in HTML.
    opinionToken: slot("opinion"),
  };
}

export type LetterView = ReturnType<typeof letterView>;

/** Returns all that a template or page may show of an edition; every field is always there. */
export function letterView(
  draft: Draft,
  masthead: Masthead,
  { fit = WHOLE, wording = ENGLISH }: { fit?: Fit; wording?: Wording } = {},
) {
  const { language, dir, fixed } = wording;
  const leads = leadEntries(draft);
  const viewOf = (size: EntrySize) => (entry: Entry) =>
    entryView(entry, {
      summaryWords: fit.summaryWords,
      size,
      thumbnails: masthead.thumbnails,
      timeZone: masthead.timeZone,
      today: draft.window.upTo,
      wording,
    });
  const shown = leads.slice(0, fit.shown);
  const entries = shown.map((entry, index) => viewOf(index < fit.full ? "full" : fit.title)(entry));
  const tail = draft.entries.filter(({ lead }) => !lead).slice(0, fit.tail);
  const titles = entries.map(({ title }) => title);
  return {
    lang: language,
    dir,
    rtl: dir === "rtl",
    // Names of another script begin a byline whose last words are of the language.
    namesDir: dir === "rtl" ? "rtl" : "auto",
    words: fixed,
    /** Whether the papers are of another language than the frame, as far as is known. */
    foreign: language !== "en",
    newsletter: {
      name: masthead.name,
      tagline: masthead.tagline,
      ...accentsOf(masthead),
      postalAddress: masthead.postalAddress,
      url: `${masthead.siteUrl}/`,
    },
    edition: {
      title: periodTitle(draft.cadence, draft.period),
      dateline: datelineOf(draft, wording),
      label: wording.label(draft.cadence, isPublished(draft) ? String(draft.number) : null),
      // What is not published has no page yet.
      url: isPublished(draft) ? editionUrl(masthead.siteUrl, draft) : "",
    },
    subject: subjectOf(titles, leads.length, draft, wording),
    preheader: preheaderOf(titles, wording),
    summaryLine: summaryLineOf(leads.length, entries, wording),
    note: draft.note ?? noteOf(draft, leads.length, masthead.entries, wording),
    empty: leads.length > 0 || draft.note ? "" : emptyLine(draft, wording),
    cut: wording.cut(leftOut(leads.length, draft.entries.length - leads.length, fit)),
    entries,
    entriesEnd: "",
    tail: {
      title: wording.tailTitle[draft.cadence],
      begin: "",
      entries: tail.map(viewOf("brief")),
      end: "",
    },
  };
}

function summaryLineOf(papers: number, entries: readonly EntryView[], wording: Wording): string {
  if (papers === 0) return "";
  const words = entries.reduce((sum, entry) => sum + wordsOf(entry), 0);
  return readingLine(papers, words, wording);
}

/** Returns how long a letter of so many papers takes to read. */
export function readingLine(papers: number, words: number, wording: Wording): string {
  const minutes = Math.max(1, Math.round(words / READING_SPEED));
  const { counted } = wording;
  return papers === 0 ? "" : wording.length(counted(papers, "paper"), counted(minutes, "minute"));
}

/** Returns how many words there are to read of an entry. */
export function wordsOf({ title, summary }: Pick<EntryView, "title" | "summary">): number {
  return `${title} ${summary}`.split(/\s+/).filter(Boolean).length;
}

/** Returns what a letter leaves out to fit a mail. */
function leftOut(leads: number, others: number, fit: Fit): Shortened {
  const full = Math.min(leads, fit.full);
  const shown = Math.min(leads, fit.shown);
  return {
    isShort: full > 0 && fit.summaryWords < WHOLE.summaryWords,
    titles: full < shown ? [full + 1, shown] : null,
    noRunnersUp: others > 0 && fit.tail === 0,
    onWebOnly: leads - shown,
  };
}

/** Returns the address of an edition's page. */
export function editionUrl(
  siteUrl: string,
  { cadence, period }: Pick<Draft, "cadence" | "period">,
): string {
  return `${siteUrl}/archive/${cadence}/${period}`;
}

function subscriberFooter({ name, contact }: Masthead, wording: Wording, slots: ReaderLinks) {
  return {
    why: wording.subscribed(slots.address, name),
    unsubscribeUrl: slots.unsubscribeUrl,
    preferencesUrl: slots.preferencesUrl,
    contact,
    questions: wording.questions(contact),
  };
}

function oneOffFooter({ name, contact }: Masthead, wording: Wording) {
  return {
    why: wording.oneOff(name),
    unsubscribeUrl: "",
    preferencesUrl: "",
    contact,
    questions: wording.questions(contact),
  };
}

/** Returns the newsletter's colour, as it is to be on white and on a dark ground. */
export function accentsOf({ accent }: Pick<Masthead, "accent">) {
  return { accent, accentDark: lighten(accent) };
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
