/**
 * The shelves: the archive as pages show it, list by list. They read what `archive.ts` keeps, and
 * write nothing.
 */
import type { Kysely } from "kysely";
import type { PaperKey } from "../papers/paper.ts";
import type { ArchiveTables } from "./archive-tables.ts";
import { entryOf, headingOf, type EditionHeading } from "./archive.ts";
import type { Edition, Entry } from "./edition.ts";
import type { Cadence, Period } from "./period.ts";

/** One page of a longer list. */
interface Slice {
  readonly offset: number;
  readonly limit: number;
}

/** Which edition it is, without what is in it. */
export type EditionName = Pick<Edition, "cadence" | "period" | "number" | "publishedAt">;

/** An entry, and the first edition that held its paper. */
export interface ShelvedEntry {
  readonly entry: Entry;
  readonly edition: EditionName & Pick<Edition, "window">;
}

export interface Shelves {
  /** Returns editions of one cadence or of all, newest period first, and how many there are. */
  editions(
    cadence: Cadence | null,
    slice: Slice,
  ): Promise<{ headings: readonly EditionHeading[]; count: number }>;
  /** Returns the names of editions, newest period first, for lists that hold nothing else. */
  names(limit: number, cadence?: Cadence): Promise<readonly EditionName[]>;
  /** Returns the periods of the editions of that cadence before and after another; null where there is none. */
  neighbours(
    cadence: Cadence,
    period: Period,
  ): Promise<{ readonly before: Period | null; readonly after: Period | null }>;
  /** Returns papers of a topic that editions held, newest edition first, each paper once. */
  topic(topic: string, slice: Slice): Promise<{ entries: readonly ShelvedEntry[]; count: number }>;
  /** Returns how many papers of each topic editions held. */
  topicCounts(): Promise<ReadonlyMap<string, number>>;
  /** Returns the editions that held a paper, in the order of their publication. */
  holding(paper: PaperKey): Promise<readonly (EditionName & Pick<Entry, "rank" | "lead">)[]>;
}

/** Returns the shelves of the archive in `db`. */
export function openShelves(db: Kysely<ArchiveTables>): Shelves {
  const newestFirst = (cadence: Cadence | null) =>
    db
      .selectFrom("editions")
      .$if(cadence !== null, (query) => query.where("cadence", "=", cadence ?? ""))
      // A month or a week stands after its last day, so "2026-04" before "2026-04-30".
      .orderBy("window_up_to", "desc")
      .orderBy("cadence");

  return {
    editions: async (cadence, { offset, limit }) => {
      const rows = await newestFirst(cadence).selectAll().limit(limit).offset(offset).execute();
      const { count } = await db
        .selectFrom("editions")
        .$if(cadence !== null, (query) => query.where("cadence", "=", cadence ?? ""))
        .select((eb) => eb.fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      return { headings: await Promise.all(rows.map((row) => headingOf(db, row))), count };
    },

    names: async (limit, cadence) => {
      const rows = await newestFirst(cadence ?? null)
        .select(["cadence", "period", "number", "published_at"])
        .limit(limit)
        .execute();
      return rows.map(nameOf);
    },

    neighbours: async (cadence, period) => {
      const others = db.selectFrom("editions").where("cadence", "=", cadence);
      const before = await others
        .where("period", "<", period)
        .select((eb) => eb.fn.max("period").as("period"))
        .executeTakeFirst();
      const after = await others
        .where("period", ">", period)
        .select((eb) => eb.fn.min("period").as("period"))
        .executeTakeFirst();
      return {
        before: (before?.period ?? null) as Period | null,
        after: (after?.period ?? null) as Period | null,
      };
    },

    topic: async (topic, { offset, limit }) => {
      const rows = await db
        .selectFrom("entry_topics")
        .innerJoin("entries", (join) =>
          join
            .onRef("entries.edition_key", "=", "entry_topics.edition_key")
            .onRef("entries.rank", "=", "entry_topics.rank"),
        )
        .innerJoin("editions", "editions.key", "entry_topics.edition_key")
        .selectAll(["entries", "editions"])
        .where("entry_topics.topic", "=", topic)
        .orderBy("entry_topics.edition_key", "desc")
        .orderBy("entry_topics.rank")
        .limit(limit)
        .offset(offset)
        .execute();
      const { count } = await db
        .selectFrom("entry_topics")
        .select((eb) => eb.fn.countAll<number>().as("count"))
        .where("topic", "=", topic)
        .executeTakeFirstOrThrow();
      const entries = rows.map((row) => ({
        entry: entryOf(row),
        edition: { ...nameOf(row), window: { after: row.window_after, upTo: row.window_up_to } },
      }));
      return { entries, count };
    },

    topicCounts: async () => {
      const rows = await db
        .selectFrom("entry_topics")
        .select((eb) => ["topic", eb.fn.countAll<number>().as("count")])
        .groupBy("topic")
        .execute();
      return new Map(rows.map(({ topic, count }) => [topic, count]));
    },

    holding: async (paper) => {
      const rows = await db
        .selectFrom("entries")
        .innerJoin("editions", "editions.key", "entries.edition_key")
        .select(["cadence", "period", "number", "published_at", "rank", "lead"])
        .where("entries.paper_key", "=", paper)
        .orderBy("editions.key")
        .execute();
      return rows.map((row) => ({ ...nameOf(row), rank: row.rank, lead: row.lead === 1 }));
    },
  };
}

function nameOf(row: {
  readonly cadence: string;
  readonly period: string;
  readonly number: number;
  readonly published_at: string;
}): EditionName {
  return {
    cadence: row.cadence as Cadence,
    period: row.period as Period,
    number: row.number,
    publishedAt: row.published_at,
  };
}
