/** The archive keeps editions as they were published, and what became of every round. */
import { join } from "node:path";
import { sql } from "kysely";
import type { Migration } from "kysely/migration";
import { expect, test } from "vitest";
import { archiveMigrations, type ArchiveTables } from "../../src/editions/archive-tables.ts";
import type { Cadence, Period } from "../../src/editions/period.ts";
import { openDatabase } from "../../src/io/database.ts";
import { NO_FACTS, type PaperKey } from "../../src/papers/paper.ts";
import { emptyHome } from "../home.ts";
import { aDraft, openArchiveFile, openShelvedArchive } from "./archive-file.ts";
import { aCandidate } from "./candidate.ts";

const NOW = "2026-04-15T08:00:00.000Z";
const LATER = "2026-04-16T08:00:00.000Z";
const period = (name: string) => name as Period;
const papers = (...keys: number[]) => keys.map((key) => aCandidate({ key, votes: 100 - key }));

test("an edition is found as it was published", async () => {
  const archive = await openArchiveFile();
  const draft = aDraft("daily", "2026-04-15", papers(1, 2, 3));
  const published = await archive.publish(draft, NOW);
  expect(published).toEqual({ ...draft, number: 1, publishedAt: NOW });
  expect(await archive.find("daily", period("2026-04-15"))).toEqual(published);
});

test("an edition keeps what had changed and what was written for it", async () => {
  const archive = await openArchiveFile();
  const draft = aDraft("daily", "2026-04-15", papers(1));
  const entries = draft.entries.map((entry) => ({
    ...entry,
    changes: { votes: { by: -2, since: "2026-04-14T08:00:00.000Z" } },
    written: { text: "In other words.", by: "a-model" },
  }));
  const published = await archive.publish({ ...draft, entries }, NOW);
  expect(published.entries).toEqual(entries);
  expect(await archive.find("daily", period("2026-04-15"))).toEqual(published);
});

test("candidates behind the last entry are kept as they were ranked, with what they are labelled", async () => {
  const archive = await openArchiveFile();
  const { entries, ...draft } = aDraft("daily", "2026-04-15", papers(1, 2, 3));
  const label = { kind: "late", text: "Up 84 votes since Monday" } as const;
  const others = entries
    .slice(1)
    .map((entry, at) => ({ ...entry, label: at === 0 ? label : null }));
  await archive.publish({ ...draft, entries: entries.slice(0, 1), others }, NOW);
  const kept = await archive.others("daily", period("2026-04-15"));
  for (const [at, other] of kept.entries()) {
    expect(others[at]).toMatchObject({ ...other, paper: { key: other.paper } });
  }
  expect(kept.map((other) => other.label)).toEqual([label, null]);
});

test("an edition of a version that knew less is read with nothing in the places", async () => {
  const file = join(emptyHome(), "corpus.sqlite");
  const { "editions-0001": first } = archiveMigrations;
  const old = await openDatabase<ArchiveTables>({
    file,
    migrations: { "editions-0001": first as Migration },
  });
  await sql`insert into editions values (1, 'daily', '2026-04-15', 1, '2026-04-14', '2026-04-15', 1, ${NOW})`.execute(
    old.db,
  );
  const paper = { key: 7, id: "2604.00007", day: "2026-04-15", title: "Old", links: {} };
  await sql`insert into entries values (1, 1, 1, 7, 0.5, '{"votes":3}', 'of old', ${JSON.stringify(paper)})`.execute(
    old.db,
  );
  await old.close();
  const archive = await openArchiveFile(file);
  const edition = await archive.find("daily", period("2026-04-15"));
  expect(edition?.entries).toEqual([
    {
      rank: 1,
      lead: true,
      score: 0.5,
      reason: "of old",
      signals: { votes: 3 },
      changes: {},
      label: null,
      witnesses: [],
      written: null,
      paper: { ...NO_FACTS, ...paper },
    },
  ]);
});

test("a period without an edition has none", async () => {
  const archive = await openArchiveFile();
  await archive.publish(aDraft("daily", "2026-04-15", papers(1)), NOW);
  expect(await archive.find("daily", period("2026-04-16"))).toBeNull();
  expect(await archive.find("weekly", period("2026-04-15"))).toBeNull();
});

test("publishing a period again gives the first edition, whatever is offered", async () => {
  const archive = await openArchiveFile();
  const first = await archive.publish(aDraft("daily", "2026-04-15", papers(1, 2)), NOW);
  const second = await archive.publish(aDraft("daily", "2026-04-15", papers(3, 4, 5)), LATER);
  expect(second).toEqual(first);
  expect(await archive.find("daily", period("2026-04-15"))).toEqual(first);
});

test("publishing one period twice at the same time makes one edition", async () => {
  const { archive, shelves } = await openShelvedArchive();
  const [one, two] = await Promise.all([
    archive.publish(aDraft("daily", "2026-04-15", papers(1)), NOW),
    archive.publish(aDraft("daily", "2026-04-15", papers(2)), LATER),
  ]);
  expect(two).toEqual(one);
  expect(await shelves.names(10)).toHaveLength(1);
});

