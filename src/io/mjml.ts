/**
 * Compiles MJML in a process of its own, which ends when there is nothing more to compile. MJML takes
 * 90 MB and is needed for a moment a day, while the program that sends runs for months.
 */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Compiled } from "./mjml-process.ts";

/** The process stays for this long after it has compiled something: previews come in rows. */
const IDLE_MS = 2000;

let compiler: Compiler | null = null;
/** How many want the process to stay, whether it has work or not. */
let keepers = 0;

interface Compiler {
  readonly process: ChildProcess;
  readonly waiting: Waiting[];
  idle: NodeJS.Timeout | null;
}

interface Waiting {
  readonly done: (html: string) => void;
  readonly failed: (error: Error) => void;
}

/** Returns the HTML of a mail. Throws what MJML finds wrong. */
export function compileMjml(source: string): Promise<string> {
  compiler ??= start();
  const { process: child, waiting, idle } = compiler;
  if (idle) clearTimeout(idle);
  compiler.idle = null;
  return new Promise((done, failed) => {
    waiting.push({ done, failed });
    // Whoever waits keeps this program alive; an idle compiler does not.
    child.ref();
    child.channel?.ref();
    child.send(source);
  });
}

/**
 * Starts the process before there is work for it, and has it stay, so that the next letter is set at
 * once. Returns what lets it go again.
 */
export function keepMjml(): () => void {
  keepers++;
  compiler ??= start();
  if (compiler.idle) clearTimeout(compiler.idle);
  if (compiler.waiting.length === 0) rest(compiler);
  return () => {
    keepers--;
    if (keepers === 0 && compiler?.waiting.length === 0) rest(compiler);
  };
}

function start(): Compiler {
  const child = fork(fileURLToPath(new URL("./mjml-process.ts", import.meta.url)), {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    execArgv: [],
    // Nothing of what the program was started with is its business.
    env: {},
  });
  const started: Compiler = { process: child, waiting: [], idle: null };
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-500)));
  child.stderr?.on("end", () => {});
  child.on("message", (answer: Compiled) => {
    const first = started.waiting.shift();
    if ("html" in answer) first?.done(answer.html);
    else first?.failed(new Error(answer.fault));
    if (started.waiting.length === 0) rest(started);
  });
  const ended = (why: string) => {
    if (compiler === started) compiler = null;
    for (const { failed } of started.waiting.splice(0)) failed(new Error(`MJML ended: ${why}`));
  };
  child.on("error", (error) => ended(error.message));
  child.on("close", (code, signal) => ended(said || String(signal ?? code)));
  return started;
}

function rest(resting: Compiler): void {
  const { process: child } = resting;
  child.unref();
  child.channel?.unref();
  (child.stderr as { unref?: () => void } | null)?.unref?.();
  // What is kept has no end of its own, but goes when this program goes: the channel closes then.
  if (keepers > 0) return;
  resting.idle = setTimeout(() => {
    if (compiler === resting) compiler = null;
    child.disconnect();
  }, IDLE_MS).unref();
}
