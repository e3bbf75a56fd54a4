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
import { encode, wrap } from "nodemailer/lib/qp";
import { bodyHash, type EditionSigner, type Field, type Signer } from "./dkim.ts";

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

/** A letter's words. They may hold slots, which are filled in for each reader. */
export interface Parts {
  readonly subject: string;
  readonly text: string;
  /** Null for readers who want text only. */
  readonly html: string | null;
}

/** What differs from reader to reader. */
export interface ReaderValues {
  readonly to: string;
  /** Without its brackets. */
  readonly messageId: string;
  readonly date: Date;
  /** One https URI that takes RFC 8058's POST and shows a page on GET; list letters only. */
  readonly unsubscribeUrl: string | null;
  /** What goes into the slots, by name. */
  readonly slots: Readonly<Record<string, string>>;
}

/** A message with all that its readers share. */
export interface SharedMessage {
  /** Returns one reader's message, signed where a key is configured; throws rather than without. */
  readonly for: (reader: ReaderValues) => Promise<Message>;
}

/** RFC 2045 section 6.7 writes no "=_" into quoted-printable, so no body can hold this. */
const BOUNDARY = "=_paperround_part";
/** Longest line of a folded header (RFC 5322 section 2.1.1) and of quoted-printable. */
const LINE_MAX = 76;
/** Cleaned text can't hold it, so no title or abstract can ever be taken for a slot. */
const FENCE = "\u0001";
const SLOT = new RegExp(`${FENCE}(\\w+)${FENCE}`);
/** Ends a line that the decoder does not see; a slot's value stands between two of them. */
const SOFT_BREAK = Buffer.from("=\r\n");

const VARYING = ["To", "Message-ID", "Date", "List-Unsubscribe"] as const;

/** Encodes what the messages of one letter share. */
export function shareMessage(letter: {
  sender: Sender;
  parts: Parts;
  list: ListHeaders | null;
  /** Signs every letter where a key is configured. */
  signer: Signer | null;
}): SharedMessage {
  const { sender, parts, list, signer } = letter;
  const body = encodeBody(parts);
  const fixed: Field[] = [...headers(sender, parts, list), ...body.headers];
  const varying = VARYING.filter((name) => name !== "List-Unsubscribe" || list !== null);
  const signing = signer?.prepare<(typeof VARYING)[number]>(fixed, varying) ?? null;
  const head = Buffer.from(fixed.map(lineOf).join(""), "latin1");
  return {
    for: async (reader) => {
      const values = readerFields(reader);
      const own = varying.map((name) => lineOf([name, values[name]])).join("");
      const content = fill(body, reader.slots);
      const signatures = signing ? await sign(signing, values, content, reader.date) : "";
      return {
        envelope: { from: sender.address, to: [reader.to] },
        content: Buffer.concat([
          Buffer.from(signatures, "latin1"),
          head,
          Buffer.from(`${own}\r\n`, "latin1"),
          content,
        ]),
      };
    },
  };
}

/** Returns a place in a letter for what differs from reader to reader. */
export function slot(name: string): string {
  return `${FENCE}${name}${FENCE}`;
}

/** Returns `text` with values in its slots. */
export function fillSlots(text: string, values: Readonly<Record<string, string>>): string {
  const parts = text.split(SLOT);
  return parts.map((part, index) => (index % 2 === 1 ? valueOf(values, part) : part)).join("");
}

/** Returns what stands behind the @. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1);
}

function sign(
  signing: EditionSigner<(typeof VARYING)[number]>,
  values: Record<(typeof VARYING)[number], string>,
  body: Buffer,
  at: Date,
): Promise<string> {
  return signing.signAsync(values, bodyHash(body), at);
}

/** Returns the fields that all readers' messages share, those of the body aside. */
function headers(sender: Sender, parts: Parts, list: ListHeaders | null): Field[] {
  const name = phrase(sender.name);
  const common: Field[] = [
    ["From", folded("From", `${name} <${sender.address}>`)],
    ["Reply-To", folded("Reply-To", `${name} <${sender.contact}>`)],
    ["Subject", folded("Subject", words(parts.subject))],
    ["MIME-Version", "1.0"],
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
    // RFC 3834 section 5: keeps out-of-office replies away.
    ["Auto-Submitted", "auto-generated"],
    ["Precedence", "bulk"],
  ];
}

/**
 * Returns the fields that are this reader's own, each on one line: some relays break a signature over
 * a folded address. Addresses and links are of ASCII without blanks by the time they get here.
 */
function readerFields(reader: ReaderValues): Record<(typeof VARYING)[number], string> {
  return {
    To: oneLine(reader.to),
    "Message-ID": `<${reader.messageId}>`,
    // RFC 5322 section 3.3 writes the zone in numbers.
    Date: reader.date.toUTCString().replace("GMT", "+0000"),
    "List-Unsubscribe": `<${reader.unsubscribeUrl ?? ""}>`,
  };
}

/** A body in quoted-printable: runs of bytes, and between each two the name of a slot. */
interface EncodedBody {
  readonly headers: readonly Field[];
  readonly runs: readonly Buffer[];
  readonly slots: readonly string[];
}

function encodeBody({ text, html }: Parts): EncodedBody {
  const encoding: Field = ["Content-Transfer-Encoding", "quoted-printable"];
  if (html === null) {
    const headers: Field[] = [["Content-Type", "text/plain; charset=utf-8"], encoding];
    return { headers, ...encodeRuns([["", text]]) };
  }
  // RFC 2046 section 5.1.4: in order of increasing faithfulness.
  const pieces: [string, string][] = [
    [partHead("text/plain"), text],
    [`\r\n${partHead("text/html")}`, html],
    [`\r\n--${BOUNDARY}--\r\n`, ""],
  ];
  return {
    headers: [["Content-Type", `multipart/alternative;\r\n boundary="${BOUNDARY}"`]],
    ...encodeRuns(pieces),
  };
}

function partHead(type: string): string {
  return `--${BOUNDARY}\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`;
}

/** Encodes texts, each behind bytes that are written as they are, and cuts them at their slots. */
function encodeRuns(pieces: readonly (readonly [raw: string, text: string])[]) {
  const runs: string[] = [""];
  const slots: string[] = [];
  for (const [raw, text] of pieces) {
    runs.push((runs.pop() ?? "") + raw);
    for (const [index, part] of text.split(SLOT).entries()) {
      if (index % 2 === 1) {
        slots.push(part);
        runs.push("");
      } else {
        runs.push((runs.pop() ?? "") + quotedPrintable(part));
      }
    }
  }
  return { runs: runs.map((run) => Buffer.from(run, "latin1")), slots };
}

function fill({ runs, slots }: EncodedBody, values: Readonly<Record<string, string>>): Buffer {
  const spliced: Buffer[] = [];
  for (const [index, run] of runs.entries()) {
    spliced.push(run);
    const name = slots[index];
    if (name === undefined) continue;
    const value = quotedPrintable(valueOf(values, name));
    spliced.push(SOFT_BREAK, Buffer.from(value, "latin1"), SOFT_BREAK);
  }
  return Buffer.concat(spliced);
}

function valueOf(values: Readonly<Record<string, string>>, name: string): string {
  const value = values[name];
  if (value === undefined) throw new Error(`Nothing was given for the letter's slot "${name}".`);
  return value;
}

/** RFC 2045 section 6.7, with line ends as RFC 5321 section 2.3.8 wants them. */
function quotedPrintable(text: string): string {
  // One less than a line may hold: a soft line break may follow the last one.
  return wrap(encode(text.replace(/\r?\n/g, "\r\n")), LINE_MAX - 1);
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
