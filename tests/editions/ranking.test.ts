/** The ranking puts candidates in order and says why; a selection takes its first places. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { rank } from "../../src/editions/ranking.ts";
import { select } from "../../src/editions/selection.ts";
import type { Candidate } from "../../src/papers/paper.ts";
import { openApp, SHARED } from "../home.ts";
import { aCandidate } from "./candidate.ts";

const DAY = "2026-04-15";
const scoreOf = (candidate: Candidate) => rank([candidate], DAY)[0]?.score;
const reasonOf = (candidate: Candidate) => rank([candidate], DAY)[0]?.reason;
const keysOf = (candidates: readonly Candidate[], upTo = DAY) =>
  rank(candidates, upTo).map(({ paper }) => paper.key);

const candidates = fc
  .array(
    fc.record(
      {
        day: fc.constantFrom("2026-04-13", "2026-04-14", DAY, null),
        votes: fc.nat(20),
        comments: fc.nat(5),
        stars: fc.nat(2000),
        authorCount: fc.nat(5),
      },
      { requiredKeys: [] },
    ),
    { maxLength: 30 },
  )
  .map((told) => told.map((one, index) => aCandidate({ ...one, key: index + 1 })));

test("the score is the one that pencil and paper give", () => {
  // 32^0.8 = 16; a paper of the day itself is 24 hours old at its end: (24 + 2)^1.8 = 352.33.
  expect(scoreOf(aCandidate({ votes: 30, comments: 2 }))).toBeCloseTo(0.045412, 6);
  // 243^0.8 = 81; of the day before: (48 + 2)^1.8 = 1143.26.
  expect(scoreOf(aCandidate({ votes: 243, day: "2026-04-14" }))).toBeCloseTo(0.07085, 5);
  // 1^0.8 = 1; of a week before: (8 * 24 + 2)^1.8 = 13122.2.
  expect(scoreOf(aCandidate({ comments: 1, day: "2026-04-08" }))).toBeCloseTo(0.0000762, 7);
  expect(scoreOf(aCandidate({ votes: 0, comments: 0 }))).toBe(0);
  expect(scoreOf(aCandidate())).toBe(0);
});

test("stars are shown but do not count", () => {
  expect(scoreOf(aCandidate({ votes: 3, stars: 9000 }))).toBe(scoreOf(aCandidate({ votes: 3 })));
});

test("a paper without a day, or of a day to come, is as young as today's", () => {
  const today = scoreOf(aCandidate({ votes: 3 }));
  expect(scoreOf(aCandidate({ votes: 3, day: null }))).toBe(today);
  expect(scoreOf(aCandidate({ votes: 3, day: "2026-04-20" }))).toBe(today);
});

test("within a day the order is that of votes and comments together", () => {
  const papers = [
    aCandidate({ key: 1, votes: 5 }),
    aCandidate({ key: 2, votes: 4, comments: 3 }),
    aCandidate({ key: 3, comments: 6 }),
    aCandidate({ key: 4, votes: 100 }),
  ];
  expect(keysOf(papers)).toEqual([4, 2, 3, 1]);
});

test("yesterday's paper needs more than four times the points of today's", () => {
  const today = aCandidate({ key: 1, votes: 10 });
  const yesterday = (votes: number) => aCandidate({ key: 2, votes, day: "2026-04-14" });
  expect(keysOf([yesterday(43), today])).toEqual([1, 2]);
  expect(keysOf([yesterday(44), today])).toEqual([2, 1]);
});

test("of papers with equal points the one of more authors goes first, then the smaller id", () => {
  const papers = [
    aCandidate({ key: 4, votes: 3 }),
    aCandidate({ key: 3, votes: 3, authorCount: 2 }),
    aCandidate({ key: 2, votes: 3, authorCount: 9 }),
    aCandidate({ key: 1, votes: 3, authorCount: 2 }),
  ];
  expect(keysOf(papers)).toEqual([2, 1, 3, 4]);
});

test("papers without points are in order of their authors' number", () => {
  const papers = [
    aCandidate({ key: 1, authorCount: 1 }),
    aCandidate({ key: 2, votes: 0, authorCount: 8 }),
    aCandidate({ key: 3, votes: 1 }),
  ];
  expect(keysOf(papers)).toEqual([3, 2, 1]);
});

test.each([
  [{ votes: 121, comments: 9 }, "121 votes, 9 comments"],
  [{ votes: 1, comments: 1 }, "1 vote, 1 comment"],
  [{ votes: 1204, comments: 0 }, "1,204 votes, no comments"],
  [{ votes: 0, comments: 2 }, "no votes, 2 comments"],
  [{ votes: 4 }, "4 votes"],
  [{ comments: 1 }, "1 comment"],
  [{ votes: 0, comments: 0, authorCount: 5 }, "no votes, no comments, 5 authors"],
  [{ comments: 0, authorCount: 1 }, "no comments, 1 author"],
  [{ votes: 0 }, "no votes"],
  [{ authorCount: 12 }, "no votes known, 12 authors"],
  [{ stars: 7 }, "no votes known"],
  [{}, "no votes known"],
])("the reason for %j is: %s", (told, words) => {
  expect(reasonOf(aCandidate(told))).toBe(`#1 of 1: ${words}`);
});

test("a ranking of nothing is empty", () => {
  expect(rank([], DAY)).toEqual([]);
});

test("ranking never drops a candidate and never doubles one", () => {
  fc.assert(
    fc.property(candidates, (papers) => {
      const ranking = rank(papers, DAY);
      const keys = ranking.map(({ paper }) => Number(paper.key));
      expect(keys.toSorted((a, b) => a - b)).toEqual(papers.map(({ paper }) => Number(paper.key)));
      expect(ranking.map(({ rank }) => rank)).toEqual(papers.map((_, index) => index + 1));
    }),
  );
});

test("the order is the same in whatever order the candidates come", () => {
  const shuffled = candidates.chain((papers) =>
    fc.record({
      papers: fc.constant(papers),
      order: fc.shuffledSubarray(papers, { minLength: papers.length }),
    }),
  );
  fc.assert(
    fc.property(shuffled, ({ papers, order }) => {
      expect(rank(order, DAY)).toEqual(rank(papers, DAY));
    }),
  );
});

test("every reason is true of its paper, and no paper stands before a better one", () => {
  fc.assert(
    fc.property(candidates, (papers) => {
      const ranking = rank(papers, DAY);
      for (const [index, { paper, signals, reason, score }] of ranking.entries()) {
        expect(reason).toContain(`#${index + 1} of ${papers.length}: `);
        const said = (noun: string) => {
          const [, number] = new RegExp(`([\\d,]+|no) ${noun}s?\\b(?! known)`).exec(reason) ?? [];
          return number === "no" ? 0 : number && Number(number.replace(",", ""));
        };
        expect(said("vote")).toBe(signals.votes);
        expect(said("comment")).toBe(signals.comments);
        const next = ranking[index + 1];
        expect(next?.score ?? 0).toBeLessThanOrEqual(score);
        const authors = score === 0 && paper.authorCount ? paper.authorCount : undefined;
        expect(said("author")).toBe(authors);
      }
    }),
  );
});

test("a selection is the first 60 of a ranking, of which the first lead", () => {
  const ranking = rank(
    Array.from({ length: 80 }, (_, index) => aCandidate({ key: index + 1, votes: 80 - index })),
    DAY,
  );
  const entries = select(ranking, 10);
  expect(entries).toHaveLength(60);
  expect(entries.map(({ paper }) => paper)).toEqual(ranking.slice(0, 60).map((r) => r.paper));
  expect(entries.map(({ rank }) => rank)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  expect(entries.filter(({ lead }) => lead).map(({ rank }) => rank)).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ]);
  for (const [index, { reason, score, signals }] of entries.entries()) {
    expect({ reason, score, signals }).toEqual({
      reason: ranking[index]?.reason,
      score: ranking[index]?.score,
      signals: ranking[index]?.signals,
    });
  }
});

test("a ranking shorter than the letter leads with all it has", () => {
  const entries = select(rank([aCandidate({ key: 1 }), aCandidate({ key: 2 })], DAY), 10);
  expect(entries.map(({ lead }) => lead)).toEqual([true, true]);
  expect(select([], 10)).toEqual([]);
});

const REAL_DAY = join(SHARED, "corpus/huggingface/2026-04-15.json");
test.skipIf(!existsSync(REAL_DAY))(
  "a real day is in the order of its points, each with its count (needs ../shared)",
  async () => {
    const { newsletter, files } = await openApp();
    await newsletter.gather([files([REAL_DAY], null)], () => {});
    const { entries } = await newsletter.edition("daily", DAY);
    const items: { paper: { id: string; upvotes: number }; numComments: number }[] = JSON.parse(
      readFileSync(REAL_DAY, "utf8"),
    );
    const points = items.map(({ paper, numComments }) => paper.upvotes + numComments);
    expect(entries.map(({ signals }) => (signals.votes ?? 0) + (signals.comments ?? 0))).toEqual(
      points.toSorted((a, b) => b - a),
    );
    expect(entries[0]).toMatchObject({
      paper: { id: "2604.11784" },
      reason: "#1 of 40: 143 votes, 8 comments",
    });
    expect(entries[1]).toMatchObject({
      paper: { id: "2604.13016" },
      reason: "#2 of 40: 108 votes, 6 comments",
    });
  },
);
