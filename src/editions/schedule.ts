/**
 * Says which rounds are due at a moment: a daily one every day, a weekly one on the Monday after its week,
 * a monthly one on the first after its month. Pure: the last round that was decided comes from the
 * archive, the clock from the caller. The local date is the round's name, so a change of the clocks
 * can't make two of one day or none.
 */
import { Temporal } from "temporal-polyfill";
import {
  addDays,
  daysBetween,
  daysOf,
  localDate,
  periodOf,
  type Cadence,
  type Period,
} from "./period.ts";
import type { CalendarDate } from "../papers/text.ts";

export interface ScheduleRules {
  readonly timeZone: string;
  /** Local time of day, "07:00". */
  readonly daily: string;
  readonly latestHours: number;
}

export interface Round {
  readonly cadence: Cadence;
  readonly period: Period;
  /** `due`: send now. `late`: past the maximum lateness; record why and go on. */
  readonly verdict: "due" | "late";
  readonly dueAt: Date;
  /** Until when a due round may still wait for papers. */
  readonly until: Date;
  /** Whether it is the last of its cadence that has come due. */
  readonly isLatest: boolean;
}

/** After a long absence only rounds of the newest days are accounted for one by one. */
const DAYS_MAX = 31;

/**
 * Returns the rounds of a cadence not yet decided at `now`, oldest first. `lastDecided` is null before the
 * first round ever: then only today counts.
 */
export function roundsDue(
  rules: ScheduleRules,
  now: Date,
  lastDecided: Period | null,
  cadence: Cadence = "daily",
): Round[] {
  const today = localDate(now, rules.timeZone);
  const behind = lastDecided ? daysBetween(daysOf(cadence, lastDecided).last, today) : 1;
  const rounds: Omit<Round, "isLatest">[] = [];
  for (let days = Math.min(behind, DAYS_MAX) - 1; days >= 0; days--) {
    const day = addDays(today, -days);
    const period = roundOn(day, cadence);
    if (period === null || (lastDecided !== null && period <= lastDecided)) continue;
    const dueAt = dueTime(rules, day);
    const until = new Date(dueAt.getTime() + rules.latestHours * 3_600_000);
    if (now < dueAt) continue;
    const late = now > until;
    // A home that was set up after its first hour has missed nothing.
    if (late && lastDecided === null) continue;
    rounds.push({ cadence, period, dueAt, until, verdict: late ? "late" : "due" });
  }
  return rounds.map((round, index) => ({ ...round, isLatest: index === rounds.length - 1 }));
}

/** Returns when the round of a cadence after `now` is due. */
export function nextDue(
  rules: ScheduleRules,
  now: Date,
  lastDecided: Period | null,
  cadence: Cadence = "daily",
): Date {
  const today = localDate(now, rules.timeZone);
  for (let days = 0; ; days++) {
    const day = addDays(today, days);
    const period = roundOn(day, cadence);
    if (period === null || (lastDecided !== null && period <= lastDecided)) continue;
    const due = dueTime(rules, day);
    if (days > 0 || due > now) return due;
  }
}

/** Returns the period whose round is kept on a date, or null. */
function roundOn(day: CalendarDate, cadence: Cadence): Period | null {
  const { dayOfWeek, day: dayOfMonth } = Temporal.PlainDate.from(day);
  switch (cadence) {
    case "daily":
      return day as Period;
    case "weekly":
      return dayOfWeek === 1 ? periodOf(cadence, addDays(day, -1)) : null;
    case "monthly":
      return dayOfMonth === 1 ? periodOf(cadence, addDays(day, -1)) : null;
  }
}

/** A time of day that the clocks jump over becomes the same time after the jump. */
function dueTime({ timeZone, daily }: ScheduleRules, day: CalendarDate): Date {
  const zoned = Temporal.PlainDate.from(day).toZonedDateTime({
    timeZone,
    plainTime: Temporal.PlainTime.from(daily),
  });
  return new Date(zoned.epochMilliseconds);
}

/** An hour of a reader's own, and the day of the week that it is to be, if any; 1 is Monday. */
export interface OwnTime {
  readonly timeZone: string;
  readonly hour: number;
  readonly weekday: number | null;
}

/**
 * Returns when it is that time for the first time at or after `from`. An hour that the clocks jump over
 * becomes the same time after the jump; of one that comes twice, the first counts.
 */
export function nextOwnTime({ timeZone, hour, weekday }: OwnTime, from: Date): Date {
  const plainTime = Temporal.PlainTime.from({ hour });
  const today = Temporal.PlainDate.from(localDate(from, timeZone));
  for (let days = 0; ; days++) {
    const date = today.add({ days });
    if (weekday !== null && date.dayOfWeek !== weekday) continue;
    const time = new Date(date.toZonedDateTime({ timeZone, plainTime }).epochMilliseconds);
    if (time >= from) return time;
  }
}
