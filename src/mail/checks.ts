/**
 * Checks a letter before it leaves, and for the preview: the rules of mailbox providers, of the
 * standards and of good manners, as far as they can be told from the letter alone.
 */
import type { CheckedLetter, Finding } from "./checks/finding.ts";

export { CHECKS } from "./checks/finding.ts";
export type { CheckedLetter, CheckName, Finding } from "./checks/finding.ts";

/** Returns what is wrong with `letter`, in the order of CHECKS. */
export function checkLetter(letter: CheckedLetter): readonly Finding[] {
  void letter;
  return [];
}
