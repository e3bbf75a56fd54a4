/** A home of its own for each test, with the real program over it, gone when the test ends. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

/** Returns the program over an empty home, closed when the test ends. */
export async function openApp(
  changes: Partial<Config> = {},
  options: { home?: string; now?: () => Date } = {},
): Promise<App> {
  const home = options.home ?? emptyHome();
  const config = { ...readConfig(home, { PAPERROUND_CONFIG: "" }), ...changes };
  const app = await assemble(config, options.now ?? (() => new Date("2026-04-15T08:00:00Z")));
  onTestFinished(() => app.close());
  return app;
}
