/**
 * Who may enter an edition: the papers of its window, those of the week before that rose after their
 * day, and those that led before and have something new to tell. A work that has led never leads again
 * otherwise, under whatever id.
 */
import type { Corpus, Window } from "../papers/corpus.ts";
import { isWithdrawn, type Candidate, type PaperKey } from "../papers/paper.ts";
import { counted } from "../io/plural.ts";
import type { Archive, PassedOver } from "./archive.ts";
import type { Label } from "./edition.ts";
import { newsOf } from "./news.ts";
import type { CalendarDate } from "../papers/text.ts";
import { addDays, daysOf, periodOf, weekdayOrDate, type Cadence, type Period } from "./period.ts";
import type { Ranking } from "./ranking.ts";
import { sameWork, type Labelled } from "./selection.ts";

export interface CandidateRules {
  /** So many days before its window an edition looks for papers that rose after theirs. */
  readonly lateDays: number;
  /** So many papers at most may lead again, each with something new to tell. */
  readonly updates: number;
}

interface Rooms {
  readonly corpus: Corpus;
  readonly archive: Archive;
  readonly ranking: Ranking;
  readonly rules: CandidateRules;
}

export interface Asked {
  readonly cadence: Cadence;
  readonly period: Period;
  readonly window: Window;
  /** Take all papers of the week before its days that have not led, whether they rose or not. */
  readonly widened: boolean;
  /** For who was away: what led before is taken too. */
  readonly catchingUp?: true;
}

/** A paper has risen that scores so many times what it did when it was passed over. */
const RISE = 1.2;
/** So far back a widened edition looks, whatever the rules say of papers that rise. */
const WIDENED_DAYS = 7;
/** What led longer ago than this does not come back. */
const UPDATE_DAYS = 60;

/** Returns the candidates of an edition in ranking order, with what is said of the exceptions. */
export async function rankedCandidates(rooms: Rooms, asked: Asked): Promise<Labelled[]> {
  const { corpus, ranking, rules } = rooms;
  const { cadence, window } = asked;
  const own = await corpus.candidates(window);
  const looksBack = cadence === "daily" || asked.widened;
  const late = looksBack ? await lateCandidates(rooms, asked, own) : [];
  const risen = new Map(late.map(({ candidate, label }) => [candidate.paper.key, label]));
  const all = [...own, ...late.map(({ candidate }) => candidate)];
  const printed = asked.catchingUp ? new Set<PaperKey>() : await printedWorks(rooms, asked, all);
  const updates =
    rules.updates > 0 && !asked.catchingUp
      ? await updatesOf(rooms, asked)
      : new Map<PaperKey, Update>();
  const fresh = all.filter(({ paper }) => !printed.has(paper.key) && !updates.has(paper.key));
  const news = [...updates.values()].map(({ candidate }) => candidate);
  return ranking.rank([...fresh, ...news], agesUpTo(asked)).map((one) => {
    const exception = updates.get(one.paper.key)?.label ?? risen.get(one.paper.key) ?? null;
    return { ...one, label: exception ?? (cadence === "daily" ? null : riseSince(one, null)) };
  });
}

/** Returns the day to which ages count; in weekly and monthly editions they do not. */
function agesUpTo({ cadence, window }: Asked): CalendarDate | null {
  return cadence === "daily" ? window.upTo : null;
}

interface Exception {
  readonly candidate: Candidate;
  readonly label: Label | null;
}

/** Returns papers of the days before the window that are known only since, or that rose since. */
async function lateCandidates(
  { corpus, archive, ranking, rules }: Rooms,
  { cadence, period, window, widened }: Asked,
  own: readonly Candidate[],
): Promise<Exception[]> {
  const days = widened ? WIDENED_DAYS : rules.lateDays;
  const horizon = addDays(daysOf(cadence, period).first, -days - 1);
  if (window.after <= horizon) return [];
  const taken = new Set(own.map(({ paper }) => paper.key));
  const passed =
    cadence === "daily"
      ? await archive.passedOver(cadence, period, periodOf(cadence, horizon))
      : new Map<PaperKey, PassedOver>();
  const earlier = { after: horizon, upTo: window.after };
  const isOpen = ({ paper }: Candidate) => !taken.has(paper.key) && !passed.has(paper.key);
  const stirred = widened ? [...passed.keys()] : await stirredOf(corpus, passed);
  const known = (await notWithdrawn(corpus, stirred)).filter(
    ({ paper }) => !taken.has(paper.key) && (paper.day ?? "") > horizon,
  );
  const risen = ranking.rank(known, window.upTo).flatMap((candidate) => {
    const then = passed.get(candidate.paper.key);
    if (!then) return [];
    if (candidate.score >= then.score * RISE)
      return [{ candidate, label: riseSince(candidate, then) }];
    return widened ? [{ candidate, label: null }] : [];
  });
  if (widened) {
    const others = (await corpus.candidates(earlier)).filter(isOpen);
    return [...risen, ...others.map((candidate) => ({ candidate, label: null }))];
  }
  const since = window.latecomers?.knownSince;
  if (since === undefined) return risen;
  // A paper that was announced before is news once a list takes it up: it has a reading only since.
  const changed = await corpus.candidates({ ...earlier, changedSince: since });
  const back = new Set(risen.map(({ candidate }) => candidate.paper.key));
  const listed = changed.filter((one) => {
    const { key } = one.paper;
    const then = passed.get(key);
    const wasUnread = !then || Object.keys(then.signals).length === 0;
    return !taken.has(key) && !back.has(key) && wasUnread && (one.trail[0]?.at ?? "") > since;
  });
  return [...risen, ...listed.map((candidate) => ({ candidate, label: null }))];
}

