/**
 * Sends one edition with a program that is killed again and again, and compares what the program
 * wrote down with what the mail server did. The program is the real command in a home of its own,
 * killed with SIGKILL: no handler runs and nothing is flushed.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../bin/paperround.js", import.meta.url));
const SAMPLE = fileURLToPath(new URL("../../data/sample.jsonl", import.meta.url));
const SERVER = fileURLToPath(new URL("ledger-server.ts", import.meta.url));
const SEND = ["send", "--date", "2026-04-15", "--json", "--yes"];
/** `outbox list` shows no more than this. */
const LISTED_MAX = 1000;
/** A kill waits up to this long after its letter, so that it does not always follow a reply. */
const DELAY_MAX_MS = 5;
/** A program that has sent nothing for this long is stuck. */
const STUCK_MS = 120_000;

export interface KilledSend {
  /** Where the home and the server's ledger are made. */
  readonly folder: string;
  readonly connections: number;
  readonly letters: number;
  readonly kills: number;
  /** Returns a number from 0 up to 1. */
  readonly random: () => number;
  readonly onKill?: (kills: number) => void;
}

/** What both sides wrote down. */
export interface Evidence {
  readonly connections: number;
  readonly readers: readonly string[];
  /** Recipients of the letters that the server took, in that order. */
  readonly taken: readonly string[];
  /** The program's own ledger: the state of each reader's delivery. */
  readonly states: ReadonlyMap<string, string>;
  /** How many became uncertain by each kill. */
  readonly uncertainByKill: readonly number[];
  /** Whom `outbox list` shows as uncertain. */
  readonly listed: readonly string[];
  /** How many letters the server took in the run after the one that sent all. */
  readonly takenAgain: number;
}

/** Sends an edition under kills, then to its end, then once more, and returns the evidence. */
export async function sendUnderKills(options: KilledSend): Promise<Evidence> {
  const { folder, connections, letters, kills } = options;
  const home = join(folder, "home");
  const ledgerFile = join(folder, "ledger.txt");
  mkdirSync(home, { recursive: true });
  writeFileSync(ledgerFile, "");
  const server = await startServer(ledgerFile);
  const ledger = followLedger(ledgerFile);
  try {
    const readers = Array.from(
      { length: letters },
      (_, index) => `reader.${String(index + 1).padStart(6, "0")}@example.org`,
    );
    writeFileSync(join(home, "paperround.yaml"), `smtp:\n  connections: ${connections}\n`);
    writeFileSync(join(home, "readers.csv"), ["email", ...readers, ""].join("\n"));
    const program = { home, smtpUrl: `smtp://127.0.0.1:${server.port}` };
    await runToEnd(program, ["gather", "--from", SAMPLE]);
    await runToEnd(program, ["subscribers", "import", "readers.csv"]);

    const uncertainByKill: number[] = [];
    let uncertainBefore = 0;
    for (let left = kills; left > 0; left--) {
      if (!(await killInTheMiddle(program, ledger, options, left))) break;
      // Nobody has looked yet at what the dead program left: what it was sending is uncertain.
      const uncertain = statesIn(home, ["sending", "uncertain"]);
      uncertainByKill.push(uncertain.size - uncertainBefore);
      uncertainBefore = uncertain.size;
      options.onKill?.(uncertainByKill.length);
    }
    await runToEnd(program, SEND);
    const before = ledger.read().length;
    await runToEnd(program, SEND);
    const takenAgain = ledger.read().length - before;
    const list = await runToEnd(program, ["outbox", "list", "--state", "uncertain", "--json"]);
    const listed = (JSON.parse(list) as { address: string }[]).map(({ address }) => address);
    const states = statesIn(home);
    return {
      connections,
      readers,
      taken: ledger.read(),
      states,
      uncertainByKill,
      listed,
      takenAgain,
    };
  } finally {
    ledger.close();
    server.process.stdin?.end();
  }
}

/** What the table shows of one send. */
export interface Comparison {
  readonly connections: number;
  readonly letters: number;
  readonly kills: number;
  readonly acceptedTwice: number;
  readonly silentlySkipped: number;
  readonly recordedAcceptedButNot: number;
  readonly uncertain: number;
  readonly mostUncertainAfterOneKill: number;
  readonly uncertainReallyAccepted: number;
  /** The promises that were broken, in words. */
  readonly broken: readonly string[];
}

