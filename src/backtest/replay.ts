/**
 * Replays a recording through the newsroom itself: a clock goes from moment to moment, what could be
 * seen by then is gathered, and at each send hour an edition is published as `serve` would. Rankings
 * are measured at the same moments on the papers of the day's list.
 */
import { leadEntries, type Edition, type Entry } from "../editions/edition.ts";
import { addDays, type Period } from "../editions/period.ts";
import type { Ranking } from "../editions/ranking.ts";
import { select, type SelectionRules } from "../editions/selection.ts";
import { PaperRoundError } from "../errors.ts";
import type { Newsroom } from "../newsroom.ts";
import type { Corpus } from "../papers/corpus.ts";
import type { Candidate, Sighting } from "../papers/paper.ts";
import { UNREAD } from "../papers/readings.ts";
import { titleKey, type CalendarDate } from "../papers/text.ts";
import { BASELINES, orderBy } from "./baselines.ts";
import { meanOf, measuresOf, topOf, type Measures } from "./measures.ts";
import { withoutLists, type Outcomes, type Recording } from "./recording.ts";

/** Newsrooms over one corpus, one for each send hour, with an archive of its own. */
export interface ReplayRooms {
  readonly corpus: Corpus;
  readonly newsrooms: readonly Newsroom[];
  close(): Promise<void>;
}

export interface ReplayOptions {
  /** Hours of the day, UTC. */
  readonly sendHours: readonly number[];
  readonly ranking: Ranking;
  readonly selection: SelectionRules;
  /** Opens the rooms, which read the time from `now`. */
  readonly openRooms: (now: () => Date) => Promise<ReplayRooms>;
  /** Returns numbers from 0 to 1 for what is ordered by chance, the same after every start. */
  readonly seeded: (seed: number) => () => number;
}

export interface Row extends Measures {
  readonly ranking: string;
  /** Null where nothing was known of votes or places. */
  readonly sendHour: number | null;
  readonly days: number;
}

/** What a daily reader would have had, over all days. */
export interface Reading {
  readonly sendHour: number;
  readonly leads: number;
  /** The share of the final top ten that led the day's own edition or the next. */
  readonly withinTwoEditions: number;
  /** The share that could be seen when the day's own edition went out. */
  readonly visible: number;
  /** Places taken by a work that had led before, without a new thing to tell. */
  readonly repeats: number;
  readonly labels: Readonly<Record<string, number>>;
  readonly editions: readonly ReplayedEdition[];
}

export interface ReplayedEdition {
  readonly period: Period;
  readonly papers: readonly { readonly id: string; readonly label: string | null }[];
}

export interface Report {
  readonly rows: readonly Row[];
  readonly readings: readonly Reading[];
}

/** The order by chance is measured so often, since once is chance. */
const SHUFFLES = 25;
const SEEDED = 20_260_415;

type Measured = { readonly ranking: string; readonly sendHour: number | null } & Measures;

/** Returns what the rankings and editions of the recorded days are worth. */
export async function replay(recording: Recording, options: ReplayOptions): Promise<Report> {
  let clock = new Date(0);
  const rooms = await options.openRooms(() => clock);
  const random = options.seeded(SEEDED);
  const measured: Measured[] = [];
  const published = options.sendHours.map((): Edition[] => []);
  const seenShares = options.sendHours.map((): number[] => []);
  try {
    const pending = recording.sightings.values();
    let next = pending.next();
    for (const { at, index, date } of momentsOf(recording, options.sendHours)) {
      while (!next.done && next.value.observedAt <= at.toISOString()) {
        clock = new Date(next.value.observedAt);
        await rooms.corpus.record([next.value], next.value.observedAt);
        next = pending.next();
      }
      clock = at;
      const list = recording.lists.get(date);
      if (list) {
        const seen = await visibleOf(rooms.corpus, date, list);
        seenShares[index]?.push(shareOf(topOf(list), new Set(seen.map(({ paper }) => paper.id))));
        const hour = options.sendHours[index] ?? 0;
        measured.push(...measureAll(seen, list, { hour, at }, options, random));
      }
      const edition = await publish(rooms.newsrooms[index], date);
      if (edition) published[index]?.push(edition);
    }
  } finally {
    await rooms.close();
  }
  measured.push(...withoutReadings(recording, options, random));
  return {
    rows: rowsOf(measured),
    readings: options.sendHours.map((sendHour, index) =>
      readingOf(recording, {
        sendHour,
        leads: options.selection.leads,
        editions: published[index] ?? [],
        seen: seenShares[index] ?? [],
      }),
    ),
  };
}

interface Moment {
  readonly at: Date;
  readonly date: CalendarDate;
  /** Which send hour it is. */
  readonly index: number;
}

/** From the first list to the day after the last, which a late paper of it may lead. */
function momentsOf({ lists }: Recording, sendHours: readonly number[]): Moment[] {
  const dates = [...lists.keys()];
  const last = addDays(dates.at(-1) ?? "", 1);
  const moments: Moment[] = [];
  for (let date = dates[0] ?? last; date <= last; date = addDays(date, 1)) {
    for (const [index, hour] of sendHours.entries()) {
      moments.push({ at: new Date(Date.parse(date) + hour * 3_600_000), date, index });
    }
  }
  return moments.toSorted((a, b) => a.at.getTime() - b.at.getTime());
}

