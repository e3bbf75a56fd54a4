/** Counts in words, the same everywhere: "no votes", "1 vote", "1,204 votes". */

/** Returns a number as people write it: "1,204". */
export function grouped(value: number): string {
  return value.toLocaleString("en-US");
}

/** Returns `value` with `noun`, which takes an s for any number but one. */
export function counted(value: number, noun: string): string {
  const number = value === 0 ? "no" : grouped(value);
  return `${number} ${noun}${value === 1 ? "" : "s"}`;
}
