/** A home of its own for each test, with the real program over it, gone when the test ends. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { assemble, type App } from "../src/assemble.ts";
import { readConfig, type Config } from "../src/config.ts";
import { isAddress, parseAddress, type Address } from "../src/subscribers/address.ts";

/** The repository. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Real data beside the repository; tests that use it say so when it is absent. */
export const SHARED = join(ROOT, "..", "shared");

/** Returns an address that a test has written right. */
export function addressOf(text: string): Address {
  const parsed = parseAddress(text);
  if (isAddress(parsed)) return parsed;
  throw new TypeError(`"${text}" ${parsed.invalid}.`);
}

/** Returns an empty folder that is removed when the test ends. */
export function emptyHome(): string {
  const home = mkdtempSync(join(tmpdir(), "paperround-test-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

/** The databases of an empty home, made once for all tests of a process: to make them takes longest of all. */
let blank: Promise<string> | null = null;

async function makeBlank(): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), "paperround-blank-"));
  process.once("exit", () => rmSync(home, { recursive: true, force: true }));
  await (await assemble(readConfig(home, { PAPERROUND_CONFIG: "" }))).close();
  return home;
}

/** Gives a home that has no databases empty ones. */
async function putDatabases(home: string): Promise<void> {
  const files = [join("data", "corpus.sqlite"), join("subscribers", "subscribers.sqlite")];
  if (files.some((file) => existsSync(join(home, file)))) return;
  const from = await (blank ??= makeBlank());
  for (const file of files) {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    copyFileSync(join(from, file), join(home, file));
  }
}

/** Returns the program over an empty home, closed when the test ends. */
export async function openApp(
  changes: Partial<Config> = {},
  options: { home?: string; now?: () => Date } = {},
): Promise<App> {
  const home = options.home ?? emptyHome();
  const config = { ...readConfig(home, { PAPERROUND_CONFIG: "" }), ...changes };
  await putDatabases(home);
  const now = options.now ?? (() => new Date("2026-04-15T08:00:00Z"));
  const app = await assemble(config, now);
  onTestFinished(() => app.close());
  return app;
}
