/** What a paper's readings tell together. */
import type { Candidate, Change, Reading, Signal } from "./paper.ts";

/** What people do about a paper, which letters and pages show. */
export const COUNTS = ["votes", "comments", "stars"] as const satisfies readonly Signal[];
export type Count = (typeof COUNTS)[number];

export type Readings = Pick<Candidate, "signals" | "changes" | "trail">;

/** What is known of a paper that nobody has read a signal of. */
export const UNREAD: Readings = { signals: {}, changes: {}, trail: [] };

/** Returns what readings in time order tell: the latest of each signal, and what it changed. */
export function readingsOf(trail: readonly Reading[]): Readings {
  const signals: Partial<Record<Signal, number>> = {};
  const changes: Partial<Record<Signal, Change>> = {};
  // The reading that each source took before is known by the time its last one comes.
  const before = new Map<string, Reading>();
  for (const reading of trail) {
    const { signal, source, value } = reading;
    const earlier = before.get(`${signal} ${source}`);
    before.set(`${signal} ${source}`, reading);
    signals[signal] = value;
    if (earlier) changes[signal] = { by: value - earlier.value, since: earlier.at };
    else delete changes[signal];
  }
  return { signals, changes, trail };
}
