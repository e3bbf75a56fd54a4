/**
 * Judges what a model wrote before a reader sees it. The abstract that it was given may have been
 * written to mislead it, so the answer is held to what a summary looks like and to what the abstract
 * says; whatever fails is no summary.
 */
import { stemsOf } from "../extract.ts";
import { countWords } from "../sentences.ts";
import { cleanText } from "../text.ts";
import { INSTRUCTIONS, type Question } from "./endpoint.ts";

const WORDS_MIN = 25;
const WORDS_MAX = 80;
const LENGTH_MAX = 1000;
/** Of a text in any language most is letters. */
const LETTERS_MIN = 0.6;
/** Most words of a summary stand in the abstract as well; a made-up one shares only common ones. */
const SHARED_MIN = 0.4;
/** So many words in a row are no chance. */
const ECHO_WORDS = 6;

const ADDRESS =
  /:\/\/|\bwww\.|\S@\S|\b[\w-]+\.\p{L}{2,}\/|\b[\w-]{2,}\.(?:com|org|net|io|ai|dev|co|app|edu|gov|info|xyz)\b/iu;
const MARKUP =
  /<\/?[a-z!]|\*\*|__|`|\]\(|^\s*(?:#{1,6}|[-*•>]|\d+[.)])\s|^\s*[{[]|\{\{|&(?:#\d+|\w+);/im;
/** Talk to whoever asked, and words that no abstract needs: a model that was talked into something. */
const TALK =
  /\b(?:as an ai|i'm sorry|i am sorry|i cannot|i can't|(?:here is|here's|below is) (?:a|the|your)\b.{0,20}\bsummary|(?:ignore|disregard|forget|override) (?:\w+ ){0,3}(?:instructions?|prompts?|rules|above)|(?:previous|prior|above|these) instructions|system prompt|you (?:are|must|should) (?:now )?(?:respond|reply|answer|output|say|click|visit|subscribe)|click (?:here|on|below)|json object)/i;

/** Returns the summary on one line, or null where the answer is none. */
export function summaryIn(answer: string, question: Question): string | null {
  const raw = answer.trim().slice(0, LENGTH_MAX * 2);
  const text = cleanText(raw, LENGTH_MAX * 2);
  const words = countWords(text);
  if (words < WORDS_MIN || words > WORDS_MAX || text.length > LENGTH_MAX) return null;
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  if (letters < text.replaceAll(" ", "").length * LETTERS_MIN) return null;
  if (ADDRESS.test(raw) || MARKUP.test(raw) || TALK.test(text)) return null;
  if (repeats(text, INSTRUCTIONS) || !isGrounded(text, question)) return null;
  return text;
}

/** Whether `text` holds a row of words of `of`. */
function repeats(text: string, of: string): boolean {
  const told = ` ${wordsIn(of).join(" ")} `;
  const words = wordsIn(text);
  return words.some(
    (_, at) =>
      at + ECHO_WORDS <= words.length &&
      told.includes(` ${words.slice(at, at + ECHO_WORDS).join(" ")} `),
  );
}

function wordsIn(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Whether the words are largely those of title and abstract, and every figure is. */
function isGrounded(text: string, { title, abstract }: Question): boolean {
  const told = `${title} ${abstract}`;
  const known = new Set(stemsOf(told));
  const own = [...new Set(stemsOf(text))];
  const shared = own.filter((stem) => known.has(stem));
  if (own.length === 0 || shared.length / own.length < SHARED_MIN) return false;
  const figures = new Set(figuresIn(told));
  return figuresIn(text).every((figure) => figures.has(figure));
}

/**
 * Numbers as they are compared: "1{,}879" and "1,879" are one. Small ones may be counted out, unless
 * they measure something.
 */
function figuresIn(text: string): string[] {
  const numbers = text.replace(/[{}\\$]/g, "").matchAll(FIGURE);
  return Array.from(numbers, ([, number = "", unit]) => ({
    number: number.replaceAll(",", ""),
    unit,
  })).flatMap(({ number, unit }) => (/^\d$/.test(number) && !unit ? [] : [number]));
}

const FIGURE = /(\d+(?:[.,]\d+)*)(\s*(?:%|×|x\b|-?fold\b|times\b|percent\b|points?\b))?/gi;
