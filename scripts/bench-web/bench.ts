/**
 * Measures how many pages of the archive `serve` gives out a second, beside nginx with the same bytes as
 * files: in turns, so that ratios hold whatever the machine does meanwhile. docs/benchmarks.md says how
 * to read it.
 *
 *     npm run bench:web -- [--editions 1000] [--papers 100000] [--rounds 5] [--seconds 4] [--json]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fillHome } from "./home.ts";
import { askWithWrk, type Asked } from "./load.ts";
import { startNginx, startOurs, type Served } from "./servers.ts";

const CONNECTIONS = 50;

const { values: options } = parseArgs({
  options: {
    editions: { type: "string", default: "1000" },
    papers: { type: "string", default: "100000" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    json: { type: "boolean", default: false },
  },
});

/** What is asked for: the newest edition alone, or all of them in turn. */
const WORKLOADS = [
  { name: "one edition, gzip", all: false, encoding: "gzip" },
  { name: "all editions in turn, gzip", all: true, encoding: "gzip" },
  { name: "one edition, not compressed", all: false, encoding: "identity" },
] as const;

interface Pair {
  readonly nginx: Asked;
  readonly ours: Asked;
}

const home = mkdtempSync(join(tmpdir(), "paperround-bench-"));
const servers: Served[] = [];
try {
  tell("papers and editions are made");
  const paths = await fillHome(home, Number(options.editions), Number(options.papers));
  const ours = await startOurs(home);
  servers.push(ours);
  const nginx = await startNginx(join(home, "nginx"), ours.url, paths);
  servers.push(nginx);
  const measured = new Map<string, Pair[]>();
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const { name, all, encoding } of WORKLOADS) {
      tell(`round ${round + 1} of ${options.rounds}: ${name}`);
      const asked = all ? paths : paths.slice(0, 1);
      const load = {
        folder: home,
        asked,
        encoding,
        connections: CONNECTIONS,
        seconds: Number(options.seconds),
      };
      const pair = { nginx: await askWithWrk(nginx, load), ours: await askWithWrk(ours, load) };
      measured.set(name, [...(measured.get(name) ?? []), pair]);
    }
  }
  const rows = [...measured].map(([name, pairs]) => ({ workload: name, ...rowOf(pairs) }));
  process.stdout.write(
    options.json ? `${JSON.stringify({ node: process.version, rows }, null, 2)}\n` : table(rows),
  );
} finally {
  for (const server of servers) await server.stop();
  rmSync(home, { recursive: true, force: true });
}

function rowOf(pairs: readonly Pair[]) {
  return {
    nginxPerSecond: spread(pairs.map(({ nginx }) => nginx.perSecond)),
    oursPerSecond: spread(pairs.map(({ ours }) => ours.perSecond)),
    ratio: spread(pairs.map(({ nginx, ours }) => ours.perSecond / nginx.perSecond)),
    nginxCpuMicros: spread(pairs.map(({ nginx }) => nginx.cpuMicros)),
    oursCpuMicros: spread(pairs.map(({ ours }) => ours.cpuMicros)),
  };
}

function spread(values: readonly number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return { median: at(Math.floor(sorted.length / 2)), min: at(0), max: at(sorted.length - 1) };
}

function table(rows: readonly ({ workload: string } & ReturnType<typeof rowOf>)[]): string {
  const show = ({ median, min, max }: ReturnType<typeof spread>, digits: number) =>
    [median, min, max].map((value) =>
      value.toLocaleString("en-US", { maximumFractionDigits: digits }),
    );
  const lines = rows.map((row) => {
    const [nginx, ours] = [show(row.nginxPerSecond, 0), show(row.oursPerSecond, 0)];
    const [ratio, least, most] = show(row.ratio, 2);
    return [
      row.workload,
      `  nginx  ${nginx[0]} a second (${nginx[1]} to ${nginx[2]}), CPU ${show(row.nginxCpuMicros, 1)[0]} µs each`,
      `  ours   ${ours[0]} a second (${ours[1]} to ${ours[2]}), CPU ${show(row.oursCpuMicros, 1)[0]} µs each`,
      `  ours / nginx in one round: ${ratio} (${least} to ${most})`,
      "",
    ].join("\n");
  });
  return lines.join("\n");
}

function tell(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${what}\n`);
}
