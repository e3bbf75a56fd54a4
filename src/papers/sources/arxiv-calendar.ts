/**
 * When arXiv announces: on the evenings of Sunday to Thursday at 20:00 in New York, holidays left out.
 * Its feeds carry the date of the morning after. https://info.arxiv.org/help/availability.html
 */
import { Temporal } from "temporal-polyfill";
import type { CalendarDate } from "../text.ts";

const ZONE = "America/New_York";

/** The evenings that arXiv has named beforehand. Of other years the rules below tell most. */
const NAMED: Readonly<Record<number, readonly CalendarDate[]>> = {
  2026: [
    "2026-01-01",
    "2026-01-19",
    "2026-06-19",
    "2026-07-03",
    "2026-09-07",
    "2026-11-26",
    "2026-12-25",
    "2026-12-29",
    "2026-12-31",
  ],
};

/** Returns arXiv's own date at a moment: that of New York. */
export function arxivDay(now: Date): CalendarDate {
  return Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(ZONE)
    .toPlainDate()
    .toString();
}

/** Returns why no announcement carries that date, in a sentence; null where one is to be expected. */
export function whyNothingAnnounced(day: CalendarDate): string | null {
  const date = Temporal.PlainDate.from(day);
  if (date.dayOfWeek === 6) return "arXiv announces nothing on Saturdays.";
  if (date.dayOfWeek === 7) return "arXiv announces nothing on Sundays.";
  const eve = date.subtract({ days: 1 });
  if (!holidaysOf(eve.year).includes(eve.toString())) return null;
  return `arXiv announces nothing on ${day}: the evening before was a holiday.`;
}

function holidaysOf(year: number): readonly CalendarDate[] {
  const named = NAMED[year];
  if (named) return named;
  const fixed = [
    [1, 1],
    [6, 19],
    [7, 4],
    [12, 25],
  ].map(([month = 1, day = 1]) => observed(Temporal.PlainDate.from({ year, month, day })));
  const moving = [nth(year, 1, 1, 3), nth(year, 9, 1, 1), nth(year, 11, 4, 4)];
  return [...fixed, ...moving].map(String);
}

/** A holiday on a weekend is kept on the nearest working day. */
function observed(date: Temporal.PlainDate): Temporal.PlainDate {
  if (date.dayOfWeek === 6) return date.subtract({ days: 1 });
  return date.dayOfWeek === 7 ? date.add({ days: 1 }) : date;
}

/** Returns the nth such day of the week in a month: Thanksgiving is nth(year, 11, 4, 4). */
function nth(year: number, month: number, dayOfWeek: number, which: number): Temporal.PlainDate {
  const first = Temporal.PlainDate.from({ year, month, day: 1 });
  const days = ((dayOfWeek - first.dayOfWeek + 7) % 7) + (which - 1) * 7;
  return first.add({ days });
}
