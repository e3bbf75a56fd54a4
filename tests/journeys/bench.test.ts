/** The benchmark runs and compares what it says; how fast anything is, no test asserts. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ROOT } from "../home.ts";

test("the benchmark sends by every way and prints letters a second and ratios", async () => {
  const argv = [
    join(ROOT, "scripts/bench/bench.ts"),
    "--letters",
    "100",
    "--rounds",
    "1",
    "--json",
  ];
  const { stdout } = await promisify(execFile)(process.execPath, argv);
  const { about, rows } = JSON.parse(stdout) as {
    about: { letters: number };
    rows: { way: string; lettersPerSecond: number; ratio: number }[];
  };
  expect(about.letters).toBe(100);
  expect(rows).toHaveLength(4);
  for (const { lettersPerSecond, ratio } of rows) {
    expect(lettersPerSecond).toBeGreaterThan(0);
    expect(ratio).toBeGreaterThan(0);
  }
});
