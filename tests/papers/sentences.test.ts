/** Sentences end where a reader says they end, and words are counted in any script. */
import { expect, test } from "vitest";
import { readLatex } from "../../src/papers/latex/reader.ts";
import { wordsOf } from "../../src/papers/notation.ts";
import { countWords, cutWithin, sentencesOf } from "../../src/papers/sentences.ts";

const latex = String.raw;

function split(source: string): string[] {
  const notation = readLatex(source);
  return sentencesOf(notation).map(({ from, to }) => wordsOf(notation).slice(from, to));
}

test.each([
  ["We follow Kulesza et al. (2024) and Smith et al. in this. It works.", 2],
  ["We follow Smith et al. We go on.", 2],
  ["Models, e.g. GPT and i.e. Others, vs. Ours, see Fig. 3 and Eq. (2). Done.", 2],
  ["It gains 3.5 points, from 0.82 to 0.91. That is 1.2x.", 2],
  ["Gradients, attention, etc. We use all. In the U.S. Army it works.", 3],
  ["Bounds of J. Smith and D. E. Knuth hold for class C. We prove it.", 2],
  ["Is it so? Yes! It is (see the appendix. It is long).", 3],
  ['He said "it works." We agree.', 2],
  ["We use v2.0 of vLLM. vLLM is fast. k-means is not. o1 is slow.", 4],
  ["Authors forget the blank.We know that. Node.js stays whole.", 3],
  ["One ends… Another begins.", 2],
  ["我们提出新方法。它很快！真的吗？", 3],
  ["No end at all", 1],
])("sentences of %s", (source, count) => {
  const sentences = split(source);
  expect([count, ...sentences]).toHaveLength(count + 1);
  expect(sentences.join(" ").replaceAll(" ", "")).toBe(source.replaceAll(" ", ""));
});

test("nothing ends inside a formula", () => {
  expect(split(latex`Let $x^{a. B}$ and $f(x) = 0.5$ be. The rest.`)).toHaveLength(2);
  expect(split(latex`It is $O(n \log n)$. $k$-means is not.`)).toHaveLength(2);
});

test("a parenthesis that is never closed does not hold the rest", () => {
  expect(split(`We (propose it. ${"It works well. ".repeat(40)}`).length).toBeGreaterThan(20);
});

test("words are counted as readers count them, in scripts without blanks by two signs", () => {
  expect(countWords("")).toBe(0);
  expect(countWords("We gain 3.5 % – at most.")).toBe(7);
  expect(countWords("深度学习方法")).toBe(3);
  expect(countWords("使用 Transformer 模型")).toBe(3);
  expect(countWords("x".repeat(10_000))).toBe(250);
});

test("a cut falls after a clause, never within a word or a formula", () => {
  const cut = (source: string, words: number) => {
    const notation = readLatex(source);
    return wordsOf(notation).slice(0, cutWithin(notation, words));
  };
  expect(cut("one two three four, five six seven eight nine", 6)).toBe("one two three four");
  expect(cut("one two three four five six seven eight nine", 6)).toBe(
    "one two three four five six",
  );
  expect(cut(latex`given that $a = b + c$ holds for all`, 5)).toBe("given");
  expect("学习").toContain(cut("学习方法很好", 1));
  expect(cut("😀".repeat(5000), 60).isWellFormed()).toBe(true);
  expect(cut("x".repeat(10_000), 60).length).toBeLessThanOrEqual(720);
});
