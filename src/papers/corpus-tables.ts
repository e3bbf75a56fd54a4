/** The tables of the corpus. Only `corpus.ts` writes them, and `identity.ts` for it. */
import type { Generated, Kysely } from "kysely";
import type { Migrations } from "../io/database.ts";
import { createSearch, type SearchTables } from "./search.ts";

export interface CorpusTables extends SearchTables {
  papers: {
    key: Generated<number>;
    id: string;
    arxiv_id: string | null;
    day: string | null;
    facts: string;
    first_seen_at: string;
    changed_at: string;
    /** The paper that this one turned out to be. */
    merged_into: number | null;
  };
  /** DOIs and OpenReview ids, as "doi:…" and "openreview:…". */
  identifiers: { name: string; paper_key: number };
  /** First and last author together, by which nearly equal titles are compared. */
  author_marks: { mark: string; paper_key: number };
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
  "papers-titles-0002": {
    async up(db: Kysely<unknown>) {
      await db.schema.createIndex("titles_paper").on("titles").column("paper_key").execute();
      // With the times in it, whole papers are read of those days only that an edition looks at.
      await db.schema.dropIndex("papers_day").execute();
      await db.schema
        .createIndex("papers_day")
        .on("papers")
        .columns(["day", "first_seen_at", "changed_at"])
        .execute();
    },
  },
  "papers-search-0001": {
    async up(db: Kysely<unknown>) {
      // Pages name a paper by its id, also where arXiv does not know it.
      await db.schema.createIndex("papers_id").on("papers").column("id").execute();
      await createSearch(db);
    },
  },
  "papers-identity-0001": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .alterTable("papers")
        .addColumn("merged_into", "integer", (column) => column.references("papers.key"))
        .execute();
      await db.schema
        .createTable("identifiers")
        .addColumn("name", "text", (column) => column.primaryKey())
        .addColumn("paper_key", "integer", (column) => column.notNull().references("papers.key"))
        .execute();
      await db.schema
        .createTable("author_marks")
        .addColumn("mark", "text", (column) => column.notNull())
        .addColumn("paper_key", "integer", (column) => column.notNull().references("papers.key"))
        .addPrimaryKeyConstraint("author_marks_pk", ["mark", "paper_key"])
        .execute();
      // What joins two papers moves all that is known of one.
      for (const table of ["identifiers", "author_marks"]) {
        await db.schema.createIndex(`${table}_paper`).on(table).column("paper_key").execute();
      }
      await db.schema.createIndex("papers_merged").on("papers").column("merged_into").execute();
    },
  },
};
