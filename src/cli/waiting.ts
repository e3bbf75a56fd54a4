/** How a send tells what it waits for. */
import type { Wait } from "../mail/deliver.ts";
import type { Span } from "../mail/limits.ts";
import { minuteOf } from "./terminal.ts";

/** Returns "a second", "an hour": the span that a limit is for. */
export function perSpan(span: Span): string {
  return span === "hour" ? "an hour" : `a ${span}`;
}

/** Says what a send waits for, and why. */
export function waitText(wait: Wait): string {
  switch (wait.for) {
    case "limit":
      return `Waiting: the limit of letters ${perSpan(wait.span)} (smtp.limits) is reached.`;
    case "provider":
      return wait.interval > 0
        ? `Waiting for ${wait.provider}: a letter goes to it every ${spanOf(wait.interval)}, by its limit or since it complained of more.`
        : `Waiting for ${wait.provider}: as many letters as it may have at once are on their way.`;
    case "deferred":
      return `Waiting for letters that were deferred, the first until ${minuteOf(wait.until)} UTC.`;
    case "server":
      return `Waiting for the mail server, trying every minute: ${wait.fault.message}`;
  }
}

/** Returns "200 ms", "10 s" or "1.5 s". */
function spanOf(milliseconds: number): string {
  return milliseconds < 1000
    ? `${Math.round(milliseconds)} ms`
    : `${Math.round(milliseconds / 100) / 10} s`;
}
