/**
 * The way in: what every source of papers looks like to the corpus, and what every file format
 * looks like to the file source. A source never throws over a single bad item: it yields a refusal
 * with a reason, and goes on.
 */
import type { Sighting } from "./paper.ts";
import type { CalendarDate } from "./text.ts";

/** Why an item was not taken, in words that are counted and shown. */
export interface Refusal {
  readonly refused: string;
  /** Where: the file and the item or line in it. */
  readonly at: string;
}

export type Mention = Sighting | Refusal;

/** Something worth telling the operator that is not a refusal ("page of Oct 30 read as 2025-…"). */
export type Notice = (text: string) => void;

/**
 * Anything that tells of papers.
 *
 * @example
 * const source: Source = { name: "drop", async *mentions() { yield* readFolder("incoming"); } };
 */
export interface Source {
  readonly name: string;
  mentions(notice: Notice): AsyncIterable<Mention>;
}

/** A file that was read, with what a format may need to know about it. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** When the file was written: the time of its readings where it names none itself. */
  readonly observedAt: string;
  /** The list day that the operator or the file's name gives, where the content names none. */
  readonly listDay: CalendarDate | null;
  /** The day of the program's clock, for dates without a year. */
  readonly today: CalendarDate;
}

/** A file format: recognises its files by content and reads them. */
export interface Format {
  readonly name: string;
  recognizes(file: SourceFile): boolean;
  /** Throws FILE_MALFORMED when the file as a whole can't be read. */
  read(file: SourceFile, notice: Notice): Iterable<Mention>;
}

export function isRefusal(mention: Mention): mention is Refusal {
  return "refused" in mention;
}
