/** The archive in a real browser, from a real port: on a phone and a desktop, light and dark. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import { chromium, type Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openKeptPages } from "../../src/web/kept-pages.ts";
import { startServer } from "../../src/web/server.ts";
import { openSite } from "../../src/web/site.ts";
import { emptyHome, openApp, ROOT } from "../home.ts";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const HOSTILE = `<script>alert(1)</script><img src=x onerror=alert(2)> ]]> ">`;
const LONG = "Pneumonoultramicroscopicsilicovolcanoconiosis".repeat(6);
const FEEDS = ["/feed.atom", "/feed.rss", "/topics/robotics/feed.atom", "/sitemap.xml"];

/** The pages of the sample and of some hostile papers, behind a port. */
async function openWorld({ isEmpty = false } = {}) {
  const home = emptyHome();
  const file = join(home, "hostile.jsonl");
  const titles = [HOSTILE, LONG, "مقالة عن الروبوتات robots", "大規模言語モデルの研究"];
  const lines = titles.map((title, index) => ({
    title,
    arxivId: `2604.0000${index}`,
    abstract: `${title} ${HOSTILE}`,
    organization: LONG,
    authors: [HOSTILE, LONG],
    listedOn: "2026-04-15",
  }));
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join("\n"));
  const server = await startServer({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => server.close());
  const app = await openApp({}, { home });
  if (!isEmpty) {
    const sample = join(ROOT, "data", "sample.jsonl");
    await app.newsletter.gather([app.files([sample, file], null)], () => {});
    for (const day of ["2025-10-30", "2026-04-15"]) await app.newsletter.publish("daily", day);
  }
  const kept = openKeptPages(app.papersVersion, () => new Date());
  server.show(openSite({ ...app, kept, report: () => {} }), kept.ready);
  return server.url;
}

/** Eighty looks at pages take a while on a small machine. */
const PATIENCE_MS = 400_000;
const PAGES = [
  "/",
  "/archive",
  "/archive/daily/2026-04-15",
  "/days/2026-04-15",
  "/days/2026-04-15?page=2",
  "/papers/2604.11784",
  "/papers/2604.00000",
  "/papers/2604.00001",
  "/topics",
  "/topics/robotics",
  "/search",
  "/search?q=models",
  "/search?q=zzzz",
  "/nowhere",
  "/unsubscribe/x",
];
const EMPTY_PAGES = ["/", "/archive", "/topics", "/topics/robotics", "/search?q=x"];

describe.skipIf(!existsSync(executablePath))("in Chromium (skipped where it is absent)", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath });
  });
  afterAll(() => browser.close());

  /** Returns what is wrong with the pages in any look. */
  async function problemsOf(url: string, paths: readonly string[]): Promise<string[]> {
    const problems: string[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      for (const width of [320, 1280]) {
        const page = await browser.newPage({ colorScheme, viewport: { width, height: 800 } });
        page.on("dialog", (dialog) => {
          problems.push("a dialog");
          void dialog.dismiss();
        });
        page.on("request", (request) => {
          if (!request.url().startsWith(url) && !request.url().startsWith("data:"))
            problems.push(`asks for ${request.url()}`);
        });
        for (const path of paths) {
          const where = `${path}, ${colorScheme}, ${width}`;
          await page.goto(url + path);
          const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
          if (overflow !== 0) problems.push(`${where}: ${overflow} px too wide`);
          // Through the browser's own door, which no policy of the page closes.
          await page.evaluate(axe.source);
          const found = (await page.evaluate(
            `axe.run({ runOnly: ${JSON.stringify(WCAG)} })`,
          )) as axe.AxeResults;
          problems.push(
            ...found.violations.map(({ id, nodes }) => `${where}: ${id} ${nodes[0]?.html}`),
          );
        }
        await page.close();
      }
    }
    return problems;
  }

  test(
    "every page can be read by everyone, fits a phone, and asks for nothing elsewhere",
    { timeout: PATIENCE_MS },
    async () => {
      expect(await problemsOf(await openWorld(), PAGES)).toEqual([]);
    },
  );

  test("so can the pages before the first edition", { timeout: PATIENCE_MS }, async () => {
    expect(await problemsOf(await openWorld({ isEmpty: true }), EMPTY_PAGES)).toEqual([]);
  });

  test("a reader finds a paper: front page, edition, paper, topic, search, and back", async () => {
    const url = await openWorld();
    const page = await browser.newPage({ javaScriptEnabled: false });
    await page.goto(url);
    await page.getByRole("link", { name: "Wednesday, 15 April 2026" }).click();
    await page.getByRole("link", { name: /^ClawGUI/ }).click();
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toMatch(/^ClawGUI/);
    await page.getByRole("link", { name: "Agents", exact: true }).click();
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("Agents");
    await page.getByRole("link", { name: "Search", exact: true }).click();
    await page.getByRole("searchbox").fill('"gui agents" clawgui');
    await page.getByRole("button", { name: "Search" }).click();
    expect(await page.getByRole("status").innerText()).toBe("1 paper");
    await page.getByRole("link", { name: /^ClawGUI/ }).click();
    await page.getByRole("link", { name: "Wednesday, 15 April 2026" }).click();
    expect(page.url()).toBe(`${url}/archive/daily/2026-04-15`);
    await page.close();
  });

  test.each(FEEDS)("%s is XML to a browser", async (path) => {
    const url = await openWorld();
    const text = await (await fetch(url + path)).text();
    const page = await browser.newPage();
    const root = await page.evaluate(
      `new DOMParser().parseFromString(${JSON.stringify(text)}, "application/xml").documentElement.nodeName`,
    );
    expect(root).toMatch(/^(feed|rss|urlset)$/);
    await page.close();
  });
});
