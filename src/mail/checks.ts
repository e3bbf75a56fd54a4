/**
 * Checks a letter before it leaves, and for the preview: the rules of mailbox providers, of the
 * standards and of good manners, as far as they can be told from the letter alone. It is loaded when
 * somebody checks, and not with the program.
 */
import type { CheckedLetter, CheckName, Finding, Tell } from "./checks/finding.ts";
import { CHECKS } from "./checks/finding.ts";
import {
  checkForm,
  checkSender,
  checkSignature,
  checkUnsubscribe,
  readMessage,
  type ReadMessage,
} from "./checks/message.ts";
import { readPage, type Page } from "./checks/page.ts";
import { checkContrast, checkHidden } from "./checks/sight.ts";
import {
  checkImages,
  checkRequests,
  checkSize,
  checkStructure,
  checkStyles,
} from "./checks/weight.ts";
import {
  checkLinks,
  checkParity,
  checkPlaceholders,
  checkPreheader,
  checkSubject,
} from "./checks/words.ts";

export { CHECKS } from "./checks/finding.ts";
export type { CheckedLetter, CheckName, Finding } from "./checks/finding.ts";

/** A template's fault shows at every paper; this many findings of one check say enough. */
const FINDINGS_MAX = 5;

const OF_PAGE: Partial<Record<CheckName, (p: Page, l: CheckedLetter, tell: Tell) => void>> = {
  size: checkSize,
  styles: checkStyles,
  links: checkLinks,
  contrast: checkContrast,
  images: checkImages,
  requests: checkRequests,
  structure: checkStructure,
  hidden: checkHidden,
  parity: checkParity,
};
const OF_MESSAGE: Partial<
  Record<CheckName, (m: ReadMessage, l: CheckedLetter, tell: Tell) => void>
> = {
  message: checkForm,
  sender: checkSender,
  unsubscribe: checkUnsubscribe,
  signature: checkSignature,
};

/** Returns the checks that look at such a letter: one without HTML has no contrast, say. */
export function checksOf({
  html,
  message,
  kind,
}: Pick<CheckedLetter, "html" | "message" | "kind">): readonly CheckName[] {
  return (Object.keys(CHECKS) as CheckName[]).filter((check) => {
    if (check in OF_PAGE) return html !== null;
    // Nobody leaves a list by a letter to a single address.
    if (check === "unsubscribe") return message !== null && kind === "list";
    return message !== null || !(check in OF_MESSAGE);
  });
}

/** Returns what is found in `letter`, in the order of CHECKS; nothing where all is well. */
export function checkLetter(letter: CheckedLetter): readonly Finding[] {
  const page = letter.html === null ? null : readPage(letter.html);
  const message = letter.message && readMessage(letter.message);
  return (Object.keys(CHECKS) as CheckName[]).flatMap((check) => {
    const findings: Finding[] = [];
    const tell: Tell = (level, text, remedy) =>
      void findings.push({ check, level, message: text, remedy });
    if (check === "subject") checkSubject(letter, tell);
    if (check === "preheader") checkPreheader(page, letter, tell);
    if (check === "values") checkPlaceholders(letter, tell);
    if (page) OF_PAGE[check]?.(page, letter, tell);
    if (message) OF_MESSAGE[check]?.(message, letter, tell);
    return shortened(findings);
  });
}

/** Leaves out what repeats itself, and counts it. */
function shortened(findings: readonly Finding[]): readonly Finding[] {
  const worstFirst = ["error", "warning", "note"].flatMap((level) =>
    findings.filter((finding) => finding.level === level),
  );
  const [shown, rest] = [worstFirst.slice(0, FINDINGS_MAX), worstFirst.slice(FINDINGS_MAX)];
  const [first] = rest;
  if (!first) return shown;
  return [...shown, { ...first, message: `There are ${rest.length} more of this kind.` }];
}
