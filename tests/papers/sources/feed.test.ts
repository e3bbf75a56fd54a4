/** Feeds of all kinds, well-meant and hostile. */
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { feed } from "../../../src/papers/sources/feed.ts";
import { reply, startWebServer, type Answering } from "../../io/web-server.ts";
import { openSource, passesTheKit, tellAll } from "../source-kit.ts";

const NOW = new Date("2026-06-30T10:00:00Z");

async function opened(answer: Answering | string) {
  const answering: Answering =
    typeof answer === "string" ? (_request, response) => reply(response, answer) : answer;
  const server = await startWebServer(answering);
  const settings = { url: `${server.url}/feed`, topics: ["biology"] };
  return openSource(feed, settings, { now: () => NOW });
}

const rss = (items: string) =>
  `<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:p="http://prismstandard.org/namespaces/basic/2.0/"><channel><title>J</title>${items}</channel></rss>`;

test("it keeps to what every source must keep to", async () => {
  const source = await opened(rss("<item><title>A Title</title></item>"));
  const down = await openSource(feed, { url: "http://127.0.0.1:1/feed" });
  expect(await passesTheKit(source, down)).toBe(true);
});

test("RSS, whatever its prefixes are, tells title, abstract, people, day and DOI", async () => {
  const source = await opened(
    rss(`<item><title>Cells &lt;i&gt;of&lt;/i&gt; Newts</title><link>https://journal.example/1</link>
      <description><![CDATA[<p>What &amp; how.</p><script>alert(1)</script><p>Then.</p>]]></description>
      <dc:creator>Ada Lovelace, Alan Turing</dc:creator><p:doi>10.1000/182</p:doi>
      <pubDate>Tue, 30 Jun 2026 23:00:00 -0400</pubDate><category>newts</category></item>`),
  );
  const { sightings } = await tellAll(source);
  expect(sightings[0]).toMatchObject({
    source: "tried",
    facts: {
      title: "Cells of Newts",
      abstract: "What & how. Then.",
      authors: ["Ada Lovelace", "Alan Turing"],
      doi: "10.1000/182",
      publishedOn: "2026-06-30",
      keywords: ["biology", "newts"],
      links: { abstract: "https://journal.example/1" },
    },
  });
});

test("Atom and RDF are read alike", async () => {
  const atom = `<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title type="html">A Title</a:title>
    <a:link rel="self" href="https://x.example/self"/><a:link href="https://arxiv.org/abs/2604.00001v2"/>
    <a:author><a:name>Ada</a:name></a:author><a:published>2026-6-30</a:published><a:summary>What.</a:summary>
    </a:entry></a:feed>`;
  const rdf = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"><channel/><item><title>A Title</title>
    <link>https://www.biorxiv.org/content/10.1101/2026.06.01.123456v1?rss=1</link>
    <dc:date>2026-06-29</dc:date></item></rdf:RDF>`;
  const [one] = (await tellAll(await opened(atom))).sightings;
  expect(one?.facts).toMatchObject({ arxivId: "2604.00001", publishedOn: "2026-06-30" });
  const [other] = (await tellAll(await opened(rdf))).sightings;
  expect(other?.facts).toMatchObject({
    doi: "10.1101/2026.06.01.123456",
    publishedOn: "2026-06-29",
  });
});

test("JSON Feed is read, and fields of another type than they should be are like missing ones", async () => {
  const source = await opened(
    JSON.stringify({
      version: "https://jsonfeed.org/version/1.1",
      items: [
        {
          id: "https://openreview.net/forum?id=aBcD-_12xY",
          title: "A Title",
          content_html: "<p>What.</p>",
          authors: [{ name: "Ada" }, null, { name: 5 }],
          date_published: "2026-06-30T23:00:00-04:00",
          tags: ["x", 5],
        },
        { title: 12 },
        null,
      ],
    }),
  );
  const { sightings, refusals } = await tellAll(source);
  expect(sightings[0]?.facts).toMatchObject({
    openReviewId: "aBcD-_12xY",
    abstract: "What.",
    authors: ["Ada"],
    publishedOn: "2026-07-01",
    keywords: ["biology", "x"],
  });
  expect(refusals.map(({ refused }) => refused)).toEqual(["no title", "no title"]);
});

test("three thousand authors are counted, and the first two hundred named", async () => {
  const names = Array.from({ length: 3000 }, (_, index) => `<dc:creator>Ada ${index}</dc:creator>`);
  const source = await opened(rss(`<item><title>A Title</title>${names.join("")}</item>`));
  const [paper] = (await tellAll(source)).sightings;
  expect([paper?.facts.authors.length, paper?.facts.authorCount]).toEqual([200, 3000]);
});

const refused = "HTTP_ANSWER_REFUSED";
test.each([
  ["five megabytes", rss(`<item><title>${"x".repeat(5_000_000)}</title></item>`), refused],
  ["a million references", rss(`<item><title>${"&#65;".repeat(700_000)}</title></item>`), refused],
  ["a document type", `<!DOCTYPE rss [<!ENTITY a "b">]>${rss("")}`, refused],
  ["an end that is missing", rss("<item><title>A Title</title></item>").slice(0, -30), refused],
  ["half a million items", rss("<item/>".repeat(500_000)), refused],
  [
    "a million empty objects",
    `{"version": "https://jsonfeed.org/version/1.1", "items": [${"{},".repeat(999_999)}{}]}`,
    refused,
  ],
  ["too deep a nesting", "<rss>".repeat(100_000), refused],
  ["a page in place of the feed", "<html><body>Later</body></html>", "SOURCE_SHAPE"],
  ["another JSON", '{"items": []}', "SOURCE_SHAPE"],
  ["a list that is cut", '[{"title": "A ', "FILE_MALFORMED"],
])("a feed with %s is refused", async (_what, body, code) => {
  await expect(tellAll(await opened(body))).rejects.toMatchObject({ code });
});

test("a gzip of zeros and an answer without end cost little time and memory", async () => {
  const zeros = gzipSync(Buffer.alloc(200 * 1024 * 1024));
  const before = process.memoryUsage().rss;
  const bomb = await opened((_request, response) =>
    reply(response, zeros, { "content-encoding": "gzip" }),
  );
  await expect(tellAll(bomb)).rejects.toMatchObject({ code: refused });
  const endless = await opened((_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write("<item>".repeat(10_000)));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  });
  await expect(tellAll(endless)).rejects.toMatchObject({ code: refused });
  // The test's own server holds as much again.
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
});
