/**
 * Tells which paper a sighting is about, and joins two that turn out to be one. A paper is known by its
 * arXiv id, then by DOI and OpenReview id, then by a title and a common author, then by a title that is
 * nearly the same and the same first and last author. Two arXiv ids are always two papers.
 */
import { sql, type Selectable } from "kysely";
import { statement, type Handle } from "../io/database.ts";
import type { CorpusTables } from "./corpus-tables.ts";
import { latexText } from "./latex/reader.ts";
import { storedFacts, type PaperFacts } from "./paper.ts";
import { titleKey } from "./text.ts";

type PaperRow = Selectable<CorpusTables["papers"]>;
type Names = Pick<PaperFacts, "arxivId" | "doi" | "sameAs" | "openReviewId" | "title" | "authors">;

/** Papers of the same two people that are looked at; nobody has more with nearly one title. */
const NEAR_MAX = 50;
/** Of all sequences of three letters in two titles, so many are common to nearly equal ones. */
const ALIKE_MIN = 0.8;
/** A short title is like another one by chance. */
const NEAR_LENGTH_MIN = 20;
const AUTHORS_COMPARED = 60;

/** Returns all papers that `facts` are about, the oldest first: more than one where they are to be joined. */
export async function findPapers(db: Handle<CorpusTables>, facts: Names): Promise<PaperRow[]> {
  const found = new Map<number, PaperRow>();
  const add = (row: PaperRow | undefined) => {
    if (row && isCompatible(row, facts.arxivId)) found.set(row.key, row);
  };
  if (facts.arxivId !== null) {
    const known = "select * from papers where arxiv_id = ?";
    add((await statement<PaperRow, CorpusTables>(db, known, [facts.arxivId])).rows[0]);
  }
  for (const name of namesOf(facts)) {
    const named = `select papers.* from identifiers join papers on papers.key = paper_key
      where name = ?`;
    add((await statement<PaperRow, CorpusTables>(db, named, [name])).rows[0]);
  }
  if (found.size === 0 && facts.title) add(await byTitle(db, facts));
  if (found.size === 0 && facts.title) add(await byLikeness(db, facts));
  return joinable([...found.values()].toSorted((a, b) => a.key - b.key));
}

/** Returns the papers of one arXiv id at most, of which the first has the say. */
function joinable(rows: readonly PaperRow[]): PaperRow[] {
  const ids = new Set(rows.flatMap(({ arxiv_id: id }) => id ?? []));
  return ids.size > 1 ? rows.slice(0, 1) : [...rows];
}

function isCompatible({ arxiv_id: known }: PaperRow, arxivId: string | null): boolean {
  return known === null || arxivId === null || known === arxivId;
}

function namesOf({ doi, sameAs, openReviewId }: Names): string[] {
  const dois = [doi, ...sameAs].flatMap((each) => (each === null ? [] : `doi:${each}`));
  return [...dois, ...(openReviewId === null ? [] : [`openreview:${openReviewId}`])];
}

async function byTitle(db: Handle<CorpusTables>, facts: Names): Promise<PaperRow | undefined> {
  const rows = await others(db, "titles", "title_key", titleKey(facts.title), facts);
  return rows.find((row) => mayBeOne(facts, storedFacts(row.facts)));
}

/** Whether one title may be of one work: "Editorial" is that of many, each under a DOI of its own. */
function mayBeOne(some: Names, other: Names): boolean {
  if (!mayShareAuthors(some.authors, other.authors)) return false;
  if (some.authors.length > 0 && other.authors.length > 0) return true;
  const differs = (name: "doi" | "openReviewId") =>
    some[name] !== null && other[name] !== null && some[name] !== other[name];
  return !differs("doi") && !differs("openReviewId");
}

async function byLikeness(db: Handle<CorpusTables>, facts: Names): Promise<PaperRow | undefined> {
  const mark = authorMark(facts.authors);
  if (mark === null || facts.title.length < NEAR_LENGTH_MIN) return undefined;
  const rows = await others(db, "author_marks", "mark", mark, facts);
  return rows.find((row) => isNearlySame(facts.title, storedFacts(row.facts).title));
}

/** Returns papers that a table has under `value`; none of another arXiv id. */
async function others(
  db: Handle<CorpusTables>,
  table: "titles" | "author_marks",
  column: string,
  value: string,
  { arxivId }: Names,
): Promise<PaperRow[]> {
  // In this order, and by no other index: it would walk through all papers without an arXiv id instead.
  const { rows } = await statement<PaperRow, CorpusTables>(
    db,
    `select papers.* from ${table} cross join papers on papers.key = paper_key
      where ${column} = ? and merged_into is null ${arxivId === null ? "" : "and arxiv_id is null"}
      order by +papers.key limit ${NEAR_MAX}`,
    [value],
  );
  return rows;
}

