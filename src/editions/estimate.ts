/**
 * How many votes a paper will have come to, weeks after its day. Three witnesses are heard, each as far
 * as it is known: the votes, the place on the list of its day, and the cues of the paper itself. Each
 * says a number (in log2 of one and the votes) and how far it may be off; they are weighed by that
 * (the mean of the least variance). So where readings are few or early, the estimate stays near what
 * such papers come to in general.
 */
import type { Candidate, Paper, Reading, Signal } from "../papers/paper.ts";
import { CUES, cuesOf, wordsOf, type Cue } from "./cues.ts";

/** What is known of a paper by its place on a list; each has a parameter of its name. */
export const PLACE_TERMS = [
  "position",
  "listSize",
  "positionAndSize",
  "early",
  "earlyPosition",
  "earlySize",
  "rise",
] as const;
export type PlaceTerm = (typeof PLACE_TERMS)[number];

/** What is fitted to recorded days by `scripts/fit/fit.ts`. */
export interface Parameters {
  readonly paper: {
    readonly base: number;
    readonly cues: Readonly<Record<Cue, number>>;
    /** What papers of an organisation come to beside that of others alike. */
    readonly organizations: Readonly<Record<string, number>>;
    /** What words of title and keywords add without readings, by the root of how many there are. */
    readonly words: Readonly<Record<string, number>>;
    /** What a paper that no list has taken up is short of. */
    readonly unlisted: number;
    readonly variance: number;
    /** How much the paper's own cues count beside readings, which know of them already. */
    readonly besideReadings: number;
  };
  readonly place: Readonly<Record<PlaceTerm | "base" | "variance" | "earlyVariance", number>>;
  readonly votes: {
    readonly growth: number;
    readonly catchingUp: number;
    readonly rise: number;
    readonly variance: number;
    readonly earlyVariance: number;
  };
}

/** What one witness says. */
export interface Witness {
  readonly kind: "votes" | "place" | "paper";
  /** The votes that it foretells. */
  readonly votes: number;
  /** Its part of the estimate; all parts make 1. */
  readonly weight: number;
}

export interface Estimate {
  readonly votes: number;
  /** How much is still open about it: 1 at the beginning of its day, and less by the hour. */
  readonly open: number;
  readonly witnesses: readonly Witness[];
}

interface Testimony {
  readonly kind: Witness["kind"];
  /** In log2 of one and the votes. */
  readonly level: number;
  readonly variance: number;
}

const HOUR_MS = 3_600_000;
/** Half of what is still open about a paper is settled in so many hours. */
const HALF_LIFE_HOURS = 24;
/** A change in less time than this tells little of what it is per hour. */
const STEADY_HOURS = 6;
/** Votes that were read so much before the place are stale beside it. */
const STALE_HOURS = 0.25;
/** No witness is surer than this. */
const VARIANCE_MIN = 0.1;

/** Returns what a candidate is expected to come to. */
export function estimateOf(candidate: Candidate, parameters: Parameters): Estimate {
  const reading = votesTestimony(candidate, parameters) ?? placeTestimony(candidate, parameters);
  const own = paperTestimony(candidate.paper, parameters);
  if (!reading) {
    // Beside readings, which know of them, words gained nothing.
    const alone = { ...own, level: own.level + wordsLevel(candidate.paper, parameters.paper) };
    return { votes: votesAt(alone.level), open: 1, witnesses: [witness(alone, 1)] };
  }
  const trust = parameters.paper.besideReadings / own.variance;
  const weight = trust / (trust + 1 / reading.variance);
  const level = own.level * weight + reading.level * (1 - weight);
  return {
    open: opennessAt(hoursInto(candidate.paper, candidate.trail.at(-1)?.at ?? "")),
    // Votes are not taken back: a paper comes to as many as it has.
    votes: Math.max(candidate.signals.votes ?? 0, votesAt(level)),
    witnesses: [witness(reading, 1 - weight), witness(own, weight)],
  };
}

/** Returns how much of what becomes of a paper is still open, so many hours into its day. */
export function opennessAt(hours: number): number {
  return 2 ** (-hours / HALF_LIFE_HOURS);
}

/** Returns how many hours into a paper's day (UTC) a reading was taken; 1 for what came before. */
export function hoursInto({ day }: Paper, at: string): number {
  return Math.max(1, (Date.parse(at) - Date.parse(day ?? at.slice(0, 10))) / HOUR_MS);
}

