/** The sink in C for servers that are near, where there is a compiler. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Ports, Taken } from "./sink.ts";

export interface NativeSink {
  readonly ports: Pick<Ports, "near" | "nearChunks">;
  /** Returns what was taken in since this was last called. */
  taken(): Promise<Pick<Taken, "letters" | "kept">>;
  close(): void;
}

/** Compiles and starts it; null where there is no compiler. */
export async function startNativeSink(): Promise<NativeSink | null> {
  const folder = mkdtempSync(join(tmpdir(), "paperround-sink-"));
  try {
    const binary = join(folder, "sink");
    const source = fileURLToPath(new URL("sink.c", import.meta.url));
    const compiled = await promisify(execFile)("cc", ["-O2", "-o", binary, source]).catch(
      (error: { code?: string }) => {
        if (error.code === "ENOENT") return null;
        throw error;
      },
    );
    return compiled && (await start(binary));
  } finally {
    // A program that runs needs its file no more.
    rmSync(folder, { recursive: true });
  }
}

async function start(binary: string): Promise<NativeSink> {
  const sink = spawn(binary, { stdio: ["pipe", "pipe", "inherit"] });
  let come = Buffer.alloc(0);
  sink.stdout.on("data", (chunk: Buffer) => (come = Buffer.concat([come, chunk])));

  async function bytes(length: number): Promise<Buffer> {
    while (come.length < length) await once(sink.stdout, "data");
    const taken = come.subarray(0, length);
    come = come.subarray(length);
    return taken;
  }

  /** Returns the words of the next line. */
  async function words(): Promise<string[]> {
    while (!come.includes("\n")) await once(sink.stdout, "data");
    const line = await bytes(come.indexOf("\n") + 1);
    return line.toString("latin1").trim().split(" ");
  }

  const [near, nearChunks] = (await words()).map(Number);
  if (!near || !nearChunks) throw new Error("The sink says no ports.");
  return {
    ports: { near, nearChunks },
    taken: async () => {
      sink.stdin.write("taken\n");
      const [letters = 0, count = 0] = (await words()).map(Number);
      const kept: { to: string; base64: string }[] = [];
      while (kept.length < count) {
        const [to = "", length] = await words();
        kept.push({ to, base64: (await bytes(Number(length))).toString("base64") });
      }
      return { letters, kept };
    },
    close: () => sink.stdin.end(),
  };
}
