/** What sources on the web have in common: an answer is read as a file of its format would be. */
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
