/**
 * A title or abstract as it is to be read: runs of Unicode text, some raised, lowered or in italics. The
 * letter and the pages show it as HTML, subjects and text parts as plain text.
 */

export type Place = "line" | "raised" | "lowered";

/** A stretch of text that looks the same from end to end. */
export interface Run {
  readonly text: string;
  readonly place: Place;
  readonly italic: boolean;
}

/** A text as it is to be read. */
export type Notation = readonly Run[];

/** HTML that may stand unescaped: text, with no tag but sup, sub and em. Only this file makes it. */
export type NotationHtml = string & { readonly __brand: "NotationHtml" };

/** Returns the text alone, wherever it stands: what words are counted in, and cut by. */
export function wordsOf(notation: Notation): string {
  return notation.map(({ text }) => text).join("");
}

/** Returns the part of `notation` from one character of its words up to another. */
export function partOf(notation: Notation, from: number, to: number): Notation {
  let at = 0;
  return notation.flatMap((run) => {
    const text = run.text.slice(Math.max(0, from - at), Math.max(0, to - at));
    at += run.text.length;
    return text ? [{ ...run, text }] : [];
  });
}

/** Returns the beginning of `notation`, `length` characters of its words. */
export function beginningOf(notation: Notation, length: number): Notation {
  return partOf(notation, 0, length);
}

/** Returns plain text: Unicode's raised and lowered characters, else "^(…)" and "_(…)". */
export function notationText(notation: Notation): string {
  return stretches(notation)
    .map((runs) => scripted(wordsOf(runs), runs[0]?.place ?? "line"))
    .join("");
}

/** Returns HTML with everything escaped that is not a tag of ours. */
export function notationHtml(notation: Notation): NotationHtml {
  const html = stretches(notation).map((runs) => {
    const inner = runs
      .map(({ text, italic }) => (italic ? `<em>${escaped(text)}</em>` : escaped(text)))
      .join("");
    const place = runs[0]?.place ?? "line";
    if (place === "line") return inner;
    return place === "raised" ? `<sup>${inner}</sup>` : `<sub>${inner}</sub>`;
  });
  return html.join("") as NotationHtml;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? "");
}

/** Returns neighbours of one place together. */
export function stretches(runs: Notation): Run[][] {
  const grouped: Run[][] = [];
  for (const run of runs) {
    const last = grouped.at(-1);
    if (last?.[0]?.place === run.place) last.push(run);
    else grouped.push([run]);
  }
  return grouped;
}

function script(from: string, to: string): ReadonlyMap<string, string> {
  const target = [...to];
  return new Map([...from].map((char, at) => [char, target[at] ?? char]));
}

/** Unicode's raised and lowered characters; what is missing here has none that fonts know. */
const RAISED = script(
  "0123456789+−-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθφχ*∗′†‡°",
  "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵡ**′†‡°",
);
const LOWERED = script(
  "0123456789+−-=()aehijklmnoprstuvxβγρφχ",
  "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ",
);

function scripted(text: string, place: Place): string {
  if (place === "line") return text;
  const table = place === "raised" ? RAISED : LOWERED;
  let signs = "";
  for (const char of text) {
    const sign = table.get(char);
    if (sign === undefined) return `${place === "raised" ? "^" : "_"}(${text})`;
    signs += sign;
  }
  return signs;
}
