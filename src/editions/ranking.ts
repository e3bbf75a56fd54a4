/**
 * Puts candidates in order and says why. Ranking never drops a candidate; selection never scores.
 *
 *     score = expected votes x (1 - open / 2) x 0.97 ^ days
 *
 * What a paper is expected to come to, and how much of that is still open, is told by `estimate.ts` from
 * its readings and cues. In a daily edition what is settled goes before what is open, since a paper
 * whose list has just begun has another chance in the next; and each day that a paper is older takes a
 * little. In a weekly or monthly edition neither counts. Equal ones go by the number of authors, then by id.
 */
import { counted } from "../io/plural.ts";
import type { Candidate, Paper } from "../papers/paper.ts";
import type { CalendarDate } from "../papers/text.ts";
import { estimateOf, type Estimate, type Parameters } from "./estimate.ts";
import { daysBetween } from "./period.ts";
import fitted from "./ranking-parameters.json" with { type: "json" };

/** What a day of age leaves of a score. */
const FRESHNESS_PER_DAY = 0.97;
/** What a paper of which all is open is short of. */
const PATIENCE = 0.5;

export interface Ranked extends Candidate {
  readonly rank: number;
  readonly score: number;
  readonly estimate: Estimate;
  /** For example "#2 of 40: 121 votes, 9 comments". */
  readonly reason: string;
}

export interface Ranking {
  /**
   * Returns all candidates, best first, with score and reason. Ages count to `upTo`; null: ages do
   * not count.
   */
  rank(candidates: readonly Candidate[], upTo: CalendarDate | null): Ranked[];
  /** Returns what a candidate is expected to come to. */
  estimate(candidate: Candidate): Estimate;
}

/** Returns the parameters that come with the program. */
export function fittedParameters(): Parameters {
  return fitted.parameters;
}

/** The first and last of the days that the program's parameters were fitted to. */
export const FITTED_DAYS = { from: fitted.from, to: fitted.to } as const;

/** Returns the ranking by those parameters, which may differ from paper to paper where they are tried. */
export function openRanking(
  parametersOf: (paper: Paper) => Parameters = fittedParameters,
): Ranking {
  const estimate = (candidate: Candidate) => estimateOf(candidate, parametersOf(candidate.paper));
  return {
    estimate,
    rank: (candidates, upTo) =>
      candidates
        .map((candidate) => {
          const estimated = estimate(candidate);
          const score = upTo
            ? estimated.votes * settled(estimated) * freshness(candidate.paper, upTo)
            : estimated.votes;
          return { ...candidate, estimate: estimated, score };
        })
        .toSorted(
          (a, b) =>
            b.score - a.score ||
            (b.paper.authorCount ?? 0) - (a.paper.authorCount ?? 0) ||
            (a.paper.id < b.paper.id ? -1 : 1),
        )
        .map((candidate, index) => ({
          ...candidate,
          rank: index + 1,
          reason: `#${index + 1} of ${candidates.length}: ${evidence(candidate, upTo)}`,
        })),
  };
}

function settled({ open }: Estimate): number {
  return 1 - PATIENCE * open;
}

function freshness(paper: Paper, upTo: CalendarDate): number {
  return FRESHNESS_PER_DAY ** daysOld(paper, upTo);
}

function daysOld({ day }: Paper, upTo: CalendarDate | null): number {
  return day && upTo ? Math.max(0, daysBetween(day, upTo)) : 0;
}

/** Returns what decided the place, in words. */
function evidence(
  candidate: Candidate & { readonly estimate: Estimate },
  upTo: CalendarDate | null,
): string {
  const { paper, signals, estimate } = candidate;
  const { votes, comments, position, listSize } = signals;
  const byPlace = estimate.witnesses.some(({ kind }) => kind === "place");
  // Votes of before the place are not weighed, but an estimate never falls below them.
  const byVotes = !byPlace || estimate.votes === votes;
  const place = `place ${position} of ${Math.max(position ?? 0, listSize ?? 0)} on its list`;
  const known = [
    byPlace ? place : "",
    votes === undefined || !byVotes ? "" : counted(votes, "vote"),
    comments === undefined || byPlace ? "" : counted(comments, "comment"),
  ].filter(Boolean);
  const isRead = byPlace || (votes ?? 0) + (comments ?? 0) > 0;
  const days = daysOld(paper, upTo);
  return [
    known.join(", ") || "no votes known",
    days > 0 ? `${becameKnown(paper)} ${counted(days, "day")} earlier` : "",
    paper.authorCount && !isRead ? counted(paper.authorCount, "author") : "",
  ]
    .filter(Boolean)
    .join(", ");
}

/** Returns what a paper's day is the day of. */
function becameKnown({ listedOn, announcedOn }: Paper): string {
  if (listedOn !== null) return "listed";
  return announcedOn === null ? "published" : "announced";
}
