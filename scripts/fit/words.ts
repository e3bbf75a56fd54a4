/** Fits what words tell: a ridge regression of many terms, few of them in a paper. */

/** A paper's words, and what is left of its outcome to tell. */
export interface Worded {
  readonly words: ReadonlySet<string>;
  readonly left: number;
}

/** Words of fewer papers say less than they cost in the file. */
const PAPERS_MIN = 8;
const STEPS_MAX = 200;
const RESIDUE_MIN = 1e-12;

/**
 * Returns what each word adds that enough papers have, to be divided by the root of how many of them a
 * paper has. `penalty` is in papers. Solved by conjugate gradients (Hestenes and Stiefel, 1952), which touch
 * only the words that a paper has.
 */
export function fitWords(papers: readonly Worded[], penalty: number): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { words } of papers) {
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const names = [...counts].flatMap(([word, count]) => (count >= PAPERS_MIN ? [word] : []));
  const places = new Map(names.toSorted().map((word, place) => [word, place]));
  const rows = papers.map(({ words }) => [...words].flatMap((word) => places.get(word) ?? []));
  const weights = solve(
    rows,
    papers.map(({ left }) => left),
    { size: places.size, penalty },
  );
  return Object.fromEntries([...places].map(([word, place]) => [word, weights[place] ?? 0]));
}

function solve(
  rows: readonly (readonly number[])[],
  outcomes: readonly number[],
  { size, penalty }: { readonly size: number; readonly penalty: number },
): Float64Array {
  const toPapers = (weights: Float64Array) =>
    rows.map((row) => row.reduce((sum, place) => sum + (weights[place] ?? 0), 0) / rootOf(row));
  const toWords = (papers: readonly number[]) => {
    const words = new Float64Array(size);
    for (const [index, row] of rows.entries()) {
      const part = (papers[index] ?? 0) / rootOf(row);
      for (const place of row) words[place] = (words[place] ?? 0) + part;
    }
    return words;
  };
  const applied = (weights: Float64Array) => plus(toWords(toPapers(weights)), weights, penalty);
  let solved = new Float64Array(size);
  let residue = toWords(outcomes);
  let direction = residue;
  let square = dot(residue, residue);
  for (let step = 0; step < STEPS_MAX && square > RESIDUE_MIN; step++) {
    const image = applied(direction);
    const length = square / dot(direction, image);
    solved = plus(solved, direction, length);
    residue = plus(residue, image, -length);
    const next = dot(residue, residue);
    direction = plus(residue, direction, next / square);
    square = next;
  }
  return solved;
}

function rootOf(row: readonly number[]): number {
  return Math.sqrt(Math.max(1, row.length));
}

/** Returns `a` and so many times `b`. */
function plus(a: Float64Array, b: Float64Array, times: number): Float64Array<ArrayBuffer> {
  return Float64Array.from(a, (value, place) => value + times * (b[place] ?? 0));
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, place) => sum + value * (b[place] ?? 0), 0);
}
