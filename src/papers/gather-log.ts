/**
 * What is remembered of gatherings: how each source did when it was last read, and which days gone by
 * were gathered, so that a long look back goes on where it stopped. Sole owner of its two tables.
 */
import type { Kysely } from "kysely";
import type { Migrations } from "../io/database.ts";
import type { Source, Span } from "./source.ts";

export interface GatherLogTables {
  gatherings: {
    source: string;
    at: string;
    /** When it last went well. */
    ok_at: string | null;
    sightings: number;
    refused: number;
    fault: string | null;
    /** What the source had to say, such as why there was nothing. */
    note: string | null;
  };
  gathered_spans: { source: string; settings: string; since: string; until: string; at: string };
}

export const gatherLogMigrations: Migrations = {
  "gather-log-0001": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("gatherings")
        .addColumn("source", "text", (column) => column.primaryKey())
        .addColumn("at", "text", (column) => column.notNull())
        .addColumn("ok_at", "text")
        .addColumn("sightings", "integer", (column) => column.notNull())
        .addColumn("refused", "integer", (column) => column.notNull())
        .addColumn("fault", "text")
        .addColumn("note", "text")
        .execute();
      await db.schema
        .createTable("gathered_spans")
        .addColumn("source", "text", (column) => column.notNull())
        .addColumn("since", "text", (column) => column.notNull())
        .addColumn("until", "text", (column) => column.notNull())
        .addColumn("at", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("gathered_spans_pk", ["source", "since", "until"])
        .execute();
    },
  },
  "gather-log-0002": {
    async up(db: Kysely<unknown>) {
      // Under which settings the days of before were gathered is not known; again costs time alone.
      await db.schema.dropTable("gathered_spans").execute();
      await db.schema
        .createTable("gathered_spans")
        .addColumn("source", "text", (column) => column.notNull())
        .addColumn("settings", "text", (column) => column.notNull())
        .addColumn("since", "text", (column) => column.notNull())
        .addColumn("until", "text", (column) => column.notNull())
        .addColumn("at", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("gathered_spans_pk", ["source", "settings", "since", "until"])
        .execute();
    },
  },
};

/** How a source did when it was last read. */
export interface SourceHealth {
  readonly source: string;
  readonly at: string;
  readonly okAt: string | null;
  readonly sightings: number;
  readonly refused: number;
  readonly fault: string | null;
  readonly note: string | null;
}

type Named = Pick<Source, "name" | "settingsMark">;

export interface GatherLog {
  note(health: Omit<SourceHealth, "okAt">): Promise<void>;
  health(): Promise<SourceHealth[]>;
  /** Returns when a span was gathered to its end, from the source as it is set now; else null. */
  gatheredAt(source: Named, span: Span): Promise<string | null>;
  noteSpan(source: Named, span: Span, at: string): Promise<void>;
}

/** Returns the log kept in `db`. */
export function openGatherLog(db: Kysely<GatherLogTables>): GatherLog {
  return {
    note: async (health) => {
      const went = health.fault === null ? { ok_at: health.at } : {};
      await db
        .insertInto("gatherings")
        .values({ ok_at: null, ...went, ...health })
        .onConflict((conflict) => conflict.column("source").doUpdateSet({ ...health, ...went }))
        .execute();
    },
    health: async () => {
      const rows = await db.selectFrom("gatherings").selectAll().orderBy("source").execute();
      return rows.map(({ ok_at: okAt, ...health }) => ({ ...health, okAt }));
    },
    gatheredAt: async ({ name, settingsMark = "" }, { since, until }) => {
      const row = await db
        .selectFrom("gathered_spans")
        .select("at")
        .where("source", "=", name)
        .where("settings", "=", settingsMark)
        .where("since", "=", since)
        .where("until", "=", until)
        .executeTakeFirst();
      return row?.at ?? null;
    },
    noteSpan: async ({ name: source, settingsMark: settings = "" }, { since, until }, at) => {
      await db
        .insertInto("gathered_spans")
        .values({ source, settings, since, until, at })
        .onConflict((conflict) =>
          conflict.columns(["source", "settings", "since", "until"]).doUpdateSet({ at }),
        )
        .execute();
    },
  };
}
