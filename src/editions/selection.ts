/**
 * Chooses an edition's entries from a ranking: who leads, and who are the runners-up. It never scores.
 * Of one work under several ids the best place counts. Papers that are alike are kept apart: each is
 * taken for less, the more it is like one that leads already (maximal marginal relevance, Carbonell and
 * Goldstein, SIGIR 1998).
 */
import type { Paper, PaperKey, Summary } from "../papers/paper.ts";
import { titleKey } from "../papers/text.ts";
import { topicsOf } from "../papers/topics.ts";
import type { Draft, Entry, Label } from "./edition.ts";
import type { Ranked } from "./ranking.ts";

export interface SelectionRules {
  /** How many papers lead. */
  readonly leads: number;
  /** What a paper loses of its score that is just like one that leads: 0 to 1. */
  readonly variety: number;
  /** Whether the last place goes to a paper that few have voted for. */
  readonly surprise: boolean;
  /** A paper that is expected to come to fewer votes does not lead. */
  readonly bar: number;
}

/** A ranked paper, and what is said of how it came in, if it did by an exception. */
export interface Labelled extends Ranked {
  readonly label?: Label | null;
}

/** Returns `draft` with what was written of the papers that lead it. */
export function withWritten(draft: Draft, written: ReadonlyMap<PaperKey, Summary>): Draft {
  const entries = draft.entries.map((entry) =>
    entry.lead ? { ...entry, written: written.get(entry.paper.key) ?? null } : entry,
  );
  return { ...draft, entries };
}

/** An edition keeps this many places: enough for every reader's own choice and for "why not". */
const ENTRIES_MAX = 60;
/** Papers as alike as this are told as one. */
const ALIKE = 0.75;

/** Of a month's candidates the very last ones are of no use to anybody. */
const OTHERS_MAX = 10_000;

/** Returns the entries of an edition, and the candidates behind them, for what readers follow. */
export function selectAll(
  ranking: readonly Labelled[],
  rules: SelectionRules,
): Required<Pick<Draft, "entries" | "others">> {
  const works = onePerWork(ranking);
  const behind = works.slice(ENTRIES_MAX, ENTRIES_MAX + OTHERS_MAX);
  return {
    entries: entriesOf(works.slice(0, ENTRIES_MAX), rules),
    others: behind.map((work, index) => entryAt(work, ENTRIES_MAX + index + 1, false)),
  };
}

/** Returns up to 60 entries, those that lead first, in ranking order each. */
export function select(ranking: readonly Labelled[], rules: SelectionRules): Entry[] {
  return entriesOf(onePerWork(ranking).slice(0, ENTRIES_MAX), rules);
}

function entriesOf(works: readonly Labelled[], rules: SelectionRules): Entry[] {
  const leading = leadersOf(works, rules);
  const ordered = [
    ...works.filter(({ paper }) => leading.has(paper.key)),
    ...works.filter(({ paper }) => !leading.has(paper.key)),
  ];
  const surprise = rules.surprise ? surpriseAmong(ordered, leading.size) : null;
  const placed = surprise ? withSurprise(ordered, surprise, leading.size) : ordered;
  return placed.map((one, index) => entryAt(one, index + 1, index < leading.size));
}

function entryAt(one: Labelled, rank: number, lead: boolean): Entry {
  const { paper, score, signals, changes, reason, label, estimate } = one;
  return {
    rank,
    lead,
    paper,
    score,
    signals,
    changes,
    reason,
    label: label ?? null,
    witnesses: estimate.witnesses,
    written: null,
  };
}

/** Returns of each work, told by its title and a common author, the best place. */
function onePerWork(ranking: readonly Labelled[]): Labelled[] {
  const kept = new Map<string, Labelled[]>();
  return ranking.filter((one) => {
    const key = titleKey(one.paper.title);
    const alike = kept.get(key) ?? [];
    if (alike.some(({ paper }) => sameWork(paper, one.paper))) return false;
    kept.set(key, [...alike, one]);
    return true;
  });
}

type Told = Pick<Paper, "title" | "authors">;

