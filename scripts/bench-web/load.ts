/**
 * Asks a server for pages with wrk, which is of C: a client in Node would be slower than either server,
 * and so make them look alike.
 */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Served } from "./servers.ts";

export interface Load {
  /** Where the script for wrk may be written. */
  readonly folder: string;
  readonly asked: readonly string[];
  readonly encoding: string;
  readonly connections: number;
  readonly seconds: number;
}

export interface Asked {
  readonly perSecond: number;
  /** What the server's process took for each answer, in microseconds of CPU. */
  readonly cpuMicros: number;
}

/** Linux counts a process's time in hundredths of a second. */
const MICROS_PER_TICK = 10_000;

/** Asks for pages in turn. Throws where an answer is not a page. */
export async function askWithWrk(server: Served, load: Load): Promise<Asked> {
  const script = join(load.folder, "asked.lua");
  writeFileSync(script, luaOf(load));
  const before = cpuTicks(server.pid);
  const { stdout } = await promisify(execFile)("wrk", [
    "-t1",
    `-c${load.connections}`,
    `-d${load.seconds}s`,
    "-s",
    script,
    server.url,
  ]);
  const ticks = cpuTicks(server.pid) - before;
  const [, total] = /(\d+) requests in/.exec(stdout) ?? [];
  const [, perSecond] = /Requests\/sec: +([\d.]+)/.exec(stdout) ?? [];
  if (!total || !perSecond || /Non-2xx|Socket errors/.test(stdout)) {
    throw new Error(`wrk says: ${stdout}`);
  }
  return { perSecond: Number(perSecond), cpuMicros: (ticks * MICROS_PER_TICK) / Number(total) };
}

function luaOf({ asked, encoding }: Load): string {
  return `wrk.headers["Accept-Encoding"] = "${encoding}"
local requests, at = {}, 0
init = function()
  for path in ([[${asked.join("\n")}]]):gmatch("[^\\n]+") do
    table.insert(requests, wrk.format("GET", path))
  end
end
request = function()
  at = at % #requests + 1
  return requests[at]
end
`;
}

function cpuTicks(pid: number): number {
  // After the name in brackets, user and system time are the 12th and 13th fields.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
