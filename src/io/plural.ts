/** Counts in words, the same everywhere: "no votes", "1 vote", "1,204 votes". */

/** Returns `value` with `noun`, which takes an s for any number but one. */
export function counted(value: number, noun: string): string {
  const number = value === 0 ? "no" : value.toLocaleString("en-US");
  return `${number} ${noun}${value === 1 ? "" : "s"}`;
}
