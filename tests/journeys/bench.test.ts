/** The benchmark runs and compares what it says; how fast anything is, no test asserts. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ROOT } from "../home.ts";

interface Spread {
  median: number;
  min: number;
  max: number;
}

interface Report {
  rows: { way: string; letters: number; lettersPerSecond: Spread; cpuMsPerLetter: Spread }[];
  ratios: { name: string; goal: string; value: Spread }[];
  judged: { letters: number; signatures: number };
  missing: string[];
}

async function bench(...options: string[]): Promise<unknown> {
  const argv = [join(ROOT, "scripts/bench/bench.ts"), ...options, "--json"];
  return JSON.parse((await promisify(execFile)(process.execPath, argv)).stdout);
}

test("the benchmark sends by every way, has letters of each judged, and compares them", async () => {
  const { rows, ratios, judged, missing } = (await bench("--quick")) as Report;
  const ways =
    "naive pool poolSigned plain plainChunks ledgerNormal ledger signedAlone signed signedLedger farPool far farChunks";
  // What is not ours may not be installed.
  expect(rows.map(({ way }) => way).filter((way) => way !== "smtpSource")).toEqual(ways.split(" "));
  expect(rows).toHaveLength(missing.some((name) => name.startsWith("smtp-source")) ? 13 : 14);
  for (const { letters, lettersPerSecond, cpuMsPerLetter } of rows) {
    expect(letters).toBeGreaterThanOrEqual(40);
    for (const { median, min, max } of [lettersPerSecond, cpuMsPerLetter]) {
      expect(min).toBeGreaterThan(0);
      expect(min).toBeLessThanOrEqual(median);
      expect(max).toBeGreaterThanOrEqual(median);
    }
  }
  expect(ratios.length).toBeGreaterThanOrEqual(10);
  for (const { value } of ratios) expect(value.median).toBeGreaterThan(0);
  // Some of each way, and of the four that sign each letter's signature.
  expect(judged.letters).toBeGreaterThan(13 * 10);
  expect(judged.signatures).toBeGreaterThan(4 * 10);
});

test("setting, checking and printing a letter are told", async () => {
  const { entries, ...costs } = (await bench("--letter")) as Record<string, number[]>;
  expect(entries).toBe(12);
  for (const what of ["setting", "checking", "printing"]) {
    const [least = 0, median = 0, most = 0] = costs[what] ?? [];
    expect(least).toBeGreaterThan(0);
    expect([least, median, most].toSorted((a, b) => a - b)).toEqual([least, median, most]);
  }
});

test("a long list is sent to by the program itself, with its time and memory told", async () => {
  const { sends } = (await bench("--readers", "500")) as {
    sends: { readers: number; seconds: number; peakRssMb: number }[];
  };
  expect(sends.map(({ readers }) => readers)).toEqual([500]);
  expect(sends[0]?.seconds).toBeGreaterThan(0);
  expect(sends[0]?.peakRssMb).toBeGreaterThan(0);
});

test("choosing from a large corpus is told", async () => {
  const argv = [join(ROOT, "scripts/bench/ranking.ts"), "3000"];
  const { stdout } = await promisify(execFile)(process.execPath, argv);
  expect(stdout).toContain("1500 candidates in a corpus of 3000: median ");
});
