/** arXiv's announcements and its API, told by a server that answers as they do. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Paper, PaperKey } from "../../../src/papers/paper.ts";
import { arxiv, arxivMetadata } from "../../../src/papers/sources/arxiv.ts";
import { arxivAnnouncements } from "../../../src/papers/sources/arxiv-announcements.ts";
import { arxivAtom } from "../../../src/papers/sources/arxiv-atom.ts";
import { whyNothingAnnounced } from "../../../src/papers/sources/arxiv-calendar.ts";
import { SHARED } from "../../home.ts";
import { reply, startWebServer, type Answering } from "../../io/web-server.ts";
import { readAll, takeAll } from "../source-file.ts";
import { openSource, passesTheKit, tellAll } from "../source-kit.ts";

const NOW = new Date("2026-04-15T10:00:00Z");
const ATOM = join(SHARED, "fixtures/arxiv-atom");
const FEEDS = join(SHARED, "fixtures/arxiv-rss");

const announced = (id: string, type: string) => `<item>
  <title>Paper ${id}</title><link>https://arxiv.org/abs/${id}</link>
  <description>arXiv:${id}v2 Announce Type: ${type}
Abstract: What they did &amp; found, for $a &lt; b$.</description>
  <guid isPermaLink="false">oai:arXiv.org:${id}v2</guid>
  <category>cs.LG</category><category>cs.CL</category>
  <pubDate>Wed, 15 Apr 2026 00:00:00 -0400</pubDate>
  <arxiv:announce_type>${type}</arxiv:announce_type>
  <arxiv:DOI>10.1000/ABC.${id}</arxiv:DOI>
  <dc:creator>Ada Lovelace (Lab, London), Alan Turing</dc:creator>
</item>`;
const feed = (items: string) => `<?xml version="1.0" encoding="UTF-8"?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">
<channel><title>cs.LG updates on arXiv.org</title><pubDate>Wed, 15 Apr 2026 00:00:00 -0400</pubDate>
${items}</channel></rss>`;
const entry = (id: string, comment = "") => `<entry><id>http://arxiv.org/abs/${id}</id>
  <title>Paper ${id}</title><published>2026-04-13T10:00:00Z</published><summary>What.</summary>
  <author><name>Ada Lovelace</name></author><category term="cs.CL"/><category term="cs.LG"/>
  <arxiv:primary_category term="cs.LG"/><arxiv:comment>${comment}</arxiv:comment></entry>`;
const atom = (entries: readonly string[], total = entries.length) => `<?xml version='1.0'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
<id>https://arxiv.org/api/x</id><title>arXiv Query</title>
<opensearch:totalResults>${total}</opensearch:totalResults>${entries.join("")}</feed>`;

/** Returns the source over a server that answers with `answer`; its pace is that of the test. */
async function opened(answer: Answering, now = NOW) {
  const server = await startWebServer(answer);
  const settings = { url: server.url, feedUrl: server.url, categories: ["cs.LG", "math"] };
  return { server, source: await openSource(arxiv, settings, { now: () => now }) };
}

test("announcements tell new papers and cross-lists; a new version does not bring a paper back", () => {
  const text = feed(
    announced("2604.00001", "new") +
      announced("2604.00002", "cross") +
      announced("2001.00003", "replace"),
  );
  const told = takeAll(arxivAnnouncements, text);
  expect(told.map(({ facts }) => facts.announcedOn)).toEqual(["2026-04-15", "2026-04-15", null]);
  expect(told[0]).toMatchObject({
    source: "arxiv",
    facts: {
      arxivId: "2604.00001",
      doi: "10.1000/abc.2604.00001",
      version: 2,
      abstract: "What they did & found, for $a < b$.",
      authors: ["Ada Lovelace (Lab, London)", "Alan Turing"],
      categories: ["cs.LG", "cs.CL"],
    },
  });
});

test("it keeps to what every source must keep to", { timeout: 90_000 }, async () => {
  const { server, source } = await opened((_request, response) =>
    reply(response, feed(announced("2604.00001", "new"))),
  );
  const down = { url: "http://127.0.0.1:1", feedUrl: "http://127.0.0.1:1", categories: ["cs.LG"] };
  const isDown = await openSource(arxiv, down, { now: () => NOW });
  expect(await passesTheKit(source, isDown)).toBe(true);
  expect(server.seen[0]?.path).toBe("/rss/cs.LG+math");
  const [first, second] = server.seen;
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(3000);
});

