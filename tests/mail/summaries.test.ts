/** What is said of a paper in a letter, and whose words it says they are. */
import { expect, test } from "vitest";
import { summaryOf } from "../../src/mail/summaries.ts";
import { ENGLISH } from "../../src/mail/wording.ts";
import { wordsOf } from "../../src/papers/notation.ts";
import { countWords } from "../../src/papers/sentences.ts";

const SENTENCE = "We propose a small model of the tides that runs on a watch and needs no net. ";
const told = { title: "Tides", summary: null, abstract: SENTENCE.repeat(12) };
type Of = Parameters<typeof summaryOf>;
const said = (paper: Of[0], written: Of[1] = null) => {
  const { text, note } = summaryOf(paper, written, ENGLISH);
  return { text: wordsOf(text), note };
};

test("what was written for the edition goes first, and names the model", () => {
  const summary = { text: "The source's own.", by: "Hugging Face AI" };
  expect(said({ ...told, summary }, { text: "Written.", by: "small-model" })).toEqual({
    text: "Written.",
    note: "Written by small-model from the abstract",
  });
});

test("the source's own summary goes before the abstract, named as such", () => {
  const summary = { text: "The source's own.", by: "Hugging Face AI" };
  expect(said({ ...told, summary })).toEqual({
    text: "The source's own.",
    note: "Summary by Hugging Face AI",
  });
  expect(said({ ...told, summary: { ...summary, by: "" } }).note).toBe("");
});

test("a long summary of the source is cut at a sentence", () => {
  const { text } = said({ ...told, summary: { text: SENTENCE.repeat(6), by: "A source" } });
  expect(text).toBe(SENTENCE.repeat(3).trim());
});

test("an abstract gives an extract of whole sentences", () => {
  const { text, note } = said(told);
  expect(note).toBe("Extract from the abstract");
  expect(text).toMatch(/net\.$/);
  expect(countWords(text)).toBe(51);
});

test("an abstract that has no fitting sentences gives its beginning", () => {
  const { text, note } = said({ ...told, abstract: "tides and more ".repeat(100) });
  expect(note).toBe("From the abstract");
  expect(text).toMatch(/…$/);
  expect(countWords(text)).toBeLessThanOrEqual(61);
});

test("without abstract or summary nothing is said", () => {
  expect(said({ ...told, abstract: null })).toEqual({ text: "", note: "" });
});
