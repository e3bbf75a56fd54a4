import { expect, test } from "vitest";
import {
  contradictionsIn,
  INTERESTS_MAX,
  NO_INTERESTS,
  nameOf,
  phraseOf,
  readPhrases,
  toldOf,
  wordsIn,
} from "../../src/papers/interests.ts";
import { NO_FACTS } from "../../src/papers/paper.ts";

test("words are compared without case, accents and plurals, and whole", () => {
  expect(wordsIn("Schrödinger’s LLM-based World Models, in C++")).toEqual(
    wordsIn("schrodinger s llm based world model in c++"),
  );
  expect(wordsIn("categories")).toEqual(["category"]);
  const { words } = toldOf({ ...NO_FACTS, title: "Agentic Search with Agents" });
  expect(words).toContain(phraseOf(wordsIn("agent")));
  expect(words).not.toContain(phraseOf(wordsIn("agentic agents")));
});

test("a word is found in its plural and its plural in it, whatever ending that has", () => {
  const pairs = `patch patches, class classes, process processes, loss losses, search searches, bias biases,
    lens lenses, virus viruses, corpus corpuses, box boxes, hash hashes, mesh meshes, cache caches, niche niches,
    size sizes, quiz quizzes, cause causes, use uses, fuse fuses, bus buses, case cases, database databases,
    noise noises, phase phases, iris irises, rise rises, analysis analyses, hypothesis hypotheses, gas gases,
    agent agents, category categories, movie movies, house houses, axe axes, response responses`;
  for (const pair of pairs.split(",")) {
    const [one = "", many = ""] = pair.trim().split(" ");
    expect([pair, ...wordsIn(many)]).toEqual([pair, ...wordsIn(one)]);
  }
  const different = `these thesis, base basis, sense sen, tense ten, us use, dense den, new news, bus bu,
    search sear, cache each, lens len, class clas, gas ga`;
  for (const pair of different.split(",")) {
    const [one = "", other = ""] = pair.trim().split(" ");
    expect([pair, ...wordsIn(one)]).not.toEqual([pair, ...wordsIn(other)]);
  }
});

test("a phrase does not reach from the title into the abstract", () => {
  const { words } = toldOf({ ...NO_FACTS, title: "On World", abstract: "Models are it." });
  expect(words).not.toContain(phraseOf(wordsIn("world models")));
});

test("an author is the same with middle initials, accents, or the last name first", () => {
  for (const name of ["Yann A. LeCun", "LeCun, Yann", "yann lecun"]) {
    expect(nameOf(name)).toBe("yann lecun");
  }
  expect(nameOf("Y. LeCun")).not.toBe("yann lecun");
});

test("phrases are read a line or a comma at a time, each once; names may hold commas", () => {
  expect(readPhrases("diffusion, world models\n\n World  Model \n", "keywords")).toEqual([
    "diffusion",
    "world models",
  ]);
  expect(readPhrases("LeCun, Yann\nAda Lovelace", "authors")).toEqual([
    "LeCun, Yann",
    "Ada Lovelace",
  ]);
});

test("ten thousand keywords, endless ones and such without a word are refused in words", () => {
  const many = Array.from({ length: 10_000 }, (_, at) => `word${at}`).join(",");
  expect(readPhrases(many, "keywords")).toEqual({
    wrong: `Keywords can be ${INTERESTS_MAX} at most; these are 10,000.`,
  });
  expect(readPhrases("x".repeat(1000), "muted")).toHaveProperty("wrong");
  expect(readPhrases("LLM, A", "muted")).toHaveProperty("wrong", expect.stringContaining("“A”"));
  expect(readPhrases("R", "keywords")).toEqual(["R"]);
  expect(readPhrases("光, C++", "muted")).toEqual(["光", "C++"]);
  expect(readPhrases("!!!", "muted")).toEqual({ wrong: "“!!!” holds no word to look for." });
});

test("what is both followed and muted is told, also where a muted word is a part of it", () => {
  const interests = {
    ...NO_INTERESTS,
    keywords: ["video diffusion", "robots"],
    topics: ["security"],
    muted: ["Diffusion", "privacy"],
  };
  expect(contradictionsIn(interests)).toEqual(["video diffusion", "Security and privacy"]);
});
