/**
 * Sends by one way, in a process of its own so that CPU and memory are its alone. Started with
 * `fork`: takes an errand, answers with what it measured, and ends.
 */
import { WAYS, type Errand, type WayName } from "./ways.ts";

export interface Measured {
  readonly letters: number;
  readonly seconds: number;
  /** Of all threads of the process. */
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
}

process.once("message", async ({ way, ...errand }: Errand & { way: WayName }) => {
  const { send, close } = await WAYS[way].prepare(errand);
  const before = process.cpuUsage();
  const started = performance.now();
  const letters = await send();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  await close();
  const peakRssMb = process.resourceUsage().maxRSS / 1024;
  const measured: Measured = { letters, seconds, cpuSeconds: (user + system) / 1e6, peakRssMb };
  process.send?.(measured, () => process.disconnect());
});
