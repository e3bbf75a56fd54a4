/**
 * What is learned of a reader from papers that they wanted more or less of: how much each of a few terms
 * speaks for a paper. Linear, so that every score is a sum over terms, and every term can be told with
 * the liked paper that it is from. No network, no other reader's opinions.
 */
import type { PaperFacts } from "./paper.ts";
import { weighTerms, type Background, type TermWeights } from "./terms.ts";

/** A paper that a reader has an opinion of. */
export interface Judged extends Pick<PaperFacts, "title" | "abstract"> {
  readonly liked: boolean;
}

/** What speaks for a paper, or against it. */
export interface ProfileTerm {
  readonly term: string;
  readonly weight: number;
  /** The place in `liked` of the paper that says it most; null for a term that speaks against. */
  readonly from: number | null;
}

export interface Profile {
  /** Those that weigh most first. */
  readonly terms: readonly ProfileTerm[];
  /** Titles of liked papers, which terms are from. */
  readonly liked: readonly string[];
  /** How many opinions it was learned from. */
  readonly opinions: number;
}

/** More terms change a choice little, and every one costs time with every letter. */
export const PROFILE_TERMS = 64;
/** A weight is kept in so many parts of one: finer says no more, and would take more of every row. */
export const WEIGHT_PARTS = 10_000;
/** How much a term of papers that are not wanted takes off. */
const DISLIKED = 0.5;
/** What many liked papers say counts for more than its share: it is what they have in common. */
const COMMON_EXPONENT = 0.5;
/** Titles are kept as they are shown. */
const TITLE_MAX = 100;

/**
 * Returns what is learned from `judged`; null where that is nothing. A term weighs what the liked papers
 * say of it more than papers on the whole, times the root of the share of them that do, less what the
 * others say. (Rocchio's method, with the whole corpus as what is not wanted.) While nothing is liked, there
 * are only terms that speak against a paper.
 */
export function learn(judged: readonly Judged[], background: Background): Profile | null {
  const liked = judged.filter((paper) => paper.liked);
  if (judged.length === 0) return null;
  const weighed = liked.map((paper) => weighTerms(paper, background));
  const usual = (term: string) => background.usual.get(term) ?? 0;
  // What liked papers leave unsaid speaks against it; where none is liked, nothing is left unsaid.
  const unsaid = liked.length > 0 ? background.mostUsual : [];
  const sums = new Map(unsaid.map((term) => [term, -usual(term)]));
  const said = new Map<string, number>();
  add(said, weighed, 1 / Math.max(liked.length, 1));
  for (const [term, count] of countPapers(weighed)) {
    const more = (said.get(term) ?? 0) - usual(term);
    sums.set(term, more * (count / liked.length) ** COMMON_EXPONENT);
  }
  const disliked = judged.filter((paper) => !paper.liked);
  const against = disliked.map((paper) => weighTerms(paper, background));
  add(sums, against, -DISLIKED / Math.max(disliked.length, 1));
  const strongest = [...sums]
    .toSorted((a, b) => Math.abs(b[1]) - Math.abs(a[1]) || (a[0] < b[0] ? -1 : 1))
    .slice(0, PROFILE_TERMS);
  const length = Math.hypot(...strongest.map(([, weight]) => weight)) || 1;
  return {
    terms: strongest.map(([term, weight]) => ({
      term,
      weight: Math.round((weight / length) * WEIGHT_PARTS) / WEIGHT_PARTS,
      from: weight > 0 ? strongestIn(weighed, term) : null,
    })),
    liked: liked.map(({ title }) => shortTitle(title)),
    opinions: judged.length,
  };
}

function shortTitle(title: string): string {
  return title.length > TITLE_MAX ? `${title.slice(0, TITLE_MAX - 1).trimEnd()}…` : title;
}

function add(sums: Map<string, number>, papers: readonly TermWeights[], share: number): void {
  for (const weights of papers) {
    for (const [term, weight] of weights) sums.set(term, (sums.get(term) ?? 0) + weight * share);
  }
}

function countPapers(papers: readonly TermWeights[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const weights of papers) {
    for (const term of weights.keys()) counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  return counts;
}

function strongestIn(papers: readonly TermWeights[], term: string): number {
  const weights = papers.map((paper) => paper.get(term) ?? 0);
  return weights.indexOf(Math.max(...weights));
}
