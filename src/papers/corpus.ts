/**
 * The corpus: all papers that we know, what each source has ever said of them, and every reading with
 * its time. Sole owner of the tables `papers`, `titles`, `sightings` and `readings`. Gathering the
 * same thing again, in any order, changes nothing.
 */
import { createHash } from "node:crypto";
import { sql, type Kysely, type Selectable } from "kysely";
import { slices, statement, type Handle } from "../io/database.ts";
import { latestReadings, readingsBy, recordReadings } from "./corpus-readings.ts";
import type { CorpusTables } from "./corpus-tables.ts";
import { findPapers, joinPapers, rememberFormerId, rememberNames } from "./identity.ts";
import { mergeSightings, provenanceOf, type Provenance } from "./merging.ts";
import {
  type Reading,
  dayOf,
  isWithdrawn,
  paperId,
  storedFacts,
  type Candidate,
  type Paper,
  type PaperFacts,
  type PaperId,
  type PaperKey,
  type Sighting,
} from "./paper.ts";
import { UNREAD } from "./readings.ts";
import { indexPaper } from "./search.ts";
import type { CalendarDate } from "./text.ts";

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
  /** Returns of each paper the keys of those that turned out to be the same and were joined with it. */
  formerKeys(keys: readonly PaperKey[]): Promise<Map<PaperKey, PaperKey[]>>;
  /** Returns papers of days after `after`, newest first, up to a bound. */
  recent(after: CalendarDate): Promise<Paper[]>;
  /** Returns when a source last told of each of them, or of that fact of it. */
  toldAt(
    source: string,
    after: CalendarDate,
    fact?: keyof PaperFacts,
  ): Promise<ReadonlyMap<PaperKey, string>>;
  /** Returns papers by their keys; one that is not there is left out. */
  known(keys: readonly PaperKey[]): Promise<Candidate[]>;
  /** Returns when each of these papers last became another than it was known as. */
  changedAt(keys: readonly PaperKey[]): Promise<ReadonlyMap<PaperKey, string>>;
  /** Returns when a signal of each of these papers was read last; one that never was is left out. */
  readAt(keys: readonly PaperKey[]): Promise<ReadonlyMap<PaperKey, string>>;
  /** Returns of each paper the others that were ever sighted under one of its titles. */
  namesakes(keys: readonly PaperKey[]): Promise<Map<PaperKey, PaperKey[]>>;
  /** Returns the newest day that has papers, not after `upTo`, or null. */
  newestDay(upTo: CalendarDate): Promise<CalendarDate | null>;
  /** Returns up to `limit` days that have papers, not after `upTo`, newest first. */
  days(upTo: CalendarDate, limit: number): Promise<CalendarDate[]>;
  count(): Promise<number>;
  /** Returns where all that is known of a paper is from. */
  account(key: PaperKey): Promise<Account>;
}

