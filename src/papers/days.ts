/** Counting with calendar dates. */
import { Temporal } from "temporal-polyfill";
import type { CalendarDate } from "./text.ts";

/** Returns the date so many days later, or earlier where `days` is negative. */
export function addDays(date: CalendarDate, days: number): CalendarDate {
  return Temporal.PlainDate.from(date).add({ days }).toString();
}

/** Returns every day from `since` to `until`, both included; oldest first. */
export function daysBetween(since: CalendarDate, until: CalendarDate): CalendarDate[] {
  const days: CalendarDate[] = [];
  for (let day = since; day <= until && days.length < DAYS_MAX; day = addDays(day, 1))
    days.push(day);
  return days;
}

/** Thirty years: more than any source looks back. */
const DAYS_MAX = 11_000;

/** Returns the date of a moment in UTC. */
export function utcDate(now: Date): CalendarDate {
  return now.toISOString().slice(0, 10);
}
