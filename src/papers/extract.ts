/**
 * A summary of a paper in its own words: the sentences of the abstract that claim and find most, whole
 * and in order. No model and no chance: the same abstract always gives the same extract.
 *
 * A sentence is worth what Edmundson's four features say of it (New Methods in Automatic Extracting,
 * Journal of the ACM 16(2), 1969): cue words, words of the title, place, and frequent words. The last
 * is the mean frequency of its content words, as in SumBasic (Nenkova and Vanderwende, The Impact of
 * Frequency on Summarization, MSR-TR-2005-101). Of all sets of sentences with 45 to 60 words the one
 * with the best mean worth of a word is taken; a knapsack over the number of words finds it.
 */
import { beginningOf, partOf, wordsOf, type Notation } from "./notation.ts";
import { countWords, cutWithin, sentencesOf, type Span } from "./sentences.ts";

const WORDS_MAX = 60;
/** An extract has at least this share of the words that it may have, where the abstract has them. */
const FILLED_MIN = 0.75;

/** An abstract whose sentences do not add up to that may have a shorter extract, but no stub. */
const FILLED_SHORT = 0.5;

interface Sentence extends Span {
  readonly text: string;
  readonly words: number;
  /** The first letter is to be written large, since what stood before it was left out. */
  readonly capital: boolean;
  /** From 0 to 1. */
  readonly worth: number;
}

/**
 * Returns an extract of 45 to 60 words, or as much in proportion of `wordsMax`. An abstract that is
 * not longer is returned whole; one without a fitting set of sentences gives none: null.
 */
export function extractOf(
  title: string,
  abstract: Notation,
  wordsMax = WORDS_MAX,
): Notation | null {
  const text = wordsOf(abstract);
  if (countWords(text) <= wordsMax) return text.trim() ? abstract : null;
  const sentences = weighed(
    title,
    sentencesOf(abstract).map((span) => withoutOpener(text, span)),
  );
  const claim = sentences.find((sentence) => CLAIM.test(sentence.text));
  for (const filled of [FILLED_MIN, FILLED_SHORT]) {
    const bounds = [Math.ceil(wordsMax * filled), wordsMax] as const;
    const chosen =
      (claim && claim.words <= wordsMax && bestSet(sentences, plus(NOTHING, claim), bounds)) ||
      bestSet(sentences, NOTHING, bounds);
    if (chosen) return joined(abstract, chosen);
  }
  return null;
}

/** Returns the first sentences that `wordsMax` words hold; of a longer one its beginning, with "…". */
export function beginningWithin(notation: Notation, wordsMax = WORDS_MAX): Notation {
  const text = wordsOf(notation);
  if (countWords(text) <= wordsMax) return notation;
  let left = wordsMax;
  let end = 0;
  for (const { from, to } of sentencesOf(notation)) {
    left -= countWords(text.slice(from, to));
    if (left < 0) break;
    end = to;
  }
  if (end > 0) return beginningOf(notation, end);
  return [
    ...beginningOf(notation, cutWithin(notation, wordsMax)),
    { text: "…", place: "line", italic: false },
  ];
}

/** What an abstract says before it comes to its point, and which means nothing outside of it. */
const OPENER = new RegExp(
  [
    String.raw`^(?:In this (?:paper|work|study|article|report|letter|survey|thesis)|Here|To this end`,
    String.raw`|To \p{Ll}+ (?:this|these|those|such)(?: [\p{L}-]+){0,5}`,
    String.raw`|Specifically|Concretely|In particular|Notably|Importantly|Crucially|Overall|Finally|Furthermore|Moreover|Additionally|In addition`,
    String.raw`|Also|Therefore|Thus|Hence|Consequently|As a result|Accordingly|However(?=, we )|First(?:ly)?|Second(?:ly)?|Third(?:ly)?|Then|Next|Lastly), `,
    String.raw`|^In this (?:paper|work|study|article|report|letter) (?=we )`,
  ].join(""),
  "u",
);
/** The rest can stand alone when it begins with what a main clause begins with. */
const MAIN_CLAUSE =
  /^(?:we|our|it|this|these|the|a|an|each|all|both|most|many|some|experiments|results|extensive|existing|current|recent|evaluations?|[\p{Lu}][\p{L}\p{N}-]*)\s/u;

