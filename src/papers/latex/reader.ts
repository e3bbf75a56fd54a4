/**
 * Reads LaTeX as the titles and abstracts of papers hold it, among text that has none. Whatever is not
 * understood stays readable: nothing is refused, no word is lost. Time is linear in the length, and
 * nesting is bounded, so that no text can hold up or break a letter.
 */
import { notationText, type Notation, type Run } from "../notation.ts";
import { accent, applyForm, hideGroup } from "./commands.ts";
import { add, addAll, moved, newLine, put, type Line, type Mode } from "./line.ts";
import { ahead, BLANKS, BRACE, END_BRACE, skip, type Reading } from "./reading.ts";
import { FORMS, KINDS, SIGNS } from "./signs.ts";

/** Returns how `source` is to be read. It is kept as it is, so that a better reading may follow. */
export function readLatex(source: string): Notation {
  const reading = {
    source,
    at: 0,
    end: source.length,
    quotes: 0,
    quote: false,
    missing: new Set<string>(),
  };
  return tidied(readAll(reading, newLine("text", false), 0));
}

/** Returns `source` as plain text: for titles in a row, and names. */
export function latexText(source: string): string {
  return notationText(readLatex(source));
}

/** Deeper than this, structure is no longer shown, only its words: it bounds the stack and the time. */
const NESTING_MAX = 12;

/** Reads on to the end, or in braces to the one that closes them. */
function readAll(reading: Reading, line: Line, depth: number, braced = false): Run[] {
  while (reading.at < reading.end) {
    if (braced && line.groups.length === 0 && reading.source[reading.at] === "}") break;
    readOne(reading, line, depth);
  }
  return line.runs;
}

function readOne(reading: Reading, line: Line, depth: number): void {
  const char = reading.source[reading.at] ?? "";
  if (char === "\\") command(reading, line, depth);
  else if (char === "}") closeGroup(reading, line);
  else if (line.mode === "text") readText(reading, line, depth, char);
  else readFormula(reading, line, depth, char);
}

function closeGroup(reading: Reading, line: Line): void {
  const group = line.groups.pop();
  if (line.mode === "text" && (!group || group.shown)) add(line, "}");
  if (group) line.italic = group.italic;
  reading.at++;
}

/** Returns what follows as the argument of a command: a group in braces, else one sign. */
function argument(reading: Reading, line: Line, depth: number): Run[] {
  skip(reading, BLANKS);
  if (skip(reading, BRACE)) {
    readAll(reading, line, depth + 1, true);
    skip(reading, END_BRACE);
  } else if (line.mode !== "text" && reading.at < reading.end && !ahead(reading, END_BRACE)) {
    readOne(reading, line, depth + 1);
  }
  return line.runs;
}

/** Words, up to the next character that may mean something. Addresses are read as they stand. */
const ADDRESS = /https?:\/\/[^\s{}\\$"<>]+/y;
const WORDS = /(?:(?!https?:\/\/)[^\\${}`'"~^_-]){1,2000}/y;
/** A brace that TeX alone would see: around a command, a sign (1{,}879), letters ({B}ayes). */
const UNSEEN_BRACE = new RegExp(
  [
    String.raw`\{(?=\\(?:[A-Za-z]|[^\sA-Za-z]\{?\\?[A-Za-z]))`,
    String.raw`(?<=\S)\{(?=[,=<>:+.-]\})`,
    String.raw`\{(?=[A-Za-z]{1,3}\}[a-z])`,
  ].join("|"),
  "y",
);
/** Scripts of which the dollars are gone: DR^{3}, 10^-3, G^2, q_i; but no name with an underscore. */
const BRACED_SCRIPT = /(?<=[^\s{}])[\^_](?=\{)/y;
const BARE_SCRIPT =
  /(?<=[\p{L}\p{N})\]])\^(-?\d+|\p{L}(?![\p{L}\p{N}^_]))|(?<=(?<![\p{L}\p{N}_/.\\])\p{L})_(\d|[a-z])(?![\p{L}\p{N}_(])/uy;
/** What TeX makes of characters in text. Dashes before a letter may be an option, as in --help. */
const TYPED: readonly (readonly [RegExp, string])[] = [
  [/(?<!-)---(?!-)/y, "—"],
  [/(?<!-)(?:(?<=[^\s(])--(?!-)|--(?![-\p{L}]))/uy, "–"],
  [/(?<!`)``(?!`)/y, "“"],
  [/`(?=[^`']{1,60}'(?!\w))/y, "‘"],
  [/(?<=\p{N})~(?=\p{N})/uy, "~"],
  [/(?<=[\p{L}\p{N}.,;:)\]}'’”%$])~(?=[\p{L}\p{N}\\$([{"`])/uy, " "],
  [/(?<=[\p{L}\p{N}.,;:)\]}])~(?= )/uy, ""],
];
/** What Hugging Face leaves of $2\times$ and $\sim$10. */
const LEFTOVERS: readonly (readonly [RegExp, string])[] = [
  [/(?<![A-Za-z])sim(?=\d[\d.,]*(?:%|times|\s|$))/g, "∼"],
  [/(?<=\d)times\b/g, "×"],
  [/(?<=\b(\d{1,9}) )times(?= \1\b)/g, "×"],
  [/(?<![A-Za-z])approx ?(?=\d)/g, "≈"],
];

