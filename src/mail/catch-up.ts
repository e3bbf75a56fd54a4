/**
 * What a reader missed during a pause: the best that led the editions of it, for the first letter after it.
 * Chosen as any letter is, by what they follow, mute and like; each paper says when it led.
 */
import type { Archive } from "../editions/archive.ts";
import { openChoices, type Choices, type Chosen } from "../editions/choice.ts";
import { leadEntries, type Draft, type Entry } from "../editions/edition.ts";
import { daysOf, localDate, type Cadence, type Period } from "../editions/period.ts";
import type { Catalogue } from "../papers/catalogue.ts";
import type { PaperKey } from "../papers/paper.ts";
import type { Rarity } from "../papers/terms.ts";
import type { Pause, Recipient } from "../subscribers/subscriber.ts";
import type { Wording } from "./wording/wording.ts";

/** Returns what a reader missed, the best first; nothing for the many who had no pause. */
export type CatchUp = (reader: Recipient) => Promise<readonly Chosen[]>;

/** Where what was missed is found, and beside what it is told. */
export interface CatchUpDependencies {
  readonly archive: Pick<Archive, "find" | "previous">;
  readonly catalogue: Pick<Catalogue, "papers">;
  readonly rarity: Rarity;
  readonly wording: Wording;
  /** The edition at hand, and the candidates behind its last entry: what it holds was not missed. */
  readonly edition: Draft;
  readonly others: readonly Entry[];
  /** Whose dates a pause ends at. */
  readonly timeZone: string;
}

/** So many editions of a pause are looked at; the best of a longer one are the best of its end. */
const MISSED_MAX = 31;
/** Papers of a pause in one letter, however long the pause was. */
const PAPERS_MAX = 5;

/** Opens catching up beside one edition. */
export function openCatchUp(dependencies: CatchUpDependencies): CatchUp {
  const { archive, catalogue, rarity, wording, edition, others, timeZone } = dependencies;
  const { cadence } = edition;
  const held = new Set([...edition.entries, ...others].map(({ paper }) => paper.key));
  /** By the first and last edition of it: many pauses are of the same ones. */
  const missed = new Map<string, Promise<Choices>>();
  const before = new Map<Period, ReturnType<Archive["previous"]>>();

  function previousOf(period: Period): ReturnType<Archive["previous"]> {
    const previous = before.get(period) ?? archive.previous(cadence, period);
    before.set(period, previous);
    previous.catch(() => before.delete(period));
    return previous;
  }

  /** Returns the periods of the editions that came out in a pause, the last first. */
  async function periodsOf({ since, until, last }: Pause): Promise<Period[]> {
    const told = last && (await archive.find(last.cadence as Cadence, last.period as Period));
    // Its reader had it after the pause.
    if (told && told.publishedAt > since) return [];
    const periods: Period[] = [];
    let each = await previousOf(edition.period);
    while (each && each.publishedAt > since && periods.length < MISSED_MAX) {
      if (localDate(new Date(each.publishedAt), timeZone) < until) periods.push(each.period);
      each = await previousOf(each.period);
    }
    return periods;
  }

  async function open(periods: readonly Period[]): Promise<Choices> {
    const led = new Map<PaperKey, Entry>();
    for (const period of periods) {
      const past = await archive.find(cadence, period);
      if (!past) continue;
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
    const periods = history?.pause ? await periodsOf(history.pause) : [];
    if (!history || periods.length === 0) return [];
    const name = `${periods.at(-1)} ${periods[0]}`;
    const choices = missed.get(name) ?? open(periods);
    missed.set(name, choices);
    choices.catch(() => missed.delete(name));
    const places = Math.min(papers ?? PAPERS_MAX, PAPERS_MAX);
    const wish = { places, tail: 0, seen: history.seen, kept: history.kept };
    return (await choices).choose({ interests, profile }, wish).entries;
  };
}
