/** The letter and the pages in a real browser: phone and desktop, light and dark, and under attack. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../src/assemble.ts";
import type { Cadence } from "../../src/editions/period.ts";
import { letterView } from "../../src/mail/letter.ts";
import { sampleNotices, setNotice, type Notice } from "../../src/mail/notices.ts";
import { emptyHome, openApp, ROOT } from "../home.ts";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const installed = existsSync(executablePath);

test("a browser is installed where continuous integration insists on one", () => {
  const insists = process.env["PAPERROUND_TESTS_NEED_BROWSER"] !== undefined;
  expect(installed || !insists).toBe(true);
});

const HOSTILE = `<script>alert(1)</script><img src=x onerror=alert(2)> {{footer.unsubscribeUrl}} "><a href="javascript:alert(3)">`;

describe.skipIf(!installed)("in Chromium (skipped where /usr/bin/chromium is absent)", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath });
  });
  afterAll(() => browser.close());

  async function letters(): Promise<Record<string, string>> {
    const home = emptyHome();
    const file = join(home, "hostile.jsonl");
    const long = "Pneumonoultramicroscopicsilicovolcanoconiosis".repeat(6);
    const lines = [HOSTILE, long, "مقالة عن النماذج اللغوية", "大規模言語モデルの研究"].map(
      (title, index) => ({
        title,
        arxivId: `2604.0000${index}`,
        abstract: `${title} ${HOSTILE}`,
        organization: HOSTILE,
        authors: [HOSTILE, long],
        listedOn: "2026-05-01",
        links: { code: "javascript:alert(4)", project: "https://example.org/?a=1&b=2" },
      }),
    );
    writeFileSync(file, lines.map((line) => JSON.stringify(line)).join("\n"));
    const app = await openApp({}, { home });
    await app.newsletter.gather(
      [app.files([join(ROOT, "data", "sample.jsonl"), file], null)],
      () => {},
    );
    const set = async (date: string, cadence: Cadence = "daily") =>
      (await app.newsletter.set(await app.newsletter.edition(cadence, date))).html;
    return {
      typical: await set("2026-04-15"),
      weekly: await set("2026-04-15", "weekly"),
      hostile: await set("2026-05-01"),
      empty: await set("2027-01-01"),
      "right to left": await rightToLeft(app),
      ...(await notices(app)),
    };
  }

  /** The letter's words are English; the templates are made for a translation that runs leftward. */
  async function rightToLeft({ newsletter, masthead, templates }: App): Promise<string> {
    const view = letterView(await newsletter.edition("daily", "2026-05-01"), masthead);
    const footer = { why: HOSTILE, unsubscribeUrl: "", preferencesUrl: "", contact: "" };
    return templates.html("letter", { ...view, footer, lang: "ar", dir: "rtl", rtl: true });
  }

  async function notices({ masthead, templates }: App): Promise<Record<string, string>> {
    const samples = Object.entries(sampleNotices(masthead));
    const hostile: Notice = {
      ...sampleNotices(masthead).confirmation,
      heading: HOSTILE,
      paragraphs: [HOSTILE, "m".repeat(300)],
      details: [{ name: HOSTILE, text: HOSTILE, url: "https://example.org/?a=1&b=2" }],
    };
    const set: Record<string, string> = {};
    for (const [name, notice] of [...samples, ["hostile notice", hostile] as const]) {
      set[name] = (await setNotice(notice, masthead, templates)).html;
    }
    return set;
  }

  test("letters fit a phone, ask for nothing, run nothing, and can be read in light and dark", async () => {
    const problems: string[] = [];
    for (const [name, html] of Object.entries(await letters())) {
      for (const colorScheme of ["light", "dark"] as const) {
        for (const width of [320, 360, 800]) {
          const page = await browser.newPage({ colorScheme, viewport: { width, height: 800 } });
          const where = `${name}, ${colorScheme}, ${width}`;
          page.on("dialog", (dialog) => {
            problems.push(`${where}: a dialog`);
            void dialog.dismiss();
          });
          page.on("request", (request) => problems.push(`${where}: asks for ${request.url()}`));
          await page.setContent(html);
          const overflow = await page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth",
          );
          if (overflow !== 0) problems.push(`${where}: ${overflow} px too wide`);
          for (const script of [LOW_CONTRAST, BAD_STRUCTURE]) {
            const found = await page.evaluate<string[]>(script);
            problems.push(...found.map((text) => `${where}: ${text}`));
          }
          await page.close();
        }
      }
    }
    expect(problems).toEqual([]);
  });
});

/**
 * Runs in the page: returns every text whose contrast with the ground behind it is below 4.5:1
 * (WCAG 2.2, success criterion 1.4.3).
 */
const LOW_CONTRAST = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const linear = [r, g, b].map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = channels(getComputedStyle(each).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
  };
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !element.getClientRects().length) continue;
    const [light, dark] = [luminance(channels(getComputedStyle(element).color)), luminance(ground(element))].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < 4.5) low.push(ratio.toFixed(2) + ":1 for " + walker.currentNode.textContent.trim().slice(0, 40));
  }
  return low;
})()`;

/**
 * Runs in the page: returns what a screen reader or a thumb would stumble over. One h1, no level of
 * headings left out, one place for the main thing, a language, names for links that tell them apart,
 * and 24 px for each (WCAG 2.2, success criteria 1.3.1, 2.4.4, 2.5.8, 3.1.1).
 */
const BAD_STRUCTURE = `(() => {
  const bad = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  if (!document.documentElement.lang) bad.push("no language");
  if (all("h1").length !== 1) bad.push(all("h1").length + " h1");
  if (all("h3, h4, h5, h6").length > 0) bad.push("a heading below h2");
  if (all("[role=main]").length !== 1) bad.push("no main part");
  if (all("table:not([role=presentation])").length > 0) bad.push("a table that is no table of data");
  if (all("img:not([alt])").length > 0) bad.push("a picture without words");
  const targets = new Map();
  for (const link of all("a")) {
    const name = link.getAttribute("aria-label") ?? link.textContent.trim();
    if (!name) bad.push("a link without a name");
    if (targets.has(name) && targets.get(name) !== link.href) bad.push("two links named " + name);
    targets.set(name, link.href);
    if (!getComputedStyle(link).textDecorationLine.includes("underline") && !link.closest(".v")) bad.push("no line under " + name);
    const isInText = getComputedStyle(link).display === "inline";
    if (!isInText && link.getBoundingClientRect().height < 24) bad.push("less than 24 px for " + name);
  }
  return bad;
})()`;
