/** From gathered papers to a frozen edition, with the program's own verbs. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isPublished, leadEntries } from "../../src/editions/edition.ts";
import type { App } from "../../src/assemble.ts";
import type { Period } from "../../src/editions/period.ts";
import { emptyHome, openApp, SHARED } from "../home.ts";

const DAYS = join(SHARED, "corpus/huggingface");
const DAY = "2026-04-15";

/** Gathers one paper a line, listed on `day` unless it says otherwise. */
async function gather(app: App, day: string, lines: readonly object[]) {
  const folder = emptyHome();
  const text = lines.map((line) => JSON.stringify({ listedOn: day, ...line })).join("\n");
  writeFileSync(join(folder, "papers.jsonl"), text);
  return app.newsletter.gather([app.files([folder], null)], () => {});
}

const paper = (number: number, votes = 100 - number) => ({
  arxivId: `2604.${String(number).padStart(5, "0")}`,
  title: `Paper ${number}`,
  readings: { votes },
});
const papers = (count: number) => Array.from({ length: count }, (_, index) => paper(index + 1));

test("the selection of a day is not frozen, and comes with its runners-up", async () => {
  const app = await openApp();
  await gather(app, DAY, papers(70));
  const draft = await app.newsletter.edition("daily", DAY);
  expect(isPublished(draft)).toBe(false);
  expect(draft).toMatchObject({
    cadence: "daily",
    period: DAY,
    window: { after: "2026-04-14", upTo: DAY },
    candidates: 70,
  });
  expect(draft.entries).toHaveLength(60);
  expect(leadEntries(draft).map(({ paper }) => paper.title)).toEqual(
    papers(10).map(({ title }) => title),
  );
  expect(await app.newsletter.edition("daily", DAY)).toEqual(draft);
});

test("an edition stays as it was published, even when papers gain votes", async () => {
  const app = await openApp();
  await gather(app, DAY, papers(12));
  const published = await app.newsletter.publish("daily", DAY);
  await gather(app, DAY, [
    { ...paper(12, 5000), observedAt: "2026-04-16T07:00:00Z" },
    { ...paper(1, 5), observedAt: "2026-04-16T07:00:00Z", title: "Renamed" },
    paper(99, 9000),
  ]);
  expect(await app.newsletter.publish("daily", DAY)).toEqual(published);
  expect(await app.newsletter.edition("daily", DAY)).toEqual(published);
  expect(await app.newsletter.find("daily", DAY as Period)).toEqual(published);
});

test("the letter leads with as many papers as are configured", async () => {
  const app = await openApp({ edition: { whenEmpty: "skip", entries: 3 } });
  await gather(app, DAY, papers(5));
  const edition = await app.newsletter.publish("daily", DAY);
  expect(leadEntries(edition).map(({ rank }) => rank)).toEqual([1, 2, 3]);
  expect(edition.entries).toHaveLength(5);
});

test("what was listed on days without an edition comes with the next one", async () => {
  const app = await openApp({}, { now: () => new Date("2026-04-20T08:00:00Z") });
  await gather(app, "2026-04-17", [paper(1)]);
  await app.newsletter.publish("daily", "2026-04-17");
  await gather(app, "2026-04-18", [paper(2)]);
  await gather(app, "2026-04-20", [paper(3)]);
  const monday = await app.newsletter.edition("daily", "2026-04-20");
  expect(monday.window).toMatchObject({ after: "2026-04-17", upTo: "2026-04-20" });
  expect(monday.entries.map(({ paper }) => paper.title)).toEqual(["Paper 3", "Paper 2"]);
});

test("the edition of a week or a month is that of the one that holds the date", async () => {
  const app = await openApp();
  await gather(app, "2026-04-13", [paper(1)]);
  await gather(app, "2026-04-30", [paper(2)]);
  const week = await app.newsletter.publish("weekly", DAY);
  const month = await app.newsletter.publish("monthly", DAY);
  expect([week.period, month.period]).toEqual(["2026-W16", "2026-04"]);
  expect(week.entries.map(({ paper }) => paper.title)).toEqual(["Paper 1"]);
  expect(month.entries).toHaveLength(2);
  expect(await app.newsletter.publish("weekly", "2026-04-19")).toEqual(week);
});

test("a paper that its source lists after the day's edition went out is in the next one", async () => {
  let now = new Date("2026-04-15T07:00:00Z");
  const app = await openApp({}, { now: () => now });
  await gather(app, DAY, [paper(1), paper(2)]);
  await app.newsletter.publish("daily", DAY);
  now = new Date("2026-04-15T20:00:00Z");
  await gather(app, DAY, [paper(1), paper(3, 500)]);
  now = new Date("2026-04-16T07:00:00Z");
  await gather(app, "2026-04-16", [paper(4)]);
  const next = await app.newsletter.publish("daily", "2026-04-16");
  expect(leadEntries(next).map(({ paper: { title } }) => title)).toEqual(["Paper 3", "Paper 4"]);
});

