/** A sighting in which a test names only what it is about. */
import { NO_FACTS, type PaperFacts, type Sighting, type Signals } from "../../src/papers/paper.ts";

interface Told extends Partial<PaperFacts> {
  readonly source?: string;
  readonly observedAt?: string;
  readonly readings?: Signals;
}

/** Returns a sighting of "A Title", listed on 15 April 2026, with what `told` says otherwise. */
export function aSighting(told: Told = {}): Sighting {
  const {
    source = "hugging-face",
    observedAt = "2026-04-15T06:00:00.000Z",
    readings = {},
    ...facts
  } = told;
  return {
    source,
    observedAt,
    readings,
    facts: { ...NO_FACTS, title: "A Title", listedOn: "2026-04-15", ...facts },
  };
}
