/**
 * Where the sentences of an abstract begin and end, and how many words they have. A full stop ends
 * fewer than it seems to: "et al.", "Fig. 3", "e.g.", initials and decimals do not, and nothing ends in a
 * formula or a parenthesis.
 */
import { wordsOf, type Notation } from "./notation.ts";

/** A stretch of the words of a text, blanks around it left out. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * What may end a sentence, with what closes after it. Some authors forget the blank ("done.We"), and
 * some scripts have none.
 */
const ENDS =
  /[.!?…]{1,8}["'”’)\]]{0,8}(?=\s|$)|(?<=[\s(][\p{L}-]*\p{Ll}{3}\)?)[.!?](?=\p{Lu}(?:\p{Ll}|\s))|[。！？｡]+[”’」』）]*/gu;
/** Abbreviations after which a sentence goes on, whatever follows. */
const NEVER =
  /(?:^|[\s([“"'])(?:i\.e|e\.g|cf|vs|viz|[Ff]igs?|[Ee]qs?|[Ss]ecs?|[Rr]efs?|[Tt]ab|[Tt]hm|[Dd]ef|[Cc]h|[Vv]ol|pp?|[Dd]rs?|[Pp]rof|M[rs]s?|St|ca|approx|resp|w\.r\.t|s\.t|a\.k\.a)$/;
/** Abbreviations and initials that may stand at the end of one too. */
const SOMETIMES = /(?:^|[\s([“"'.])(?:et al|al|etc|[Nn]os?|Inc|Ltd|Jr|Sr|[Uu]\.S|[A-Z])$/;
/** Words that begin sentences and hardly ever names: they decide after an initial. */
const BEGINNING =
  /^(?:We|The|In|Our|This|These|That|It|Its|However|To|For|By|With|When|While|Although|As|At|A|An|On|Under|Here|Thus|Then|Moreover|Furthermore|Finally|Results|Experiments|Extensive|Specifically|Such|Despite|Unlike|Existing|Recent)(?![\p{L}\p{N}])/u;
/** A name that is written small at the beginning of a sentence: vLLM, o1, k-means. */
const SMALL_NAME = /^\p{Ll}\p{Ll}?(?:[\p{Lu}\p{N}]|-\p{L}|[ ,])/u;
/** A parenthesis longer than this was never closed by its author. */
const PARENTHESIS_MAX = 400;

/** Returns the sentences of `notation`, in order; together they hold all its words. */
export function sentencesOf(notation: Notation): Span[] {
  const text = wordsOf(notation);
  const inside = insideOf(notation, text);
  const spans: Span[] = [];
  let from = 0;
  for (const { 0: end, index } of text.matchAll(ENDS)) {
    const to = index + end.length;
    if (inside[index] || !isEnd(text, index, to)) continue;
    spans.push(...trimmed(text, from, to));
    from = to;
  }
  return [...spans, ...trimmed(text, from, text.length)];
}

function isEnd(text: string, index: number, to: number): boolean {
  const next = text.slice(to, to + 40).trimStart();
  if (text[index] !== "." || next === "") return true;
  const before = text.slice(Math.max(0, index - 12), index);
  if (NEVER.test(before)) return false;
  if (SOMETIMES.test(before)) return BEGINNING.test(next);
  return /^[^\p{Ll}]/u.test(next) ? !/^[,;:)]/.test(next) : SMALL_NAME.test(next);
}

/** Marks what stands in parentheses, or is raised or lowered. */
function insideOf(notation: Notation, text: string): Uint8Array {
  const inside = new Uint8Array(text.length);
  let at = 0;
  for (const run of notation) {
    if (run.place !== "line") inside.fill(1, at, at + run.text.length);
    at += run.text.length;
  }
  const open: number[] = [];
  for (let place = 0; place < text.length; place++) {
    if (text[place] === "(") open.push(place);
    else if (text[place] === ")") {
      const from = open.pop();
      if (from !== undefined && place - from <= PARENTHESIS_MAX) inside.fill(1, from, place);
    }
  }
  return inside;
}

/** A blank between two plain words, where no formula is cut apart. */
const BETWEEN_WORDS = /(?<=[\p{L}\p{N}]{2}[,;:)\]”"]?)\s+(?=["“([]?\p{L}{2})/gu;

/** What is cut has no longer words than this on average: a row of signs without blanks is no text. */
const CUT_WORD_MAX = 12;

/** Returns where to cut: within `wordsMax` words, after a clause if one ends in the second half. */
export function cutWithin(notation: Notation, wordsMax: number): number {
  const text = wordsOf(notation)
    .slice(0, wordsMax * CUT_WORD_MAX)
    .replace(/[\ud800-\udbff]$/, "");
  const end = endOfWord(text, wordsMax);
  const cuts = [...text.slice(0, end + 4).matchAll(BETWEEN_WORDS)]
    .map(({ index }) => index)
    .filter((at) => at <= end);
  const clause = cuts.findLast((at) => at > end / 2 && /[,;:]/.test(text[at - 1] ?? ""));
  const cut = clause ?? cuts.at(-1) ?? end;
  return cut - (/[,;:]/.test(text[cut - 1] ?? "") ? 1 : 0);
}

/** Knows where words end in scripts without blanks, Thai too. */
const WORDS = new Intl.Segmenter("en", { granularity: "word" });

/** Returns where the last of `wordsMax` words ends. */
function endOfWord(text: string, wordsMax: number): number {
  let end = 0;
  let left = wordsMax;
  for (const { 0: piece, index } of text.matchAll(/\S+/g)) {
    const words = countWords(piece);
    if (words > left) {
      const share = Math.floor((piece.length * left) / words);
      const last = [...WORDS.segment(piece.slice(0, share + WORD_MAX))].findLast(
        (word) => word.index <= share,
      );
      return last?.index ? index + last.index : end || share;
    }
    left -= words;
    end = index + piece.length;
  }
  return end;
}

function trimmed(text: string, from: number, to: number): Span[] {
  const part = text.slice(from, to);
  const start = from + (part.length - part.trimStart().length);
  return part.trim() ? [{ from: start, to: from + part.trimEnd().length }] : [];
}

/** Scripts that are written without blanks, and about how many of their characters make a word. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;
const UNSPACED_WORD = 2;
/** No word is longer; what is, is read like several. */
const WORD_MAX = 40;

/** Returns how many words `text` has: what stands between blanks, or two signs of a script without. */
export function countWords(text: string): number {
  let words = 0;
  for (const [piece] of text.matchAll(/\S+/g)) {
    const signs = piece.match(UNSPACED)?.length ?? 0;
    const others = piece.length - signs;
    if (signs === 0) words += Math.ceil(others / WORD_MAX);
    else words += Math.ceil(signs / UNSPACED_WORD) + Math.ceil(others / WORD_MAX);
  }
  return words;
}
