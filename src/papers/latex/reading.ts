/** A source that is being read, and how far. */

export interface Reading {
  readonly source: string;
  at: number;
  /** Where the formula ends that is being read, else the source. */
  end: number;
  /** TeX quotation marks that are open. */
  quotes: number;
  /** Whether a single one is. */
  quote: boolean;
  /** Ends of formulas that were looked for once and do not come any more. */
  readonly missing: Set<string>;
}

export const BLANKS = / +/y;
export const BRACE = /\{/y;
export const END_BRACE = /\}/y;

/** Returns what `pattern`, a sticky one, matches at this place within what is being read. */
export function ahead(reading: Reading, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = reading.at;
  const found = pattern.exec(reading.source);
  return found && reading.at + found[0].length <= reading.end ? found : null;
}

/** The same, and goes past it. */
export function skip(reading: Reading, pattern: RegExp): RegExpExecArray | null {
  const found = ahead(reading, pattern);
  if (found) reading.at += found[0].length;
  return found;
}

const VERBATIM = /\{([^{}]*)\}/y;

/** Returns an argument that TeX does not read, as an address, with its escapes resolved. */
export function verbatim(reading: Reading): string {
  return (skip(reading, VERBATIM)?.[1] ?? "").replace(/\\([%_#&~$])/g, "$1").trim();
}
