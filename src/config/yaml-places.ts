/** Where something stands in a YAML document, for people: lines and columns count from 1. */
import {
  isCollection,
  isMap,
  isNode,
  isScalar,
  visit,
  type Document,
  type LineCounter,
  type Scalar,
  type YAMLError,
} from "yaml";

/** Returns "4:3", the place of the deepest part of `path` that there is, a key before its value. */
export function placeOf(
  document: Document,
  path: readonly PropertyKey[],
  lines: LineCounter,
): string {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true);
    const isNamed = (key: unknown): key is Scalar => isScalar(key) && key.value === path[depth - 1];
    const key = isMap(parent) ? parent.items.map((pair) => pair.key).find(isNamed) : undefined;
    const node = key ?? document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return placeAt(node.range[0], lines);
  }
  return "1:1";
}

/** Returns "5:9: what is wrong": for want of an end the parser tells where it gave up, people the beginning. */
export function yamlFault(document: Document, error: YAMLError, lines: LineCounter): string {
  const wantsEnd = /end with a|closing/.test(error.message);
  const begin = wantsEnd ? lastOpened(document, error.pos[0]) : null;
  if (begin === null) return `${placeAt(error.pos[0], lines)}: ${error.message}`;
  return `${placeAt(begin.at, lines)}: the ${begin.sign} that begins here is not closed`;
}

/** Returns the last bracket or quote that was opened before `end` and goes on to it. */
function lastOpened(document: Document, end: number): { at: number; sign: string } | null {
  let last: { at: number; sign: string } | null = null;
  visit(document, {
    Node: (_key, node) => {
      const sign = openingOf(node);
      if (sign && node.range && node.range[0] < end && node.range[2] >= end)
        last = { at: node.range[0], sign };
    },
  });
  return last;
}

function openingOf(node: unknown): string | null {
  if (isCollection(node)) return node.flow ? (isMap(node) ? "{" : "[") : null;
  if (!isScalar(node)) return null;
  return node.type === "QUOTE_SINGLE" ? "'" : node.type === "QUOTE_DOUBLE" ? '"' : null;
}

function placeAt(at: number, lines: LineCounter): string {
  const { line, col } = lines.linePos(at);
  return `${line}:${col}`;
}
