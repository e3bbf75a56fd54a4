/**
 * Takes the README's pictures of a letter, from the sample corpus: `npm run pictures`. Needs Chromium,
 * at /usr/bin/chromium or where CHROMIUM_PATH says.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Browser } from "playwright-core";
import { assemble } from "../src/assemble.ts";
import { readConfig } from "../src/config.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = join(ROOT, "docs", "pictures");
const DAY = "2026-04-15";
/** A picture that the README shows should not keep its reader waiting. */
const BYTES_MAX = 150_000;

interface Picture {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly colorScheme: "light" | "dark";
}

const PICTURES: readonly Picture[] = [
  { name: "letter-light", width: 760, height: 1000, colorScheme: "light" },
  { name: "letter-dark", width: 760, height: 1000, colorScheme: "dark" },
  { name: "letter-phone", width: 390, height: 844, colorScheme: "light" },
];

/** Returns the letter of the sample corpus, as a reader gets it. */
async function sampleLetter(): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), "paperround-pictures-"));
  const defaults = readConfig(home, { PAPERROUND_CONFIG: "" });
  const newsletter = { ...defaults.newsletter, publicUrl: "https://papers.example.org" };
  const app = await assemble({ ...defaults, newsletter }, () => new Date(`${DAY}T07:00:00Z`));
  try {
    const source = app.files([join(ROOT, "data", "sample.jsonl")], null);
    await app.newsletter.gather([source], () => {});
    const edition = await app.newsletter.publish("daily", DAY);
    return (await app.newsletter.set(edition)).unaddressed.html ?? "";
  } finally {
    await app.close();
    rmSync(home, { recursive: true, force: true });
  }
}

async function take(browser: Browser, picture: Picture, html: string): Promise<void> {
  const { name, width, height, colorScheme } = picture;
  const page = await browser.newPage({ colorScheme, viewport: { width, height } });
  await page.setContent(html);
  const path = join(FOLDER, `${name}.png`);
  await page.screenshot({ path });
  await page.close();
  const { size } = statSync(path);
  if (size > BYTES_MAX) throw new Error(`${name}.png has ${size} bytes, more than ${BYTES_MAX}.`);
  console.log(`docs/pictures/${name}.png  ${width} × ${height}, ${Math.ceil(size / 1024)} KB`);
}

mkdirSync(FOLDER, { recursive: true });
const html = await sampleLetter();
const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  for (const picture of PICTURES) await take(browser, picture, html);
} finally {
  await browser.close();
}
