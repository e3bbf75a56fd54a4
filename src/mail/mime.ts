/**
 * Bodies of messages (RFC 2045), encoded once for all readers of a letter: runs of finished bytes with
 * places between them. What is written here needs no further care on its way: no line is longer than
 * 76 characters or begins with a dot (RFC 5321 section 4.5.2), and the bytes are their own canonical
 * form under DKIM's relaxed rules (RFC 6376 section 3.4.4).
 */
import { encode, wrap } from "nodemailer/lib/qp";
import type { Field } from "./dkim.ts";

/** An encoded body. Between each two runs of bytes stands a slot, which every reader fills. */
export interface EncodedBody {
  readonly headers: readonly Field[];
  /** Bytes, or the name of a slot. */
  readonly pieces: readonly (Buffer | string)[];
  /** Bytes of all runs together. */
  readonly size: number;
}

/** RFC 2045 section 6.7 writes no "=_" into quoted-printable, so no body can hold this. */
const BOUNDARY = "=_paperround_part";
/** Room is left for what a leading dot becomes, and for a soft line break. */
const WRAP_AT = 73;
/** Cleaned text can't hold it, so no title or abstract can ever be taken for a slot. */
const FENCE = "\u0001";
const SLOT = new RegExp(`${FENCE}(\\w+)${FENCE}`);
/** Ends a line that the decoder does not see; a slot's value stands on lines of its own. */
const SOFT_BREAK = "=\r\n";
/** What quoted-printable leaves as it is, and neither a dot-stuffer nor DKIM would touch. */
const PLAIN_VALUE = new RegExp(`^(?!\\.)[!-<>-~]{1,${WRAP_AT}}$`);

/** Returns a place in a letter for what differs from reader to reader. */
export function slot(name: string): string {
  return `${FENCE}${name}${FENCE}`;
}

/** Returns `text` with values in its slots. */
export function fillSlots(text: string, values: Readonly<Record<string, string>>): string {
  const parts = text.split(SLOT);
  return parts.map((part, index) => (index % 2 === 1 ? valueOf(values, part) : part)).join("");
}

/** Encodes text, and HTML where there is any. */
export function encodeBody({ text, html }: { text: string; html: string | null }): EncodedBody {
  const encoding: Field = ["Content-Transfer-Encoding", "quoted-printable"];
  if (html === null) {
    const headers: Field[] = [["Content-Type", "text/plain; charset=utf-8"], encoding];
    return { headers, ...cut([["", `${text.trimEnd()}\n`]]) };
  }
  const headers: Field[] = [["Content-Type", `multipart/alternative;\r\n boundary="${BOUNDARY}"`]];
  // RFC 2046 section 5.1.4: in order of increasing faithfulness.
  const parts = cut([
    [partHead("text/plain"), text],
    [`\r\n${partHead("text/html")}`, html],
    [`\r\n--${BOUNDARY}--\r\n`, ""],
  ]);
  return { headers, ...parts };
}

/** Returns what `body` says to one reader, into `bytes` from `start` on; returns where it ends. */
export function fillBody(
  { pieces }: EncodedBody,
  values: Readonly<Record<string, string>>,
  bytes: Buffer,
  start: number,
): number {
  let end = start;
  for (const piece of pieces) {
    end +=
      typeof piece === "string"
        ? bytes.write(encodedValue(valueOf(values, piece)), end, "latin1")
        : piece.copy(bytes, end);
  }
  return end;
}

/** Returns how many bytes the values of one reader take, at most. */
export function sizeOfValues(
  { pieces }: EncodedBody,
  values: Readonly<Record<string, string>>,
): number {
  let size = 0;
  for (const piece of pieces) {
    // Three characters for each byte of UTF-8, of which a character has three at most, and breaks.
    if (typeof piece === "string") size += valueOf(values, piece).length * 10 + SOFT_BREAK.length;
  }
  return size;
}

function partHead(type: string): string {
  return `--${BOUNDARY}\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`;
}

/** Encodes texts, each behind bytes that are written as they are, and cuts them at their slots. */
function cut(texts: readonly (readonly [raw: string, text: string])[]) {
  const pieces: string[] = [];
  const slots = new Set<number>();
  let run = "";
  for (const [raw, text] of texts) {
    run += raw;
    for (const [index, part] of text.split(SLOT).entries()) {
      if (index % 2 === 0) {
        const encoded = quotedPrintable(part);
        // Before a line's end a break would make a line of its own.
        const broken = index > 0 && !encoded.startsWith("\r\n") && encoded !== "";
        run += broken ? `${SOFT_BREAK}${encoded}` : encoded;
      } else {
        const atLineStart = run === "" ? pieces.length === 0 : run.endsWith("\r\n");
        if (!atLineStart) run += SOFT_BREAK;
        pieces.push(run, part);
        slots.add(pieces.length - 1);
        run = "";
      }
    }
  }
  pieces.push(run);
  const cutPieces = pieces.map((piece, index) =>
    slots.has(index) ? piece : Buffer.from(piece, "latin1"),
  );
  return { pieces: cutPieces, size: pieces.join("").length };
}

function valueOf(values: Readonly<Record<string, string>>, name: string): string {
  const value = values[name];
  if (value === undefined) throw new Error(`Nothing was given for the letter's slot "${name}".`);
  return value;
}

function encodedValue(value: string): string {
  return PLAIN_VALUE.test(value) ? value : quotedPrintable(value);
}

/** RFC 2045 section 6.7, with line ends as RFC 5321 section 2.3.8 wants them. */
function quotedPrintable(text: string): string {
  const encoded = encode(text.replace(/\r?\n/g, "\r\n"))
    .replaceAll("\t", "=09")
    // Of several blanks, and at the end of a line, DKIM and some servers make fewer.
    .replace(/ (?= |\r\n|$)/g, "=20");
  return wrap(encoded, WRAP_AT).replace(/^\./gm, "=2E");
}
