/**
 * What a letter says of a paper in a few words, and whose words they are: what was written for the
 * edition, else what the paper's source says, else an extract from its abstract, else that one's beginning.
 */
import { beginningWithin, extractOf } from "../papers/extract.ts";
import { latexText, readLatex } from "../papers/latex/reader.ts";
import type { Notation } from "../papers/notation.ts";
import type { Paper, Summary } from "../papers/paper.ts";
import type { Wording } from "./wording/wording.ts";

/** A summary as it is to be read, and the line that says where it comes from. */
export interface Summarised {
  readonly text: Notation;
  readonly note: string;
}

/** Returns the summary of `paper`; `written` is what a model wrote of it for the edition, if any. */
export function summaryOf(
  { title, summary, abstract }: Pick<Paper, "title" | "summary" | "abstract">,
  written: Summary | null,
  wording: Wording,
): Summarised {
  if (written) {
    return { text: readLatex(written.text), note: wording.writtenBy(written.by) };
  }
  if (summary) {
    const text = beginningWithin(readLatex(summary.text));
    return { text, note: summary.by ? wording.summaryBy(summary.by) : "" };
  }
  if (!abstract) return { text: [], note: "" };
  const read = readLatex(abstract);
  const extract = extractOf(latexText(title), read);
  return extract
    ? { text: extract, note: wording.extract }
    : { text: beginningWithin(read), note: wording.fromAbstract };
}