/** Leaves out an opener where the sentence stays whole without it. */
function withoutOpener(text: string, { from, to }: Span): Sentence {
  const whole = text.slice(from, to);
  const opener = OPENER.exec(whole)?.[0] ?? "";
  const rest = whole.slice(opener.length);
  const dropped = opener !== "" && MAIN_CLAUSE.test(rest);
  const kept = dropped ? rest : whole;
  return {
    from: dropped ? from + opener.length : from,
    to,
    text: kept,
    words: countWords(kept),
    capital: dropped,
    worth: 0,
  };
}

const WEIGHTS = { cue: 0.4, place: 0.2, frequency: 0.2, title: 0.2 };

/** What papers say when they say what is new. */
const CLAIM =
  /\bwe (?:\w+ly )?(?:propose|present|introduce|show|find|found|demonstrate|develop|prove|report|identify|release|design|build|establish|reveal|discover|derive|construct|study|investigate|examine|describe|observe)\b|\bthis (?:paper|work|study|article|report) (?:\w+ly )?(?:proposes|presents|introduces|shows|develops|demonstrates|investigates|studies|examines|proves|describes|explores)\b|\b(?:is|are) (?:proposed|presented|introduced|developed|established)\b/iu;
/** What papers say when they say what came of it. */
const RESULT =
  /\b(?:outperform\w*|achiev\w+|improv\w+|surpass\w*|exceed\w*|reduc\w+|attain\w*|yields?|results? (?:show|demonstrate|indicate|suggest|reveal)|experiments? (?:show|demonstrate|on|across)|findings|state-of-the-art|up to|compared (?:to|with)|faster|speedup)\b/iu;
/** A quantity: a share, a factor, a decimal, a number of three digits or more. */
const FIGURE = /\d[\d,.]{0,12}\s?(?:%|×|x\b|[–-]?fold)|\d\.\d|\b\d{3,}\b/u;
/** What was known before, and what is wanting. */
const BACKGROUND =
  /^(?:recent(?:ly)?|the advent|existing|current|previous|prior|traditional|conventional|despite|although|while|most|many|however|with the)\b|\b(?:remains? (?:\w+ )?(?:challeng\w+|unclear|limited|difficult|underexplored|open)|(?:has|have) (?:recently )?(?:attracted|shown|demonstrated|emerged|become|achieved|advanced|empowered|enabled|made))\b/iu;
/** Where to find something: the letter has links of its own for that. */
const NOTICE =
  /https?:|\bgithub\b|huggingface\.co|project page|\b(?:is|are|will be) (?:\w+ )?(?:publicly |openly |freely )?(?:available|released|open-?sourced)\b/iu;
/** A word for what was said before, which the extract may leave out. */
const ANAPHOR =
  /^(?:this(?! (?:paper|work|study|article|report|survey))|these|those|such|they|it|both|here|its|their|the former|the latter|together|but|and|yet|instead)\b/iu;

/** Returns the sentences with what each is worth, without notices. */
function weighed(title: string, sentences: readonly Sentence[]): Sentence[] {
  const stems = sentences.map(({ text }) => stemsOf(text));
  const frequency = frequencies(stems);
  const titleStems = new Set(stemsOf(title));
  const firstClaim = sentences.findIndex(({ text }) => CLAIM.test(text));
  const weighted = sentences.map((sentence, index) => {
    const { text } = sentence;
    const own = stems[index] ?? [];
    const worth =
      WEIGHTS.cue * cueOf(text) +
      WEIGHTS.place * placeOf(index, firstClaim, sentences.length) +
      WEIGHTS.frequency * mean(own.map((stem) => frequency.get(stem) ?? 0)) +
      WEIGHTS.title * shareOf(titleStems, new Set(own));
    return { ...sentence, worth: worth * drawbackOf(text) };
  });
  return weighted.filter(({ text }) => !NOTICE.test(text));
}

function cueOf(text: string): number {
  const claim = CLAIM.test(text) ? 0.6 : 0;
  const result = RESULT.test(text) ? 0.25 : 0;
  const figure = FIGURE.test(text) ? 0.35 : 0;
  return Math.min(1, claim + result + figure);
}

