/**
 * Puts candidates in order and says why. Ranking never drops a candidate; selection never scores.
 *
 *     score = points ^ 0.8 / (age + 2) ^ 1.8,   points = votes + comments,   age in hours
 *
 * This is Hacker News' gravity formula (news.arc, `frontpage-rank`) with comments counted beside
 * votes and no vote taken off. Within one day's list all ages are alike and the order is that of the
 * points; over several days a paper of yesterday needs about four times the points of today's. In a
 * weekly or monthly edition ages do not count: it holds the best of its days. Papers without points are ordered by the
 * number of authors: of all cues that a paper brings along, the one that best foretells votes.
 */
import { counted } from "../io/plural.ts";
import type { Candidate, Paper } from "../papers/paper.ts";
import type { CalendarDate } from "../papers/text.ts";
import { daysBetween } from "./period.ts";

/** Both are shown where a score is explained. */
export const POINTS_EXPONENT = 0.8;
export const GRAVITY = 1.8;
/** Keeps the youngest papers from dividing by nearly nothing. */
const AGE_OFFSET_HOURS = 2;

export interface Ranked extends Candidate {
  readonly rank: number;
  readonly score: number;
  /** For example "#2 of 40: 121 votes, 9 comments". */
  readonly reason: string;
}

/**
 * Returns all candidates, best first, with score and reason. Ages count to the end of `upTo`, so
 * that the order does not depend on the hour at which it is computed; null: ages do not count.
 */
export function rank(candidates: readonly Candidate[], upTo: CalendarDate | null): Ranked[] {
  return candidates
    .map((candidate) => ({ ...candidate, score: partsOf(candidate, upTo).score }))
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
    }));
}

/** What a score is made of: `attention` divided by `decay`. */
export interface ScoreParts {
  /** Votes and comments. */
  readonly points: number;
  readonly ageHours: number;
  /** The points, of which every further one counts for less. */
  readonly attention: number;
  /** How much the age takes off. */
  readonly decay: number;
  readonly score: number;
}

/** Returns what the score of a candidate, or of an entry, is made of; `upTo` as for `rank`. */
export function partsOf(
  { paper, signals }: Pick<Candidate, "paper" | "signals">,
  upTo: CalendarDate | null,
): ScoreParts {
  const points = (signals.votes ?? 0) + (signals.comments ?? 0);
  const ageHours = (daysOld(paper, upTo) + 1) * 24;
  const attention = points ** POINTS_EXPONENT;
  const decay = (ageHours + AGE_OFFSET_HOURS) ** GRAVITY;
  return { points, ageHours, attention, decay, score: attention / decay };
}

function daysOld({ day }: Paper, upTo: CalendarDate | null): number {
  return day && upTo ? Math.max(0, daysBetween(day, upTo)) : 0;
}

/** Returns what decided the place, in words. */
function evidence({ paper, signals }: Candidate, upTo: CalendarDate | null): string {
  const { votes, comments } = signals;
  const known = [
    votes === undefined ? "" : counted(votes, "vote"),
    comments === undefined ? "" : counted(comments, "comment"),
  ].filter(Boolean);
  const days = daysOld(paper, upTo);
  if (days > 0) known.push(`listed ${counted(days, "day")} earlier`);
  if ((votes ?? 0) + (comments ?? 0) > 0) return known.join(", ");
  const authors = paper.authorCount ? `, ${counted(paper.authorCount, "author")}` : "";
  return `${known.join(", ") || "no votes known"}${authors}`;
}
