/** The table of subscribers, and how it came about. */
import { sql, type Generated, type Kysely, type Selectable } from "kysely";
import type { Migrations } from "../io/database.ts";
import { storedLanguage } from "../config/language.ts";
import { storedInterests } from "../papers/interests.ts";
import { packProfile, storedProfile } from "../papers/packed-profile.ts";
import type { Profile } from "../papers/profile.ts";
import { opinionMigrations, type OpinionTables } from "./opinions.ts";
import { requestMigrations, type RequestTables } from "./request-tables.ts";
import type { Away, Consent, ConsentState, Subscriber, SubscriberKey } from "./subscriber.ts";
import { suppressionMigrations, type SuppressionTables } from "./suppression.ts";

export interface SubscriberTables extends SuppressionTables, RequestTables, OpinionTables {
  subscribers: {
    key: Generated<number>;
    address: string;
    address_key: string;
    state: string;
    cadence: string;
    text_only: number;
    consent_how: string;
    consent_detail: string;
    consent_at: string;
    ended_at: string | null;
    consent_wording: string | null;
    confirmed_at: string | null;
    hour: number | null;
    time_zone: string | null;
    papers: number | null;
    paused_until: string | null;
    leaving_reason: string | null;
    /** JSON; null for the many who chose nothing, so that their rows stay short. */
    interests: string | null;
    packed_profile: Uint8Array | null;
    weekday: number | null;
    moves: Generated<number>;
    move_detail: string | null;
    move_asked_at: string | null;
    move_confirmed_at: string | null;
    language: string | null;
    /** From when until when the latest pause lasts. */
    away_since: string | null;
    away_until: string | null;
  };
}

export const subscriberMigrations: Migrations = {
  ...suppressionMigrations,
  ...requestMigrations,
  ...opinionMigrations,
  "subscribers-0001": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("subscribers")
        // Never reused: a link or a delivery of an erased reader must not become another's.
        .addColumn("key", "integer", (column) => column.primaryKey().autoIncrement())
        .addColumn("address", "text", (column) => column.notNull())
        .addColumn("address_key", "text", (column) => column.notNull().unique())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("cadence", "text", (column) => column.notNull())
        .addColumn("text_only", "integer", (column) => column.notNull())
        .addColumn("consent_how", "text", (column) => column.notNull())
        .addColumn("consent_detail", "text", (column) => column.notNull())
        .addColumn("consent_at", "text", (column) => column.notNull())
        .addColumn("ended_at", "text")
        .execute();
    },
  },
  "subscribers-0002": {
    async up(db: Kysely<unknown>) {
      const table = db.schema.alterTable("subscribers");
      await table.addColumn("consent_wording", "text").execute();
      await table.addColumn("confirmed_at", "text").execute();
      await table.addColumn("hour", "integer").execute();
      await table.addColumn("time_zone", "text").execute();
      await table.addColumn("papers", "integer").execute();
      await table.addColumn("paused_until", "text").execute();
      await table.addColumn("leaving_reason", "text").execute();
      await db.schema
        .createIndex("subscribers_hour")
        .on("subscribers")
        .columns(["time_zone", "hour"])
        .where(sql.ref("hour"), "is not", null)
        .execute();
    },
  },
  "subscribers-0003": {
    async up(db: Kysely<unknown>) {
      const table = db.schema.alterTable("subscribers");
      await table.addColumn("interests", "text").execute();
      await table.addColumn("profile", "text").execute();
    },
  },
  "subscribers-0004": {
    async up(db: Kysely<unknown>) {
      const table = db.schema.alterTable("subscribers");
      await table
        .addColumn("moves", "integer", (column) => column.notNull().defaultTo(0))
        .execute();
      await table.addColumn("weekday", "integer").execute();
      for (const name of ["move_detail", "move_asked_at", "move_confirmed_at"])
        await table.addColumn(name, "text").execute();
    },
  },
  "subscribers-0005": {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable("subscribers").addColumn("language", "text").execute();
    },
  },
  "subscribers-0006": {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable("subscribers").addColumn("packed_profile", "blob").execute();
      await packProfiles(db);
      await db.schema.alterTable("subscribers").dropColumn("profile").execute();
    },
  },
  "subscribers-0007": {
    async up(db: Kysely<unknown>) {
      // Since when a pause of before lasts is not known, so that nothing is told of it.
      const table = db.schema.alterTable("subscribers");
      await table.addColumn("away_since", "text").execute();
      await table.addColumn("away_until", "text").execute();
    },
  },
};

/** Profiles stood in JSON before, which took longer to read than to choose by. */
async function packProfiles(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ key: number; profile: string }>`
    select key, profile from subscribers where profile is not null`.execute(db);
  for (const { key, profile } of rows) {
    const packed = packProfile(JSON.parse(profile) as Profile);
    await sql`update subscribers set packed_profile = ${packed} where key = ${key}`.execute(db);
  }
}

type SubscriberRow = Selectable<SubscriberTables["subscribers"]>;

/** Returns the subscriber that a row stands for. */
export function subscriberOf(row: SubscriberRow): Subscriber {
  return {
    key: row.key as SubscriberKey,
    address: row.address,
    state: row.state as ConsentState,
    cadence: row.cadence,
    textOnly: row.text_only === 1,
    language: storedLanguage(row.language),
    hour: row.hour,
    weekday: row.weekday,
    timeZone: row.time_zone,
    papers: row.papers,
    pausedUntil: row.paused_until,
    interests: storedInterests(row.interests),
    profile: storedProfile(row.packed_profile),
    consent: {
      how: row.consent_how as Consent["how"],
      detail: row.consent_detail,
      at: row.consent_at,
      wording: row.consent_wording ?? undefined,
      confirmedAt: row.confirmed_at ?? undefined,
      ...movedOf(row),
    },
    endedAt: row.ended_at,
    leavingReason: row.leaving_reason,
    moves: row.moves,
    away: awayOf(row),
  };
}

function awayOf({ away_since: since, away_until: until }: SubscriberRow): Away | null {
  return since === null || until === null ? null : { since, until };
}

function movedOf({
  move_detail: detail,
  move_asked_at: at,
  move_confirmed_at: confirmedAt,
}: SubscriberRow): Pick<Consent, "moved"> {
  if (detail === null || at === null || confirmedAt === null) return {};
  return { moved: { detail, at, confirmedAt } };
}
