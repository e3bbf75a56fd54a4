/**
 * Gathers: takes what sources tell into the corpus, and remembers how each did. A file is taken whole or
 * not at all; of a service in trouble, what it had told whole before is kept.
 */
import { PaperRoundError, reasonOf } from "../errors.ts";
import { grouped } from "../io/plural.ts";
import type { Corpus, Gathered } from "./corpus.ts";
import type { GatherLog } from "./gather-log.ts";
import { mentionsOf } from "./mentions.ts";
import type { Sighting } from "./paper.ts";
import {
  isRefusal,
  isService,
  type Mention,
  type Say,
  type Refusal,
  type Source,
  type Span,
} from "./source.ts";

export interface GatherReport extends Gathered {
  readonly refused: Readonly<Record<string, number>>;
  /** The first refusals, one by one. */
  readonly refusals: readonly Refusal[];
}

export interface GatherOptions {
  /** Days gone by; null or left out: what is new. */
  readonly span?: Span | null;
  /** Also days that were gathered before. */
  readonly again?: boolean;
  /** How many refusals to return one by one; all are counted. */
  readonly refusalsMax?: number;
  readonly signal?: AbortSignal;
  /** Told with every sighting. */
  readonly onSighting?: () => void;
}

const REFUSALS_SHOWN = 20;
/** A service that tells so much that is none of ours is not read to its end. */
const REFUSED_MAX = 10_000;
/** Sightings of a service are written this many at a time, so that others may write in between. */
const BATCH = 500;
/** A day is over everywhere, and told of by all, two days later. */
const DAY_SETTLED_MS = 2 * 86_400_000;
/** So many parts of a look back may fail one after the other before it ends. */
const FAULTS_IN_A_ROW_MAX = 3;
const NOTE_MAX = 500;

export type Gatherer = ReturnType<typeof openGatherer>;

/** Returns the verbs of gathering. */
export function openGatherer({
  corpus,
  log,
  now,
}: {
  readonly corpus: Pick<Corpus, "record">;
  readonly log: GatherLog;
  readonly now: () => Date;
}) {
  /** Takes in all that `sources` tell. Throws the fault of the first that fails, by the source's name. */
  async function gather(
    sources: readonly Source[],
    say: Say,
    options: GatherOptions = {},
  ): Promise<GatherReport> {
    const tally = openTally(options.refusalsMax ?? REFUSALS_SHOWN);
    for (const source of sources) {
      if (options.span) await lookBack(source, options.span, say, options, tally);
      else await gatherOne(source, null, say, options, tally);
    }
    return tally.report();
  }

  async function lookBack(
    source: Source,
    span: Span,
    say: Say,
    options: GatherOptions,
    tally: Tally,
  ): Promise<void> {
    if (!source.cut) {
      say(`Source ${source.name} can't look back and was left out.`);
      return;
    }
    let first: PaperRoundError | null = null;
    let inARow = 0;
    for (const part of source.cut(span)) {
      const before = options.again ? null : await log.gatheredAt(source, part);
      if (before !== null) {
        say(`Source ${source.name}: ${daysText(part)} gathered before.`);
        continue;
      }
      const fault = await gatherPart(source, part, say, options, tally);
      if (fault) {
        first ??= fault;
        // A service that answers nobody is left alone; one that answers a day amiss may know the next.
        inARow = fault.code === "SOURCE_SHAPE" ? 0 : inARow + 1;
        if (inARow >= FAULTS_IN_A_ROW_MAX) break;
        continue;
      }
      inARow = 0;
      say(`Source ${source.name}: ${daysText(part)} gathered.`);
      const isSettled = Date.parse(part.until) + DAY_SETTLED_MS < now().getTime();
      if (isSettled) await log.noteSpan(source, part, now().toISOString());
    }
    if (first) throw first;
  }

  /** Returns the fault of the source where there is one. Throws any other. */
  async function gatherPart(
    source: Source,
    part: Span,
    say: Say,
    options: GatherOptions,
    tally: Tally,
  ): Promise<PaperRoundError | null> {
    try {
      await gatherOne(source, part, say, options, tally);
      return null;
    } catch (fault) {
      const isItsOwn = fault instanceof PaperRoundError && /^(?:HTTP|SOURCE)_/.test(fault.code);
      if (!isItsOwn) throw fault;
      say(`${daysText(part)} was not gathered. ${fault.message}`);
      return fault;
    }
  }

  async function gatherOne(
    source: Source,
    span: Span | null,
    say: Say,
    options: GatherOptions,
    tally: Tally,
  ): Promise<void> {
    const isLive = isService(source);
    const own = openTally(0);
    const notes: string[] = [];
    const note = (text: string) => {
      notes.push(text);
      say(text);
    };
    let batch: Sighting[] = [];
    const record = async () => {
      const done = await corpus.record(batch, now().toISOString());
      batch = [];
      tally.add(done);
      own.add(done);
    };
    let fault: PaperRoundError | null = null;
    try {
      const asked = { say: note, span, now, stop: options.signal };
      for await (const mention of mentionsOf(source, asked)) {
        for (const each of [tally, own]) each.count(mention);
        if (isLive && own.refusedCount() > REFUSED_MAX) throw tooManyRefused();
        if (isRefusal(mention)) continue;
        options.onSighting?.();
        batch.push(mention);
        if (isLive && batch.length >= BATCH) await record();
      }
      const amiss = isLive ? own.shapeFault() : null;
      if (amiss) throw amiss;
    } catch (thrown) {
      fault = isLive ? namedFault(source.name, thrown) : asFault(thrown);
    }
    // What a file holds is taken whole or not at all.
    if (fault === null || isLive) await record();
    if (source.isReplay) {
      if (fault) throw fault;
      return;
    }
    await log.note({
      source: source.name,
      at: now().toISOString(),
      sightings: own.sightings(),
      refused: own.refusedCount(),
      fault: fault?.message ?? null,
      note: notes.join(" ").slice(0, NOTE_MAX) || null,
    });
    if (fault) throw fault;
  }

  return { gather, health: log.health };
}

