import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openChoices, type Choice, type Taste } from "../../src/editions/choice.ts";
import type { Entry } from "../../src/editions/edition.ts";
import { NO_INTERESTS, type Interests } from "../../src/papers/interests.ts";
import type { Paper, PaperKey } from "../../src/papers/paper.ts";
import { packProfile } from "../../src/papers/packed-profile.ts";
import { learn, type Profile } from "../../src/papers/profile.ts";
import { countAll } from "../../src/papers/terms.ts";
import { aCandidate } from "./candidate.ts";
import { plainChoice } from "./plain-choice.ts";

const WORDS = [
  "diffusion",
  "agents",
  "robots",
  "speech",
  "proteins",
  "graphs",
  "lattices",
  "games",
];

/** Returns an edition in which every paper is about one word, and the words take turns. */
function entriesOf(count: number, facts: (at: number) => Partial<Paper> = () => ({})): Entry[] {
  return Array.from({ length: count }, (_, at) => {
    const { paper, ...candidate } = aCandidate({ key: at + 1 });
    const word = WORDS[at % WORDS.length];
    const abstract = `We study ${word} and how ${word} scale. Number ${at}.`;
    const told = { ...paper, title: `On ${word} ${at}`, abstract, ...facts(at) };
    return {
      ...candidate,
      paper: told,
      rank: at + 1,
      lead: at < 10,
      score: 1,
      reason: "",
      label: null,
      witnesses: [],
      written: null,
    };
  });
}

function choicesOf(entries: readonly Entry[], bar = 0) {
  const background = countAll(entries.map(({ paper }) => paper));
  return { choices: openChoices(entries, background, { bar, otherKeys: new Map() }), background };
}

const wish = { places: 10, tail: 5, seen: [], kept: null };
const following = (interests: Partial<Interests>): Taste => ({
  interests: { ...NO_INTERESTS, ...interests },
  profile: null,
});
const likedBy = (profile: Profile | null): Taste => ({
  interests: NO_INTERESTS,
  profile: profile && packProfile(profile),
});
const keys = (part: Choice["entries"]) => part.map(({ entry }) => Number(entry.paper.key));

