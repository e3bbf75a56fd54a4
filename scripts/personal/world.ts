/** Recorded days as simulated readers see them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assemble } from "../../src/assemble.ts";
import { readRecording, type Recording } from "../../src/backtest/recording.ts";
import { readConfig } from "../../src/config.ts";
import { wordsIn } from "../../src/papers/interests.ts";
import type { Candidate, Paper } from "../../src/papers/paper.ts";
import { topicsOf } from "../../src/papers/topics.ts";

/** A day's papers, and what they were. */
export interface Day {
  readonly date: string;
  readonly papers: readonly Candidate[];
}

export interface World {
  /** Days that were listed, oldest first. */
  readonly days: readonly Day[];
  /** Votes at least 14 days later, by paper id. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Where a paper stood on its source's page at the last look on its day, by 18:00 UTC. */
  readonly positions: ReadonlyMap<string, number>;
}

/** Reads the recorded days in `folder`. */
export async function readWorld(folder: string): Promise<World> {
  const home = mkdtempSync(join(tmpdir(), "paperround-personal-"));
  const config = readConfig(home, { PAPERROUND_CONFIG: "" });
  const app = await assemble(config);
  try {
    const lists = join(folder, "huggingface");
    await app.newsletter.gather([app.files([lists], null)], () => {});
    const dates = (await app.newsletter.recentDays(1000)).toReversed();
    const days: Day[] = [];
    for (const date of dates) {
      const { papers } = await app.catalogue.day(date, { offset: 0, limit: 10_000 });
      days.push({ date, papers });
    }
    const recording = await readRecording(folder);
    return {
      days: days.filter(({ papers }) => papers.length >= PAPERS_MIN),
      outcomes: new Map([...recording.lists.values()].flatMap((list) => [...list])),
      positions: positionsIn(recording),
    };
  } finally {
    await app.close();
    rmSync(home, { recursive: true });
  }
}

/** Days with fewer papers were recorded in part. */
const PAPERS_MIN = 20;
const LAST_LOOK = "T18:00:00.000Z";

function positionsIn({ sightings }: Recording): Map<string, number> {
  const positions = new Map<string, number>();
  for (const { facts, observedAt, readings } of sightings) {
    if (facts.arxivId === null || readings.position === undefined) continue;
    if (observedAt <= `${facts.listedOn}${LAST_LOOK}`)
      positions.set(facts.arxivId, readings.position);
  }
  return positions;
}

/** What a simulated reader cares for; the models are told nothing of it but ten liked papers. */
export interface Persona {
  readonly name: string;
  readonly cares: (paper: Paper) => boolean;
}

/** Returns a persona for each topic and each of the sources' keywords that `min` papers have. */
export function personasIn(days: readonly Day[], min: number): Persona[] {
  const counts = new Map<string, number>();
  for (const { papers } of days) {
    for (const { paper } of papers) {
      for (const label of labelsOf(paper)) counts.set(label, (counts.get(label) ?? 0) + 1);
    }
  }
  return [...counts]
    .filter(([, count]) => count >= min)
    .map(([name]) => ({ name, cares: (paper) => labelsOf(paper).has(name) }));
}

const known = new WeakMap<Paper, Set<string>>();

function labelsOf(paper: Paper): Set<string> {
  let labels = known.get(paper);
  if (!labels) {
    const keywords = paper.keywords.map((keyword) => `keyword: ${wordsIn(keyword).join(" ")}`);
    labels = new Set([...topicsOf(paper).map(({ id }) => `topic: ${id}`), ...keywords]);
    known.set(paper, labels);
  }
  return labels;
}
