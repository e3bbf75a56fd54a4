/** Our own exchange format: anyone may write it, so nothing in it is believed. */
import { expect, test } from "vitest";
import { NO_FACTS } from "../../../src/papers/paper.ts";
import { sightingsJsonl } from "../../../src/papers/sources/sightings-jsonl.ts";
import { readAll, sourceFile, takeAll, takeOne } from "../source-file.ts";

const take = (fields: object) => takeOne(sightingsJsonl, JSON.stringify(fields));

test("a line tells every field", () => {
  const fields = {
    source: "reading-group",
    observedAt: "2026-04-15T10:00:00+02:00",
    arxivId: "arXiv:2604.00001v3",
    doi: "10.1000/182",
    openReviewId: "aBcD-_12xY",
    version: 2,
    withdrawn: false,
    title: "A Title",
    abstract: "An abstract.",
    summary: { text: "In short.", by: "Ada" },
    comment: "12 pages",
    authors: ["Ada", "Bob"],
    authorCount: 9,
    organization: "The Lab",
    publishedOn: "2026-04-13",
    announcedOn: "2026-04-14",
    listedOn: "2026-04-15",
    categories: ["cs.LG"],
    keywords: ["sparse attention"],
    fields: ["Computer Science"],
    thumbnail: "https://a.org/picture.png",
    links: {
      abstract: "https://a.org/abs",
      pdf: "https://a.org/pdf",
      code: "https://a.org/code",
      project: "https://a.org/project",
      discussion: "https://a.org/talk",
    },
    readings: { votes: 5, comments: 0, stars: 1204, citations: 7 },
  };
  const { source, observedAt, readings, ...facts } = fields;
  expect(take(fields)).toEqual({
    source,
    observedAt: "2026-04-15T08:00:00.000Z",
    facts: { ...facts, arxivId: "2604.00001", sameAs: [], tldr: null },
    readings,
  });
  expect(observedAt).not.toBe("2026-04-15T08:00:00.000Z");
});

test("a title is enough", () => {
  expect(take({ title: "A Title" })).toEqual({
    source: "file",
    observedAt: "2026-05-01T06:00:00.000Z",
    facts: { ...NO_FACTS, title: "A Title" },
    readings: {},
  });
});

test("fields of another type than they should be are like missing ones", () => {
  const wrong = {
    source: 5,
    observedAt: "lately",
    abstract: {},
    summary: "short",
    authors: "Ada",
    authorCount: "9",
    organization: [],
    publishedOn: 20260413,
    announcedOn: "soon",
    listedOn: "2026-02-30",
    categories: { a: 1 },
    links: ["https://a.org"],
    readings: 7,
  };
  expect(take({ title: "A Title", ...wrong })).toEqual(take({ title: "A Title" }));
});

test("links other than to the web and kinds that nobody knows are left out", () => {
  const links = { code: "javascript:alert(1)", pdf: "//a.org", blog: "https://a.org", project: 5 };
  expect(take({ title: "A Title", links }).facts.links).toEqual({});
});

test("readings that are no counts, or of unknown signals, are left out", () => {
  const readings = { votes: -1, comments: 1.5, stars: 3, likes: 9 };
  expect(take({ title: "A Title", readings }).readings).toEqual({ stars: 3 });
});

test("authors are counted where no number is given", () => {
  expect(take({ title: "A Title", authors: ["Ada", " ", 5, "Bob"] }).facts).toMatchObject({
    authors: ["Ada", "Bob"],
    authorCount: 2,
  });
});

test("a file's day is the list day of lines that name none", () => {
  const text = `{"title": "One"}\n{"title": "Two", "listedOn": "2026-04-01"}`;
  const days = takeAll(sightingsJsonl, text, { listDay: "2026-04-20" }).map(
    ({ facts }) => facts.listedOn,
  );
  expect(days).toEqual(["2026-04-20", "2026-04-01"]);
});

test("every bad line is refused by itself, with its reason and number", () => {
  const text = [
    `{"title": "One"}`,
    `{"title": ""}`,
    `{"arxivId": "2604.00001"}`,
    `{"title": "Two", "arxivId": "nonsense"}`,
    `not JSON at all`,
    `{"title": "Three", "arxivId": null}`,
  ].join("\n");
  const [first, ...others] = readAll(sightingsJsonl, text, { path: "p.jsonl" });
  expect(first).toHaveProperty("facts.title", "One");
  expect(others).toEqual([
    { refused: "no title", at: "p.jsonl, line 2" },
    { refused: "no title", at: "p.jsonl, line 3" },
    { refused: "no arXiv id", at: "p.jsonl, line 4" },
    { refused: "not JSON", at: "p.jsonl, line 5" },
    expect.objectContaining({ source: "file" }),
  ]);
});

test("a file whose last line was cut short keeps all other lines", () => {
  const mentions = readAll(sightingsJsonl, `{"title": "One"}\n{"title": "Tw`, { path: "p.jsonl" });
  expect(mentions).toHaveLength(2);
  expect(mentions[1]).toEqual({ refused: "not JSON", at: "p.jsonl, line 2" });
});

test("an array of the same is read too, its bad items refused by number", () => {
  const text = `[\n {"title": "One"},\n 7,\n {"title": "Two"}\n]`;
  const mentions = readAll(sightingsJsonl, text, { path: "p.json" });
  expect(mentions[0]).toHaveProperty("facts.title", "One");
  expect(mentions[1]).toEqual({ refused: "not JSON", at: "p.json, item 2" });
  expect(mentions[2]).toHaveProperty("facts.title", "Two");
});

test("a key named __proto__ changes nothing", () => {
  const text = `{"title": "One", "__proto__": {"arxivId": "2604.00001"}, "links": {"__proto__": {}}}`;
  expect(takeOne(sightingsJsonl, text).facts.arxivId).toBeNull();
  expect({}).not.toHaveProperty("arxivId");
});

test("other JSON is not taken for it", () => {
  for (const text of [
    `{"name": "x"}`,
    `{\n  "papers": [\n    {"title": "x"}\n  ]\n}`,
    "[1]",
    "7",
  ]) {
    expect(sightingsJsonl.recognizes(sourceFile(text))).toBe(false);
  }
});
