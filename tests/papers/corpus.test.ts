/** The corpus keeps papers, sightings and readings; all or nothing, and the same the second time. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { emptyHome } from "../home.ts";
import { ALWAYS, NOW, openCorpusFile } from "./corpus-file.ts";
import { aSighting } from "./sighting.ts";

const at = (hour: number) => `2026-04-15T${String(hour).padStart(2, "0")}:00:00.000Z`;

test("an empty corpus has no papers and no newest day", async () => {
  const { corpus } = await openCorpusFile();
  expect(await corpus.count()).toBe(0);
  expect(await corpus.newestDay("9999-12-31")).toBeNull();
  expect(await corpus.candidates(ALWAYS)).toEqual([]);
});

test("gathering says what became of the papers, and how many readings were not known", async () => {
  const { corpus } = await openCorpusFile();
  const one = aSighting({ arxivId: "2604.00001", title: "One", readings: { votes: 3 } });
  const two = aSighting({ arxivId: "2604.00002", title: "Two", readings: { votes: 1, stars: 9 } });
  expect(await corpus.record([one, two], NOW)).toEqual({
    papers: { new: 2, changed: 0, unchanged: 0 },
    readings: 3,
  });
  const later = aSighting({ ...one.facts, observedAt: at(7), readings: { votes: 5 } });
  const renamed = aSighting({ ...two.facts, observedAt: at(7), title: "Two, Second Edition" });
  expect(await corpus.record([later, renamed], NOW)).toEqual({
    papers: { new: 0, changed: 1, unchanged: 1 },
    readings: 1,
  });
});

test("gathering the same thing twice changes nothing", async () => {
  const { corpus } = await openCorpusFile();
  const sightings = [
    aSighting({ arxivId: "2604.00001", title: "One", readings: { votes: 3, comments: 1 } }),
    aSighting({ source: "daily-papers-page", title: "Two", readings: { comments: 0 } }),
    aSighting({ source: "file", title: "???" }),
  ];
  await corpus.record(sightings, NOW);
  const before = await corpus.candidates(ALWAYS);
  expect(await corpus.record(sightings, "2026-04-16T08:00:00.000Z")).toEqual({
    papers: { new: 0, changed: 0, unchanged: 3 },
    readings: 0,
  });
  expect(await corpus.candidates(ALWAYS)).toEqual(before);
});

test("a paper that one gathering mentions twice counts once, as new", async () => {
  const { corpus } = await openCorpusFile();
  const sightings = [
    aSighting({ arxivId: "2604.00001" }),
    aSighting({ arxivId: "2604.00001", source: "arxiv", abstract: "More is known." }),
  ];
  const { papers } = await corpus.record(sightings, NOW);
  expect(papers).toEqual({ new: 1, changed: 0, unchanged: 0 });
});

test("every reading is kept with its time, and the latest counts", async () => {
  const { corpus, db } = await openCorpusFile();
  const votesAt = (hour: number, votes: number) =>
    aSighting({ arxivId: "2604.00001", observedAt: at(hour), readings: { votes } });
  // The newest comes second, and is smaller: a vote may be taken back.
  await corpus.record([votesAt(6, 10), votesAt(9, 12), votesAt(8, 40)], NOW);
  const kept = await db
    .selectFrom("readings")
    .select(["observed_at", "value"])
    .orderBy("observed_at")
    .execute();
  expect(kept).toEqual([
    { observed_at: at(6), value: 10 },
    { observed_at: at(8), value: 40 },
    { observed_at: at(9), value: 12 },
  ]);
  const [candidate] = await corpus.candidates(ALWAYS);
  expect(candidate?.signals).toEqual({ votes: 12 });
});

test("each signal has its own latest reading, from whichever source", async () => {
  const { corpus } = await openCorpusFile();
  const id = { arxivId: "2604.00001" };
  await corpus.record(
    [
      aSighting({ ...id, observedAt: at(8), readings: { votes: 7 } }),
      aSighting({ ...id, observedAt: at(6), source: "file", readings: { votes: 3, stars: 5 } }),
      aSighting({ ...id, observedAt: at(7), source: "file", readings: { comments: 0 } }),
    ],
    NOW,
  );
  const [candidate] = await corpus.candidates(ALWAYS);
  expect(candidate?.signals).toEqual({ votes: 7, stars: 5, comments: 0 });
});

test("of two readings of one time the larger counts, whichever comes first", async () => {
  for (const order of [
    [4, 9],
    [9, 4],
  ]) {
    const { corpus } = await openCorpusFile();
    for (const votes of order) {
      await corpus.record([aSighting({ arxivId: "2604.00001", readings: { votes } })], NOW);
    }
    const [candidate] = await corpus.candidates(ALWAYS);
    expect(candidate?.signals).toEqual({ votes: 9 });
  }
});

test("a window holds the days after its first bound up to its last one", async () => {
  const { corpus } = await openCorpusFile();
  const days = ["2026-04-13", "2026-04-14", "2026-04-15", "2026-04-16"];
  await corpus.record(
    days.map((listedOn) => aSighting({ title: `Of ${listedOn}`, listedOn })),
    NOW,
  );
  const found = await corpus.candidates({ after: "2026-04-13", upTo: "2026-04-15" });
  expect(found.map(({ paper }) => paper.day)).toEqual(["2026-04-14", "2026-04-15"]);
  expect(await corpus.newestDay("2026-04-15")).toBe("2026-04-15");
  expect(await corpus.newestDay("2026-12-31")).toBe("2026-04-16");
  expect(await corpus.newestDay("2026-04-01")).toBeNull();
});

test("a paper without any date is known but in no window", async () => {
  const { corpus } = await openCorpusFile();
  await corpus.record([aSighting({ listedOn: null })], NOW);
  expect(await corpus.count()).toBe(1);
  expect(await corpus.candidates(ALWAYS)).toEqual([]);
  expect(await corpus.newestDay("9999-12-31")).toBeNull();
});

test("more candidates than one query asks for all have their signals", async () => {
  const { corpus } = await openCorpusFile();
  const many = Array.from({ length: 1100 }, (_, index) =>
    aSighting({ title: `Paper ${index}`, readings: { votes: index } }),
  );
  await corpus.record(many, NOW);
  const candidates = await corpus.candidates(ALWAYS);
  expect(candidates).toHaveLength(1100);
  for (const { paper, signals } of candidates) expect(`Paper ${signals.votes}`).toBe(paper.title);
});

test("a gathering that fails leaves nothing half-written", async () => {
  const { corpus, db } = await openCorpusFile();
  const good = aSighting({ arxivId: "2604.00001", title: "Good", readings: { votes: 1 } });
  const bad = aSighting({ arxivId: "2604.00002", title: "Bad", readings: { votes: Number.NaN } });
  await expect(corpus.record([good, bad], NOW)).rejects.toThrow(TypeError);
  for (const table of ["papers", "sightings", "readings"] as const) {
    expect(await db.selectFrom(table).selectAll().execute()).toEqual([]);
  }
  const { papers } = await corpus.record([good], NOW);
  expect(papers.new).toBe(1);
});

test("a gathering that fails leaves what was known as it was", async () => {
  const { corpus } = await openCorpusFile();
  const known = aSighting({ arxivId: "2604.00001", readings: { votes: 1 } });
  await corpus.record([known], NOW);
  const before = await corpus.candidates(ALWAYS);
  const changed = aSighting({
    ...known.facts,
    observedAt: at(9),
    title: "Changed",
    readings: { votes: 2, stars: Number.NaN },
  });
  await expect(corpus.record([changed], NOW)).rejects.toThrow(TypeError);
  expect(await corpus.candidates(ALWAYS)).toEqual(before);
});

test("the file keeps everything from one run to the next", async () => {
  const file = join(emptyHome(), "data", "corpus.sqlite");
  const sighting = aSighting({
    arxivId: "2604.00001",
    title: "多模态 “Ünïcode” 🚀",
    authors: ["Ada", "Bo"],
    links: { code: "https://github.com/a/b" },
    readings: { votes: 3, comments: 0 },
  });
  const first = await openCorpusFile(file);
  await first.corpus.record([sighting], NOW);
  const before = await first.corpus.candidates(ALWAYS);
  expect(before).toHaveLength(1);
  await first.close();

  const second = await openCorpusFile(file);
  expect(await second.corpus.candidates(ALWAYS)).toEqual(before);
  expect(await second.corpus.record([sighting], NOW)).toEqual({
    papers: { new: 0, changed: 0, unchanged: 1 },
    readings: 0,
  });
});

test("two programs may gather into one file at the same time", async () => {
  const file = join(emptyHome(), "corpus.sqlite");
  const one = await openCorpusFile(file);
  const two = await openCorpusFile(file);
  const papers = (name: string) =>
    Array.from({ length: 20 }, (_, index) => aSighting({ title: `${name} ${index}` }));
  await one.corpus.record(papers("one"), NOW);
  await two.corpus.record([...papers("two"), ...papers("one")], NOW);
  await one.corpus.record(papers("two"), NOW);
  expect(await one.corpus.count()).toBe(40);
  expect(await two.corpus.candidates(ALWAYS)).toEqual(await one.corpus.candidates(ALWAYS));
});

test("it is known when a source last told of a paper, or of one fact of it", async () => {
  const { corpus } = await openCorpusFile();
  const told = { source: "arxiv", arxivId: "2604.00001" };
  await corpus.record(
    [
      aSighting({ ...told, publishedOn: "2026-04-13", observedAt: "2026-04-15T06:00:00.000Z" }),
      aSighting({ ...told, observedAt: "2026-04-15T07:00:00.000Z" }),
      aSighting({ arxivId: "2604.00002", title: "Another" }),
    ],
    NOW,
  );
  const lastTold = async (...asked: Parameters<typeof corpus.toldAt>) => [
    ...(await corpus.toldAt(...asked)).values(),
  ];
  expect(await lastTold("arxiv", "2026-04-01")).toEqual(["2026-04-15T07:00:00.000Z"]);
  expect(await lastTold("arxiv", "2026-04-01", "publishedOn")).toEqual([
    "2026-04-15T06:00:00.000Z",
  ]);
  expect(await lastTold("arxiv", "2026-04-15")).toEqual([]);
});
