/** Under which other keys a work is known: it may have been in a letter as another paper of the corpus. */
import type { Corpus } from "../papers/corpus.ts";
import type { Paper, PaperKey } from "../papers/paper.ts";
import { sameWork } from "./selection.ts";

/** Of each paper the other keys of its work; papers without one are left out. */
export type OtherKeys = ReadonlyMap<PaperKey, readonly PaperKey[]>;

/**
 * Returns the other keys of papers: those that were joined with them, and those of papers with one title and
 * an author in common.
 */
export async function otherKeysOf(
  corpus: Pick<Corpus, "formerKeys" | "namesakes" | "known">,
  papers: readonly Paper[],
): Promise<OtherKeys> {
  const keys = papers.map(({ key }) => key);
  const former = await corpus.formerKeys(keys);
  const namesakes = await corpus.namesakes(keys);
  const twins = await corpus.known([...new Set([...namesakes.values()].flat())]);
  const twinOf = new Map(twins.map(({ paper }) => [paper.key, paper]));
  const others = new Map<PaperKey, readonly PaperKey[]>();
  for (const paper of papers) {
    const same = (namesakes.get(paper.key) ?? []).filter((key) => {
      const twin = twinOf.get(key);
      return twin !== undefined && sameWork(twin, paper);
    });
    const all = [...(former.get(paper.key) ?? []), ...same];
    if (all.length > 0) others.set(paper.key, all);
  }
  return others;
}
