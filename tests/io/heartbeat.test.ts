/** The clock of the schedule: it speaks through whom it is given, and never past the log. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startHeartbeat } from "../../src/io/heartbeat.ts";

const MINUTE_MS = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-04-15T08:00:30Z") });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("minutes that were slept through are told, and nothing is written beside the log", async () => {
  const written = [
    vi.spyOn(process.stderr, "write").mockReturnValue(true),
    ...(["log", "info", "warn", "error"] as const).map((name) =>
      vi.spyOn(console, name).mockReturnValue(),
    ),
  ];
  const told: string[] = [];
  let beats = 0;
  const heartbeat = startHeartbeat(
    () => Promise.resolve(void beats++),
    (text) => void told.push(text),
  );
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(beats).toBe(2);
  expect(told).toEqual([]);
  // The machine sleeps, and its clock is far ahead when it wakes.
  vi.setSystemTime(new Date("2026-04-15T09:10:45Z"));
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
  await heartbeat.stop();
  expect(told.join()).toMatch(/missed/);
  expect(written.flatMap((spy) => spy.mock.calls)).toEqual([]);
});
