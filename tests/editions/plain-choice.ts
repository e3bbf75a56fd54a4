/** What a choice by likeness is, said as plainly as can be: by words, over all papers, one after another. */
import { likenessShare, trendOf, type Wish } from "../../src/editions/choice.ts";
import type { Entry } from "../../src/editions/edition.ts";
import type { Profile } from "../../src/papers/profile.ts";
import { weighTerms, type Rarity, type TermWeights } from "../../src/papers/terms.ts";

/** Returns the rank of each paper of a letter, with the liked paper that it is there for, or null. */
export function plainChoice(
  entries: readonly Entry[],
  rarity: Rarity,
  bar: number,
  profile: Profile,
  wish: Pick<Wish, "places" | "seen">,
): (readonly [number, string | null])[] {
  const papers = entries.map(({ paper }) => weighTerms(paper, rarity));
  const likeness = papers.map((said) => likenessOf(profile, said));
  const most = Math.max(0, ...likeness.map((each) => Math.abs(each)));
  const share = most > 0 ? likenessShare(profile.opinions) : 0;
  const trend = trendOf(entries.length);
  const scored = entries.flatMap((entry, place) => {
    const like = likeness[place] ?? 0;
    const score = (trend[place] ?? 0) * (1 - share) + (most > 0 ? like * (share / most) : 0);
    const isWorthy = most > 0 && entry.score >= bar;
    const mayCome = !wish.seen.includes(entry.paper.key) && (entry.lead || isWorthy);
    return mayCome ? [{ entry, place, score, fills: entry.lead || like > 0 }] : [];
  });
  const room = Math.min(wish.places, scored.filter(({ fills }) => fills).length);
  const best = scored.toSorted((a, b) => b.score - a.score || a.place - b.place).slice(0, room);
  const leads = scored.filter(({ entry }) => entry.lead).slice(0, wish.places);
  const whyOf = (place: number) =>
    most === 0 || leads.some((lead) => lead.place === place)
      ? null
      : likedOf(profile, papers[place] ?? new Map());
  return best
    .toSorted((a, b) => a.place - b.place)
    .map(({ entry, place }) => [entry.rank, whyOf(place)]);
}

/** In the precision in which it is kept. */
function likenessOf({ terms }: Profile, said: TermWeights): number {
  return terms.reduce(
    (sum, { term, weight }) => Math.fround(sum + weight * Math.fround(said.get(term) ?? 0)),
    0,
  );
}

function likedOf({ terms, liked }: Profile, said: TermWeights): string | null {
  const sums = liked.map((_, from) =>
    terms
      .filter((each) => each.from === from)
      .reduce((sum, { term, weight }) => sum + weight * Math.fround(said.get(term) ?? 0), 0),
  );
  const most = Math.max(0, ...sums);
  return most > 0 ? (liked[sums.indexOf(most)] ?? null) : null;
}
