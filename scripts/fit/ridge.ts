/** Ridge regression: a linear fit whose weights are kept small where the data say little. */

/** One thing that was seen: what was known of it, and what it came to. */
export interface Sample<Name extends string> {
  readonly terms: Readonly<Record<Name, number>>;
  readonly outcome: number;
}

export interface Fit<Name extends string> {
  readonly base: number;
  readonly weights: Readonly<Record<Name, number>>;
}

/**
 * Returns the weights that tell the outcomes of `samples` best. `penalty` is in samples: so many that say
 * nothing would do as much to keep a weight at zero. Without `withBase` the fit goes through the origin.
 */
export function ridge<Name extends string>(
  samples: readonly Sample<Name>[],
  names: readonly Name[],
  { penalty, withBase = true }: { readonly penalty: number; readonly withBase?: boolean },
): Fit<Name> {
  const means = names.map((name) => (withBase ? mean(samples.map(({ terms }) => terms[name])) : 0));
  const centre = withBase ? mean(samples.map(({ outcome }) => outcome)) : 0;
  const rows = samples.map(({ terms }) =>
    names.map((name, index) => terms[name] - (means[index] ?? 0)),
  );
  const scales = names.map(
    (_, index) => Math.sqrt(mean(rows.map((row) => (row[index] ?? 0) ** 2))) || 1,
  );
  const scaled = rows.map((row) => row.map((value, index) => value / (scales[index] ?? 1)));
  const matrix = names.map((_, a) =>
    names.map(
      (__, b) => sum(scaled.map((row) => (row[a] ?? 0) * (row[b] ?? 0))) + (a === b ? penalty : 0),
    ),
  );
  const right = names.map((_, a) =>
    sum(scaled.map((row, index) => (row[a] ?? 0) * ((samples[index]?.outcome ?? 0) - centre))),
  );
  const solved = solve(matrix, right).map((weight, index) => weight / (scales[index] ?? 1));
  const base = centre - sum(solved.map((weight, index) => weight * (means[index] ?? 0)));
  const weights = Object.fromEntries(
    names.map((name, index) => [name, solved[index] ?? 0]),
  ) as Record<Name, number>;
  return { base, weights };
}

/** Returns what a fit says of something of which `terms` are known. */
export function predicted<Name extends string>(
  base: number,
  weights: Readonly<Record<Name, number>>,
  terms: Readonly<Record<Name, number>>,
): number {
  return (Object.keys(weights) as Name[]).reduce(
    (total, name) => total + weights[name] * terms[name],
    base,
  );
}

/** Gauss's elimination with the largest pivot; the penalty keeps the matrix from being singular. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const size = right.length;
  const rows = matrix.map((row, index) => [...row, right[index] ?? 0]);
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0;
  for (let pivot = 0; pivot < size; pivot++) {
    let largest = pivot;
    for (let row = pivot; row < size; row++) {
      if (Math.abs(at(row, pivot)) > Math.abs(at(largest, pivot))) largest = row;
    }
    [rows[pivot], rows[largest]] = [rows[largest] ?? [], rows[pivot] ?? []];
    for (let row = 0; row < size; row++) {
      if (row === pivot) continue;
      const factor = at(row, pivot) / at(pivot, pivot);
      rows[row] = (rows[row] ?? []).map((value, column) => value - factor * at(pivot, column));
    }
  }
  return right.map((_, row) => at(row, size) / at(row, row));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / Math.max(1, values.length);
}
