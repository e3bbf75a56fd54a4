/**
 * The corpus: all papers that we know, what each source has ever said of them, and every reading with
 * its time. Sole owner of the tables `papers`, `titles`, `sightings` and `readings`. Gathering the
 * same thing again, in any order, changes nothing.
 */
import { createHash } from "node:crypto";
import { sql, type Kysely, type Selectable } from "kysely";
import type { Handle } from "../io/database.ts";
import type { CorpusTables } from "./corpus-tables.ts";
import { mergeSightings } from "./merging.ts";
import {
  dayOf,
  paperId,
  SIGNALS,
  storedFacts,
  type Candidate,
  type Paper,
  type PaperFacts,
  type PaperId,
  type PaperKey,
  type Reading,
  type Sighting,
} from "./paper.ts";
import { readingsOf, UNREAD, type Readings } from "./readings.ts";
import { indexPaper } from "./search.ts";
import { titleKey, type CalendarDate } from "./text.ts";

/** What one gathering did. */
export interface Gathered {
  readonly papers: { readonly new: number; readonly changed: number; readonly unchanged: number };
  /** Readings that were not known before. */
  readonly readings: number;
}

export interface Corpus {
  /** Takes in sightings, all or none, and says what they changed. */
  record(sightings: readonly Sighting[], now: string): Promise<Gathered>;
  /** Returns the papers of a window, latecomers included. */
  candidates(window: Window): Promise<Candidate[]>;
  /** Returns papers by their keys; one that is not there is left out. */
  known(keys: readonly PaperKey[]): Promise<Candidate[]>;
  /** Returns when each of these papers last became another than it was known as. */
  changedAt(keys: readonly PaperKey[]): Promise<ReadonlyMap<PaperKey, string>>;
  /** Returns of each paper the others that were ever sighted under one of its titles. */
  namesakes(keys: readonly PaperKey[]): Promise<Map<PaperKey, PaperKey[]>>;
  /** Returns papers of days after `after`, newest first, up to a bound. */
  recent(after: CalendarDate): Promise<Paper[]>;
  /** Returns the newest day that has papers, not after `upTo`, or null. */
  newestDay(upTo: CalendarDate): Promise<CalendarDate | null>;
  /** Returns up to `limit` days that have papers, not after `upTo`, newest first. */
  days(upTo: CalendarDate, limit: number): Promise<CalendarDate[]>;
  count(): Promise<number>;
}

/** The days an edition looks at: after `after`, up to and including `upTo`. */
export interface Window {
  readonly after: CalendarDate;
  readonly upTo: CalendarDate;
  /** Also papers of somewhat earlier days that became known only when those days were done. */
  readonly latecomers?: { readonly after: CalendarDate; readonly knownSince: string };
  /** Only papers of which something became known since. */
  readonly changedSince?: string;
}

type Novelty = "new" | "changed" | "unchanged";
type PaperRow = Selectable<CorpusTables["papers"]>;

/** SQLite allows 32,766 parameters a query; this stays far below. */
const KEYS_PER_QUERY = 500;
/** Whoever looks papers up at a service asks for no more at a time. */
const RECENT_MAX = 20_000;

