/** What pages look up in the corpus. */
import { expect, test } from "vitest";
import { openCatalogue } from "../../src/papers/catalogue.ts";
import { NOW, openCorpusFile } from "./corpus-file.ts";
import { aSighting } from "./sighting.ts";

async function openWorld() {
  const { db, corpus } = await openCorpusFile();
  const paper = (number: number, listedOn: string, votes?: number) =>
    aSighting({
      arxivId: `2604.0000${number}`,
      title: `Paper ${number}`,
      listedOn,
      readings: votes === undefined ? {} : { votes },
    });
  await corpus.record(
    [
      paper(1, "2026-04-14", 5),
      paper(2, "2026-04-15"),
      paper(3, "2026-04-15", 7),
      paper(4, "2026-04-15", 9),
      paper(5, "2026-04-20"),
      aSighting({ title: "Without a number", listedOn: "2026-04-20" }),
    ],
    NOW,
  );
  return openCatalogue(db);
}

test("a paper is found by its id, with its readings", async () => {
  const catalogue = await openWorld();
  expect(await catalogue.paper("2604.00003")).toMatchObject({
    paper: { title: "Paper 3" },
    signals: { votes: 7 },
  });
  expect((await catalogue.paper("arXiv:2604.00003v2"))?.paper.title).toBe("Paper 3");
  expect(await catalogue.paper("2604.00009")).toBeNull();
});

test("a paper that arXiv does not know is found by the id that its title gives", async () => {
  const catalogue = await openWorld();
  const { papers } = await catalogue.day("2026-04-20", { offset: 0, limit: 9 });
  const id = papers.find(({ paper }) => paper.arxivId === null)?.paper.id ?? "";
  expect(id).toMatch(/^title-/);
  expect((await catalogue.paper(id))?.paper.title).toBe("Without a number");
});

test("a day's papers come by votes, page by page", async () => {
  const catalogue = await openWorld();
  const first = await catalogue.day("2026-04-15", { offset: 0, limit: 2 });
  expect(first.count).toBe(3);
  expect(first.papers.map(({ paper }) => paper.title)).toEqual(["Paper 4", "Paper 3"]);
  const second = await catalogue.day("2026-04-15", { offset: 2, limit: 2 });
  expect(second.papers.map(({ paper }) => paper.title)).toEqual(["Paper 2"]);
  expect(await catalogue.day("2026-04-16", { offset: 0, limit: 2 })).toEqual({
    papers: [],
    count: 0,
  });
});

test("days without papers are passed over on the way to the next", async () => {
  const catalogue = await openWorld();
  expect(await catalogue.neighbours("2026-04-15")).toEqual({
    before: "2026-04-14",
    after: "2026-04-20",
  });
  expect(await catalogue.neighbours("2026-04-14")).toEqual({ before: null, after: "2026-04-15" });
});
