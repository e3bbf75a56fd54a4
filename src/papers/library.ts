/**
 * Reads what a reader has collected elsewhere, as BibTeX or RIS: reference managers write both. An entry
 * that can't be read is named by its line, and the rest goes on.
 */
import { arxivId, cleanText } from "./text.ts";

/** A paper of somebody's library. */
export interface LibraryPaper {
  readonly title: string;
  readonly abstract: string | null;
  readonly arxivId: string | null;
}

export interface LibraryFault {
  /** From 1. */
  readonly line: number;
  readonly problem: string;
}

export interface Library {
  readonly papers: readonly LibraryPaper[];
  readonly faults: readonly LibraryFault[];
  /** Whether there was more than is taken. */
  readonly more: boolean;
}

/** So many say what somebody reads. */
const PAPERS_MAX = 200;
const FAULTS_MAX = 100;
const TITLE_MAX = 300;
const ABSTRACT_MAX = 3000;
/** No field of a true entry is longer; what is has lost its closing brace. */
const VALUE_MAX = 20_000;

/** Returns the papers in `text`, whatever else is in it. */
export function readLibrary(text: string): Library {
  const bare = text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
  const isRis = /^TY {2}- /m.test(bare);
  const read = isRis ? readRis(bare) : readBibtex(bare);
  const papers: LibraryPaper[] = [];
  const faults: LibraryFault[] = [];
  for (const each of read) {
    if ("problem" in each) faults.push(each);
    else papers.push(each);
    if (papers.length > PAPERS_MAX || faults.length >= FAULTS_MAX) break;
  }
  if (papers.length + faults.length === 0) {
    faults.push({ line: 1, problem: "there is no entry of BibTeX or RIS" });
  }
  return { papers: papers.slice(0, PAPERS_MAX), faults, more: papers.length > PAPERS_MAX };
}

type Fields = ReadonlyMap<string, string>;

function paperOf(fields: Fields, line: number): LibraryPaper | LibraryFault {
  const first = (...names: string[]) => names.flatMap((name) => fields.get(name) ?? [])[0];
  const title = cleanText((first("title", "ti", "t1") ?? "").replace(/[{}]/g, ""), TITLE_MAX);
  if (!title) return { line, problem: "the entry has no title" };
  const abstract = cleanText(first("abstract", "ab", "n2") ?? "", ABSTRACT_MAX);
  const named = [first("eprint"), first("url", "ur"), first("doi", "do"), first("journal", "jo")];
  const id = named.flatMap((text) => (text === undefined ? [] : (arxivIdIn(text) ?? [])))[0];
  return { title, abstract: abstract || null, arxivId: id ?? null };
}

function arxivIdIn(text: string): string | null {
  const found = /(?:^|[^\d])(\d{4}\.\d{4,5})(?:v\d+)?(?:$|[^\d])/.exec(text)?.[1];
  return found === undefined ? null : arxivId(found);
}

/** Yields the entries of BibTeX; `@string`, `@preamble` and comments are passed over. */
function* readBibtex(text: string): Generator<LibraryPaper | LibraryFault> {
  const begins = /@([a-zA-Z]+)[ \t]*[{(]/g;
  let line = 1;
  let counted = 0;
  for (let begin = begins.exec(text); begin; begin = begins.exec(text)) {
    line += linesIn(text, counted, begin.index);
    counted = begin.index;
    const type = begin[1]?.toLowerCase() ?? "";
    if (["comment", "preamble", "string"].includes(type)) continue;
    const body = readEntry(text, begins.lastIndex);
    if ("problem" in body) {
      yield { line: line + linesIn(text, counted, body.at), problem: body.problem };
      // The next entry begins on a line of its own.
      const next = text.indexOf("\n@", begins.lastIndex);
      begins.lastIndex = next === -1 ? text.length : next;
      continue;
    }
    begins.lastIndex = body.end;
    yield paperOf(body.fields, line);
  }
}

function linesIn(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1)) {
    lines++;
  }
  return lines;
}

type Read<Good> = Good | { readonly at: number; readonly problem: string };

/** Reads an entry from behind its opening brace. */
function readEntry(text: string, start: number): Read<{ fields: Fields; end: number }> {
  const fields = new Map<string, string>();
  const key = /[^,{}()\n"]*(,|[})])/y;
  key.lastIndex = start;
  const named = key.exec(text);
  if (!named) return { at: start, problem: "the entry has no key with a comma behind it" };
  let at = key.lastIndex;
  if (named[1] !== ",") return { fields, end: at };
  for (;;) {
    const gap = /[\s,]*/y;
    gap.lastIndex = at;
    gap.exec(text);
    at = gap.lastIndex;
    if (text[at] === "}" || text[at] === ")") return { fields, end: at + 1 };
    const name = /([\w:-]+)\s*=\s*/y;
    name.lastIndex = at;
    const field = name.exec(text);
    if (!field?.[1]) return { at, problem: "here should stand a field, or the end of the entry" };
    const value = readValue(text, name.lastIndex);
    if ("problem" in value) return value;
    fields.set(field[1].toLowerCase(), value.value);
    at = value.end;
  }
}

/** Reads a value: in braces, in quotation marks, or bare, and several with # between them. */
function readValue(text: string, start: number): Read<{ value: string; end: number }> {
  let at = start;
  let value = "";
  for (;;) {
    const part = readPart(text, at);
    if ("problem" in part) return part;
    value += part.value;
    const joint = /\s*#\s*/y;
    joint.lastIndex = part.end;
    if (!joint.test(text)) return { value, end: part.end };
    at = joint.lastIndex;
  }
}

function readPart(text: string, start: number): Read<{ value: string; end: number }> {
  const opening = text[start];
  if (opening !== "{" && opening !== '"') {
    const bare = /[\w.+-]+/y;
    bare.lastIndex = start;
    const found = bare.exec(text);
    if (!found) return { at: start, problem: "the field has no value" };
    return { value: found[0], end: bare.lastIndex };
  }
  let depth = 0;
  const last = Math.min(text.length, start + VALUE_MAX);
  for (let at = start + 1; at < last; at++) {
    const character = text[at];
    if (character === "\\") at++;
    else if (character === "{") depth++;
    else if (character === '"' && opening === '"' && depth === 0) {
      return { value: text.slice(start + 1, at), end: at + 1 };
    } else if (character === "}") {
      if (depth === 0 && opening === "{") return { value: text.slice(start + 1, at), end: at + 1 };
      depth--;
    }
  }
  const sign = opening === "{" ? "brace" : "quotation mark";
  return { at: start, problem: `the ${sign} that opens here is never closed` };
}

/** Yields the entries of RIS. */
function* readRis(text: string): Generator<LibraryPaper | LibraryFault> {
  let fields: Map<string, string> | null = null;
  let begun = 0;
  for (const [index, row] of text.split("\n").entries()) {
    if (row.trim() === "") continue;
    const tag = /^([A-Z][A-Z0-9]) {2}-(?: (.*))?$/.exec(row);
    if (!tag) {
      yield { line: index + 1, problem: "this is no line of RIS" };
      continue;
    }
    const [, name = "", value = ""] = tag;
    if (name === "TY") {
      if (fields) yield { line: begun, problem: "the entry has no end (ER)" };
      fields = new Map();
      begun = index + 1;
    } else if (name === "ER") {
      yield fields ? paperOf(fields, begun) : { line: index + 1, problem: "nothing ends here" };
      fields = null;
    } else if (fields && !fields.has(name.toLowerCase())) {
      fields.set(name.toLowerCase(), value);
    }
  }
  if (fields) yield { line: begun, problem: "the entry has no end (ER)" };
}
