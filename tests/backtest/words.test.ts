/** What words tell is what a ridge regression makes of them. */
import { expect, test } from "vitest";
import { fitWords } from "../../scripts/fit/words.ts";

const papers = (count: number, left: number, ...words: string[]) =>
  Array.from({ length: count }, () => ({ words: new Set(words), left }));

test("a word of some papers is worth their mean, less for the penalty", () => {
  // The sum of what is left, by the number of papers and the penalty.
  const { training } = fitWords(papers(8, 3, "training"), 4);
  expect(training).toBeCloseTo((8 * 3) / (8 + 4));
});

test("what two words always have in common is shared between them", () => {
  // Each counts by the root of two: 8 papers tell 16 / sqrt(2) of a sum of 8 and 4.
  const { a, b } = fitWords(papers(8, 2, "a", "b"), 4);
  expect(a).toBeCloseTo(16 / Math.SQRT2 / 12);
  expect(b).toBeCloseTo(a ?? 0);
});

test("words of few papers have no number, nor do papers without words matter", () => {
  const all = [...papers(7, 9, "seldom"), ...papers(9, -1, "often"), ...papers(3, 50)];
  expect(fitWords(all, 1)).toEqual({ often: expect.closeTo(-9 / 10) as number });
  expect(fitWords([], 1)).toEqual({});
});
