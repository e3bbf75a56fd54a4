/**
 * Cadences and their periods. A daily period is a local date of the newsletter's zone
 * ("2026-04-15"), a weekly one an ISO 8601 week ("2026-W16"), a monthly one a month ("2026-04").
 * Dates here are of the calendar: no clock and no zone can shift them.
 */
import dayjs from "dayjs";
import utc from "dayjs/plugin/utc.js";
import { Temporal } from "temporal-polyfill";
import { PaperRoundError } from "../errors.ts";
import type { Window } from "../papers/corpus.ts";
import { calendarDate, type CalendarDate } from "../papers/text.ts";

dayjs.extend(utc);

export const CADENCES = ["daily", "weekly", "monthly"] as const;
export type Cadence = (typeof CADENCES)[number];
export type Period = string & { readonly __brand: "Period" };

/** Returns the date that `text` writes. Throws DATE_INVALID. */
export function parseDate(text: string): CalendarDate {
  if (calendarDate(text) === text) return text;
  throw new PaperRoundError("DATE_INVALID", `"${text}" is not a date of the calendar.`);
}

/** Returns the local date at `now` in `timeZone`. */
export function localDate(now: Date, timeZone: string): CalendarDate {
  return Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString();
}

/** Returns the period of `cadence` that holds `date`. */
export function periodOf(cadence: Cadence, date: CalendarDate): Period {
  const day = Temporal.PlainDate.from(date);
  switch (cadence) {
    case "daily":
      return date as Period;
    case "weekly":
      return `${day.yearOfWeek}-W${String(day.weekOfYear).padStart(2, "0")}` as Period;
    case "monthly":
      return date.slice(0, 7) as Period;
  }
}

/** The days of a period, both included. */
export interface Days {
  readonly first: CalendarDate;
  readonly last: CalendarDate;
}

/** Returns the first and last day of a period. */
export function daysOf(cadence: Cadence, period: Period): Days {
  switch (cadence) {
    case "daily":
      return { first: period, last: period };
    case "weekly": {
      // ISO 8601: week 1 is the one that holds 4 January, and weeks begin on Monday.
      const fourth = Temporal.PlainDate.from(`${period.slice(0, 4)}-01-04`);
      const monday = fourth
        .subtract({ days: fourth.dayOfWeek - 1 })
        .add({ weeks: Number(period.slice(6)) - 1 });
      return { first: monday.toString(), last: monday.add({ days: 6 }).toString() };
    }
    case "monthly": {
      const first = Temporal.PlainDate.from(`${period}-01`);
      return { first: first.toString(), last: first.with({ day: first.daysInMonth }).toString() };
    }
  }
}

/** Returns `date` moved by `days`. */
export function addDays(date: CalendarDate, days: number): CalendarDate {
  return Temporal.PlainDate.from(date).add({ days }).toString();
}

/** Returns how many days `to` is after `from`. */
export function daysBetween(from: CalendarDate, to: CalendarDate): number {
  return Temporal.PlainDate.from(from).until(to, { largestUnit: "days" }).days;
}

/**
 * How far a daily edition looks back: over a long pause, and for papers that became known too late for
 * their own day. Older ones are no news.
 */
const DAYS_BACK_MAX = 7;

/**
 * Returns the days that an edition looks at. A daily one goes on where the daily edition before it
 * stopped, with what became known only since, so that no listing falls between two; it looks back over
 * a week at most. Weekly and monthly ones look at their own days.
 */
export function windowOf(
  cadence: Cadence,
  period: Period,
  previous: { readonly period: Period; readonly publishedAt: string } | null,
): Window {
  const { first, last } = daysOf(cadence, period);
  if (cadence !== "daily" || !previous) return { after: addDays(first, -1), upTo: last };
  const horizon = addDays(last, -DAYS_BACK_MAX);
  if (previous.period <= horizon) return { after: horizon, upTo: last };
  const latecomers = { after: horizon, knownSince: previous.publishedAt };
  return { after: previous.period, upTo: last, latecomers };
}

/** Returns the period as a heading: "Wednesday, 15 April 2026", "Week 16, 2026", "April 2026". */
export function periodTitle(cadence: Cadence, period: Period): string {
  switch (cadence) {
    case "daily":
      return dayjs.utc(period).format("dddd, D MMMM YYYY");
    case "weekly":
      return `Week ${Number(period.slice(6))}, ${period.slice(0, 4)}`;
    case "monthly":
      return dayjs.utc(`${period}-01`).format("MMMM YYYY");
  }
}

/** Returns "15 Apr 2026". */
export function shortDate(date: CalendarDate): string {
  return dayjs.utc(date).format("D MMM YYYY");
}

/** Returns "Monday" for a date of the week before `today`, else "13 Apr". */
export function weekdayOrDate(date: CalendarDate, today: CalendarDate): string {
  const days = daysBetween(date, today);
  return dayjs.utc(date).format(days >= 0 && days < 7 ? "dddd" : "D MMM");
}
