/**
 * The search over all papers of the corpus: titles, names and abstracts, as SQLite's full-text index
 * holds them. Sole owner of the table `paper_search`, which keeps words only and no text. What somebody
 * types is taken as words and phrases, never as a query of SQLite's own language.
 */
import { sql, type Kysely } from "kysely";
import { statement, type Handle } from "../io/database.ts";
import { latexText } from "./latex/reader.ts";
import { storedFacts, type PaperFacts, type PaperKey } from "./paper.ts";

export interface SearchTables {
  /** Its rowid is the paper's key. */
  paper_search: { title: string; names: string; abstract: string };
}

/** What was found: the keys of one page, and how many there are in all, up to the bound. */
export interface Found {
  readonly keys: readonly PaperKey[];
  readonly count: number;
  /** Whether there are more than `count`, which then are the newest. */
  readonly more: boolean;
}

/** Longer questions are cut; nobody types them. */
const QUERY_MAX = 200;
const TERMS_MAX = 12;
/**
 * So many are found, the newest of those that match. To weigh all that hold a common word would keep
 * everybody else waiting: the database works on the thread that answers them.
 */
const FOUND_MAX = 500;
const KEYS_PER_STEP = 500;

/** Makes the index and fills it with the papers that there are. */
export async function createSearch(db: Kysely<unknown>): Promise<void> {
  await sql`create virtual table paper_search using fts5(
    title, names, abstract,
    content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2'
  )`.execute(db);
  for (let last = 0; ;) {
    const { rows } = await sql<{ key: number; facts: string }>`
      select key, facts from papers where key > ${last} order by key limit ${KEYS_PER_STEP}
    `.execute(db);
    for (const { key, facts } of rows) {
      await indexPaper(db as Handle<SearchTables>, key, storedFacts(facts));
    }
    if (rows.length < KEYS_PER_STEP) return;
    last = rows.at(-1)?.key ?? last;
  }
}

/** Puts a paper into the index, in place of what it held of it. */
export async function indexPaper(
  db: Handle<SearchTables>,
  key: number,
  { title, abstract, authors, organization }: PaperFacts,
): Promise<void> {
  const names = [...authors, organization ?? ""].join("\n");
  await statement(
    db,
    "insert or replace into paper_search (rowid, title, names, abstract) values (?, ?, ?, ?)",
    [key, wordsOf(title), names, wordsOf(abstract ?? "")],
  );
}

/** Most abstracts hold no LaTeX that would part or hide a word. */
function wordsOf(text: string): string {
  return /[\\$^_{}~]/.test(text) ? latexText(text) : text;
}

/** Returns the papers that hold all words of `text`: first those that do in their titles, newest first. */
export async function search<Tables extends SearchTables>(
  db: Kysely<Tables>,
  text: string,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<Found> {
  const query = matchQuery(text);
  if (query === null) return { keys: [], count: 0, more: false };
  const newest = await matching(db, query, 0, FOUND_MAX + 1);
  const found = newest.slice(0, FOUND_MAX);
  const inTitles = new Set(await matching(db, `title : (${query})`, found.at(-1) ?? 0, FOUND_MAX));
  const others = found.filter((key) => !inTitles.has(key));
  return {
    keys: [...inTitles, ...others].slice(offset, offset + limit),
    count: found.length,
    more: newest.length > found.length,
  };
}

/** The index lists papers by key, so the newest are found without looking at the others. */
async function matching<Tables extends SearchTables>(
  db: Kysely<Tables>,
  query: string,
  oldest: number,
  limit: number,
): Promise<PaperKey[]> {
  const { rows } = await sql<{ key: PaperKey }>`
    select rowid as key from paper_search where paper_search match ${query} and rowid >= ${oldest}
    order by rowid desc limit ${limit}`.execute(db);
  return rows.map(({ key }) => key);
}

/**
 * Returns the query for all words of `text`, each in quotes, and what stands in quotation marks as a
 * phrase; null without a word.
 */
export function matchQuery(text: string): string | null {
  const parts = text.slice(0, QUERY_MAX).toWellFormed().split('"');
  const phrases = parts.flatMap((part, index) => {
    const words = part.match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
    // Between two quotation marks: a mark that nobody closed quotes nothing.
    const quoted = index % 2 === 1 && index < parts.length - 1;
    return quoted && words.length > 0 ? [words.join(" ")] : words;
  });
  const terms = phrases.slice(0, TERMS_MAX).map((phrase) => `"${phrase}"`);
  return terms.length > 0 ? terms.join(" ") : null;
}
