/** How heavy the letter is, what it loads, and how it is built. */
import { DomUtils } from "htmlparser2";
import type { Element } from "domhandler";
import { counted } from "../../io/plural.ts";
import { encodeBody } from "../mime.ts";
import { quoted, type CheckedLetter, type Tell } from "./finding.ts";
import { wordsShown, type Page } from "./page.ts";

/** Gmail cuts a mail off at about 102 KB of encoded HTML; this leaves room for what relays add. */
const HTML_BYTES_MAX = 92_160;
/** What a letter of a dozen papers needs. */
const HTML_BYTES_WANTED = 51_200;
/** Gmail drops styles beyond 16 KB. */
const STYLE_BYTES_MAX = 16_384;
const STYLE_BYTES_WANTED = 8192;
/** Fewer words for each picture look like a letter of pictures to spam filters. */
const CHARACTERS_PER_IMAGE = 500;

/** Elements that run, embed or ask, none of which mail programs allow. */
const FORBIDDEN = new Set(
  "script iframe frame object embed applet form input button select textarea video audio svg".split(
    " ",
  ),
);
/** As long as the name of a host may be (RFC 1035). */
const HOST_MAX = 253;
const CHOSEN =
  "`letter.thumbnails` asks for them: whoever keeps them can learn that a letter was opened.";
const LOADING = ["background", "poster", "srcset", "data", "lowsrc", "dynsrc"];

/** Weighs the HTML part as it is sent. */
export function checkSize(_: Page, { html, kind }: CheckedLetter, tell: Tell): void {
  const bytes = encodeBody({ text: "", html }).size;
  const own = kind === "list" ? " with a reader's own links" : "";
  const said = `The HTML part has ${kilobytes(bytes)} KB as it is sent${own}`;
  if (bytes > HTML_BYTES_MAX) {
    const remedy = "Show fewer papers: lower `edition.entries`, or shorten the template.";
    tell("error", `${said}; Gmail cuts a letter off at about 102.`, remedy);
  } else if (bytes > HTML_BYTES_WANTED) {
    const limit = kilobytes(HTML_BYTES_WANTED);
    tell(
      "warning",
      `${said}, above the ${limit} that a dozen papers take.`,
      "Lower `edition.entries`.",
    );
  }
}

/** Weighs the styles; a style sheet that Gmail drops leaves a letter without its dark colours. */
export function checkStyles({ styles }: Page, _: CheckedLetter, tell: Tell): void {
  const bytes = styles.reduce((sum, style) => sum + Buffer.byteLength(style), 0);
  const said = `The styles have ${kilobytes(bytes)} KB`;
  const remedy = "Remove rules from the template that no element needs.";
  if (bytes > STYLE_BYTES_MAX) tell("error", `${said}; Gmail drops them beyond 16.`, remedy);
  else if (bytes > STYLE_BYTES_WANTED) tell("warning", `${said}, above 8.`, remedy);
  if (styles.some(hasNestedAtRule)) {
    const message = "An at-rule stands inside another one; Gmail drops the whole style element.";
    tell("error", message, "Write one condition: `@media (a) and (b)`.");
  }
}

