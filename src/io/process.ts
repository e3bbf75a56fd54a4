/**
 * Names this process so that another one can tell, after a crash, whether it still runs: by host,
 * boot, process id and start time (ids are reused, the pair is not).
 */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** `elsewhere`: on another host, or on a system where nothing can be told for certain. */
export type Fate = "alive" | "dead" | "rebooted" | "elsewhere";

/** Returns the name of this process. */
export function processName(): string {
  return [hostname(), bootId(), process.pid, startTime(process.pid) ?? ""].join("|");
}

/** Returns what became of the process with that name. */
export function fateOf(name: string): Fate {
  const [host, boot, pid, started] = name.split("|");
  if (host !== hostname()) return "elsewhere";
  // Without /proc a process id alone proves nothing, since ids are used again.
  if (!boot) return "elsewhere";
  if (boot !== bootId()) return "rebooted";
  try {
    process.kill(Number(pid), 0);
  } catch (thrown) {
    // EPERM: it runs, as another user.
    if ((thrown as NodeJS.ErrnoException).code !== "EPERM") return "dead";
  }
  const now = startTime(Number(pid));
  return now === null || String(now) === started ? "alive" : "dead";
}

function bootId(): string {
  return readOrNull("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
}

/** Clock ticks from boot to the start of the process (proc(5), field 22), or null without /proc. */
function startTime(pid: number): number | null {
  const stat = readOrNull(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The second field holds the program's name, which may contain anything, in parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[19]);
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
