/** An extract is whole sentences of the abstract, in order, that say what is claimed and found. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { beginningWithin, extractOf } from "../../src/papers/extract.ts";
import { latexText, readLatex } from "../../src/papers/latex/reader.ts";
import { notationText, wordsOf } from "../../src/papers/notation.ts";
import type { PaperFacts } from "../../src/papers/paper.ts";
import { countWords } from "../../src/papers/sentences.ts";
import { arxivListing } from "../../src/papers/sources/arxiv-listing.ts";
import { huggingFaceJson } from "../../src/papers/sources/hugging-face.ts";
import { SHARED } from "../home.ts";
import { takeAll } from "./source-file.ts";

const CORPUS = join(SHARED, "corpus");

const BACKGROUND = "Recent models of the tides have become large, costly and hard to run anywhere.";
const GAP = "However, how small a tidal model may be remains unclear to all who need one at sea.";
const CLAIM =
  "In this paper, we propose Ebb, a small model of the tides that runs on a watch, is trained in an hour, and needs no network at all.";
const METHOD = "It looks at the moon twice a day and keeps what it saw in a table.";
const RESULT =
  "On forty harbours Ebb reduces the error by 37% and is 12× faster than the largest model, at a tenth of its energy.";
const NOTICE =
  "Our code is available at https://tides.example/ebb for everybody who would like it.";
const ABSTRACT = [BACKGROUND, GAP, CLAIM, METHOD, RESULT, NOTICE].join(" ");
const TITLE = "Ebb: A Small Model of the Tides";

function extract(abstract: string, title = TITLE): string | null {
  const extracted = extractOf(title, readLatex(abstract));
  return extracted && notationText(extracted);
}

test("the claim and the result are taken, without the opener, background and notices", () => {
  expect(extract(ABSTRACT)).toBe(`${CLAIM.replace("In this paper, we", "We")} ${RESULT}`);
});

test("sentences stay in the order of the abstract", () => {
  const turned = [RESULT, GAP, CLAIM, METHOD, BACKGROUND].join(" ");
  expect(extract(turned)).toBe(`${RESULT} ${CLAIM.replace("In this paper, we", "We")}`);
});

test.each([
  ["Here, we show that tides turn.", "We show that tides turn."],
  ["To address this gap, we show that tides turn.", "We show that tides turn."],
  ["Specifically, our tables and we show it.", "Our tables and we show it."],
  ["In this work we show that tides turn.", "We show that tides turn."],
  ["However, we show that tides turn.", "We show that tides turn."],
  ["In this paper and its appendix, we show it.", "In this paper and its appendix, we show it."],
  ["Here, which is rare, we show it.", "Here, which is rare, we show it."],
  ["In this paper, $x$ is what we show.", "In this paper, x is what we show."],
])("an opener goes only where the sentence stays whole: %s", (sentence, told) => {
  const filler = "The moon and the sun and all the seas between them move a bit each day. ";
  const taken = extract(`${sentence} ${filler.repeat(6)}`, "Tides turn");
  expect(taken?.slice(0, told.length)).toBe(told);
});

test("an abstract that is short enough is taken whole, and of nothing there is nothing", () => {
  expect(extract("We measure tides. In this paper, we say how.")).toBe(
    "We measure tides. In this paper, we say how.",
  );
  expect(extract("")).toBeNull();
  expect(extract(" \n ")).toBeNull();
});

test("formulas stay whole, with their scripts", () => {
  const formula = String.raw`$\mathcal{O}(n^{2. 5} \log n)$`;
  const claim = `We prove that tides turn in ${formula} steps on any sea, however deep it may be, and that no smaller number will do for all of them.`;
  const abstract = [BACKGROUND, GAP, claim, RESULT].join(" ");
  const extracted = extractOf("Tides Turn", readLatex(abstract));
  expect(extracted?.some(({ place, text }) => place === "raised" && text.includes("2.5"))).toBe(
    true,
  );
});

test("scripts without blanks are counted by signs and joined without blanks", () => {
  const one = "我们提出了一个新的方法来解决这个问题，它比以前的方法更快，也更容易使用。";
  const taken = extract(one.repeat(20));
  expect(taken).not.toBeNull();
  expect(countWords(taken ?? "")).toBeGreaterThanOrEqual(45);
  expect(countWords(taken ?? "")).toBeLessThanOrEqual(60);
  expect(taken).not.toMatch(/\s/);
});

test("a text without sentences of a fitting length has no extract, but a beginning", () => {
  const endless = "word ".repeat(2000);
  expect(extract(endless)).toBeNull();
  const beginning = wordsOf(beginningWithin(readLatex(endless)));
  expect(beginning).toMatch(/word…$/);
  expect(countWords(beginning)).toBeGreaterThan(45);
});

test("a beginning is whole sentences where it can be", () => {
  expect(wordsOf(beginningWithin(readLatex(ABSTRACT)))).toBe(`${BACKGROUND} ${GAP} ${CLAIM}`);
});

test("any text is read without a fault, and gives the same extract twice, within bounds", () => {
  const piece = fc.constantFrom(
    ". ",
    "We ",
    "$x_1$",
    "。",
    "(",
    ")",
    "e.g. ",
    "1.5 ",
    "\ud83d",
    "é",
  );
  const text = fc
    .array(fc.oneof(piece, fc.string()), { maxLength: 200 })
    .map((all) => all.join(""));
  fc.assert(
    fc.property(text, text, (title, abstract) => {
      const read = readLatex(abstract.toWellFormed());
      const extracted = extractOf(title, read);
      expect(extractOf(title, read)).toEqual(extracted);
      expect(countWords(wordsOf(extracted ?? []))).toBeLessThanOrEqual(60);
      expect(countWords(wordsOf(beginningWithin(read)))).toBeLessThanOrEqual(61);
    }),
  );
});

test.each([
  ["stops", "a. ".repeat(3333)],
  ["marks", `${"!".repeat(9999)}x`],
  ["no blanks", "x".repeat(10_000)],
  ["digits", "1,".repeat(5000)],
  ["parentheses", `${"(".repeat(5000)}${")".repeat(5000)}`],
  ["claims", "We show. ".repeat(1100)],
  ["Thai", "ภาษาไทยเป็นภาษาที่มีระดับเสียง".repeat(330)],
])("ten thousand characters of %s are no trouble", (_, abstract) => {
  const read = readLatex(abstract);
  const beginning = wordsOf(beginningWithin(read));
  expect(beginning.length).toBeLessThanOrEqual(721);
  expect(countWords(wordsOf(extractOf(TITLE, read) ?? []))).toBeLessThanOrEqual(60);
});

function papersOf(folder: string, format: typeof arxivListing): PaperFacts[] {
  return readdirSync(join(CORPUS, folder)).flatMap((name) =>
    takeAll(format, readFileSync(join(CORPUS, folder, name), "utf8")).map(({ facts }) => facts),
  );
}

test.skipIf(!existsSync(CORPUS))(
  "of the abstracts of the corpus 99 in 100 give 45 to 60 words, all of them whole sentences (needs ../shared)",
  () => {
    const papers = [
      ...papersOf("huggingface", huggingFaceJson),
      ...papersOf("arxiv", arxivListing),
    ];
    let fitting = 0;
    for (const { title, abstract } of papers) {
      const read = readLatex(abstract ?? "");
      const extracted = extractOf(latexText(title), read);
      if (!extracted) continue;
      const words = wordsOf(extracted).split(/\s+/).filter(Boolean);
      expect(words.length).toBeGreaterThanOrEqual(30);
      expect(words.length).toBeLessThanOrEqual(60);
      if (words.length >= 45) fitting++;
      expect([title, cutWords(words, wordsOf(read))]).toEqual([title, []]);
    }
    expect(papers.length).toBeGreaterThan(1000);
    expect(fitting / papers.length).toBeGreaterThan(0.99);
  },
);

/** Returns the words of an extract that are not those of the abstract from blank to blank. */
function cutWords(words: readonly string[], abstract: string): string[] {
  const text = ` ${abstract.replace(/\s+/g, " ")} `.toLowerCase();
  return words.filter((word) => {
    const small = word.toLowerCase();
    // Some authors forget the blank after a full stop.
    const begins = [` ${small}`, `.${small}`].some((begun) => text.includes(begun));
    const ends = /[.!?]["”’)]*$/.test(small) || text.includes(`${small} `);
    return !begins || !ends;
  });
}
