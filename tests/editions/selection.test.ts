/** A selection takes the first places of a ranking, keeps papers that are alike apart, and labels exceptions. */
import { expect, test } from "vitest";
import { openRanking } from "../../src/editions/ranking.ts";
import { sameWork, select, type SelectionRules } from "../../src/editions/selection.ts";
import type { Paper } from "../../src/papers/paper.ts";
import { aCandidate } from "./candidate.ts";

const RULES: SelectionRules = { leads: 10, variety: 0, surprise: false, bar: 0 };

/** Returns a ranking of papers with ever fewer votes. */
function ranked(...papers: (Partial<Paper> & { votes?: number })[]) {
  const candidates = papers.map(({ votes, ...facts }, index) => {
    const one = aCandidate({ key: index + 1, votes: votes ?? Math.round(2000 / (index + 2)) });
    return { ...one, paper: { ...one.paper, ...facts } };
  });
  return openRanking().rank(candidates, "2026-04-15");
}

/** Cues of a paper that promises much by itself. */
const PROMISING = { abstract: "We propose. ".repeat(150), links: { code: "https://x.org/code" } };

const leadsOf = (entries: ReturnType<typeof select>) =>
  entries.filter(({ lead }) => lead).map(({ paper }) => Number(paper.key));

test("a selection is the first 60 of a ranking, of which the first lead", () => {
  const ranking = ranked(...Array.from({ length: 80 }, () => ({})));
  const entries = select(ranking, RULES);
  expect(entries).toHaveLength(60);
  expect(entries.map(({ paper }) => paper)).toEqual(ranking.slice(0, 60).map((r) => r.paper));
  expect(entries.map(({ rank }) => rank)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  expect(leadsOf(entries)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  for (const [index, { reason, score, signals, witnesses }] of entries.entries()) {
    expect({ reason, score, signals, witnesses }).toEqual({
      reason: ranking[index]?.reason,
      score: ranking[index]?.score,
      signals: ranking[index]?.signals,
      witnesses: ranking[index]?.estimate.witnesses,
    });
  }
});

test("a ranking shorter than the letter leads with all it has", () => {
  expect(leadsOf(select(ranked({}, {}), RULES))).toEqual([1, 2]);
  expect(select([], { ...RULES, surprise: true })).toEqual([]);
});

test("what stays below the bar does not lead", () => {
  const ranking = ranked({ votes: 90 }, { votes: 2 }, { votes: 80 });
  const entries = select(ranking, { ...RULES, bar: 20 });
  expect(leadsOf(entries)).toEqual([1, 3]);
  expect(entries.map(({ lead }) => lead)).toEqual([true, true, false]);
});

test("one work under two ids is there once, with the better place", () => {
  const authors = ["Ada Lovelace", "Alan Turing"];
  const ranking = ranked(
    { title: "On Computable Numbers", authors },
    { title: "Something else" },
    { title: "On computable  numbers.", authors: ["Alan Turing"] },
    { title: "On Computable Numbers", authors: ["Somebody Else"] },
  );
  expect(select(ranking, RULES).map(({ paper }) => Number(paper.key))).toEqual([1, 2, 4]);
});

test("works are one by title and a common author, where authors are known", () => {
  const told = (title: string, ...authors: string[]) => ({ title, authors });
  expect(sameWork(told("A: b", "Zoë"), told("a b", "Zoe"))).toBe(true);
  expect(sameWork(told("A b"), told("a b", "Zoe"))).toBe(true);
  expect(sameWork(told("A b", "Max"), told("a b", "Zoe"))).toBe(false);
  expect(sameWork(told("A b"), told("A c"))).toBe(false);
});

const NEAR = {
  title: "Reinforcement learning from human feedback for language models",
  keywords: ["reinforcement learning", "language models"],
};

test("a paper just like one that leads makes room for another", () => {
  const other = { title: "Protein folding with diffusion", votes: 20 };
  const ranking = ranked(NEAR, { ...NEAR, title: `${NEAR.title} II` }, other);
  expect(leadsOf(select(ranking, { ...RULES, leads: 2 }))).toEqual([1, 2]);
  expect(leadsOf(select(ranking, { ...RULES, leads: 2, variety: 0.1 }))).toEqual([1, 3]);
});

test("the more variety, the more a paper loses that is somewhat like another", () => {
  const like = { title: "Language models for legal text", keywords: ["language models"] };
  const other = { title: "Protein folding with diffusion", votes: 550 };
  const ranking = ranked(NEAR, like, other);
  expect(leadsOf(select(ranking, { ...RULES, leads: 2, variety: 0.1 }))).toEqual([1, 2]);
  expect(leadsOf(select(ranking, { ...RULES, leads: 2, variety: 1 }))).toEqual([1, 3]);
});

test("what is nearly the same does not lead, though there is room", () => {
  const ranking = ranked(NEAR, { ...NEAR, title: `${NEAR.title} II` }, { title: "Proteins" });
  expect(leadsOf(select(ranking, { ...RULES, variety: 0.1 }))).toEqual([1, 3]);
});

test("leading papers stand in ranking order, whatever the order they were taken in", () => {
  const like = { title: "Language models for legal text", keywords: ["language models"] };
  const ranking = ranked(NEAR, like, { title: "Proteins" });
  const entries = select(ranking, { ...RULES, leads: 3, variety: 0.5 });
  expect(leadsOf(entries)).toEqual([1, 2, 3]);
});

test("a surprise is what its votes leave furthest behind its promise, and is told as nothing else", () => {
  // The third promises most, and has come to that; the last one rose, and says so.
  const known = { ...PROMISING, title: "Protein structure", authorCount: 90, votes: 90 };
  const behind = { ...PROMISING, title: "Protein folding", authorCount: 40, votes: 1 };
  const risen = { ...PROMISING, title: "Protein design", authorCount: 80, votes: 1 };
  const label = { kind: "late", text: "Up 3 votes since Monday" } as const;
  const ranking = ranked({}, {}, known, behind, risen).map((one) =>
    one.paper.key === 5 ? { ...one, label } : one,
  );
  const entries = select(ranking, { ...RULES, leads: 2, surprise: true });
  expect(leadsOf(entries)).toEqual([1, 4]);
  expect(entries.find(({ paper }) => paper.key === 5)?.label).toEqual(label);
});

test("where votes leave nothing behind there is no surprise", () => {
  const ranking = ranked({}, {}, { ...PROMISING, title: "Protein structure", votes: 500 });
  const entries = select(ranking, { ...RULES, leads: 2, surprise: true });
  expect(entries.every(({ label }) => label === null)).toBe(true);
});

test("a surprise takes the last place, says so, and is not there twice", () => {
  const behind = { ...PROMISING, title: "Protein structure", authorCount: 90, votes: 1 };
  const papers = [{}, {}, {}, behind];
  const entries = select(ranked(...papers), { ...RULES, leads: 3, surprise: true });
  expect(leadsOf(entries)).toEqual([1, 2, 4]);
  expect(entries.map(({ label }) => label?.kind ?? null)).toEqual([null, null, "surprise", null]);
  expect(entries.map(({ rank }) => rank)).toEqual([1, 2, 3, 4]);
  const off = select(ranked(...papers), { ...RULES, leads: 3 });
  expect(off.every(({ label }) => label === null)).toBe(true);
});
