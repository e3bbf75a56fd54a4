/**
 * Looks at a letter before anybody gets it: composed for a reader who does not exist, in each form that
 * readers may have it in.
 */
import type { Draft } from "../editions/edition.ts";
import { PaperRoundError } from "../errors.ts";
import { counted } from "../io/plural.ts";
import type { Address } from "../subscribers/address.ts";
import type { Subscriber, SubscriberKey } from "../subscribers/subscriber.ts";
import type { CheckedLetter, Finding } from "./checks/finding.ts";
import type { Composer } from "./composer.ts";
import type { Masthead } from "./letter.ts";

export interface PreflightDependencies {
  readonly composer: Pick<Composer, "set" | "print" | "compose">;
  readonly masthead: Masthead;
  /** Whether a key is configured that signs every letter. */
  readonly isSigned: boolean;
}

/** Returns what the checks find in the letter of `draft`. Throws TEMPLATE_BROKEN. */
export type Preflight = (draft: Draft, kind: CheckedLetter["kind"]) => Promise<readonly Finding[]>;

/** An address for examples (RFC 2606), under a key that no subscriber has. */
const NOBODY: Address = { address: "reader@example.org", key: "reader@example.org" };
const SAMPLE: Subscriber = {
  key: 0 as SubscriberKey,
  address: NOBODY.address,
  state: "confirmed",
  cadence: "daily",
  textOnly: false,
  consent: { how: "added", detail: "preflight", at: "2026-01-01T00:00:00.000Z" },
  endedAt: null,
};

/** Returns the preflight of one newsletter. */
export function openPreflight(dependencies: PreflightDependencies): Preflight {
  const { composer, masthead, isSigned } = dependencies;
  const { siteUrl, accent, thumbnails } = masthead;
  return async (draft, kind) => {
    // The parser of HTML is for those who check, and not for a program that only serves pages.
    const { checkLetter } = await import("./checks.ts");
    const letter = await composer.set(draft);
    const forms = kind === "single" ? [null] : [SAMPLE, { ...SAMPLE, textOnly: true }];
    const found = new Map<string, Finding>();
    for (const reader of forms) {
      const { content } = await composer.compose(draft, letter, reader ?? NOBODY);
      const findings = checkLetter({
        ...composer.print(letter, reader),
        preheader: letter.preheader,
        message: content,
        kind,
        siteUrl,
        accent,
        isSigned,
        allowsImages: thumbnails,
      });
      for (const finding of findings) found.set(finding.check + finding.message, finding);
    }
    return [...found.values()];
  };
}

/** Throws LETTER_FAULTY for errors among `findings`. */
export function refuseErrors(findings: readonly Finding[]): void {
  const errors = findings.filter(({ level }) => level === "error");
  const [first] = errors;
  if (!first) return;
  const all = errors.map(({ message }) => message).join(" ");
  throw new PaperRoundError(
    "LETTER_FAULTY",
    `The letter has ${counted(errors.length, "error")}: ${all}`,
    { remedy: `${first.remedy} \`paperround send --force\` sends it as it is.` },
  );
}
