/** What Hugging Face answers for a day becomes sightings, whatever fields it left out. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Sighting } from "../../../src/papers/paper.ts";
import { huggingFaceJson } from "../../../src/papers/sources/hugging-face.ts";
import { SHARED } from "../../home.ts";
import { readAll, takeAll, takeOne } from "../source-file.ts";

const CORPUS = join(SHARED, "corpus/huggingface");
const FIXTURES = join(SHARED, "fixtures/hf-daily-papers");

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
/** Adds up every number that stands behind `key` in the raw text. */
const sumInText = (text: string, key: string) =>
  sum([...text.matchAll(new RegExp(`"${key}":\\s*(\\d+)`, "g"))].map(([, n]) => Number(n)));

/** Returns one item as the service answers it, with its paper changed by `paper`. */
const item = (paper: object, outer: object = {}) => ({
  paper: { id: "2604.00001", title: "A Title", upvotes: 3, ...paper },
  publishedAt: "2026-04-13T20:00:00.000Z",
  title: "A Title",
  numComments: 1,
  ...outer,
});
const takeItem = (paper: object, outer?: object) =>
  takeOne(huggingFaceJson, JSON.stringify([item(paper, outer)]));

test.skipIf(!existsSync(CORPUS))(
  "eighteen recorded days hold 616 papers, none refused (needs ../shared)",
  () => {
    const papers: Sighting[] = [];
    for (const name of readdirSync(CORPUS)) {
      const text = readFileSync(join(CORPUS, name), "utf8");
      const ofDay = takeAll(huggingFaceJson, text);
      const ids = [...text.matchAll(/^ {3}"id": "(\d{4}\.\d{5})",?$/gm)].map(([, id]) => id);
      expect(ofDay.map(({ facts }) => facts.arxivId)).toEqual(ids);
      expect(sum(ofDay.map(({ readings }) => readings.votes ?? 0))).toBe(
        sumInText(text, "upvotes"),
      );
      expect(sum(ofDay.map(({ readings }) => readings.comments ?? 0))).toBe(
        sumInText(text, "numComments"),
      );
      for (const { facts } of ofDay) expect(`${facts.listedOn}.json`).toBe(name);
      papers.push(...ofDay);
    }
    expect(new Set(papers.map(({ facts }) => facts.arxivId)).size).toBe(616);
    expect(papers).toHaveLength(616);
  },
);

test.skipIf(!existsSync(FIXTURES))(
  "an untouched answer of a whole day is read with its stars (needs ../shared)",
  () => {
    const text = readFileSync(join(FIXTURES, "daily_papers-date-2026-06-12.json"), "utf8");
    const papers = takeAll(huggingFaceJson, text);
    expect(papers).toHaveLength(30);
    const stars = papers.flatMap(({ readings }) => readings.stars ?? []);
    expect(stars).toHaveLength(16);
    expect(sum(stars)).toBe(402);
    expect(papers.filter(({ facts }) => facts.organization !== null)).toHaveLength(16);
    expect(papers[0]).toMatchObject({
      source: "hugging-face",
      facts: {
        arxivId: "2606.00467",
        authors: ["Etienne Casanova", "Rafal Kocielnik", "R. Michael Alvarez"],
        authorCount: 3,
        // The item's own publishedAt is 29 May, in the service's local time.
        publishedOn: "2026-05-30",
        listedOn: "2026-06-12",
        summary: { by: "Hugging Face AI" },
        links: { discussion: "https://huggingface.co/papers/2606.00467" },
      },
      readings: { votes: 0 },
    });
  },
);

test.skipIf(!existsSync(FIXTURES))(
  "a single item is read like a list of one (needs ../shared)",
  () => {
    const text = readFileSync(join(FIXTURES, "item-2602.23229-march-2026-shape.json"), "utf8");
    expect(takeOne(huggingFaceJson, text)).toMatchObject({
      facts: {
        arxivId: "2602.23229",
        title: "Large Multimodal Models as General In-Context Classifiers",
        organization: "Multimedia and Human Understanding Group",
        authorCount: 5,
        publishedOn: "2026-02-26",
        listedOn: "2026-03-06",
        links: {
          code: "https://github.com/marco-garosi/CIRCLE",
          project: "https://circle-lmm.github.io/",
        },
      },
      readings: { votes: 10, comments: 1, stars: 9 },
    });
  },
);

test("the paper's own publication date counts and never the item's", () => {
  expect(takeItem({ publishedAt: "2026-04-14T00:00:00.000Z" }).facts.publishedOn).toBe(
    "2026-04-14",
  );
  expect(takeItem({}).facts.publishedOn).toBeNull();
});

const OPTIONAL = {
  summary: null,
  publishedAt: null,
  submittedOnDailyAt: null,
  withdrawnAt: null,
  upvotes: null,
  ai_summary: null,
  githubRepo: null,
  githubStars: null,
  projectPage: null,
  ai_keywords: null,
  mediaUrls: null,
  authors: null,
  organization: null,
};
const NOTHING_MORE = {
  facts: {
    abstract: null,
    summary: null,
    authors: [],
    authorCount: null,
    organization: null,
    publishedOn: null,
    listedOn: null,
    keywords: [],
    thumbnail: null,
    links: { discussion: "https://huggingface.co/papers/2604.00001" },
  },
  readings: {},
};

test("a paper of which only id and title are told is taken, without inventing a vote", () => {
  const bare = { paper: { id: "2604.00001", title: "A Title" } };
  expect(takeOne(huggingFaceJson, JSON.stringify([bare]))).toMatchObject(NOTHING_MORE);
  expect(takeOne(huggingFaceJson, JSON.stringify([bare])).readings).toEqual({});
});

