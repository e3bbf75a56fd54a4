/**
 * How rare terms are among the papers known last: what a paper says that others don't. Counted in small
 * steps, so that nobody who asks for a page meanwhile waits for it, and kept for some hours, in which
 * little changes.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Catalogue } from "./catalogue.ts";
import { openCount, type Background } from "./terms.ts";

/** More papers change little and take their time. */
const PAPERS_MAX = 3000;
const PAPERS_PER_STEP = 50;
const KEPT_MS = 6 * 3_600_000;

/** Returns what tells of the terms of many papers, as of the last hours. */
export function openBackground(
  catalogue: Pick<Catalogue, "newest">,
  now: () => Date,
): () => Promise<Background> {
  let kept: { readonly counted: Promise<Background>; readonly until: number } | null = null;
  return () => {
    const at = now().getTime();
    if (!kept || at >= kept.until) {
      const counted = count(catalogue);
      counted.catch(() => (kept = null));
      kept = { counted, until: at + KEPT_MS };
    }
    return kept.counted;
  };
}

async function count(catalogue: Pick<Catalogue, "newest">): Promise<Background> {
  const counting = openCount();
  const papers = await catalogue.newest(PAPERS_MAX);
  for (const count of [counting.add, counting.addUsual]) {
    for (const [index, paper] of papers.entries()) {
      count(paper);
      if (index % PAPERS_PER_STEP === PAPERS_PER_STEP - 1) await nextTurn();
    }
  }
  return counting.background;
}
