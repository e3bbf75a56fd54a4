/** A day's arXiv listing becomes sightings without votes but with categories. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { NO_FACTS } from "../../../src/papers/paper.ts";
import { arxivListing } from "../../../src/papers/sources/arxiv-listing.ts";
import { SHARED } from "../../home.ts";
import { readAll, takeAll, takeOne } from "../source-file.ts";

const LISTINGS = join(SHARED, "corpus/arxiv");

const line = (changes: object = {}) =>
  JSON.stringify({
    id: "2604.00001v2",
    title: "A Title",
    authors: ["Ada Lovelace", "Alan Turing"],
    categories: ["cs.LG", "stat.ML"],
    summary: "An abstract.",
    published: "2026-04-13T17:00:00Z",
    listing_date: "2026-04-15",
    ...changes,
  });

test("a line tells id, title, authors, categories, abstract and day", () => {
  expect(takeOne(arxivListing, line())).toEqual({
    source: "arxiv",
    observedAt: "2026-05-01T06:00:00.000Z",
    facts: {
      ...NO_FACTS,
      arxivId: "2604.00001",
      title: "A Title",
      abstract: "An abstract.",
      authors: ["Ada Lovelace", "Alan Turing"],
      authorCount: 2,
      publishedOn: "2026-04-13",
      announcedOn: "2026-04-15",
      categories: ["cs.LG", "stat.ML"],
    },
    readings: {},
  });
});

test("authors and categories may be one text each", () => {
  const { facts } = takeOne(
    arxivListing,
    line({ authors: "Ada Lovelace, Alan Turing and Bo Li", categories: "cs.LG math.OC" }),
  );
  expect(facts.authors).toEqual(["Ada Lovelace", "Alan Turing", "Bo Li"]);
  expect(facts.categories).toEqual(["cs.LG", "math.OC"]);
});

test("what is no category is left out", () => {
  const { facts } = takeOne(arxivListing, line({ categories: ["cs.LG", "<b>", 7, null, ""] }));
  expect(facts.categories).toEqual(["cs.LG"]);
});

test("the file's day stands in for a listing date that lacks or is none", () => {
  for (const listing_date of [undefined, null, "yesterday"]) {
    const { facts } = takeOne(arxivListing, line({ listing_date }), { listDay: "2026-04-16" });
    expect(facts.announcedOn).toBe("2026-04-16");
  }
});

test("an array of the same is read too", () => {
  const text = `[${line()}, ${line({ id: "2604.00002" })}]`;
  const ids = takeAll(arxivListing, text).map(({ facts }) => facts.arxivId);
  expect(ids).toEqual(["2604.00001", "2604.00002"]);
});

test("every bad line is refused by itself, with its reason and number", () => {
  const text = [
    line(),
    "",
    "{broken",
    line({ id: "nonsense" }),
    line({ title: 5 }),
    "[1, 2]",
    '"text"',
    line({ id: "2604.00002" }),
  ].join("\n");
  const mentions = readAll(arxivListing, text, { path: "day.jsonl" });
  expect(mentions.slice(1, -1)).toEqual([
    { refused: "not JSON", at: "day.jsonl, line 3" },
    { refused: "no arXiv id", at: "day.jsonl, line 4" },
    { refused: "no title", at: "day.jsonl, line 5" },
    { refused: "not JSON", at: "day.jsonl, line 6" },
    { refused: "not JSON", at: "day.jsonl, line 7" },
  ]);
  expect(mentions.at(-1)).toHaveProperty("facts.arxivId", "2604.00002");
});

test("a listing whose last line was cut short keeps all other lines", () => {
  const text = `${line()}\n${line({ id: "2604.00002" })}\n${line().slice(0, 40)}`;
  const mentions = readAll(arxivListing, text, { path: "day.jsonl" });
  expect(mentions).toHaveLength(3);
  expect(mentions[2]).toEqual({ refused: "not JSON", at: "day.jsonl, line 3" });
});

test("a listing whose first line is damaged keeps all other lines", () => {
  const mentions = readAll(arxivListing, `${line().slice(30)}\n${line()}`, { path: "day.jsonl" });
  expect(mentions).toEqual([
    { refused: "not JSON", at: "day.jsonl, line 1" },
    expect.objectContaining({ source: "arxiv" }),
  ]);
});

test("lines may end as on Windows", () => {
  const text = `${line()}\r\n${line({ id: "2604.00002" })}\r\n`;
  expect(takeAll(arxivListing, text)).toHaveLength(2);
});

test.skipIf(!existsSync(LISTINGS))(
  "three recorded listings are read line by line (needs ../shared)",
  () => {
    const sizes = readdirSync(LISTINGS).map((name) => {
      const text = readFileSync(join(LISTINGS, name), "utf8");
      const papers = takeAll(arxivListing, text);
      expect(papers).toHaveLength(text.trimEnd().split("\n").length);
      for (const { facts, readings } of papers) {
        expect(`${facts.announcedOn}.jsonl`).toBe(name);
        expect(facts.categories.length).toBeGreaterThan(0);
        expect(facts.abstract?.length).toBeGreaterThan(50);
        expect(readings).toEqual({});
      }
      return papers.length;
    });
    expect(sizes).toEqual([274, 221, 290]);
  },
);