test("a field that is null is like one that is missing", () => {
  const taken = takeItem(OPTIONAL, { numComments: null, organization: null });
  expect(taken).toMatchObject(NOTHING_MORE);
  expect(taken.readings).toEqual({});
});

test("a field of another type than it should be is like one that is missing", () => {
  const wrong = Object.fromEntries(Object.keys(OPTIONAL).map((key) => [key, { $ne: 1 }]));
  const taken = takeItem({ ...wrong, authors: "Ada, Bob" }, { numComments: "12" });
  expect(taken).toMatchObject(NOTHING_MORE);
  expect(taken.readings).toEqual({});
});

test("votes that no one can have cast are no votes", () => {
  for (const upvotes of [-1, 2.5, "7", 1e300, [3]]) {
    expect(takeItem({ upvotes }).readings).not.toHaveProperty("votes");
  }
});

test("authors who are hidden or have no name are left out", () => {
  const authors = [
    { name: "Ada", hidden: false },
    { name: "Bob", hidden: true },
    { name: "" },
    { name: 5 },
    null,
    "Eve",
    { name: "Cleo" },
  ];
  expect(takeItem({ authors }).facts).toMatchObject({ authors: ["Ada", "Cleo"], authorCount: 2 });
});

test("the organization's full name goes before its short one, the paper's before the item's", () => {
  const outer = { organization: { name: "outer", fullname: "Outer" } };
  expect(
    takeItem({ organization: { name: "lab", fullname: "The Lab" } }, outer).facts,
  ).toHaveProperty("organization", "The Lab");
  expect(takeItem({ organization: { name: "lab" } }, outer).facts.organization).toBe("lab");
  expect(takeItem({}, outer).facts.organization).toBe("Outer");
});

test("links that are not of the web are left out", () => {
  const taken = takeItem({ githubRepo: "javascript:alert(1)", projectPage: "https://u:p@a.org" });
  expect(taken.facts.links).toEqual({
    discussion: "https://huggingface.co/papers/2604.00001",
  });
});

test("keywords come out cleaned, each once, and not without end", () => {
  const words = ["sparse\u202e attention", " ", 5, null, "sparse attention", "x".repeat(500)];
  const { keywords } = takeItem({ ai_keywords: words }).facts;
  expect(keywords).toEqual(["sparse attention", `${"x".repeat(79)}…`]);
  const many = Array.from({ length: 1000 }, (_, index) => `word ${index}`);
  expect(takeItem({ ai_keywords: many }).facts.keywords).toHaveLength(30);
});

test("the picture made for sharing goes before one that the authors gave", () => {
  const media = ["https://a.org/talk.mp4", "https://a.org/figure.png"];
  const thumbnail = "https://b.org/card.png";
  expect(takeItem({ mediaUrls: media }, { thumbnail }).facts.thumbnail).toBe(thumbnail);
  expect(takeItem({ mediaUrls: media }).facts.thumbnail).toBe(media[1]);
  expect(takeItem({}, { mediaUrls: media }).facts.thumbnail).toBe(media[1]);
});

test("a picture that is not behind https is none", () => {
  for (const thumbnail of [
    "http://a.org/card.png",
    "javascript:alert(1)",
    "data:image/png;base64,AA==",
    "https://user:password@a.org/card.png",
    { url: "https://a.org/card.png" },
  ]) {
    expect(takeItem({}, { thumbnail }).facts.thumbnail).toBeNull();
  }
});

test("titles and summaries come out cleaned", () => {
  const taken = takeItem({ title: "A\u202e  Ti\ntle", ai_summary: "x".repeat(2000) });
  expect(taken.facts.title).toBe("A Ti tle");
  expect(taken.facts.summary?.text).toHaveLength(1000);
});

test("a file's day stands in where the item tells none", () => {
  const text = JSON.stringify([item({})]);
  expect(takeOne(huggingFaceJson, text, { listDay: "2026-04-20" }).facts.listedOn).toBe(
    "2026-04-20",
  );
});

test("garbage between good items is refused with its reason and place", () => {
  const items = [
    item({}),
    null,
    "text",
    { paper: null },
    { paper: { id: "2604.00002" } },
    item({ id: "not-an-id" }),
    item({ title: " \u200b " }),
    item({ id: "2604.00009" }),
  ];
  const mentions = readAll(huggingFaceJson, JSON.stringify(items), { path: "day.json" });
  expect(mentions.slice(1, -1)).toEqual([
    { refused: "not a paper", at: "day.json, item 2" },
    { refused: "not a paper", at: "day.json, item 3" },
    { refused: "not a paper", at: "day.json, item 4" },
    { refused: "not a paper", at: "day.json, item 5" },
    { refused: "no arXiv id", at: "day.json, item 6" },
    { refused: "no title", at: "day.json, item 7" },
  ]);
  expect(mentions[0]).toHaveProperty("facts.arxivId", "2604.00001");
  expect(mentions.at(-1)).toHaveProperty("facts.arxivId", "2604.00009");
});

test("a paper that was withdrawn is told as such", () => {
  const withdrawnAt = "2026-04-16T00:00:00.000Z";
  expect(takeItem({ withdrawnAt }).facts.withdrawn).toBe(true);
  expect(takeItem({ withdrawnAt: null }).facts.withdrawn).toBeNull();
});

test("a day without papers is read as one", () => {
  expect(readAll(huggingFaceJson, "[]\n")).toEqual([]);
});

test("an answer that was cut short is malformed, and nothing of it is taken", () => {
  const whole = JSON.stringify([item({}), item({ id: "2604.00002" })]);
  for (const part of [0.5, 0.9, 0.99]) {
    const text = whole.slice(0, Math.floor(whole.length * part));
    expect(() => readAll(huggingFaceJson, text)).toThrow(
      expect.objectContaining({ code: "FILE_MALFORMED" }),
    );
  }
});
