/** What papers are about. */
import type { PaperFacts } from "./paper.ts";

export interface Topic {
  readonly id: string;
  readonly name: string;
}

/** Returns what a paper is about. */
export function topicsOf({ categories }: Pick<PaperFacts, "categories">): readonly Topic[] {
  return categories.map((name) => ({ id: name, name }));
}
