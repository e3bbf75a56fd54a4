/**
 * Cues: what a paper brings along by which its votes may be foretold before anybody has read it. Each
 * is a number; what each is worth stands in `ranking-parameters.json`.
 */
import type { Paper } from "../papers/paper.ts";

export const CUES = [
  "authors",
  "abstract",
  "title",
  "subtitle",
  "benchmark",
  "agents",
  "addressInAbstract",
  "organization",
  "code",
] as const;
export type Cue = (typeof CUES)[number];

/**
 * Returns the words of title and keywords, in small letters; none without keywords, since what words are
 * worth was fitted to papers that have both.
 */
export function wordsOf({ title, keywords }: Paper): ReadonlySet<string> {
  if (keywords.length === 0) return new Set();
  return new Set(`${title} ${keywords.join(" ")}`.toLowerCase().match(/\p{L}{3,}/gu));
}

/** Returns every cue of a paper: 0 where it lacks it. */
export function cuesOf(paper: Paper): Readonly<Record<Cue, number>> {
  const title = paper.title.toLowerCase();
  return {
    authors: Math.log2(1 + (paper.authorCount ?? paper.authors.length)),
    abstract: Math.log2(1 + (paper.abstract?.length ?? 0)),
    title: Math.log2(1 + title.length),
    subtitle: Number(title.includes(":")),
    benchmark: Number(title.includes("bench")),
    agents: Number(title.includes("agent")),
    addressInAbstract: Number(/https?:\/\//i.test(paper.abstract ?? "")),
    organization: Number(paper.organization !== null),
    code: Number(paper.links.code !== undefined),
  };
}
