/**
 * The corpus: all papers that we know, what each source has ever said of them, and every reading with
 * its time. Sole owner of the tables `papers`, `titles`, `sightings` and `readings`. Gathering the
 * same thing again, in any order, changes nothing.
 */
import { createHash } from "node:crypto";
import type { Generated, Kysely, Selectable } from "kysely";
import type { Handle, Migrations } from "../io/database.ts";
import {
  dayOf,
  mergeSightings,
  paperId,
  SIGNALS,
  type Candidate,
  type Paper,
  type PaperFacts,
  type PaperId,
  type PaperKey,
  type Sighting,
  type Signals,
} from "./paper.ts";
import { titleKey, type CalendarDate } from "./text.ts";

export interface CorpusTables {
  papers: {
    key: Generated<number>;
    id: string;
    arxiv_id: string | null;
    day: string | null;
    facts: string;
    first_seen_at: string;
    changed_at: string;
  };
  /** Every title that a paper was ever sighted under, as `titleKey` compares it. */
  titles: { title_key: string; paper_key: number };
  /** What a source has said of a paper, each different thing once, with the last time it did. */
  sightings: {
    paper_key: number;
    source: string;
    facts_hash: string;
    observed_at: string;
    facts: string;
  };
  readings: {
    paper_key: number;
    signal: string;
    source: string;
    observed_at: string;
    value: number;
  };
}

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
  /** Returns the newest day that has papers, not after `upTo`, or null. */
  newestDay(upTo: CalendarDate): Promise<CalendarDate | null>;
  count(): Promise<number>;
}

/** The days an edition looks at: after `after`, up to and including `upTo`. */
export interface Window {
  readonly after: CalendarDate;
  readonly upTo: CalendarDate;
  /** Also papers of somewhat earlier days that became known only when those days were done. */
  readonly latecomers?: { readonly after: CalendarDate; readonly knownSince: string };
}

export const corpusMigrations: Migrations = {
  "papers-0001": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("papers")
        .addColumn("key", "integer", (column) => column.primaryKey())
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("arxiv_id", "text", (column) => column.unique())
        .addColumn("day", "text")
        .addColumn("facts", "text", (column) => column.notNull())
        .addColumn("first_seen_at", "text", (column) => column.notNull())
        .addColumn("changed_at", "text", (column) => column.notNull())
        .execute();
      await db.schema.createIndex("papers_day").on("papers").column("day").execute();
      await db.schema
        .createTable("titles")
        .addColumn("title_key", "text", (column) => column.notNull())
        .addColumn("paper_key", "integer", (column) => column.notNull().references("papers.key"))
        .addPrimaryKeyConstraint("titles_pk", ["title_key", "paper_key"])
        .execute();
      await db.schema
        .createTable("sightings")
        .addColumn("paper_key", "integer", (column) => column.notNull().references("papers.key"))
        .addColumn("source", "text", (column) => column.notNull())
        .addColumn("facts_hash", "text", (column) => column.notNull())
        .addColumn("observed_at", "text", (column) => column.notNull())
        .addColumn("facts", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("sightings_pk", ["paper_key", "source", "facts_hash"])
        .execute();
      await db.schema
        .createTable("readings")
        .addColumn("paper_key", "integer", (column) => column.notNull().references("papers.key"))
        .addColumn("signal", "text", (column) => column.notNull())
        .addColumn("source", "text", (column) => column.notNull())
        .addColumn("observed_at", "text", (column) => column.notNull())
        .addColumn("value", "integer", (column) => column.notNull())
        .addPrimaryKeyConstraint("readings_pk", ["paper_key", "signal", "source", "observed_at"])
        .execute();
    },
  },
};

type Change = "new" | "changed" | "unchanged";
type PaperRow = Selectable<CorpusTables["papers"]>;

/** SQLite allows 32,766 parameters a query; this stays far below. */
const KEYS_PER_QUERY = 500;

/** Returns the corpus kept in `db`. */
export function openCorpus(db: Kysely<CorpusTables>): Corpus {
  return {
    record: (sightings, now) =>
      db.transaction().execute(async (tx) => {
        // A paper that several sightings of one gathering touch counts once, as what it became.
        const changes = new Map<number, Change>();
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

    candidates: async ({ after, upTo, latecomers }) => {
      const rows = await db
        .selectFrom("papers")
        .selectAll()
        .where("day", "<=", upTo)
        .where((eb) => {
          const inWindow = eb("day", ">", after);
          if (!latecomers) return inWindow;
          const { after: since, knownSince } = latecomers;
          const late = eb.and([eb("day", ">", since), eb("first_seen_at", ">", knownSince)]);
          return eb.or([inWindow, late]);
        })
        .orderBy("key")
        .execute();
      const signals = await latestSignals(
        db,
        rows.map((row) => row.key),
      );
      return rows.map((row) => ({ paper: paperOf(row), signals: signals.get(row.key) ?? {} }));
    },

    newestDay: async (upTo) => {
      const row = await db
        .selectFrom("papers")
        .select((eb) => eb.fn.max("day").as("day"))
        .where("day", "<=", upTo)
        .executeTakeFirst();
      return row?.day ?? null;
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

async function recordSighting(
  db: Handle<CorpusTables>,
  sighting: Sighting,
  now: string,
): Promise<{ key: number; change: Change }> {
  const known = await findPaper(db, sighting.facts);
  if (!known) {
    const { key } = await db
      .insertInto("papers")
      .values({ ...columnsOf(mergeSightings([sighting])), first_seen_at: now, changed_at: now })
      .returning("key")
      .executeTakeFirstOrThrow();
    await storeSighting(db, key, sighting);
    return { key, change: "new" };
  }

  const { key } = known;
  if (!(await storeSighting(db, key, sighting))) return { key, change: "unchanged" };
  const rows = await db.selectFrom("sightings").selectAll().where("paper_key", "=", key).execute();
  const sightings = rows.map(({ source, observed_at: observedAt, facts }) => ({
    source,
    observedAt,
    facts: JSON.parse(facts) as PaperFacts,
  }));
  const columns = columnsOf(mergeSightings(sightings));
  if (columns.facts === known.facts) return { key, change: "unchanged" };
  await db
    .updateTable("papers")
    .set({ ...columns, changed_at: now })
    .where("key", "=", key)
    .execute();
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

async function latestSignals(
  db: Kysely<CorpusTables>,
  keys: readonly number[],
): Promise<Map<number, Signals>> {
  const latest = new Map<number, Signals>();
  for (let from = 0; from < keys.length; from += KEYS_PER_QUERY) {
    const rows = await db
      .selectFrom("readings")
      .select(["paper_key", "signal", "value"])
      .where("paper_key", "in", keys.slice(from, from + KEYS_PER_QUERY))
      // In time order, so that the last one to be set is the latest.
      .orderBy("observed_at")
      .orderBy("value")
      .execute();
    for (const row of rows) {
      latest.set(row.paper_key, { ...latest.get(row.paper_key), [row.signal]: row.value });
    }
  }
  return latest;
}

function moreTelling(before: Change | undefined, now: Change): Change {
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

function paperOf(row: PaperRow): Paper {
  return {
    ...(JSON.parse(row.facts) as PaperFacts),
    key: row.key as PaperKey,
    id: row.id as PaperId,
    day: row.day,
  };
}
