/**
 * Letters to try a template on: papers that nobody wrote, in files that are read like any source's,
 * ranked and selected like any other. So a fixture shows what would become of such papers.
 */
import { join } from "node:path";
import type { Draft, Entry } from "../../editions/edition.ts";
import { periodOf, windowOf, type Cadence } from "../../editions/period.ts";
import { openRanking } from "../../editions/ranking.ts";
import { select } from "../../editions/selection.ts";
import { mergeSightings } from "../../papers/merging.ts";
import {
  dayOf,
  paperId,
  SIGNALS,
  type Candidate,
  type PaperKey,
  type Reading,
  type Sighting,
} from "../../papers/paper.ts";
import { readingsOf } from "../../papers/readings.ts";
import { isRefusal } from "../../papers/source.ts";
import { fileSource } from "../../papers/sources/files.ts";

/** The day on which all papers of fixtures are listed. */
const DAY = "2026-04-15";

interface Fixture {
  readonly title: string;
  readonly file: string;
  /** How many papers of the file are taken; all of them if left out. */
  readonly papers?: number;
  /** Takes the papers again and again, each time under other names, up to so many. */
  readonly multipliedTo?: number;
  /** How many lead; as many as in any letter if left out. */
  readonly leads?: number;
}

/** The fixtures by name. */
export const FIXTURES = {
  typical: { title: "A typical day", file: "typical.jsonl" },
  "long-titles": { title: "Long titles", file: "long-titles.jsonl" },
  latex: { title: "LaTeX", file: "latex.jsonl" },
  scripts: { title: "CJK and right to left", file: "scripts.jsonl" },
  "one-paper": { title: "One paper", file: "typical.jsonl", papers: 1 },
  none: { title: "No papers: a quiet day", file: "typical.jsonl", papers: 0 },
  "no-abstract": { title: "Without abstracts", file: "no-abstract.jsonl" },
  hostile: { title: "Hostile", file: "hostile.jsonl" },
  many: { title: "500 papers", file: "typical.jsonl", multipliedTo: 500, leads: 500 },
} as const satisfies Readonly<Record<string, Fixture>>;
export type FixtureName = keyof typeof FIXTURES;

/** Returns the draft of a fixture. `folder` holds the files; `leads` is how many papers lead. */
export async function fixtureDraft(
  name: FixtureName,
  cadence: Cadence,
  { folder, leads }: { folder: string; leads: number },
): Promise<Draft> {
  const fixture: Fixture = FIXTURES[name];
  const sightings: Sighting[] = [];
  const paths = [join(folder, fixture.file)];
  const source = fileSource({ name, paths, listDay: DAY, today: DAY });
  const { signal } = new AbortController();
  for await (const mention of source.mentions({ say: () => {}, span: null, signal })) {
    if (!isRefusal(mention)) sightings.push(mention);
  }
  const all = candidatesOf(sightings).slice(0, fixture.papers);
  const candidates = fixture.multipliedTo ? multiplied(all, fixture.multipliedTo) : all;
  const period = periodOf(cadence, DAY);
  const window = windowOf(cadence, period, null);
  const ranking = openRanking().rank(candidates, cadence === "daily" ? window.upTo : null);
  const entries: Entry[] = fixture.leads
    ? ranking.map((each) => ({
        ...each,
        lead: each.rank <= leadsOf(fixture),
        label: null,
        witnesses: each.estimate.witnesses,
        written: null,
      }))
    : select(ranking, { leads, variety: 0, surprise: false, bar: 0 });
  return { cadence, period, window, candidates: candidates.length, entries };
}

function leadsOf({ leads = 0 }: Fixture): number {
  return leads;
}

function candidatesOf(sightings: readonly Sighting[]): Candidate[] {
  const byPaper = Map.groupBy(sightings, ({ facts }) => paperId(facts));
  return [...byPaper.values()].map((ofPaper, index) => {
    const facts = mergeSightings(ofPaper);
    return {
      paper: { ...facts, key: (index + 1) as PaperKey, id: paperId(facts), day: dayOf(facts) },
      ...readingsOf(trailOf(ofPaper)),
    };
  });
}

function trailOf(sightings: readonly Sighting[]): Reading[] {
  const inOrder = sightings.toSorted((a, b) => (a.observedAt < b.observedAt ? -1 : 1));
  return inOrder.flatMap(({ source, observedAt: at, readings }) =>
    SIGNALS.flatMap((signal) => {
      const value = readings[signal];
      return value === undefined ? [] : [{ signal, source, at, value }];
    }),
  );
}

function multiplied(candidates: readonly Candidate[], count: number): Candidate[] {
  if (candidates.length === 0) return [];
  return Array.from({ length: count }, (_, index) => {
    const candidate = candidates[index % candidates.length] as Candidate;
    const round = Math.floor(index / candidates.length);
    const { paper, trail } = candidate;
    const fewer = trail.map((reading) =>
      reading.signal === "votes"
        ? { ...reading, value: Math.max(0, reading.value - round) }
        : reading,
    );
    return {
      paper: {
        ...paper,
        key: (index + 1) as PaperKey,
        id: `${paper.id}-${round}` as typeof paper.id,
        title: round === 0 ? paper.title : `${paper.title}, part ${round + 1}`,
      },
      ...readingsOf(fewer),
    };
  });
}
