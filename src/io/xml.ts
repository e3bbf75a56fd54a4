/**
 * Reads XML from strangers. There is no document type here, so nothing is ever fetched, expanded or
 * declared; references, depth, attributes and number of elements are bounded; and a document that is cut
 * short is refused as a whole.
 */
import { Parser } from "htmlparser2";
import { PaperRoundError } from "../errors.ts";

export interface XmlElement {
  /** With the prefix of `PREFIXES` for a namespace that is known, whatever the document calls it. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly content: readonly (XmlElement | string)[];
}

/** Namespaces of feeds by the prefix that they are known by; Atom and RSS need none. */
const PREFIXES: Readonly<Record<string, string>> = {
  "http://www.w3.org/2005/Atom": "",
  "http://purl.org/rss/1.0/": "",
  "http://backend.userland.com/rss2": "",
  "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
  "http://purl.org/dc/elements/1.1/": "dc",
  "http://purl.org/rss/1.0/modules/content/": "content",
  "http://prismstandard.org/namespaces/basic/2.0/": "prism",
  "http://prismstandard.org/namespaces/1.2/basic/": "prism",
  "http://arxiv.org/schemas/atom": "arxiv",
  "http://a9.com/-/spec/opensearch/1.1/": "opensearch",
  "http://search.yahoo.com/mrss/": "media",
};

/** A page of two thousand abstracts has some ten thousand. */
const REFERENCES_MAX = 100_000;
const ELEMENTS_MAX = 150_000;
const DEPTH_MAX = 64;
/** Of one element; a feed's root declares some ten namespaces. */
const ATTRIBUTES_MAX = 64;

interface OpenElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly content: (XmlElement | string)[];
  readonly scope: Scope | null;
}

/** Declarations of namespaces that hold here. They are never copied: each element may declare its own. */
interface Scope {
  readonly attributes: Readonly<Record<string, string>>;
  readonly outer: Scope | null;
}

/** Returns the root of the document. Throws HTTP_ANSWER_REFUSED with the reason. */
export function parseXml(text: string): XmlElement {
  if (referencesIn(text) > REFERENCES_MAX) {
    throw refused(`has more than ${REFERENCES_MAX} character references`);
  }
  const open: OpenElement[] = [];
  let root: XmlElement | null = null;
  let elements = 0;
  let ownAttributes = 0;
  const parser = new Parser(
    {
      onprocessinginstruction: (name) => {
        if (name.toLowerCase().startsWith("!")) throw refused("declares a document type");
      },
      onattribute: () => {
        if (++ownAttributes <= ATTRIBUTES_MAX) return;
        throw refused(`has an element with more than ${ATTRIBUTES_MAX} attributes`);
      },
      onopentag: (tag, attributes) => {
        ownAttributes = 0;
        if (++elements > ELEMENTS_MAX) throw refused(`has more than ${ELEMENTS_MAX} elements`);
        if (open.length >= DEPTH_MAX) throw refused(`is nested more than ${DEPTH_MAX} deep`);
        if (open.length === 0 && root) throw refused("has more than one root");
        const scope = scopeOf(attributes, open.at(-1)?.scope ?? null);
        const element = {
          name: knownName(tag, scope),
          attributes,
          content: [],
          scope,
        };
        open.at(-1)?.content.push(element);
        root ??= element;
        open.push(element);
      },
      ontext: (data) => {
        open.at(-1)?.content.push(data);
      },
      onclosetag: (_name, isImplied) => {
        const closed = open.pop();
        // What closes itself (<link/>) is closed by the parser too, but is empty and not the root.
        const closesItself = closed?.content.length === 0 && open.length > 0;
        if (isImplied && !closesItself) throw refused("is cut short or not well-formed");
      },
    },
    { xmlMode: true },
  );
  parser.end(text);
  if (!root) throw refused("has no element");
  return root;
}

/** Returns all text within an element. */
export function textIn({ content }: XmlElement): string {
  return content.map((part) => (typeof part === "string" ? part : textIn(part))).join("");
}

/** Returns the children of that name. */
export function childrenOf({ content }: XmlElement, name: string): XmlElement[] {
  return content.filter(
    (part): part is XmlElement => typeof part !== "string" && part.name === name,
  );
}

/** Returns the text of the first child of that name, or null. */
export function childText(element: XmlElement, name: string): string | null {
  const [child] = childrenOf(element, name);
  return child ? textIn(child).trim() : null;
}

function referencesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf("&#"); at !== -1 && count <= REFERENCES_MAX; count++) {
    at = text.indexOf("&#", at + 2);
  }
  return count;
}

function scopeOf(attributes: Scope["attributes"], outer: Scope | null): Scope | null {
  const declares = Object.keys(attributes).some((name) => /^xmlns(?::|$)/.test(name));
  return declares ? { attributes, outer } : outer;
}

function namespaceOf(prefix: string, scope: Scope | null): string {
  const name = prefix ? `xmlns:${prefix}` : "xmlns";
  for (let at = scope; at !== null; at = at.outer) {
    if (Object.hasOwn(at.attributes, name)) return at.attributes[name] ?? "";
  }
  return "";
}

function knownName(tag: string, scope: Scope | null): string {
  const colon = tag.indexOf(":");
  const namespace = namespaceOf(colon === -1 ? "" : tag.slice(0, colon), scope);
  if (!Object.hasOwn(PREFIXES, namespace)) return tag;
  const prefix = PREFIXES[namespace];
  const local = tag.slice(colon + 1);
  return prefix ? `${prefix}:${local}` : local;
}

function refused(why: string): PaperRoundError {
  return new PaperRoundError("HTTP_ANSWER_REFUSED", `The document ${why}.`);
}
