/** The ranking foretells what papers come to, puts them in order and says why. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Parameters } from "../../src/editions/estimate.ts";
import { fittedParameters, openRanking } from "../../src/editions/ranking.ts";
import type { Candidate, Paper, Reading, Signal } from "../../src/papers/paper.ts";
import { readingsOf } from "../../src/papers/readings.ts";
import { openApp, SHARED } from "../home.ts";
import { aCandidate } from "./candidate.ts";

const DAY = "2026-04-15";
const rank = openRanking().rank;
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
        position: fc.integer({ min: 1, max: 40 }),
        listSize: fc.integer({ min: 1, max: 40 }),
        authorCount: fc.nat(5),
      },
      { requiredKeys: [] },
    ),
    { maxLength: 30 },
  )
  .map((told) => told.map((one, index) => aCandidate({ ...one, key: index + 1 })));

/** Numbers to reckon with by hand: half as many again for votes at eight, and authors alone as a cue. */
const plain: Parameters = {
  paper: {
    base: 1,
    cues: {
      ...fittedParameters().paper.cues,
      authors: 1,
      abstract: 0,
      title: 0,
      subtitle: 0,
      benchmark: 0,
      agents: 0,
      addressInAbstract: 0,
      organization: 0,
      code: 0,
    },
    organizations: { "Known Lab": 1 },
    words: { training: 2, world: 1, constructor: 0.5 },
    unlisted: -2,
    variance: 2,
    besideReadings: 0,
  },
  place: {
    base: 6,
    position: -1,
    listSize: 0,
    positionAndSize: 0,
    early: 0,
    earlyPosition: 0,
    earlySize: 0,
    rise: 6,
    variance: 1,
    earlyVariance: 0,
  },
  votes: { growth: 0, catchingUp: 0, rise: 0, variance: 1, earlyVariance: 0 },
};
const expected = (candidate: Candidate, parameters = plain) =>
  openRanking(() => parameters).estimate(candidate).votes;

test("what a paper is expected to come to is what pencil and paper give", () => {
  // 2 ^ log2(1 + 30 + 2) - 1.
  expect(expected(aCandidate({ votes: 30, comments: 2 }))).toBeCloseTo(32);
  // 2 ^ (6 - log2(4)) - 1.
  expect(expected(aCandidate({ position: 4, listSize: 9 }))).toBeCloseTo(15);
  // 2 ^ (1 + log2(1 + 3)) - 1.
  expect(expected(aCandidate({ authorCount: 3 }))).toBeCloseTo(7);
});

test("known words of title and keywords add to it, by the root of how many there are", () => {
  const worded = (title: string, keywords = ["no such word"]) => {
    const one = aCandidate({ authorCount: 3 });
    return expected({ ...one, paper: { ...one.paper, title, keywords } });
  };
  expect(worded("Nothing Known, __proto__ and toString")).toBeCloseTo(7);
  // 2 ^ (3 + 2) - 1.
  expect(worded("Training; TRAINING")).toBeCloseTo(31);
  expect(worded("Training", ["world models"])).toBeCloseTo(2 ** (3 + 3 / Math.SQRT2) - 1);
  expect(worded("Training", [])).toBeCloseTo(7);
  const read = aCandidate({ votes: 30 });
  const paper = { ...read.paper, title: "Training", keywords: ["world"] };
  expect(expected({ ...read, paper })).toBeCloseTo(30);
});

test("readings and the paper itself are weighed by how far each may be off", () => {
  const both = { ...plain, paper: { ...plain.paper, besideReadings: 0.5 } };
  // The paper's trust is 0.5 / 2, that of the first place 1 / 1: a fifth of 3 and four fifths of 6.
  expect(expected(aCandidate({ position: 1, authorCount: 3 }), both)).toBeCloseTo(2 ** 5.4 - 1);
});

test("no paper is expected to come to fewer votes than it has", () => {
  const both = { ...plain, paper: { ...plain.paper, besideReadings: 0.5 } };
  expect(expected(aCandidate({ votes: 31, authorCount: 3 }), both)).toBe(31);
});

