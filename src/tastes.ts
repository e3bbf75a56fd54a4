/**
 * What readers say of papers, and what is learned from it: to judge, to save, to begin with a few papers or
 * a library of their own, to see all of it, and to have it forgotten. Every verb may be repeated.
 */
import type { Catalogue } from "./papers/catalogue.ts";
import type { Library, LibraryPaper } from "./papers/library.ts";
import type { Candidate, Paper, PaperKey } from "./papers/paper.ts";
import { learn, type Judged } from "./papers/profile.ts";
import type { Background } from "./papers/terms.ts";
import { titleKey } from "./papers/text.ts";
import type { Opinion, Opinions, Verdict } from "./subscribers/opinions.ts";
import type { Subscriber, SubscriberKey } from "./subscribers/subscriber.ts";

export interface TastesDependencies {
  readonly opinions: Opinions;
  readonly catalogue: Pick<Catalogue, "papers" | "paper">;
  readonly background: () => Promise<Background>;
  readonly now: () => Date;
}

export type Tastes = ReturnType<typeof openTastes>;

/** The newest opinions say what somebody wants now; this bounds the work as well. */
const LEARNED_MAX = 200;
const TITLE_MAX = 300;

/** Returns the verbs over opinions and papers. */
export function openTastes({ opinions, catalogue, background, now }: TastesDependencies) {
  const timestamp = () => now().toISOString();

  async function paper(key: number): Promise<Candidate | null> {
    if (!Number.isSafeInteger(key)) return null;
    return (await catalogue.papers([key as PaperKey]))[0] ?? null;
  }

  /** Takes a reader's word on papers, and learns from it. */
  async function judge(
    reader: Pick<Subscriber, "key">,
    papers: readonly Paper[],
    verdict: Verdict,
  ): Promise<void> {
    const at = timestamp();
    const said = papers.map(({ key, title }) => ({
      name: String(key),
      paper: key,
      verdict,
      title: title.slice(0, TITLE_MAX),
      abstract: null,
      at,
    }));
    await opinions.put(reader.key, said);
    await relearn(reader.key);
  }

  /** Takes a reader's library as papers that they like. Returns how many of them the corpus knows. */
  async function begin(reader: Pick<Subscriber, "key">, { papers }: Library): Promise<number> {
    const said: Opinion[] = [];
    for (const each of papers) said.push(await opinionOn(each));
    await opinions.put(reader.key, said);
    await relearn(reader.key);
    return said.filter((opinion) => opinion.paper !== null).length;
  }

  async function opinionOn({ title, abstract, arxivId }: LibraryPaper): Promise<Opinion> {
    const known = arxivId === null ? null : await catalogue.paper(arxivId);
    const key = known?.paper.key ?? null;
    return {
      name: key === null ? `library:${arxivId ?? titleKey(title)}` : String(key),
      paper: key,
      verdict: "more",
      title,
      abstract: key === null ? abstract : null,
      at: timestamp(),
    };
  }

  async function takeBack(reader: Pick<Subscriber, "key">, name: string): Promise<void> {
    await opinions.remove(reader.key, name);
    await relearn(reader.key);
  }

  async function relearn(reader: SubscriberKey): Promise<void> {
    const all = await opinions.of(reader);
    const said = all.slice(0, LEARNED_MAX);
    const known = await papersOf(said);
    const judged = said.map((opinion): Judged => {
      const found = opinion.paper === null ? undefined : known.get(opinion.paper);
      const { title, abstract } = found ?? opinion;
      return { title, abstract, liked: opinion.verdict !== "less" };
    });
    const learned = judged.length > 0 ? learn(judged, await background()) : null;
    await opinions.setProfile(reader, learned, all);
  }

  async function papersOf(said: readonly Opinion[]): Promise<Map<PaperKey, Paper>> {
    const found = await catalogue.papers(said.flatMap((opinion) => opinion.paper ?? []));
    return new Map(found.map((candidate) => [candidate.paper.key, candidate.paper]));
  }

  return {
    paper,
    judge,
    begin,
    takeBack,
    opinionsOf: (reader: Pick<Subscriber, "key">) => opinions.of(reader.key),
    /** Returns the papers that a reader saved, newest first. */
    saved: async (reader: Pick<Subscriber, "key">): Promise<Paper[]> => {
      const said = (await opinions.of(reader.key)).filter(({ verdict }) => verdict === "save");
      return [...(await papersOf(said)).values()];
    },
    reset: (reader: Pick<Subscriber, "key">) => opinions.reset(reader.key),
  };
}
