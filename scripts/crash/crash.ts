/**
 * The kill suite: kills the program at random moments of a send, again and again, and holds what it
 * promises against the ledger of the mail server. Ends with 1 and says which promise broke.
 * `npm run crash`, or `npm run crash -- --letters 12000 --kills 24 --seed 7 --json`.
 */
import { randomInt } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compare, sendUnderKills, type Comparison } from "./killed-send.ts";

/** Letters and kills are shared out evenly between these numbers of connections. */
const CONNECTIONS = [10, 20] as const;

const { values: options } = parseArgs({
  options: {
    letters: { type: "string", default: "120000" },
    kills: { type: "string", default: "120" },
    seed: { type: "string", default: String(randomInt(1_000_000)) },
    json: { type: "boolean", default: false },
  },
});
const letters = numberOption("letters", options.letters);
const kills = numberOption("kills", options.kills);
const seed = numberOption("seed", options.seed);
if (letters < 100 * kills || kills < CONNECTIONS.length) {
  fail(`Give at least ${CONNECTIONS.length} kills, and 100 letters for each.`);
}

const COLUMNS: readonly (readonly [string, (row: Comparison) => number])[] = [
  ["connections", (row) => row.connections],
  ["letters", (row) => row.letters],
  ["kills", (row) => row.kills],
  ["accepted twice", (row) => row.acceptedTwice],
  ["silently skipped", (row) => row.silentlySkipped],
  ["recorded accepted but not", (row) => row.recordedAcceptedButNot],
  ["uncertain in all", (row) => row.uncertain],
  ["most uncertain after one kill", (row) => row.mostUncertainAfterOneKill],
  ["of the uncertain really accepted", (row) => row.uncertainReallyAccepted],
];

function numberOption(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  return fail(`--${name} must be a whole number, not "${text}".`);
}

function fail(sentence: string): never {
  process.stderr.write(`error ${sentence}\n`);
  process.exit(2);
}

/** Mulberry32: numbers from 0 up to 1, the same ones for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns `whole` in as many even parts as there are rows; the first ones take what is left over. */
function shares(whole: number): number[] {
  return CONNECTIONS.map((_, index) => Math.ceil((whole - index) / CONNECTIONS.length));
}

function table(rows: readonly Comparison[]): string {
  const cells = [
    COLUMNS.map(([title]) => title),
    ...rows.map((row) => COLUMNS.map(([, value]) => value(row).toLocaleString("en-US"))),
  ];
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, index) => cell.padStart(COLUMNS[index]?.[0].length ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = cells;
  const rule = `| ${COLUMNS.map(([title]) => `${"-".repeat(title.length - 1)}:`).join(" | ")} |`;
  return [line(head), rule, ...body.map(line)].join("\n");
}

/** Shows how far it is, where somebody watches. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

/** Sends both halves under kills. */
async function runSuite(folder: string): Promise<Comparison[]> {
  const random = randomNumbers(seed);
  const rows: Comparison[] = [];
  for (const [index, connections] of CONNECTIONS.entries()) {
    const half = join(folder, `${connections}-connections`);
    mkdirSync(half);
    const evidence = await sendUnderKills({
      folder: half,
      connections,
      letters: shares(letters)[index] ?? 0,
      kills: shares(kills)[index] ?? 0,
      random,
      onKill: (count) => progress(`${connections} connections: ${count} kills`),
    });
    rows.push(compare(evidence));
  }
  progress("");
  return rows;
}

const folder = mkdtempSync(join(tmpdir(), "paperround-crash-"));
const started = performance.now();
if (!options.json) process.stdout.write(`Seed ${seed}\n\n`);
const complaints: string[] = [];
try {
  const rows = await runSuite(folder);
  const seconds = Math.round((performance.now() - started) / 1000);
  const about = { letters, kills, seed, seconds, node: process.version, cores: cpus().length };
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ about, rows }, null, 2)}\n`
      : `${table(rows)}\n\n${seconds} s, Node ${about.node}, ${about.cores} cores\n`,
  );
  for (const { connections, broken } of rows) {
    complaints.push(...broken.map((words) => `broken, ${connections} connections. ${words}`));
  }
} catch (fault) {
  complaints.push(`error ${fault instanceof Error ? fault.message : String(fault)}`);
}
if (complaints.length > 0) {
  // What both sides wrote down stays, to be looked at.
  process.stderr.write(`${complaints.join("\n")}\nHomes and ledgers are in ${folder}\n`);
  process.exitCode = 1;
} else {
  rmSync(folder, { recursive: true, force: true });
}
