/** Where a template is wrong, for people: Handlebars and MJML each count in a way of their own. */

/** Both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What Handlebars' parser says in place of a token's name. */
const TOKENS: Readonly<Record<string, string>> = {
  EOF: "the end of the template",
  INVALID: "this character",
  CLOSE: "}}",
  OPEN_ENDBLOCK: "the end of a block that was not begun",
};

/** What is wrong with a template. */
export interface TemplateFault {
  readonly place: Place | null;
  readonly reason: string;
  /** What to do, where it is not to correct the place. */
  readonly remedy?: string;
}

const RESTORE =
  "Fill the file again; a template of your own may also be deleted, and the one that comes with Paper Round is used.";

/** What is said of a template without content. */
export const EMPTY: TemplateFault = { place: null, reason: "is empty", remedy: RESTORE };

/** What is said of a template that makes something else than MJML. */
export const NO_MJML: TemplateFault = {
  place: null,
  reason: "holds no MJML, which begins with <mjml>",
  remedy: RESTORE,
};

/** Tags of Handlebars that begin or end a block; comments, and tags that are to be shown, do neither. */
const BLOCK_TAGS =
  /\\\{\{|\{\{~?!--[\s\S]*?--~?\}\}|\{\{~?![^}]*\}\}|\{\{~?(#[*>]?|\^|\/)\s*([^\s~}|]+)[^}]*\}\}/g;

/** Returns where in `source` Handlebars found a fault, and what it is in plain words. */
export function faultIn(source: string, message: string): TemplateFault {
  const ended = /^([\s\S]*) - (\d+):(\d+)$/.exec(message);
  if (ended) {
    const [, reason = "", line, column] = ended;
    return { place: { line: Number(line), column: Number(column) + 1 }, reason: plain(reason) };
  }
  const parsed = /^Parse error on line (\d+):\n(.*)\n(-*)\^\n.*got '(\w+)'$/s.exec(message);
  if (!parsed) return { place: null, reason: plain(message) };
  const [, line, excerpt = "", dashes = "", token = ""] = parsed;
  const unclosed = token === "EOF" ? unclosedBlock(source) : null;
  if (unclosed) return unclosed;
  const before = excerpt.slice(0, dashes.length).replace(/^\.\.\./, "");
  const place = placeAfter(source, before, Number(line));
  return { place, reason: `${TOKENS[token] ?? token} does not belong here` };
}

/** Returns what MJML says, without the place in what was filled in, which no file has. */
export function mjmlReason(message: string): string {
  return message
    .replace(/\s+/g, " ")
    .replace(/^ ?(?:\w*Error: ?)+/, "")
    .replace(/Line \d+ of .*? \(/g, "(");
}

function plain(reason: string): string {
  const unknown = /^"(.*)" not defined in /s.exec(reason)?.[1];
  if (unknown !== undefined) return `there is no value or helper "${unknown}" here`;
  const [, opened, closed] = /^(\S+) doesn't match (\S+)$/.exec(reason) ?? [];
  if (opened) return `the block {{#${opened}}} that begins here is ended by {{/${closed}}}`;
  return reason;
}

/** Returns the block that is open at the end of `source`, the last begun, or null. */
function unclosedBlock(source: string): TemplateFault | null {
  const open: { readonly name: string; readonly at: number }[] = [];
  for (const { index, 1: sign, 2: name } of source.matchAll(BLOCK_TAGS)) {
    if (sign === "/") open.pop();
    else if (sign && name) open.push({ name: `${sign}${name}`, at: index });
  }
  const last = open.at(-1);
  if (!last) return null;
  const end = `{{/${last.name.replace(/^\W+/, "")}}}`;
  const reason = `the block {{${last.name}}} that begins here is never ended by ${end}`;
  return { place: placeAt(source, last.at), reason };
}

/** Returns where something first stands in `source`. */
export function placeOfElement(source: string, element: RegExp): Place | null {
  const at = source.search(element);
  return at === -1 ? null : placeAt(source, at);
}

/** Returns the place behind `before`, which the parser shows without line ends, nearest to `line`. */
function placeAfter(source: string, before: string, line: number): Place {
  const flat = [...source.matchAll(/[^\n]/g)].map(({ index }) => index);
  const text = source.replaceAll("\n", "");
  let nearest: Place = { line, column: 1 };
  let distance = Infinity;
  for (let at = text.indexOf(before); at !== -1; at = text.indexOf(before, at + 1)) {
    const last = flat[at + before.length - 1];
    const place = placeAt(source, last === undefined ? source.length : last + 1);
    if (Math.abs(place.line - line) < distance) {
      distance = Math.abs(place.line - line);
      nearest = place;
    }
  }
  return nearest;
}

/** Returns the place of the character `at` in `source`. */
export function placeAt(source: string, at: number): Place {
  const lines = source.slice(0, at).split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