test("editions are numbered in the order they are published, each cadence by itself", async () => {
  const archive = await openArchiveFile();
  const numberOf = async (cadence: "daily" | "weekly" | "monthly", name: string) =>
    (await archive.publish(aDraft(cadence, name, papers(1)), NOW)).number;
  expect(await numberOf("daily", "2026-04-15")).toBe(1);
  expect(await numberOf("daily", "2026-04-16")).toBe(2);
  expect(await numberOf("weekly", "2026-W16")).toBe(1);
  expect(await numberOf("daily", "2026-04-14")).toBe(3);
  expect(await numberOf("monthly", "2026-04")).toBe(1);
  expect(await numberOf("weekly", "2026-W17")).toBe(2);
  expect(await numberOf("daily", "2026-04-15")).toBe(1);
});

test("the file keeps editions from one run to the next", async () => {
  const file = join(emptyHome(), "archive.sqlite");
  const first = await openArchiveFile(file);
  const published = await first.publish(aDraft("daily", "2026-04-15", papers(1, 2, 3)), NOW);
  const second = await openArchiveFile(file);
  expect(await second.find("daily", period("2026-04-15"))).toEqual(published);
});

test("the latest edition is the one that was published last, whatever its period", async () => {
  const archive = await openArchiveFile();
  expect(await archive.latest()).toBeNull();
  await archive.publish(aDraft("daily", "2026-04-17", papers(1)), NOW);
  await archive.publish(aDraft("daily", "2026-04-10", papers(2)), NOW);
  expect((await archive.latest())?.period).toBe("2026-04-10");
});

test("the previous period is the nearest one before that has an edition of the cadence", async () => {
  const archive = await openArchiveFile();
  await archive.publish(aDraft("daily", "2026-04-17", papers(1)), NOW);
  await archive.publish(aDraft("daily", "2026-04-10", papers(1)), NOW);
  await archive.publish(aDraft("weekly", "2026-W15", papers(1)), NOW);
  const before = (name: string) => archive.previous("daily", period(name));
  expect(await before("2026-04-20")).toEqual({ period: "2026-04-17", publishedAt: NOW });
  expect((await before("2026-04-17"))?.period).toBe("2026-04-10");
  expect(await before("2026-04-10")).toBeNull();
  expect(await archive.previous("monthly", period("2026-05"))).toBeNull();
});

test("printed are the papers that led another edition of the cadence, not the runners-up", async () => {
  const archive = await openArchiveFile();
  await archive.publish(aDraft("daily", "2026-04-14", papers(1, 2, 3)), NOW);
  await archive.publish(aDraft("daily", "2026-04-15", papers(4, 5)), NOW);
  await archive.publish(aDraft("weekly", "2026-W16", papers(6)), NOW);
  const keys = [1, 2, 3, 4, 5, 6].map((key) => key as PaperKey);
  const printed = (cadence: Cadence, name: string) =>
    archive.printedAmong(cadence, period(name), keys);
  expect(await printed("daily", "2026-04-16")).toEqual(new Set([1, 2, 4, 5]));
  expect(await printed("daily", "2026-04-15")).toEqual(new Set([1, 2]));
  expect(await printed("weekly", "2026-W17")).toEqual(new Set([6]));
});

test("how a paper led is that of the edition before, also for a past period", async () => {
  const archive = await openArchiveFile();
  const [one] = papers(1);
  if (!one) throw new Error("There is one.");
  const changed = { ...one, paper: { ...one.paper, version: 2 } };
  await archive.publish(aDraft("daily", "2026-04-15", [one]), NOW);
  await archive.publish(aDraft("daily", "2026-04-17", [changed]), LATER);
  const versionBefore = async (name: string) =>
    (await archive.asLed("daily", period(name), one.paper.key))?.version;
  expect(await versionBefore("2026-04-16")).toBeNull();
  expect(await versionBefore("2026-04-18")).toBe(2);
  expect(await archive.asLed("daily", period("2026-04-15"), one.paper.key)).toBeNull();
});

test("a round is recorded once; what was decided first stays", async () => {
  const archive = await openArchiveFile();
  const round = {
    cadence: "daily",
    period: period("2026-04-15"),
    outcome: "skipped",
    reason: "No papers.",
    decidedAt: NOW,
  } as const;
  expect(await archive.lastRound("daily")).toBeNull();
  await archive.recordRound(round);
  await archive.recordRound({ ...round, outcome: "published", reason: "Again.", decidedAt: LATER });
  expect(await archive.lastRound("daily")).toEqual(round);
});

test("the last round is that of the latest period, however late another was recorded", async () => {
  const archive = await openArchiveFile();
  const record = (name: string, decidedAt: string) =>
    archive.recordRound({
      cadence: "daily",
      period: period(name),
      outcome: "published",
      reason: "",
      decidedAt,
    });
  await record("2026-04-16", NOW);
  await record("2026-04-15", LATER);
  expect(await archive.lastRound("daily")).toHaveProperty("period", "2026-04-16");
  expect(await archive.lastRound("weekly")).toBeNull();
});
