/** Which rounds are due at a moment: a daily one for each local date, whatever the clocks do. */
import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import { addDays, localDate, type Cadence, type Period } from "../../src/editions/period.ts";
import {
  nextDue,
  nextOwnTime,
  roundsDue,
  type ScheduleRules,
} from "../../src/editions/schedule.ts";

const rulesOf = (timeZone: string, daily = "07:00"): ScheduleRules => ({
  timeZone,
  daily,
  latestHours: 6,
});
const UTC = rulesOf("UTC");
const dueIn = (timeZone: string, daily: string, day: string) => {
  const now = new Date(Date.parse(`${day}T00:00:00Z`) + 36 * 3_600_000);
  const rounds = roundsDue(rulesOf(timeZone, daily), now, addDays(day, -1) as Period);
  return rounds.find(({ period }) => period === day)?.dueAt.toISOString();
};

describe("before the first round ever", () => {
  test("only today counts, from the time that is set", () => {
    expect(roundsDue(UTC, new Date("2026-04-15T06:59:59Z"), null)).toEqual([]);
    expect(roundsDue(UTC, new Date("2026-04-15T07:00:00Z"), null)).toEqual([
      {
        cadence: "daily",
        period: "2026-04-15",
        verdict: "due",
        isLatest: true,
        dueAt: new Date("2026-04-15T07:00:00Z"),
        until: new Date("2026-04-15T13:00:00Z"),
      },
    ]);
  });
});

test("a round that was decided is not due again that day", () => {
  for (const hour of ["07", "12", "23"]) {
    const now = new Date(`2026-04-15T${hour}:00:00Z`);
    expect(roundsDue(UTC, now, "2026-04-15" as Period)).toEqual([]);
  }
});

test("a round is due until it is as late as the rules allow, and late after that", () => {
  const verdictAt = (time: string) =>
    roundsDue(UTC, new Date(`2026-04-15T${time}Z`), "2026-04-14" as Period)[0]?.verdict;
  expect(verdictAt("07:00:00")).toBe("due");
  expect(verdictAt("13:00:00")).toBe("due");
  expect(verdictAt("13:00:01")).toBe("late");
  expect(verdictAt("23:59:59")).toBe("late");
});

test("after a few days away every missed day is accounted for, oldest first", () => {
  const rounds = roundsDue(UTC, new Date("2026-04-15T08:00:00Z"), "2026-04-12" as Period);
  expect(rounds.map(({ period, verdict, isLatest }) => [period, verdict, isLatest])).toEqual([
    ["2026-04-13", "late", false],
    ["2026-04-14", "late", false],
    ["2026-04-15", "due", true],
  ]);
});

test("before the hour of the day only the missed days are due", () => {
  const rounds = roundsDue(UTC, new Date("2026-04-15T05:00:00Z"), "2026-04-13" as Period);
  expect(rounds.map(({ period }) => period)).toEqual(["2026-04-14"]);
});

test("after a long absence only the newest 31 days are accounted for", () => {
  const rounds = roundsDue(UTC, new Date("2026-04-15T08:00:00Z"), "2020-01-01" as Period);
  expect(rounds).toHaveLength(31);
  expect(rounds[0]?.period).toBe("2026-03-16");
  expect(rounds.at(-1)).toMatchObject({ period: "2026-04-15", verdict: "due" });
});

test("a clock that was set back makes no round", () => {
  const now = new Date("2026-04-15T08:00:00Z");
  expect(roundsDue(UTC, now, "2026-04-20" as Period)).toEqual([]);
});

describe("when the clocks are changed", () => {
  test("a time that they jump over is the same time after the jump", () => {
    expect(dueIn("America/New_York", "02:30", "2026-03-08")).toBe("2026-03-08T07:30:00.000Z");
    expect(dueIn("Europe/Berlin", "02:30", "2026-03-29")).toBe("2026-03-29T01:30:00.000Z");
    // Lord Howe moves by half an hour: 02:15 becomes 02:45 at +11.
    expect(dueIn("Australia/Lord_Howe", "02:15", "2026-10-04")).toBe("2026-10-03T15:45:00.000Z");
  });

  test("a time that comes twice is the first of the two", () => {
    expect(dueIn("America/New_York", "01:30", "2026-11-01")).toBe("2026-11-01T05:30:00.000Z");
    expect(dueIn("Europe/Berlin", "02:30", "2026-10-25")).toBe("2026-10-25T00:30:00.000Z");
    expect(dueIn("Australia/Lord_Howe", "01:45", "2026-04-05")).toBe("2026-04-04T14:45:00.000Z");
  });

  test("a time that they leave alone keeps its place on the wall", () => {
    expect(dueIn("America/New_York", "07:00", "2026-03-07")).toBe("2026-03-07T12:00:00.000Z");
    expect(dueIn("America/New_York", "07:00", "2026-03-08")).toBe("2026-03-08T11:00:00.000Z");
  });
});

