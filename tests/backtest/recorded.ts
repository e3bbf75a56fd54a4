/** A folder with a recording, as `backtest` reads it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { emptyHome } from "../home.ts";

/** The day of the list. */
export const DAY = "2026-04-14";
/** Returns the arXiv id of a paper by its number. */
export const idOf = (number: number) => `2604.0000${number}`;

export interface Seen {
  readonly paper: number;
  readonly at: string;
  readonly position: number;
}

/** Returns a folder of one list of five papers, the first of which came to the most votes. */
export function recorded(
  seen: readonly Seen[],
  more: { observations?: string[]; outcomes?: string[]; papers?: string[] } = {},
) {
  const folder = emptyHome();
  mkdirSync(join(folder, "papers"));
  const papers = [1, 2, 3, 4, 5];
  const lines = (values: readonly unknown[], others: readonly string[] = []) =>
    [...values.map((value) => JSON.stringify(value)), ...others].join("\n");
  writeFileSync(
    join(folder, "papers", `${DAY}.jsonl`),
    lines(
      papers.map((paper) => ({
        title: `Paper ${paper}`,
        arxivId: idOf(paper),
        listedOn: DAY,
        // A reading of much later, which a replay must not look at.
        observedAt: "2026-06-01T00:00:00Z",
        readings: { votes: 1000 * paper },
      })),
      more.papers,
    ),
  );
  writeFileSync(
    join(folder, "observations.jsonl"),
    lines(
      seen.map(({ paper, at, position }) => ({
        id: idOf(paper),
        listDate: DAY,
        observedAt: at,
        position,
        listSize: 5,
      })),
      more.observations,
    ),
  );
  writeFileSync(
    join(folder, "outcomes.jsonl"),
    lines(
      papers.map((paper) => ({
        id: idOf(paper),
        listDate: DAY,
        upvotes: 60 - 10 * paper,
        observedAt: "2026-05-28T00:00:00Z",
      })),
      more.outcomes,
    ),
  );
  return folder;
}
