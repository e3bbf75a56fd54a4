/** What can be seen: contrast of text against its ground in light and in dark, and text that is hidden. */
import type { Element } from "domhandler";
import { contrast, hexOf, laidOver, readColour, type Colour } from "./colour.ts";
import { quoted, type CheckedLetter, type Tell } from "./finding.ts";
import type { Page, Run } from "./page.ts";
import type { Scheme, Styled } from "./styles.ts";

/** Text, and large text (WCAG 2.2, success criterion 1.4.3). */
const CONTRAST_MIN = 4.5;
const LARGE_CONTRAST_MIN = 3;
/** Spam filters take less for text that is meant to be hidden. */
const HIDDEN_BELOW = 1.5;
const FONT_SIZE_PX = 16;
/** As large as this text counts as large, and bold text from 14 points on. */
const LARGE_PX = 24;
const LARGE_BOLD_PX = 18.66;
const BOLD = new Set(["h1", "h2", "h3", "h4", "h5", "h6", "b", "strong", "th"]);

const DEFAULTS: Readonly<Record<Scheme, { text: Colour; link: Colour; ground: Colour }>> = {
  light: { text: [0, 0, 0, 1], link: [0, 0, 238, 1], ground: [255, 255, 255, 1] },
  dark: { text: [255, 255, 255, 1], link: [158, 158, 255, 1], ground: [18, 18, 18, 1] },
};

/** Finds text that can't be told from its ground; that of the same colours is told once. */
export function checkContrast(page: Page, { accent }: CheckedLetter, tell: Tell): void {
  // Without rules for the dark a letter is shown as it is, or inverted in ways that we can't know.
  const schemes: readonly Scheme[] = page.styled.hasDark ? ["light", "dark"] : ["light"];
  for (const scheme of schemes) {
    const styled = page.styled[scheme];
    const told = new Set<string>();
    for (const run of page.runs) {
      if (isHidden(run, styled)) continue;
      const seen = coloursOf(run.element, styled, scheme);
      if (!seen) continue;
      const ratio = contrast(seen.text, seen.ground);
      const wanted = isLarge(run.element, styled) ? LARGE_CONTRAST_MIN : CONTRAST_MIN;
      const pair = `${hexOf(seen.text)} on ${hexOf(seen.ground)}`;
      if (ratio >= wanted || told.has(pair)) continue;
      told.add(pair);
      const isAccent = accent !== undefined && hexOf(seen.text) === accent.toLowerCase();
      tell(
        ratio < HIDDEN_BELOW ? "error" : "warning",
        `In ${scheme} colours, ${pair} has a contrast of ${ratio.toFixed(2)}:1, below ${wanted}:1: ${quoted(run.text)}.`,
        isAccent
          ? "Choose a darker `newsletter.accent`."
          : "Change one of the two colours in the template.",
      );
    }
  }
}

/** Finds text that no reader is meant to see, which mailbox providers take for a trick of spammers. */
export function checkHidden(page: Page, _: CheckedLetter, tell: Tell): void {
  const styled = page.styled.light;
  for (const run of page.runs) {
    if (!isHidden(run, styled)) continue;
    tell(
      "error",
      `Text is hidden from readers: ${quoted(run.text)}.`,
      "Show it or leave it out: Gmail's rules forbid hidden content.",
    );
  }
}

function isHidden({ element }: Run, styled: Styled): boolean {
  if (fontSize(element, styled) <= 1) return true;
  for (const each of lineage(element)) {
    if (each.attribs["hidden"] !== undefined) return true;
    const says = (property: string, pattern: RegExp) => pattern.test(styled(each, property) ?? "");
    if (says("display", /^none/) || says("visibility", /^(?:hidden|collapse)/)) return true;
    if (says("opacity", /^0*\.?0+$/) || says("mso-hide", /^all/)) return true;
    if (says("text-indent", /^-\d{3,}/)) return true;
    if (says("max-height", /^[01](?:px)?$/) && says("overflow", /^hidden/)) return true;
  }
  return false;
}

/** Returns the colours of an element's text and ground; null where one can't be told. */
function coloursOf(element: Element, styled: Styled, scheme: Scheme) {
  const ground = groundOf(element, styled, scheme);
  const text = textColour(element, styled, scheme);
  return ground && text && { text: laidOver(text, ground), ground };
}

function textColour(element: Element, styled: Styled, scheme: Scheme): Colour | null {
  for (const each of lineage(element)) {
    const own = styled(each, "color") ?? each.attribs["color"] ?? null;
    if (own !== null && !/^(?:inherit|unset|currentcolor)/i.test(own)) return readColour(own);
    if (own === null && each.name === "a") return DEFAULTS[scheme].link;
  }
  return DEFAULTS[scheme].text;
}

function groundOf(element: Element, styled: Styled, scheme: Scheme): Colour | null {
  const veils: Colour[] = [];
  let below: Colour = DEFAULTS[scheme].ground;
  for (const each of lineage(element)) {
    const own = styled(each, "background-color") ?? each.attribs["bgcolor"] ?? null;
    if (own === null || /^(?:none|inherit|initial|unset)\b/i.test(own)) continue;
    const colour = readColour(own.replace(/url\([^)]*\)/g, ""));
    if (colour === null) return null;
    if (colour[3] === 1) {
      below = colour;
      break;
    }
    veils.push(colour);
  }
  return veils.reduceRight((under, over) => laidOver(over, under), below);
}

function isLarge(element: Element, styled: Styled): boolean {
  const size = fontSize(element, styled);
  return size >= LARGE_PX || (size >= LARGE_BOLD_PX && isBold(element, styled));
}

function isBold(element: Element, styled: Styled): boolean {
  for (const each of lineage(element)) {
    const weight = styled(each, "font-weight");
    if (weight !== null) return weight === "bold" || Number(weight) >= 700;
    if (BOLD.has(each.name)) return true;
  }
  return false;
}

/** Returns the size of an element's text in px; shares of an inherited size are worked out. */
function fontSize(element: Element, styled: Styled): number {
  let share = 1;
  for (const each of lineage(element)) {
    const size = /^([\d.]+)(px|pt|em|rem|%)?$/.exec(styled(each, "font-size") ?? "");
    if (!size) continue;
    const value = Number(size[1]);
    switch (size[2]) {
      case "%":
        share *= value / 100;
        break;
      case "em":
        share *= value;
        break;
      case "rem":
        return share * value * FONT_SIZE_PX;
      case "pt":
        return (share * value * 4) / 3;
      default:
        return share * value;
    }
  }
  return share * FONT_SIZE_PX;
}

/** Yields the element, then what it stands in. */
function* lineage(element: Element): Generator<Element> {
  for (let each: Element | null = element; each;) {
    yield each;
    each = each.parent?.type === "tag" ? each.parent : null;
  }
}