test("in a daily edition what is still open about a paper takes half of that part", () => {
  const [ranked] = openRanking(() => plain).rank([aCandidate({ votes: 30 })], DAY);
  // Read at eight: 2 ^ (-8 / 24) is open.
  expect(ranked?.score).toBeCloseTo(30 * (1 - 2 ** (-8 / 24) / 2));
  const [weekly] = openRanking(() => plain).rank([aCandidate({ votes: 30 })], null);
  expect(weekly?.score).toBeCloseTo(30);
});

test("each day of age takes three hundredths", () => {
  const score = (day: string) =>
    openRanking(() => plain).rank([aCandidate({ votes: 30, day })], DAY)[0]?.score ?? 0;
  expect(score("2026-04-13") / score(DAY)).toBeCloseTo(0.97 ** 2);
});

test("a paper that no list has taken up, and one of a lab with a record, are told apart", () => {
  const known = aCandidate({ authorCount: 3 });
  const facts = (changes: Partial<Paper>) => ({ ...known, paper: { ...known.paper, ...changes } });
  expect(expected(facts({ listedOn: null }))).toBeCloseTo(1);
  expect(expected(facts({ organization: "Known Lab" }))).toBeCloseTo(15);
  // A name that every object knows is no lab.
  expect(expected(facts({ organization: "constructor" }))).toBeCloseTo(7);
});

test("a paper that rises on its list is expected to come to more", () => {
  const read = (at: string, value: number) => ({
    signal: "position" as const,
    source: "page",
    at: `${DAY}T${at}:00.000Z`,
    value,
  });
  const of = (...trail: Candidate["trail"]) => expected({ ...aCandidate(), trail });
  // From 7 to 3 in six hours: one and the place are halved in (6 + 6) hours, times six.
  const halved = of(read("02:00", 7), read("08:00", 3));
  expect(halved).toBeCloseTo(2 ** (6 - Math.log2(3) + 0.5) - 1);
  expect(of(read("08:00", 4))).toBeCloseTo(15);
  expect(of(read("02:00", 2), read("08:00", 4))).toBeLessThan(15);
});

test("votes that were read before the place are stale beside it", () => {
  const at = (time: string) => `${DAY}T${time}:00.000Z`;
  const votes = { signal: "votes" as const, source: "page", at: at("09:00"), value: 1000 };
  const place = { signal: "position" as const, source: "page", at: at("13:00"), value: 4 };
  expect(expected({ ...aCandidate(), trail: [votes, place] })).toBeCloseTo(15);
  expect(expected({ ...aCandidate(), trail: [place, { ...votes, at: at("13:00") }] })).toBeCloseTo(
    1000,
  );
});

test("stars are shown but do not count", () => {
  expect(scoreOf(aCandidate({ votes: 3, stars: 9000 }))).toBe(scoreOf(aCandidate({ votes: 3 })));
});

test("a paper without a day, or of a day to come, is as young as today's", () => {
  const today = scoreOf(aCandidate({ votes: 3 })) ?? 0;
  expect(scoreOf(aCandidate({ votes: 3, day: "2026-04-20" }))).toBeCloseTo(today);
  expect(scoreOf(aCandidate({ votes: 3, day: null }))).toBeGreaterThan(0);
});

test("with the fitted parameters more votes, a better place and more authors go first", () => {
  const votes = [5, 4, 6, 100].map((count, key) => aCandidate({ key: key + 1, votes: count }));
  expect(keysOf(votes)).toEqual([4, 3, 1, 2]);
  const places = [7, 3, 1, 20].map((position, key) =>
    aCandidate({ key: key + 1, position, listSize: 30 }),
  );
  expect(keysOf(places)).toEqual([3, 2, 1, 4]);
  const authors = [1, 8, 3].map((authorCount, key) => aCandidate({ key: key + 1, authorCount }));
  expect(keysOf(authors)).toEqual([2, 3, 1]);
});

