/**
 * A line as it is being set: signs come one by one, and blanks between them as TeX has them in formulas,
 * as the source has them in text.
 */
import {
  notationText,
  stretches,
  wordsOf,
  type Notation,
  type Place,
  type Run,
} from "../notation.ts";
import type { Kind } from "./signs.ts";

/** Text as authors type it; a formula, whose letters are italic; a formula in upright letters. */
export type Mode = "text" | "formula" | "upright";

/** What has been read of one text, formula or argument. */
export interface Line {
  readonly runs: Run[];
  readonly mode: Mode;
  /** In scripts signs stand close together. */
  readonly tight: boolean;
  italic: boolean;
  /** Braces that are open: whether they are shown, and whether italics were on before. */
  readonly groups: { readonly shown: boolean; readonly italic: boolean }[];
  last: Kind | "start";
  /** A blank in the source since the last sign of a formula. */
  gap: boolean;
  /** Whether the next sign wants a blank before it; null leaves it to the source. */
  blank: boolean | null;
  negate: boolean;
  /** Whether what was set last ends in a letter or digit. */
  wordy: boolean;
}

export function newLine(mode: Mode, italic: boolean, tight = false): Line {
  const start = { last: "start", gap: false, blank: false, negate: false, wordy: false } as const;
  return { runs: [], mode, italic, tight, groups: [], ...start };
}

export function add(line: Line, text: string, italic = line.italic, place: Place = "line"): void {
  if (!text) return;
  line.wordy = WORD_END.test(text);
  const last = line.runs.at(-1);
  if (last?.italic === italic && last.place === place) {
    line.runs[line.runs.length - 1] = { ...last, text: last.text + text };
  } else line.runs.push({ text, italic, place });
}

export function addAll(line: Line, runs: Notation): void {
  for (const { text, italic, place } of runs) add(line, text, italic || line.italic, place);
}

/** After these a relation, and a plus or minus, stands alone before what it belongs to: ≥3, −1. */
const STARTS: ReadonlySet<string> = new Set(["start", "open"]);
const BEFORE_SIGN = new Set([...STARTS, "comma", "binary", "relation", "word"]);
const WORD_END = /[\p{L}\p{N}]$/u;
const WORD_START = /^[\p{L}\p{N}]/u;

/** Puts a sign into a formula, with TeX's blanks around it; in text, as it is. */
export function put(line: Line, kind: Kind, text: string, italic = line.italic): void {
  if (line.mode === "text") return add(line, text, italic);
  const alone = (kind === "relation" ? STARTS : BEFORE_SIGN).has(line.last);
  if (blankBefore(line, kind, text)) add(line, " ", false);
  add(line, line.negate ? `${text}\u0338`.normalize() : text, italic);
  line.negate = false;
  if (kind === "relation" || kind === "binary")
    line.blank = !alone && (kind === "relation" || line.gap);
  else line.blank = kind === "open" ? false : kind === "word" ? true : null;
  line.last = kind;
  line.gap = false;
}

/** Blanks are those of the source, but around a relation and beside a word as TeX has them. */
function blankBefore({ last, gap, blank, tight, wordy }: Line, kind: Kind, text: string): boolean {
  if (tight) {
    const apart = kind === "word" || last === "word" || gap;
    return apart && wordy && WORD_START.test(text);
  }
  if (last === "start" || kind === "close" || kind === "comma") return false;
  if (kind === "relation") return gap || last === "plain" || last === "close" || last === "word";
  if (last === "word" && kind === "open") return gap;
  return blank ?? (gap || (kind === "word" && last !== "comma"));
}

/** Puts a part that was read apart into its place among the signs. */
export function putAll(line: Line, kind: Kind, runs: Notation): void {
  const [first, ...rest] = runs;
  if (!first) return;
  if (first.place !== "line") return addAll(line, runs);
  put(line, kind, first.text, first.italic || line.italic);
  addAll(line, rest);
}

/** Returns `runs` raised or lowered. Scripts of scripts are written out, as plain text has them. */
export function moved(runs: Notation, place: Place): Run[] {
  const text = wordsOf(runs).trim();
  if (place === "raised" && text === "∘") return [{ text: "°", italic: false, place: "line" }];
  if (place === "raised" && text === "⊤") return [{ text: "T", italic: false, place }];
  if (/^[′†‡°]+$/.test(text)) return [{ text, italic: false, place: "line" }];
  return stretches(runs).flatMap((group) =>
    group[0]?.place === "line"
      ? group.map((run) => ({ ...run, place }))
      : [{ text: notationText(group), italic: false, place }],
  );
}
