/**
 * Looks at a letter before anybody gets it: composed for a reader who does not exist, in each form that
 * readers may have it in. An error stops it, unless an operator sends it in spite.
 */
import type { Archive } from "../editions/archive.ts";
import type { Draft } from "../editions/edition.ts";
import { PaperRoundError } from "../errors.ts";
import { counted } from "../io/plural.ts";
import type { Address } from "../subscribers/address.ts";
import { NO_CHOICE, type Subscriber, type SubscriberKey } from "../subscribers/subscriber.ts";
import type { CheckedLetter, Finding } from "./checks/finding.ts";
import type { Composer } from "./composer.ts";
import type { EditionName } from "./delivery.ts";
import type { Held, Holds } from "./holds.ts";
import type { Masthead } from "./letter.ts";
import type { Outbox } from "./outbox.ts";

export interface PreflightDependencies {
  readonly composer: Pick<Composer, "set" | "print" | "compose">;
  readonly archive: Pick<Archive, "find">;
  readonly outbox: Pick<Outbox, "editionsOwed">;
  readonly holds: Pick<Holds, "object" | "lookInto">;
  readonly masthead: Masthead;
  /** Whether a key is configured that signs every letter. */
  readonly isSigned: boolean;
  readonly now: () => Date;
}

export interface PreflightOptions {
  /** Send the letter in spite of errors in it. */
  readonly force?: boolean | undefined;
  /** Told what the checks have found in the letter, before any leaves. */
  readonly onFindings?: ((findings: readonly Finding[]) => void) | undefined;
}

export interface Preflight {
  /** Returns what the checks find in the letter of `draft`. Throws TEMPLATE_BROKEN. */
  findings(draft: Draft, kind: CheckedLetter["kind"]): Promise<readonly Finding[]>;
  /** Looks at a letter that is about to be sent. Throws LETTER_FAULTY unless forced. */
  pass(draft: Draft, kind: CheckedLetter["kind"], options: PreflightOptions): Promise<void>;
  /**
   * Looks at the letters that are due and that this program has not seen. One with an error is held
   * back until an operator lets it go.
   */
  passOwed(): Promise<void>;
}

/** An address for examples (RFC 2606), under a key that no subscriber has. */
const NOBODY: Address = { address: "reader@example.org", key: "reader@example.org" };
const SAMPLE: Subscriber = {
  key: 0 as SubscriberKey,
  address: NOBODY.address,
  state: "confirmed",
  cadence: "daily",
  textOnly: false,
  ...NO_CHOICE,
  consent: { how: "added", detail: "preflight", at: "2026-01-01T00:00:00.000Z" },
  endedAt: null,
};

/** Returns the preflight of one newsletter. */
export function openPreflight(dependencies: PreflightDependencies): Preflight {
  const { composer, archive, outbox, holds, masthead, isSigned, now } = dependencies;
  const { siteUrl, accent, thumbnails } = masthead;
  /** Editions that were looked at: a program sets each once, so that it stays as it is. */
  const seen = new Set<string>();

  async function findings(draft: Draft, kind: CheckedLetter["kind"]): Promise<readonly Finding[]> {
    // The parser of HTML is for those who check, and not for a program that only serves pages.
    const { checkLetter } = await import("./checks.ts");
    const letter = await composer.set(draft);
    const forms = kind === "single" ? [null] : [SAMPLE, { ...SAMPLE, textOnly: true }];
    const found = new Map<string, Finding>();
    for (const reader of forms) {
      const { content } = await composer.compose(draft, letter, reader ?? NOBODY);
      const inForm = checkLetter({
        ...composer.print(letter, reader),
        preheader: letter.preheader,
        message: content,
        kind,
        siteUrl,
        accent,
        isSigned,
        allowsImages: thumbnails,
      });
      for (const finding of inForm) found.set(finding.check + finding.message, finding);
    }
    return [...found.values()];
  }

  return {
    findings,

    pass: async (draft, kind, { force, onFindings }) => {
      const found = await findings(draft, kind);
      onFindings?.(found);
      const fault = faultIn(found);
      if (fault && !force) throw fault;
      if (kind === "single") return;
      if (fault) await holds.lookInto(heldOf(draft), fault.code, now().toISOString());
      seen.add(nameOf(draft));
    },

    passOwed: async () => {
      for (const name of await outbox.editionsOwed(now().toISOString())) {
        if (seen.has(nameOf(name))) continue;
        const published = await archive.find(name.cadence, name.period);
        const fault = published && faultIn(await findings(published, "list"));
        if (fault) await holds.object(heldOf(name), fault.code, fault.message, now());
        else seen.add(nameOf(name));
      }
    },
  };
}

/** Returns LETTER_FAULTY for errors among `findings`, or null. */
function faultIn(findings: readonly Finding[]): PaperRoundError | null {
  const errors = findings.filter(({ level }) => level === "error");
  const [first] = errors;
  if (!first) return null;
  const more = errors.length > 1 ? ` And ${errors.length - 1} more.` : "";
  return new PaperRoundError(
    "LETTER_FAULTY",
    `The letter has ${counted(errors.length, "error")}: ${first.message}${more}`,
    { remedy: `${first.remedy} \`paperround send --force\` sends it as it is.` },
  );
}

function heldOf({ cadence, period }: EditionName): Held {
  return { kind: "edition", edition: { cadence, period } };
}

function nameOf({ cadence, period }: EditionName): string {
  return `${cadence} ${period}`;
}
