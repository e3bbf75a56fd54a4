/** What sources on the web have in common: an answer is read as a file of its format would be. */
import { PaperRoundError } from "../../errors.ts";
import type { HttpAnswer } from "../../io/http.ts";
import type { Paper, PaperFacts } from "../paper.ts";
import type { SourceFile } from "../source.ts";
import type { CalendarDate } from "../text.ts";

/** Returns an answer as the file that it would be, had it been saved. */
export function fileOf(answer: HttpAnswer, listDay: CalendarDate | null = null): SourceFile {
  return {
    path: answer.url,
    text: answer.text.replace(/^\ufeff/, ""),
    observedAt: answer.at,
    listDay,
    today: answer.at.slice(0, 10),
  };
}

/** Returns a known paper as it is found again. Its title may have changed by the time it is. */
export function nameOf({ arxivId, doi, openReviewId, title, authors }: Paper): Partial<PaperFacts> {
  const isNamed = [arxivId, doi, openReviewId].some((id) => id !== null);
  // One title may be that of several papers, which their authors tell apart.
  return { arxivId, doi, openReviewId, ...(!isNamed && { title, authors }) };
}

/** Counts what comes in pages, which may say how much there is: `what` of `who`. */
export function openPages(who: string, what: string) {
  let read = 0;
  let total: number | null = null;
  const cutOff = () => {
    const all = total ?? "an unknown number of";
    const message = `${who} gave ${read} of ${all} ${what} and no more.`;
    return new PaperRoundError("SOURCE_SHAPE", message);
  };
  return {
    read: () => read,
    /** Whether a page was the last one. Throws SOURCE_SHAPE for an empty one before the end. */
    isLast: (items: number, told: number | null) => {
      read += items;
      total = told ?? total;
      // Where it does not say how many there are, an empty page is the end.
      if (total === null ? items === 0 : read >= total) return true;
      // Now and then a page comes empty in the middle: then the day is not whole.
      if (items === 0) throw cutOff();
      return false;
    },
    /** Returns the fault of a service that has more than is asked for. */
    cutOff,
  };
}

/** The order of what is asked for again: first never told of, then what was longest ago. */
export function oldestFirst(a: { readonly at: string }, b: { readonly at: string }): number {
  return a.at < b.at ? -1 : Number(a.at > b.at);
}

/** Returns the address of the next page that a Link header names (RFC 8288), or null. */
export function nextLink(answer: HttpAnswer): string | null {
  for (const link of (answer.headers["link"] ?? "").split(/,(?=\s*<)/)) {
    const [, target, relation] = /^\s*<([^>]*)>.*;\s*rel="?([\w ]+)"?/.exec(link) ?? [];
    if (target !== undefined && relation?.split(" ").includes("next")) {
      return URL.parse(target, answer.url)?.href ?? null;
    }
  }
  return null;
}
