/**
 * Measures how fast letters leave, beside the usual ways to send them: all to one sink, in turns
 * within one run, so that ratios hold whatever the machine does meanwhile. `npm run bench`, or
 * `npm run bench -- --letters 2000 --rounds 5 --json`.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createTransport } from "nodemailer";
import { assemble, type App } from "../../src/assemble.ts";
import { readConfig } from "../../src/config.ts";
import { isPublished, type Edition } from "../../src/editions/edition.ts";
import { smtpTransport } from "../../src/mail/smtp.ts";
import { isAddress, parseAddress } from "../../src/subscribers/address.ts";

const DAY = "2026-04-15";
const CONNECTIONS = 10;
const SAMPLE = fileURLToPath(new URL("../../data/sample.jsonl", import.meta.url));
const CONSENT = { how: "added", detail: "bench", at: "2026-04-01T00:00:00.000Z" } as const;

const { values: options } = parseArgs({
  options: {
    letters: { type: "string", default: "1000" },
    rounds: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
  },
});
const letters = Number(options.letters);
const rounds = Number(options.rounds);

interface World {
  readonly app: App;
  readonly edition: Edition;
  readonly port: number;
  readonly readers: readonly string[];
}

/** Each way sends one letter to every reader; what it prepares beforehand is in its time too. */
const WAYS: Readonly<Record<string, (world: World) => Promise<void>>> = {
  "MJML for every reader, nodemailer pool": async (world) => {
    // A hundredth of the letters: it takes as long as a hundred times the others.
    await viaPool(world, world.readers.slice(0, Math.ceil(letters / 100)), true);
  },
  "letter set once, nodemailer pool": (world) => viaPool(world, world.readers, false),
  "ours, without the ledger": withoutLedger,
  "ours, with the ledger": withLedger,
};

async function viaPool(
  world: World,
  readers: readonly string[],
  everyTime: boolean,
): Promise<void> {
  const { app, edition, port } = world;
  const pool = createTransport({
    pool: true,
    host: "127.0.0.1",
    port,
    ignoreTLS: true,
    maxConnections: CONNECTIONS,
    maxMessages: Number.POSITIVE_INFINITY,
  });
  let letter = await app.newsletter.set(edition);
  const waiting = readers.values();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (const to of waiting) {
        if (everyTime) letter = await app.newsletter.set(edition);
        const { subject, text, html } = letter.unaddressed;
        await pool.sendMail({
          from: "letters@example.org",
          to,
          subject,
          text: `${text}\n${to}\n`,
          ...(html !== null && { html: html.replace("</body>", `<p>${to}</p></body>`) }),
        });
      }
    }),
  );
  pool.close();
}

async function withoutLedger({ app, edition, port, readers }: World): Promise<void> {
  const letter = await app.newsletter.set(edition);
  const transport = smtpTransport({
    url: new URL(`smtp://127.0.0.1:${port}`),
    connections: CONNECTIONS,
    allowPlaintext: false,
  });
  const shared = app.newsletter.share(edition, letter);
  const waiting = readers.entries();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const lane = transport.openLane();
      for (const [index, to] of waiting) {
        const message = await shared.for({
          to,
          messageId: `${index}@example.org`,
          date: new Date(),
          unsubscribeUrl: `https://papers.example.org/unsubscribe/${index}`,
          slots: Object.fromEntries(SLOT_NAMES.map((name) => [name, `${name}-of-${to}`])),
        });
        await lane.send(message, async () => {});
      }
      lane.close();
    }),
  );
}

const SLOT_NAMES = [
  "address",
  "unsubscribe",
  "preferences",
  "htmlAddress",
  "htmlUnsubscribe",
  "htmlPreferences",
];

async function withLedger({ app }: World): Promise<void> {
  const { counts } = await app.newsletter.send("daily", DAY, {});
  if (counts.accepted !== letters)
    throw new Error(`Only ${counts.accepted} letters were accepted.`);
}

async function openWorld(port: number): Promise<World & { close: () => Promise<void> }> {
  const home = mkdtempSync(join(tmpdir(), "paperround-bench-"));
  const defaults = readConfig(home, {});
  const app = await assemble({
    ...defaults,
    smtpUrl: new URL(`smtp://127.0.0.1:${port}`),
    smtp: { connections: CONNECTIONS, limits: {}, allowPlaintext: false },
  });
  await app.newsletter.gather([app.files([SAMPLE], null)], () => {});
  const readers = Array.from({ length: letters }, (_, index) => `reader.${index}@example.org`);
  await app.subscribers.admit(
    readers
      .map(parseAddress)
      .filter(isAddress)
      .map((address) => ({
        address,
        cadence: "daily",
        textOnly: false,
        consent: CONSENT,
      })),
  );
  const edition = await app.newsletter.publish("daily", DAY);
  if (!isPublished(edition)) throw new Error("The sample edition was not published.");
  const close = async () => {
    await app.close();
    rmSync(home, { recursive: true, force: true });
  };
  return { app, edition, port, readers, close };
}

function startSink(): Promise<{ process: ChildProcess; port: number }> {
  const sink = spawn(process.execPath, [fileURLToPath(new URL("sink.ts", import.meta.url))], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve) => {
    sink.stdout.once("data", (line: Buffer) => resolve({ process: sink, port: Number(line) }));
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const sink = await startSink();
const rates = new Map<string, number[]>(Object.keys(WAYS).map((name) => [name, []]));
let bytes = 0;
try {
  for (let round = 0; round < rounds; round++) {
    for (const [name, way] of Object.entries(WAYS)) {
      const world = await openWorld(sink.port);
      const letter = await world.app.newsletter.set(world.edition);
      bytes = Buffer.byteLength(letter.html) + Buffer.byteLength(letter.text);
      const count = name.startsWith("MJML") ? Math.ceil(letters / 100) : letters;
      const started = performance.now();
      await way(world);
      rates.get(name)?.push((count * 1000) / (performance.now() - started));
      await world.close();
    }
  }
} finally {
  sink.process.kill("SIGTERM");
}

const base = median(rates.get("letter set once, nodemailer pool") ?? []);
const rows = [...rates].map(([way, each]) => ({
  way,
  lettersPerSecond: Math.round(median(each)),
  ratio: Math.round((median(each) / base) * 100) / 100,
}));
const about = {
  letters,
  rounds,
  connections: CONNECTIONS,
  letterBytes: bytes,
  node: process.version,
  cores: cpus().length,
  notMeasured: "a network: client and sink share one machine over loopback",
};
if (options.json) {
  process.stdout.write(`${JSON.stringify({ about, rows }, null, 2)}\n`);
} else {
  process.stdout.write(
    `${letters} letters of ${Math.round(bytes / 1024)} KB (HTML and text), ${CONNECTIONS} connections, median of ${rounds} rounds, Node ${process.version}, ${cpus().length} cores\n\n`,
  );
  for (const { way, lettersPerSecond, ratio } of rows) {
    process.stdout.write(`${way.padEnd(42)} ${String(lettersPerSecond).padStart(6)}/s  ${ratio}\n`);
  }
  process.stdout.write(`\nNot measured: ${about.notMeasured}.\n`);
}
