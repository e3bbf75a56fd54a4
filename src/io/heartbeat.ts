/**
 * A beat once a minute from node-cron. It carries no schedule: what is due is computed from the
 * database by whoever is called, so a missed or doubled beat does no harm.
 */
import { AsyncResource } from "node:async_hooks";
import { schedule } from "node-cron";

export interface Heartbeat {
  /** Asks for a beat before its minute: now, or behind the one that is running; or after a while. */
  soon(delayMs?: number): void;
  /** Ends it, and waits for a beat that is running. */
  stop(): Promise<void>;
}

/**
 * Calls `beat` at once (what was missed while nothing ran need not wait) and then every minute; beats
 * never overlap. `say` is told of minutes that were missed; left out, nobody is.
 */
export function startHeartbeat(
  beat: () => Promise<void>,
  say: (text: string) => void = () => {},
): Heartbeat {
  let running: Promise<void> | null = null;
  let delayed: NodeJS.Timeout | null = null;
  let isWanted = false;
  let isStopped = false;
  // A visitor may ask for a beat, which is not to have a visitor's patience.
  const once = AsyncResource.bind(() => {
    running ??= beat().finally(() => {
      running = null;
      if (isWanted && !isStopped) now();
    });
  });
  const now = () => {
    isWanted = running !== null;
    if (!isWanted) once();
  };
  const soon = (delayMs = 0) => {
    if (delayMs === 0) return now();
    delayed ??= setTimeout(() => {
      delayed = null;
      now();
    }, delayMs);
  };
  once();
  const tell = (problem: string | Error) =>
    say(problem instanceof Error ? problem.message : problem);
  // Left to itself it writes lines in colour, between those of the log.
  const logger = { info: tell, warn: tell, error: tell, debug: () => {} };
  const task = schedule("* * * * *", () => once(), { logger });
  return {
    soon,
    stop: async () => {
      isStopped = true;
      if (delayed) clearTimeout(delayed);
      await task.destroy();
      await running;
    },
  };
}
