/**
 * The way in: what every source of papers looks like to the corpus, and what every file format
 * looks like to the file source. A source never throws over a single bad item: it yields a refusal
 * with a reason, and goes on.
 */
import type { z } from "zod";
import type { Http } from "../io/http.ts";
import type { Paper, PaperFacts, PaperKey, Sighting } from "./paper.ts";
import type { CalendarDate } from "./text.ts";

/** Why an item was not taken, in words that are counted and shown. */
export interface Refusal {
  readonly refused: string;
  /** Where: the file and the item or line in it. */
  readonly at: string;
  /** It happens in the best of sources, such as a repository that is gone. */
  readonly isExpected?: true;
}

export type Mention = Sighting | Refusal;

/** Tells the operator something that is not a refusal ("page of Oct 30 read as 2025-…"). */
export type Say = (text: string) => void;

/** Days, both included. */
export interface Span {
  readonly since: CalendarDate;
  readonly until: CalendarDate;
}

/** What a source is told when it is gathered. */
export interface Gathering {
  readonly say: Say;
  /** Days that are asked for; null asks for what is new. */
  readonly span: Span | null;
  /** Aborted when the source has had its time, or the program is stopped. */
  readonly signal: AbortSignal;
}

/**
 * Anything that tells of papers. What it yields is kept as far as it was yielded, so an answer is read
 * to its end before anything of it is passed on.
 *
 * @example
 * const source: Source = { name: "drop", async *mentions() { yield* readFolder("incoming"); } };
 */
export interface Source {
  readonly name: string;
  /** Cuts days gone by into what can be asked for at once; absent where the source can't look back. */
  readonly cut?: (span: Span) => readonly Span[];
  /** Another where it is set otherwise, so that days gathered before are gathered again. */
  readonly settingsMark?: string;
  /** It adds to papers that are known already, and no edition waits for it. */
  readonly enriches?: boolean;
  /** It tells again what was kept, which says nothing of how the source does now. */
  readonly isReplay?: boolean;
  /** How long one gathering may take; files have no bound. */
  readonly timeoutMs?: number;
  /** Says why a day is without papers, where that is known beforehand. */
  readonly whyEmpty?: (day: CalendarDate) => string | null;
  mentions(gathering: Gathering): AsyncIterable<Mention>;
}

/** What a source that is not a file works with. */
export interface Means {
  /** The name from the configuration. */
  readonly name: string;
  readonly http: Http;
  readonly now: () => Date;
  /** What opens the service, where the operator has a key. */
  readonly key: string | null;
  /** Returns the papers of so many days up to today, newest first. */
  readonly recent: (days: number) => Promise<readonly Paper[]>;
  /**
   * Returns when a source last told of each of these papers, under the name that its sightings bear;
   * only of what told of `fact`, where that is named.
   */
  readonly toldAt: (
    source: string,
    days: number,
    fact?: keyof PaperFacts,
  ) => Promise<ReadonlyMap<PaperKey, string>>;
}

/**
 * A kind of source that the configuration can name.
 *
 * @example
 * export const source = { kind: "journal", settings: z.object({ url: z.url() }), open: openJournal };
 */
export interface SourceKind<Settings> {
  readonly kind: string;
  /** What the configuration may say of such a source. */
  readonly settings: z.ZodType<Settings>;
  open(settings: Settings, means: Means): Source;
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
  read(file: SourceFile, say: Say): Iterable<Mention>;
}

/** Whether a source is a service, which may fail half-way and be dated wrong; a file is taken as it is. */
export function isService({ timeoutMs }: Pick<Source, "timeoutMs">): boolean {
  return timeoutMs !== undefined;
}

export function isRefusal(mention: Mention): mention is Refusal {
  return "refused" in mention;
}
