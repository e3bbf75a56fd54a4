/**
 * How alike the papers of an edition are to what readers like: for each paper the sum of what a profile's
 * terms weigh times what they weigh in the paper. Numbers only, since it is done for every reader.
 */
import {
  emptyNumbers,
  likedTitles,
  NOBODY,
  readNumbers,
  type PackedProfile,
} from "../papers/packed-profile.ts";
import { indexTerms } from "../papers/term-index.ts";
import type { TermWeights } from "../papers/terms.ts";

export interface Likeness {
  /** Of each paper by its place, as it was scored last; below zero for the unlike. */
  readonly scores: Float32Array;
  /** Scores all papers. Returns the largest score, whatever its sign, and how many opinions it is of. */
  readonly score: (profile: PackedProfile) => { readonly most: number; readonly opinions: number };
  /**
   * Returns of each of `places` the title of the liked paper from which most of its likeness comes, by the
   * profile that was scored last; null for none.
   */
  readonly likedAt: (places: readonly number[]) => ReadonlyMap<number, string>;
}

/** Indexes so many papers; `weightsOf` is asked once for each, by its place. */
export function openLikeness(papers: number, weightsOf: (place: number) => TermWeights): Likeness {
  const { find, papersOf, termsOf, terms } = indexTerms(papers, weightsOf);
  const scores = new Float32Array(papers);
  /** The profile that was scored last. */
  const numbers = emptyNumbers();
  let last: PackedProfile | null = null;
  /** Of each term of the index its place in that profile plus one; 0 for the many that it has not. */
  const inProfile = new Uint8Array(terms);
  const places = new Int32Array(numbers.from.length);
  /** What each term of the profile weighs in a paper, behind a place for all other terms. */
  const said = new Float64Array(numbers.from.length + 1);
  /** What each liked paper gives to a likeness; at NOBODY what speaks against. */
  const sums = new Float64Array(NOBODY + 1);

  function score(profile: PackedProfile) {
    for (let at = 0; at < numbers.count; at++) inProfile[places[at] ?? 0] = 0;
    last = profile;
    const { count, lows, highs } = readNumbers(profile, numbers);
    scores.fill(0);
    for (let at = 0; at < count; at++) {
      const term = find(lows[at] ?? 0, highs[at] ?? 0);
      places[at] = Math.max(term, 0);
      if (term < 0) continue;
      inProfile[term] = at + 1;
      addTerm(term, numbers.weights[at] ?? 0);
    }
    let most = 0;
    for (let place = 0; place < papers; place++) {
      const size = Math.abs(scores[place] ?? 0);
      if (size > most) most = size;
    }
    return { most, opinions: numbers.opinions };
  }

  function addTerm(term: number, weight: number): void {
    const { starts, others, weights } = papersOf;
    const end = starts[term + 1] ?? 0;
    for (let row = starts[term] ?? 0; row < end; row++) {
      const place = others[row] ?? 0;
      scores[place] = (scores[place] ?? 0) + weight * (weights[row] ?? 0);
    }
  }

  function likedAt(asked: readonly number[]): Map<number, string> {
    const named = new Map<number, string>();
    if (!last || asked.length === 0) return named;
    const titles = likedTitles(last);
    for (const place of asked) {
      readSaid(place);
      // For a few numbers, a call to fill them costs more than to do it.
      for (let from = 0; from < titles.length; from++) sums[from] = 0;
      for (let at = 0; at < numbers.count; at++) {
        const from = numbers.from[at] ?? NOBODY;
        sums[from] = (sums[from] ?? 0) + (numbers.weights[at] ?? 0) * (said[at + 1] ?? 0);
      }
      const title = titles[largest(sums, titles.length)];
      if (title !== undefined) named.set(place, title);
    }
    return named;
  }

  function readSaid(place: number): void {
    const { starts, others, weights } = termsOf;
    for (let at = 1; at <= numbers.count; at++) said[at] = 0;
    const end = starts[place + 1] ?? 0;
    // Most terms of a paper are not in the profile: to write them all is faster than to ask.
    for (let row = starts[place] ?? 0; row < end; row++) {
      said[inProfile[others[row] ?? 0] ?? 0] = weights[row] ?? 0;
    }
  }

  return { scores, score, likedAt };
}

/** Returns where the largest of the first numbers above zero is, of equal ones the first; -1: nowhere. */
function largest(numbers: Float64Array, count: number): number {
  let found = -1;
  let most = 0;
  for (let at = 0; at < count; at++) {
    const number = numbers[at] ?? 0;
    if (number > most) {
      most = number;
      found = at;
    }
  }
  return found;
}
