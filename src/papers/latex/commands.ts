/**
 * What commands do with their arguments: fractions, roots, alphabets, links. The reader hands in how an
 * argument is read.
 */
import { notationText, wordsOf, type Notation, type Run } from "../notation.ts";
import { add, addAll, moved, putAll, type Line, type Mode } from "./line.ts";
import { ahead, BLANKS, BRACE, skip, verbatim, type Reading } from "./reading.ts";
import { BLACKBOARD, OLDER_LETTERS, SIGNS, TEXT_ACCENTS, type Form } from "./signs.ts";

/** Reads the argument that comes next. */
export type ReadArgument = (mode: Mode, italic?: boolean) => Run[];

/** Sets what the command `name` makes of its arguments; of what it can't, only the words. */
export function applyForm(
  reading: Reading,
  line: Line,
  [name, form]: readonly [string, Form],
  read: ReadArgument | null,
): void {
  switch (form.does) {
    case "nothing":
      return declare(reading, line, name);
    case "blank":
      if (line.mode === "text") add(line, " ");
      else line.gap = true;
      return;
    case "negate":
      line.negate = line.mode !== "text";
      return void skip(reading, BLANKS);
    case "drop":
      return void verbatim(reading);
    case "address":
      return add(line, verbatim(reading));
    case "raise":
    case "lower":
      if (!read) return hideGroup(reading, line);
      return addAll(line, moved(read("text"), form.does === "raise" ? "raised" : "lowered"));
    case "note":
      if (!read) return hideGroup(reading, line);
      return addAll(line, [plain(" ("), ...read("text"), plain(")")]);
    default:
      if (!read) return hideGroup(reading, line);
      if (form.does === "word") skip(reading, /\*/y);
      return putAll(line, form.does === "word" ? "word" : "plain", made(reading, line, form, read));
  }
}

/** Reads a brace that is not shown. */
export function hideGroup(reading: Reading, line: Line): void {
  if (skip(reading, BRACE)) line.groups.push({ shown: false, italic: line.italic });
}

/** Commands for what follows them in their braces. Of these only italics are shown. */
function declare(reading: Reading, line: Line, name: string): void {
  if (/^[A-Za-z]/.test(name)) skip(reading, BLANKS);
  if (/^(?:left|right|middle)$/.test(name)) skip(reading, /\./y);
  hideGroup(reading, line);
  if (/^(?:em|it|sl|itshape)$/.test(name) && line.groups.length > 0) line.italic = true;
}

function plain(text: string): Run {
  return { text, italic: false, place: "line" };
}

function made(reading: Reading, line: Line, form: Form, read: ReadArgument): Notation {
  switch (form.does) {
    case "text":
      return read("text");
    case "italic":
      return read("text", true);
    case "formula":
      return read("formula");
    case "upright":
    case "word":
      return read("upright");
    case "second":
      verbatim(reading);
      return read(line.mode);
    case "link": {
      const address = verbatim(reading);
      return ahead(reading, BRACE) ? read("text") : [plain(address)];
    }
    case "modulo":
      return [plain(" (mod "), ...read("formula"), plain(")")];
    case "fraction":
      return [...fenced(read("formula"), TERM), plain("/"), ...fenced(read("formula"), ATOM)];
    case "choose":
      return [plain("("), ...read("formula"), plain(" choose "), ...read("formula"), plain(")")];
    case "above":
    case "below": {
      const script = moved(read("formula"), form.does === "above" ? "raised" : "lowered");
      return [...read("formula"), ...script];
    }
    case "root": {
      const index = skip(reading, /\[([^\][{}\\$]{1,9})\]/y)?.[1] ?? "";
      const sign = ROOTS.get(index) ?? [...moved([plain(index)], "raised"), plain("√")];
      return [...sign, ...fenced(read("formula"), ATOM)];
    }
    case "accent": {
      const runs = read("formula");
      const { mark } = form;
      // Over more than one letter there is no such character.
      if (!/^\p{L}$/u.test(wordsOf(runs))) return runs;
      return runs.map((run) => ({ ...run, text: (run.text.replace("ı", "i") + mark).normalize() }));
    }
    case "alphabet": {
      const { capital, small } = form;
      return read("upright").map((run) => ({
        ...run,
        text: run.text.replace(/[A-Za-z1]/g, (letter) => lettered(letter, capital, small)),
      }));
    }
    default:
      return [];
  }
}

const ROOTS: ReadonlyMap<string, readonly Run[]> = new Map([
  ["", [plain("√")]],
  ["2", [plain("√")]],
  ["3", [plain("∛")]],
  ["4", [plain("∜")]],
]);

/** What needs no parentheses over a fraction bar: anything without an operator outside parentheses. */
const TERM = /^[^\s+−±×·/=<>≤≥]*$/;
/** Under it, or under a root: a number, a word, a sign with its accents and scripts, a function's value. */
const ATOM =
  /^(?:[\d.,]+|√?[∂∇]?(?:\p{L}{2,}|[^\s\d+−±×·/=<>≤≥])[\p{M}′]*(?:[⁰-₟²³¹ᵃ-ᶿⱼⱽ]*|[\^_]\(\)){1,2}(?:\(\))?)$/u;

function fenced(runs: Notation, bare: RegExp): Notation {
  const words = runs.some(({ italic }) => italic) ? /(\p{L})(?=\p{L}(?<!\p{Lm}))/gu : /(?!)/g;
  // Letters side by side in italics are a product; in upright type they are one word.
  const text = notationText(runs)
    .replace(/\([^()]*\)/g, "()")
    .replace(words, "$1 ");
  return !text || bare.test(text) ? runs : [plain("("), ...runs, plain(")")];
}

function lettered(letter: string, capital: number, small: number): string {
  if (letter === "1") return capital === BLACKBOARD ? "𝟙" : letter;
  const code = letter.charCodeAt(0);
  const styled = code >= 97 ? small + code - 97 : capital + code - 65;
  return OLDER_LETTERS.get(styled) ?? String.fromCodePoint(styled);
}

/** Letters with an accent: \'e, \'{e}, \c c, \v{\i}; and \r{ho}, which was \rho before arXiv read it. */
export function accent(reading: Reading, line: Line, name: string): boolean {
  const mark = TEXT_ACCENTS.get(name);
  if (mark === undefined) return false;
  const found =
    ahead(reading, /(?: *\{ *(?:\\(?=[ij]\b))?(\p{L}*) *\})/uy) ??
    ahead(reading, /^[a-z]/i.test(name) ? / +(\p{L})/uy : /(?:\\(?=[ij]\b))?(\p{L})/uy);
  if (!found) return false;
  const [first = "", ...others] = found[1] ?? "";
  const greek = SIGNS.get(name + found[1]);
  const letter = (first + mark).normalize();
  if (!greek && first && letter.length > 1 && (others.length > 0 || !found[0].includes("{")))
    return false;
  reading.at += found[0].length;
  add(line, greek?.text ?? (first ? letter + others.join("") : name));
  return true;
}
