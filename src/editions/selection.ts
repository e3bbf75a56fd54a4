/** Chooses an edition's entries from a ranking: the first ones lead, the next are runners-up. */
import type { PaperKey, Summary } from "../papers/paper.ts";
import type { Draft, Entry } from "./edition.ts";
import type { Ranked } from "./ranking.ts";

/** Returns `draft` with what was written of the papers that lead it. */
export function withWritten(draft: Draft, written: ReadonlyMap<PaperKey, Summary>): Draft {
  const entries = draft.entries.map((entry) =>
    entry.lead ? { ...entry, written: written.get(entry.paper.key) ?? null } : entry,
  );
  return { ...draft, entries };
}

/** An edition keeps this many places: enough for every reader's own choice and for "why not". */
const ENTRIES_MAX = 60;

/** Returns up to 60 entries in ranking order, the first `lead` of them leading. */
export function select(ranking: readonly Ranked[], lead: number): Entry[] {
  return ranking.slice(0, ENTRIES_MAX).map(({ paper, score, signals, changes, reason }, index) => ({
    rank: index + 1,
    lead: index < lead,
    paper,
    score,
    signals,
    changes,
    reason,
    written: null,
  }));
}
