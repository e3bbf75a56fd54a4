/**
 * The archive: all published editions, frozen, and what became of every scheduled round. Sole writer
 * of the tables `editions`, `entries`, `edition_others`, `entry_topics` and `rounds`.
 */
import { sql, type Kysely, type Selectable } from "kysely";
import { slices, type Handle } from "../io/database.ts";
import { storedPaper, type Paper, type PaperKey } from "../papers/paper.ts";
import { topicRows, type ArchiveTables } from "./archive-tables.ts";
import type { Draft, Edition, Entry } from "./edition.ts";
import type { Cadence, Period } from "./period.ts";

/** What became of a scheduled round; a day without a letter is a state too, with its reason. */
export interface RoundRecord {
  readonly cadence: Cadence;
  readonly period: Period;
  readonly outcome: "published" | "skipped";
  readonly reason: string;
  readonly decidedAt: string;
}

/** How a paper stood when an edition did not lead with it. */
export interface PassedOver extends Pick<Entry, "score" | "signals"> {
  readonly publishedAt: string;
}

export interface EditionHeading {
  readonly cadence: Cadence;
  readonly period: Period;
  readonly number: number;
  readonly publishedAt: string;
  /** Titles of the first three entries. */
  readonly titles: readonly string[];
  readonly leads: number;
}

/** A candidate that an edition has no entry for. Its paper is as the corpus knows it. */
export interface Other extends Pick<
  Entry,
  "rank" | "score" | "signals" | "changes" | "reason" | "label"
> {
  readonly paper: PaperKey;
}

export interface Archive {
  /** Freezes `draft`; where its period has an edition already, returns that one unchanged. */
  publish(draft: Draft, now: string): Promise<Edition>;
  find(cadence: Cadence, period: Period): Promise<Edition | null>;
  /** Returns the candidates that an edition has no entry for, in their order. */
  others(cadence: Cadence, period: Period): Promise<readonly Other[]>;
  /** Returns the edition that was published last, whatever its period. */
  latest(): Promise<EditionHeading | null>;
  /** Returns the edition of `cadence` with the last period before `period`. */
  previous(
    cadence: Cadence,
    period: Period,
  ): Promise<Pick<Edition, "period" | "publishedAt"> | null>;
  /** Returns which of `papers` led any edition of `cadence` but that of `period`. */
  printedAmong(
    cadence: Cadence,
    period: Period,
    papers: readonly PaperKey[],
  ): Promise<Set<PaperKey>>;
  /** Returns when papers last led editions of `cadence` from `since` on and before `period`. */
  ledSince(cadence: Cadence, period: Period, since: Period): Promise<ReadonlyMap<PaperKey, string>>;
  /** Returns a paper as it was frozen when it last led a `cadence` edition before `period`, or null. */
  asLed(cadence: Cadence, period: Period, paper: PaperKey): Promise<Paper | null>;
  /**
   * Returns how papers stood when they were passed over for the first time, as runners-up or behind
   * those, in editions of `cadence` from `since` on and before `period`.
   */
  passedOver(
    cadence: Cadence,
    period: Period,
    since: Period,
  ): Promise<ReadonlyMap<PaperKey, PassedOver>>;
  recordRound(round: RoundRecord): Promise<void>;
  lastRound(cadence: Cadence): Promise<RoundRecord | null>;
}

type EditionRow = Selectable<ArchiveTables["editions"]>;

