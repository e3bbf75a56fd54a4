/** What a letter tells of a paper, and whose words they are. */
import { readLatex } from "../papers/latex/reader.ts";
import type { Notation } from "../papers/notation.ts";
import type { Paper } from "../papers/paper.ts";

export interface Summarised {
  readonly text: Notation;
  readonly note: string;
}

/** Returns the source's own summary, named as such, else the abstract. */
export function summaryOf({ summary, abstract }: Paper): Summarised {
  if (summary) {
    return { text: readLatex(summary.text), note: summary.by ? `Summary by ${summary.by}` : "" };
  }
  return { text: readLatex(abstract ?? ""), note: abstract ? "From the abstract" : "" };
}
