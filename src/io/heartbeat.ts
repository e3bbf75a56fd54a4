/**
 * A beat once a minute from node-cron. It carries no schedule: what is due is computed from the
 * database by whoever is called, so a missed or doubled beat does no harm.
 */
import { schedule } from "node-cron";

/** Calls `beat` every minute until the returned function is called; beats never overlap. */
export function startHeartbeat(beat: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  const task = schedule("* * * * *", () => {
    running ??= beat().finally(() => {
      running = null;
    });
  });
  return async () => {
    await task.destroy();
    await running;
  };
}
