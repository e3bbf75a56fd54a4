/**
 * From when until when a reader's latest pause lasts. The list keeps it beside what the reader chose: a form
 * knows a pause's end alone, and nothing of it once it is taken back.
 */
import { Temporal } from "temporal-polyfill";
import type { CalendarDate } from "../papers/text.ts";
import type { Preferences } from "./subscriber.ts";

/** When a reader chooses: the timestamp, and the date in the newsletter's zone. */
export interface Moment {
  readonly now: string;
  readonly today: CalendarDate;
}

type Pausing = Pick<Preferences, "pausedUntil">;

/** Returns what a reader's new choice changes of their latest pause: it begins, lasts or ends. */
export function awayChanges(before: Pausing, after: Pausing, { now, today }: Moment) {
  const was = pauseEnd(before, today);
  const until = pauseEnd(after, today);
  if (was === until) return {};
  if (was === null) return { away_since: now, away_until: until };
  if (until !== null) return { away_until: until };
  // What came out earlier today was missed, too; what comes later today is a letter.
  return { away_until: Temporal.PlainDate.from(today).add({ days: 1 }).toString() };
}

/** Returns when a pause that lasts ends, or null: a date that has passed is the end of none. */
export function pauseEnd({ pausedUntil }: Pausing, today: CalendarDate): CalendarDate | null {
  return pausedUntil !== null && pausedUntil > today ? pausedUntil : null;
}
