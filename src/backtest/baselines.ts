/**
 * The rankings that ours is measured beside. Each is given what could be seen at the hour, and orders
 * by one thing. Where the votes of some papers are not known, a formula that needs them takes for
 * a paper's votes the number of papers that stand behind it on the page, which is in their order.
 */
import type { Candidate } from "../papers/paper.ts";

/** Returns what papers are ordered by, the largest first. */
type Rule = (candidate: Candidate, context: Context) => number;

interface Context {
  readonly at: Date;
  /** Whether votes are known of all. */
  readonly counted: boolean;
}

export const BASELINES = [
  "page order",
  "votes",
  "hacker news",
  "reddit",
  "authors",
  "newest",
  "random",
] as const;
export type Baseline = (typeof BASELINES)[number];

const HOUR_MS = 3_600_000;

const RULES: Readonly<Record<Exclude<Baseline, "random">, Rule>> = {
  "page order": ({ signals }) => -(signals.position ?? Number.MAX_SAFE_INTEGER),
  votes: (candidate, context) => pointsOf(candidate, context),
  // news.arc, frontpage-rank.
  "hacker news": (candidate, context) =>
    Math.sign(pointsOf(candidate, context) - 1) *
    (Math.abs(pointsOf(candidate, context) - 1) ** 0.8 / (ageOf(candidate, context) + 2) ** 1.8),
  // _sorts.pyx, hot.
  reddit: (candidate, context) =>
    Math.log10(Math.max(1, pointsOf(candidate, context))) -
    (ageOf(candidate, context) * 3600) / 45_000,
  authors: ({ paper }) => paper.authorCount ?? paper.authors.length,
  newest: ({ paper }) => Date.parse(paper.publishedOn ?? paper.day ?? "1970-01-01"),
};

/** Returns the ids of `candidates` in the order of a rule, equal ones by id; by chance for `random`. */
export function orderBy(
  baseline: Baseline,
  candidates: readonly Candidate[],
  at: Date,
  random: () => number,
): string[] {
  if (baseline === "random") return ordered(candidates, () => random());
  const counted = candidates.every(({ signals }) => signals.votes !== undefined);
  const rule = RULES[baseline];
  return ordered(candidates, (candidate) => rule(candidate, { at, counted }));
}

function ordered(candidates: readonly Candidate[], keyOf: (one: Candidate) => number): string[] {
  return candidates
    .map((one) => ({ id: one.paper.id, key: keyOf(one) }))
    .toSorted((a, b) => b.key - a.key || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);
}

function pointsOf({ signals }: Candidate, { counted }: Context): number {
  if (counted) return signals.votes ?? 0;
  const { position, listSize = 0 } = signals;
  return position === undefined ? 0 : Math.max(0, listSize - position);
}

/** Returns the hours since a paper could be seen first. */
function ageOf({ trail }: Candidate, { at }: Context): number {
  const first = trail[0]?.at;
  return first ? Math.max(0, at.getTime() - Date.parse(first)) / HOUR_MS : 0;
}
