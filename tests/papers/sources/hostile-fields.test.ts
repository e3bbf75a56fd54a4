/** Whatever stands in a field, one record costs nobody the rest, and what is told keeps to the contract. */
import { expect, test } from "vitest";
import { faultOfMention } from "../../../src/papers/contract.ts";
import type { Mention } from "../../../src/papers/source.ts";
import { arxivListing } from "../../../src/papers/sources/arxiv-listing.ts";
import { biorxiv } from "../../../src/papers/sources/biorxiv.ts";
import { feed } from "../../../src/papers/sources/feed.ts";
import { huggingFaceJson } from "../../../src/papers/sources/hugging-face.ts";
import { sightingsJsonl } from "../../../src/papers/sources/sightings-jsonl.ts";
import { reply, startWebServer } from "../../io/web-server.ts";
import { readAll } from "../source-file.ts";
import { openSource, tellAll } from "../source-kit.ts";

/** Objects that can't become text, nesting without end, more names than anybody has. */
const HOSTILE = [
  '{"toString":1,"valueOf":1}',
  '[{"toString":1}]',
  `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
  JSON.stringify(Array.from({ length: 3000 }, (_, index) => `Name ${index}`)),
  JSON.stringify(Array.from({ length: 3000 }, (_, index) => ({ name: `Name ${index}` }))),
  '{"a":1}',
  "1e300",
  "-1",
  "0",
  "[null,[5]]",
  "null",
];

type Item = Readonly<Record<string, unknown>>;
/** How deep a field lies: beside the others, or in what the item is about. */
const placesIn = (item: Item) => [
  ...Object.keys(item).map((key) => [key]),
  ...Object.entries(item).flatMap(([key, value]) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.keys(value).map((inner) => [key, inner])
      : [],
  ),
];
const replaced = (item: Item, [key = "", inner]: readonly string[]): Item =>
  inner === undefined
    ? { ...item, [key]: "@" }
    : { ...item, [key]: { ...(item[key] as object), [inner]: "@" } };

/** Returns `item` once for each of its fields and each value that nobody expects there, as JSON. */
function spoilt(item: Item): string[] {
  return placesIn(item).flatMap((place) =>
    HOSTILE.map((value) => JSON.stringify(replaced(item, place)).replace('"@"', () => value)),
  );
}

const daily = {
  paper: {
    id: "2604.00001",
    title: "A Title",
    summary: "What.",
    publishedAt: "2026-04-13",
    submittedOnDailyAt: "2026-04-15",
    withdrawnAt: "",
    upvotes: 3,
    ai_summary: "Short.",
    ai_keywords: ["a"],
    mediaUrls: ["https://a.org/a.png"],
    githubRepo: "https://github.com/a/b",
    githubStars: 3,
    projectPage: "https://a.org",
    authors: [{ name: "Ada" }],
    organization: { name: "lab" },
  },
  numComments: 1,
  thumbnail: "https://a.org/a.png",
  mediaUrls: [],
  organization: {},
};
const line = {
  title: "A Title",
  source: "group",
  arxivId: "",
  doi: "10.1000/182",
  openReviewId: "abcdefgh",
  version: 2,
  withdrawn: false,
  abstract: "What.",
  summary: { text: "Short.", by: "us" },
  comment: "12 pages",
  authors: ["Ada"],
  authorCount: 2,
  organization: "Lab",
  publishedOn: "2026-04-13",
  announcedOn: "2026-04-13",
  listedOn: "2026-04-13",
  categories: ["cs.LG"],
  keywords: ["a"],
  fields: ["b"],
  thumbnail: "https://a.org/a.png",
  links: { code: "https://a.org" },
  readings: { votes: 3 },
  observedAt: "2026-04-15T08:00:00Z",
};
const listed = {
  id: "2604.00001",
  title: "A Title",
  authors: ["Ada"],
  categories: ["cs.LG"],
  summary: "What.",
  published: "2026-04-13",
  listing_date: "2026-04-15",
};

test.each([
  ["Daily Papers", huggingFaceJson, daily],
  ["our own lines", sightingsJsonl, line],
  ["a listing of arXiv", arxivListing, listed],
])("%s hold", (_what, format, item) => {
  const items = spoilt(item);
  const whole = JSON.stringify(item);
  const text = `[${whole},${items.join(",")},${whole}]`;
  const mentions: Mention[] = readAll(format, text);
  expect(mentions).toHaveLength(items.length + 2);
  expect(mentions.map(faultOfMention).filter(Boolean)).toEqual([]);
  expect(mentions.at(-1)).toHaveProperty("facts.title", "A Title");
});

const preprint = {
  doi: "10.1101/1",
  title: "A Title",
  authors: "Lovelace, A.",
  date: "2026-6-30",
  version: "2",
  category: "cell biology",
  abstract: "<p>What.</p>",
  published: "NA",
};
const article = {
  id: "https://doi.org/10.1000/182",
  url: "https://a.org",
  title: "A Title",
  content_html: "<p>What.</p>",
  authors: [{ name: "Ada" }],
  author: { name: "Ada" },
  date_published: "2026-04-15T08:00:00Z",
  tags: ["a"],
};

test.each([
  ["bioRxiv", biorxiv, preprint, '{"messages":[{"total":1}],"collection":'],
  ["a JSON feed", feed, article, '{"version":"https://jsonfeed.org/version/1.1","items":'],
] as const)("%s holds", async (_what, kind, item, head) => {
  const items = spoilt(item);
  const server = await startWebServer((_request, response) =>
    reply(response, `${head}[${items.join(",")},${JSON.stringify(item)}]}`),
  );
  const source = await openSource<never>(kind as never, { url: server.url });
  // Each is held to the contract as it is told.
  const { sightings, refusals } = await tellAll(source);
  expect(sightings.length + refusals.length).toBe(items.length + 1);
  const titles = new Set(sightings.map(({ facts }) => facts.title));
  expect(titles).toEqual(new Set(["A Title"]));
});
