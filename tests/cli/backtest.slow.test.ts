/** `paperround backtest` as a user runs it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { addBacktest } from "../../src/cli/backtest.ts";
import { DAY, idOf, recorded } from "../backtest/recorded.ts";
import { emptyHome, ROOT } from "../home.ts";
import { homeWith, paperround } from "./program.ts";

const SEEN = [
  { paper: 1, at: `${DAY}T02:00:00Z`, position: 2 },
  { paper: 2, at: `${DAY}T02:00:00Z`, position: 1 },
];
const FITTED = join(ROOT, "src/editions/ranking-parameters.json");

/** Returns a file of parameters that make of the best places the worst. */
function upsideDown(home: string): string {
  const fitted = JSON.parse(readFileSync(FITTED, "utf8")) as {
    parameters: { place: { position: number } };
  };
  fitted.parameters.place.position = 5;
  const file = join(home, "other fit.json");
  writeFileSync(file, JSON.stringify(fitted));
  return file;
}

/** Runs the command in this process, to see what it refuses. */
async function run(...argv: readonly string[]): Promise<void> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addBacktest(program);
  await program.parseAsync(["backtest", ...argv], { from: "user" });
}

test("recorded days are replayed in a home of any time zone, with a chart", async () => {
  const home = homeWith({ "paperround.yaml": "newsletter: { timeZone: America/Los_Angeles }\n" });
  const argv = ["backtest", recorded(SEEN), "--hours", "5,3,5", "--svg", "chart.svg"];
  const { exit, out, said } = await paperround(home, argv);
  expect(exit).toBe(0);
  expect(out).toMatch(/At 03:00 UTC, 1 day\b[^]*At 05:00 UTC, 1 day\b[^]*No votes or places known/);
  expect(out).not.toContain("With ");
  // The days of the test are among those of the fit.
  expect(said).toMatch(/^The ranking was fitted to lists of 1 day of these\..*\n.*$/);
  expect(readFileSync(join(home, "chart.svg"), "utf8")).toMatch(/^<svg [^]*>03:00 UTC<[^]*<\/svg>/);
});

test("what rules and parameters would change is told by edition, as JSON too", async () => {
  const home = emptyHome();
  const folder = recorded(SEEN);
  const shorter = ["backtest", folder, "--hours", "3", "--entries", "2", "--diff", "entries=1"];
  const [words, json] = await Promise.all([
    paperround(home, [...shorter, "--diff", "variety=0.3"]),
    paperround(home, [...shorter, "--diff", `parameters=${upsideDown(home)}`, "--json"]),
  ]);
  expect(words.out).toContain("With entries=1, variety=0.3");
  expect(words.out).toMatch(new RegExp(`${DAY} at 03:00 UTC\n  - ${idOf(1)}\n`));
  const told = JSON.parse(json.out) as Record<string, unknown>;
  expect(Object.keys(told)).toEqual(["rows", "readings", "changed", "differences"]);
  expect(told["differences"]).toContainEqual({
    sendHour: 3,
    period: DAY,
    added: [],
    dropped: [idOf(2)],
  });
});

test("what can't be meant or read is said before anything is replayed", async () => {
  const home = homeWith({ "no.json": "{", "half.json": '{"parameters":{"paper":{"base":1}}}' });
  const folder = recorded(SEEN);
  const refused = [
    [["--hours", "24"], /Hours are numbers from 0 to 23/],
    [["--hours", "six"], /Hours are numbers from 0 to 23/],
    [["--entries", "0"], /An edition leads with 1 to 60 papers/],
    [["--diff", "variety"], /--diff takes key=value, not "variety"\./],
    [["--diff", "variety=2"], /--diff variety=2 can't be used: variety/],
    [["--diff", "varieties=1"], /can't be used: .*varieties/],
    [["--diff", "entries=61"], /can't be used: entries/],
    [["--diff", `parameters=${home}/none.json`], /none\.json can't be read: there is no such file/],
    [["--diff", `parameters=${home}/no.json`], /no\.json is no JSON: /],
    [["--diff", `parameters=${home}/half.json`], /\(parameters\.paper\.cues: /],
  ] as const;
  for (const [argv, words] of refused) await expect(run(folder, ...argv)).rejects.toThrow(words);
});

test("a folder without a recording is refused, and a chart that can't be written", async () => {
  await expect(run("nowhere")).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  const chart = join(emptyHome(), "nowhere", "chart.svg");
  const failed = run(recorded(SEEN), "--hours", "3", "--svg", chart);
  await expect(failed).rejects.toThrow(/chart\.svg can't be written: there is no such/);
});
