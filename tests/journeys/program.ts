/** Runs the real program as a user would: as a process of its own, in a home of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../home.ts";

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `paperround ARGS` in `cwd`; the environment holds nothing of ours but what is given. */
export function start(
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string>; user?: number | undefined },
): { child: ChildProcess; finished: Promise<Finished> } {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, [join(ROOT, "bin", "paperround.js"), ...args], {
    cwd: options.cwd,
    ...(options.user === undefined ? {} : { uid: options.user, gid: options.user }),
    env: { PATH, NO_COLOR: "1", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const finished = new Promise<Finished>((resolve) =>
    child.on("close", (code) => resolve({ code, stdout, stderr })),
  );
  return { child, finished };
}

/** Runs `paperround ARGS` to its end. */
export function run(
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<Finished> {
  return start(args, options).finished;
}
