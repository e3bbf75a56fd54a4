/**
 * Which of many papers say a term, for those who score all papers by a few terms: flat arrays, since it is
 * read with every reader's letter.
 */
import type { TermWeights } from "./terms.ts";

/** Which papers say a term, and what it weighs there: those of a term stand together, in order. */
export interface TermIndex {
  readonly terms: ReadonlyMap<string, number>;
  /** Where those of each term begin, and behind the last one where they end. */
  readonly starts: Uint32Array;
  readonly places: Uint32Array;
  readonly weights: Float32Array;
}

/** Indexes what the terms of papers weigh, papers by their places. */
export function indexTerms(papers: readonly TermWeights[]): TermIndex {
  const terms = new Map<string, number>();
  const counts: number[] = [];
  for (const weights of papers) {
    for (const term of weights.keys()) {
      const number = terms.get(term) ?? terms.size;
      terms.set(term, number);
      counts[number] = (counts[number] ?? 0) + 1;
    }
  }
  const starts = new Uint32Array(terms.size + 1);
  for (const [term, count] of counts.entries()) starts[term + 1] = (starts[term] ?? 0) + count;
  const next = starts.slice();
  const places = new Uint32Array(starts.at(-1) ?? 0);
  const found = new Float32Array(places.length);
  for (const [place, weights] of papers.entries()) {
    for (const [term, weight] of weights) {
      const number = terms.get(term) ?? 0;
      const at = next[number] ?? 0;
      places[at] = place;
      found[at] = weight;
      next[number] = at + 1;
    }
  }
  return { terms, starts, places, weights: found };
}

/** Returns what a term weighs in a paper, 0 where the paper does not say it. */
export function weightIn(
  { starts, places, weights }: TermIndex,
  term: number,
  place: number,
): number {
  let low = starts[term] ?? 0;
  let high = starts[term + 1] ?? 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places[middle] ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return low < (starts[term + 1] ?? 0) && places[low] === place ? (weights[low] ?? 0) : 0;
}
