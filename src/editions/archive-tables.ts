/** The tables of the archive. Only `archive.ts` writes them. */
import type { Generated, Kysely } from "kysely";
import type { Migrations } from "../io/database.ts";
import { storedPaper, type Paper } from "../papers/paper.ts";
import { topicsOf } from "../papers/topics.ts";

export interface ArchiveTables {
  editions: {
    key: Generated<number>;
    cadence: string;
    period: string;
    number: number;
    window_after: string;
    window_up_to: string;
    candidates: number;
    published_at: string;
    /** 1 where it holds the best of the week before its days as well. */
    widened: Generated<number>;
  };
  entries: {
    edition_key: number;
    rank: number;
    lead: number;
    paper_key: number;
    score: number;
    signals: string;
    reason: string;
    label: string | null;
    witnesses: string;
    paper: string;
    changes: string;
    written: string | null;
  };
  /** Candidates behind an edition's entries, for readers who follow something of theirs. */
  edition_others: {
    edition_key: number;
    rank: number;
    paper_key: number;
    score: number;
    signals: string;
    changes: string;
    reason: string;
    label: string | null;
  };
  /** The topics of all papers that editions held, each with the first edition that did. */
  entry_topics: {
    topic: string;
    paper_key: number;
    edition_key: number;
    rank: number;
  };
  rounds: {
    cadence: string;
    period: string;
    outcome: string;
    reason: string;
    decided_at: string;
  };
}

export const archiveMigrations: Migrations = {
  "editions-0001": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("editions")
        .addColumn("key", "integer", (column) => column.primaryKey())
        .addColumn("cadence", "text", (column) => column.notNull())
        .addColumn("period", "text", (column) => column.notNull())
        .addColumn("number", "integer", (column) => column.notNull())
        .addColumn("window_after", "text", (column) => column.notNull())
        .addColumn("window_up_to", "text", (column) => column.notNull())
        .addColumn("candidates", "integer", (column) => column.notNull())
        .addColumn("published_at", "text", (column) => column.notNull())
        .addUniqueConstraint("editions_period", ["cadence", "period"])
        .addUniqueConstraint("editions_number", ["cadence", "number"])
        .execute();
      await db.schema
        .createTable("entries")
        .addColumn("edition_key", "integer", (column) =>
          column.notNull().references("editions.key"),
        )
        .addColumn("rank", "integer", (column) => column.notNull())
        .addColumn("lead", "integer", (column) => column.notNull())
        .addColumn("paper_key", "integer", (column) => column.notNull())
        .addColumn("score", "real", (column) => column.notNull())
        .addColumn("signals", "text", (column) => column.notNull())
        .addColumn("reason", "text", (column) => column.notNull())
        .addColumn("paper", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("entries_pk", ["edition_key", "rank"])
        .execute();
      await db.schema.createIndex("entries_paper").on("entries").column("paper_key").execute();
      await db.schema
        .createTable("rounds")
        .addColumn("cadence", "text", (column) => column.notNull())
        .addColumn("period", "text", (column) => column.notNull())
        .addColumn("outcome", "text", (column) => column.notNull())
        .addColumn("reason", "text", (column) => column.notNull())
        .addColumn("decided_at", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("rounds_pk", ["cadence", "period"])
        .execute();
    },
  },
  "editions-0002": {
    async up(db: Kysely<unknown>) {
      // What older editions were frozen without stays unknown.
      await db.schema
        .alterTable("entries")
        .addColumn("changes", "text", (column) => column.notNull().defaultTo("{}"))
        .execute();
      await db.schema.alterTable("entries").addColumn("written", "text").execute();
    },
  },
  "editions-labels-0001": {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable("entries").addColumn("label", "text").execute();
      await db.schema
        .alterTable("entries")
        .addColumn("witnesses", "text", (column) => column.notNull().defaultTo("[]"))
        .execute();
    },
  },
  "editions-0003": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("edition_others")
        .addColumn("edition_key", "integer", (column) =>
          column.notNull().references("editions.key"),
        )
        .addColumn("rank", "integer", (column) => column.notNull())
        .addColumn("paper_key", "integer", (column) => column.notNull())
        .addColumn("score", "real", (column) => column.notNull())
        .addColumn("signals", "text", (column) => column.notNull())
        .addColumn("changes", "text", (column) => column.notNull())
        .addColumn("reason", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("edition_others_pk", ["edition_key", "rank"])
        .execute();
    },
  },
  "editions-labels-0002": {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable("edition_others").addColumn("label", "text").execute();
    },
  },
  "editions-topics-0001": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("entry_topics")
        .addColumn("topic", "text", (column) => column.notNull())
        .addColumn("paper_key", "integer", (column) => column.notNull())
        .addColumn("edition_key", "integer", (column) =>
          column.notNull().references("editions.key"),
        )
        .addColumn("rank", "integer", (column) => column.notNull())
        .addPrimaryKeyConstraint("entry_topics_pk", ["topic", "paper_key"])
        .execute();
      await db.schema
        .createIndex("entry_topics_newest")
        .on("entry_topics")
        .columns(["topic", "edition_key desc", "rank"])
        .execute();
      await shelveOldEntries(db as Kysely<ArchiveTables>);
    },
  },
  "editions-widened-0001": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .alterTable("editions")
        .addColumn("widened", "integer", (column) => column.notNull().defaultTo(0))
        .execute();
    },
  },
};

/** Returns the rows that put an entry under its topics. */
export function topicRows(
  editionKey: number,
  rank: number,
  paper: Paper,
): ArchiveTables["entry_topics"][] {
  return topicsOf(paper).map(({ id }) => ({
    topic: id,
    paper_key: paper.key,
    edition_key: editionKey,
    rank,
  }));
}

async function shelveOldEntries(db: Kysely<ArchiveTables>): Promise<void> {
  const editions = await db.selectFrom("editions").select("key").orderBy("key").execute();
  for (const { key } of editions) {
    const entries = await db
      .selectFrom("entries")
      .select(["rank", "paper"])
      .where("edition_key", "=", key)
      .execute();
    const rows = entries.flatMap(({ rank, paper }) => topicRows(key, rank, storedPaper(paper)));
    if (rows.length === 0) continue;
    await db
      .insertInto("entry_topics")
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}
