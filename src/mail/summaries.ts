/**
 * What a letter says of a paper in a few words, and whose words they are: what was written for the
 * edition, else what the paper's source says, else the abstract's first sentences.
 */
import { readLatex } from "../papers/latex/reader.ts";
import { beginningOf, wordsOf, type Notation } from "../papers/notation.ts";
import type { Paper, Summary } from "../papers/paper.ts";

/** A summary as it is to be read, and the line that says where it comes from. */
export interface Summarised {
  readonly text: Notation;
  readonly note: string;
}

const WORDS_MAX = 60;

/** Returns the summary of `paper`; `written` is what a model wrote of it for the edition, if any. */
export function summaryOf(
  { summary, abstract }: Pick<Paper, "title" | "summary" | "abstract">,
  written: Summary | null = null,
): Summarised {
  if (written) {
    return { text: readLatex(written.text), note: `Written by ${written.by} from the abstract` };
  }
  if (summary) {
    return { text: readLatex(summary.text), note: summary.by ? `Summary by ${summary.by}` : "" };
  }
  if (!abstract) return { text: [], note: "" };
  return { text: firstSentences(readLatex(abstract)), note: "From the abstract" };
}

function firstSentences(abstract: Notation): Notation {
  const text = wordsOf(abstract);
  const segments = [...new Intl.Segmenter("en", { granularity: "sentence" }).segment(text)];
  let words = 0;
  let taken = "";
  for (const { segment } of segments) {
    words += segment.split(/\s+/).filter(Boolean).length;
    if (taken && words > WORDS_MAX) break;
    taken += segment;
  }
  const bounded = taken.trim().split(" ");
  if (bounded.length <= WORDS_MAX * 1.5) return beginningOf(abstract, taken.trim().length);
  const cut = bounded.slice(0, WORDS_MAX).join(" ").length;
  return [...beginningOf(abstract, cut), { text: "…", place: "line", italic: false }];
}
