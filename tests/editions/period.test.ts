/** Cadences, their periods and windows are of the calendar, and nothing shifts them. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addDays,
  CADENCES,
  daysBetween,
  daysOf,
  localDate,
  parseDate,
  periodOf,
  periodTitle,
  shortDate,
  windowOf,
  type Period,
} from "../../src/editions/period.ts";

const days = fc
  .date({
    min: new Date("1991-01-01T00:00:00Z"),
    max: new Date("2099-12-31T00:00:00Z"),
    noInvalidDate: true,
  })
  .map((date) => date.toISOString().slice(0, 10));

describe("a date", () => {
  test("is taken as it is written", () => {
    expect(parseDate("2026-04-15")).toBe("2026-04-15");
    expect(parseDate("2024-02-29")).toBe("2024-02-29");
  });

  test.each(["2026-02-29", "2026-04-31", "2026-4-15", "2026-04", "today", "", "2026-04-15T00:00"])(
    "that is none of the calendar is refused: %j",
    (text) =>
      expect(() => parseDate(text)).toThrow(expect.objectContaining({ code: "DATE_INVALID" })),
  );

  test("moves over months, leap days and years", () => {
    expect(addDays("2024-02-28", 1)).toBe("2024-02-29");
    expect(addDays("2026-02-28", 1)).toBe("2026-03-01");
    expect(addDays("2026-01-01", -1)).toBe("2025-12-31");
    expect(daysBetween("2025-12-31", "2026-03-01")).toBe(60);
    expect(daysBetween("2026-03-01", "2025-12-31")).toBe(-60);
  });

  test("moves there and back", () => {
    fc.assert(
      fc.property(days, fc.integer({ min: -4000, max: 4000 }), (day, by) => {
        expect(daysBetween(day, addDays(day, by))).toBe(by);
      }),
    );
  });
});

describe("a week", () => {
  // The examples that ISO 8601's week calendar is usually explained with.
  test.each([
    ["2026-04-15", "2026-W16"],
    ["2026-04-13", "2026-W16"],
    ["2026-04-12", "2026-W15"],
    ["2025-12-29", "2026-W01"],
    ["2026-01-01", "2026-W01"],
    ["2026-12-31", "2026-W53"],
    ["2027-01-03", "2026-W53"],
    ["2027-01-04", "2027-W01"],
    ["2021-01-03", "2020-W53"],
    ["2018-12-31", "2019-W01"],
    ["2016-01-03", "2015-W53"],
  ])("that holds %s is %s", (day, week) => expect(periodOf("weekly", day)).toBe(week));

  test("has its days from Monday to Sunday, over a new year too", () => {
    expect(daysOf("weekly", "2026-W16" as Period)).toEqual({
      first: "2026-04-13",
      last: "2026-04-19",
    });
    expect(daysOf("weekly", "2026-W01" as Period)).toEqual({
      first: "2025-12-29",
      last: "2026-01-04",
    });
    expect(daysOf("weekly", "2026-W53" as Period)).toEqual({
      first: "2026-12-28",
      last: "2027-01-03",
    });
  });
});

describe("a month", () => {
  test("has all its days", () => {
    expect(periodOf("monthly", "2026-04-15")).toBe("2026-04");
    expect(daysOf("monthly", "2026-04" as Period)).toEqual({
      first: "2026-04-01",
      last: "2026-04-30",
    });
    expect(daysOf("monthly", "2024-02" as Period).last).toBe("2024-02-29");
    expect(daysOf("monthly", "2026-12" as Period).last).toBe("2026-12-31");
  });
});

test("every day lies in its own period, of which all days have the same name", () => {
  fc.assert(
    fc.property(days, fc.constantFrom(...CADENCES), (day, cadence) => {
      const period = periodOf(cadence, day);
      const { first, last } = daysOf(cadence, period);
      expect(first <= day && day <= last).toBe(true);
      expect([periodOf(cadence, first), periodOf(cadence, last)]).toEqual([period, period]);
      expect(periodOf(cadence, addDays(first, -1))).not.toBe(period);
      expect(periodOf(cadence, addDays(last, 1))).not.toBe(period);
    }),
  );
});

describe("a window", () => {
  const published = (period: string) => ({
    period: period as Period,
    publishedAt: "2026-04-17T07:00:00.000Z",
  });

  test("of the first daily edition is its day alone", () => {
    expect(windowOf("daily", "2026-04-15" as Period, null)).toEqual({
      after: "2026-04-14",
      upTo: "2026-04-15",
    });
  });

  test("of a daily edition goes on where the one before it stopped", () => {
    expect(windowOf("daily", "2026-04-20" as Period, published("2026-04-17"))).toEqual({
      after: "2026-04-17",
      upTo: "2026-04-20",
      latecomers: { after: "2026-04-13", knownSince: "2026-04-17T07:00:00.000Z" },
    });
  });

  test("of a daily edition looks back over a week at most, however long the pause", () => {
    expect(windowOf("daily", "2026-05-20" as Period, published("2026-04-17"))).toEqual({
      after: "2026-05-13",
      upTo: "2026-05-20",
    });
  });

  test("of a weekly or monthly edition is its own days, whatever came before", () => {
    for (const previous of [null, published("2026-W10")]) {
      expect(windowOf("weekly", "2026-W16" as Period, previous)).toEqual({
        after: "2026-04-12",
        upTo: "2026-04-19",
      });
    }
    expect(windowOf("monthly", "2026-03" as Period, published("2026-01"))).toEqual({
      after: "2026-02-28",
      upTo: "2026-03-31",
    });
  });
});

test("periods have titles that people say", () => {
  expect(periodTitle("daily", "2026-04-15" as Period)).toBe("Wednesday, 15 April 2026");
  expect(periodTitle("daily", "2026-03-01" as Period)).toBe("Sunday, 1 March 2026");
  expect(periodTitle("weekly", "2026-W06" as Period)).toBe("Week 6, 2026");
  expect(periodTitle("monthly", "2026-04" as Period)).toBe("April 2026");
  expect(shortDate("2026-04-05")).toBe("5 Apr 2026");
});

test("the local date is that of the zone", () => {
  const moment = new Date("2026-04-15T11:30:00Z");
  expect(localDate(moment, "UTC")).toBe("2026-04-15");
  expect(localDate(moment, "Pacific/Kiritimati")).toBe("2026-04-16");
  expect(localDate(moment, "Etc/GMT+12")).toBe("2026-04-14");
  expect(localDate(new Date("2026-04-15T03:59:59Z"), "America/New_York")).toBe("2026-04-14");
  expect(localDate(new Date("2026-04-15T04:00:00Z"), "America/New_York")).toBe("2026-04-15");
  expect(localDate(new Date("2026-01-15T04:59:59Z"), "America/New_York")).toBe("2026-01-14");
});