async function visibleOf(corpus: Corpus, date: CalendarDate, list: Outcomes): Promise<Candidate[]> {
  const known = await corpus.candidates({ after: addDays(date, -1), upTo: date });
  return known.filter(({ paper, trail }) => list.has(paper.id) && trail.length > 0);
}

function measureAll(
  seen: readonly Candidate[],
  list: Outcomes,
  { hour, at }: { readonly hour: number | null; readonly at: Date },
  { ranking, selection }: ReplayOptions,
  random: () => number,
): Measured[] {
  const told = (name: string, measures: Measures): Measured => ({
    ranking: name,
    sendHour: hour,
    ...measures,
  });
  const ranked = ranking.rank(seen, null);
  const ours = told("ours", measuresOf(idsOf(ranked), list));
  const chosen = [
    ["ours, chosen", selection],
    ["ours, with a surprise", { ...selection, surprise: true }],
  ] as const;
  const asChosen = chosen.map(([name, rules]) =>
    told(name, measuresOf(idsOf(select(ranked, { ...rules, leads: 10 })), list)),
  );
  const others = BASELINES.map((baseline) => {
    const orders = Array.from({ length: baseline === "random" ? SHUFFLES : 1 }, () =>
      measuresOf(orderBy(baseline, seen, at, random), list),
    );
    return told(baseline, meanOf(orders));
  });
  return [ours, ...asChosen, ...others];
}

/** Ranks whole lists of which only the papers are known. */
function withoutReadings(
  { sightings, lists }: Recording,
  options: ReplayOptions,
  random: () => number,
): Measured[] {
  const facts = new Map(sightings.map((sighting) => [sighting.facts.arxivId, sighting]));
  return [...lists].flatMap(([date, list]) => {
    const papers = [...list.keys()].flatMap((id, index) => {
      const known = facts.get(id);
      return known ? [unread(known, date, index + 1)] : [];
    });
    const at = new Date(date);
    const all = measureAll(papers, list, { hour: null, at }, options, random);
    const kept = all.filter(({ ranking }) => WITHOUT_READINGS.has(ranking));
    const bare = options.ranking.rank(papers.map(arxivOnly), null);
    const measures = measuresOf(idsOf(bare), list);
    return [...kept, { ranking: "ours, arXiv facts only", sendHour: null, ...measures }];
  });
}

const WITHOUT_READINGS = new Set(["ours", "authors", "newest", "random"]);

function unread({ facts }: Sighting, day: CalendarDate, key: number): Candidate {
  const id = facts.arxivId ?? "";
  return { paper: { ...facts, key, id, day } as Candidate["paper"], ...UNREAD };
}

/** Leaves out what arXiv does not tell. */
function arxivOnly({ paper, ...readings }: Candidate): Candidate {
  // That it was listed is known of all of them, and it is all that is known of the list.
  return { paper: { ...paper, ...withoutLists(paper), listedOn: paper.listedOn }, ...readings };
}

/** Publishes as a round does; a day without papers has no edition. */
async function publish(
  newsroom: Newsroom | undefined,
  date: CalendarDate,
): Promise<Edition | null> {
  try {
    return (await newsroom?.publish("daily", date)) ?? null;
  } catch (fault) {
    if (fault instanceof PaperRoundError && fault.code === "NOTHING_TO_SEND") return null;
    throw fault;
  }
}

function rowsOf(measured: readonly Measured[]): Row[] {
  const groups = Map.groupBy(measured, ({ ranking, sendHour }) => `${sendHour} ${ranking}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { ranking, sendHour } = first;
    return [{ ranking, sendHour, days: group.length, ...meanOf(group) }];
  });
}

function readingOf(
  { lists }: Recording,
  told: {
    readonly sendHour: number;
    readonly leads: number;
    readonly editions: readonly Edition[];
    readonly seen: readonly number[];
  },
): Reading {
  const { sendHour, leads, editions, seen } = told;
  const ledBy = new Map(editions.map((edition) => [String(edition.period), leadEntries(edition)]));
  const shares = [...lists].map(([date, list]) => {
    const had = [date, addDays(date, 1)].flatMap((day) => ledBy.get(day) ?? []);
    return shareOf(topOf(list), new Set(had.map(({ paper }) => paper.id)));
  });
  const entries = editions.flatMap(leadEntries);
  const labels: Record<string, number> = {};
  for (const { label } of entries) if (label) labels[label.kind] = (labels[label.kind] ?? 0) + 1;
  return {
    sendHour,
    leads,
    withinTwoEditions: mean(shares),
    visible: mean(seen),
    repeats: repeatsIn(entries),
    labels,
    editions: editions.map((edition) => ({
      period: edition.period,
      papers: leadEntries(edition).map(({ paper, label }) => ({
        id: paper.id,
        label: label?.text ?? null,
      })),
    })),
  };
}

function repeatsIn(entries: readonly Entry[]): number {
  const led = new Set<string>();
  let repeats = 0;
  for (const { paper, label } of entries) {
    const work = titleKey(paper.title);
    if (led.has(work) && label?.kind !== "update") repeats++;
    led.add(work);
  }
  return repeats;
}

/** Returns the share of `top` that is in `had`; of papers that are even at its edge, any will do. */
function shareOf(top: ReadonlySet<string>, had: ReadonlySet<string>): number {
  const places = Math.min(10, top.size);
  return Math.min(places, [...top].filter((id) => had.has(id)).length) / places;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function idsOf(papers: readonly { readonly paper: { readonly id: string } }[]): string[] {
  return papers.map(({ paper }) => paper.id);
}
