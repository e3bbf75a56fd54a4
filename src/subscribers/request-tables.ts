/** The tables of what is asked for at the door, and how they came about. */
import { sql, type Generated, type Kysely } from "kysely";
import type { Migrations } from "../io/database.ts";

export interface RequestTables {
  requests: {
    key: Generated<number>;
    wish: string;
    /** Null once the request has been answered: nothing is kept of it that is kept elsewhere. */
    address: string | null;
    address_key: string | null;
    /** Of whom moves; of whom joined, once that is confirmed. */
    subscriber_key: number | null;
    cadence: string;
    text_only: number;
    hour: number | null;
    time_zone: string | null;
    how: string;
    asked_from: string;
    wording: string;
    asked_at: string;
    expires_at: string;
    confirmed_at: string | null;
    reminded_at: string | null;
    /** Which notice is owed; null: none. */
    notice: string | null;
    notice_due_at: string;
    notice_attempts: number;
    /** When it was begun to be sent. What is lost after that is not sent again by itself. */
    notice_begun_at: string | null;
    /** JSON, as it goes to the list; null where nothing was chosen. */
    interests: string | null;
    /** When whoever reads at the address said that it was somebody else. */
    refused_at: string | null;
    asked_network: string | null;
    weekday: number | null;
    language: string | null;
  };
  request_log: {
    key: Generated<number>;
    at: string;
    address_mark: string;
    domain_mark: string;
    network_mark: string | null;
    neighbourhood_mark: string | null;
    weight: number;
  };
  /** Seals of forms that were sent, for as long as they would be taken again. */
  request_seals: { seal: string; address_mark: string; at: string };
}

export const requestMigrations: Migrations = {
  "requests-0001": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("requests")
        // Never reused: a link in an old notice must not become another's.
        .addColumn("key", "integer", (column) => column.primaryKey().autoIncrement())
        .addColumn("wish", "text", (column) => column.notNull())
        .addColumn("address", "text")
        .addColumn("address_key", "text")
        .addColumn("subscriber_key", "integer")
        .addColumn("cadence", "text", (column) => column.notNull())
        .addColumn("text_only", "integer", (column) => column.notNull())
        .addColumn("hour", "integer")
        .addColumn("time_zone", "text")
        .addColumn("how", "text", (column) => column.notNull())
        .addColumn("asked_from", "text", (column) => column.notNull())
        .addColumn("wording", "text", (column) => column.notNull())
        .addColumn("asked_at", "text", (column) => column.notNull())
        .addColumn("expires_at", "text", (column) => column.notNull())
        .addColumn("confirmed_at", "text")
        .addColumn("reminded_at", "text")
        .addColumn("notice", "text")
        .addColumn("notice_due_at", "text", (column) => column.notNull())
        .addColumn("notice_attempts", "integer", (column) => column.notNull())
        .addColumn("notice_begun_at", "text")
        .execute();
      for (const column of ["address_key", "notice_due_at", "expires_at"]) {
        const name = `requests_${column}`;
        await db.schema.createIndex(name).on("requests").column(column).execute();
      }
      await db.schema
        .createTable("request_log")
        .addColumn("key", "integer", (column) => column.primaryKey())
        .addColumn("at", "text", (column) => column.notNull())
        .addColumn("address_mark", "text", (column) => column.notNull())
        .addColumn("domain_mark", "text", (column) => column.notNull())
        .addColumn("network_mark", "text")
        .addColumn("weight", "integer", (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex("request_log_network")
        .on("request_log")
        .columns(["network_mark", "at"])
        .execute();
      // Under attack most requests are answered by nothing, and only those of a network are counted.
      for (const column of ["at", "address_mark", "domain_mark"]) {
        await db.schema
          .createIndex(`request_log_${column}`)
          .on("request_log")
          .columns(column === "at" ? ["at"] : [column, "at"])
          .where(sql.ref("weight"), ">", sql`0`)
          .execute();
      }
    },
  },
  "requests-0002": {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable("requests").addColumn("interests", "text").execute();
    },
  },
  "requests-0003": {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable("requests").addColumn("refused_at", "text").execute();
      await db.schema.alterTable("requests").addColumn("asked_network", "text").execute();
      await db.schema.alterTable("requests").addColumn("weekday", "integer").execute();
      await db.schema.alterTable("request_log").addColumn("neighbourhood_mark", "text").execute();
      await db.schema
        .createIndex("request_log_neighbourhood")
        .on("request_log")
        .columns(["neighbourhood_mark", "at"])
        .execute();
      await db.schema
        .createTable("request_seals")
        .addColumn("seal", "text", (column) => column.primaryKey())
        .addColumn("address_mark", "text", (column) => column.notNull())
        .addColumn("at", "text", (column) => column.notNull())
        .execute();
    },
  },
  "requests-0004": {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable("requests").addColumn("language", "text").execute();
    },
  },
};
