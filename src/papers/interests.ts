/**
 * What one reader follows in papers, and what must not be shown to them. Only words: whole ones, in
 * any case, accents and plurals aside, so that "agent" is found in "Agents" and not in "agentic".
 * A muted word is stronger than whatever is followed.
 */
import { latexText } from "./latex/reader.ts";
import type { PaperFacts } from "./paper.ts";
import { TOPICS, topicsOf } from "./topics.ts";

export interface Interests {
  /** Ids of topics. */
  readonly topics: readonly string[];
  readonly keywords: readonly string[];
  readonly authors: readonly string[];
  readonly organizations: readonly string[];
  /** Words that no paper of a reader's letter may hold. */
  readonly muted: readonly string[];
}

export const NO_INTERESTS: Interests = {
  topics: [],
  keywords: [],
  authors: [],
  organizations: [],
  muted: [],
};

/** The lists that a reader writes by hand. */
export const WORD_LISTS = ["keywords", "authors", "organizations", "muted"] as const;
export type WordList = (typeof WORD_LISTS)[number];

/** The kinds of things to follow, those first that say most about a paper. */
export const FOLLOWED = ["authors", "organizations", "keywords", "topics"] as const;
export type FollowedKind = (typeof FOLLOWED)[number];

/** More are no interest any more, and each costs time with every letter. */
export const INTERESTS_MAX = 200;
/** No name or phrase is longer. */
const PHRASE_MAX = 80;

/** Whether nothing is followed and nothing muted. */
export function isEmpty(interests: Interests): boolean {
  return interests.topics.length === 0 && WORD_LISTS.every((list) => interests[list].length === 0);
}

/**
 * Returns the phrases in `text`, one a line, of keywords and muted words several to a line with commas
 * between; each once. `wrong` says what can't be taken, in a sentence for whoever wrote it.
 */
export function readPhrases(text: string, list: WordList): string[] | { readonly wrong: string } {
  // A name may be written "LeCun, Yann".
  const ends = list === "keywords" || list === "muted" ? /[\n\r,;]+/ : /[\n\r;]+/;
  const phrases = new Map<string, string>();
  for (const part of text.split(ends)) {
    const phrase = part.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
    if (phrase === "") continue;
    if (phrase.length > PHRASE_MAX) {
      return { wrong: `“${phrase.slice(0, 40)}…” is longer than ${PHRASE_MAX} characters.` };
    }
    const words = wordsIn(phrase).join(" ");
    if (words === "") return { wrong: `“${phrase}” holds no word to look for.` };
    if (list === "muted" && /^\p{Script=Latin}$/u.test(words)) {
      return { wrong: `“${phrase}” is a single letter, and would mute nearly every paper.` };
    }
    if (!phrases.has(words)) phrases.set(words, phrase);
  }
  if (phrases.size <= INTERESTS_MAX) return [...phrases.values()];
  const count = phrases.size.toLocaleString("en-US");
  return { wrong: `${NAMES[list]} can be ${INTERESTS_MAX} at most; these are ${count}.` };
}

const NAMES: Readonly<Record<WordList, string>> = {
  keywords: "Keywords",
  authors: "Authors",
  organizations: "Organisations",
  muted: "Muted words",
};

/** Returns what was stored as JSON, also by a version that knew fewer lists. */
export function storedInterests(text: string | null): Interests {
  return text === null ? NO_INTERESTS : { ...NO_INTERESTS, ...(JSON.parse(text) as Interests) };
}

/** Returns how interests are stored: not at all where there are none. */
export function interestsText(interests: Interests): string | null {
  return isEmpty(interests) ? null : JSON.stringify(interests);
}

/** Returns the phrases that are both followed and muted: muted they stay. */
export function contradictionsIn({ muted, keywords, authors, organizations, topics }: Interests) {
  const mutedPhrases = muted.map((word) => phraseOf(wordsIn(word)));
  const names = topics.flatMap((id) => TOPICS.find((topic) => topic.id === id)?.name ?? []);
  return [...keywords, ...authors, ...organizations, ...names].filter((phrase) => {
    const words = phraseOf(wordsIn(phrase));
    return mutedPhrases.some((word) => words.includes(word));
  });
}