test("an edition of a day to come is not published", async () => {
  const app = await openApp();
  await gather(app, "2026-04-16", [paper(1)]);
  await expect(app.newsletter.publish("daily", "2026-04-16")).rejects.toMatchObject({
    code: "DATE_INVALID",
  });
  expect((await app.newsletter.edition("daily", "2026-04-16")).entries).toHaveLength(1);
});

describe("without anything to print", () => {
  test("an empty corpus says that papers must be gathered first", async () => {
    const { newsletter } = await openApp();
    const draft = await newsletter.edition("daily", DAY);
    expect(draft.entries).toEqual([]);
    expect(await newsletter.whyEmpty(draft)).toBe(
      "No papers for Wednesday, 15 April 2026: the corpus is empty.",
    );
    await expect(newsletter.publish("daily", DAY)).rejects.toMatchObject({
      code: "NOTHING_TO_SEND",
      exit: 3,
    });
  });

  test("a day without papers names the newest day that has some", async () => {
    const app = await openApp();
    await gather(app, "2026-04-10", [paper(1)]);
    const why =
      "No papers for Wednesday, 15 April 2026. The corpus holds 1 paper; the newest day with papers is";
    await expect(app.newsletter.publish("daily", DAY)).rejects.toMatchObject({
      code: "NOTHING_TO_SEND",
      message: `${why} 2026-04-10.`,
    });
    expect(await app.newsletter.headings(10)).toEqual([]);
  });

  test("papers without any date are counted, since no edition can hold them", async () => {
    const app = await openApp();
    const file = join(emptyHome(), "undated.jsonl");
    writeFileSync(file, JSON.stringify({ title: "Undated" }));
    await app.newsletter.gather([app.files([file], null)], () => {});
    expect(await app.newsletter.whyEmpty(await app.newsletter.edition("daily", DAY))).toBe(
      "No papers for Wednesday, 15 April 2026. The corpus holds 1 paper; none of them has a day up to today.",
    );
  });

  test("a day whose papers have all led another edition says so", async () => {
    const app = await openApp();
    await gather(app, DAY, [paper(1), paper(2)]);
    await app.newsletter.publish("daily", DAY);
    // Another source had listed one of them a day earlier.
    await gather(app, "2026-04-14", [{ ...paper(1), source: "reading-group" }]);
    const draft = await app.newsletter.edition("daily", "2026-04-14");
    expect(draft.entries).toEqual([]);
    expect(await app.newsletter.whyEmpty(draft)).toContain(
      "1 paper known for Tuesday, 14 April 2026, but each has led another edition",
    );
  });

  test("a date far away has no papers, and nothing of it is kept", async () => {
    const app = await openApp();
    await gather(app, "2026-04-10", [paper(1)]);
    for (const date of ["1999-12-31", "2031-01-01"]) {
      await expect(app.newsletter.publish("daily", date)).rejects.toMatchObject({
        code: "NOTHING_TO_SEND",
      });
      expect(await app.newsletter.find("daily", date as Period)).toBeNull();
    }
    expect((await app.newsletter.publish("daily", "2026-04-10")).number).toBe(1);
  });
});

test("a folder is gathered with its good files, and the bad ones are counted", async () => {
  const app = await openApp();
  const folder = emptyHome();
  mkdirSync(join(folder, "sub"));
  writeFileSync(join(folder, "sub", "a.jsonl"), `${JSON.stringify(paper(1))}\n{"title": ""}\n{`);
  writeFileSync(join(folder, "notes.txt"), "Groceries");
  const report = await app.newsletter.gather([app.files([folder], DAY)], () => {});
  expect(report).toMatchObject({
    papers: { new: 1, changed: 0, unchanged: 0 },
    readings: 1,
    refused: { "unknown format": 1, "no title": 1, "not JSON": 1 },
  });
  expect(report.refusals).toHaveLength(3);
});

test.skipIf(!existsSync(DAYS)).each(["in order", "in reverse order"])(
  "no paper leads two daily editions when 18 real days are published %s (needs ../shared)",
  async (order) => {
    const app = await openApp({}, { now: () => new Date("2026-05-01T08:00:00Z") });
    await app.newsletter.gather([app.files([DAYS], null)], () => {});
    const days = readdirSync(DAYS)
      .map((name) => name.slice(0, 10))
      .toSorted();
    const led: string[] = [];
    for (const day of order === "in order" ? days : days.toReversed()) {
      const edition = await app.newsletter.publish("daily", day);
      expect(leadEntries(edition)).toHaveLength(10);
      led.push(...leadEntries(edition).map(({ paper }) => paper.id));
    }
    expect(led).toHaveLength(180);
    expect(new Set(led).size).toBe(180);
  },
);
