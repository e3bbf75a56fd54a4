/**
 * The words of this room. A *sighting* is one source mentioning one paper, with what it says and
 * the readings it shows. A *paper* is the work itself, merged from its sightings. A *signal* is a
 * measured reason for attention; a *reading* is a signal's value at a time.
 */
import { titleId, titleKey, type CalendarDate } from "./text.ts";

/** How a paper is named to people and in JSON: its arXiv id, else a name made from its title. */
export type PaperId = string & { readonly __brand: "PaperId" };

/** A paper's row in the corpus; stays when an identifier is found later. */
export type PaperKey = number & { readonly __brand: "PaperKey" };

/** `position` is the place on the list of a paper's day, 1 for the first; `listSize` how long that is. */
export const SIGNALS = ["votes", "comments", "stars", "citations", "position", "listSize"] as const;
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
  /** In lower case; never the one that arXiv gives a preprint, which is its arXiv id. */
  readonly doi: string | null;
  /** Further DOIs of the work, such as that of the preprint beside the article's. */
  readonly sameAs: readonly string[];
  readonly openReviewId: string | null;
  /** Which version of the preprint is the latest. */
  readonly version: number | null;
  /** Whether its authors or its server have taken it back. */
  readonly withdrawn: boolean | null;
  readonly title: string;
  readonly abstract: string | null;
  readonly summary: Summary | null;
  /** The summary of a service that sums up everything; it stands in where there is no other. */
  readonly tldr: Summary | null;
  /** What the authors say beside it: pages, where it appears. */
  readonly comment: string | null;
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
  /** Fields of study, as a service tells them of any paper. */
  readonly fields: readonly string[];
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
  doi: null,
  sameAs: [],
  openReviewId: null,
  version: null,
  withdrawn: null,
  title: "",
  abstract: null,
  summary: null,
  tldr: null,
  comment: null,
  authors: [],
  authorCount: null,
  organization: null,
  publishedOn: null,
  announcedOn: null,
  listedOn: null,
  categories: [],
  keywords: [],
  fields: [],
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

/** Whether a paper was taken back: such are left out wherever papers are offered. */
export function isWithdrawn({ withdrawn }: Pick<PaperFacts, "withdrawn">): boolean {
  return withdrawn === true;
}

/** Returns the name of the paper that `facts` describe. */
export function paperId(facts: PaperFacts): PaperId {
  return (facts.arxivId ?? titleId(titleKey(facts.title))) as PaperId;
}

/** Returns the day that windows go by. */
export function dayOf(facts: PaperFacts): CalendarDate | null {
  return facts.listedOn ?? facts.announcedOn ?? facts.publishedOn;
}