/** Returns the archive kept in `db`. */
export function openArchive(db: Kysely<ArchiveTables>): Archive {
  async function find(cadence: Cadence, period: Period, on = db): Promise<Edition | null> {
    const row = await on
      .selectFrom("editions")
      .selectAll()
      .where("cadence", "=", cadence)
      .where("period", "=", period)
      .executeTakeFirst();
    if (!row) return null;
    const entries = await on
      .selectFrom("entries")
      .selectAll()
      .where("edition_key", "=", row.key)
      .orderBy("rank")
      .execute();
    return editionOf(row, entries.map(entryOf));
  }

  return {
    find: (cadence, period) => find(cadence, period),

    publish: (draft, now) =>
      db.transaction().execute(async (tx) => {
        const existing = await find(draft.cadence, draft.period, tx);
        if (existing) return existing;
        const last = await tx
          .selectFrom("editions")
          .select((eb) => eb.fn.max("number").as("number"))
          .where("cadence", "=", draft.cadence)
          .executeTakeFirst();
        const row = await tx
          .insertInto("editions")
          .values({
            cadence: draft.cadence,
            period: draft.period,
            number: (last?.number ?? 0) + 1,
            window_after: draft.window.after,
            window_up_to: draft.window.upTo,
            candidates: draft.candidates,
            published_at: now,
            widened: draft.widened ? 1 : 0,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        for (const entry of draft.entries) {
          await tx.insertInto("entries").values(entryRow(row.key, entry)).execute();
          await shelve(tx, topicRows(row.key, entry.rank, entry.paper));
        }
        for (const other of draft.others ?? []) {
          await tx.insertInto("edition_others").values(otherRow(row.key, other)).execute();
        }
        return editionOf(row, draft.entries);
      }),

    others: async (cadence, period) => {
      const rows = await db
        .selectFrom("edition_others")
        .innerJoin("editions", "editions.key", "edition_others.edition_key")
        .selectAll("edition_others")
        .where("cadence", "=", cadence)
        .where("period", "=", period)
        .orderBy("rank")
        .execute();
      return rows.map((row) => ({
        rank: row.rank,
        paper: row.paper_key as PaperKey,
        score: row.score,
        signals: JSON.parse(row.signals) as Entry["signals"],
        changes: JSON.parse(row.changes) as Entry["changes"],
        reason: row.reason,
        label: storedLabel(row.label),
      }));
    },

    latest: async () => {
      const row = await db
        .selectFrom("editions")
        .selectAll()
        .orderBy("published_at", "desc")
        .orderBy("key", "desc")
        .limit(1)
        .executeTakeFirst();
      return row ? headingOf(db, row) : null;
    },

    previous: async (cadence, period) => {
      const row = await db
        .selectFrom("editions")
        .select(["period", "published_at"])
        .where("cadence", "=", cadence)
        .where("period", "<", period)
        .orderBy("period", "desc")
        .limit(1)
        .executeTakeFirst();
      return row ? { period: row.period as Period, publishedAt: row.published_at } : null;
    },

    printedAmong: async (cadence, period, papers) => {
      const printed = new Set<PaperKey>();
      for (const some of slices(papers)) {
        const rows = await db
          .selectFrom("entries")
          .innerJoin("editions", "editions.key", "entries.edition_key")
          .select("entries.paper_key")
          .where("entries.paper_key", "in", some)
          .where("editions.cadence", "=", cadence)
          .where("editions.period", "!=", period)
          .where("entries.lead", "=", 1)
          .execute();
        for (const row of rows) printed.add(row.paper_key as PaperKey);
      }
      return printed;
    },

    ledSince: async (cadence, period, since) => {
      const rows = await db
        .selectFrom("entries")
        .innerJoin("editions", "editions.key", "entries.edition_key")
        .select(["entries.paper_key", "editions.published_at"])
        .where("editions.cadence", "=", cadence)
        .where("editions.period", ">=", since)
        .where("editions.period", "<", period)
        .where("entries.lead", "=", 1)
        .orderBy("editions.period")
        .execute();
      return new Map(rows.map((row) => [row.paper_key as PaperKey, row.published_at]));
    },

    asLed: async (cadence, period, paper) => {
      const row = await db
        .selectFrom("entries")
        .innerJoin("editions", "editions.key", "entries.edition_key")
        .select("entries.paper")
        .where("entries.paper_key", "=", paper)
        .where("editions.cadence", "=", cadence)
        .where("editions.period", "<", period)
        .where("entries.lead", "=", 1)
        .orderBy("editions.period", "desc")
        .limit(1)
        .executeTakeFirst();
      return row ? storedPaper(row.paper) : null;
    },

    passedOver: async (cadence, period, since) => {
      const editions = db
        .selectFrom("editions")
        .where("editions.cadence", "=", cadence)
        .where("editions.period", ">=", since)
        .where("editions.period", "<", period);
      const told = ["period", "paper_key", "score", "signals", "published_at"] as const;
      const rows = await editions
        .innerJoin("entries", "entries.edition_key", "editions.key")
        .select(told)
        .where("entries.lead", "=", 0)
        .unionAll(
          editions
            .innerJoin("edition_others", "edition_others.edition_key", "editions.key")
            .select(told),
        )
        .orderBy("period", "desc")
        .execute();
      // The oldest comes last and stays.
      return new Map(
        rows.map(({ paper_key: key, score, signals, published_at: publishedAt }) => [
          key as PaperKey,
          { score, signals: JSON.parse(signals) as Entry["signals"], publishedAt },
        ]),
      );
    },

    recordRound: async ({ cadence, period, outcome, reason, decidedAt }) => {
      await db
        .insertInto("rounds")
        .values({ cadence, period, outcome, reason, decided_at: decidedAt })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },

    lastRound: async (cadence) => {
      const row = await db
        .selectFrom("rounds")
        .selectAll()
        .where("cadence", "=", cadence)
        .orderBy("period", "desc")
        .limit(1)
        .executeTakeFirst();
      if (!row) return null;
      return {
        cadence,
        period: row.period as Period,
        outcome: row.outcome as RoundRecord["outcome"],
        reason: row.reason,
        decidedAt: row.decided_at,
      };
    },
  };
}

/** Files an entry under topics that its paper is not under yet. */
async function shelve(
  db: Handle<ArchiveTables>,
  rows: readonly ArchiveTables["entry_topics"][],
): Promise<void> {
  if (rows.length === 0) return;
  await db
    .insertInto("entry_topics")
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Returns what stands in a list for the edition of `row`. */
export async function headingOf(
  db: Kysely<ArchiveTables>,
  row: EditionRow,
): Promise<EditionHeading> {
  const leads = await db
    .selectFrom("entries")
    // The database reads the title: to parse whole papers would take most of a list's time.
    .select(sql<string>`paper ->> '$.title'`.as("title"))
    .where("edition_key", "=", row.key)
    .where("lead", "=", 1)
    .orderBy("rank")
    .execute();
  return {
    cadence: row.cadence as Cadence,
    period: row.period as Period,
    number: row.number,
    publishedAt: row.published_at,
    titles: leads.slice(0, 3).map(({ title }) => title),
    leads: leads.length,
  };
}

function editionOf(row: EditionRow, entries: readonly Entry[]): Edition {
  return {
    cadence: row.cadence as Cadence,
    period: row.period as Period,
    number: row.number,
    publishedAt: row.published_at,
    window: { after: row.window_after, upTo: row.window_up_to },
    ...(row.widened === 1 ? { widened: true as const } : {}),
    candidates: row.candidates,
    entries,
  };
}

function entryRow(editionKey: number, entry: Entry): ArchiveTables["entries"] {
  return {
    edition_key: editionKey,
    rank: entry.rank,
    lead: entry.lead ? 1 : 0,
    paper_key: entry.paper.key,
    score: entry.score,
    signals: JSON.stringify(entry.signals),
    reason: entry.reason,
    label: entry.label && JSON.stringify(entry.label),
    witnesses: JSON.stringify(entry.witnesses),
    paper: JSON.stringify(entry.paper),
    changes: JSON.stringify(entry.changes),
    written: entry.written && JSON.stringify(entry.written),
  };
}

function otherRow(editionKey: number, other: Entry): ArchiveTables["edition_others"] {
  const { rank, paper, score, signals, changes, reason, label } = other;
  return {
    edition_key: editionKey,
    rank,
    paper_key: paper.key,
    score,
    signals: JSON.stringify(signals),
    changes: JSON.stringify(changes),
    reason,
    label: label && JSON.stringify(label),
  };
}

function storedLabel(text: string | null): Entry["label"] {
  return text === null ? null : (JSON.parse(text) as Entry["label"]);
}

/** Returns the entry that a row holds. */
export function entryOf(row: ArchiveTables["entries"]): Entry {
  return {
    rank: row.rank,
    lead: row.lead === 1,
    paper: storedPaper(row.paper),
    score: row.score,
    signals: JSON.parse(row.signals) as Entry["signals"],
    changes: JSON.parse(row.changes) as Entry["changes"],
    reason: row.reason,
    label: storedLabel(row.label),
    witnesses: JSON.parse(row.witnesses) as Entry["witnesses"],
    written: row.written === null ? null : (JSON.parse(row.written) as Entry["written"]),
  };
}
