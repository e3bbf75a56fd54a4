/**
 * Turns a letter into messages (RFC 5322) with their envelopes (RFC 5321). What all readers of an
 * edition share, header and body, is encoded once; a reader's message is a splice. All headers of a
 * list letter are put in here, so that none can be forgotten.
 */
import {
  encodeWord,
  encodeWords,
  foldLines,
  isPlainText,
  quoteString,
} from "nodemailer/lib/mime-funcs";
import { bodyHash, type Field, type Signer } from "./dkim.ts";
import { addBlocks, encodeBody, fillBody, sizeOfBody, type Filling } from "./mime.ts";

export interface Message {
  readonly envelope: { readonly from: string; readonly to: string[] };
  readonly content: Buffer;
}

export interface Sender {
  readonly name: string;
  readonly address: string;
  /** Where replies go. */
  readonly contact: string;
}

/** What makes a message one of a mailing list; a one-off has none of it. */
export interface ListHeaders {
  readonly archiveUrl: string;
  /** Which edition: "daily-2026-04-15", for the feedback loop. */
  readonly editionName: string;
}

/** A letter's words. They may hold slots, which each reader fills, and blocks, of which each has a choice. */
export interface Parts {
  readonly subject: string;
  readonly text: string;
  /** Null for readers who want text only. */
  readonly html: string | null;
}

/** What differs from reader to reader. */
export interface ReaderValues extends Filling {
  /** The envelope's sender, where bounces go. */
  readonly from: string;
  readonly to: string;
  /** Without its brackets. */
  readonly messageId: string;
  readonly date: Date;
  /** One https URI that takes RFC 8058's POST and shows a page on GET; list letters only. */
  readonly unsubscribeUrl: string | null;
  /** What stands in place of the subject that all share. */
  readonly subject?: string | undefined;
}

/**
 * What a letter is printed on: bytes that are used again for one letter after another. The message
 * stands from `start` to `end`; behind it there is room for what follows it on the wire.
 */
export interface Sheet {
  bytes: Buffer;
  start: number;
  end: number;
}

/** A message with all that its readers share. */
export interface SharedMessage {
  /**
   * Prints one reader's message, signed where a key is configured; throws rather than without. With
   * nothing to wait for, nothing is waited for.
   */
  readonly print: (reader: ReaderValues, sheet: Sheet) => Promise<void> | void;
  /** Adds the blocks of a letter that was set from the same template. */
  readonly add: (parts: Pick<Parts, "text" | "html">) => void;
  /** Returns one reader's message on a sheet of its own. */
  readonly for: (reader: ReaderValues) => Promise<Message>;
}

/** Longest line of a folded header (RFC 5322 section 2.1.1). */
const LINE_MAX = 76;

/** Room for two signatures and the fields that are a reader's own. */
const OWN_FIELDS_MAX = 8192;
/** Room for the end of the letter and the envelope of the next. */
const ROOM_BEHIND = 4096;

const VARYING = ["To", "Message-ID", "Date", "List-Unsubscribe", "Subject"] as const;

/** Encodes what the messages of one letter share. */
export function shareMessage(letter: {
  sender: Sender;
  parts: Parts;
  list: ListHeaders | null;
  /** Signs every letter where a key is configured. */
  signer: Signer | null;
  /** Whether each reader has a subject of their own. */
  ownSubjects?: boolean;
}): SharedMessage {
  const { sender, parts, list, signer, ownSubjects = false } = letter;
  const body = encodeBody(parts);
  const varies = { Subject: ownSubjects, "List-Unsubscribe": list !== null };
  const varying = VARYING.filter(
    (name) => !(name in varies) || varies[name as keyof typeof varies],
  );
  const shared = headers(sender, parts, list).filter(
    ([name]) => !ownSubjects || name !== "Subject",
  );
  const fixed: Field[] = [...shared, ...body.headers];
  const signing = signer?.prepare<(typeof VARYING)[number]>(fixed, varying) ?? null;
  const head = fixed.map(lineOf).join("");
  const headRoom = head.length + OWN_FIELDS_MAX;

  function print(reader: ReaderValues, sheet: Sheet): Promise<void> | void {
    const size = headRoom + sizeOfBody(body, reader) + ROOM_BEHIND;
    if (sheet.bytes.length < size) sheet.bytes = Buffer.allocUnsafeSlow(size);
    sheet.end = fillBody(body, reader, sheet.bytes, headRoom);
    const fields = readerFields(reader);
    const own = varying.map((name) => lineOf([name, fields[name]])).join("");
    const finish = (signatures: string) => {
      const header = `${signatures}${head}${own}\r\n`;
      sheet.start = headRoom - header.length;
      if (sheet.start < 0) throw new Error("The header of a letter is too long.");
      sheet.bytes.write(header, sheet.start, "latin1");
    };
    if (!signing) return finish("");
    const hash = bodyHash(sheet.bytes.subarray(headRoom, sheet.end), { isCanonical: true });
    return signing.signAsync(fields, hash, reader.date).then(finish);
  }

  return {
    print,
    add: (more) => addBlocks(body, encodeBody(more)),
    for: async (reader) => {
      const sheet = newSheet();
      await print(reader, sheet);
      return {
        envelope: { from: reader.from, to: [reader.to] },
        content: sheet.bytes.subarray(sheet.start, sheet.end),
      };
    },
  };
}

