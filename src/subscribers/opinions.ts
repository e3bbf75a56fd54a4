/**
 * What readers say of papers: more or less like this, and what they save. Sole owner of the table
 * `opinions`. What is learned from it stands in the reader's own row, and goes with both.
 */
import { sql, type Kysely } from "kysely";
import type { Handle, Migrations } from "../io/database.ts";
import type { PaperKey } from "../papers/paper.ts";
import { packProfile } from "../papers/packed-profile.ts";
import type { Profile } from "../papers/profile.ts";
import type { SubscriberKey } from "./subscriber.ts";

export const VERDICTS = ["more", "less", "save"] as const;
/** A saved paper is liked as well. */
export type Verdict = (typeof VERDICTS)[number];

/** A reader's word on one paper. */
export interface Opinion {
  /** Names the paper: by its key in the corpus, or as it stood in the reader's own library. */
  readonly name: string;
  /** Null for one that the corpus does not know. */
  readonly paper: PaperKey | null;
  readonly verdict: Verdict;
  readonly title: string;
  /** Of a paper that the corpus does not know. */
  readonly abstract: string | null;
  readonly at: string;
}

export interface OpinionTables {
  opinions: {
    subscriber_key: number;
    name: string;
    paper_key: number | null;
    verdict: string;
    title: string;
    abstract: string | null;
    at: string;
  };
}

export const opinionMigrations: Migrations = {
  "opinions-0001": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("opinions")
        .addColumn("subscriber_key", "integer", (column) => column.notNull())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("paper_key", "integer")
        .addColumn("verdict", "text", (column) => column.notNull())
        .addColumn("title", "text", (column) => column.notNull())
        .addColumn("abstract", "text")
        .addColumn("at", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("opinions_once", ["subscriber_key", "name"])
        .execute();
    },
  },
};

export interface Opinions {
  /**
   * Puts opinions in place of what the reader said of the same papers before; a saved paper that is liked
   * stays saved. Of a reader who was erased meanwhile nothing is kept.
   */
  put(reader: SubscriberKey, opinions: readonly Opinion[]): Promise<void>;
  /** Takes back what was said of a paper. */
  remove(reader: SubscriberKey, name: string): Promise<void>;
  /** Returns all that a reader said, newest first. */
  of(reader: SubscriberKey): Promise<Opinion[]>;
  /** Forgets all that a reader said, and what was learned from it. */
  reset(reader: SubscriberKey): Promise<void>;
  /**
   * Keeps what was learned from `opinions`, unless the reader has said or taken back something since: then
   * there is newer to learn from, or nothing.
   */
  setProfile(
    reader: SubscriberKey,
    profile: Profile | null,
    opinions: readonly Opinion[],
  ): Promise<void>;
}

/** Older ones make room: what somebody liked a thousand papers ago says little. */
const OPINIONS_MAX = 1000;

type Tables = OpinionTables & { subscribers: { key: number; packed_profile: Uint8Array | null } };

async function opinionsOf(db: Handle<Tables>, reader: SubscriberKey): Promise<Opinion[]> {
  const rows = await db
    .selectFrom("opinions")
    .selectAll()
    .where("subscriber_key", "=", reader)
    .orderBy("at", "desc")
    .orderBy("name")
    .execute();
  return rows.map(({ name, paper_key: paper, verdict, title, abstract, at }) => ({
    name,
    paper: paper as PaperKey | null,
    verdict: verdict as Verdict,
    title,
    abstract,
    at,
  }));
}

/** Returns the opinions kept in `db`. */
export function openOpinions(db: Kysely<Tables>): Opinions {
  async function setProfile(
    handle: Handle<Tables>,
    reader: SubscriberKey,
    profile: Profile | null,
  ): Promise<void> {
    await handle
      .updateTable("subscribers")
      .set({ packed_profile: profile && packProfile(profile) })
      .where("key", "=", reader)
      .execute();
  }

  return {
    put: (reader, opinions) =>
      db.transaction().execute(async (tx) => {
        const known = tx.selectFrom("subscribers").select("key").where("key", "=", reader);
        if (!(await known.executeTakeFirst())) return;
        for (const { paper, ...opinion } of opinions) {
          const values = { ...opinion, subscriber_key: reader, paper_key: paper };
          const verdict = sql<string>`case when opinions.verdict = 'save' and excluded.verdict = 'more'
            then 'save' else excluded.verdict end`;
          await tx
            .insertInto("opinions")
            .values(values)
            .onConflict((conflict) =>
              conflict.columns(["subscriber_key", "name"]).doUpdateSet({ ...values, verdict }),
            )
            .execute();
        }
        await sql`
          delete from opinions where subscriber_key = ${reader} and name not in (
            select name from opinions where subscriber_key = ${reader}
            order by at desc, name limit ${OPINIONS_MAX})`.execute(tx);
      }),

    remove: async (reader, name) => {
      await db
        .deleteFrom("opinions")
        .where("subscriber_key", "=", reader)
        .where("name", "=", name)
        .execute();
    },

    of: (reader) => opinionsOf(db, reader),

    reset: (reader) =>
      db.transaction().execute(async (tx) => {
        await eraseOpinionsOf(tx, reader);
        await setProfile(tx, reader, null);
      }),

    setProfile: (reader, profile, opinions) =>
      db.transaction().execute(async (tx) => {
        // What is said anew of a paper has another time, or is another verdict.
        const said = await tx
          .selectFrom("opinions")
          .select(["name", "verdict", "at"])
          .where("subscriber_key", "=", reader)
          .execute();
        const now = new Map(said.map((opinion) => [opinion.name, opinion]));
        const isSame = opinions.every(({ name, verdict, at }) => {
          const same = now.get(name);
          return same?.verdict === verdict && same.at === at;
        });
        if (isSame && now.size === opinions.length) await setProfile(tx, reader, profile);
      }),
  };
}

/** Forgets all that a reader said, within the caller's transaction. */
export async function eraseOpinionsOf(
  db: Handle<OpinionTables>,
  reader: SubscriberKey,
): Promise<void> {
  await db.deleteFrom("opinions").where("subscriber_key", "=", reader).execute();
}
