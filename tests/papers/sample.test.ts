/** The sample corpus that comes with the program: facts of real papers, and our own words. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dailyPapersPage } from "../../src/papers/sources/daily-papers-page.ts";
import { huggingFaceJson } from "../../src/papers/sources/hugging-face.ts";
import { sightingsJsonl } from "../../src/papers/sources/sightings-jsonl.ts";
import { titleKey } from "../../src/papers/text.ts";
import { ROOT, SHARED } from "../home.ts";
import { ALWAYS, NOW, openCorpusFile } from "./corpus-file.ts";
import { takeAll } from "./source-file.ts";

const PAGE = join(SHARED, "seed/daily-papers-page.txt");
const LISTED = join(SHARED, "corpus/huggingface/2026-04-15.json");

const sampleText = readFileSync(join(ROOT, "data/sample.jsonl"), "utf8");
const sample = takeAll(sightingsJsonl, sampleText);
const sampleOf = (day: string) => sample.filter(({ facts }) => facts.listedOn === day);
const realPage = () => takeAll(dailyPapersPage, readFileSync(PAGE, "utf8"));
const realListing = () => takeAll(huggingFaceJson, readFileSync(LISTED, "utf8"));

/** Every run of eight words in `text`, as `titleKey` compares words. */
function runsOfEight(text: string): Set<string> {
  const words = text
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .map(titleKey);
  return new Set(words.slice(7).map((_, index) => words.slice(index, index + 8).join(" ")));
}

test("the sample is two real days: 85 papers of a page and 40 of a listing", async () => {
  expect(sample).toHaveLength(125);
  expect(sampleOf("2025-10-30")).toHaveLength(85);
  expect(sampleOf("2026-04-15")).toHaveLength(40);
  const { corpus } = await openCorpusFile();
  await corpus.record(sample, NOW);
  expect(await corpus.candidates(ALWAYS)).toHaveLength(125);
});

test("every paper of the sample has a summary in our words, and no abstract", () => {
  for (const { facts } of sample) {
    expect(facts.summary?.by).toBe("Paper Round");
    expect(facts.summary?.text).toMatch(/^\S.{60,400}[.!?]$/su);
    expect(facts.abstract).toBeNull();
  }
  expect(new Set(sample.map(({ facts }) => facts.summary?.text)).size).toBe(125);
});

test("no line of the sample loses a field by being read", () => {
  const lines = sampleText.trim().split("\n");
  for (const [index, line] of lines.entries()) {
    const { source, observedAt, readings, links = {}, ...facts } = JSON.parse(line);
    expect(sample[index]).toMatchObject({ source, readings: readings ?? {} });
    expect(sample[index]?.observedAt).toContain(observedAt.slice(0, 10));
    for (const [field, value] of Object.entries(facts)) {
      expect(sample[index]?.facts).toHaveProperty(field, value);
    }
    const read = Object.keys(sample[index]?.facts.links ?? {});
    expect(read.toSorted()).toEqual(Object.keys(links).toSorted());
  }
});

test.skipIf(!existsSync(LISTED))(
  "the facts of the page are the real ones (needs ../shared)",
  () => {
    const told = (papers: ReturnType<typeof realPage>) =>
      papers.map(({ source, facts, readings }) => ({
        source,
        title: facts.title,
        authorCount: facts.authorCount,
        organization: facts.organization,
        publishedOn: facts.publishedOn,
        listedOn: facts.listedOn,
        readings,
      }));
    expect(told(sampleOf("2025-10-30"))).toEqual(told(realPage()));
  },
);

test.skipIf(!existsSync(LISTED))(
  "the facts of the listing are the real ones (needs ../shared)",
  () => {
    const told = (papers: ReturnType<typeof realListing>) =>
      papers
        .map(({ source, facts, readings }) => ({
          source,
          id: facts.arxivId,
          title: facts.title,
          authorCount: facts.authorCount,
          organization: facts.organization,
          publishedOn: facts.publishedOn,
          listedOn: facts.listedOn,
          links: facts.links,
          readings,
        }))
        .toSorted((a, b) => String(a.id).localeCompare(String(b.id)));
    expect(told(sampleOf("2026-04-15"))).toEqual(told(realListing()));
  },
);

test.skipIf(!existsSync(LISTED))(
  "no summary of the sample repeats eight words of the abstract (needs ../shared)",
  () => {
    const abstracts = new Map(
      [...realPage(), ...realListing()].map(({ facts }) => [titleKey(facts.title), facts]),
    );
    for (const { facts } of sample) {
      const real = abstracts.get(titleKey(facts.title));
      const theirs = runsOfEight(`${real?.abstract} ${real?.summary?.text ?? ""}`);
      expect(theirs.size).toBeGreaterThan(0);
      const shared = [...runsOfEight(facts.summary?.text ?? "")].filter((run) => theirs.has(run));
      expect(shared).toEqual([]);
    }
  },
);

test.skipIf(!existsSync(join(SHARED, "corpus/huggingface")))(
  "all recorded days are gathered into 616 papers (needs ../shared)",
  async () => {
    const { corpus } = await openCorpusFile();
    const folder = join(SHARED, "corpus/huggingface");
    for (const name of readdirSync(folder)) {
      const papers = takeAll(huggingFaceJson, readFileSync(join(folder, name), "utf8"));
      await corpus.record(papers, NOW);
      const { papers: again } = await corpus.record(papers, NOW);
      expect(again).toEqual({ new: 0, changed: 0, unchanged: papers.length });
    }
    expect(await corpus.count()).toBe(616);
  },
);
