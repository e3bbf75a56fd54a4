/**
 * What a paper is about: up to three topics of a short list that readers know at a glance. They are
 * told from the title's words, the source's keywords and the arXiv categories; where these say
 * nothing, from the abstract. Only words and counting, so the same paper always has the same topics.
 */
import { latexText } from "./latex/reader.ts";
import type { PaperFacts } from "./paper.ts";
import { TOPIC_RULES, type TopicRule } from "./topic-rules.ts";

/** What a paper is about. The id is stable, for addresses and preferences. */
export interface Topic {
  readonly id: string;
  readonly name: string;
}

/** All topics, the most specific first. */
export const TOPICS: readonly Topic[] = TOPIC_RULES.map(({ id, name }) => ({ id, name }));

const TOPICS_MAX = 3;

/**
 * What a mention is worth. A title names what a paper is about; keywords name that and its tools
 * too, so one of many counts less than a word of the title. A paper's first category is its own.
 */
const WORTH = { title: 3, keyword: 2, firstCategory: 3, category: 1, abstract: 1 };
/** More mentions than this prove nothing further. */
const MENTIONS_MAX = 3;
/** One keyword, or two minor categories, make a topic. */
const SCORE_MIN = 2;
/** A topic with less than this share of the best one's score is a side matter. */
const SHARE_MIN = 0.3;
/** An abstract says what it is about near its beginning; this bounds the work as well. */
const ABSTRACT_MAX = 2000;

type Told = Pick<PaperFacts, "title" | "abstract" | "keywords" | "categories">;

/** Returns the topics of a paper, at most three, the most specific first. */
export function topicsOf({ title, abstract, keywords, categories }: Told): readonly Topic[] {
  const titleWords = wordsIn(latexText(title));
  const keywordLists = keywords.map(wordsIn);
  const told = strongest(
    (rule) =>
      WORTH.title * mentions(rule, titleWords) +
      WORTH.keyword * Math.min(keywordLists.filter(isTold(rule)).length, MENTIONS_MAX) +
      ofCategories(rule, categories),
  );
  if (told.length > 0 || abstract === null) return told;
  const words = wordsIn(abstract.slice(0, ABSTRACT_MAX));
  return strongest((rule) => WORTH.abstract * mentions(rule, words));
}

function strongest(scoreOf: (rule: TopicRule) => number): Topic[] {
  const scored = TOPIC_RULES.map((rule, place) => ({ place, score: scoreOf(rule) }));
  const best = Math.max(...scored.map(({ score }) => score));
  return scored
    .filter(({ score }) => score >= SCORE_MIN && score >= best * SHARE_MIN)
    .toSorted((a, b) => b.score - a.score || a.place - b.place)
    .slice(0, TOPICS_MAX)
    .toSorted((a, b) => a.place - b.place)
    .flatMap(({ place }) => TOPICS[place] ?? []);
}

function ofCategories(rule: TopicRule, categories: readonly string[]): number {
  const matching = categories.map((category) => rule.categories.some((of) => isOf(category, of)));
  const first = matching[0] ? WORTH.firstCategory : 0;
  return first + (matching.slice(1).includes(true) ? WORTH.category : 0);
}

/** Whether `category` is `of`, or of the archive `of`: "astro-ph.GA" is of "astro-ph". */
function isOf(category: string, of: string): boolean {
  return category === of || category.startsWith(`${of}.`);
}

/** Returns `text` as the rules read it: in lower case, letters and digits with single blanks. */
function wordsIn(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

const patterns = new Map(
  TOPIC_RULES.map((rule) => {
    const words = rule.words.trim().replace(/\s+/g, " ").replaceAll(", ", "|");
    return [rule.id, new RegExp(`(?<![^ ])(?:${words})(?![^ ])`, "g")];
  }),
);

function isTold(rule: TopicRule): (words: string) => boolean {
  return (words) => mentions(rule, words) > 0;
}

/** Returns how many different words of the rule are among `words`, up to the bound. */
function mentions(rule: TopicRule, words: string): number {
  const pattern = patterns.get(rule.id);
  return Math.min(new Set(pattern && words.match(pattern)).size, MENTIONS_MAX);
}