/** Keeps by what a paper can be found again. */
export async function rememberNames(
  db: Handle<CorpusTables>,
  key: number,
  facts: Names,
): Promise<void> {
  if (facts.title) {
    const title = "insert into titles (title_key, paper_key) values (?, ?) on conflict do nothing";
    await statement(db, title, [titleKey(facts.title), key]);
  }
  const mark = authorMark(facts.authors);
  if (mark !== null) {
    const marked =
      "insert into author_marks (mark, paper_key) values (?, ?) on conflict do nothing";
    await statement(db, marked, [mark, key]);
  }
  for (const name of namesOf(facts)) {
    const named = "insert into identifiers (name, paper_key) values (?, ?) on conflict do nothing";
    await statement(db, named, [name, key]);
  }
}

/** Keeps the name that a paper went by before it got a better one, so that addresses with it hold. */
export async function rememberFormerId(
  db: Handle<CorpusTables>,
  key: number,
  id: string,
): Promise<void> {
  const named = "insert into identifiers (name, paper_key) values (?, ?) on conflict do nothing";
  await statement(db, named, [`id:${id}`, key]);
}

/** Gives everything that is known of paper `from` to paper `into`; the row stays as a sign to it. */
export async function joinPapers(
  db: Handle<CorpusTables>,
  into: number,
  from: number,
): Promise<void> {
  for (const table of ["sightings", "titles", "author_marks", "identifiers"] as const) {
    await sql`update or ignore ${sql.table(table)} set paper_key = ${into}
      where paper_key = ${from}`.execute(db);
    await db.deleteFrom(table).where("paper_key", "=", from).execute();
  }
  // Of two readings of one time the larger counts, as everywhere.
  await sql`insert into readings (paper_key, signal, source, observed_at, value)
    select ${into}, signal, source, observed_at, value from readings where paper_key = ${from}
    on conflict (paper_key, signal, source, observed_at)
    do update set value = excluded.value where readings.value < excluded.value`.execute(db);
  await db.deleteFrom("readings").where("paper_key", "=", from).execute();
  await sql`delete from paper_search where rowid = ${from}`.execute(db);
  await db
    .updateTable("papers")
    .set({ merged_into: into, arxiv_id: null, day: null })
    .where((eb) => eb.or([eb("key", "=", from), eb("merged_into", "=", from)]))
    .execute();
}

/** Whether two lists may be of one paper: one of them is empty, or somebody is on both. */
export function mayShareAuthors(some: readonly string[], others: readonly string[]): boolean {
  if (some.length === 0 || others.length === 0) return true;
  const known = new Set(others.slice(0, AUTHORS_COMPARED).map(surname));
  return some.slice(0, AUTHORS_COMPARED).some((name) => known.has(surname(name)));
}

/** Returns the first and the last author as "a lovelace|a turing", or null where nobody is named. */
function authorMark(authors: readonly string[]): string | null {
  const [first, last] = [authors[0], authors.at(-1)];
  if (first === undefined || last === undefined) return null;
  const mark = (name: string) => `${plainName(name)[0] ?? ""} ${surname(name)}`;
  return `${mark(first)}|${mark(last)}`;
}

/** Returns "lovelace" of "Ada Lovelace" and of "Lovelace, Ada". */
function surname(name: string): string {
  const [before = ""] = name.split(",");
  return plainName(before).split(" ").at(-1) ?? "";
}

/** Returns a name in small plain letters, given names first. */
function plainName(name: string): string {
  const [before = "", after] = name.replace(/\([^)]*\)/g, "").split(",");
  return `${after ?? ""} ${before}`
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** What makes two titles differ however like they are: numbers, parts, versions. */
const COUNTS = /^(?:\d+|[ivx]+|\p{L})$/u;

/** Whether two titles are one but for a word or its spelling, LaTeX, or an added remark. */
export function isNearlySame(one: string, other: string): boolean {
  const [a, b] = [wordsOf(one), wordsOf(other)];
  const differing = [
    ...a.filter((word) => !b.includes(word)),
    ...b.filter((word) => !a.includes(word)),
  ];
  if (differing.some((word) => COUNTS.test(word) || /\d/.test(word))) return false;
  const [first, second] = [trigrams(a.join("")), trigrams(b.join(""))];
  const common = [...first].filter((each) => second.has(each)).length;
  return common >= ALIKE_MIN * (first.size + second.size - common);
}

function wordsOf(title: string): string[] {
  const plain = latexText(title)
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase();
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !ARTICLE.test(word));
}

/** Words that come and go between the versions of a title. */
const ARTICLE = /^(?:an?|the)$/;

function trigrams(text: string): Set<string> {
  return new Set(
    Array.from({ length: Math.max(text.length - 2, 0) }, (_, at) => text.slice(at, at + 3)),
  );
}
