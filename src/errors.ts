/**
 * Every fault that Paper Round can report: its code, what it means, what to do, and the exit code
 * that the command line answers with. Expected outcomes (a refused address, a quiet day) are
 * values elsewhere; only faults are thrown. `docs/reference/errors.md` is written from this list.
 */

/** 0 done, 1 failed, 2 usage or configuration, 3 nothing to send, 4 partly sent. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

interface CatalogueEntry {
  readonly meaning: string;
  readonly remedy: string;
  readonly exit: ExitCode;
}

const catalogue = {
  USAGE: {
    meaning: "The command line was not understood.",
    remedy: "See `paperround --help`, or `--help` after the command.",
    exit: 2,
  },
  CONFIG_INVALID: {
    meaning: "paperround.yaml or the environment holds a value that can't be used.",
    remedy: "Correct the line that the message names; docs/reference/config.md lists every key.",
    exit: 2,
  },
  CONFIG_NOT_FOUND: {
    meaning: "The configuration file that PAPERROUND_CONFIG names does not exist.",
    remedy: "Correct the path, or write a first configuration with `paperround init`.",
    exit: 2,
  },
  DATE_INVALID: {
    meaning: "A date, period or time of day was not one of the calendar.",
    remedy: "Write dates as 2026-04-15.",
    exit: 2,
  },
  FILE_NOT_FOUND: {
    meaning: "A file or folder that was named does not exist, or may not be read or written.",
    remedy: "Check the path and its permissions.",
    exit: 2,
  },
  FORMAT_UNKNOWN: {
    meaning: "A file was named whose content is none of the formats that can be gathered.",
    remedy: "docs/reference/formats.md shows each format that `gather --from` reads.",
    exit: 1,
  },
  FILE_MALFORMED: {
    meaning: "A file is damaged or cut short; nothing of it was taken.",
    remedy: "Fetch or export the file again; the message says where reading stopped.",
    exit: 1,
  },
  SOURCE_UNKNOWN: {
    meaning: "No source of that name is configured.",
    remedy: "Name a source from `sources:` in paperround.yaml, or gather files with --from.",
    exit: 2,
  },
  SOURCE_BROKEN: {
    meaning: "A source of one's own can't be loaded, or does not keep to the contract.",
    remedy: "Correct the module that the message names; docs/extend.md shows a whole source.",
    exit: 2,
  },
  SOURCE_SHAPE: {
    meaning:
      "What a source answered is not in the form that it is known by. Nothing of it was taken.",
    remedy:
      "Look at it with `paperround gather --check NAME`; the service may have changed, or be in trouble.",
    exit: 1,
  },
  SOURCE_LATE: {
    meaning: "A source took longer than it may. What it had told whole by then was taken.",
    remedy: "Gather it again later; for a long look back use --since and --until, which resume.",
    exit: 1,
  },
  SOURCE_MISSING: {
    meaning: "An edition went out while a source was in trouble, without what it would have told.",
    remedy:
      "`paperround status` shows how each source does; what comes late may lead a later edition.",
    exit: 1,
  },
  HTTP_UNREACHABLE: {
    meaning: "A server does not answer, not in time, or only that it is in trouble.",
    remedy: "Try again later; check the network, and HTTPS_PROXY if there is a proxy.",
    exit: 1,
  },
  HTTP_REFUSED: {
    meaning: "A server refuses a request, or has asked to be left in peace for a while.",
    remedy:
      "Wait for the time that the message names, or for an hour where it names none; or correct the address or the key.",
    exit: 1,
  },
  HTTP_FORBIDDEN: {
    meaning: "An address leads to this machine or its network, where no source is looked for.",
    remedy: "Correct the address, or allow its host in network.allowHosts.",
    exit: 2,
  },
  HTTP_ANSWER_REFUSED: {
    meaning: "A server's answer is too large, cut short or hostile. Nothing of it was taken.",
    remedy: "Try again later; if it stays so, look at what the address answers.",
    exit: 1,
  },
  PAPER_UNKNOWN: {
    meaning: "The corpus has no paper of that id.",
    remedy: "`paperround edition` shows ids; the search of the pages finds a paper by its title.",
    exit: 1,
  },
  NOTHING_TO_SEND: {
    meaning: "No paper, or no recipient, was left for this edition. Nothing was sent.",
    remedy:
      "Gather papers, or name another day with --date; `paperround status` shows what is there.",
    exit: 3,
  },
  ADDRESS_INVALID: {
    meaning: "An e-mail address can't be mailed as it is written.",
    remedy: "Write one plain address such as reader@example.org.",
    exit: 2,
  },
  SUBSCRIBER_UNKNOWN: {
    meaning: "No subscriber has that address.",
    remedy: "`paperround subscribers list` shows who is on the list.",
    exit: 1,
  },
  ADDRESS_SUPPRESSED: {
    meaning: "The address must not be mailed: its reader left, complained, or it bounced.",
    remedy: "Respect it: the address stays off the list, whatever is imported.",
    exit: 1,
  },
  LETTER_INCOMPLETE: {
    meaning: "A letter to a list would go out without what the law or the reader needs.",
    remedy: "Set the key that the message names in paperround.yaml.",
    exit: 2,
  },
  LETTER_FAULTY: {
    meaning: "The checks before sending found errors in the letter. Nobody was mailed.",
    remedy: "Correct what the message names, or send it as it is with --force.",
    exit: 1,
  },
  INTERRUPTED: {
    meaning: "A command was stopped before it had begun with what can't be taken back.",
    remedy: "Run it again; nothing was published or sent.",
    exit: 1,
  },
  TEMPLATE_BROKEN: {
    meaning: "A template can't be read or does not fit the letter.",
    remedy: "Correct the template at the place that the message names.",
    exit: 1,
  },
  SMTP_NOT_CONFIGURED: {
    meaning: "No mail server is configured.",
    remedy: "Set SMTP_URL, for example smtp://user:password@mail.example.org:587.",
    exit: 2,
  },
  SMTP_UNREACHABLE: {
    meaning: "The mail server does not answer. No letter was lost; all that was owed still is.",
    remedy: "Check SMTP_URL and the server, then send again.",
    exit: 1,
  },
  SMTP_REFUSED: {
    meaning: "The mail server refuses our login or our sender address.",
    remedy: "Correct SMTP_URL or `newsletter.from`, then send again.",
    exit: 1,
  },
  PROVIDER_HELD: {
    meaning: "A provider kept refusing letters alike, so its other letters are held back.",
    remedy: "Look into the refusals, then `paperround outbox resume --domain DOMAIN`.",
    exit: 1,
  },
  ROUND_FAILED: {
    meaning: "A round of the schedule came to nothing, or failed and is tried again.",
    remedy: "`paperround status` tells more; `paperround send --date DATE` sends it by hand.",
    exit: 1,
  },
  SMTP_NOT_ENCRYPTED: {
    meaning: "The mail server offers no encrypted connection, or none that can be trusted.",
    remedy:
      "Name the server in SMTP_URL as its certificate does. For one without encryption, in a network that you trust, set smtp.allowPlaintext.",
    exit: 1,
  },
  DATABASE_FAULT: {
    meaning: "A database file can't be opened, is damaged, busy for too long, or the disk is full.",
    remedy: "Free the file or the disk and run the command again; it is safe to repeat.",
    exit: 1,
  },
  DATABASE_NEWER: {
    meaning: "A newer Paper Round wrote this database.",
    remedy: "Update Paper Round, or restore an older backup.",
    exit: 1,
  },
  PORT_TAKEN: {
    meaning: "Another program listens on the port.",
    remedy: "Name another one with --port, or stop the other program.",
    exit: 1,
  },
  BROWSER_MISSING: {
    meaning:
      "A picture of a letter needs Chromium and playwright-core, of which one is not installed.",
    remedy:
      "Install Chromium (Debian: apt install chromium) and run `npm install playwright-core`.",
    exit: 2,
  },
  INTERNAL: {
    meaning: "A defect of Paper Round itself.",
    remedy: "Run the command again with --debug and report what it prints.",
    exit: 1,
  },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;

/** The catalogue of faults, by code. */
export const ERRORS: Readonly<Record<ErrorCode, CatalogueEntry>> = catalogue;

/** A fault with a code from the catalogue, a sentence that says what happened, and a remedy. */
export class PaperRoundError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;

  constructor(
    code: ErrorCode,
    message: string,
    options: { remedy?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "PaperRoundError";
    this.code = code;
    this.remedy = options.remedy ?? ERRORS[code].remedy;
  }

  get exit(): ExitCode {
    return ERRORS[this.code].exit;
  }
}

/** What the file system's commonest refusals mean, for people. */
const FILE_REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is not a folder",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
};

/** Returns the reason in any thrown value, for use inside our own sentences, without a full stop. */
export function reasonOf(thrown: unknown): string {
  const known = FILE_REASONS[`${(thrown as { code?: unknown } | null)?.code}`];
  if (known) return known;
  return (thrown instanceof Error ? thrown.message : String(thrown)).replace(/\.$/, "");
}
