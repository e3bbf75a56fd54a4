/**
 * Bodies of messages (RFC 2045), encoded once for all readers of a letter: runs of finished bytes with
 * places between them. What is written here needs no further care on its way: no line is longer than
 * 76 characters or begins with a dot (RFC 5321 section 4.5.2), and the bytes are their own canonical
 * form under DKIM's relaxed rules (RFC 6376 section 3.4.4).
 */
import { encode, wrap } from "nodemailer/lib/qp";
import type { Field } from "./dkim.ts";

/** An encoded body, in pieces. */
export interface EncodedBody {
  readonly headers: readonly Field[];
  readonly pieces: readonly (Piece | Blocks)[];
  /** Bytes of all pieces together. */
  readonly size: number;
}

/** Finished bytes, or the name of a slot that every reader fills. */
type Piece = Buffer | string;
/** Parts of a letter that every reader may have a choice of, by name, in the order for everybody. */
type Blocks = Map<string, readonly Piece[]>;

/** What one reader's body holds. */
export interface Filling {
  /** What goes into the slots, by name. */
  readonly slots: Readonly<Record<string, string>>;
  /** Which blocks, in which order; all of them in theirs when left out. */
  readonly blocks?: readonly ChosenBlock[] | undefined;
}

/** A block, wherever the letter has one of that name, and what goes into slots of its own. */
export interface ChosenBlock {
  readonly name: string;
  readonly slots?: Readonly<Record<string, string>>;
}

/** RFC 2045 section 6.7 writes no "=_" into quoted-printable, so no body can hold this. */
const BOUNDARY = "=_paperround_part";
/** Room is left for what a leading dot becomes, and for a soft line break. */
const WRAP_AT = 73;
/** Cleaned text can't hold it, so no title or abstract can ever be taken for a slot. */
const FENCE = "\u0001";
const SLOT = new RegExp(`${FENCE}(\\w+)${FENCE}`);
const BLOCK = new RegExp(`${FENCE}(\\[\\w*)${FENCE}`);
const MARK = new RegExp(`${FENCE}(\\[\\w*|\\w+)${FENCE}`);
/** Ends a line that the decoder does not see; a slot's value stands on lines of its own. */
const SOFT_BREAK = "=\r\n";
/** What quoted-printable leaves as it is, and neither a dot-stuffer nor DKIM would touch. */
const PLAIN_VALUE = new RegExp(`^(?!\\.)[!-<>-~]{1,${WRAP_AT}}$`);

/** Returns a place in a letter for what differs from reader to reader. */
export function slot(name: string): string {
  return `${FENCE}${name}${FENCE}`;
}

/** Returns the beginning of a block, which ends where the next begins. */
export function block(name: string): string {
  return `${FENCE}[${name}${FENCE}`;
}

/** Returns the end of the last block. */
export function endOfBlocks(): string {
  return block("");
}

/** Returns `text` with all its blocks, and values in its slots. */
export function fillSlots(text: string, values: Readonly<Record<string, string>>): string {
  const fill = (name: string) => (name.startsWith("[") ? "" : valueOf(values, name));
  return text
    .split(MARK)
    .map((part, index) => (index % 2 === 1 ? fill(part) : part))
    .join("");
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
  { slots, blocks }: Filling,
  bytes: Buffer,
  start: number,
): number {
  let end = start;
  eachPiece(pieces, { slots, blocks }, (piece, own) => {
    end +=
      typeof piece === "string"
        ? bytes.write(encodedValue(valueOf(own, piece)), end, "latin1")
        : piece.copy(bytes, end);
  });
  return end;
}

