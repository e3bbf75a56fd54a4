/** Feeds say the same in three formats, whatever papers say of themselves; and so does the sitemap. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { expect, test } from "vitest";
import { openSite } from "../../src/web/site.ts";
import { emptyHome, openApp } from "../home.ts";

const HOSTILE = `]]> <script>alert("1")</script> & &amp; 'x' \u{1F600} </title>`;
const SITE = "http://127.0.0.1:8025";

/** The public pages over editions of two days, whose papers are about robots. */
async function openWorld(days: readonly string[] = ["2026-04-14", "2026-04-15"]) {
  const home = emptyHome();
  const file = join(home, "papers.jsonl");
  const lines = days.flatMap((day) => [
    { title: `Humanoid robots of ${day} ${HOSTILE}`, abstract: HOSTILE, listedOn: day },
    {
      title: `Other robots of ${day}`,
      authors: ["Ada Lovelace"],
      organization: "Analytical Society",
      publishedOn: day,
      listedOn: day,
      readings: { votes: 3 },
    },
  ]);
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join("\n"));
  const app = await openApp({}, { home });
  if (days.length > 0) await app.newsletter.gather([app.files([file], null)], () => {});
  for (const day of days) await app.newsletter.publish("daily", day);
  return openSite({ ...app, report: () => {} });
}

async function textOf(site: Awaited<ReturnType<typeof openWorld>>, path: string): Promise<string> {
  const answer = await site.request(path);
  expect(answer.status).toBe(200);
  return answer.text();
}

/** Returns the document as objects, after checking that it is well-formed XML. */
function parsed(text: string) {
  expect(XMLValidator.validate(text)).toBe(true);
  return new XMLParser({
    ignoreAttributes: false,
    isArray: (name) => /^(item|entry)$/.test(name),
  }).parse(text);
}

test("the newsletter's feed has an item for each edition, the newest first", async () => {
  const site = await openWorld();
  const urls = [`${SITE}/archive/daily/2026-04-15`, `${SITE}/archive/daily/2026-04-14`];
  const { feed } = parsed(await textOf(site, "/feed.atom"));
  expect(feed.id).toBe(`${SITE}/`);
  expect(feed.updated).toBe("2026-04-15T08:00:00.000Z");
  expect(feed.entry.map(({ id }: { id: string }) => id)).toEqual(urls);
  const { rss } = parsed(await textOf(site, "/feed.rss"));
  expect(rss.channel.item.map(({ link }: { link: string }) => link)).toEqual(urls);
  expect(rss.channel.item[0].pubDate).toBe("Wed, 15 Apr 2026 08:00:00 GMT");
  const json = JSON.parse(await textOf(site, "/feed.json"));
  expect(json.version).toBe("https://jsonfeed.org/version/1.1");
  expect(json.items.map(({ id }: { id: string }) => id)).toEqual(urls);
});

test("a topic's feed has an item for each paper, with its permanent address", async () => {
  const site = await openWorld();
  const { feed } = parsed(await textOf(site, "/topics/robotics/feed.atom"));
  expect(feed.entry).toHaveLength(4);
  for (const { id } of feed.entry) {
    expect(id).toMatch(/^http:\/\/127\.0\.0\.1:8025\/papers\/title-[0-9a-f]+$/);
    expect((await site.request(id)).status).toBe(200);
  }
  const json = JSON.parse(await textOf(site, "/topics/robotics/feed.json"));
  expect(json.items).toHaveLength(4);
  expect(json.home_page_url).toBe(`${SITE}/topics/robotics`);
});

test("who wrote a paper, where, and when stand apart in a feed", async () => {
  const site = await openWorld();
  const json = JSON.parse(await textOf(site, "/topics/robotics/feed.json"));
  const texts = json.items.map(({ content_html: html }: { content_html: string }) => html);
  expect(texts.join("\n")).toContain("Ada Lovelace · Analytical Society · 15 Apr 2026");
});

