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

/** Returns where in `source` Handlebars found a fault, and what it is without the place. */
export function placeOfFault(
  source: string,
  message: string,
): { place: Place | null; reason: string } {
  const ended = /^([\s\S]*) - (\d+):(\d+)$/.exec(message);
  if (ended) {
    const [, reason = "", line, column] = ended;
    return { place: { line: Number(line), column: Number(column) + 1 }, reason };
  }
  const parsed = /^Parse error on line (\d+):\n(.*)\n(-*)\^\n.*got '(\w+)'$/s.exec(message);
  if (!parsed) return { place: null, reason: message };
  const [, line, excerpt = "", dashes = "", token = ""] = parsed;
  const before = excerpt.slice(0, dashes.length).replace(/^\.\.\./, "");
  const place = placeAfter(source, before, Number(line));
  return { place, reason: `${TOKENS[token] ?? token} does not belong here` };
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

function placeAt(source: string, at: number): Place {
  const lines = source.slice(0, at).split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
