/** Recorded days as simulated readers see them. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assemble } from "../../src/assemble.ts";
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
    return {
      days: days.filter(({ papers }) => papers.length >= PAPERS_MIN),
      outcomes: outcomesIn(folder),
      positions: positionsIn(folder),
    };
  } finally {
    await app.close();
    rmSync(home, { recursive: true });
  }
}

/** Days with fewer papers were recorded in part. */
const PAPERS_MIN = 20;
const LAST_LOOK = "T18:00:00Z";

interface Observation {
  readonly id: string;
  readonly listDate: string;
  readonly observedAt: string;
  readonly position?: number;
}

function positionsIn(folder: string): Map<string, number> {
  const lines = readFileSync(join(folder, "observations.jsonl"), "utf8")
    .split("\n")
    .filter(Boolean);
  const seen = lines.map((line) => JSON.parse(line) as Observation);
  const positions = new Map<string, number>();
  const inOrder = seen.toSorted((a, b) => (a.observedAt < b.observedAt ? -1 : 1));
  for (const { id, listDate, observedAt, position } of inOrder) {
    if (position !== undefined && observedAt <= `${listDate}${LAST_LOOK}`)
      positions.set(id, position);
  }
  return positions;
}

function outcomesIn(folder: string): Map<string, number> {
  const lines = readFileSync(join(folder, "outcomes.jsonl"), "utf8").split("\n").filter(Boolean);
  const outcomes = new Map<string, number>();
  for (const line of lines) {
    const { id, upvotes } = JSON.parse(line) as { id: string; upvotes?: number };
    if (upvotes !== undefined) outcomes.set(id, Math.max(outcomes.get(id) ?? 0, upvotes));
  }
  return outcomes;
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