/** Where what is known of a paper is from. */
export interface Account {
  readonly told: Provenance;
  /** All that were ever taken, in the order of signals, sources and times. */
  readonly readings: readonly Reading[];
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

/** Whoever looks papers up at a service asks for no more at a time. */
const RECENT_MAX = 20_000;

/** Returns the corpus kept in `db`. */
export function openCorpus(db: Kysely<CorpusTables>): Corpus {
  return {
    record: (sightings, now) =>
      db.transaction().execute(async (tx) => {
        // A paper that several sightings of one gathering touch counts once, as what it became.
        const changes = new Map<number, Novelty>();
        const toIndex = new Map<number, PaperFacts>();
        let readings = 0;
        for (const sighting of sightings) {
          const recorded = await recordSighting(tx, sighting, now, toIndex);
          if (!recorded) continue;
          const { key, change } = recorded;
          changes.set(key, moreTelling(changes.get(key), change));
          readings += await recordReadings(tx, key, sighting);
        }
        // Together and by key: between other writes the index would be put on the disk paper by paper.
        for (const [key, facts] of [...toIndex].toSorted(([a], [b]) => a - b)) {
          await indexPaper(tx, key, facts);
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
      const candidates = await candidatesOf(db, rows);
      return candidates.filter(({ paper }) => !isWithdrawn(paper));
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

    toldAt: async (source, after, fact) => {
      const told = sql<number>`json_extract(sightings.facts, ${`$.${fact}`}) is not null`;
      const rows = await db
        .selectFrom("sightings")
        .innerJoin("papers", "papers.key", "paper_key")
        .select((eb) => ["paper_key as key", eb.fn.max("observed_at").as("at")])
        .where("source", "=", source)
        .where("day", ">", after)
        .$if(fact !== undefined, (query) => query.where(told, "=", 1))
        .groupBy("paper_key")
        .execute();
      return new Map(rows.map(({ key, at }) => [key as PaperKey, at]));
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

    readAt: async (keys) => {
      const times = new Map<PaperKey, string>();
      for (const some of slices(keys)) {
        const query = db.selectFrom("readings").where("paper_key", "in", some).groupBy("paper_key");
        const rows = await query
          .select((eb) => ["paper_key as key", eb.fn.max("observed_at").as("at")])
          .execute();
        for (const { key, at } of rows) times.set(key as PaperKey, at);
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

    formerKeys: async (keys) => {
      const found = new Map<PaperKey, PaperKey[]>();
      for (const some of slices(keys)) {
        const rows = await db
          .selectFrom("papers")
          .select(["merged_into as key", "key as former"])
          .where("merged_into", "in", some)
          .execute();
        for (const { key, former } of rows as { key: PaperKey; former: PaperKey }[]) {
          found.set(key, [...(found.get(key) ?? []), former]);
        }
      }
      return found;
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
        .where("merged_into", "is", null)
        .executeTakeFirstOrThrow();
      return Number(row.papers);
    },

    account: async (key) => {
      const sightings = await db
        .selectFrom("sightings")
        .selectAll()
        .where("paper_key", "=", key)
        .execute();
      return { told: provenanceOf(sightings.map(sightingOf)), readings: await readingsBy(db, key) };
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

/**
 * Returns null for a sighting without a title of a paper that is not known. What the search is to find
 * from now on is left in `toIndex`.
 */
async function recordSighting(
  db: Handle<CorpusTables>,
  sighting: Sighting,
  now: string,
  toIndex: Map<number, PaperFacts>,
): Promise<{ key: number; change: Novelty } | null> {
  const [known, ...others] = await findPapers(db, sighting.facts);
  if (!known) {
    if (!sighting.facts.title) return null;
    const key = await insertPaper(db, mergeSightings([sighting]), now);
    await storeSighting(db, key, sighting);
    await rememberNames(db, key, sighting.facts);
    toIndex.set(key, sighting.facts);
    return { key, change: "new" };
  }

  const { key } = known;
  for (const other of others) {
    await joinPapers(db, key, other.key);
    toIndex.delete(other.key);
  }
  const isNews = await storeSighting(db, key, sighting);
  if (!isNews && others.length === 0) return { key, change: "unchanged" };
  await rememberNames(db, key, sighting.facts);
  const rows = await db.selectFrom("sightings").selectAll().where("paper_key", "=", key).execute();
  const merged = mergeSightings(rows.map(sightingOf));
  const columns = columnsOf(merged);
  if (columns.facts === JSON.stringify(storedFacts(known.facts)))
    return { key, change: "unchanged" };
  if (columns.id !== known.id) await rememberFormerId(db, key, known.id);
  await db
    .updateTable("papers")
    .set({ ...columns, changed_at: now })
    .where("key", "=", key)
    .execute();
  toIndex.set(key, merged);
  return { key, change: "changed" };
}

async function insertPaper(
  db: Handle<CorpusTables>,
  merged: PaperFacts,
  now: string,
): Promise<number> {
  const { id, arxiv_id, day, facts } = columnsOf(merged);
  const { rows } = await statement<{ key: number }, CorpusTables>(
    db,
    `insert into papers (id, arxiv_id, day, facts, first_seen_at, changed_at)
      values (?, ?, ?, ?, ?, ?) returning key`,
    [id, arxiv_id, day, facts, now, now],
  );
  return (rows[0] as { key: number }).key;
}

function sightingOf({
  source,
  observed_at: observedAt,
  facts,
}: Selectable<CorpusTables["sightings"]>) {
  return { source, observedAt, facts: storedFacts(facts) };
}

/** Keeps a sighting; returns whether it told anything, if only that it still holds. */
async function storeSighting(
  db: Handle<CorpusTables>,
  key: number,
  { source, observedAt, facts }: Sighting,
): Promise<boolean> {
  const text = JSON.stringify(facts);
  const hash = createHash("sha256").update(text).digest("base64url");
  const { changes } = await statement(
    db,
    `insert into sightings (paper_key, source, facts_hash, observed_at, facts)
      values (?, ?, ?, ?, ?)
      on conflict (paper_key, source, facts_hash) do update set observed_at = excluded.observed_at
      where sightings.observed_at < excluded.observed_at`,
    [key, source, hash, observedAt, text],
  );
  return changes > 0;
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
