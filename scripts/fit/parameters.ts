/** Fits the ranking's parameters to recorded days. */
import { CUES, cuesOf, wordsOf } from "../../src/editions/cues.ts";
import {
  hoursInto,
  opennessAt,
  PLACE_TERMS,
  placeTerms,
  trendOf,
  wordsLevel,
  type Parameters,
  type PlaceTerm,
} from "../../src/editions/estimate.ts";
import { addDays } from "../../src/editions/period.ts";
import type { Recording } from "../../src/backtest/recording.ts";
import { SIGNALS, type Paper, type Reading } from "../../src/papers/paper.ts";
import type { CalendarDate } from "../../src/papers/text.ts";
import { predicted, ridge, type Sample } from "./ridge.ts";
import { fitWords } from "./words.ts";

/** A listed paper with all readings of it, and the votes that it came to (log2 of one and them). */
export interface Listed {
  readonly date: CalendarDate;
  readonly paper: Paper;
  readonly trail: readonly Reading[];
  readonly level: number;
}

/** A paper that was announced, with what it came to: nothing where no list took it up. */
export type Announced = Pick<Listed, "paper" | "level">;

/** Returns the papers that were announced so early that a list could have taken them up. */
export function announcedPapers({ sightings, lists }: Recording): Announced[] {
  const levels = new Map([...lists.values()].flatMap((list) => [...list]));
  const last = [...lists.keys()].at(-1) ?? "";
  const announced = sightings.filter(
    ({ facts: { announcedOn, listedOn } }) =>
      announcedOn !== null && listedOn === null && announcedOn <= addDays(last, -LIST_WITHIN_DAYS),
  );
  return announced.map(({ facts }) => ({
    paper: { ...facts, key: 0, id: facts.arxivId, day: facts.announcedOn } as unknown as Paper,
    level: Math.log2(1 + (levels.get(facts.arxivId ?? "") ?? 0)),
  }));
}

/** What was chosen by the table that `fit.ts` prints, and not fitted. */
export const CHOSEN = {
  besideReadings: 0.5,
  penalty: 5,
  organizationShrinkage: 2,
} as const;

/** Hours into a list's day at which places are looked at: as a letter may go out at any of them. */
const HOURS = [4, 7, 8, 9, 11, 13, 14, 15, 17, 18, 19, 22, 30, 34, 42, 54, 66];
const HOUR_MS = 3_600_000;
/** An observation of longer ago is that of an earlier hour. */
const OBSERVED_WITHIN_HOURS = 4;
/** Lists seldom take up a paper later than this after its announcement. */
const LIST_WITHIN_DAYS = 5;
/** An organisation of fewer papers has no record. */
const ORGANIZATION_PAPERS_MIN = 3;
const ORGANIZATION_OFFSET_MIN = 0.15;

/** Returns the papers of all lists with what is known of them. */
export function listedPapers({ sightings, lists }: Recording): Listed[] {
  const byId = Map.groupBy(sightings, ({ facts }) => facts.arxivId ?? "");
  return [...lists].flatMap(([date, list]) =>
    [...list].flatMap(([id, votes], index) => {
      const seen = byId.get(id) ?? [];
      const facts = seen.at(-1)?.facts;
      if (!facts) return [];
      const trail = seen.flatMap(({ observedAt: at, source, readings }) =>
        SIGNALS.flatMap((signal) => {
          const value = readings[signal];
          return value === undefined ? [] : [{ signal, source, at, value }];
        }),
      );
      const paper = { ...facts, key: index, id, day: date } as unknown as Paper;
      return [{ date, paper, trail, level: Math.log2(1 + votes) }];
    }),
  );
}

/** Returns the parameters that tell best what `papers` came to. */
export function fitParameters(
  papers: readonly Listed[],
  announced: readonly Announced[],
  { besideReadings, penalty, organizationShrinkage }: typeof CHOSEN = CHOSEN,
): Parameters {
  const own = fitPaper(papers, announced, { penalty, shrinkage: organizationShrinkage });
  return {
    paper: { ...own, besideReadings },
    place: fitPlace(papers, penalty),
    votes: fitVotes(papers, penalty),
  };
}