/** Returns the corpus kept in `db`. */
export function openCorpus(db: Kysely<CorpusTables>): Corpus {
  return {
    record: (sightings, now) =>
      db.transaction().execute(async (tx) => {
        // A paper that several sightings of one gathering touch counts once, as what it became.
        const changes = new Map<number, Novelty>();
        let readings = 0;
        for (const sighting of sightings) {
          const { key, change } = await recordSighting(tx, sighting, now);
          changes.set(key, moreTelling(changes.get(key), change));
          readings += await recordReadings(tx, key, sighting);
        }
        const tally = { new: 0, changed: 0, unchanged: 0 };
        for (const change of changes.values()) tally[change]++;
        return { papers: tally, readings };
      }),

    candidates: async ({ after, upTo, latecomers, changedSince }) => {
      const rows = await db
        .selectFrom("papers")
        .selectAll()
        .where("day", "<=", upTo)
        .where("day", ">", latecomers && latecomers.after < after ? latecomers.after : after)
        .$if(changedSince !== undefined, (query) =>
          query.where("changed_at", ">", changedSince ?? ""),
        )
        .where((eb) => {
          const inWindow = eb("day", ">", after);
          if (!latecomers) return inWindow;
          const { after: since, knownSince } = latecomers;
          const late = eb.and([eb("day", ">", since), eb("first_seen_at", ">", knownSince)]);
          return eb.or([inWindow, late]);
        })
        .orderBy("key")
        .execute();
      return candidatesOf(db, rows);
    },

    known: async (keys) => {
      const found: Candidate[] = [];
      for (const some of slices(keys)) {
        const rows = await db.selectFrom("papers").selectAll().where("key", "in", some).execute();
        found.push(...(await candidatesOf(db, rows)));
      }
      return found;
    },

    changedAt: async (keys) => {
      const times = new Map<PaperKey, string>();
      for (const some of slices(keys)) {
        const query = db.selectFrom("papers").select(["key", "changed_at"]);
        const rows = await query.where("key", "in", some).execute();
        for (const row of rows) times.set(row.key as PaperKey, row.changed_at);
      }
      return times;
    },

    namesakes: async (keys) => {
      const found = new Map<PaperKey, PaperKey[]>();
      for (const some of slices(keys)) {
        const rows = await db
          .selectFrom("titles as own")
          .innerJoin("titles as other", "other.title_key", "own.title_key")
          .select(["own.paper_key as key", "other.paper_key as namesake"])
          .where("own.paper_key", "in", some)
          .whereRef("other.paper_key", "!=", "own.paper_key")
          .execute();
        for (const { key, namesake } of rows as { key: PaperKey; namesake: PaperKey }[]) {
          found.set(key, [...(found.get(key) ?? []), namesake]);
        }
      }
      return found;
    },

    recent: async (after) => {
      const rows = await db
        .selectFrom("papers")
        .selectAll()
        .where("day", ">", after)
        .orderBy("day", "desc")
        .orderBy("key", "desc")
        .limit(RECENT_MAX)
        .execute();
      return rows.map(paperOf);
    },

    newestDay: async (upTo) => {
      const row = await db
        .selectFrom("papers")
        .select((eb) => eb.fn.max("day").as("day"))
        .where("day", "<=", upTo)
        .executeTakeFirst();
      return row?.day ?? null;
    },

    days: async (upTo, limit) => {
      const rows = await db
        .selectFrom("papers")
        .select("day")
        .distinct()
        .where("day", "<=", upTo)
        .orderBy("day", "desc")
        .limit(limit)
        .execute();
      return rows.flatMap(({ day }) => day ?? []);
    },

    count: async () => {
      const row = await db
        .selectFrom("papers")
        .select((eb) => eb.fn.countAll().as("papers"))
        .executeTakeFirstOrThrow();
      return Number(row.papers);
    },
  };
}

async function candidatesOf(
  db: Kysely<CorpusTables>,
  rows: readonly PaperRow[],
): Promise<Candidate[]> {
  const latest = await latestReadings(
    db,
    rows.map((row) => row.key),
  );
  return rows.map((row) => ({ paper: paperOf(row), ...(latest.get(row.key) ?? UNREAD) }));
}

function slices<Key>(keys: readonly Key[]): Key[][] {
  return Array.from({ length: Math.ceil(keys.length / KEYS_PER_QUERY) }, (_, index) =>
    keys.slice(index * KEYS_PER_QUERY, (index + 1) * KEYS_PER_QUERY),
  );
}

async function recordSighting(
  db: Handle<CorpusTables>,
  sighting: Sighting,
  now: string,
): Promise<{ key: number; change: Novelty }> {
  const known = await findPaper(db, sighting.facts);
  if (!known) {
    const { key } = await db
      .insertInto("papers")
      .values({ ...columnsOf(mergeSightings([sighting])), first_seen_at: now, changed_at: now })
      .returning("key")
      .executeTakeFirstOrThrow();
    await storeSighting(db, key, sighting);
    await indexPaper(db, key, sighting.facts);
    return { key, change: "new" };
  }

  const { key } = known;
  if (!(await storeSighting(db, key, sighting))) return { key, change: "unchanged" };
  const rows = await db.selectFrom("sightings").selectAll().where("paper_key", "=", key).execute();
  const sightings = rows.map(({ source, observed_at: observedAt, facts }) => ({
    source,
    observedAt,
    facts: storedFacts(facts),
  }));
  const merged = mergeSightings(sightings);
  const columns = columnsOf(merged);
  if (columns.facts === JSON.stringify(storedFacts(known.facts)))
    return { key, change: "unchanged" };
  await db
    .updateTable("papers")
    .set({ ...columns, changed_at: now })
    .where("key", "=", key)
    .execute();
  await indexPaper(db, key, merged);
  return { key, change: "changed" };
}

/** Keeps a sighting and its title; returns whether it told anything, if only that it still holds. */
async function storeSighting(
  db: Handle<CorpusTables>,
  key: number,
  { source, observedAt, facts }: Sighting,
): Promise<boolean> {
  const text = JSON.stringify(facts);
  const result = await db
    .insertInto("sightings")
    .values({
      paper_key: key,
      source,
      facts_hash: createHash("sha256").update(text).digest("base64url"),
      observed_at: observedAt,
      facts: text,
    })
    .onConflict((conflict) =>
      conflict
        .columns(["paper_key", "source", "facts_hash"])
        .doUpdateSet({ observed_at: observedAt })
        .where("sightings.observed_at", "<", observedAt),
    )
    .executeTakeFirst();
  await db
    .insertInto("titles")
    .values({ title_key: titleKey(facts.title), paper_key: key })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return Number(result.numInsertedOrUpdatedRows ?? 0) > 0;
}

