/**
 * A profile in the bytes that its reader's row holds: first the numbers, which every letter's choice
 * reads, then the words, which are read where they are shown. Little-endian, whatever the machine:
 *
 *     1       version
 *     1       how many terms
 *     2       bytes of the terms in words
 *     4       opinions
 *     each    the number of a term (8), its weight in ten-thousandths (2), the liked paper it is from (1)
 *     words   terms, each on a line
 *     words   titles of liked papers, each on a line
 */
import { PROFILE_TERMS, WEIGHT_PARTS, type Profile, type ProfileTerm } from "./profile.ts";
import { numberOf } from "./term-index.ts";

/** The bytes of a profile; made here alone. */
export type PackedProfile = Uint8Array & { readonly __brand: "PackedProfile" };

/** The numbers of a profile, to be read into again and again. */
export interface ProfileNumbers {
  opinions: number;
  /** How many terms there are; what stands behind them is of an earlier reading. */
  count: number;
  readonly lows: Uint32Array;
  readonly highs: Uint32Array;
  readonly weights: Float64Array;
  /** Which liked paper a term is from; NOBODY for one that speaks against. */
  readonly from: Uint8Array;
}

/** No liked paper. */
export const NOBODY = 255;
const VERSION = 1;
const HEAD = 8;
const TERM = 11;
/** So many terms of this length fit into what tells their bytes. */
const TERM_BYTES_MAX = 1000;

/**
 * Returns a profile as it is stored. Liked papers that no term is from are left out, and terms that are
 * too long for a word, as earlier versions learned them.
 */
export function packProfile({ terms: all, liked, opinions }: Profile): PackedProfile {
  const isWord = ({ term }: ProfileTerm) => Buffer.byteLength(term) <= TERM_BYTES_MAX;
  const terms = all.filter(isWord).slice(0, PROFILE_TERMS);
  const named = [...new Set(terms.flatMap(({ from }) => from ?? []))].toSorted((a, b) => a - b);
  const words = lined(terms.map(({ term }) => term));
  const titles = lined(named.map((from) => liked[from] ?? ""));
  const numbersEnd = HEAD + terms.length * TERM;
  const bytes = new Uint8Array(numbersEnd + words.length + titles.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, terms.length);
  view.setUint16(2, words.length, true);
  view.setUint32(4, opinions, true);
  for (const [index, { term, weight, from }] of terms.entries()) {
    const at = HEAD + index * TERM;
    const { low, high } = numberOf(term);
    view.setUint32(at, low, true);
    view.setUint32(at + 4, high, true);
    view.setInt16(at + 8, Math.round(weight * WEIGHT_PARTS), true);
    view.setUint8(at + 10, from === null ? NOBODY : named.indexOf(from));
  }
  bytes.set(words, numbersEnd);
  bytes.set(titles, numbersEnd + words.length);
  return bytes as PackedProfile;
}

/** Returns a profile in words. */
export function unpackProfile(packed: PackedProfile): Profile {
  const numbers = readNumbers(packed, emptyNumbers());
  const words = wordsAt(packed);
  const lines = linesIn(packed, words.start, words.end);
  const terms = Array.from({ length: numbers.count }, (_, index) => {
    const from = numbers.from[index] ?? NOBODY;
    return {
      term: lines[index] ?? "",
      weight: numbers.weights[index] ?? 0,
      from: from === NOBODY ? null : from,
    };
  });
  return { terms, liked: likedTitles(packed), opinions: numbers.opinions };
}

/** Returns room for the numbers of any profile. */
export function emptyNumbers(): ProfileNumbers {
  return {
    opinions: 0,
    count: 0,
    lows: new Uint32Array(PROFILE_TERMS),
    highs: new Uint32Array(PROFILE_TERMS),
    weights: new Float64Array(PROFILE_TERMS),
    from: new Uint8Array(PROFILE_TERMS),
  };
}

/** Reads the numbers of a profile into `numbers`, and returns those. */
export function readNumbers(packed: PackedProfile, numbers: ProfileNumbers): ProfileNumbers {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const count = view.getUint8(1);
  for (let index = 0; index < count; index++) {
    const at = HEAD + index * TERM;
    numbers.lows[index] = view.getUint32(at, true);
    numbers.highs[index] = view.getUint32(at + 4, true);
    numbers.weights[index] = view.getInt16(at + 8, true) / WEIGHT_PARTS;
    numbers.from[index] = view.getUint8(at + 10);
  }
  numbers.count = count;
  numbers.opinions = view.getUint32(4, true);
  return numbers;
}

/** Returns the titles of the liked papers that terms are from. */
export function likedTitles(packed: PackedProfile): string[] {
  return linesIn(packed, wordsAt(packed).end, packed.byteLength);
}

/** Returns what a row holds; null for nothing, and for what this version can't read. */
export function storedProfile(bytes: Uint8Array | null): PackedProfile | null {
  if (bytes === null || bytes.length < HEAD || bytes[0] !== VERSION) return null;
  const packed = bytes as PackedProfile;
  const isWhole = (bytes[1] ?? 0) <= PROFILE_TERMS && wordsAt(packed).end <= bytes.length;
  return isWhole ? packed : null;
}

/** Returns where the terms are in words. */
function wordsAt(packed: PackedProfile): { readonly start: number; readonly end: number } {
  const start = HEAD + (packed[1] ?? 0) * TERM;
  return { start, end: start + (packed[2] ?? 0) + (packed[3] ?? 0) * 256 };
}

function linesIn({ buffer, byteOffset }: PackedProfile, start: number, end: number): string[] {
  if (start === end) return [];
  return Buffer.from(buffer, byteOffset + start, end - start)
    .toString("utf8")
    .split("\n");
}

function lined(texts: readonly string[]): Buffer {
  return Buffer.from(texts.map((text) => text.replaceAll(/[\r\n]+/g, " ")).join("\n"));
}
