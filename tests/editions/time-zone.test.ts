/** What the program computes must not depend on the zone of the machine it runs on. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { emptyHome, ROOT } from "../home.ts";

const address = (file: string) => JSON.stringify(pathToFileURL(join(ROOT, "src", file)).href);

/** Around changes of the clocks; 2011-12-30 is a day that Samoa's own calendar jumped over. */
const SCRIPT = `
import { calendarDate, instant, namedDate } from ${address("papers/text.ts")};
import * as period from ${address("editions/period.ts")};
import { nextDue, roundsDue } from ${address("editions/schedule.ts")};

const days = ["2026-03-08", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01", "2011-12-30"];
const rules = { timeZone: "Europe/Berlin", daily: "02:30", latestHours: 6 };
const told = days.map((day) => ({
  day: period.parseDate(day),
  read: [calendarDate(day + "T23:30:00Z"), instant(day), instant(day + " 23:30:00")],
  titles: period.CADENCES.map((cadence) => {
    const name = period.periodOf(cadence, day);
    return [period.periodTitle(cadence, name), period.daysOf(cadence, name)];
  }),
  short: period.shortDate(day),
  next: [period.addDays(day, 1), period.daysBetween("2026-01-01", day)],
  local: period.localDate(new Date(day + "T23:30:00Z"), "America/New_York"),
  due: roundsDue(rules, new Date(day + "T12:00:00Z"), period.addDays(day, -2)),
  nextDue: nextDue(rules, new Date(day + "T12:00:00Z"), day),
}));
console.log(JSON.stringify({
  offset: new Date("2026-01-15T00:00:00Z").getTimezoneOffset(),
  told: [...told, namedDate("Dec 30, 2011", 2026), namedDate("Mar 8", 2026)],
}));
`;

test("dates, titles and rounds are the same in every zone that the machine may be in", () => {
  const script = join(emptyHome(), "dates.mjs");
  writeFileSync(script, SCRIPT);
  const runIn = (TZ: string): { offset: number; told: unknown[] } =>
    JSON.parse(
      execFileSync(process.execPath, [script], { env: { ...process.env, TZ }, encoding: "utf8" }),
    );
  const utc = runIn("UTC");
  expect(utc.told[0]).toMatchObject({
    day: "2026-03-08",
    read: ["2026-03-08", "2026-03-08T00:00:00.000Z", "2026-03-08T23:30:00.000Z"],
    short: "8 Mar 2026",
  });
  expect(utc.told.slice(-2)).toEqual(["2011-12-30", "2026-03-08"]);
  for (const zone of ["America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]) {
    const there = runIn(zone);
    expect(there.offset).not.toBe(utc.offset);
    expect(there.told).toEqual(utc.told);
  }
});