async function printedWorks(
  { corpus, archive }: Rooms,
  { cadence, period }: Asked,
  candidates: readonly Candidate[],
): Promise<Set<PaperKey>> {
  const keys = candidates.map(({ paper }) => paper.key);
  const namesakes = await corpus.namesakes(keys);
  const others = [...new Set([...namesakes.values()].flat())];
  const formerKeys = await corpus.formerKeys(keys);
  const former = [...formerKeys.values()].flat();
  const printed = await archive.printedAmong(cadence, period, [...keys, ...others, ...former]);
  if (printed.size === 0) return printed;
  const twins = others.filter((key) => printed.has(key));
  const papers = new Map((await corpus.known(twins)).map(({ paper }) => [paper.key, paper]));
  const isPrinted = ({ paper }: Candidate) =>
    printed.has(paper.key) ||
    formerKeys.get(paper.key)?.some((key) => printed.has(key)) ||
    (namesakes.get(paper.key) ?? []).some((key) => {
      const twin = papers.get(key);
      return twin !== undefined && sameWork(twin, paper);
    });
  return new Set(candidates.filter(isPrinted).map(({ paper }) => paper.key));
}

interface Update {
  readonly candidate: Candidate;
  readonly label: Label;
}

/** Returns the best of the papers that led before and have something new to tell. */
async function updatesOf(
  { corpus, archive, ranking, rules }: Rooms,
  asked: Asked,
): Promise<Map<PaperKey, Update>> {
  const { cadence, period } = asked;
  const { first } = daysOf(cadence, period);
  const since = periodOf(cadence, addDays(first, -UPDATE_DAYS));
  const led = await archive.ledSince(cadence, period, since);
  const changed = [...(await corpus.changedAt([...led.keys()]))].filter(
    ([key, at]) => at > (led.get(key) ?? ""),
  );
  const updates = new Map<PaperKey, Update>();
  const keys = changed.map(([key]) => key);
  for (const candidate of await notWithdrawn(corpus, keys)) {
    const before = await archive.asLed(cadence, period, candidate.paper.key);
    const text = before && newsOf(before, candidate.paper);
    if (text) updates.set(candidate.paper.key, { candidate, label: { kind: "update", text } });
  }
  // By the score that it has to lead with: another would take the place for weeks without leading.
  const inOrder = ranking.rank(
    [...updates.values()].map(({ candidate }) => candidate),
    agesUpTo(asked),
  );
  const best = new Set(inOrder.slice(0, rules.updates).map(({ paper }) => paper.key));
  return new Map([...updates].filter(([key]) => best.has(key)));
}

/** Returns those of which anything was read or told since: of thousands, only these can have risen. */
async function stirredOf(
  corpus: Corpus,
  passed: ReadonlyMap<PaperKey, PassedOver>,
): Promise<PaperKey[]> {
  const keys = [...passed.keys()];
  const read = await corpus.readAt(keys);
  const changed = await corpus.changedAt(keys);
  return [...passed].flatMap(([key, { publishedAt }]) =>
    [read, changed].some((times) => (times.get(key) ?? "") > publishedAt) ? [key] : [],
  );
}

/** Returns those of the papers that nobody has taken back. */
async function notWithdrawn(corpus: Corpus, keys: readonly PaperKey[]): Promise<Candidate[]> {
  return (await corpus.known(keys)).filter(({ paper }) => !isWithdrawn(paper));
}

/**
 * Returns what a reader is told of a rise: "Up 84 votes since Monday", counted from when the paper was
 * passed over, else from the last reading of its own day; or null where nothing rose.
 */
function riseSince({ paper, trail }: Candidate, then: PassedOver | null): Label | null {
  const last = trail.at(-1);
  const nextDay = paper.day && addDays(paper.day, 1);
  if (!last || !nextDay || (!then && last.at < nextDay)) return null;
  const today = last.at.slice(0, 10);
  const span = (signal: "votes" | "position") => {
    const own = trail.filter((each) => each.signal === signal);
    const base = own.findLast(({ at }) => at < nextDay) ?? own[0];
    const from = then?.signals[signal] ?? base?.value;
    const to = own.at(-1)?.value;
    if (from === undefined || to === undefined) return null;
    const at = then?.signals[signal] === undefined ? base?.at : then.publishedAt;
    return { from, to, since: weekdayOrDate((at ?? last.at).slice(0, 10), today) };
  };
  const votes = span("votes");
  if (votes && votes.to > votes.from) {
    return late(`Up ${counted(votes.to - votes.from, "vote")} since ${votes.since}`);
  }
  const place = span("position");
  if (place && place.to < place.from) {
    return late(`Up from place ${place.from} to ${place.to} since ${place.since}`);
  }
  return null;
}

function late(text: string): Label {
  return { kind: "late", text };
}