type Tally = ReturnType<typeof openTally>;

/** Returns what counts mentions, and keeps the first `refusalsMax` refusals. */
export function openTally(refusalsMax: number) {
  const papers = { new: 0, changed: 0, unchanged: 0 };
  const refused: Record<string, number> = {};
  const refusals: Refusal[] = [];
  let readings = 0;
  let sightings = 0;
  let refusedCount = 0;
  let isAmiss = false;
  return {
    count: (mention: Mention) => {
      if (!isRefusal(mention)) return void sightings++;
      refusedCount++;
      isAmiss ||= !mention.isExpected;
      refused[mention.refused] = (refused[mention.refused] ?? 0) + 1;
      if (refusals.length < refusalsMax) refusals.push(mention);
    },
    add: (done: Gathered) => {
      papers.new += done.papers.new;
      papers.changed += done.papers.changed;
      papers.unchanged += done.papers.unchanged;
      readings += done.readings;
    },
    /** Returns SOURCE_SHAPE where everything was refused: then it is no longer what we know; or null. */
    shapeFault: () => (sightings === 0 && isAmiss ? allRefused(refused) : null),
    sightings: () => sightings,
    refusedCount: () => refusedCount,
    report: (): GatherReport => ({ papers, readings, refused, refusals }),
  };
}

function allRefused(refused: Readonly<Record<string, number>>): PaperRoundError {
  const reasons = Object.entries(refused).map(([why, count]) => `${count} ${why}`);
  return new PaperRoundError("SOURCE_SHAPE", `All it told was refused: ${reasons.join(", ")}.`);
}

function tooManyRefused(): PaperRoundError {
  const what = `Of what it told, more than ${grouped(REFUSED_MAX)} items were refused.`;
  return new PaperRoundError("SOURCE_SHAPE", what);
}

function asFault(thrown: unknown): PaperRoundError {
  if (thrown instanceof PaperRoundError) return thrown;
  throw thrown;
}

/** Returns the fault with the name of its source in front; what a service sends is no file of ours. */
export function namedFault(name: string, thrown: unknown): PaperRoundError {
  if (!(thrown instanceof PaperRoundError)) {
    const message = `Source ${name} failed: ${reasonOf(thrown)}.`;
    return new PaperRoundError("SOURCE_BROKEN", message, { cause: thrown });
  }
  if (thrown.code === "INTERRUPTED") return thrown;
  const own = `Source ${name}: `;
  const isShape = thrown.code === "FILE_MALFORMED" || thrown.code === "FORMAT_UNKNOWN";
  return new PaperRoundError(
    isShape ? "SOURCE_SHAPE" : thrown.code,
    thrown.message.startsWith(own) ? thrown.message : own + thrown.message,
    { remedy: isShape ? undefined : thrown.remedy, cause: thrown },
  );
}

function daysText({ since, until }: Span): string {
  return since === until ? since : `${since} to ${until}`;
}
