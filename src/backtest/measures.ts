/**
 * What an order of papers is worth, once it is known what became of them: NDCG at ten places with the
 * logarithm of the votes as gain, and the share of the first places that belong to the best.
 */
import type { Outcomes } from "./recording.ts";

export interface Measures {
  readonly precisionAt5: number;
  readonly precisionAt10: number;
  readonly ndcgAt10: number;
}

const DEPTH = 10;

/**
 * Returns what `order`, a list of paper ids, is worth beside the best order of all that were listed that
 * day. A paper that was missing, since nobody could see it yet, is missed.
 */
export function measuresOf(order: readonly string[], outcomes: Outcomes): Measures {
  const gains = order.map((id) => gainOf(outcomes.get(id) ?? 0));
  const ideal = [...outcomes.values()].map(gainOf).toSorted((a, b) => b - a);
  const best = discounted(ideal);
  return {
    precisionAt5: precisionAt(5, order, outcomes),
    precisionAt10: precisionAt(DEPTH, order, outcomes),
    ndcgAt10: best === 0 ? 1 : discounted(gains) / best,
  };
}

/** Returns the papers of the first `count` places in the end; of equal ones at the edge, all. */
export function topOf(outcomes: Outcomes, count = DEPTH): Set<string> {
  const votes = [...outcomes.values()].toSorted((a, b) => b - a);
  const edge = votes[Math.min(count, votes.length) - 1] ?? 0;
  return new Set([...outcomes].flatMap(([id, value]) => (value >= edge ? [id] : [])));
}

/** Returns the mean of each measure; zeros of nothing. */
export function meanOf(measures: readonly Measures[]): Measures {
  const mean = (key: keyof Measures) =>
    measures.reduce((sum, each) => sum + each[key], 0) / Math.max(1, measures.length);
  return {
    precisionAt5: mean("precisionAt5"),
    precisionAt10: mean("precisionAt10"),
    ndcgAt10: mean("ndcgAt10"),
  };
}

function precisionAt(count: number, order: readonly string[], outcomes: Outcomes): number {
  const top = topOf(outcomes, count);
  const places = Math.min(count, outcomes.size);
  return order.slice(0, places).filter((id) => top.has(id)).length / places;
}

/** A vote more counts for less the more there are. */
function gainOf(votes: number): number {
  return Math.log2(1 + votes);
}

function discounted(gains: readonly number[]): number {
  return gains.slice(0, DEPTH).reduce((sum, gain, index) => sum + gain / Math.log2(index + 2), 0);
}