/** Finds what a mail program would fetch on opening, or refuse to run. */
export function checkRequests(page: Page, letter: CheckedLetter, tell: Tell): void {
  const remedy = "Remove it: a letter asks for nothing, so that nobody learns that it was opened.";
  const pictures: string[] = [];
  for (const element of page.elements) {
    if (FORBIDDEN.has(element.name)) {
      const message = `The letter holds <${element.name}>, which mail programs do not run.`;
      tell("error", message, "Remove it from the template.");
    }
    for (const url of loadedBy(element)) {
      if (letter.allowsImages && element.name === "img") pictures.push(url);
      else tell("error", `Opening the letter loads ${quoted(url)}.`, remedy);
    }
  }
  if (pictures.length > 0) tell("note", askedFor(pictures), CHOSEN);
  const handler = page.elements.find(({ attribs }) =>
    Object.keys(attribs).some((name) => /^on[a-z]+$/.test(name)),
  );
  if (handler) {
    const message = `<${handler.name}> holds a script in an attribute.`;
    tell("error", message, "Remove the attribute from the template.");
  }
  const css = [...page.styles, ...page.elements.map(({ attribs }) => attribs["style"] ?? "")].join(
    "\n",
  );
  for (const [, url = ""] of css.matchAll(/(?:@import\s+|url\(\s*)["']?([^"')\s;]+)/gi)) {
    if (!/^(?:data|cid):/i.test(url)) tell("error", `The styles load ${quoted(url)}.`, remedy);
  }
}

/** Looks at the pictures: most programs show none at first, and some readers never do. */
export function checkImages(page: Page, _: CheckedLetter, tell: Tell): void {
  const images = page.elements.filter(({ name }) => name === "img");
  if (images.length === 0) return;
  for (const { attribs } of images) {
    const name = quoted(attribs["src"] ?? "");
    if (attribs["alt"] === undefined) {
      tell("error", `The picture ${name} has no alt text.`, "Add alt, empty for an ornament.");
    }
    if (!/^\d+$/.test(attribs["width"] ?? "") || !/^\d+$/.test(attribs["height"] ?? "")) {
      const message = `The picture ${name} has no width and height.`;
      tell("warning", message, "Add both, so that the text does not jump when it appears.");
    }
    if (/^http:/i.test(attribs["src"] ?? "")) {
      tell("error", `The picture ${name} is not loaded by https.`, "Serve it by https.");
    }
  }
  const characters = wordsShown(page).length;
  if (characters < images.length * CHARACTERS_PER_IMAGE) {
    const message = `There are ${images.length} pictures to ${characters} characters of text.`;
    const level = characters < 100 ? "error" : "warning";
    tell(level, message, "Say in words what the pictures show, or leave some out.");
  }
}

/** Looks at what screen readers go by. */
export function checkStructure(page: Page, _: CheckedLetter, tell: Tell): void {
  const { elements } = page;
  const named = (name: string) => elements.filter((element) => element.name === name);
  const [root] = named("html");
  if (!root?.attribs["lang"]) {
    tell("warning", "The letter does not say its language.", 'Write `<mjml lang="en">`.');
  }
  const headings = named("h1").length;
  if (headings !== 1) {
    const found = headings === 0 ? "no" : String(headings);
    tell("warning", `The letter has ${found} first-level headings.`, "Write exactly one <h1>.");
  }
  const [title] = named("title");
  if (!title || DomUtils.textContent(title).trim() === "") {
    tell("warning", "The letter has no title.", "Write <mj-title>.");
  }
  const bare = named("table").filter(
    ({ attribs }) => !/^(?:presentation|none)$/.test(attribs["role"] ?? ""),
  );
  const layout = bare.filter(
    (table) => !DomUtils.existsOne(({ name }) => name === "th", table.children),
  );
  if (layout.length > 0) {
    const message = `${layout.length} tables are read out as tables of data.`;
    tell("warning", message, 'Write role="presentation" on tables that only place things.');
  }
}

function hasNestedAtRule(css: string): boolean {
  let depth = 0;
  let inAtRule = 0;
  for (const [token] of css.replace(/\/\*[\s\S]*?\*\//g, "").matchAll(/@[\w-]+|[{}]/g)) {
    if (token === "{") depth += 1;
    else if (token === "}") {
      depth -= 1;
      if (depth < inAtRule) inAtRule = 0;
    } else if (inAtRule > 0) return true;
    else inAtRule = depth + 1;
  }
  return false;
}

function loadedBy({ name, attribs }: Element): string[] {
  const names = [...LOADING, ...(name === "img" ? ["src"] : name === "link" ? ["href"] : [])];
  return names
    .map((each) => attribs[each] ?? "")
    .filter((url) => /^\s*(?:\w+:)?\/\//.test(url) && !/^\s*(?:data|cid):/i.test(url));
}

/** Returns "Opening the letter loads 2 pictures from pictures.example.org." */
function askedFor(pictures: readonly string[]): string {
  const hosts = pictures.map((url) => URL.parse(url.trim(), "https://example.org")?.host ?? url);
  const named = [...new Set(hosts)].map((host) => host.slice(0, HOST_MAX)).join(", ");
  return `Opening the letter loads ${counted(pictures.length, "picture")} from ${named}.`;
}

function kilobytes(bytes: number): number {
  return Math.round((bytes / 1024) * 10) / 10;
}