/** Calls back for all pieces of one reader's body, with the values of the slots there. */
function eachPiece(
  pieces: EncodedBody["pieces"],
  { slots, blocks }: Filling,
  act: (piece: Piece, slots: Filling["slots"]) => void,
): void {
  for (const { name } of blocks ?? []) {
    if (!pieces.some((piece) => isBlocks(piece) && piece.has(name)))
      throw new Error(`The letter has no block "${name}".`);
  }
  for (const piece of pieces) {
    if (!isBlocks(piece)) {
      act(piece, slots);
    } else if (blocks) {
      for (const { name, slots: own } of blocks) {
        const values = own ? { ...slots, ...own } : slots;
        for (const inside of piece.get(name) ?? []) act(inside, values);
      }
    } else {
      for (const block of piece.values()) for (const inside of block) act(inside, slots);
    }
  }
}

/** Adds the blocks of `more`, which was encoded from the same template, to those of `body`. */
export function addBlocks(body: EncodedBody, more: EncodedBody): void {
  const places = body.pieces.filter(isBlocks);
  const blocks = more.pieces.filter(isBlocks);
  if (places.length !== blocks.length) throw new Error("These letters have not the same form.");
  for (const [index, place] of places.entries()) {
    for (const [name, pieces] of blocks[index] ?? []) place.set(name, pieces);
  }
}

/** Returns how many bytes one reader's body takes, at most. */
export function sizeOfBody({ pieces }: EncodedBody, filling: Filling): number {
  let size = 0;
  eachPiece(pieces, filling, (piece, slots) => {
    // Three characters for each byte of UTF-8, of which a character has three at most, and breaks.
    size +=
      typeof piece === "string"
        ? valueOf(slots, piece).length * 10 + SOFT_BREAK.length
        : piece.length;
  });
  return size;
}

function isBlocks(piece: Piece | Blocks): piece is Blocks {
  return piece instanceof Map;
}

function partHead(type: string): string {
  return `--${BOUNDARY}\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`;
}

/** Encodes texts, each behind bytes that are written as they are, and cuts them into pieces. */
function cut(texts: readonly (readonly [raw: string, text: string])[]) {
  const pieces: (Piece | Blocks)[] = [];
  let size = 0;
  let run = "";
  /** Where pieces go: to the body, or into a block. */
  let into: (Piece | Blocks)[] = pieces;
  let blocks: Map<string, Piece[]> | null = null;
  /** Whatever follows begins a line. */
  const endRun = () => {
    if (run !== "" && !run.endsWith("\r\n")) run += SOFT_BREAK;
    if (run !== "") into.push(Buffer.from(run, "latin1"));
    size += run.length;
    run = "";
  };
  const beginBlock = (name: string) => {
    if (run === "" && typeof into.at(-1) === "string") run = SOFT_BREAK;
    endRun();
    if (name === "") {
      blocks = null;
      into = pieces;
      return;
    }
    if (!blocks) pieces.push((blocks = new Map()));
    const inside: Piece[] = [];
    blocks.set(name, inside);
    into = inside;
  };
  for (const [raw, text] of texts) {
    run += raw;
    for (const [index, part] of text.split(BLOCK).entries()) {
      if (index % 2 === 1) beginBlock(part.slice(1));
      else cutSlots(part);
    }
  }
  endRun();
  return { pieces, size };

  function cutSlots(text: string): void {
    for (const [index, part] of text.split(SLOT).entries()) {
      if (index % 2 === 1) {
        endRun();
        // Two values do not share a line.
        if (typeof into.at(-1) === "string") into.push(Buffer.from(SOFT_BREAK));
        into.push(part);
        size += SOFT_BREAK.length;
        continue;
      }
      const encoded = quotedPrintable(part);
      if (encoded === "") continue;
      // Before a line's end a break would make a line of its own.
      const isBehindValue = run === "" && typeof into.at(-1) === "string";
      if (isBehindValue && !encoded.startsWith("\r\n")) run += SOFT_BREAK;
      run += encoded;
    }
  }
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
  return (
    wrap(encoded, WRAP_AT)
      // A break right before a line's end would leave an empty line, which DKIM drops at the end.
      .replaceAll("=\r\n\r\n", "\r\n")
      .replace(/^\./gm, "=2E")
  );
}
