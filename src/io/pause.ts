/** Waiting, which whoever waits may be spared. */
import { setTimeout as sleep } from "node:timers/promises";

/** Waits so many milliseconds, or until `signal` says that nobody waits any more. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, signal && { signal }).catch(() => {});
}
