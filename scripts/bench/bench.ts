/**
 * Measures how fast letters leave, beside the usual ways to send them: all to one sink, in turns, so
 * that ratios hold whatever the machine does meanwhile. docs/benchmarks.md says how to read it.
 *
 *     npm run bench -- [--letters 20000] [--rounds 3] [--quick] [--json]
 *     npm run bench -- --readers 1000000 [--json]
 *     npm run bench -- --letter [--json]
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { CONNECTIONS, makeHome, removeHome } from "./home.ts";
import { openJudges, type Judges } from "./judges.ts";
import { measureLetter } from "./letter.ts";
import { sendToMany } from "./million.ts";
import { opensslSignatures, smtpSource } from "./outside.ts";
import { sendBy, startSink, type Sink } from "./processes.ts";
import { reportOf, tableOf, type Round } from "./report.ts";
import { WAYS, type Way, type WayName } from "./ways.ts";

/** Fewer would say nothing of a way: each connection shall have some. */
const LETTERS_MIN = 40;
const MANY = 100_000;
const LETTER_TIMES = 30;
const QUICK = { letters: "1000", rounds: "1" };
const SMTP_SOURCE = "smtp-source, the same length";

const { values: options } = parseArgs({
  options: {
    letters: { type: "string" },
    rounds: { type: "string" },
    readers: { type: "string" },
    letter: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const asked = options.quick ? { ...QUICK, ...options } : options;
const letters = Number(asked.letters ?? 20_000);
const rounds = Number(asked.rounds ?? 3);
const opensslSeconds = options.quick ? 1 : 3;

if (options.letter) await measureOneLetter();
else await measureSending();

async function measureSending(): Promise<void> {
  const sink = await startSink();
  try {
    if (options.readers) await measureLongLists(sink, Number(options.readers));
    else await compareWays(sink);
  } finally {
    sink.close();
  }
}

async function measureOneLetter(): Promise<void> {
  const { entries, ...costs } = await measureLetter(LETTER_TIMES);
  const lines = Object.entries(costs).map(([what, values]) => {
    const [least, median, most] = values.map((value) => value.toFixed(value < 1 ? 3 : 1));
    return `${what} a letter of ${entries}: ${median} ms (${least} to ${most})\n`;
  });
  print({ node: process.version, entries, ...costs }, lines.join(""));
}

async function compareWays(sink: Sink): Promise<void> {
  const home = await makeHome(Math.max(letters, LETTERS_MIN));
  const judges = await openJudges(home);
  try {
    const measured: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      tell(`round ${round + 1} of ${rounds}`);
      measured.push(await oneRound(sink, home, judges));
    }
    const titles = Object.fromEntries(
      Object.entries(WAYS).map(([name, { title }]) => [name, title]),
    );
    const report = reportOf(
      measured,
      { ...titles, smtpSource: SMTP_SOURCE },
      {
        rounds,
        connections: CONNECTIONS,
        "bytes of a letter on the wire": measured[0]?.verdicts["plain"]?.wireBytes ?? 0,
        node: process.version,
        cores: availableParallelism(),
        "sink for servers that are near": sink.isNative ? "C" : "JavaScript (no C compiler found)",
        "not measured": "a network and TLS: client and sink share one machine over loopback",
      },
    );
    print(report, tableOf(report));
  } finally {
    await judges.close();
    removeHome(home);
  }
}

async function oneRound(sink: Sink, home: string, judges: Judges): Promise<Round> {
  const { ports } = sink;
  const sent: Record<string, Round["sent"][string]> = {};
  const roundTrips: Record<string, number> = {};
  const verdicts: Record<string, Round["verdicts"][string]> = {};
  for (const [name, way] of Object.entries(WAYS) as [WayName, Way][]) {
    const share = Math.max(Math.ceil(letters * way.share), LETTERS_MIN);
    sent[name] = await sendBy(name, { home, ports, letters: share });
    const { kept, steady, roundTripMs } = await sink.taken();
    if (roundTripMs > 0)
      roundTrips[name] = (steady.letters / steady.seconds) * (roundTripMs / 1000);
    const verdict = await judges.judge(way.title, kept, way.signed ?? false);
    verdicts[name] = verdict;
    if (name !== "plain") continue;
    // Beside the way that it is compared with.
    sent["smtpSource"] = (await smtpSource(ports.near, letters, verdict.wireBytes)) ?? undefined;
    await sink.taken();
  }
  const openssl = {
    oneCore: await opensslSignatures(opensslSeconds, 1),
    allCores: await opensslSignatures(opensslSeconds, availableParallelism()),
  };
  return { sent, roundTrips, verdicts, openssl };
}

async function measureLongLists(sink: Sink, readers: number): Promise<void> {
  const sends = [];
  for (const count of new Set([Math.min(MANY, readers), readers])) {
    tell(`${count} readers`);
    sends.push(await sendToMany(sink, count));
  }
  const lines = sends.map(
    ({ readers, seconds, cpuSeconds, peakRssMb }) =>
      `${readers} readers: ${seconds.toFixed(1)} s, ${Math.round(readers / seconds)} letters a second, ${((cpuSeconds * 1000) / readers).toFixed(3)} ms CPU each, peak ${Math.round(peakRssMb)} MB\n`,
  );
  print({ node: process.version, sends }, lines.join(""));
}

function print(result: object, text: string): void {
  process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : text);
}

function tell(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${what}\n`);
}