/** The latest reading of a signal, and by how much its logarithm rises per hour, damped. */
export interface Trend {
  readonly value: number;
  readonly at: string;
  readonly risePerHour: number;
}

/** Returns the trend of a signal, or null where it was never read. */
export function trendOf(trail: readonly Reading[], signal: Signal): Trend | null {
  const last = trail.findLast((reading) => reading.signal === signal);
  if (!last) return null;
  const own = trail.filter((each) => each.signal === signal && each.source === last.source);
  const hoursTo = (reading: Reading) => (Date.parse(last.at) - Date.parse(reading.at)) / HOUR_MS;
  const before = own.findLast((reading) => hoursTo(reading) >= 1) ?? own[0] ?? last;
  const rise = Math.log2((1 + last.value) / (1 + before.value));
  return {
    value: last.value,
    at: last.at,
    risePerHour: rise / (hoursTo(before) + STEADY_HOURS),
  };
}

function votesTestimony({ paper, trail }: Candidate, { votes }: Parameters): Testimony | null {
  const told = trendOf(trail, "votes");
  const place = trendOf(trail, "position");
  if (!told) return null;
  if (place && Date.parse(place.at) - Date.parse(told.at) > STALE_HOURS * HOUR_MS) return null;
  // Somebody who comments cares as much as somebody who votes.
  const comments = trendOf(trail, "comments")?.value ?? 0;
  const seen = Math.log2(1 + told.value + comments);
  const open = opennessAt(hoursInto(paper, told.at));
  const { growth, catchingUp, rise, variance, earlyVariance } = votes;
  return {
    kind: "votes",
    level: seen + open * (growth + catchingUp * seen + rise * told.risePerHour),
    variance: Math.max(VARIANCE_MIN, variance + earlyVariance * open),
  };
}

function placeTestimony({ paper, trail }: Candidate, { place }: Parameters): Testimony | null {
  const told = trendOf(trail, "position");
  if (!told) return null;
  const open = opennessAt(hoursInto(paper, told.at));
  const terms = placeTerms(trail, told, open);
  return {
    kind: "place",
    level: PLACE_TERMS.reduce((sum, term) => sum + place[term] * terms[term], place.base),
    variance: Math.max(VARIANCE_MIN, place.variance + place.earlyVariance * open),
  };
}

/** Returns what the parameters of `place` are multiplied with. */
export function placeTerms(
  trail: readonly Reading[],
  told: Trend,
  open: number,
): Readonly<Record<PlaceTerm, number>> {
  const size = trendOf(trail, "listSize")?.value ?? 0;
  const position = Math.log2(Math.max(1, told.value));
  const listSize = Math.log2(Math.max(1, told.value, size));
  return {
    position,
    listSize,
    positionAndSize: position * listSize,
    early: open,
    earlyPosition: open * position,
    earlySize: open * listSize,
    // A smaller number is a better place.
    rise: -told.risePerHour,
  };
}

function paperTestimony(paper: Paper, { paper: own }: Parameters): Testimony {
  const cues = cuesOf(paper);
  const name = paper.organization ?? "";
  const organization = Object.hasOwn(own.organizations, name) ? (own.organizations[name] ?? 0) : 0;
  const place = organization + (paper.listedOn === null ? own.unlisted : 0);
  const level = CUES.reduce((sum, cue) => sum + own.cues[cue] * cues[cue], own.base + place);
  return { kind: "paper", level, variance: own.variance };
}

/** Returns what the words of a paper add to what its cues tell. */
export function wordsLevel(paper: Paper, { words }: Pick<Parameters["paper"], "words">): number {
  const weights = [...wordsOf(paper)].flatMap((word) =>
    Object.hasOwn(words, word) ? (words[word] ?? 0) : [],
  );
  return weights.reduce((sum, weight) => sum + weight, 0) / Math.sqrt(Math.max(1, weights.length));
}

/**
 * Returns the votes that witnesses foretell together: the product of one and the votes of each, raised
 * to its weight, less one.
 */
export function votesTogether(witnesses: readonly Witness[]): number {
  return votesAt(
    witnesses.reduce((sum, { votes, weight }) => sum + weight * Math.log2(1 + votes), 0),
  );
}

function witness({ kind, level }: Testimony, weight: number): Witness {
  return { kind, votes: votesAt(level), weight };
}

function votesAt(level: number): number {
  return Math.max(0, 2 ** level - 1);
}
