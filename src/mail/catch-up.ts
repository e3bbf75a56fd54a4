/**
 * What a reader missed during a pause: the best that led the editions of it, for the first letter after it.
 * Chosen as any letter is, by what they follow, mute and like; each paper says when it led.
 */
import type { Archive } from "../editions/archive.ts";
import { openChoices, type Choices, type Chosen } from "../editions/choice.ts";
import { leadEntries, type Edition, type Entry } from "../editions/edition.ts";
import { daysOf } from "../editions/period.ts";
import type { Catalogue } from "../papers/catalogue.ts";
import type { PaperKey } from "../papers/paper.ts";
import type { Rarity } from "../papers/terms.ts";
import type { Recipient } from "../subscribers/subscriber.ts";
import { MISSED_MAX } from "./history.ts";
import type { Wording } from "./wording/wording.ts";

/** Returns what a reader missed, the best first; nothing for the many who had no pause. */
export type CatchUp = (reader: Recipient) => Promise<readonly Chosen[]>;

interface CatchUpDependencies {
  readonly archive: Pick<Archive, "find" | "previous">;
  readonly catalogue: Pick<Catalogue, "papers">;
  readonly rarity: Rarity;
  readonly wording: Wording;
  /** The edition at hand, and the candidates behind its last entry: what it holds was not missed. */
  readonly edition: Edition;
  readonly others: readonly Entry[];
}

/** Papers of a pause in one letter, however long the pause was. */
const PAPERS_MAX = 5;

/** Opens catching up beside one edition. */
export function openCatchUp(dependencies: CatchUpDependencies): CatchUp {
  const { archive, catalogue, rarity, wording, edition, others } = dependencies;
  const { cadence } = edition;
  const held = new Set([...edition.entries, ...others].map(({ paper }) => paper.key));
  /** By the period after which something was missed: many pauses begin on one day. */
  const missed = new Map<string, Promise<Choices>>();

  async function editionsAfter(after: string): Promise<Edition[]> {
    const found: Edition[] = [];
    let before = edition.period;
    while (found.length < MISSED_MAX) {
      const previous = await archive.previous(cadence, before);
      if (!previous || previous.period <= after) break;
      before = previous.period;
      const past = await archive.find(cadence, before);
      if (past) found.push(past);
    }
    return found;
  }

  async function open(after: string): Promise<Choices> {
    const led = new Map<PaperKey, Entry>();
    for (const past of await editionsAfter(after)) {
      const { last } = daysOf(cadence, past.period);
      const label = { kind: "missed", text: wording.away(wording.shortDate(last)) } as const;
      for (const entry of leadEntries(past)) {
        const { key } = entry.paper;
        // The newest is looked at first: it has the news, where a paper led twice.
        if (!held.has(key) && !led.has(key)) led.set(key, { ...entry, label });
      }
    }
    const now = await catalogue.papers([...led.keys()]);
    for (const { paper } of now) if (paper.withdrawn === true) led.delete(paper.key);
    return openChoices(
      [...led.values()].toSorted((a, b) => b.score - a.score),
      rarity,
    );
  }

  return async ({ interests, profile, history, papers }) => {
    const after = history?.missedAfter;
    if (!history || after === undefined) return [];
    const choices = missed.get(after) ?? open(after);
    missed.set(after, choices);
    choices.catch(() => missed.delete(after));
    const places = Math.min(papers ?? PAPERS_MAX, PAPERS_MAX);
    const wish = { places, tail: 0, seen: history.seen, kept: history.kept };
    return (await choices).choose({ interests, profile }, wish).entries;
  };
}