/**
 * Returns the paper that `facts` are about: the one with the same arXiv id, else one that was ever
 * sighted under the same title where either side has no id. One title under two ids stays two papers.
 */
async function findPaper(
  db: Handle<CorpusTables>,
  facts: PaperFacts,
): Promise<PaperRow | undefined> {
  if (facts.arxivId) {
    const byId = await db
      .selectFrom("papers")
      .selectAll()
      .where("arxiv_id", "=", facts.arxivId)
      .executeTakeFirst();
    if (byId) return byId;
  }
  let byTitle = db
    .selectFrom("papers")
    .innerJoin("titles", "titles.paper_key", "papers.key")
    .selectAll("papers")
    .where("titles.title_key", "=", titleKey(facts.title));
  if (facts.arxivId) byTitle = byTitle.where("papers.arxiv_id", "is", null);
  return byTitle.orderBy("papers.key").executeTakeFirst();
}

/** Adds the readings that are not known yet and returns how many those were. */
async function recordReadings(
  db: Handle<CorpusTables>,
  key: number,
  { readings, source, observedAt }: Sighting,
): Promise<number> {
  let added = 0;
  for (const signal of SIGNALS) {
    const value = readings[signal];
    if (value === undefined) continue;
    const result = await db
      .insertInto("readings")
      .values({ paper_key: key, signal, source, observed_at: observedAt, value })
      // Of two readings of one time the larger counts, whichever is read first.
      .onConflict((conflict) =>
        conflict
          .columns(["paper_key", "signal", "source", "observed_at"])
          .doUpdateSet({ value })
          .where("readings.value", "<", value),
      )
      .executeTakeFirst();
    added += Number(result.numInsertedOrUpdatedRows ?? 0);
  }
  return added;
}

/** Returns what each paper's latest readings say, and by how much they differ from those before. */
export async function latestReadings(
  db: Kysely<CorpusTables>,
  keys: readonly number[],
): Promise<Map<number, Readings>> {
  const trails = new Map<number, Reading[]>();
  for (const some of slices(keys)) {
    const rows = await telling(db, some);
    for (const { key, ...reading } of rows) {
      const trail = trails.get(key);
      if (trail) trail.push(reading);
      else trails.set(key, [reading]);
    }
  }
  return new Map([...trails].map(([key, trail]) => [key, readingsOf(trail)]));
}

interface ReadingRow extends Reading {
  readonly key: number;
}

/**
 * Returns of each signal and source the first reading, the last on the paper's own day (UTC) and the
 * last two, in time order, so that of several sources the last one to be read counts. A reading is
 * compared with one of its own source only: what two sources count differently is no change. All are
 * sought in the key of the table, so that it costs the same however often a source was read.
 */
async function telling(
  db: Kysely<CorpusTables>,
  keys: readonly number[],
): Promise<readonly ReadingRow[]> {
  const mine = sql`own.paper_key = told.paper_key and own.signal = told.signal
    and own.source = told.source`;
  const { rows } = await sql<ReadingRow>`
    select told.paper_key as key, told.signal, told.source, readings.observed_at as at, value
    from (
      select distinct paper_key, source, signal, papers.day
      from sightings join papers on papers.key = paper_key cross join (${sql.join(
        SIGNALS.map((signal) => sql`select ${signal} as signal`),
        sql` union all `,
      )}) as signals
      where paper_key in (${sql.join(keys)})
    ) as told
    join readings
      on readings.paper_key = told.paper_key
      and readings.signal = told.signal
      and readings.source = told.source
      and readings.observed_at in (
        select * from (
          select observed_at from readings as own where ${mine} order by observed_at desc limit 2
        )
        union all select min(observed_at) from readings as own where ${mine}
        union all select max(observed_at) from readings as own where ${mine}
          and observed_at < date(told.day, '+1 day')
      )
    order by at, value`.execute(db);
  return rows;
}

function moreTelling(before: Novelty | undefined, now: Novelty): Novelty {
  if (before === "new" || now === "new") return "new";
  return before === "changed" ? before : now;
}

function columnsOf(facts: PaperFacts) {
  return {
    id: paperId(facts),
    arxiv_id: facts.arxivId,
    day: dayOf(facts),
    facts: JSON.stringify(facts),
  };
}

/** Returns the paper that a row holds. */
export function paperOf(row: PaperRow): Paper {
  return {
    ...storedFacts(row.facts),
    key: row.key as PaperKey,
    id: row.id as PaperId,
    day: row.day,
  };
}