test("who follows nothing gets what the edition leads with, in its order, and the next as titles", () => {
  const { choices } = choicesOf(entriesOf(40));
  const { entries, tail } = choices.choose(following({}), wish);
  expect(keys(entries)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(keys(tail)).toEqual([11, 12, 13, 14, 15]);
  expect(entries.every(({ why }) => why === null)).toBe(true);
});

test("authors, organisations, keywords and topics have places, with the reason in words", () => {
  const facts = [
    { authors: ["Ada M. Lovelace"] },
    { organization: "The Analytical Engine Lab" },
    { title: "World models for sleeping cats" },
    { title: "Humanoid robots that walk", categories: ["cs.RO"] },
  ];
  const { choices } = choicesOf(entriesOf(60, (at) => (at >= 56 ? (facts[at - 56] ?? {}) : {})));
  const taste = following({
    authors: ["Ada Lovelace"],
    organizations: ["analytical engine"],
    keywords: ["World model"],
    topics: ["robotics"],
    muted: ["robots 2", "robots 10"],
  });
  const { entries } = choices.choose(taste, wish);
  const why = new Map(entries.map(({ entry, why: known }) => [Number(entry.paper.key), known]));
  expect(why.get(57)).toEqual({ kind: "authors", what: "Ada Lovelace" });
  expect(why.get(58)).toEqual({ kind: "organizations", what: "analytical engine" });
  expect(why.get(59)).toEqual({ kind: "keywords", what: "World model" });
  expect(why.get(3)).toBeUndefined();
});

test("whatever is followed and muted: followed papers are all in the letter, muted ones never", () => {
  const words = fc.subarray(WORDS);
  const entries = entriesOf(120);
  const { choices } = choicesOf(entries);
  fc.assert(
    fc.property(words, words, fc.integer({ min: 1, max: 25 }), (keywords, muted, places) => {
      const taste = following({ keywords, muted });
      const { entries: chosen, tail } = choices.choose(taste, { ...wish, places });
      const shown = new Set([...keys(chosen), ...keys(tail)]);
      expect(shown.size).toBe(chosen.length + tail.length);
      expect(chosen.length).toBeLessThanOrEqual(places);
      const wanted = keywords.filter((word) => !muted.includes(word));
      const must = entries.filter(({ paper }) => wanted.some((word) => paper.title.includes(word)));
      const missing = must.filter(({ paper }) => !shown.has(Number(paper.key)));
      // A letter has room for sixty titles; the first come first.
      expect(missing.slice(0, must.length <= 60 ? undefined : 0)).toEqual([]);
      for (const { entry } of [...chosen, ...tail]) {
        expect(muted.some((word) => entry.paper.title.includes(word))).toBe(false);
      }
    }),
  );
});

test("a paper that an earlier letter brought does not come again, and a resend brings the same", () => {
  const { choices } = choicesOf(entriesOf(40));
  const seen = [1, 3] as PaperKey[];
  const { entries } = choices.choose(following({}), { ...wish, places: 3, seen });
  expect(keys(entries)).toEqual([2, 4, 5]);
  const kept = [2, 9, 30] as PaperKey[];
  const again = choices.choose(following({ muted: ["agents 9", "robots"] }), {
    ...wish,
    seen,
    kept,
  });
  expect(keys(again.entries)).toEqual([2, 9, 30]);
});

test("what was liked brings its like, with the liked paper named, and more of it the more is known", () => {
  const entries = entriesOf(80);
  const { choices, background } = choicesOf(entries);
  const aboutProteins = entriesOf(200).filter((_, at) => at % WORDS.length === 4);
  const likedOf = (count: number) =>
    aboutProteins.slice(0, count).map(({ paper }) => ({ ...paper, liked: true }));
  const proteins = (count: number) => {
    const profile = learn(likedOf(count), background);
    const { entries: chosen } = choices.choose(likedBy(profile), wish);
    return chosen.filter(({ entry }) => entry.paper.title.includes("proteins"));
  };
  expect(proteins(1).length).toBeGreaterThanOrEqual(1);
  expect(proteins(10).length).toBeGreaterThan(proteins(1).length);
  const labelled = proteins(10).flatMap(({ why }) => why ?? []);
  expect(labelled.length).toBeGreaterThan(0);
  for (const why of labelled)
    expect(why).toEqual({ kind: "liked", what: expect.stringMatching(/^On proteins \d+$/) });
});

test("what leads again with something new to tell comes to those, too, who had it before", () => {
  const label = { kind: "update", text: "Update: version 2" } as const;
  const entries = entriesOf(40).map((entry, at) =>
    at === 2 || at === 20 ? { ...entry, label } : entry,
  );
  const { choices } = choicesOf(entries);
  const seen = [1, 3, 21] as PaperKey[];
  const { entries: chosen, tail } = choices.choose(following({}), { ...wish, places: 3, seen });
  expect(keys(chosen)).toEqual([2, 3, 4]);
  // One that leads nothing would come again day after day.
  const all = choices.choose(following({}), { ...wish, tail: 40, seen });
  expect(keys([...all.entries, ...all.tail])).not.toContain(21);
  expect(tail).toHaveLength(5);
});

test("on a quiet day a letter is as short as the edition, but for what is followed or liked", () => {
  const quiet = entriesOf(80).map((entry, at) => ({
    ...entry,
    lead: at < 3,
    score: at < 40 ? 12 : 4,
  }));
  const { choices, background } = choicesOf(quiet, 10);
  expect(keys(choices.choose(following({}), wish).entries)).toEqual([1, 2, 3]);
  expect(keys(choices.choose(following({}), { ...wish, seen: [1] as PaperKey[] }).entries)).toEqual(
    [2, 3],
  );
  const followed = choices.choose(following({ keywords: ["games 79"] }), wish);
  expect(keys(followed.entries)).toEqual([1, 2, 3, 80]);
  const papers = quiet.filter((_, at) => at % WORDS.length === 4).map(({ paper }) => paper);
  const profile = learn(
    papers.map((paper) => ({ ...paper, liked: true })),
    background,
  );
  const { entries } = choices.choose(likedBy(profile), wish);
  // Those on proteins that reach the bar are places 5, 13, 21, 29 and 37.
  expect(keys(entries)).toEqual([1, 2, 3, 5, 13, 21, 29, 37]);
});

test("less like this alone lets its like fall, for others that reach the bar", () => {
  const entries = entriesOf(40);
  const { choices, background } = choicesOf(entries);
  const robots = entriesOf(200).filter((_, at) => at % WORDS.length === 2);
  const profile = learn(
    robots.slice(0, 4).map(({ paper }) => ({ ...paper, liked: false })),
    background,
  );
  expect(profile?.terms.every(({ weight, from }) => weight < 0 && from === null)).toBe(true);
  const { entries: chosen } = choices.choose(likedBy(profile), wish);
  expect(chosen).toHaveLength(10);
  expect(chosen.filter(({ entry }) => entry.paper.title.includes("robots"))).toEqual([]);
  expect(chosen.every(({ why }) => why === null)).toBe(true);
});

test("the liked paper that is named is the one from which most of the likeness comes, of all terms", () => {
  const entries = entriesOf(40, (at) => (at === 39 ? { title: "Strong quiet" } : {}));
  const { choices } = choicesOf(entries.map((entry) => ({ ...entry, lead: true })));
  const terms = [
    { term: "strong", weight: 0.3, from: 0 },
    ...Array.from({ length: 40 }, (_, at) => ({ term: `missing${at}`, weight: 0.2, from: 0 })),
    { term: "quiet", weight: 0.19, from: 1 },
    { term: "strong quiet", weight: 0.19, from: 1 },
    { term: "games", weight: 0.19, from: 1 },
  ];
  const profile = { terms, liked: ["One", "Most"], opinions: 20 };
  const { entries: chosen } = choices.choose(likedBy(profile), wish);
  const last = chosen.find(({ entry }) => entry.rank === 40);
  expect(last?.why).toEqual({ kind: "liked", what: "Most" });
});

/** Papers of a few words each, so that many share some. */
const anyWords = fc.array(fc.constantFrom(...WORDS, "quiet", "strong", "örtlich", "模型"), {
  minLength: 1,
  maxLength: 6,
});
const anyPaper = fc.record({ words: anyWords, lead: fc.boolean(), score: fc.integer({ max: 20 }) });
const anyJudged = fc.record({ words: anyWords, liked: fc.boolean() });

test("whatever is liked and not, a choice is what the plain definition of it says", () => {
  const wishes = fc.record({
    places: fc.integer({ min: 1, max: 12 }),
    seen: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 }),
  });
  const papers = fc.array(anyPaper, { minLength: 1, maxLength: 40 });
  const judged = fc.array(anyJudged, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(papers, judged, wishes, (told, opinions, { places, seen }) => {
      const entries = entriesOf(told.length, (at) => ({
        title: told[at]?.words.join(" ") ?? "",
        abstract: null,
      })).map((entry, at) => ({
        ...entry,
        lead: told[at]?.lead ?? false,
        score: told[at]?.score ?? 0,
      }));
      const { choices, background } = choicesOf(entries, 10);
      const profile = learn(
        opinions.map(({ words, liked }) => ({ title: words.join(" "), abstract: null, liked })),
        background,
      );
      if (!profile) return;
      const asked = { ...wish, places, seen: seen as PaperKey[] };
      const { entries: chosen } = choices.choose(likedBy(profile), asked);
      const found = chosen.map(({ entry, why }) => [entry.rank, why?.what ?? null]);
      expect(found).toEqual(plainChoice(entries, background, 10, profile, asked));
    }),
  );
});
