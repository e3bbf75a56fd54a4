/**
 * A beat once a minute from node-cron. It carries no schedule: what is due is computed from the
 * database by whoever is called, so a missed or doubled beat does no harm.
 */
import { schedule } from "node-cron";

/**
 * Calls `beat` at once (what was missed while nothing ran need not wait) and then every minute; beats
 * never overlap. The returned function ends it and waits for a beat that is running.
 */
export function startHeartbeat(beat: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  const once = () => {
    running ??= beat().finally(() => {
      running = null;
    });
  };
  once();
  const task = schedule("* * * * *", once);
  return async () => {
    await task.destroy();
    await running;
  };
}
