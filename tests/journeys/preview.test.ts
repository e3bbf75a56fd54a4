/** The preview in a real browser: it follows what changes, runs nothing of a letter, and can be read. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openStage } from "../../src/cli/preview-stage.ts";
import { readConfig } from "../../src/config.ts";
import { keepMjml } from "../../src/io/mjml.ts";
import { NOTICES } from "../../src/mail/notices.ts";
import { FIXTURES } from "../../src/web/preview/fixtures.ts";
import { openPreview } from "../../src/web/preview/preview.ts";
import { startServer } from "../../src/web/server.ts";
import { emptyHome, openApp, ROOT } from "../home.ts";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const VIEWS = ["letter", "text", "inbox", "headers", "source", "checks", "why", "send"];
const TEMPLATES = join(ROOT, "templates");
const fileOf = (name: string) => readFileSync(join(TEMPLATES, name), "utf8");

async function openPages() {
  const home = emptyHome();
  const app = await openApp({}, { home });
  await app.newsletter.gather([app.files([join(ROOT, "data", "sample.jsonl")], null)], () => {});
  const file = join(home, "paperround.yaml");
  writeFileSync(file, "newsletter:\n  contact: me@example.org\n");
  const read = () => readConfig(home, {});
  const stage = openStage(read(), read, [TEMPLATES]);
  const closing = new AbortController();
  const pages = openPreview({
    stage,
    first: { cadence: "daily", reader: "", date: "2026-04-15" },
    files: {
      css: () => fileOf("look.css") + fileOf("preview.css"),
      script: () => fileOf("preview.js"),
    },
    fixtures: join(ROOT, "data", "preview"),
    token: "token",
    signal: closing.signal,
    now: () => new Date(),
  });
  const server = await startServer({ host: "127.0.0.1", port: 0 });
  server.show(pages);
  const release = keepMjml();
  onTestFinished(async () => {
    release();
    closing.abort();
    await server.close();
    await stage.close();
  });
  return { home, file, url: server.url };
}

describe.skipIf(!existsSync(executablePath))("in Chromium (skipped where there is none)", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath });
  });
  afterAll(() => browser.close());

  async function openPage(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      ...options,
    });
    onTestFinished(() => context.close());
    return context.newPage();
  }

  /** Returns what the letter in the first frame says, once it is there. */
  const letterOf = (page: Page) => page.frameLocator("iframe").first().locator("body");

  test("a saved template is seen at once; a broken one is named, and the last good letter stays", async ({
    annotate,
  }) => {
    const { home, url } = await openPages();
    const page = await openPage();
    await page.goto(`${url}/?letter=typical`);
    await letterOf(page).getByText("Small Teachers").first().waitFor();
    const template = readFileSync(join(TEMPLATES, "letter.mjml.hbs"), "utf8");
    const own = join(home, "templates", "letter.mjml.hbs");
    mkdirSync(join(home, "templates"));
    const save = (text: string) => {
      // As editors do: a new file takes the old one's name.
      writeFileSync(`${own}~`, text);
      renameSync(`${own}~`, own);
    };
    save(template.replaceAll("{{@root.words.why}}", "Here because:"));
    await letterOf(page).getByText("Here because:").first().waitFor();
    const times = [];
    for (const word of ["First:", "Second:", "Third:"]) {
      const saved = performance.now();
      save(template.replaceAll("{{@root.words.why}}", word));
      await letterOf(page).getByText(word).first().waitFor();
      times.push(Math.round(performance.now() - saved));
    }
    await annotate(`template saved, seen in the browser after ${times.join(", ")} ms`);
    save(template.replace("{{#if entries}}", "{{#if entries}"));
    await page.getByRole("alert").getByText("letter.mjml.hbs: line ").waitFor();
    await letterOf(page).getByText("Third:").first().waitFor();
    save(template.replaceAll("{{@root.words.why}}", "Mended:"));
    await letterOf(page).getByText("Mended:").first().waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  test("papers that are taken in and a changed configuration are seen without reloading", async () => {
    const { home, file, url } = await openPages();
    const page = await openPage();
    await page.goto(`${url}/?date=2026-05-01`);
    await page.getByText("No papers for Friday, 1 May 2026").first().waitFor();
    const listing = join(home, "more.jsonl");
    writeFileSync(listing, JSON.stringify({ title: "A Late Arrival", listedOn: "2026-05-01" }));
    const other = await openApp({}, { home });
    await other.newsletter.gather([other.files([listing], null)], () => {});
    await letterOf(page).getByText("A Late Arrival").first().waitFor();
    writeFileSync(file, "newsletter:\n  name: Another Name\n");
    await letterOf(page).getByText("Another Name").first().waitFor();
    writeFileSync(file, "newsletter:\n  name: [\n");
    await page.getByRole("alert").getByText("paperround.yaml:").waitFor();
    expect(await letterOf(page).getByText("Another Name").count()).toBeGreaterThan(0);
  });

  test("nothing in a hostile letter runs, opens or asks for anything", async () => {
    const { url } = await openPages();
    const page = await openPage();
    const problems: string[] = [];
    page.on("dialog", (dialog) => {
      problems.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("popup", (popup) => problems.push(`popup: ${popup.url()}`));
    page.on("request", (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith("data:"))
        problems.push(`request: ${request.url()}`);
    });
    for (const view of VIEWS) {
      for (const scheme of ["light", "inverted"]) {
        await page.goto(`${url}/?letter=hostile&view=${view}&scheme=${scheme}`);
        await page.locator("main h1").waitFor();
      }
    }
    expect(problems).toEqual([]);
  });

  test("dark is dark and light is light, whatever the reader's system says; inverted is dark too", async () => {
    const { url } = await openPages();
    const ground = async (colorScheme: "light" | "dark", scheme: string) => {
      const page = await openPage({ colorScheme });
      await page.goto(`${url}/?letter=typical&scheme=${scheme}&width=phone`);
      await letterOf(page).getByText("Small Teachers").first().waitFor();
      const shot = await page.locator("iframe").screenshot();
      const [red = 0, green = 0, blue = 0] = await page.evaluate<number[]>(
        `(${PIXEL})("${shot.toString("base64")}")`,
      );
      return red + green + blue < 200 ? "dark" : "light";
    };
    const seen = [];
    for (const system of ["light", "dark"] as const) {
      for (const scheme of ["light", "dark", "inverted"]) seen.push(await ground(system, scheme));
    }
    expect(seen).toEqual(["light", "dark", "dark", "light", "dark", "dark"]);
  });

  test("pages fit every width from 320 to 1280 pixels, and work without scripts", async () => {
    const { url } = await openPages();
    const problems: string[] = [];
    for (const width of [320, 390, 768, 1280]) {
      const page = await openPage({ viewport: { width, height: 800 }, javaScriptEnabled: false });
      for (const view of width === 768 ? ["letter"] : VIEWS) {
        await page.goto(`${url}/?letter=long-titles&view=${view}`);
        const wide = await page.locator("html").evaluate("document.documentElement.scrollWidth");
        if (wide !== width) problems.push(`${view} at ${width}: ${String(wide)} wide`);
      }
      if (width < 760) await page.locator("summary").first().click();
      await page.getByRole("link", { name: "LaTeX" }).click();
      await page.waitForURL(/letter=latex/);
    }
    expect(problems).toEqual([]);
  });

  test("the text part keeps its lines: where they are too long, their block is scrolled", async () => {
    const { url } = await openPages();
    const page = await openPage({ viewport: { width: 390, height: 800 } });
    await page.goto(`${url}/?letter=typical&view=text`);
    const block = page.getByRole("region", { name: "Text part" });
    const [isScrolled, rows] = await page.evaluate<[boolean, number]>(TEXT_BLOCK);
    expect(isScrolled).toBe(true);
    const lines = ((await block.textContent()) ?? "").trimEnd().split("\n").length;
    expect(Math.abs(rows - lines)).toBeLessThan(2);
  });

  test("a desktop's letter is never shown narrower, and its caption says where it is smaller", async () => {
    const { url } = await openPages();
    const page = await openPage();
    const seen: string[] = [];
    for (const width of [320, 390, 680, 800, 980, 1100, 1200, 1280, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(`${url}/?letter=typical`);
      await letterOf(page).getByText("Small Teachers").first().waitFor();
      const inside = await letterOf(page).evaluate("innerWidth");
      expect([width, Number(inside) >= 640]).toEqual([width, true]);
      const [zoom, said] = await page.evaluate<[number, string]>(DESKTOP);
      expect([width, said === "none"]).toEqual([width, zoom === 1]);
      seen.push(`${width}: ${zoom}`);
    }
    expect(seen).toContain("1280: 0.8");
    expect(seen).toContain("1440: 1");
  });

  test("axe finds nothing against WCAG 2.2 on any page, light and dark, either way round, from 320 to 1280 pixels", async () => {
    const { file, url } = await openPages();
    const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    const paths = VIEWS.map((view) => `/?letter=typical&view=${view}`);
    paths.push(
      "/?date=2020-01-01",
      "/?as=nobody@example.org",
      "/?letter=unknown",
      ...[...Object.keys(FIXTURES), ...NOTICES].map((letter) => `/?letter=${letter}`),
    );
    const problems: string[] = [];
    const page = await openPage();
    const look = async (path: string) => {
      await page.goto(`${url}${path}`);
      await page.evaluate(axe);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        for (const dir of ["ltr", "rtl"]) {
          await page.locator("html").evaluate(`document.documentElement.dir = "${dir}"`);
          for (const width of [320, 360, 800, 1280]) {
            await page.setViewportSize({ width, height: 900 });
            const found = await page.evaluate<string[]>(AXE);
            const at = `${path}, ${colorScheme}, ${dir}, ${width}`;
            problems.push(...found.map((text) => `${at}: ${text}`));
          }
        }
      }
    };
    for (const path of paths) await look(path);
    // Above the last good letter.
    writeFileSync(file, "newsletter:\n  accent: none\n");
    await look("/?letter=typical");
    expect(problems).toEqual([]);
  });

  test("a letter is saved as a picture of the width that is shown", async () => {
    const { url } = await openPages();
    const answer = await fetch(`${url}/save/png?letter=typical&width=phone&scheme=dark`);
    const png = Buffer.from(await answer.arrayBuffer());
    expect(answer.headers.get("content-type")).toBe("image/png");
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect(png.readUInt32BE(16)).toBe(390);
    expect(png.readUInt32BE(20)).toBeGreaterThan(3000);
  });
});

/** Runs in the page: returns whether the text part can be scrolled sideways, and how many lines it has. */
const TEXT_BLOCK = `(({ scrollWidth, clientWidth, clientHeight }, { lineHeight }) =>
  [scrollWidth > clientWidth, clientHeight / parseFloat(lineHeight)])(
    document.querySelector("pre"), getComputedStyle(document.querySelector("pre")))`;

/** Runs in the page: returns how large a desktop's letter is shown, and what its caption adds to its words. */
const DESKTOP = `[
  Number(getComputedStyle(document.querySelector(".desktop iframe")).zoom),
  getComputedStyle(document.querySelector(".desktop figcaption"), "::after").content,
]`;

/** Runs in the page: returns what axe finds against WCAG 2.2, levels A and AA. */
const AXE = `axe.run(document, {
  iframes: false,
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
}).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html.slice(0, 120)).join(" | ")),
)`;

/** Runs in the page: returns the colour at a corner of a picture in base64, as three numbers. */
const PIXEL = `async (base64) => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  return [...context.getImageData(20, 90, 1, 1).data].slice(0, 3);
}`;