/** The point is made at the first claim and summed up at the end; before it stands what is known. */
function placeOf(index: number, firstClaim: number, count: number): number {
  if (index === firstClaim || (firstClaim === -1 && index === 0)) return 1;
  if (index === count - 1) return 0.8;
  return index < firstClaim ? 0.1 : 0.5;
}

function drawbackOf(text: string): number {
  const background = BACKGROUND.test(text) && !CLAIM.test(text) ? 0.5 : 1;
  return background * (ANAPHOR.test(text) ? 0.6 : 1) * (text.endsWith("?") ? 0.4 : 1);
}

/** Words that say nothing of the matter. */
const STOP_WORDS = new Set(
  "a an and are as at be been but by can each for from had has have how however in into is it its may more most not of on one only or other our over several show shows such than that the their then there these they this those through to under use used uses using via was we were when where which while who will with without within new two three also both across paper work propose present".split(
    " ",
  ),
);
/** Words are compared by their beginning: enough to tell learn, learned and learning alike. */
const STEM_LENGTH = 6;

/** Returns the beginnings of the words that say something of the matter, to compare texts by. */
export function stemsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? [];
  return words.filter((word) => !STOP_WORDS.has(word)).map((word) => word.slice(0, STEM_LENGTH));
}

/** Returns how often each stem occurs, as a share of the most frequent one. */
function frequencies(sentences: readonly (readonly string[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const stem of sentences.flat()) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  const most = Math.max(1, ...counts.values());
  return new Map([...counts].map(([stem, count]) => [stem, count / most]));
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function shareOf(wanted: ReadonlySet<string>, had: ReadonlySet<string>): number {
  return wanted.size === 0 ? 0 : [...wanted].filter((stem) => had.has(stem)).length / wanted.size;
}

/** Some sentences, the last of them first, with their words and what these are worth in all. */
interface Choice {
  readonly words: number;
  readonly worth: number;
  readonly last: Sentence | null;
  readonly before: Choice | null;
}

const NOTHING: Choice = { words: 0, worth: 0, last: null, before: null };

function plus(choice: Choice, sentence: Sentence): Choice {
  const words = choice.words + sentence.words;
  const worth = choice.worth + sentence.worth * sentence.words;
  return { words, worth, last: sentence, before: choice };
}

/** Returns the set of best mean worth, `start` among it, with a number of words in bounds, or null. */
function bestSet(
  sentences: readonly Sentence[],
  start: Choice,
  [wordsMin, wordsMax]: readonly [number, number],
): Sentence[] | null {
  // The best choice for each number of words, grown by one sentence after the other.
  const best: (Choice | undefined)[] = Array.from({ length: wordsMax + 1 });
  best[start.words] = start;
  for (const sentence of sentences) {
    if (sentence === start.last) continue;
    for (let words = wordsMax; words >= sentence.words; words--) {
      const before = best[words - sentence.words];
      if (!before || before.words + sentence.words !== words) continue;
      const grown = plus(before, sentence);
      if (grown.worth > (best[words]?.worth ?? -1)) best[words] = grown;
    }
  }
  let chosen: Choice | null = null;
  for (const choice of best.slice(wordsMin, wordsMax + 1)) {
    if (choice && (!chosen || meanWorth(choice) > meanWorth(chosen))) chosen = choice;
  }
  return chosen && inOrder(chosen);
}

function meanWorth({ worth, words }: Choice): number {
  return worth / words;
}

function inOrder(choice: Choice): Sentence[] {
  const sentences: Sentence[] = [];
  for (let at: Choice | null = choice; at?.last; at = at.before) sentences.push(at.last);
  return sentences.toSorted((a, b) => a.from - b.from);
}

/** The end of a sentence after which no blank is written. */
const UNSPACED_END = /[。！？｡][”’」』）]*$/u;

function joined(abstract: Notation, sentences: readonly Sentence[]): Notation {
  return sentences.flatMap((sentence, index) => {
    const [first, ...others] = partOf(abstract, sentence.from, sentence.to);
    if (!first) return [];
    const head = sentence.capital ? `${first.text[0]?.toUpperCase()}${first.text.slice(1)}` : "";
    const gap = UNSPACED_END.test(sentences[index - 1]?.text ?? "。") ? "" : " ";
    return [{ ...first, text: `${gap}${head || first.text}` }, ...others];
  });
}