/** Holds the program's ledger against the server's. */
export function compare(evidence: Evidence): Comparison {
  const { connections, readers, taken, states, uncertainByKill, listed, takenAgain } = evidence;
  const reached = new Set(taken);
  const inState = (state: string) => readers.filter((reader) => states.get(reader) === state);
  const uncertain = inState("uncertain");
  const isUncertain = new Set(uncertain);
  const acceptedTwice = taken.length - reached.size;
  const silentlySkipped = readers.filter(
    (reader) => !reached.has(reader) && !isUncertain.has(reader),
  ).length;
  const recordedAcceptedButNot = inState("accepted").filter(
    (reader) => !reached.has(reader),
  ).length;
  const mostUncertainAfterOneKill = Math.max(0, ...uncertainByKill);
  const unlisted = Math.min(uncertain.length, LISTED_MAX) - new Set(listed).size;
  const byKills = uncertainByKill.reduce((sum, each) => sum + each, 0);
  const strangers = listed.filter((reader) => !isUncertain.has(reader)).length;
  const broken = [
    acceptedTwice > 0 && `Never twice: the server took ${acceptedTwice} letters once more.`,
    silentlySkipped > 0 &&
      `Never silently not at all: ${silentlySkipped} readers got nothing and are not uncertain.`,
    recordedAcceptedButNot > 0 &&
      `Accepted means accepted: the server never had ${recordedAcceptedButNot} letters that are recorded so.`,
    mostUncertainAfterOneKill > connections &&
      `At most one uncertain per open connection: one kill left ${mostUncertainAfterOneKill} over ${connections} connections.`,
    (unlisted !== 0 || strangers > 0) &&
      `Uncertain ones are listed: the ledger has ${uncertain.length}, \`outbox list\` shows ${listed.length}.`,
    byKills !== uncertain.length &&
      `Uncertain ones stay uncertain: kills made ${byKills}, in the end there are ${uncertain.length}.`,
    takenAgain > 0 &&
      `Run it as often as you like: a run with nothing left to send sent ${takenAgain}.`,
  ].filter((words) => words !== false);
  return {
    connections,
    letters: readers.length,
    kills: uncertainByKill.length,
    acceptedTwice,
    silentlySkipped,
    recordedAcceptedButNot,
    uncertain: uncertain.length,
    mostUncertainAfterOneKill,
    uncertainReallyAccepted: uncertain.filter((reader) => reached.has(reader)).length,
    broken,
  };
}

interface Program {
  readonly home: string;
  readonly smtpUrl: string;
}

interface Ledger {
  /** Returns the recipients of all letters that the server took so far. */
  read(): readonly string[];
  close(): void;
}

/**
 * Starts a send and kills it in the middle: when it has sent a number of letters that leaves room for
 * the other kills, and then some milliseconds later. False when it ended before.
 */
async function killInTheMiddle(
  program: Program,
  ledger: Ledger,
  { letters, random }: KilledSend,
  killsLeft: number,
): Promise<boolean> {
  let seen = ledger.read().length;
  const share = (letters - seen) / (killsLeft + 1);
  const target = seen + 1 + Math.floor(random() * 1.5 * share);
  const delay = random() * DELAY_MAX_MS;
  const { child, finished } = start(program, SEND);
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  for (let since = performance.now(); isRunning() && seen < target; await sleep(1)) {
    const now = ledger.read().length;
    if (now > seen) since = performance.now();
    seen = now;
    if (performance.now() - since < STUCK_MS) continue;
    child.kill("SIGKILL");
    throw new Error(`The program sent nothing for ${STUCK_MS / 1000} seconds.`);
  }
  await sleep(delay);
  child.kill("SIGKILL");
  const { code, stderr } = await finished;
  if (code !== null && !isFine(code)) throw new Error(`The program ended with ${code}: ${stderr}`);
  return code === null;
}

interface Finished {
  /** Null for one that was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(
  { home, smtpUrl }: Program,
  args: readonly string[],
): { child: ChildProcess; finished: Promise<Finished> } {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: home,
    env: { PATH, NO_COLOR: "1", SMTP_URL: smtpUrl },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { child, finished };
}

async function runToEnd(program: Program, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await start(program, args).finished;
  if (code === null || !isFine(code)) {
    throw new Error(`paperround ${args.join(" ")} ended with ${code}: ${stderr}`);
  }
  return stdout;
}

/** 4 is "partly sent", which is what uncertain letters leave a send with. */
function isFine(code: number): boolean {
  return code === 0 || code === 4;
}

/** Returns the readers with their deliveries' states, of all deliveries or of those in some states. */
function statesIn(home: string, states: readonly string[] = []): Map<string, string> {
  const file = join(home, "subscribers", "subscribers.sqlite");
  const db = new DatabaseSync(file, { readOnly: true });
  const rows = db
    .prepare(
      `select address, deliveries.state as state from deliveries
        join subscribers on subscribers.key = subscriber_key
        where ?1 = '[]' or deliveries.state in (select value from json_each(?1))`,
    )
    .all(JSON.stringify(states)) as { address: string; state: string }[];
  db.close();
  return new Map(rows.map(({ address, state }) => [address, state]));
}

/** Reads a file of lines as it grows. */
function followLedger(file: string): Ledger {
  const fd = openSync(file, "r");
  const chunk = Buffer.alloc(65_536);
  const lines: string[] = [];
  let rest = "";
  function read(): readonly string[] {
    for (let bytes = readSync(fd, chunk); bytes > 0; bytes = readSync(fd, chunk)) {
      const parts = (rest + chunk.toString("latin1", 0, bytes)).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
    }
    return lines;
  }
  return { read, close: () => closeSync(fd) };
}

function startServer(ledgerFile: string): Promise<{ process: ChildProcess; port: number }> {
  const server = spawn(process.execPath, [SERVER, ledgerFile], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`The mail server ended with ${code}.`)));
    server.stdout.once("data", (line: Buffer) => resolve({ process: server, port: Number(line) }));
  });
}
