/**
 * How many letters a mail server may be given in a span of time. What was given already is counted in
 * the outbox, so a limit holds across restarts and for all programs that send at once.
 */
import type { Outbox } from "./outbox.ts";

/** Letters a second, minute, hour and day; one that is left out does not bind. */
export interface Limits {
  readonly second?: number | undefined;
  readonly minute?: number | undefined;
  readonly hour?: number | undefined;
  readonly day?: number | undefined;
}

export type Span = keyof Limits;

const SPANS: readonly (readonly [Span, number])[] = [
  ["second", 1000],
  ["minute", 60_000],
  ["hour", 3_600_000],
  ["day", 86_400_000],
];

/** Room for more letters, or the longest span whose limit is used up. */
export type Allowance = { readonly room: number } | { readonly spent: Span };

/** Returns how many more letters may be begun at `now`. */
export async function allowanceOf(
  limits: Limits,
  outbox: Pick<Outbox, "countTried">,
  now: Date,
): Promise<Allowance> {
  let room = Number.POSITIVE_INFINITY;
  let spent: Span | null = null;
  for (const [span, milliseconds] of SPANS) {
    const limit = limits[span];
    if (limit === undefined) continue;
    const since = new Date(now.getTime() - milliseconds).toISOString();
    const left = limit - (await outbox.countTried(since));
    if (left <= 0) spent = span;
    room = Math.min(room, left);
  }
  return spent ? { spent } : { room };
}

/** Whether a run waits until a limit leaves room again, or ends and goes on another time. */
export function isShort(span: Span): boolean {
  return span === "second" || span === "minute";
}
