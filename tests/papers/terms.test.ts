/** The words that a paper is known by. */
import { expect, test } from "vitest";
import { weighTerms } from "../../src/papers/terms.ts";
import { NO_FACTS, type Paper } from "../../src/papers/paper.ts";

const RARE = { of: () => 1 };

function termsOf(facts: Partial<Paper>): string[] {
  const paper = { ...NO_FACTS, title: "A title", ...facts } as Paper;
  return [...weighTerms(paper, RARE).keys()];
}

test("what stands in an address is no word of a paper", () => {
  const abstract =
    "Quokkas hop. Code is at https://github.com/zunhaisu/QuokkaBench, www.example.org/people or example.ai/demo/run.";
  const terms = termsOf({ abstract });
  expect(terms).toEqual(expect.arrayContaining(["quokka", "hop"]));
  for (const word of ["zunhaisu", "quokkabench", "github", "people", "demo", "run", "example"])
    expect(terms.join(" ")).not.toContain(word);
});

test("a sentence without a blank behind its full stop, and a rate, are no addresses", () => {
  const terms = termsOf({ abstract: "It ends.Hopping begins at once. Input/output counts." });
  expect(terms).toEqual(expect.arrayContaining(["hopping", "input", "output"]));
});
