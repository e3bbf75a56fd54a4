import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSite } from "../../src/web/site.ts";
import { emptyHome, openApp } from "../home.ts";

const ignore = () => {};

const HOSTILE = `<script>alert("1")</script> '"> {{x}} {{{x}}} <img src=x onerror=alert(2)> &amp;`;

/** The public pages over published editions of `papers`, one unless more are named. */
async function siteOf(papers: readonly object[], days = ["2026-04-15"]) {
  const home = emptyHome();
  const file = join(home, "papers.jsonl");
  writeFileSync(file, papers.map((paper) => `${JSON.stringify(paper)}\n`).join(""));
  const app = await openApp({}, { home });
  await app.newsletter.gather([app.files([file], null)], () => {});
  for (const day of days) await app.newsletter.publish("daily", day);
  return openSite({ ...app, report: ignore });
}

const paper = (title: string, more: object = {}) => ({
  title,
  listedOn: "2026-04-15",
  readings: { votes: 5 },
  ...more,
});

test("before the first edition the front page says that there is none", async () => {
  const answer = await openSite({ ...(await openApp()), report: ignore }).request("/");
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain("No edition has been published yet.");
});

test("the front page leads to the edition, and the edition back", async () => {
  const site = await siteOf([paper("Plain Title"), paper("Second Title")]);
  const front = await (await site.request("/")).text();
  expect(front).toContain('<a href="/archive/daily/2026-04-15">Wednesday, 15 April 2026</a>');
  expect(front).toContain("Daily edition no. 1 · 2 papers");
  expect(front).toContain("Plain Title");
  const list = await (await site.request("/archive")).text();
  expect(list).toContain('<a href="/archive/daily/2026-04-15">Wednesday, 15 April 2026</a>');
  expect(list).toMatch(/Daily edition no\. 1, 2\s+papers/);
  const edition = await (await site.request("/archive/daily/2026-04-15")).text();
  expect(edition).toContain("Plain Title");
  expect(edition).toContain("Second Title");
  expect(edition).toContain('<a href="/archive">All editions</a>');
});

test("an edition leads to those before and after it, and the latest is asked for anew each time", async () => {
  const days = ["2026-04-13", "2026-04-14", "2026-04-15"];
  const site = await siteOf(
    days.map((listedOn) => paper(`Title of ${listedOn}`, { listedOn })),
    days,
  );
  const [first, middle, last] = await Promise.all(
    days.map((day) => site.request(`/archive/daily/${day}`)),
  );
  const linkTo = (rel: string, day: string) => `<a rel="${rel}" href="/archive/daily/${day}"`;
  const shown = await middle?.text();
  expect(shown).toContain(linkTo("prev", "2026-04-13"));
  expect(shown).toContain("Earlier: Monday, 13 April 2026");
  expect(shown).toContain(linkTo("next", "2026-04-15"));
  expect(await first?.text()).not.toContain('rel="prev"');
  expect(await last?.text()).not.toContain('rel="next"');
  expect(middle?.headers.get("cache-control")).toBe("public, max-age=3600");
  expect(last?.headers.get("cache-control")).toBe("public, no-cache");
});

test("whatever a paper says of itself is text on every page", async () => {
  const site = await siteOf([
    paper(HOSTILE, {
      abstract: HOSTILE,
      summary: { text: HOSTILE, by: HOSTILE },
      authors: [HOSTILE, HOSTILE],
      organization: HOSTILE,
      links: {
        abstract: "javascript:alert(3)",
        pdf: 'https://example.org/"><script>alert(4)</script>',
        code: "data:text/html,<script>alert(5)</script>",
      },
    }),
  ]);
  const list = await (await site.request("/archive/daily/2026-04-15")).text();
  const paperPath = /href="(\/papers\/[^"]+)"/.exec(list)?.[1] ?? "";
  const pages = ["/", "/archive", "/archive/daily/2026-04-15", "/days/2026-04-15", paperPath];
  for (const path of [...pages, "/search?q=script", `/search?q=${encodeURIComponent(HOSTILE)}`]) {
    const page = await (await site.request(path)).text();
    expect(page).toContain("alert(");
    expect(page).not.toMatch(/<script|<img|\son\w+=[^"]*"?[^"]*alert.*>.*<\/script/i);
    expect(page).not.toMatch(/href="(?!\/|https?:|data:,"|#main"|mailto:letters@)/);
    expect(page).not.toMatch(/(href|src)="[^"]*(javascript|data:text)/i);
    expect(page).toContain("{{x}}");
  }
});

test("LaTeX is set on the edition's page, and plain in the list", async () => {
  const site = await siteOf([
    paper(String.raw`MARS$^2$ & $x_{i,j}$`, { abstract: String.raw`\emph{Less} than $10^{-3}$.` }),
  ]);
  const edition = await (await site.request("/archive/daily/2026-04-15")).text();
  expect(edition).toContain("MARS<sup>2</sup> &amp; <em>x</em><sub><em>i</em>,<em>j</em></sub>");
  expect(edition).toContain("<em>Less</em> than 10<sup>−3</sup>.");
  expect(await (await site.request("/archive")).text()).toContain("MARS² &amp; x_(i,j)");
});

test.each([
  "/archive/daily/2026-04-14",
  "/archive/weekly/2026-04-15",
  "/archive/hourly/2026-04-15",
  "/archive/constructor/__proto__",
  "/archive/daily/%00",
  "/archive/daily/2026-04-15'%20or%20'1'='1",
  "/archive/hourly",
  "/archive/daily?page=2",
  "/archive?page=0",
  "/archive?page=1e3",
  "/days/2026-04-14",
  "/days/2026-02-30",
  "/days/..%2f..%2fetc",
  "/papers/2604.99999",
  "/papers/..%2f..%2fetc%2fpasswd",
  "/papers/%E0%A4%A",
  "/topics/nothing",
  "/topics/nothing/feed.atom",
  "/topics/__proto__",
  "/feed.exe",
  "/search?q=x&page=2",
  "/data/corpus.sqlite",
  "/../package.json",
  "/..%2f..%2fetc%2fpasswd",
  "/%3Cscript%3Ealert(1)%3C/script%3E",
])("%s is a 404 page that repeats nothing of the address", async (path) => {
  const site = await siteOf([paper("Plain Title")]);
  const answer = await site.request(path);
  expect(answer.status).toBe(404);
  const page = await answer.text();
  expect(page).toContain("There is nothing here");
  expect(page).not.toContain("alert(1)");
});

test("public pages are guarded, set no cookie and hold no script", async () => {
  const site = await siteOf([paper("Plain Title")]);
  for (const path of ["/", "/archive/daily/2026-04-15", "/style.css", "/nowhere"]) {
    const { headers } = await site.request(path);
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("set-cookie")).toBeNull();
  }
});

test("the style sheet carries the newsletter's own accent", async () => {
  const app = await openApp();
  const site = openSite({
    ...app,
    report: ignore,
    masthead: { ...app.masthead, accent: "#123456" },
  });
  const answer = await site.request("/style.css");
  expect(answer.headers.get("content-type")).toBe("text/css; charset=utf-8");
  expect(await answer.text()).toMatch(/^:root \{ --accent: #123456; \}/);
});

test("a name full of markup is text in the frame of every page", async () => {
  const app = await openApp();
  const masthead = { ...app.masthead, name: HOSTILE, tagline: HOSTILE };
  const page = await (await openSite({ ...app, report: ignore, masthead }).request("/")).text();
  expect(page).toContain("&lt;script&gt;");
  expect(page).not.toMatch(/<script|<img/);
});