test("whatever a paper says of itself is text in a feed", async () => {
  const site = await openWorld();
  const { feed } = parsed(await textOf(site, "/topics/robotics/feed.atom"));
  const { rss } = parsed(await textOf(site, "/topics/robotics/feed.rss"));
  const json = JSON.parse(await textOf(site, "/topics/robotics/feed.json"));
  const hostile = (title: string) => title.includes("Humanoid");
  const item = json.items.find(({ title }: { title: string }) => hostile(title));
  expect(item.title).toContain(`<script>alert("1")</script>`);
  for (const html of [
    item.content_html,
    feed.entry.find(({ title }: { title: string }) => hostile(title)).content["#text"],
    rss.channel.item.find(({ title }: { title: string }) => hostile(title)).description,
  ]) {
    expect(html).toContain("alert(");
    expect(html).not.toMatch(/<script|<\/title/);
  }
});

test("all links of feeds are whole, and none is a reader's", async () => {
  const site = await openWorld();
  for (const path of ["/feed", "/topics/robotics/feed"]) {
    for (const format of ["atom", "rss", "json"]) {
      const text = await textOf(site, `${path}.${format}`);
      expect(text).toContain(`${SITE}${path}.${format}`);
      expect(text).not.toMatch(/href=\\?(&quot;|&#34;|")\//);
      expect(text).not.toMatch(/unsubscribe|preferences/);
    }
  }
});

test("feeds and the sitemap can be read before the first edition", async () => {
  const site = await openWorld([]);
  expect(JSON.parse(await textOf(site, "/feed.json")).items).toEqual([]);
  expect(parsed(await textOf(site, "/feed.atom")).feed.updated).toBe("1970-01-01T00:00:00.000Z");
  expect(parsed(await textOf(site, "/feed.rss")).rss.channel.item).toBeUndefined();
  expect(parsed(await textOf(site, "/topics/robotics/feed.atom")).feed.entry).toBeUndefined();
  expect(parsed(await textOf(site, "/sitemap.xml")).urlset.url).toHaveLength(3);
});

test("a feed is told as what it is, and may be read from anywhere", async () => {
  const site = await openWorld([]);
  const types = {
    atom: "application/atom+xml",
    rss: "application/rss+xml",
    json: "application/feed+json",
  };
  for (const [format, type] of Object.entries(types)) {
    const { headers } = await site.request(`/feed.${format}`);
    expect(headers.get("content-type")).toBe(`${type}; charset=utf-8`);
    expect(headers.get("access-control-allow-origin")).toBe("*");
  }
});

test("pages name their feeds in the head, a topic its own", async () => {
  const site = await openWorld();
  expect(await textOf(site, "/")).toContain(`title="Atom" href="${SITE}/feed.atom"`);
  const topic = await textOf(site, "/topics/robotics");
  expect(topic).toContain(`title="RSS" href="${SITE}/topics/robotics/feed.rss"`);
});

test("the sitemap names editions and topics, and robots.txt the sitemap", async () => {
  const site = await openWorld();
  const { urlset } = parsed(await textOf(site, "/sitemap.xml"));
  const urls = urlset.url.map(({ loc }: { loc: string }) => loc);
  expect(urls).toContain(`${SITE}/archive/daily/2026-04-15`);
  expect(urls).toContain(`${SITE}/topics/robotics`);
  for (const url of urls) expect((await site.request(url)).status).toBe(200);
  const robots = await textOf(site, "/robots.txt");
  expect(robots).toContain(`Sitemap: ${SITE}/sitemap.xml`);
  for (const name of ["unsubscribe", "preferences", "confirm", "refuse", "opinion"])
    expect(robots).toContain(`Disallow: /${name}/\n`);
});

test("where search engines are not wanted, every page says so", async () => {
  const app = await openApp();
  const site = openSite({ ...app, searchEngines: false, report: () => {} });
  expect(await (await site.request("/robots.txt")).text()).toBe("User-agent: *\nDisallow: /\n");
  for (const path of ["/", "/archive", "/feed.atom", "/nowhere"])
    expect((await site.request(path)).headers.get("x-robots-tag")).toBe("noindex");
});