const ZONES = [
  "UTC",
  "America/New_York",
  "America/St_Johns",
  "America/Santiago",
  "America/Havana",
  "Europe/Berlin",
  "Europe/Dublin",
  "Africa/Casablanca",
  "Africa/Cairo",
  "Asia/Kathmandu",
  "Asia/Gaza",
  "Asia/Beirut",
  "Australia/Lord_Howe",
  "Pacific/Chatham",
  "Pacific/Kiritimati",
  "Pacific/Pago_Pago",
];

/** Keeps the schedule of 2024 to 2026 as a program would that looks up every 5 1/2 hours. */
function roundsKept(rules: ScheduleRules) {
  const start = new Date("2024-01-01T00:00:00Z");
  const end = Date.parse("2027-01-01T00:00:00Z");
  const first = localDate(start, rules.timeZone);
  const kept: { period: Period; verdict: string; decidedOn: string; dueOn: string }[] = [];
  let last = first as Period;
  for (let at = start.getTime(); at < end; at += 330 * 60_000) {
    for (const { period, dueAt, verdict } of roundsDue(rules, new Date(at), last)) {
      const decidedOn = localDate(new Date(at), rules.timeZone);
      kept.push({ period, verdict, decidedOn, dueOn: localDate(dueAt, rules.timeZone) });
      last = period;
    }
  }
  return { first, kept };
}

test.each(ZONES)("in %s each local date of three years has exactly one round", (timeZone) => {
  for (const daily of ["00:15", "02:15"]) {
    const { first, kept } = roundsKept(rulesOf(timeZone, daily));
    expect(kept.length).toBeGreaterThanOrEqual(1094);
    const inTime = kept.map((_, index) => {
      const period = addDays(first, index + 1);
      return { period, verdict: "due", decidedOn: period, dueOn: period };
    });
    expect(kept).toEqual(inTime);
  }
});

test("the next round is today's while it lies ahead, else tomorrow's", () => {
  const next = (now: string, last: string | null) =>
    nextDue(UTC, new Date(now), last as Period | null).toISOString();
  expect(next("2026-04-15T05:00:00Z", null)).toBe("2026-04-15T07:00:00.000Z");
  expect(next("2026-04-15T05:00:00Z", "2026-04-14")).toBe("2026-04-15T07:00:00.000Z");
  expect(next("2026-04-15T05:00:00Z", "2026-04-15")).toBe("2026-04-16T07:00:00.000Z");
  expect(next("2026-04-15T07:00:00Z", "2026-04-15")).toBe("2026-04-16T07:00:00.000Z");
  expect(next("2026-04-15T09:00:00Z", null)).toBe("2026-04-16T07:00:00.000Z");
  expect(next("2026-12-31T09:00:00Z", "2026-12-31")).toBe("2027-01-01T07:00:00.000Z");
});

test("the next round is at the local hour on both sides of a change of the clocks", () => {
  const rules = rulesOf("America/New_York");
  const next = (now: string) => {
    const due = nextDue(rules, new Date(now), null);
    return Temporal.Instant.fromEpochMilliseconds(due.getTime())
      .toZonedDateTimeISO(rules.timeZone)
      .toString({ timeZoneName: "never" });
  };
  expect(next("2026-03-07T13:00:00Z")).toBe("2026-03-08T07:00:00-04:00");
  expect(next("2026-10-31T13:00:00Z")).toBe("2026-11-01T07:00:00-05:00");
});

