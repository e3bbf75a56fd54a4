/** Runs the real program as a child process, in a home of its own, with an environment of its own. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { addressOf, emptyHome, openApp, ROOT } from "../home.ts";

export const LAUNCHER = join(ROOT, "bin", "paperround.js");
/** The newer of the two days in the sample corpus. */
export const DAY = "2026-04-15";

export interface Ended {
  readonly exit: number | null;
  readonly out: string;
  readonly said: string;
}

/** Runs `paperround ARGV…` in `home` to its end, under `node` (this one if left out). */
export function paperround(
  home: string,
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  node = process.execPath,
): Promise<Ended> {
  const env = { PATH: process.env["PATH"], HOME: home, TZ: "UTC", NO_COLOR: "1", ...environment };
  return new Promise((resolve) => {
    const child = execFile(
      node,
      [LAUNCHER, ...argv],
      { cwd: home, env, timeout: 45_000, maxBuffer: 64 * 1024 * 1024 },
      (_, out, said) => resolve({ exit: child.exitCode, out, said }),
    );
  });
}

/** Returns a home with these files in it. */
export function homeWith(files: Readonly<Record<string, string>>): string {
  const home = emptyHome();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  }
  return home;
}

/** Returns a home with the sample corpus and these readers. */
export async function sampleHome(readers: readonly string[] = []): Promise<string> {
  const sample = readFileSync(join(ROOT, "data", "sample.jsonl"), "utf8");
  const home = homeWith({ "paperround.yaml": "smtp:\n  connections: 1\n", "sample.jsonl": sample });
  const { newsletter, subscribers, files } = await openApp({}, { home });
  await newsletter.gather([files([join(home, "sample.jsonl")], null)], () => {});
  const consent = { how: "added", detail: "test", at: `${DAY}T08:00:00.000Z` } as const;
  const people = readers.map((email) => addressOf(email));
  await subscribers.admit(
    people.map((address) => ({ address, cadence: "daily", textOnly: false, consent })),
  );
  return home;
}

/** Returns what a home's databases say, read in this process. */
export async function statusOf(home: string) {
  const { newsletter } = await openApp({}, { home });
  return newsletter.status();
}
