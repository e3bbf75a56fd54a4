/** What is known of a paper from all its sightings, fact by fact, and from whom each is. */
import { NO_FACTS, type Links, type PaperFacts, type Sighting } from "./paper.ts";
import { arxivId } from "./text.ts";

type Told = Pick<Sighting, "source" | "observedAt" | "facts">;
type Field = keyof PaperFacts;

/**
 * Which of several sightings counts, field by field: the `latest` that says something, the `first` that
 * does, or the one with the `earliest` day, so that a paper does not return when it is listed again.
 */
const WINNERS: Readonly<Record<Field, "latest" | "first" | "earliest">> = {
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
const FIELDS = Object.keys(WINNERS) as Field[];

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

/** Which source told each fact, and when it last did. */
export type Provenance = Readonly<Partial<Record<Field, Pick<Told, "source" | "observedAt">>>>;

/** Returns from whom each fact of the merged paper is; of links, from the last to give one. */
export function provenanceOf(sightings: readonly Told[]): Provenance {
  const inOrder = timeOrder(sightings);
  return Object.fromEntries(
    FIELDS.flatMap((field) => {
      const told = countingOne(inOrder, field);
      return told ? [[field, { source: told.source, observedAt: told.observedAt }]] : [];
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
  switch (WINNERS[field]) {
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
