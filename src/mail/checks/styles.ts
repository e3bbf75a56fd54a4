/**
 * Reads style sheets and works out what colour, ground and size a text has, in light and in dark. Only
 * what a letter's colours need of CSS is done: no unit but px, no custom property.
 */
import { compile, type Options } from "css-select";
import type { AnyNode, Element } from "domhandler";

export interface Rule {
  readonly selector: string;
  readonly declarations: readonly Declaration[];
  /** The condition of the at-rule around it; empty without one. */
  readonly media: string;
}

export interface Declaration {
  readonly name: string;
  readonly value: string;
  readonly important: boolean;
}

export type Scheme = "light" | "dark";

/** Finds what an element's own styles say of a property; null where they are silent. */
export type Styled = (element: Element, property: string) => string | null;

/** A style sheet larger than this is a finding by its size, and not read to its end. */
const CHARACTERS_MAX = 64_000;
/** States that a letter at rest is not in. */
const OF_A_MOMENT = /:(?:hover|focus|active|visited|target|before|after)|::/;

/** Returns the rules of a style sheet, those inside of at-rules with their condition. */
export function readStyles(css: string): Rule[] {
  const rules: Rule[] = [];
  read(css.slice(0, CHARACTERS_MAX).replace(/\/\*[\s\S]*?\*\//g, ""), "", rules);
  return rules;
}

/** Returns the declarations of a style attribute or a rule. */
export function readDeclarations(css: string): Declaration[] {
  // A semicolon inside of brackets, as in a data URL, ends nothing.
  return (css.match(/(?:\([^)]*\)|[^;])+/g) ?? []).flatMap((part) => {
    const colon = part.indexOf(":");
    if (colon < 1) return [];
    const value = part.slice(colon + 1).trim();
    const important = /!\s*important$/i.test(value);
    return {
      name: part.slice(0, colon).trim().toLowerCase(),
      value: value.replace(/\s*!\s*important$/i, ""),
      important,
    };
  });
}

/** Returns what the cascade says: an important rule, else the style attribute, else a rule. */
export function cascade(rules: readonly Rule[], scheme: Scheme): Styled {
  const tests = rules.filter(({ media }) => applies(media, scheme)).flatMap(testsOf);
  tests.sort((a, b) => a.weight - b.weight);
  const known = new Map<Element, ReadonlyMap<string, string>>();
  const of = (element: Element): ReadonlyMap<string, string> => {
    const before = known.get(element);
    if (before) return before;
    const matching = tests.filter(({ matches }) => matches(element));
    const own = readDeclarations(element.attribs["style"] ?? "");
    const said = matching.flatMap(({ declarations }) => declarations);
    const values = new Map<string, string>();
    for (const each of said) if (!each.important) put(values, each);
    for (const each of own) if (!each.important) put(values, each);
    for (const each of said) if (each.important) put(values, each);
    for (const each of own) if (each.important) put(values, each);
    known.set(element, values);
    return values;
  };
  return (element, property) => of(element).get(property) ?? null;
}

/** Takes shorthands apart as far as colours and sizes are concerned. */
function put(values: Map<string, string>, { name, value }: Declaration): void {
  if (name === "background") values.set("background-color", value);
  if (name === "font") {
    const size = /([\d.]+px)/.exec(value)?.[1];
    if (size) values.set("font-size", size);
    values.set("font-weight", /\b(?:bold|[6-9]00)\b/.test(value) ? "700" : "400");
  }
  values.set(name, value);
}

function testsOf({ selector, declarations }: Rule) {
  return selector.split(",").flatMap((each) => {
    if (OF_A_MOMENT.test(each)) return [];
    try {
      const options: Options<AnyNode, Element> = { xmlMode: false };
      const matches = compile<AnyNode, Element>(each.trim(), options);
      return { declarations, matches, weight: weightOf(each) };
    } catch {
      // A selector that we can't read is one that many mail programs can't either.
      return [];
    }
  });
}

/** Returns how specific a selector is (Selectors Level 3, section 9). */
function weightOf(selector: string): number {
  const count = (pattern: RegExp) => (selector.match(pattern) ?? []).length;
  return (
    count(/#[\w-]+/g) * 10_000 +
    count(/\.[\w-]+|\[[^\]]*\]|:[\w-]+/g) * 100 +
    count(/(?:^|[\s>+~])[a-z]\w*/gi)
  );
}

/** A width may be any; a printer is no mail program. */
function applies(media: string, scheme: Scheme): boolean {
  const wanted = /prefers-color-scheme:\s*(\w+)/.exec(media)?.[1];
  if (wanted !== undefined) return wanted === scheme;
  return !/\bprint\b|min-width|@font-face|@supports|keyframes/.test(media);
}

function read(css: string, media: string, rules: Rule[]): void {
  let at = 0;
  while (at < css.length) {
    const open = css.indexOf("{", at);
    if (open === -1) return;
    const head = (css.slice(at, open).split(";").at(-1) ?? "").trim();
    const close = closing(css, open);
    const body = css.slice(open + 1, close);
    if (head.startsWith("@") && !head.startsWith("@font-face")) read(body, head, rules);
    else rules.push({ selector: head, declarations: readDeclarations(body), media });
    at = close + 1;
  }
}

function closing(css: string, open: number): number {
  let depth = 0;
  for (let at = open; at < css.length; at += 1) {
    if (css[at] === "{") depth += 1;
    if (css[at] === "}" && (depth -= 1) === 0) return at;
  }
  return css.length;
}
