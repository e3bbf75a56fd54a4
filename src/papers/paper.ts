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

export const SIGNALS = ["votes", "comments", "stars", "citations"] as const;
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

/** A paper with the latest readings, as a ranking wants it. */
export interface Candidate {
  readonly paper: Paper;
  readonly signals: Signals;
  readonly changes: Changes;
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

/** Returns the name of the paper that `facts` describe. */
export function paperId(facts: PaperFacts): PaperId {
  return (facts.arxivId ?? titleId(titleKey(facts.title))) as PaperId;
}

/** Returns the day that windows go by. */
export function dayOf(facts: PaperFacts): CalendarDate | null {
  return facts.listedOn ?? facts.announcedOn ?? facts.publishedOn;
}

type Told = Pick<Sighting, "source" | "observedAt" | "facts">;
type Field = keyof PaperFacts;

/**
 * Which of several sightings counts, field by field: the `latest` that says something, the `first` that
 * does, or the one with the `earliest` day, so that a paper does not return when it is listed again.
 */
const COUNTS: Readonly<Record<Field, "latest" | "first" | "earliest">> = {
  arxivId: "first",
  // A preprint's comes before that of the article.
  doi: "latest",
  sameAs: "latest",
  openReviewId: "first",
  version: "latest",
  withdrawn: "latest",
  title: "latest",
  abstract: "latest",
  summary: "latest",
  tldr: "latest",
  comment: "latest",
  authors: "latest",
  authorCount: "latest",
  organization: "latest",
  publishedOn: "latest",
  announcedOn: "earliest",
  listedOn: "earliest",
  categories: "latest",
  keywords: "latest",
  fields: "latest",
  thumbnail: "latest",
  links: "latest",
};
const FIELDS = Object.keys(COUNTS) as Field[];

/**
 * Returns what is known of a paper from all its sightings: the latest one that says something wins,
 * field by field, and the earliest listing counts. The order of `sightings` does not matter.
 */
export function mergeSightings(sightings: readonly Told[]): PaperFacts {
  const inOrder = timeOrder(sightings);
  const merged: Record<string, unknown> = { ...NO_FACTS };
  for (const field of FIELDS) {
    const told = countingOne(inOrder, field);
    if (told) merged[field] = told.facts[field];
  }
  const facts = merged as unknown as PaperFacts;
  const links = Object.assign({}, ...inOrder.map((sighting) => sighting.facts.links)) as Links;
  return {
    ...facts,
    summary: facts.summary ?? facts.tldr,
    links: { ...arxivLinks(facts.arxivId), ...doiLink(facts.doi), ...links },
  };
}

/** Returns which source each fact of the merged paper is from; of links, that of the last to give one. */
export function provenanceOf(sightings: readonly Told[]): Readonly<Partial<Record<Field, string>>> {
  const inOrder = timeOrder(sightings);
  return Object.fromEntries(
    FIELDS.flatMap((field) => {
      const told = countingOne(inOrder, field);
      return told ? [[field, told.source]] : [];
    }),
  );
}

function timeOrder(sightings: readonly Told[]): readonly Told[] {
  if (sightings.length < 2) return sightings;
  return sightings.toSorted(
    (a, b) =>
      compare(a.observedAt, b.observedAt) ||
      compare(a.source, b.source) ||
      compare(JSON.stringify(a.facts), JSON.stringify(b.facts)),
  );
}

function countingOne(inOrder: readonly Told[], field: Field): Told | undefined {
  const says = ({ facts }: Told) => saysSomething(facts[field]);
  switch (COUNTS[field]) {
    case "latest":
      return inOrder.findLast(says);
    case "first":
      return inOrder.find(says);
    case "earliest":
      return inOrder
        .filter(says)
        .reduce<Told | undefined>(
          (best, each) =>
            best && String(best.facts[field]) <= String(each.facts[field]) ? best : each,
          undefined,
        );
  }
}

function saysSomething(value: PaperFacts[Field]): boolean {
  if (value === null || value === "") return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

function doiLink(doi: string | null): Links {
  return doi === null ? {} : { abstract: `https://doi.org/${encodeURI(doi)}` };
}

/** Returns the pages that every arXiv paper has. */
function arxivLinks(id: string | null): Links {
  if (!id || arxivId(id) !== id) return {};
  return { abstract: `https://arxiv.org/abs/${id}`, pdf: `https://arxiv.org/pdf/${id}` };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
