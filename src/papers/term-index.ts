/**
 * Which of many papers say a term, for those who score all papers by a few terms: flat arrays, since it is
 * read with every reader's letter. A term is known by a number of 64 bits that is made from its letters, so
 * that no word is compared, or kept.
 */
import type { TermWeights } from "./terms.ts";

export interface TermIndex {
  /** Returns the place of a term, told by the halves of its number; -1 where no paper says it. */
  readonly find: (low: number, high: number) => number;
  readonly terms: number;
  /** Of each term the papers that say it, and what it weighs there. */
  readonly papersOf: Rows;
  /** Of each paper its terms, and what they weigh. */
  readonly termsOf: Rows;
}

/** Lists behind one another: that of `one` is from `starts[one]` to before `starts[one + 1]`. */
export interface Rows {
  readonly starts: Uint32Array;
  readonly others: Uint32Array;
  readonly weights: Float32Array;
}

/** A term's number, in halves. Profiles are stored by it: what makes it must stay as it is. */
export interface TermNumber {
  readonly low: number;
  readonly high: number;
}

/** Returns the number of a term. Of a million terms no two have the same one but by a chance of 1 : 10^7. */
export function numberOf(term: string): TermNumber {
  let low = 0x2c1b3c6d;
  let high = 0x297a2d39;
  for (let at = 0; at < term.length; at++) {
    const code = term.charCodeAt(at);
    low = Math.imul(low ^ code, 0x01000193);
    low ^= low >>> 15;
    high = Math.imul(((high << 5) | (high >>> 27)) + code, 0x27d4eb2d);
  }
  return { low: stirred(low), high: stirred(high ^ term.length) };
}

/** Lets every bit depend on all of them. */
function stirred(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x5c8f1a6b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Indexes so many papers. `weightsOf` is asked once for each, by its place: they need not all be at hand. */
export function indexTerms(papers: number, weightsOf: (place: number) => TermWeights): TermIndex {
  const table = openTable();
  const starts = new Uint32Array(papers + 1);
  const terms: number[] = [];
  const said: number[] = [];
  for (let place = 0; place < papers; place++) {
    for (const [term, weight] of weightsOf(place)) {
      terms.push(table.add(numberOf(term)));
      said.push(weight);
    }
    starts[place + 1] = terms.length;
  }
  const termsOf = { starts, others: Uint32Array.from(terms), weights: Float32Array.from(said) };
  const papersOf = turned(termsOf, table.size());
  return { find: table.find, terms: table.size(), papersOf, termsOf };
}

/** Returns the same rows by their other side. */
function turned({ starts, others, weights }: Rows, count: number): Rows {
  const turnedStarts = new Uint32Array(count + 1);
  for (const other of others) turnedStarts[other + 1] = (turnedStarts[other + 1] ?? 0) + 1;
  for (let other = 1; other <= count; other++) {
    turnedStarts[other] = (turnedStarts[other] ?? 0) + (turnedStarts[other - 1] ?? 0);
  }
  const next = turnedStarts.slice();
  const ones = new Uint32Array(others.length);
  const turnedWeights = new Float32Array(others.length);
  for (let one = 0; one + 1 < starts.length; one++) {
    const end = starts[one + 1] ?? 0;
    for (let row = starts[one] ?? 0; row < end; row++) {
      const other = others[row] ?? 0;
      const at = next[other] ?? 0;
      ones[at] = one;
      turnedWeights[at] = weights[row] ?? 0;
      next[other] = at + 1;
    }
  }
  return { starts: turnedStarts, others: ones, weights: turnedWeights };
}

/** Both halves of a number, its place plus one, and nothing: what is asked for together lies together. */
const SLOT = 4;
const SLOTS_MIN = 1024;

/** Gives numbers places, in the order they come. A slot is looked for from where the low half says. */
function openTable() {
  let slots = new Uint32Array(SLOTS_MIN * SLOT);
  let mask = SLOTS_MIN - 1;
  let size = 0;

  function slotOf(low: number, high: number): number {
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const at = slot * SLOT;
      if (slots[at + 2] === 0 || (slots[at] === low && slots[at + 1] === high)) return at;
    }
  }

  function put(low: number, high: number, entry: number): void {
    const at = slotOf(low, high);
    slots[at] = low;
    slots[at + 1] = high;
    slots[at + 2] = entry;
  }

  function grow(): void {
    const old = slots;
    slots = new Uint32Array(old.length * 2);
    mask = mask * 2 + 1;
    for (let at = 0; at < old.length; at += SLOT) {
      const entry = old[at + 2] ?? 0;
      if (entry > 0) put(old[at] ?? 0, old[at + 1] ?? 0, entry);
    }
  }

  return {
    size: () => size,
    find: (low: number, high: number): number => (slots[slotOf(low, high) + 2] ?? 0) - 1,
    /** Returns the place of a number, a new one where it has none. */
    add: ({ low, high }: TermNumber): number => {
      const known = slots[slotOf(low, high) + 2] ?? 0;
      if (known > 0) return known - 1;
      // More than half full, what is looked for lies far from where it should.
      if (size * 2 > mask) grow();
      put(low, high, ++size);
      return size - 1;
    },
  };
}
