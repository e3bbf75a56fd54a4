/**
 * The catalogue: what pages look up in the corpus. It reads what `corpus.ts` keeps, and writes
 * nothing.
 */
import type { Kysely } from "kysely";
import { slices } from "../io/database.ts";
import { paperOf } from "./corpus.ts";
import { latestReadings } from "./corpus-readings.ts";
import type { CorpusTables } from "./corpus-tables.ts";
import type { Candidate, Paper, PaperKey, Signals } from "./paper.ts";
import { UNREAD } from "./readings.ts";
import { search } from "./search.ts";
import { arxivId, type CalendarDate } from "./text.ts";

/** One page of a longer list. */
export interface Slice {
  readonly offset: number;
  readonly limit: number;
}

/** The papers of one page, and how many the whole list has. */
export interface Papers {
  readonly papers: readonly Candidate[];
  readonly count: number;
}

export interface Catalogue {
  /** Returns the paper of that id with its latest readings. */
  paper(id: string): Promise<Candidate | null>;
  /** Returns the papers of those keys that there are, in their order. */
  papers(keys: readonly PaperKey[]): Promise<Candidate[]>;
  /** Returns up to `limit` papers, those known last first, without their readings. */
  newest(limit: number): Promise<Paper[]>;
  /** Returns papers of a day, those with the most votes and comments together first. */
  day(day: CalendarDate, slice: Slice): Promise<Papers>;
  /** Returns the nearest days before and after `day` that have papers. */
  neighbours(
    day: CalendarDate,
  ): Promise<{ before: CalendarDate | null; after: CalendarDate | null }>;
  /** Returns papers that hold all words of `text`; `more` where the list was cut. */
  search(text: string, slice: Slice): Promise<Papers & { readonly more: boolean }>;
}

/** Returns the catalogue of the corpus in `db`. */
export function openCatalogue(db: Kysely<CorpusTables>): Catalogue {
  return {
    paper: async (id) => {
      const row = await db
        .selectFrom("papers")
        .select(["key", "merged_into as into"])
        .where("id", "=", arxivId(id) ?? id)
        .orderBy("key")
        .executeTakeFirst();
      const key = row ? (row.into ?? row.key) : await keyOfFormerId(db, id);
      const [paper] = key === null ? [] : await candidatesOf(db, [key]);
      return paper ?? null;
    },

    papers: async (keys) => {
      const found: Candidate[] = [];
      for (const some of slices(keys)) found.push(...(await candidatesOf(db, some)));
      return found;
    },

    newest: async (limit) => {
      const papers = db.selectFrom("papers").selectAll();
      const rows = await papers.orderBy("key", "desc").limit(limit).execute();
      return rows.map(paperOf);
    },

    day: async (day, { offset, limit }) => {
      const rows = await db.selectFrom("papers").select("key").where("day", "=", day).execute();
      const keys = rows.map(({ key }) => key);
      const latest = await latestReadings(db, keys);
      const points = (key: number) => pointsOf(latest.get(key)?.signals ?? {});
      const inOrder = keys.toSorted((a, b) => points(b) - points(a) || a - b);
      const papers = await candidatesOf(db, inOrder.slice(offset, offset + limit));
      return { papers, count: keys.length };
    },

    neighbours: async (day) => ({
      before: await nearestDay(db, day, "<"),
      after: await nearestDay(db, day, ">"),
    }),

    search: async (text, slice) => {
      const { keys, count, more } = await search(db, text, slice);
      return { papers: await candidatesOf(db, keys), count, more };
    },
  };
}

/** A paper without identifier was named by its title until it got one. */
async function keyOfFormerId(db: Kysely<CorpusTables>, id: string): Promise<number | null> {
  const row = await db
    .selectFrom("identifiers")
    .select("paper_key")
    .where("name", "=", `id:${id}`)
    .executeTakeFirst();
  return row?.paper_key ?? null;
}

async function nearestDay(
  db: Kysely<CorpusTables>,
  day: CalendarDate,
  side: "<" | ">",
): Promise<CalendarDate | null> {
  const row = await db
    .selectFrom("papers")
    .select("day")
    .where("day", side, day)
    .orderBy("day", side === "<" ? "desc" : "asc")
    .limit(1)
    .executeTakeFirst();
  return row?.day ?? null;
}

/** Returns the papers of `keys`, in their order. */
async function candidatesOf(
  db: Kysely<CorpusTables>,
  keys: readonly (PaperKey | number)[],
): Promise<Candidate[]> {
  if (keys.length === 0) return [];
  const rows = await db.selectFrom("papers").selectAll().where("key", "in", keys).execute();
  const latest = await latestReadings(db, keys);
  const papers = new Map(rows.map((row) => [row.key, paperOf(row)]));
  return keys.flatMap((key) => {
    const paper = papers.get(key);
    return paper ? [{ paper, ...(latest.get(key) ?? UNREAD) }] : [];
  });
}

function pointsOf({ votes = 0, comments = 0 }: Signals): number {
  return votes + comments;
}
