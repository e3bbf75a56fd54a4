/** A candidate in which a test names only what it is about. */
import {
  NO_FACTS,
  SIGNALS,
  type Candidate,
  type Paper,
  type PaperId,
  type PaperKey,
  type Signals,
} from "../../src/papers/paper.ts";
import { readingsOf } from "../../src/papers/readings.ts";

interface Told extends Signals {
  readonly key?: number;
  readonly day?: string | null;
  readonly authorCount?: number | null;
}

/** Returns a candidate of 15 April 2026 with the signals and facts that `told` names. */
export function aCandidate({ key = 1, day = "2026-04-15", authorCount, ...signals }: Told = {}) {
  const paper: Paper = {
    ...NO_FACTS,
    key: key as PaperKey,
    id: `2604.${String(key).padStart(5, "0")}` as PaperId,
    title: `Paper ${key}`,
    day,
    listedOn: day,
    authorCount: authorCount ?? null,
  };
  const trail = SIGNALS.flatMap((signal) => {
    const value = signals[signal];
    return value === undefined
      ? []
      : [{ signal, source: "test", at: `${day ?? "2026-04-15"}T08:00:00.000Z`, value }];
  });
  return { paper, ...readingsOf(trail) } satisfies Candidate;
}