/**
 * Returns the words of `text` as they are compared: in lower case, without accents and the endings of
 * plurals. "C++" is a word. Not for readers: of "cause" and "virus", whose plurals end alike, "caus" is left.
 */
export function wordsIn(text: string): string[] {
  return plainWordsIn(text).map(stemOf);
}

/** Returns the words of `text` for readers: in lower case, without accents. */
export function plainWordsIn(text: string): string[] {
  const plain = text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase();
  return plain.match(/[\p{L}\p{N}]+(?:\+\+|#)?/gu) ?? [];
}

/** Returns words so that one list of them is found within another, whole. */
export function phraseOf(words: readonly string[]): string {
  return ` ${words.join(" ")} `;
}

/** Returns a word without the ending of a plural, as far as that is plain to see. */
export function singular(word: string): string {
  if (word.length < 4 || !word.endsWith("s") || /(?:ss|us|is)$/.test(word)) return word;
  return word.endsWith("ies") && word.length > 4 ? `${word.slice(0, -3)}y` : word.slice(0, -1);
}

/** Words in "s" that are no plurals, though they look like it. */
const IN_S = /^(?:alias|atlas|bias|bus|canvas|chaos|cosmos|gas|lens|news|pancreas)$/;
/** What has a plural in "es", which takes the "e" of others with it: "patches" and "caches". */
const HISSING = /(?:ss|[xz]|[cs]h|..[ui]s)es?$/;

/** Returns what a word and its plural have in common; where English tells two apart by use, so is neither. */
function stemOf(word: string): string {
  if (IN_S.test(word)) return word;
  if (word.endsWith("es") && IN_S.test(word.slice(0, -2))) return word.slice(0, -2);
  if (HISSING.test(word)) return word.replace(/es?$/, "").replace(/zz$/, "z");
  // "Analyses" is of "analysis", and "thesis" is not to be found in "these".
  if (word.length > 7 && word.endsWith("sis")) return word.replace(/is$/, "e");
  // So that a movie is found in "movies", which might be the plural of "movy".
  return singular(word).replace(/(?<=...)ie$/, "y");
}

/** Returns an author's name as it is compared: without the initials between first and last name. */
export function nameOf(author: string): string {
  const [last, first, ...rest] = author.split(",");
  const inOrder = first !== undefined && rest.length === 0 ? `${first} ${last}` : author;
  // Of a name no ending is that of a plural.
  const plain = inOrder
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase();
  const parts = plain.match(/[\p{L}\p{N}]+/gu) ?? [];
  return parts
    .filter((part, at) => part.length > 1 || at === 0 || at === parts.length - 1)
    .join(" ");
}

/** What a paper says, as interests are compared with it. */
export interface Told {
  /** Where keywords are looked for: title, abstract, the source's keywords. */
  readonly words: string;
  /** Where muted words are looked for: in all that a letter may show of it. */
  readonly shown: string;
  readonly authors: readonly string[];
  readonly organization: string;
  readonly topics: readonly string[];
}

/** Returns what a paper says; `written` is what a model wrote of it. */
export function toldOf(facts: PaperFacts, written = ""): Told {
  const { title, abstract, keywords, summary, authors, organization } = facts;
  const topics = topicsOf(facts);
  const phrases = [latexText(title), latexText(abstract ?? ""), ...keywords];
  const names = [...authors, organization ?? "", ...topics.map(({ name }) => name)];
  const others = [summary?.text ?? "", written, ...names];
  return {
    words: joined(phrases),
    shown: joined([...phrases, ...others.map(latexText)]),
    authors: authors.map((author) => nameOf(latexText(author))),
    organization: phraseOf(wordsIn(latexText(organization ?? ""))),
    topics: topics.map(({ id }) => id),
  };
}

/** A phrase does not reach from one text into the next. */
function joined(texts: readonly string[]): string {
  return texts.map((text) => phraseOf(wordsIn(text))).join("|");
}
