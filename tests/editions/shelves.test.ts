/** What pages read of the archive, list by list. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { sql } from "kysely";
import { archiveMigrations, type ArchiveTables } from "../../src/editions/archive-tables.ts";
import { openShelves } from "../../src/editions/shelves.ts";
import { openDatabase } from "../../src/io/database.ts";
import { emptyHome } from "../home.ts";
import { aDraft, openArchiveFile, openShelvedArchive } from "./archive-file.ts";
import { aCandidate } from "./candidate.ts";

const NOW = "2026-04-15T08:00:00.000Z";
const LATER = "2026-04-16T08:00:00.000Z";
const ALL = { offset: 0, limit: 100 };
const papers = (...keys: number[]) => keys.map((key) => aCandidate({ key, votes: 100 - key }));

/** A paper about robots, and so under a topic. */
function aboutRobots(key: number) {
  const candidate = aCandidate({ key, votes: 100 - key });
  return { ...candidate, paper: { ...candidate.paper, title: `Humanoid robots ${key}` } };
}

test("headings show the newest period first, with the titles that lead", async () => {
  const { archive, shelves } = await openShelvedArchive();
  await archive.publish(aDraft("daily", "2026-04-29", papers(1, 2, 3)), NOW);
  await archive.publish(aDraft("monthly", "2026-04", papers(4)), NOW);
  await archive.publish(aDraft("weekly", "2026-W16", papers(5)), NOW);
  await archive.publish(aDraft("daily", "2026-04-15", papers(6)), LATER);
  await archive.publish(aDraft("daily", "2026-05-01", papers(7)), NOW);
  const { headings, count } = await shelves.editions(null, ALL);
  expect(count).toBe(5);
  expect(headings.map((heading) => heading.period)).toEqual([
    "2026-05-01",
    "2026-04",
    "2026-04-29",
    "2026-W16",
    "2026-04-15",
  ]);
  expect(headings[2]).toEqual({
    cadence: "daily",
    period: "2026-04-29",
    number: 1,
    publishedAt: NOW,
    titles: ["Paper 1", "Paper 2"],
    leads: 2,
  });
  const daily = await shelves.editions("daily", { offset: 1, limit: 1 });
  expect(daily).toMatchObject({ count: 3, headings: [{ period: "2026-04-29" }] });
});

test("a list goes on where its last page ended", async () => {
  const { archive, shelves } = await openShelvedArchive();
  for (const day of ["2026-04-14", "2026-04-16", "2026-04-15"]) {
    await archive.publish(aDraft("daily", day, papers(1)), NOW);
  }
  const { headings } = await shelves.editions(null, { offset: 0, limit: 2 });
  expect(headings.map((heading) => heading.period)).toEqual(["2026-04-16", "2026-04-15"]);
  const rest = await shelves.editions(null, { offset: 2, limit: 2 });
  expect(rest.headings.map((heading) => heading.period)).toEqual(["2026-04-14"]);
  expect((await shelves.names(2)).map((name) => name.period)).toEqual(["2026-04-16", "2026-04-15"]);
});

test("a topic holds each paper once, under the first edition that held it, newest first", async () => {
  const { archive, shelves } = await openShelvedArchive();
  await archive.publish(aDraft("daily", "2026-04-14", [aboutRobots(1), ...papers(2)]), NOW);
  await archive.publish(aDraft("daily", "2026-04-15", [aboutRobots(3), aboutRobots(4)]), LATER);
  await archive.publish(aDraft("weekly", "2026-W16", [aboutRobots(1), aboutRobots(5)]), LATER);
  const { entries, count } = await shelves.topic("robotics", ALL);
  expect(entries.map(({ entry, edition }) => [entry.paper.key, edition.period])).toEqual([
    [5, "2026-W16"],
    [3, "2026-04-15"],
    [4, "2026-04-15"],
    [1, "2026-04-14"],
  ]);
  expect(count).toBe(4);
  expect((await shelves.topic("robotics", { offset: 3, limit: 5 })).entries).toHaveLength(1);
  expect((await shelves.topicCounts()).get("robotics")).toBe(4);
  expect(await shelves.topic("nothing", ALL)).toEqual({ entries: [], count: 0 });
});

test("a paper is found in all editions that held it", async () => {
  const { archive, shelves } = await openShelvedArchive();
  const { entries } = await archive.publish(aDraft("daily", "2026-04-14", papers(1, 2, 3)), NOW);
  await archive.publish(aDraft("weekly", "2026-W16", papers(3)), LATER);
  const third = entries[2]?.paper.key;
  if (third === undefined) throw new Error("not there");
  expect(await shelves.holding(third)).toEqual([
    { cadence: "daily", period: "2026-04-14", number: 1, publishedAt: NOW, rank: 3, lead: false },
    { cadence: "weekly", period: "2026-W16", number: 1, publishedAt: LATER, rank: 1, lead: true },
  ]);
});

test("editions of a version that knew no topics are put under theirs", async () => {
  const file = join(emptyHome(), "archive.sqlite");
  const archive = await openArchiveFile(file);
  await archive.publish(aDraft("daily", "2026-04-14", [aboutRobots(1)]), NOW);
  const old = await openDatabase<ArchiveTables>({ file, migrations: archiveMigrations });
  await sql`drop table entry_topics`.execute(old.db);
  await sql`delete from kysely_migration where name = 'editions-topics-0001'`.execute(old.db);
  await old.close();
  const { db, close } = await openDatabase<ArchiveTables>({ file, migrations: archiveMigrations });
  expect((await openShelves(db).topic("robotics", ALL)).count).toBe(1);
  await close();
});