function fitPaper(
  papers: readonly Listed[],
  announced: readonly Announced[],
  { penalty, shrinkage }: { readonly penalty: number; readonly shrinkage: number },
) {
  const samples = papers.map(({ paper, level }) => ({ terms: cuesOf(paper), outcome: level }));
  const { base, weights } = ridge(samples, CUES, { penalty });
  const left = papers.map(({ paper, level }) => ({
    name: paper.organization,
    words: wordsOf(paper),
    value: level - predicted(base, weights, cuesOf(paper)),
  }));
  const organizations: Record<string, number> = {};
  for (const [name, theirs] of Map.groupBy(left, (one) => one.name ?? "")) {
    if (name === "" || theirs.length < ORGANIZATION_PAPERS_MIN) continue;
    const offset = sum(theirs.map(({ value }) => value)) / (theirs.length + shrinkage);
    if (Math.abs(offset) >= ORGANIZATION_OFFSET_MIN) organizations[name] = offset;
  }
  const unexplained = left.map(({ name, words, value }) => ({
    words,
    left: value - (organizations[name ?? ""] ?? 0),
  }));
  // Of what words leave over too little is seen: the same papers told what each says.
  const variance = mean(unexplained.map(({ left: each }) => each ** 2));
  const words = fitWords(unexplained, penalty);
  const short = announced.map(
    ({ paper, level }) =>
      level - predicted(base, weights, cuesOf(paper)) - wordsLevel(paper, { words }),
  );
  const unlisted = short.length > 0 ? Math.min(0, mean(short)) : 0;
  return { base, cues: weights, organizations, words, unlisted, variance };
}

function fitPlace(papers: readonly Listed[], penalty: number): Parameters["place"] {
  const samples: (Sample<PlaceTerm> & { readonly open: number })[] = [];
  for (const { paper, trail, level, date } of papers) {
    for (const hour of HOURS) {
      const until = Date.parse(date) + hour * HOUR_MS;
      const known = trail.filter(({ at }) => Date.parse(at) <= until);
      const told = trendOf(known, "position");
      if (!told || until - Date.parse(told.at) > OBSERVED_WITHIN_HOURS * HOUR_MS) continue;
      const open = opennessAt(hoursInto(paper, told.at));
      samples.push({ terms: placeTerms(known, told, open), outcome: level, open });
    }
  }
  const { base, weights } = ridge<PlaceTerm>(samples, PLACE_TERMS, { penalty });
  const spread = spreadOf(
    samples.map(({ terms, outcome, open }) => ({
      open,
      left: outcome - predicted(base, weights, terms),
    })),
  );
  return { ...weights, base, ...spread };
}

function fitVotes(papers: readonly Listed[], penalty: number): Parameters["votes"] {
  const samples = papers.flatMap(({ paper, trail, level }) =>
    trail
      .filter(({ signal }) => signal === "votes")
      .map((reading) => {
        const known = trail.filter(({ at }) => at <= reading.at);
        const seen = Math.log2(1 + reading.value);
        const open = opennessAt(hoursInto(paper, reading.at));
        const rise = trendOf(known, "votes")?.risePerHour ?? 0;
        const terms = { growth: open, catchingUp: open * seen, rise: open * rise };
        return { terms, outcome: level - seen, open };
      }),
  );
  const { weights } = ridge(samples, ["growth", "catchingUp", "rise"], {
    penalty,
    withBase: false,
  });
  const spread = spreadOf(
    samples.map(({ terms, outcome, open }) => ({
      open,
      left: outcome - predicted(0, weights, terms),
    })),
  );
  return { ...weights, ...spread };
}

/** Returns by how much a witness is off, and how much more so while much is open. */
function spreadOf(errors: readonly { readonly open: number; readonly left: number }[]) {
  const samples = errors.map(({ open, left }) => ({ terms: { open }, outcome: left ** 2 }));
  const { base, weights } = ridge(samples, ["open"], { penalty: 0 });
  return { variance: base, earlyVariance: weights.open };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / Math.max(1, values.length);
}
