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
  const was = endAfter(today, before);
  const until = endAfter(today, after);
  if (was === until) return {};
  if (was === null) return { away_since: now, away_until: until };
  if (until !== null) return { away_until: until };
  // What came out earlier today was missed, too; what comes later today is a letter.
  return { away_until: Temporal.PlainDate.from(today).add({ days: 1 }).toString() };
}

/** A date that has passed is the end of no pause. */
function endAfter(today: CalendarDate, { pausedUntil }: Pausing): CalendarDate | null {
  return pausedUntil !== null && pausedUntil > today ? pausedUntil : null;
}
