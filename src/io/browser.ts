/**
 * Takes pictures of letters with a Chromium of this machine, driven by playwright-core. Neither is
 * needed for anything else, so both are looked for when the first picture is asked for.
 */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { PaperRoundError, reasonOf } from "../errors.ts";

export interface Picture {
  readonly html: string;
  /** In CSS pixels; the height is that of the page. */
  readonly width: number;
  readonly scheme: "light" | "dark";
}

/** Where systems keep Chromium, and what is made of it. */
const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Chromium can't make a taller picture; a letter of 500 papers is. */
const HEIGHT_MAX = 16_000;

/**
 * Returns a PNG of a whole page, which may run nothing and load nothing. `browser` is where Chromium
 * lies, or null to look for it. Throws BROWSER_MISSING.
 */
export async function takePicture(picture: Picture, browser: string | null): Promise<Buffer> {
  const executablePath = browser ?? PLACES.find((place) => existsSync(place));
  if (!executablePath || !existsSync(executablePath)) {
    const where = browser ? ` at ${browser} (preview.browser)` : "";
    throw new PaperRoundError("BROWSER_MISSING", `There is no Chromium${where}.`, {
      remedy: "Install it (Debian: apt install chromium), or name it in preview.browser.",
    });
  }
  const { chromium } = await playwright();
  const { width, scheme, html } = picture;
  // A letter is foreign text: what draws it learns none of the program's secrets, and stays in its
  // sandbox, which only refuses to work for root.
  const env = { HOME: homedir(), PATH: "/usr/local/bin:/usr/bin:/bin" };
  const chromiumSandbox = process.getuid?.() !== 0;
  const running = await chromium.launch({ executablePath, env, chromiumSandbox }).catch(refuse);
  try {
    const page = await running.newPage({
      colorScheme: scheme,
      javaScriptEnabled: false,
      viewport: { width, height: 800 },
    });
    await page.route("**/*", (route) => route.abort());
    await page.setContent(html);
    const height = Math.min((await page.locator("html").boundingBox())?.height ?? 800, HEIGHT_MAX);
    const clip = { x: 0, y: 0, width, height: Math.max(Math.ceil(height), 1) };
    return await page.screenshot({ fullPage: true, clip });
  } finally {
    await running.close();
  }
}

function refuse(cause: unknown): never {
  const [reason = ""] = reasonOf(cause).split("\n");
  throw new PaperRoundError("BROWSER_MISSING", `Chromium does not start: ${reason}`, {
    remedy: "Run it by hand to see why, or name another one in preview.browser.",
    cause,
  });
}

async function playwright(): Promise<typeof import("playwright-core")> {
  try {
    return await import("playwright-core");
  } catch (cause) {
    throw new PaperRoundError(
      "BROWSER_MISSING",
      `playwright-core can't be loaded: ${reasonOf(cause)}.`,
      { remedy: "Run `npm install --no-save playwright-core` in Paper Round's folder.", cause },
    );
  }
}
