/**
 * The terms of a paper: the words of its title and abstract, and pairs of them that stand side by side,
 * weighed by how often a paper says them and how few papers do (TF-IDF). Nothing else is known of a
 * paper here, so that what is learned from terms can be told in words.
 */
import { latexText } from "./latex/reader.ts";
import { plainWordsIn, singular } from "./interests.ts";
import type { PaperFacts } from "./paper.ts";

/** How much each term weighs in one paper; the squares sum to one. */
export type TermWeights = ReadonlyMap<string, number>;

/** How rare each term is, as far as is known from many papers. */
export interface Rarity {
  /** Returns the inverse document frequency of a term; 0 for one that says nothing. */
  of(term: string): number;
}

/** What many papers say. */
export interface Background extends Rarity {
  /** How much each term weighs in a paper, on the whole. */
  readonly usual: ReadonlyMap<string, number>;
  /** The terms that weigh most on the whole: no others can speak against a paper by being absent. */
  readonly mostUsual: readonly string[];
}

type Titled = Pick<PaperFacts, "title" | "abstract">;

/** A title names what a paper is about; an abstract tells it among much else. */
const TITLE_WORTH = 5;
/** A term's rarity counts for a little less than it would: the rarest words are names. */
const RARITY_EXPONENT = 0.75;
/** Several times as many as a profile has terms. */
const MOST_USUAL = 512;
/** What fewer papers say is not usual. */
const USUAL_MIN = 3;
/** Bounds the work for hostile texts; the longest true abstracts have some 400 words. */
const ABSTRACT_MAX = 4000;

const ADDRESSES = /\b(?:https?:\/\/|www\.)\S+|\b(?:[a-z0-9-]+\.)+[a-z]{2,10}\/\S*/gi;

/** What is longer is no word to tell a reader: a sentence without blanks, as in Thai, or an attempt. */
const WORD_MAX = 40;

/** Words that every abstract has, whatever it is about. */
const COMMON = new Set(
  wordsIn(`a about above across after against all also although among an and another any approach are as at
  based be because been before being between both but by can could demonstrate demonstrates different do does
  each effective effectively enable enables enabling existing experiment experiments extensive first for from
  further furthermore has have having here high how however if important improve improves improved improvement
  in including into introduce introduces is it its itself just key large leading less like limited made make
  makes many may method methods more moreover most much multiple need new no not novel of often on
  one only or other others our ours over paper performance present presents previous problem propose proposed
  proposes provide provides recent recently remain remains require requires result results several show shown
  shows significant significantly similar simple since single so some state art strong study such
  than that the their them then there these they this those three through thus to towards toward two under up
  us use used using various very via was we well were what when where whether which while who whose why will
  with within without work works would yet you your achieve achieves achieving address addresses across still
  even without code available github https com www project page during per given framework challenge challenges
  challenging`),
);

/** Returns how often a paper says each of its terms, its title counting for more. */
export function countTerms({ title, abstract }: Titled): Map<string, number> {
  const counts = new Map<string, number>();
  count(wordsIn(latexText(title)), TITLE_WORTH, counts);
  count(wordsIn(latexText((abstract ?? "").slice(0, ABSTRACT_MAX))), 1, counts);
  return counts;
}

/** Terms are told to readers, so that they must be words; names out of addresses are none. */
function wordsIn(text: string): string[] {
  return plainWordsIn(text.replace(ADDRESSES, " ")).map(singular);
}

function count(words: readonly string[], worth: number, counts: Map<string, number>): void {
  let before = "";
  for (const word of words) {
    const isWord = word.length > 1 && word.length <= WORD_MAX && !/^\d/.test(word);
    // A common word parts what stands on its sides.
    const isTerm = isWord && !COMMON.has(word);
    if (isTerm) {
      counts.set(word, (counts.get(word) ?? 0) + worth);
      if (before) {
        const pair = `${before} ${word}`;
        counts.set(pair, (counts.get(pair) ?? 0) + worth);
      }
    }
    before = isTerm ? word : "";
  }
}

/** Returns how much each term weighs in a paper. */
export function weighTerms(paper: Titled, rarity: Rarity): TermWeights {
  const weights = new Map<string, number>();
  let squares = 0;
  for (const [term, times] of countTerms(paper)) {
    const weight = (1 + Math.log(times)) * rarity.of(term);
    if (weight <= 0) continue;
    weights.set(term, weight);
    squares += weight * weight;
  }
  const length = Math.sqrt(squares) || 1;
  for (const [term, weight] of weights) weights.set(term, weight / length);
  return weights;
}

/**
 * Counts terms in two rounds over the same papers: `add` counts who says what, and only then can
 * `addUsual` count how much each weighs.
 */
export function openCount(): {
  add(paper: Titled): void;
  addUsual(paper: Titled): void;
  readonly background: Background;
} {
  const frequencies = new Map<string, number>();
  const usual = new Map<string, number>();
  let papers = 0;
  let most: readonly string[] | null = null;
  const background: Background = {
    of: (term) => {
      const found = frequencies.get(term) ?? 0;
      // A pair that only one paper has says nothing yet.
      if (found < 2 && term.includes(" ")) return 0;
      return (Math.log((papers + 1) / (found + 1)) + 1) ** RARITY_EXPONENT;
    },
    usual,
    get mostUsual() {
      const inOrder = () => [...usual].toSorted((a, b) => b[1] - a[1]).map(([term]) => term);
      return (most ??= inOrder().slice(0, MOST_USUAL));
    },
  };
  return {
    add: (paper) => {
      papers++;
      for (const term of countTerms(paper).keys()) {
        frequencies.set(term, (frequencies.get(term) ?? 0) + 1);
      }
    },
    addUsual: (paper) => {
      for (const [term, weight] of weighTerms(paper, background)) {
        if ((frequencies.get(term) ?? 0) < USUAL_MIN) continue;
        usual.set(term, (usual.get(term) ?? 0) + weight / papers);
      }
    },
    background,
  };
}

/** Counts the terms of `papers`, which are all at hand. */
export function countAll(papers: readonly Titled[]): Background {
  const counting = openCount();
  for (const paper of papers) counting.add(paper);
  for (const paper of papers) counting.addUsual(paper);
  return counting.background;
}
