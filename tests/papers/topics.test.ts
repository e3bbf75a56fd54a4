/** Papers are told to be about what somebody who read their titles says they are about. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { NO_FACTS, type PaperFacts } from "../../src/papers/paper.ts";
import { arxivListing } from "../../src/papers/sources/arxiv-listing.ts";
import { huggingFaceJson } from "../../src/papers/sources/hugging-face.ts";
import type { Format } from "../../src/papers/source.ts";
import { topicsOf, TOPICS } from "../../src/papers/topics.ts";
import { SHARED } from "../home.ts";
import { takeAll } from "./source-file.ts";

const CORPUS = join(SHARED, "corpus");

const idsOf = (facts: Partial<PaperFacts>) =>
  topicsOf({ ...NO_FACTS, ...facts }).map(({ id }) => id);

function corpusOf(folder: string, format: Format): PaperFacts[] {
  return readdirSync(join(CORPUS, folder)).flatMap((name) =>
    takeAll(format, readFileSync(join(CORPUS, folder, name), "utf8")).map(({ facts }) => facts),
  );
}

test("there are at most 25 topics, each with an id for addresses and a name of its own", () => {
  expect(TOPICS.length).toBeGreaterThanOrEqual(15);
  expect(TOPICS.length).toBeLessThanOrEqual(25);
  expect(new Set(TOPICS.map(({ id }) => id)).size).toBe(TOPICS.length);
  expect(new Set(TOPICS.map(({ name }) => name)).size).toBe(TOPICS.length);
  for (const { id } of TOPICS) expect(id).toMatch(/^[a-z0-9]+(-[a-z]+)*$/);
});

test("a title alone tells the topic", () => {
  expect(idsOf({ title: "Dexterous Grasping with a Humanoid" })).toEqual(["robotics"]);
  expect(idsOf({ title: "Robust Speech Recognition in the Wild" })).toContain("audio");
  expect(idsOf({ title: "Folding Proteins with Large Language Models" })).toEqual([
    "biology",
    "language-models",
  ]);
});

test("the most specific topic comes first", () => {
  const categories = ["cs.LG", "cs.RO"];
  expect(idsOf({ title: "Reinforcement Learning for Quadruped Locomotion", categories })).toEqual([
    "robotics",
    "reinforcement-learning",
    "machine-learning",
  ]);
});

test("categories tell the topic where the title says nothing, whole archives too", () => {
  expect(idsOf({ title: "On a Curious Thing", categories: ["astro-ph.GA"] })).toEqual(["physics"]);
  expect(idsOf({ title: "On a Curious Thing", categories: ["cs.CR"] })).toEqual(["security"]);
  expect(idsOf({ title: "On a Curious Thing", categories: ["cs.CRX", "xcs.CR"] })).toEqual([]);
});

test("the abstract is asked only where title, keywords and categories say nothing", () => {
  const abstract = "We place electrodes on patients in three hospitals and watch their health.";
  expect(idsOf({ title: "On a Curious Thing", abstract })).toEqual(["medicine"]);
  expect(idsOf({ title: "On a Curious Robot", abstract })).toEqual(["robotics"]);
});

test("words that only look alike tell nothing", () => {
  expect(idsOf({ title: "Code-Switching among Bilinguals" })).not.toContain("code");
  expect(idsOf({ title: "Vision-Language Models" })).toEqual(["vision-language"]);
  expect(idsOf({ title: "Agentless Robotaxi Classicism" })).toEqual([]);
});

test("any text has at most three topics, the same every time, in the order of the list", () => {
  const order = new Map(TOPICS.map((topic, place) => [topic, place]));
  const words = fc.constantFrom("robots", "MRI", "$x^2$", "\\textbf{code}", "視覚", "agents", "3D");
  const text = fc
    .array(fc.oneof(words, fc.string()), { maxLength: 20 })
    .map((all) => all.join(" "));
  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 5 }), text, (title, keywords, abstract) => {
      const told = { ...NO_FACTS, title, keywords, abstract };
      const topics = topicsOf(told);
      expect(topics.length).toBeLessThanOrEqual(3);
      expect(topicsOf(told)).toEqual(topics);
      const places = topics.map((topic) => order.get(topic) ?? Number.NaN);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    }),
  );
});

test.skipIf(!existsSync(CORPUS))(
  "more than 99 of 100 papers of the corpus have a topic, by keywords or by categories (needs ../shared)",
  () => {
    for (const facts of [
      corpusOf("huggingface", huggingFaceJson),
      corpusOf("arxiv", arxivListing),
    ]) {
      const told = facts.filter((paper) => topicsOf(paper).length > 0);
      expect(told.length / facts.length).toBeGreaterThan(0.99);
      const byTitle = facts.filter(({ title }) => topicsOf({ ...NO_FACTS, title }).length > 0);
      expect(byTitle.length / facts.length).toBeGreaterThan(0.9);
    }
  },
);

/** What a reader of the titles says these papers are about: the first topics, by arXiv id. */
const BY_HAND: Readonly<Record<string, readonly string[]>> = {
  "2604.16826": ["efficiency"],
  "2604.12322": ["image-video-generation"],
  "2604.13127": ["security"],
  "2604.19321": ["efficiency", "language-models"],
  "2604.12710": ["safety", "language-models"],
  "2604.14922": ["reinforcement-learning", "efficiency"],
  "2604.13226": ["efficiency", "language-models"],
  "2604.14159": ["interaction", "efficiency", "language-models"],
  "2604.15140": ["language-models"],
  "2604.15411": ["physics", "benchmarks", "language-models"],
  "2604.13244": ["vision"],
  "2604.17078": ["machine-learning"],
  "2604.15190": ["agents"],
  "2604.18131": ["agents", "reinforcement-learning"],
  "2604.05278": ["agents"],
  "2604.06231": ["code", "language-models"],
  "2604.16272": ["image-video-generation", "benchmarks"],
  "2603.24652": ["efficiency"],
  "2604.08537": ["biology"],
  "2604.16503": ["vision"],
  "2604.14896": ["agents", "retrieval"],
  "2604.14927": ["3d-graphics"],
  "2604.13403": ["vision-language"],
  "2603.19835": ["reinforcement-learning", "reasoning"],
  "2604.14847": ["reasoning"],
  "2604.14526": ["vision"],
  "2604.00917": ["code", "agents"],
  "2604.12506": ["audio", "language-models"],
  "2604.14397": ["language-models"],
  "2604.12148": ["retrieval", "vision-language"],
  "2604.17982": ["safety", "vision-language"],
  "2509.25843": ["security", "safety"],
  "2604.07430": ["robotics", "agents"],
  "2604.14497": ["mathematics"],
  "2604.17338": ["code", "benchmarks"],
};

test.skipIf(!existsSync(CORPUS))(
  "35 papers have the topics that a reader of their titles gives them (needs ../shared)",
  () => {
    const known = new Map(
      [...corpusOf("arxiv", arxivListing), ...corpusOf("huggingface", huggingFaceJson)].map(
        (facts) => [facts.arxivId, facts],
      ),
    );
    for (const [id, topics] of Object.entries(BY_HAND)) {
      expect([id, ...idsOf(known.get(id) ?? NO_FACTS)]).toEqual(
        expect.arrayContaining([id, ...topics]),
      );
    }
  },
);