describe("a reader's own hour", () => {
  test.each([
    [
      "today, when it is still to come",
      "Europe/Berlin",
      9,
      "2026-04-15T05:00:00Z",
      "2026-04-15T07:00:00Z",
    ],
    [
      "at once, when it begins this moment",
      "Europe/Berlin",
      7,
      "2026-04-15T05:00:00Z",
      "2026-04-15T05:00:00Z",
    ],
    ["tomorrow, when it is past", "Asia/Tokyo", 7, "2026-04-15T05:00:00Z", "2026-04-15T22:00:00Z"],
    [
      "on its own date, far to the west",
      "Pacific/Honolulu",
      20,
      "2026-04-15T05:00:00Z",
      "2026-04-15T06:00:00Z",
    ],
    [
      "after the jump, where the clocks jump over it",
      "Europe/Berlin",
      2,
      "2026-03-28T23:00:00Z",
      "2026-03-29T01:00:00Z",
    ],
    [
      "the first time, where it comes twice",
      "Europe/Berlin",
      2,
      "2026-10-24T22:00:00Z",
      "2026-10-25T00:00:00Z",
    ],
  ])("comes %s", (_, timeZone, hour, from, expected) => {
    const time = { timeZone, hour, weekday: null };
    expect(nextOwnTime(time, new Date(from))).toEqual(new Date(expected));
  });

  test.each([
    ["today", 3, 9, "2026-04-15T07:00:00Z"],
    ["a week later, when the hour is past", 3, 6, "2026-04-22T04:00:00Z"],
    ["later this week", 5, 6, "2026-04-17T04:00:00Z"],
    ["next week", 1, 6, "2026-04-20T04:00:00Z"],
  ])("of a day of the week comes %s", (_, weekday, hour, expected) => {
    const time = { timeZone: "Europe/Berlin", hour, weekday };
    expect(nextOwnTime(time, new Date("2026-04-15T05:00:00Z"))).toEqual(new Date(expected));
  });
});

describe("weeks and months", () => {
  const due = (cadence: Cadence, now: string, last: string | null) =>
    roundsDue(UTC, new Date(now), last as Period | null, cadence).map(({ period, verdict }) => [
      period,
      verdict,
    ]);

  test("a week is due on the Monday after it, a month on the first", () => {
    expect(due("weekly", "2026-04-20T07:00:00Z", null)).toEqual([["2026-W16", "due"]]);
    expect(due("weekly", "2026-04-20T06:59:00Z", null)).toEqual([]);
    expect(due("weekly", "2026-04-21T07:00:00Z", null)).toEqual([]);
    expect(due("monthly", "2026-05-01T07:00:00Z", null)).toEqual([["2026-04", "due"]]);
    expect(due("monthly", "2026-05-02T07:00:00Z", null)).toEqual([]);
  });

  test("one that was missed is accounted for, and one that was decided is not due again", () => {
    expect(due("weekly", "2026-04-20T08:00:00Z", "2026-W14")).toEqual([
      ["2026-W15", "late"],
      ["2026-W16", "due"],
    ]);
    expect(due("weekly", "2026-04-20T08:00:00Z", "2026-W16")).toEqual([]);
    expect(due("monthly", "2026-05-01T20:00:00Z", "2026-03")).toEqual([["2026-04", "late"]]);
  });

  test("the turn of a year is no gap", () => {
    expect(due("weekly", "2027-01-04T07:00:00Z", "2026-W52")).toEqual([["2026-W53", "due"]]);
    expect(due("weekly", "2027-01-11T07:00:00Z", "2026-W53")).toEqual([["2027-W01", "due"]]);
    expect(due("monthly", "2027-01-01T07:00:00Z", "2026-11")).toEqual([["2026-12", "due"]]);
  });

  test("the next one is told", () => {
    const next = (cadence: Cadence, now: string, last: string | null) =>
      nextDue(UTC, new Date(now), last as Period | null, cadence).toISOString();
    expect(next("weekly", "2026-04-15T08:00:00Z", null)).toBe("2026-04-20T07:00:00.000Z");
    expect(next("weekly", "2026-04-20T07:00:00Z", "2026-W16")).toBe("2026-04-27T07:00:00.000Z");
    expect(next("monthly", "2026-04-15T08:00:00Z", null)).toBe("2026-05-01T07:00:00.000Z");
  });
});
