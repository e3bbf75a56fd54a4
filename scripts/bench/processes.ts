/** The processes of a run: the sink, and senders one after another. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { copyHome, removeHome } from "./home.ts";
import { startNativeSink } from "./native-sink.ts";
import type { Measured } from "./sender.ts";
import type { Ports, Taken } from "./sink.ts";
import { WAYS, type WayName } from "./ways.ts";

/** How bin/paperround.js runs the program: with a heap that is collected before it grows. */
export const HEAP = [
  "--min-semi-space-size=8",
  "--max-semi-space-size=8",
  "--optimize-for-size",
] as const;

export interface Sink {
  readonly ports: Ports;
  /** Whether letters to servers that are near are taken by the sink in C. */
  readonly isNative: boolean;
  /** Returns what was taken in since this was last called. */
  taken(): Promise<Taken>;
  close(): void;
}

export async function startSink(): Promise<Sink> {
  const sink = fork(scriptAt("sink.ts"));
  const ports = (await answerOf(sink)) as Ports;
  const native = await startNativeSink();
  return {
    ports: { ...ports, ...native?.ports },
    isNative: native !== null,
    taken: async () => {
      sink.send("taken");
      const taken = (await answerOf(sink)) as Taken;
      if (!native) return taken;
      const { letters, kept } = await native.taken();
      return { ...taken, letters: taken.letters + letters, kept: [...taken.kept, ...kept] };
    },
    close: () => {
      sink.disconnect();
      native?.close();
    },
  };
}

/** Has a process of its own send by that way from a copy of the home. */
export async function sendBy(
  way: WayName,
  { home, ports, letters }: { home: string; ports: Ports; letters: number },
): Promise<Measured> {
  const copy = copyHome(home);
  try {
    const sender = fork(scriptAt("sender.ts"), [], { execArgv: isOurs(way) ? [...HEAP] : [] });
    const ended = once(sender, "exit");
    sender.send({ way, home: copy, port: ports[WAYS[way].port], letters });
    const measured = (await answerOf(sender)) as Measured;
    await ended;
    if (measured.letters === letters) return measured;
    throw new Error(`${way}: of ${letters} letters ${measured.letters} were accepted.`);
  } finally {
    removeHome(copy);
  }
}

/** Returns the next message of a process. Throws when it ends without one. */
async function answerOf(child: ChildProcess): Promise<unknown> {
  const over = new AbortController();
  const { signal } = over;
  const ended = once(child, "exit", { signal }).then(([code]) => {
    throw new Error(`A process of the benchmark ended with ${code}.`);
  });
  try {
    const [answer] = await Promise.race([once(child, "message", { signal }), ended]);
    return answer;
  } finally {
    ended.catch(() => {});
    over.abort();
  }
}

/** Rivals run as their own documentation starts them. */
function isOurs(way: WayName): boolean {
  return WAYS[way].title.startsWith("ours");
}

function scriptAt(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
