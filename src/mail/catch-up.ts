/**
 * What a reader missed during a pause: the best that led the editions of it, for the first letter after
 * it. Chosen as any letter is, by what they follow, mute and like; each paper says when it led.
 */
import type { Archive } from "../editions/archive.ts";
import { openChoices, type Choices, type Chosen } from "../editions/choice.ts";
import { leadEntries, type Draft, type Entry } from "../editions/edition.ts";
import { daysOf, localDate, type Cadence, type Period } from "../editions/period.ts";
import type { OtherKeys } from "../editions/works.ts";
import type { Catalogue } from "../papers/catalogue.ts";
import { isWithdrawn, type Paper, type PaperKey } from "../papers/paper.ts";
import type { Rarity } from "../papers/terms.ts";
import type { Pause, Recipient } from "../subscribers/subscriber.ts";
import { keep } from "./keeping.ts";
import type { Wording } from "./wording/wording.ts";

/** Returns what a reader missed, the best first; nothing for the many who had no pause. */
export type CatchUp = (reader: Recipient) => Promise<readonly Chosen[]>;

/** Where what was missed is found, and beside what it is told. */
export interface CatchUpDependencies {
  readonly archive: Pick<Archive, "find" | "previous">;
  readonly catalogue: Pick<Catalogue, "papers">;
  readonly rarity: Rarity;
  readonly wording: Wording;
  /** The edition at hand, and candidates behind its last entry: what it holds was not missed. */
  readonly edition: Draft;
  readonly others: readonly Entry[];
  /** As what else their works may be known, and that of any other paper. */
  readonly otherKeys: OtherKeys;
  readonly otherKeysOf: (papers: readonly Paper[]) => Promise<OtherKeys>;
  /** Whose dates a pause ends at. */
  readonly timeZone: string;
}

/** So many editions of a pause are looked at; the best of a longer one are the best of its end. */
const MISSED_MAX = 31;
/** Papers of a pause in one letter, however long the pause was. */
const PAPERS_MAX = 5;
/** Pauses of different days that are kept at once, and the editions that they ask for. */
const PAUSES_KEPT = 50;
const PERIODS_KEPT = 400;

/** Returns what tells a reader what they missed, beside one edition. */
export function openCatchUp(dependencies: CatchUpDependencies): CatchUp {
  const { archive, catalogue, rarity, wording, edition, others, timeZone } = dependencies;
  const { cadence } = edition;
  const held = new Set(
    [...edition.entries, ...others].flatMap(({ paper }) => keysOf(paper, dependencies.otherKeys)),
  );
  /** By the first and last edition of it: many pauses are of the same ones. */
  const missed = new Map<string, Promise<Choices>>();
  const before = new Map<string, ReturnType<Archive["previous"]>>();

  const previousOf = (period: Period) =>
    keep(before, period, PERIODS_KEPT, () => archive.previous(cadence, period));

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
    // The newest is looked at first: it has the news, where a paper led twice.
    const past: Entry[] = [];
    for (const period of periods) past.push(...(await labelled(period)));
    const known = await catalogue.papers(past.map(({ paper }) => paper.key));
    const withdrawn = new Set(
      known.flatMap(({ paper }) => (isWithdrawn(paper) ? [paper.key] : [])),
    );
    const otherKeys = await dependencies.otherKeysOf(past.map(({ paper }) => paper));
    const told = new Set(held);
    const led: Entry[] = [];
    for (const entry of past) {
      const keys = keysOf(entry.paper, otherKeys);
      if (!withdrawn.has(entry.paper.key) && !keys.some((key) => told.has(key))) led.push(entry);
      for (const key of keys) told.add(key);
    }
    const bestFirst = led.toSorted((a, b) => b.score - a.score);
    return openChoices(bestFirst, rarity, { bar: 0, otherKeys });
  }

  /** Returns the entries that led an edition, each saying when. */
  async function labelled(period: Period): Promise<Entry[]> {
    const past = await archive.find(cadence, period);
    if (!past) return [];
    const { last } = daysOf(cadence, past.period);
    const label = { kind: "missed", text: wording.away(wording.shortDate(last)) } as const;
    return leadEntries(past).map((entry) => ({ ...entry, label }));
  }

  return async ({ interests, profile, history, papers }) => {
    const periods = history?.pause ? await periodsOf(history.pause) : [];
    if (!history || periods.length === 0) return [];
    const name = `${periods.at(-1)} ${periods[0]}`;
    const choices = await keep(missed, name, PAUSES_KEPT, () => open(periods));
    const places = Math.min(papers ?? PAPERS_MAX, PAPERS_MAX);
    const wish = { places, tail: 0, seen: history.seen, kept: history.kept };
    return choices.choose({ interests, profile }, wish).entries;
  };
}

/** Returns all keys of a paper's work. */
function keysOf({ key }: Paper, otherKeys: OtherKeys): readonly PaperKey[] {
  return [key, ...(otherKeys.get(key) ?? [])];
}
