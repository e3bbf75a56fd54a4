/** Reads the HTML of a letter as a mail program would: its elements, its words, its links, its styles. */
import { DomUtils, parseDocument } from "htmlparser2";
import type { ChildNode, Document, Element, Text } from "domhandler";
import { cascade, readStyles, type Scheme, type Styled } from "./styles.ts";

/** A piece of text as it stands in an element. */
export interface Run {
  readonly text: string;
  readonly element: Element;
}

export interface Link {
  readonly url: string;
  /** What the reader sees. */
  readonly text: string;
  /** What a screen reader says. */
  readonly name: string;
}

export interface Page {
  readonly document: Document;
  /** Every element, in the order of the document. */
  readonly elements: readonly Element[];
  /** Every text of the body that is not blank, hidden or not. */
  readonly runs: readonly Run[];
  readonly links: readonly Link[];
  /** What each element of style holds. */
  readonly styles: readonly string[];
  /** What elements look like, in light and in dark, and whether the letter has colours for the dark. */
  readonly styled: Readonly<Record<Scheme, Styled>> & { readonly hasDark: boolean };
}

/** Elements that go on in the line; what is raised or lowered is apart all the same. */
const INLINE = new Set(["a", "abbr", "b", "bdi", "bdo", "em", "i", "small", "span", "strong", "u"]);
const NO_TEXT = new Set(["style", "script", "title", "head", "template"]);

/** Returns what `html` holds; comments for one mail program alone are left out. */
export function readPage(html: string): Page {
  const document = parseDocument(html);
  const elements = DomUtils.findAll(() => true, document.childNodes);
  const styles = elements
    .filter(({ name }) => name === "style")
    .map((element) => DomUtils.innerText(element) || DomUtils.textContent(element));
  const runs: Run[] = [];
  collect(document.childNodes, null, runs);
  const links = elements
    .filter(({ name, attribs }) => name === "a" && attribs["href"] !== undefined)
    .map((element) => ({
      url: (element.attribs["href"] ?? "").trim(),
      text: plain(DomUtils.textContent(element)),
      name: plain(element.attribs["aria-label"] ?? nameOf(element)),
    }));
  const rules = styles.flatMap(readStyles);
  const styled = {
    light: cascade(rules, "light"),
    dark: cascade(rules, "dark"),
    hasDark: rules.some(({ media }) => /prefers-color-scheme:\s*dark/.test(media)),
  };
  return { document, elements, runs, links, styles, styled };
}

/** Returns all the words that the page shows; what stands in a line of its own is a word of its own. */
export function wordsShown({ document }: Page): string {
  return plain(shown(document.childNodes));
}

/** Returns `text` with its blanks as one space each, and none around it. */
export function plain(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function collect(nodes: readonly ChildNode[], element: Element | null, runs: Run[]): void {
  for (const node of nodes) {
    if (isText(node)) {
      if (element && node.data.trim() !== "") runs.push({ text: node.data, element });
    } else if (isElement(node) && !NO_TEXT.has(node.name)) {
      collect(node.children, node, runs);
    }
  }
}

function shown(nodes: readonly ChildNode[]): string {
  return nodes
    .map((node) => {
      if (isText(node)) return node.data;
      if (!isElement(node) || NO_TEXT.has(node.name)) return "";
      const inside = shown(node.children);
      return INLINE.has(node.name) ? inside : ` ${inside} `;
    })
    .join("");
}

/** A picture is called by its alt text. */
function nameOf(element: Element): string {
  return element.children
    .map((child) => {
      if (isText(child)) return child.data;
      if (!isElement(child)) return "";
      return child.name === "img" ? (child.attribs["alt"] ?? "") : nameOf(child);
    })
    .join("");
}

function isText(node: ChildNode): node is Text {
  return node.type === "text";
}

function isElement(node: ChildNode): node is Element {
  return node.type === "tag" || node.type === "style" || node.type === "script";
}
