/**
 * The words of this room. A *sighting* is one source mentioning one paper, with what it says and
 * the readings it shows. A *paper* is the work itself, merged from its sightings. A *signal* is a
 * measured reason for attention; a *reading* is a signal's value at a time.
 */
import { arxivId, titleId, titleKey, type CalendarDate } from "./text.ts";

/** How a paper is named to people and in JSON: its arXiv id, else a name made from its title. */
export type PaperId = string & { readonly __brand: "PaperId" };

/** A paper's row in the corpus; stays when an identifier is found later. */
export type PaperKey = number & { readonly __brand: "PaperKey" };

/** `position` is the place on the list of a paper's day, 1 for the first; `listSize` how long that is. */
export const SIGNALS = ["votes", "comments", "stars", "position", "listSize"] as const;
export type Signal = (typeof SIGNALS)[number];
/** The latest known value of each signal; absent where no source has shown one. */
export type Signals = Readonly<Partial<Record<Signal, number>>>;

/** By how much a signal's latest reading differs from the one before it, and when that was taken. */
export interface Change {
  readonly by: number;
  /** ISO 8601 in UTC. */
  readonly since: string;
}
/** What each signal's latest reading changed; absent where there is no earlier one to compare. */
export type Changes = Readonly<Partial<Record<Signal, Change>>>;

/** Links that a letter offers, all http(s). */
export interface Links {
  readonly abstract?: string;
  readonly pdf?: string;
  readonly code?: string;
  readonly project?: string;
  readonly discussion?: string;
}

/** A short account of a paper, and whose words it is in ("Hugging Face AI"). */
export interface Summary {
  readonly text: string;
  readonly by: string;
}

/** What a source can say of a paper. Null or empty where it says nothing. */
export interface PaperFacts {
  readonly arxivId: string | null;
  readonly title: string;
  readonly abstract: string | null;
  readonly summary: Summary | null;
  /** Names as the source orders them; may be fewer than `authorCount`. */
  readonly authors: readonly string[];
  readonly authorCount: number | null;
  readonly organization: string | null;
  readonly publishedOn: CalendarDate | null;
  readonly announcedOn: CalendarDate | null;
  readonly listedOn: CalendarDate | null;
  /** The source's own classes, such as "cs.CL". */
  readonly categories: readonly string[];
  /** What it is about, in the source's words. */
  readonly keywords: readonly string[];
  /** The https address of a picture. */
  readonly thumbnail: string | null;
  readonly links: Links;
}

export interface Sighting {
  readonly source: string;
  /** When the source was read, ISO 8601 in UTC. */
  readonly observedAt: string;
  readonly facts: PaperFacts;
  readonly readings: Signals;
}

export interface Paper extends PaperFacts {
  readonly key: PaperKey;
  readonly id: PaperId;
  /** The day that windows go by: listed, else announced, else published. */
  readonly day: CalendarDate | null;
}

/** A signal's value at a time. */
export interface Reading {
  readonly signal: Signal;
  readonly source: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly value: number;
}

/** A paper with its readings, as a ranking wants it. */
export interface Candidate {
  readonly paper: Paper;
  readonly signals: Signals;
  readonly changes: Changes;
  /**
   * In time order, of each signal and source: the first reading, the last on the paper's own day, and
   * the last two.
   */
  readonly trail: readonly Reading[];
}

/** Facts about nothing yet; sources fill in what they know. */
export const NO_FACTS: PaperFacts = {
  arxivId: null,
  title: "",
  abstract: null,
  summary: null,
  authors: [],
  authorCount: null,
  organization: null,
  publishedOn: null,
  announcedOn: null,
  listedOn: null,
  categories: [],
  keywords: [],
  thumbnail: null,
  links: {},
};

/** Returns facts that were stored as JSON, also by a version that knew fewer of them. */
export function storedFacts(text: string): PaperFacts {
  return { ...NO_FACTS, ...(JSON.parse(text) as Partial<PaperFacts>) };
}

/** Returns a paper that was stored as JSON, also by a version that knew less of it. */
export function storedPaper(text: string): Paper {
  return { ...NO_FACTS, ...(JSON.parse(text) as Paper) };
}

/** Returns the name of the paper that `facts` describe. */
export function paperId(facts: PaperFacts): PaperId {
  return (facts.arxivId ?? titleId(titleKey(facts.title))) as PaperId;
}

/** Returns the day that windows go by. */
export function dayOf(facts: PaperFacts): CalendarDate | null {
  return facts.listedOn ?? facts.announcedOn ?? facts.publishedOn;
}

/**
 * Returns what is known of a paper from all its sightings: the latest one that says something wins,
 * field by field, and the earliest listing counts. The order of `sightings` does not matter.
 */
export function mergeSightings(
  sightings: readonly Pick<Sighting, "source" | "observedAt" | "facts">[],
): PaperFacts {
  const inOrder = sightings.toSorted(
    (a, b) =>
      compare(a.observedAt, b.observedAt) ||
      compare(a.source, b.source) ||
      compare(JSON.stringify(a.facts), JSON.stringify(b.facts)),
  );
  let merged = NO_FACTS;
  for (const { facts } of inOrder) {
    merged = {
      arxivId: merged.arxivId ?? facts.arxivId,
      title: facts.title || merged.title,
      abstract: facts.abstract ?? merged.abstract,
      summary: facts.summary ?? merged.summary,
      authors: facts.authors.length > 0 ? facts.authors : merged.authors,
      authorCount: facts.authorCount ?? merged.authorCount,
      organization: facts.organization ?? merged.organization,
      publishedOn: facts.publishedOn ?? merged.publishedOn,
      announcedOn: facts.announcedOn ?? merged.announcedOn,
      listedOn: earliest(merged.listedOn, facts.listedOn),
      categories: facts.categories.length > 0 ? facts.categories : merged.categories,
      keywords: facts.keywords.length > 0 ? facts.keywords : merged.keywords,
      thumbnail: facts.thumbnail ?? merged.thumbnail,
      links: { ...merged.links, ...facts.links },
    };
  }
  return { ...merged, links: { ...arxivLinks(merged.arxivId), ...merged.links } };
}

/** Returns the pages that every arXiv paper has. */
function arxivLinks(id: string | null): Links {
  if (!id || arxivId(id) !== id) return {};
  return { abstract: `https://arxiv.org/abs/${id}`, pdf: `https://arxiv.org/pdf/${id}` };
}

function earliest(a: CalendarDate | null, b: CalendarDate | null): CalendarDate | null {
  if (!a || !b) return a ?? b;
  return a < b ? a : b;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
