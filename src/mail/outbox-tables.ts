/** The table that the outbox owns, and how it came about. */
import type { Generated, Kysely } from "kysely";
import type { Migrations } from "../io/database.ts";

export interface OutboxTables {
  deliveries: {
    key: Generated<number>;
    cadence: string;
    period: string;
    subscriber_key: number;
    state: string;
    due_at: string;
    expires_at: string;
    attempts: number;
    claimed_by: string | null;
    claimed_at: string | null;
    settled_at: string | null;
    reply_code: number | null;
    reply_enhanced: string | null;
    reply_text: string | null;
  };
}

export const outboxMigrations: Migrations = {
  "deliveries-0001": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("deliveries")
        .addColumn("key", "integer", (column) => column.primaryKey())
        .addColumn("cadence", "text", (column) => column.notNull())
        .addColumn("period", "text", (column) => column.notNull())
        .addColumn("subscriber_key", "integer", (column) => column.notNull())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("due_at", "text", (column) => column.notNull())
        .addColumn("expires_at", "text", (column) => column.notNull())
        .addColumn("attempts", "integer", (column) => column.notNull())
        .addColumn("claimed_by", "text")
        .addColumn("claimed_at", "text")
        .addColumn("settled_at", "text")
        .addColumn("reply_code", "integer")
        .addColumn("reply_enhanced", "text")
        .addColumn("reply_text", "text")
        .addUniqueConstraint("deliveries_once", ["cadence", "period", "subscriber_key"])
        .execute();
      await db.schema
        .createIndex("deliveries_owed")
        .on("deliveries")
        .columns(["state", "due_at"])
        .execute();
    },
  },
  "deliveries-0002": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createIndex("deliveries_settled")
        .on("deliveries")
        .column("settled_at")
        .execute();
    },
  },
};