test("an empty feed is explained", async () => {
  const saturday = new Date("2026-04-18T10:00:00Z");
  const { source } = await opened((_request, response) => reply(response, feed("")), saturday);
  const { sightings, remarks } = await tellAll(source);
  expect([sightings, remarks]).toEqual([[], ["arXiv announces nothing on Saturdays."]]);
});

test("an item without a date is of the day of its feed", () => {
  const text = feed(announced("2604.00001", "new").replace(/<pubDate>.*<\/pubDate>/, ""));
  expect(takeAll(arxivAnnouncements, text)[0]?.facts.announcedOn).toBe("2026-04-15");
});

test("a feed that holds its most is said to be cut", async () => {
  const items = Array.from({ length: 2000 }, () => announced("2604.00001", "new")).join("");
  const { source } = await opened((_request, response) => reply(response, feed(items)));
  const { remarks } = await tellAll(source);
  expect(remarks).toEqual([
    "arXiv's feed ends at 2000 papers: split the categories over several sources.",
  ]);
});

test.each([
  ["2026-04-17", null],
  ["2026-04-19", "arXiv announces nothing on Sundays."],
  ["2026-11-27", "arXiv announces nothing on 2026-11-27: the evening before was a holiday."],
  ["2026-11-26", null],
  ["2027-09-07", "arXiv announces nothing on 2027-09-07: the evening before was a holiday."],
  ["2027-07-06", "arXiv announces nothing on 2027-07-06: the evening before was a holiday."],
  ["2027-09-08", null],
])("the calendar says of %s: %s", (day, why) => {
  expect(whyNothingAnnounced(day)).toBe(why);
});

test(
  "days gone by come page by page from the API, three seconds apart",
  { timeout: 30_000 },
  async () => {
    const { server, source } = await opened(({ path }, response) =>
      reply(response, atom([entry(path.endsWith("start=0") ? "2604.00001v1" : "2604.00002v3")], 2)),
    );
    const { sightings } = await tellAll(source, { since: "2026-04-13", until: "2026-04-13" });
    expect(sightings.map(({ facts }) => [facts.arxivId, facts.version, facts.categories])).toEqual([
      ["2604.00001", 1, ["cs.LG", "cs.CL"]],
      ["2604.00002", 3, ["cs.LG", "cs.CL"]],
    ]);
    expect(new URL(server.url + server.seen[0]?.path).searchParams.get("search_query")).toBe(
      "(cat:cs.LG OR cat:math*) AND submittedDate:[202604130000 TO 202604132359]",
    );
  },
);

test("a page that comes empty in the middle leaves the day undone", async () => {
  const { source } = await opened((_request, response) => reply(response, atom([], 20)));
  await expect(tellAll(source, { since: "2026-04-13", until: "2026-04-13" })).rejects.toMatchObject(
    { code: "SOURCE_SHAPE" },
  );
});

test("an answer that does not say how many there are is followed to its end", async () => {
  const untold = (entries: readonly string[]) =>
    atom(entries).replace(/<opensearch:totalResults>.*<\/opensearch:totalResults>/, "");
  const { server, source } = await opened(({ path }, response) =>
    reply(response, untold(path.endsWith("start=0") ? [entry("2604.00001v1")] : [])),
  );
  const { sightings } = await tellAll(source, { since: "2026-04-13", until: "2026-04-13" });
  expect([sightings.length, server.seen.length]).toEqual([1, 2]);
});

test("a day that has more papers than arXiv gives is left undone", async () => {
  const many = Array.from({ length: 30_000 }, () => "<entry/>");
  const { source } = await opened((_request, response) => reply(response, atom(many, 30_001)));
  await expect(tellAll(source, { since: "2026-04-13", until: "2026-04-13" })).rejects.toMatchObject(
    { code: "SOURCE_SHAPE", message: "arXiv gave 30000 of 30001 papers and no more." },
  );
});

test("papers are looked up that nobody told much of, and again after two days", async () => {
  const server = await startWebServer((_request, response) =>
    reply(response, atom([entry("2604.00001v1", "This paper has been withdrawn by the author")])),
  );
  const papers = [
    { key: 1, arxivId: "2604.00001", version: 1 },
    { key: 2, arxivId: "2604.00002" },
    { key: 3, arxivId: "hep-th/9901001" },
    { key: 4, arxivId: null },
  ] as unknown as Paper[];
  const looked: [number, string][] = [
    [1, "2026-04-13T09:00:00.000Z"],
    [2, "2026-04-13T11:00:00.000Z"],
  ];
  const toldAt = async () => new Map(looked) as unknown as Map<PaperKey, string>;
  const means = { papers, toldAt, now: () => NOW };
  const source = await openSource(arxivMetadata, { url: server.url }, means);
  const { sightings } = await tellAll(source);
  expect(sightings[0]?.facts.withdrawn).toBe(true);
  expect(server.seen.map(({ path }) => path)).toEqual([
    "/api/query?id_list=hep-th%2F9901001,2604.00001&max_results=200",
  ]);
});