/** Returns a sheet, which grows to the letters that are printed on it. */
export function newSheet(): Sheet {
  return { bytes: Buffer.alloc(0), start: 0, end: 0 };
}

/** Returns what stands behind the @. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1);
}

/** Returns the fields that all readers' messages share, those of the body aside. */
function headers(sender: Sender, parts: Parts, list: ListHeaders | null): Field[] {
  const name = phrase(sender.name);
  const common: Field[] = [
    ["From", folded("From", `${name} <${sender.address}>`)],
    ["Reply-To", folded("Reply-To", `${name} <${sender.contact}>`)],
    ["Subject", folded("Subject", words(parts.subject))],
    ["MIME-Version", "1.0"],
    // RFC 3834 section 5: keeps out-of-office replies away.
    ["Auto-Submitted", "auto-generated"],
  ];
  if (!list) return common;
  return [
    ...common,
    // RFC 2919: the name for people, then an identifier under a domain of ours.
    ["List-Id", folded("List-Id", `${name} <${slug(sender.name)}.${domainOf(sender.address)}>`)],
    // RFC 8058 section 3.1.
    ["List-Unsubscribe-Post", "List-Unsubscribe=One-Click"],
    ["List-Archive", `<${list.archiveUrl}>`],
    ["Feedback-ID", `${list.editionName}:letter:${slug(sender.name)}:paperround`],
    ["Precedence", "bulk"],
  ];
}

/**
 * Returns the fields that are this reader's own, each on one line: some relays break a signature over
 * a folded address. Addresses and links are of ASCII without blanks by the time they get here.
 */
function readerFields(reader: ReaderValues): Record<(typeof VARYING)[number], string> {
  return {
    Subject: reader.subject === undefined ? "" : words(reader.subject),
    To: oneLine(reader.to),
    "Message-ID": `<${reader.messageId}>`,
    // RFC 5322 section 3.3 writes the zone in numbers.
    Date: reader.date.toUTCString().replace("GMT", "+0000"),
    "List-Unsubscribe": `<${reader.unsubscribeUrl ?? ""}>`,
  };
}

function lineOf([name, value]: Field): string {
  if (!/^[\t -~\r\n]*$/.test(value)) throw new Error(`The ${name} field holds more than ASCII.`);
  return `${name}: ${value}\r\n`;
}

function folded(name: string, value: string): string {
  return foldLines(`${name}: ${value}`, LINE_MAX).slice(name.length + 2);
}

/** Unstructured text, encoded where it must be, and where it looks as if it were (RFC 2047). */
function words(text: string): string {
  const line = oneLine(text);
  return line.includes("=?") ? encodeWord(line, "Q", 52) : encodeWords(line, "Q", 52, true);
}

/** A name before an address (RFC 5322 section 3.2.5), encoded where it must be (RFC 2047). */
function phrase(name: string): string {
  const line = oneLine(name);
  return isPlainText(line) && !line.includes("=?") ? quoteString(line) : encodeWord(line, "Q", 52);
}

/** A line break in a value would begin a header of its own; no header has use for other controls. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}

function slug(name: string): string {
  const ascii = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return ascii || "newsletter";
}
