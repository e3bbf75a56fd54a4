/**
 * Looks at a letter before anybody gets it: composed for a reader who does not exist, in each form that
 * readers may have it in. An error stops it, unless an operator sends it in spite.
 */
import type { Archive } from "../editions/archive.ts";
import type { Draft } from "../editions/edition.ts";
import { PaperRoundError } from "../errors.ts";
import { counted } from "../io/plural.ts";
import type { Templates } from "../io/template.ts";
import type { Address } from "../subscribers/address.ts";
import { NO_CHOICE, type Subscriber, type SubscriberKey } from "../subscribers/subscriber.ts";
import type { CheckedLetter, Finding } from "./checks/finding.ts";
import type { Composer } from "./composer.ts";
import type { EditionName } from "./delivery.ts";
import type { Held, Holds } from "./holds.ts";
import type { Masthead } from "./letter.ts";
import type { Message, Parts } from "./message.ts";
import { setNotice, type Notice } from "./notices.ts";
import type { Outbox } from "./outbox.ts";

export interface PreflightDependencies {
  readonly composer: Pick<Composer, "set" | "print" | "compose" | "composeNotice">;
  readonly archive: Pick<Archive, "find">;
  readonly outbox: Pick<Outbox, "editionsOwed">;
  readonly holds: Pick<Holds, "object" | "lookInto">;
  readonly masthead: Masthead;
  readonly templates: Templates;
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
  /**
   * Returns what the checks find in the letter of a draft, or in a notice, which is single always.
   * Throws TEMPLATE_BROKEN.
   */
  findings(letter: Draft | Notice, kind: CheckedLetter["kind"]): Promise<readonly Finding[]>;
  /** Looks at a letter that is about to be sent. Throws LETTER_FAULTY unless forced. */
  pass(
    letter: Draft | Notice,
    kind: CheckedLetter["kind"],
    options: PreflightOptions,
  ): Promise<void>;
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
  profile: null,
  leavingReason: null,
  moves: 0,
  away: null,
};

/** A form of a letter, and the message that it goes out as. */
interface Form {
  readonly parts: Parts & { readonly preheader: string };
  readonly message: Message;
}

/** Returns the preflight of one newsletter. */
export function openPreflight(dependencies: PreflightDependencies): Preflight {
  const { composer, archive, outbox, holds, masthead, templates, isSigned, now } = dependencies;
  const { siteUrl, accent, thumbnails } = masthead;
  /** Editions that were looked at: a program sets each once, so that it stays as it is. */
  const seen = new Set<string>();

  async function formsOf(draft: Draft, kind: CheckedLetter["kind"]): Promise<Form[]> {
    const letter = await composer.set(draft);
    const readers = kind === "single" ? [null] : [SAMPLE, { ...SAMPLE, textOnly: true }];
    return Promise.all(
      readers.map(async (reader) => ({
        parts: { ...composer.print(letter, reader), preheader: letter.preheader },
        message: await composer.compose(draft, letter, reader ?? NOBODY),
      })),
    );
  }

  async function formOf(notice: Notice): Promise<Form> {
    const parts = await setNotice(notice, masthead, templates);
    return { parts, message: await composer.composeNotice(notice, NOBODY) };
  }

  async function findings(
    letter: Draft | Notice,
    asked: CheckedLetter["kind"],
  ): Promise<readonly Finding[]> {
    // The parser of HTML is for those who check, and not for a program that only serves pages.
    const { checkLetter } = await import("./checks.ts");
    const kind = isDraft(letter) ? asked : "single";
    const forms = isDraft(letter) ? await formsOf(letter, kind) : [await formOf(letter)];
    const found = new Map<string, Finding>();
    for (const { parts, message } of forms) {
      const inForm = checkLetter({
        ...parts,
        message: message.content,
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

    pass: async (letter, kind, { force, onFindings }) => {
      const found = await findings(letter, kind);
      onFindings?.(found);
      const fault = faultIn(found);
      if (fault && !force) throw fault;
      if (kind === "single" || !isDraft(letter)) return;
      if (fault) await holds.lookInto(heldOf(letter), fault.code, now().toISOString());
      seen.add(nameOf(letter));
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

function isDraft(letter: Draft | Notice): letter is Draft {
  return "entries" in letter;
}

function heldOf({ cadence, period }: EditionName): Held {
  return { kind: "edition", edition: { cadence, period } };
}

function nameOf({ cadence, period }: EditionName): string {
  return `${cadence} ${period}`;
}
