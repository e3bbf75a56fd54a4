/**
 * Finds MJML elements that are not closed. MJML itself says nothing of them: it ends them where it
 * likes, and a letter that lacks its end looks whole.
 */

/** An element that is not closed as it should be. */
export interface Misfit {
  /** How its tag is written, as it was filled. */
  readonly tag: string;
  readonly reason: string;
}

/** What holds HTML or text, in which MJML looks for nothing but the end. */
const RAW: ReadonlySet<string> = new Set([
  "mj-accordion-text",
  "mj-accordion-title",
  "mj-breakpoint",
  "mj-button",
  "mj-carousel-image",
  "mj-navbar-link",
  "mj-preview",
  "mj-raw",
  "mj-social-element",
  "mj-style",
  "mj-table",
  "mj-text",
  "mj-title",
]);

/** Comments, and tags with their slashes; an attribute in quotes may hold anything. */
const TAGS =
  /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<(\/?)(mjml|mj-[a-z-]+)(?=[\s/>])(?:"[^"]*"|'[^']*'|[^'">])*?(\/?)>/g;

interface OpenElement {
  readonly name: string;
  readonly tag: string;
}

/** Returns the first element that is not closed, or that is closed without being open, or null. */
export function misfitIn(mjml: string): Misfit | null {
  const open: OpenElement[] = [];
  for (const [tag, closes, name, isEmpty] of mjml.matchAll(TAGS)) {
    if (name === undefined || isEmpty) continue;
    const inner = open.at(-1);
    const isRaw = inner !== undefined && RAW.has(inner.name);
    if (!closes) {
      if (!isRaw) open.push({ name, tag });
      else if (inner.name === name) return unclosed(inner, `the next <${name}>`);
    } else if (inner?.name === name) {
      open.pop();
    } else if (inner && open.some((outer) => outer.name === name)) {
      return unclosed(inner, `</${name}>`);
    } else if (!isRaw) {
      return { tag, reason: `</${name}> closes an element that is not open` };
    }
  }
  const last = open.at(-1);
  return last ? unclosed(last, "the end") : null;
}

/** Returns `source` with `mark`, the place of each tag, behind its name, so that it can be told apart. */
export function markTags(source: string, mark: (at: number) => string): string {
  return source.replace(/<\/?(?:mjml|mj-[a-z-]+)(?=[\s/>{])/g, (tag, at: number) => {
    return `${tag} ${mark(at)}`;
  });
}

function unclosed({ name, tag }: OpenElement, before: string): Misfit {
  return { tag, reason: `<${name}> is not closed before ${before}` };
}
