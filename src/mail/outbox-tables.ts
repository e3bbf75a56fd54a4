/** The tables of this room, and how they came about. */
import { sql, type Generated, type Kysely } from "kysely";
import type { Migrations } from "../io/database.ts";

export interface OutboxTables {
  deliveries: {
    key: Generated<number>;
    cadence: string;
    period: string;
    /** Below zero, and another for each letter, once the reader has been erased. */
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
    queue_id: string | null;
    /** Keys of the papers of a letter of its reader's own choice, in JSON; null: the edition's own. */
    papers: string | null;
  };
  /** `objection`: what is held against it, where that is why. */
  holds: { kind: string; name: string; since: string; why: string; objection: string | null };
  /** Objections that an operator has looked into and let go on. */
  looked_into: { kind: string; name: string; objection: string; at: string };
  /** `what`: the code of the trouble, and what it is about. `outcome`: null until it is settled. */
  alerts: {
    key: Generated<number>;
    cadence: string;
    period: string;
    what: string;
    code: string;
    message: string;
    remedy: string;
    since: string;
    attempts: Generated<number>;
    next_try_at: string;
    settled_at: string | null;
    outcome: string | null;
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
  "deliveries-0003": {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable("deliveries").addColumn("queue_id", "text").execute();
      // What is owed is walked in the order of its keys, however much has been settled.
      await db.schema.dropIndex("deliveries_owed").execute();
      await db.schema
        .createIndex("deliveries_owed")
        .on("deliveries")
        .column("key")
        .where(sql.ref("state"), "in", sql`('due', 'deferred')`)
        .execute();
      await db.schema
        .createIndex("deliveries_claimed")
        .on("deliveries")
        .column("key")
        .where(sql.ref("state"), "in", sql`('claimed', 'sending')`)
        .execute();
    },
  },
  "deliveries-0004": {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable("deliveries").addColumn("papers", "text").execute();
      await db.schema
        .createIndex("deliveries_papers")
        .on("deliveries")
        .columns(["subscriber_key", "cadence", "period"])
        .where(sql.ref("papers"), "is not", null)
        .execute();
    },
  },
  "deliveries-0005": {
    async up(db: Kysely<unknown>) {
      const tables = await db.introspection.getTables();
      // The list's tables may come after these; then nobody has been erased yet.
      if (!tables.some(({ name }) => name === "subscribers")) return;
      // Erasing a reader left their letters under the reader's key before.
      await sql`
        update deliveries set subscriber_key = -key, papers = null, reply_text = null, queue_id = null
        where subscriber_key > 0 and subscriber_key not in (select key from subscribers)`.execute(
        db,
      );
    },
  },
  "holds-0001": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("holds")
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("since", "text", (column) => column.notNull())
        .addColumn("why", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("holds_once", ["kind", "name"])
        .execute();
    },
  },
  "holds-0002": {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable("holds").addColumn("objection", "text").execute();
      await db.schema
        .createTable("looked_into")
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("objection", "text", (column) => column.notNull())
        .addColumn("at", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("looked_into_once", ["kind", "name", "objection"])
        .execute();
    },
  },
  "alerts-0001": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("alerts")
        .addColumn("cadence", "text", (column) => column.notNull())
        .addColumn("period", "text", (column) => column.notNull())
        .addColumn("at", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("alerts_once", ["cadence", "period"])
        .execute();
    },
  },
  "alerts-0002": {
    async up(db: Kysely<unknown>) {
      // The old rows say that something was told of a round, and not what: nothing can be made of them.
      await db.schema.dropTable("alerts").execute();
      await db.schema
        .createTable("alerts")
        .addColumn("key", "integer", (column) => column.primaryKey())
        .addColumn("cadence", "text", (column) => column.notNull())
        .addColumn("period", "text", (column) => column.notNull())
        .addColumn("what", "text", (column) => column.notNull())
        .addColumn("code", "text", (column) => column.notNull())
        .addColumn("message", "text", (column) => column.notNull())
        .addColumn("remedy", "text", (column) => column.notNull())
        .addColumn("since", "text", (column) => column.notNull())
        .addColumn("attempts", "integer", (column) => column.notNull().defaultTo(0))
        .addColumn("next_try_at", "text", (column) => column.notNull())
        .addColumn("settled_at", "text")
        .addColumn("outcome", "text")
        .addUniqueConstraint("alerts_once", ["cadence", "period", "what"])
        .execute();
    },
  },
};

/** A condition on a row of `deliveries`, written out as its index has it: bound values don't match. */
export const IS_CLAIMED = sql<boolean>`deliveries.state in ('claimed', 'sending')`;
