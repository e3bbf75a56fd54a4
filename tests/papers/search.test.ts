/** The search takes anything for words, finds what holds them all, and keeps in step with the corpus. */
import fc from "fast-check";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/io/database.ts";
import { corpusMigrations, type CorpusTables } from "../../src/papers/corpus-tables.ts";
import { openCatalogue } from "../../src/papers/catalogue.ts";
import { matchQuery } from "../../src/papers/search.ts";
import { join } from "node:path";
import { emptyHome } from "../home.ts";
import { NOW, openCorpusFile } from "./corpus-file.ts";
import { aSighting } from "./sighting.ts";

const ALL = { offset: 0, limit: 100 };

async function openWorld() {
  const { db, corpus } = await openCorpusFile();
  const catalogue = openCatalogue(db);
  await corpus.record(
    [
      aSighting({
        arxivId: "2604.00001",
        title: String.raw`Größe matters: $\alpha$-Diffusion for Robots`,
        abstract: "We train language models on robots.",
        authors: ["Ana Žižek", "Li Wei"],
      }),
      aSighting({ arxivId: "2604.00002", title: "Language Models", abstract: "Nothing of note." }),
      aSighting({ arxivId: "2604.00003", title: "Models of Language", organization: "MIT CSAIL" }),
    ],
    NOW,
  );
  const find = async (text: string) =>
    (await catalogue.search(text, ALL)).papers
      .map(({ paper }) => paper.arxivId?.slice(-1))
      .join("");
  return { db, corpus, catalogue, find };
}

test.each([
  ["a word of a title, however it is written", "GROßE", "1"],
  ["another form of the word", "diffusing", "1"],
  ["a name without its accents", "zizek", "1"],
  ["an organisation", "csail", "3"],
  ["the beginning of a word, which is no word", "robo", ""],
  ["all words, titles before abstracts", "language models", "321"],
  ["a phrase", '"language models"', "21"],
  ["a quotation mark alone", 'language "models', "321"],
  ["a Greek letter, read from LaTeX", "α", "1"],
  ["words that no paper holds together", "language zebra", ""],
  ["nothing", "  ", ""],
  ["signs alone", `'"*-:()^{}+`, ""],
  ["what would be a query", "title:language OR robots*", ""],
  ["what would be SQL", "x'; drop table papers; --", ""],
  ["operators", "NOT robots", ""],
])("%s is found: %s", async (_, text, expected) => {
  const { find } = await openWorld();
  expect(await find(text)).toBe(expected);
});

test("no text whatever is a query that SQLite can't read", async () => {
  const { catalogue } = await openWorld();
  const anything = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({
      unit: fc.constantFrom('"', "'", "*", " ", "(", ")", "^", ":", "-", "a", "OR", "\0", "\ud800"),
    }),
  );
  await fc.assert(
    fc.asyncProperty(anything, async (text) => {
      expect((await catalogue.search(text, ALL)).count).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 300 },
  );
});

test("a question without end is cut", () => {
  expect(matchQuery("word ".repeat(100_000))?.match(/"word"/g)).toHaveLength(12);
});

test("what a paper is called now is found, and no more what it was", async () => {
  const { corpus, find } = await openWorld();
  const observedAt = "2026-04-16T08:00:00.000Z";
  await corpus.record([aSighting({ arxivId: "2604.00002", title: "Zebras", observedAt })], NOW);
  expect(await find("zebra")).toBe("2");
  expect(await find('"language models"')).toBe("1");
});

test("of two papers that one gathering made and joined, the search holds one", async () => {
  const { db, corpus, find } = await openWorld();
  const doi = "10.1000/182";
  await corpus.record(
    [
      aSighting({ arxivId: null, doi, title: "Zebras in the mist" }),
      aSighting({ arxivId: "2604.00009", title: "Striped horses" }),
      aSighting({ arxivId: "2604.00009", doi, title: "Striped horses", observedAt: NOW }),
    ],
    NOW,
  );
  expect(await find("striped")).toBe("9");
  const { rows } = await sql`select rowid from paper_search
    where paper_search match 'zebras OR mist OR striped'`.execute(db);
  expect(rows).toHaveLength(1);
});

test("papers of a version that knew no search are found", async () => {
  const file = join(emptyHome(), "corpus.sqlite");
  const { corpus, db: old, close } = await openCorpusFile(file);
  await corpus.record([aSighting({ arxivId: "2604.00001", title: "Zebras" })], NOW);
  await sql`drop table paper_search`.execute(old);
  await sql`drop index papers_id`.execute(old);
  await sql`delete from kysely_migration where name = 'papers-search-0001'`.execute(old);
  await close();
  const { db, close: closeNew } = await openDatabase<CorpusTables>({
    file,
    migrations: corpusMigrations,
  });
  expect((await openCatalogue(db).search("zebra", ALL)).count).toBe(1);
  await closeNew();
});

test("of very many matches the newest are found, page by page", async () => {
  const { db, corpus } = await openCorpusFile();
  const sightings = Array.from({ length: 520 }, (_, index) =>
    aSighting({
      arxivId: `2604.${String(index + 1).padStart(5, "0")}`,
      title: `Zebra ${index + 1}`,
    }),
  );
  await corpus.record(sightings, NOW);
  const found = await openCatalogue(db).search("zebra", { offset: 490, limit: 30 });
  expect(found).toMatchObject({ count: 500, more: true });
  expect(found.papers).toHaveLength(10);
});