function readText(reading: Reading, line: Line, depth: number, char: string): void {
  const address = skip(reading, ADDRESS);
  if (address) return addAddress(reading, line, address[0]);
  const words = skip(reading, WORDS);
  if (words) {
    return add(
      line,
      LEFTOVERS.reduce((text, [found, sign]) => text.replace(found, sign), words[0]),
    );
  }
  if (skip(reading, /\{sim\}/y)) return add(line, "∼");
  if (char === "{") {
    const shown = !ahead(reading, UNSEEN_BRACE);
    line.groups.push({ shown, italic: line.italic });
    if (shown) add(line, "{");
    reading.at++;
    return;
  }
  if (char === "$" && formula(reading, line, depth)) return;
  if (depth < NESTING_MAX && (char === "^" || char === "_")) {
    const place = char === "^" ? "raised" : "lowered";
    if (skip(reading, BRACED_SCRIPT)) {
      return addAll(line, moved(argument(reading, newLine("formula", false, true), depth), place));
    }
    const bare = skip(reading, BARE_SCRIPT);
    if (bare) return add(line, (bare[1] ?? bare[2] ?? "").replace("-", "−"), line.italic, place);
  }
  for (const [typed, sign] of TYPED) {
    if (!skip(reading, typed)) continue;
    if (sign === "“") reading.quotes++;
    if (sign === "‘") reading.quote = true;
    return add(line, sign);
  }
  if (reading.quotes > 0 && skip(reading, /''|"/y)) {
    reading.quotes--;
    return add(line, "”");
  }
  if (reading.quote && skip(reading, /'(?!\w)/y)) {
    reading.quote = false;
    return add(line, "’");
  }
  reading.at++;
  add(line, char);
}

/** An address that was a link with its own text comes without the command: address{text}. */
function addAddress(reading: Reading, line: Line, address: string): void {
  add(line, address);
  const text = skip(reading, /\{([^{}\\]{1,2000})\}/y)?.[1];
  if (text && text !== address) add(line, ` (${text})`);
}

const FENCES = [
  ["$$", "$$"],
  ["$", "$"],
  ["\\(", "\\)"],
  ["\\[", "\\]"],
] as const;

/** Reads a formula, if one begins here; a dollar may as well be money. */
function formula(reading: Reading, line: Line, depth: number): boolean {
  const { source, end } = reading;
  for (const [open, close] of FENCES) {
    // What was not found up to this end is not looked for again, or a row of dollars took for ever.
    const search = `${close}${end}`;
    if (!source.startsWith(open, reading.at) || reading.missing.has(search)) continue;
    const from = reading.at + open.length;
    const to = endOfFormula(source, from, end, close);
    if (to === -1) reading.missing.add(search);
    else if (
      open[0] !== "$" ||
      isFormula(source.slice(from, to), source[to + close.length] ?? "")
    ) {
      reading.at = from;
      reading.end = to;
      addAll(line, readAll(reading, newLine("formula", false), depth + 1));
      reading.at = to + close.length;
      reading.end = end;
      return true;
    }
  }
  return false;
}

function endOfFormula(source: string, from: number, end: number, close: string): number {
  for (let at = from; at + close.length <= end; at++) {
    if (source.startsWith(close, at)) return at;
    if (source[at] === "\\") at++;
  }
  return -1;
}

/**
 * Tells a formula from what stands between two amounts of money: "$5 million to $10 million". TeX's
 * own signs speak for a formula; so does that nothing but it stands between the dollars. Blanks
 * inside, prose, and a digit after the second dollar speak against it, as in pandoc's manual
 * (extension tex_math_dollars).
 */
function isFormula(body: string, next: string): boolean {
  if (!body.trim()) return false;
  const marked = /[\\^_{}]/.test(body);
  const amount = /^\s?\d/.test(body);
  const loose = /^\s|\s$/.test(body);
  const bare = body.replace(/\\[A-Za-z]+\*?(?:\{[^{}]*\})?/g, " ");
  if ((loose || amount) && /(?<![A-Za-z])[A-Za-z]{2,}\s+[A-Za-z]{2,}(?![A-Za-z])/.test(bare))
    return false;
  if (marked) return true;
  if (loose) return amount ? /^\s[\d.,]+%?\s$/.test(body) : /^\s*\p{L}\s*$|[=<>]/u.test(body);
  return !amount || !(/\d/.test(next) || /[-–—/,(~+]$/.test(body));
}

function readFormula(reading: Reading, line: Line, depth: number, char: string): void {
  const script = /[\^_]/.test(char) && depth < NESTING_MAX;
  const sign = String.fromCodePoint(reading.source.codePointAt(reading.at) ?? 0);
  reading.at += sign.length;
  if (script) {
    const runs = argument(reading, newLine(line.mode, false, true), depth);
    return addAll(line, moved(runs, char === "^" ? "raised" : "lowered"));
  }
  if (char === "{") line.groups.push({ shown: false, italic: line.italic });
  else if (/[\s~&]/.test(char)) line.gap = true;
  else if (char === "'") add(line, "′");
  else if (char === "-") put(line, "binary", "−");
  else if (char === ":" && skip(reading, /=/y)) put(line, "relation", ":=");
  else if (char !== "$") {
    const italic = line.mode === "formula" && /[A-Za-zα-ω]/.test(sign);
    put(line, KINDS.get(sign) ?? "plain", sign, italic);
  }
}

function command(reading: Reading, line: Line, depth: number): void {
  const start = reading.at;
  const name = skip(reading, /\\([A-Za-z]+|[^A-Za-z])/uy)?.[1];
  if (name === undefined) {
    reading.at++;
    return add(line, "\\");
  }
  if (line.mode === "text") {
    if (accent(reading, line, name)) return;
    if (name === "(" || name === "[") {
      reading.at = start;
      if (formula(reading, line, depth)) return;
      reading.at = start + 2;
    }
  }
  const sign = SIGNS.get(name);
  const form = FORMS.get(name);
  if (sign) {
    skip(reading, EMPTY);
    // TeX takes the blank after a command; authors of text that only looks like TeX do not know it.
    if (line.mode !== "text" || /^[a-zß-ÿŁłŒœØı]$/i.test(sign.text)) skip(reading, BLANKS);
    const italic = line.mode === "formula" && /^[α-ωℓı]$/.test(sign.text);
    put(line, sign.kind, sign.text, italic || line.italic);
  } else if (form) {
    const read = (mode: Mode, italic = line.italic) =>
      argument(reading, newLine(mode, italic, line.tight), depth);
    applyForm(reading, line, [name, form], depth < NESTING_MAX ? read : null);
  } else unknown(reading, line, depth, name, /[\w:\\/]/.test(reading.source[start - 1] ?? ""));
}

const EMPTY = /\{\}/y;

/** What an author's own command says is its argument, or its name when that may be read. */
function unknown(reading: Reading, line: Line, depth: number, name: string, glued: boolean): void {
  const word = /^[A-Za-z]{2,}$/.test(name);
  if (word && skip(reading, EMPTY)) return put(line, "plain", name, false);
  if (/[A-Za-z]/.test(name) && ahead(reading, BRACE)) {
    if (depth >= NESTING_MAX) return hideGroup(reading, line);
    for (let first = true; ahead(reading, BRACE); first = false) {
      if (!first) add(line, " ");
      addAll(line, argument(reading, newLine(line.mode, line.italic, line.tight), depth));
    }
    return;
  }
  if (word && !(glued && line.mode === "text")) put(line, "word", name, false);
  else add(line, name === '"' || name === "'" ? name : `\\${name}`);
}

/** Returns `runs` with one blank wherever there were several, and none at either end. */
function tidied(runs: Notation): Notation {
  let blank = true;
  const single = runs.map((run) => {
    const text = run.text.replace(/\s+/g, " ").slice(blank && /^\s/.test(run.text) ? 1 : 0);
    if (text) blank = text.endsWith(" ");
    return { ...run, text };
  });
  const last = single.findLastIndex(({ text }) => text.trim());
  return single
    .slice(0, last + 1)
    .map((run, at) => (at === last ? { ...run, text: run.text.trimEnd() } : run))
    .filter(({ text }) => text);
}
