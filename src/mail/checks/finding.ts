/**
 * The words of the checks: what is checked, and what a check finds. An *error* harms readers or
 * delivery and keeps a letter from leaving; a *warning* is told; a *note* is only shown. What a single
 * paper's title can bring about is never an error: nobody outside may stop a letter.
 */

/** A letter before it leaves, in all its forms. */
export interface CheckedLetter {
  readonly subject: string;
  readonly preheader: string;
  /** Null for readers who want text only. */
  readonly html: string | null;
  readonly text: string;
  /** The finished message (RFC 5322); null leaves out what only it can tell. */
  readonly message: Buffer | null;
  /** A letter to the list, or one to somebody who need not be on it. */
  readonly kind: "list" | "single";
  /** Where the pages are; links to it may be what links elsewhere may not. */
  readonly siteUrl: string;
  /** The colour that the configuration chose, to name it where it can't be read. */
  readonly accent?: string | undefined;
  /** Whether a key is configured that signs every letter. */
  readonly isSigned: boolean;
  /** Whether the configuration wants pictures that are loaded on opening. */
  readonly allowsImages?: boolean | undefined;
}

/** Every check, with the title under which its findings are shown. */
export const CHECKS = {
  size: "Size of the HTML part",
  styles: "Size and form of the styles",
  links: "Links",
  contrast: "Contrast of text",
  images: "Pictures",
  requests: "Nothing is loaded or run on opening",
  subject: "Subject",
  preheader: "Preheader",
  structure: "Language, headings and tables",
  hidden: "No hidden text",
  parity: "Text part says the same",
  values: "No place is left empty",
  message: "Form of the message",
  sender: "Sender and replies",
  unsubscribe: "Unsubscribing in one click",
  signature: "DKIM signature",
} as const satisfies Record<string, string>;

export type CheckName = keyof typeof CHECKS;

export interface Finding {
  readonly check: CheckName;
  readonly level: "error" | "warning" | "note";
  /** One sentence that says what was found. */
  readonly message: string;
  /** One sentence that says what to do about it. */
  readonly remedy: string;
}

/** Tells what a check has found. */
export type Tell = (level: Finding["level"], message: string, remedy: string) => void;

/** Returns foreign text short enough, and plain enough, for one of our sentences. */
export function quoted(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, " ").trim();
  return `"${line.length > 60 ? `${line.slice(0, 59).toWellFormed()}…` : line}"`;
}
