/** How the editions of two replays differ: what a changed rule would have changed. */
import type { ReplayedEdition } from "./replay.ts";

export interface Difference {
  readonly sendHour: number;
  readonly period: string;
  /** Ids of papers that lead only by the changed rules, and only by those of now. */
  readonly added: readonly string[];
  readonly dropped: readonly string[];
}

/** Returns the editions that differ, in order. */
export function differencesOf(
  sendHour: number,
  now: readonly ReplayedEdition[],
  changed: readonly ReplayedEdition[],
): Difference[] {
  const idsOf = (editions: readonly ReplayedEdition[]) =>
    new Map(editions.map(({ period, papers }) => [period, papers.map(({ id }) => id)]));
  const [before, after] = [idsOf(now), idsOf(changed)];
  const periods = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return periods.flatMap((period) => {
    const [old, fresh] = [before.get(period) ?? [], after.get(period) ?? []];
    const added = fresh.filter((id) => !old.includes(id));
    const dropped = old.filter((id) => !fresh.includes(id));
    return added.length + dropped.length > 0 ? [{ sendHour, period, added, dropped }] : [];
  });
}