/** Whether two papers are one work under two ids: one title, and an author in common where both name any. */
export function sameWork(a: Told, b: Told): boolean {
  if (titleKey(a.title) !== titleKey(b.title)) return false;
  if (a.authors.length === 0 || b.authors.length === 0) return true;
  const names = new Set(a.authors.map((name) => titleKey(name)));
  return b.authors.some((name) => names.has(titleKey(name)));
}

function leadersOf(works: readonly Labelled[], rules: SelectionRules): Set<PaperKey> {
  const leading = new Map<PaperKey, Terms>();
  const worthy = works.filter(({ score }) => score >= rules.bar);
  let open = worthy.map((one) => ({ one, terms: null as Terms | null, worth: one.score }));
  while (leading.size < rules.leads && open.length > 0) {
    const index = bestOf(open);
    const [taken] = open.splice(index, 1);
    if (!taken) break;
    const terms = taken.terms ?? termsOf(taken.one.paper);
    leading.set(taken.one.paper.key, terms);
    if (rules.variety === 0) continue;
    open = open.filter((other) => {
      other.terms ??= termsOf(other.one.paper);
      const alike = likeness(terms, other.terms);
      other.worth = Math.min(other.worth, other.one.score * (1 - rules.variety * alike));
      return alike < ALIKE;
    });
  }
  return new Set(leading.keys());
}

/** Returns where the largest worth is; of equal ones the first. */
function bestOf(open: readonly { readonly worth: number }[]): number {
  return open.reduce(
    (best, { worth }, index) => (worth > (open[best]?.worth ?? -1) ? index : best),
    0,
  );
}

interface Terms {
  readonly topics: ReadonlySet<string>;
  readonly words: ReadonlySet<string>;
}

/** Words of fewer letters say little of what a paper is about. */
const WORD_LENGTH_MIN = 4;

function termsOf(paper: Paper): Terms {
  const words = `${paper.title} ${paper.keywords.join(" ")}`.toLowerCase().match(/\p{L}+/gu) ?? [];
  return {
    topics: new Set(topicsOf(paper).map(({ id }) => id)),
    words: new Set(words.filter((word) => word.length >= WORD_LENGTH_MIN)),
  };
}

/** Returns how alike two papers are, 0 to 1: half by topics, half by words of title and keywords. */
function likeness(a: Terms, b: Terms): number {
  return (cosine(a.topics, b.topics) + cosine(a.words, b.words)) / 2;
}

function cosine(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) return 0;
  return a.intersection(b).size / Math.sqrt(a.size * b.size);
}

/**
 * Returns the runner-up that its readings leave furthest behind what the paper itself foretells, of a topic
 * that does not lead where there is one; null where none is behind. What came in by an exception is told
 * as that.
 */
function surpriseAmong(ordered: readonly Labelled[], leads: number): Labelled | null {
  if (leads < 2 || ordered.length <= leads) return null;
  const known = new Set(ordered.slice(0, leads - 1).flatMap(({ paper }) => mainTopic(paper)));
  const others = ordered.slice(leads).filter((one) => !one.label && behindBy(one) > 0);
  const fresh = others.filter(({ paper }) => mainTopic(paper).some((topic) => !known.has(topic)));
  const pool = fresh.length > 0 ? fresh : others;
  return pool.reduce<Labelled | null>(
    (best, one) => (best && behindBy(best) >= behindBy(one) ? best : one),
    null,
  );
}

/** Returns how many votes of those that the paper itself foretells its readings do not. */
function behindBy({ estimate: { witnesses } }: Labelled): number {
  const foretold = (own: boolean) =>
    witnesses.find(({ kind }) => (kind === "paper") === own)?.votes ?? 0;
  return foretold(true) - foretold(false);
}

function mainTopic(paper: Paper): string[] {
  return topicsOf(paper)
    .slice(0, 1)
    .map(({ id }) => id);
}

/** Returns the entries with the surprise in the last leading place. */
function withSurprise(ordered: readonly Labelled[], surprise: Labelled, leads: number): Labelled[] {
  const others = ordered.filter(({ paper }) => paper.key !== surprise.paper.key);
  const label: Label = { kind: "surprise", text: "Surprise: few votes so far" };
  return [...others.slice(0, leads - 1), { ...surprise, label }, ...others.slice(leads - 1)];
}
