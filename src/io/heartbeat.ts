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
 * never overlap.
 */
export function startHeartbeat(beat: () => Promise<void>): Heartbeat {
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
  // It would tell of missed beats in words of its own, on the stream of the log.
  const task = schedule("* * * * *", () => once(), { suppressMissedWarning: true });
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
