/**
 * How papers become an edition: the candidates of a window are ranked, the best selected and summarised,
 * and the whole is frozen. It knows of no reader.
 */
import type { Archive } from "./editions/archive.ts";
import { isPublished, leadEntries, type Draft, type Edition } from "./editions/edition.ts";
import {
  daysOf,
  localDate,
  periodOf,
  periodTitle,
  windowOf,
  type Cadence,
} from "./editions/period.ts";
import { rankedCandidates, type Asked, type CandidateRules } from "./editions/candidates.ts";
import type { Ranking } from "./editions/ranking.ts";
import { selectAll, withWritten, type SelectionRules } from "./editions/selection.ts";
import { PaperRoundError } from "./errors.ts";
import { counted } from "./io/plural.ts";
import type { Corpus } from "./papers/corpus.ts";
import type { SummaryWriter } from "./papers/summaries/writer.ts";
import type { CalendarDate } from "./papers/text.ts";

export interface NewsroomDependencies {
  readonly corpus: Corpus;
  readonly archive: Archive;
  /** Writes summaries of the papers that lead; null where no model is configured. */
  readonly summaries: SummaryWriter | null;
  readonly ranking: Ranking;
  readonly selection: SelectionRules & CandidateRules & QuietRules;
  /** The zone whose local dates name the editions. */
  readonly timeZone: string;
  readonly now: () => Date;
}

export interface QuietRules {
  /** An edition that leads with fewer papers is quiet. */
  readonly fewest: number;
}

interface DraftOptions {
  /** Look at all papers of the week before its days that have not led, whether they rose or not. */
  readonly widened?: boolean | undefined;
}

interface FinalOptions extends DraftOptions {
  /** A quiet edition too. */
  readonly evenEmpty?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type Newsroom = ReturnType<typeof openNewsroom>;

/** Returns the newsroom's verbs over corpus and archive. */
export function openNewsroom(dependencies: NewsroomDependencies) {
  const { corpus, archive, ranking, selection, summaries, timeZone, now } = dependencies;
  const timestamp = () => now().toISOString();
  const today = () => localDate(now(), timeZone);

  /** Returns the published edition of the period that holds `date`, else the selection as it stands. */
  async function edition(
    cadence: Cadence,
    date: CalendarDate,
    { widened = false }: DraftOptions = {},
  ): Promise<Draft | Edition> {
    const period = periodOf(cadence, date);
    const published = await archive.find(cadence, period);
    if (published) return published;
    const window = windowOf(cadence, period, await archive.previous(cadence, period));
    return draftOf({ cadence, period, window, widened });
  }

  async function draftOf(asked: Asked): Promise<Draft> {
    const { cadence, period, window, widened } = asked;
    const rooms = { corpus, archive, ranking, rules: selection };
    const candidates = await rankedCandidates(rooms, asked);
    const selected = selectAll(candidates, selection);
    const named = { cadence, period, window, ...(widened ? { widened } : {}) };
    return summarised({ ...named, candidates: candidates.length, ...selected }, "known");
  }

  /**
   * Returns the best papers of the days after `after` up to `upTo`, for who was away: those of no
   * one period, which can't be published.
   */
  function bestSince(after: CalendarDate, upTo: CalendarDate): Promise<Draft> {
    const window = { after, upTo };
    const period = periodOf("weekly", upTo);
    return draftOf({ cadence: "weekly", period, window, widened: false, catchingUp: true });
  }

  /** Whether an edition has too little to say. */
  function isQuiet(draft: Draft): boolean {
    return leadEntries(draft).length < selection.fewest;
  }

  /** Returns `draft` with summaries: those that are known, or those that can be had in time. */
  async function summarised(
    draft: Draft,
    how: "known" | "write",
    signal?: AbortSignal,
  ): Promise<Draft> {
    if (!summaries) return draft;
    const papers = leadEntries(draft).map(({ paper }) => paper);
    return withWritten(draft, await summaries[how](papers, signal));
  }

  /**
   * Returns the edition of the period that holds `date` as it is to be frozen. Throws NOTHING_TO_SEND
   * for a quiet one unless `evenEmpty`, DATE_INVALID for a period still to come, whose papers would be
   * missing from their own day, and INTERRUPTED.
   */
  async function finalDraft(
    cadence: Cadence,
    date: CalendarDate,
    { evenEmpty = false, widened, signal }: FinalOptions,
  ): Promise<Draft | Edition> {
    const draft = await edition(cadence, date, { widened });
    if (isPublished(draft)) return draft;
    if (isQuiet(draft) && !evenEmpty) throw nothingToSend(await whyEmpty(draft));
    if (daysOf(cadence, draft.period).first > today()) {
      const title = periodTitle(cadence, draft.period);
      throw new PaperRoundError("DATE_INVALID", `${title} is still to come; today is ${today()}.`, {
        remedy:
          "Publish an edition on its day or later. `paperround edition` shows a draft of any day.",
      });
    }
    const final = await summarised(draft, "write", signal);
    if (!signal?.aborted) return final;
    throw new PaperRoundError("INTERRUPTED", "Stopped before anything was published.");
  }

  /** Freezes the edition of the period that holds `date`. Throws what `finalDraft` does. */
  async function publish(cadence: Cadence, date: CalendarDate): Promise<Edition> {
    return freeze(await finalDraft(cadence, date, {}));
  }

  async function freeze(draft: Draft | Edition): Promise<Edition> {
    return isPublished(draft) ? draft : archive.publish(draft, timestamp());
  }

  /** Says why a selection is empty. */
  async function whyEmpty(draft: Draft): Promise<string> {
    const title = periodTitle(draft.cadence, draft.period);
    const papers = await corpus.count();
    if (papers === 0) return `No papers for ${title}: the corpus is empty.`;
    if (draft.entries.length > 0) return tooFew(draft, selection);
    const led = (await corpus.candidates(draft.window)).length;
    if (led > 0)
      return `${counted(led, "paper")} known for ${title}, but each has led another edition.`;
    const newest = await corpus.newestDay(today());
    const where = newest
      ? `the newest day with papers is ${newest}`
      : "none of them has a day up to today";
    return `No papers for ${title}. The corpus holds ${counted(papers, "paper")}; ${where}.`;
  }

  return { edition, bestSince, isQuiet, finalDraft, publish, freeze, whyEmpty, today };
}

function tooFew(draft: Draft, { bar, fewest }: SelectionRules & QuietRules): string {
  const title = periodTitle(draft.cadence, draft.period);
  const leads = leadEntries(draft).length;
  const found = `${counted(leads, "paper")} of ${counted(draft.candidates, "candidate")}`;
  const under = bar > 0 ? ` reached the bar of ${counted(bar, "expected vote")}` : "";
  return `Too little for ${title}: ${found}${under}; an edition takes ${fewest}.`;
}

/** Returns the fault of an edition that has nothing to say. */
export function nothingToSend(why: string): PaperRoundError {
  return new PaperRoundError("NOTHING_TO_SEND", why);
}
