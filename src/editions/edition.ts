/**
 * The words of this room. An *edition* is one dated, frozen, ranked list for a cadence. An *entry*
 * is a paper's place in it, with its score and the reason that the ranking gave. *Lead* entries make
 * the letter; the others are the runners-up.
 */
import type { Window } from "../papers/corpus.ts";
import type { Changes, Paper, Signals, Summary } from "../papers/paper.ts";
import type { Witness } from "./estimate.ts";
import type { Cadence, Period } from "./period.ts";

/** How an entry came in by an exception, in words for readers. */
export interface Label {
  /**
   * `late`: rose after its day. `update`: led before, and there is something new. `surprise`: few votes
   * so far. `missed`: led while one reader had a pause.
   */
  readonly kind: "late" | "update" | "surprise" | "missed";
  /** For example "Up 84 votes since Monday". */
  readonly text: string;
}

export interface Entry {
  /** 1 for the first. */
  readonly rank: number;
  readonly lead: boolean;
  /** The paper as it was known when the edition was frozen. */
  readonly paper: Paper;
  readonly score: number;
  readonly signals: Signals;
  /** What the signals had changed by when the edition was frozen. */
  readonly changes: Changes;
  readonly reason: string;
  readonly label: Label | null;
  /** What the score was weighed from; empty in editions that were frozen before this was kept. */
  readonly witnesses: readonly Witness[];
  /** A summary that was written for this edition, by the model that it names; else null. */
  readonly written: Summary | null;
  /** Why it is in one reader's letter; absent in an edition, which is the same for everybody. */
  readonly own?: string;
}

/** Today's selection, not frozen: the same input gives the same draft. */
export interface Draft {
  readonly cadence: Cadence;
  readonly period: Period;
  readonly window: Window;
  /** Whether it was so quiet that it holds the best of the week before its days as well. */
  readonly widened?: true;
  /** How many papers the ranking compared. */
  readonly candidates: number;
  readonly entries: readonly Entry[];
  /**
   * Candidates behind the last entry, for readers who follow something of theirs. Shown nowhere else; of
   * a published edition the archive keeps them apart.
   */
  readonly others?: readonly Entry[];
  /** What one reader's letter says of its choice; absent in an edition. */
  readonly note?: string;
}

export interface Edition extends Draft {
  /** 1 for the first edition of its cadence that was published. */
  readonly number: number;
  readonly publishedAt: string;
}

/** Returns the entries that make the letter. */
export function leadEntries(draft: Draft): readonly Entry[] {
  return draft.entries.filter((entry) => entry.lead);
}

/** Returns an edition that leads with `papers` at most; the others are runners-up. */
export function shortened<Kind extends Draft>(draft: Kind, papers: number): Kind {
  let leads = 0;
  const entries = draft.entries.map((entry) =>
    entry.lead && ++leads > papers ? { ...entry, lead: false } : entry,
  );
  return { ...draft, entries };
}

/** Whether `draft` has been published. */
export function isPublished(draft: Draft): draft is Edition {
  return "number" in draft;
}