test("of papers that are alike the smaller id goes first", () => {
  const papers = [aCandidate({ key: 3, votes: 3 }), aCandidate({ key: 1, votes: 3 })];
  const alike = papers.map((one) => ({ ...one, paper: { ...one.paper, title: "Same" } }));
  expect(keysOf(alike)).toEqual([1, 3]);
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
  [{ position: 3, listSize: 19 }, "place 3 of 19 on its list"],
  [{ position: 3 }, "place 3 of 3 on its list"],
  [{ position: 3, listSize: 19, votes: 7 }, "7 votes"],
  [{}, "no votes known"],
])("the reason for %j is: %s", (told, words) => {
  expect(reasonOf(aCandidate(told))).toBe(`#1 of 1: ${words}`);
});

test("the reason names only the readings that were weighed", () => {
  const reading = (signal: Signal, hour: number, value: number): Reading => ({
    signal,
    source: "page",
    at: `2026-04-15T${String(hour).padStart(2, "0")}:00:00.000Z`,
    value,
  });
  const told = [reading("votes", 8, 3), reading("position", 12, 2), reading("listSize", 12, 40)];
  const candidate = { ...aCandidate(), ...readingsOf(told) };
  expect(reasonOf(candidate)).toBe("#1 of 1: place 2 of 40 on its list");
});

test("the reason tells a paper that no list has from a listed one", () => {
  const earlier = aCandidate({ day: "2026-04-13", authorCount: 5 });
  const announced = {
    ...earlier,
    paper: { ...earlier.paper, listedOn: null, announcedOn: "2026-04-13" },
  };
  const words = (one: Candidate) => rank([one], "2026-04-15")[0]?.reason;
  expect(words(earlier)).toBe("#1 of 1: no votes known, listed 2 days earlier, 5 authors");
  expect(words(announced)).toBe("#1 of 1: no votes known, announced 2 days earlier, 5 authors");
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
      for (const [index, { paper, signals, reason, score, estimate }] of ranking.entries()) {
        expect(reason).toContain(`#${index + 1} of ${papers.length}: `);
        const said = (noun: string) => {
          const [, number] = new RegExp(`([\\d,]+|no) ${noun}s?\\b(?! known)`).exec(reason) ?? [];
          return number === "no" ? 0 : number && Number(number.replace(",", ""));
        };
        // Beside a place only votes count, where it foretells fewer.
        const byPlace = estimate.witnesses.some(({ kind }) => kind === "place");
        expect(said("vote")).toBe(
          byPlace && estimate.votes !== signals.votes ? undefined : signals.votes,
        );
        expect(said("comment")).toBe(byPlace ? undefined : signals.comments);
        const next = ranking[index + 1];
        expect(next?.score ?? 0).toBeLessThanOrEqual(score);
        const bare = !signals.votes && !signals.comments && !reason.includes("place");
        expect(said("author")).toBe((bare && paper.authorCount) || undefined);
      }
    }),
  );
});

const REAL_DAY = join(SHARED, "corpus/huggingface/2026-04-15.json");
test.skipIf(!existsSync(REAL_DAY))(
  "every paper of a real day is there with its count, the best first (needs ../shared)",
  async () => {
    const { newsletter, files } = await openApp();
    await newsletter.gather([files([REAL_DAY], null)], () => {});
    const { entries } = await newsletter.edition("daily", DAY);
    const items: { paper: { id: string; upvotes: number }; numComments: number }[] = JSON.parse(
      readFileSync(REAL_DAY, "utf8"),
    );
    const points = new Map(
      items.map(({ paper, numComments }) => [paper.id, paper.upvotes + numComments]),
    );
    expect(points.size).toBe(40);
    for (const { rank, paper, reason, signals } of entries) {
      expect((signals.votes ?? 0) + (signals.comments ?? 0)).toBe(points.get(paper.id));
      expect(reason).toMatch(new RegExp(`^#\\d+ of 40: ${signals.votes || "no"} votes?, `));
      expect(rank).toBeLessThanOrEqual(40);
    }
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