test.each([
  ["as it stands", (id: string) => id],
  ["in its own way", (id: string) => `<${id}>`.replace(/[<>]/g, "'")],
])(
  "an id that arXiv does not take, named %s, costs no other its answer",
  { timeout: 30_000 },
  async (_how, named) => {
    const bad = "2604.00002";
    const error = (id: string) =>
      atom([
        `<entry><id>https://arxiv.org/api/errors#x</id><title>Error</title>
          <summary>incorrect id format for ${named(id)}</summary></entry>`,
      ]);
    const server = await startWebServer(({ path }, response) => {
      const ids = /id_list=([^&]*)/.exec(path)?.[1]?.split(",") ?? [];
      const isBad = ids.includes(bad);
      reply(response, isBad ? error(bad) : atom(ids.map((id) => entry(`${id}v1`))), {}, 200);
    });
    const papers = ["2604.00001", bad, "2604.00003"].map((arxivId) => ({ arxivId }) as Paper);
    const means = { papers, now: () => NOW };
    const source = await openSource(arxivMetadata, { url: server.url }, means);
    const { sightings, refusals } = await tellAll(source);
    expect(sightings.map(({ facts }) => facts.arxivId)).toEqual(["2604.00001", "2604.00003"]);
    expect(refusals).toEqual([{ refused: "no arXiv id", at: named(bad) }]);
  },
);

test.each([
  ["This paper has been withdrawn by the author", true],
  ["The paper has been withdrawn due to an error", true],
  ["Paper withdrawn", true],
  ["Withdrawn.", true],
  ["12 pages; this paper has been withdrawn", true],
  ["arXiv admin note: submission has been withdrawn by arXiv administrators", true],
  ["8 pages. arXiv admin note: this version has been removed by arXiv administrators", true],
  ["The authors have withdrawn this paper", true],
  ["arXiv admin note: text overlap with arXiv:2604.00001", false],
  ["Withdrawn adolescents in three cities", false],
  ["A study of papers that were withdrawn", false],
])("whether a comment says that it was withdrawn: %s", (comment, is) => {
  expect(takeAll(arxivAtom, atom([entry("2604.00001v1", comment)]))[0]?.facts.withdrawn).toBe(is);
});

test.skipIf(!existsSync(ATOM))(
  "recorded answers of the API are read whole (needs ../shared)",
  () => {
    const index = JSON.parse(readFileSync(join(ATOM, "index.json"), "utf8")) as {
      file: string;
      entries: number;
    }[];
    const [good, bad] = [
      index.filter(({ file }) => !file.includes("id_abc")),
      index.filter(({ file }) => file.includes("id_abc")),
    ];
    const textOf = (file: string) => readFileSync(join(ATOM, file), "utf8");
    const counted = good.map(({ file }) => [file, takeAll(arxivAtom, textOf(file)).length]);
    expect(counted).toEqual(good.map(({ file, entries }) => [file, entries]));
    expect(bad).toHaveLength(1);
    for (const { file } of bad) {
      expect(() => readAll(arxivAtom, textOf(file))).toThrow("incorrect id format for abc");
    }
    const old = readdirSync(ATOM).find((name) => name.includes("quant-ph")) ?? "";
    const [paper] = takeAll(arxivAtom, readFileSync(join(ATOM, old), "utf8"));
    expect(paper?.facts).toMatchObject({ arxivId: "quant-ph/0201082", version: 1 });
  },
);

test.skipIf(!existsSync(FEEDS))("a recorded feed is read whole (needs ../shared)", () => {
  const name = readdirSync(FEEDS)[0] ?? "";
  const told = takeAll(arxivAnnouncements, readFileSync(join(FEEDS, name), "utf8"));
  const [first] = told;
  expect(first?.facts).toMatchObject({
    arxivId: "2508.13426",
    version: 1,
    announcedOn: "2025-08-20",
    categories: ["cs.CL", "cs.AI"],
    authors: ["Chunhua Liu", "Kabir Manandhar Shrestha", "Sukai Huang"],
  });
  expect(told.every(({ facts }) => facts.abstract?.startsWith("arXiv:") === false)).toBe(true);
});
