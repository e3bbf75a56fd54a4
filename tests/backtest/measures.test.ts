/** What an order of papers is worth is what the definitions give by hand. */
import { expect, test } from "vitest";
import { meanOf, measuresOf, topOf } from "../../src/backtest/measures.ts";

const outcomes = (votes: Record<string, number>) => new Map(Object.entries(votes));

test("the best order is worth one, and NDCG discounts by place", () => {
  const list = outcomes({ a: 7, b: 3, c: 1 });
  expect(measuresOf(["a", "b", "c"], list)).toEqual({
    precisionAt5: 1,
    precisionAt10: 1,
    ndcgAt10: 1,
  });
  // Gains are 3, 2 and 1; the best order is worth 3 + 2 / log2(3) + 1 / 2.
  const best = 3 + 2 / Math.log2(3) + 0.5;
  expect(measuresOf(["c", "b", "a"], list).ndcgAt10).toBeCloseTo(
    (1 + 2 / Math.log2(3) + 1.5) / best,
  );
});

test("a paper that nobody could see is missed", () => {
  const list = outcomes({ a: 7, b: 3, c: 1 });
  expect(measuresOf(["b"], list)).toMatchObject({ precisionAt10: 1 / 3 });
  expect(measuresOf([], list)).toEqual({ precisionAt5: 0, precisionAt10: 0, ndcgAt10: 0 });
});

test("of papers that are even at the edge of the top any counts", () => {
  const votes = Object.fromEntries(Array.from({ length: 14 }, (_, index) => [`p${index}`, 5]));
  const list = outcomes({ ...votes, low: 1 });
  expect(topOf(list).size).toBe(14);
  const order = ["low", ...Object.keys(votes).slice(4)];
  expect(measuresOf(order, list).precisionAt10).toBe(0.9);
});

test("a list that nobody voted for is as good in any order", () => {
  expect(measuresOf(["a"], outcomes({ a: 0, b: 0 })).ndcgAt10).toBe(1);
});

test("the mean of nothing is nothing", () => {
  expect(meanOf([])).toEqual({ precisionAt5: 0, precisionAt10: 0, ndcgAt10: 0 });
});
