/**
 * A reader's own choice from an edition. What they follow comes first, then what trends and is like
 * the papers they liked, the likeness counting for more the more is known of them. Nothing with a muted
 * word, and nothing that an earlier letter has brought. The same input gives the same choice.
 *
 * The papers are indexed once; a choice then looks only at papers that share a word with its reader.
 */
import { FOLLOWED, toldOf, type FollowedKind, type Interests } from "../papers/interests.ts";
import type { PackedProfile } from "../papers/packed-profile.ts";
import type { Paper, PaperKey } from "../papers/paper.ts";
import { TOPICS } from "../papers/topics.ts";
import { weighTerms, type Rarity } from "../papers/terms.ts";
import type { Entry } from "./edition.ts";
import { openFinder } from "./finder.ts";
import { openLikeness } from "./likeness.ts";
import type { OtherKeys } from "./works.ts";

/** What is known of a reader. */
export interface Taste {
  readonly interests: Interests;
  readonly profile: PackedProfile | null;
}

/** Why a paper is in a reader's letter: what they follow, or the paper they liked that is like it. */
export type Why =
  | { readonly kind: FollowedKind; readonly what: string }
  | { readonly kind: "liked"; readonly what: string };

export interface Chosen {
  readonly entry: Entry;
  /** Null for one that the edition leads with, and for a title that is not followed. */
  readonly why: Why | null;
}

export interface Choice {
  /** In the order of the edition. */
  readonly entries: readonly Chosen[];
  /** Shown as titles: first what is followed and found no place. */
  readonly tail: readonly Chosen[];
  /** How many papers that the edition leads with hold a muted word. */
  readonly muted: number;
}

export interface Wish {
  readonly places: number;
  readonly tail: number;
  /** Papers that earlier letters have brought. */
  readonly seen: readonly PaperKey[];
  /** Papers of this very letter, where it was printed before; null: it was not. */
  readonly kept: readonly PaperKey[] | null;
}

export interface Choices {
  choose(taste: Taste, wish: Wish): Choice;
}

/** With this many opinions, likeness counts for as much as a place in the edition. */
const OPINIONS_HALF = 5;
/** However much is known: a letter of what trends stays one. */
const LIKENESS_MAX = 0.8;

interface ChoiceRules {
  /** A paper that scores less has a place only where it is followed, or the edition leads with it. */
  readonly bar: number;
  /** As what else earlier letters may have brought a paper. */
  readonly otherKeys: OtherKeys;
}

const NO_RULES: ChoiceRules = { bar: 0, otherKeys: new Map() };

/** Indexes `entries`, best first, for any number of readers. */
export function openChoices(
  entries: readonly Entry[],
  rarity: Rarity,
  { bar, otherKeys }: ChoiceRules = NO_RULES,
): Choices {
  const find = openFinder(entries.map(({ paper, written }) => toldOf(paper, written?.text)));
  const places = placesByKey(entries, otherKeys);
  const paperAt = (place: number) => entries[place]?.paper ?? NO_PAPER;
  const likeness = openLikeness(entries.length, (place) => weighTerms(paperAt(place), rarity));
  const trend = trendOf(entries.length);
  const leads = Uint8Array.from(entries, ({ lead }) => (lead ? 1 : 0));
  const leadPlaces = [...entries.keys()].filter((place) => leads[place] === 1);
  const reachesBar = Uint8Array.from(entries, ({ score }) => (score >= bar ? 1 : 0));
  /** What becomes of each paper in the choice at hand. */
  const state = new Uint8Array(entries.length);

  function choose({ interests, profile }: Taste, wish: Wish): Choice {
    state.fill(OPEN);
    const muted = barMuted(interests.muted);
    if (wish.kept === null) barSeen(wish.seen);
    const followed = followedPlaces(interests);
    const liking = profile ? likingOf(profile) : NO_LIKING;
    const chosen = wish.kept ? keptPlaces(wish.kept) : freshPlaces(followed, wish.places, liking);
    const inOrder = chosen.toSorted((a, b) => a - b);
    const byLikeness = liking.each > 0 ? inOrder.filter((place) => !followed.has(place)) : NOWHERE;
    const liked = likeness.likedAt(withoutFirsts(byLikeness, wish.places));
    const whyOf = (place: number): Why | null => {
      const what = liked.get(place);
      return followed.get(place) ?? (what === undefined ? null : { kind: "liked", what });
    };
    const told = (place: number): Chosen[] => {
      const entry = entries[place];
      return entry ? [{ entry, why: whyOf(place) }] : [];
    };
    return {
      entries: inOrder.flatMap(told),
      tail: tailPlaces(followed, chosen, wish.tail).flatMap(told),
      muted,
    };
  }

  /** Returns how many papers that the edition leads with hold a muted word. */
  function barMuted(words: readonly string[]): number {
    let muted = 0;
    for (const word of words) {
      for (const place of find.shown(word)) {
        if (state[place] !== BARRED && leads[place] === 1) muted++;
        state[place] = BARRED;
      }
    }
    return muted;
  }

  function barSeen(seen: readonly PaperKey[]): void {
    for (const key of seen) {
      const place = places.get(key);
      if (place !== undefined && !isNews(entries[place])) state[place] = BARRED;
    }
  }

  /** Returns the papers that are followed, each with the first thing that says so. */
  function followedPlaces(interests: Interests): Map<number, Why> {
    const followed = new Map<number, Why>();
    for (const kind of FOLLOWED) {
      for (const what of interests[kind]) {
        for (const place of find[kind](what)) {
          if (state[place] === OPEN && !followed.has(place)) {
            followed.set(place, { kind, what: kind === "topics" ? topicName(what) : what });
          }
        }
      }
    }
    return followed;
  }

  /** Scores all papers by their likeness. Returns how much that counts; nothing where none is like. */
  function likingOf(profile: PackedProfile): Liking {
    const { most, opinions } = likeness.score(profile);
    if (most <= 0) return NO_LIKING;
    const share = likenessShare(opinions);
    // What is left to do for each paper is one product: the share of the most alike, or unlike.
    return { share, each: share / most };
  }

  /** Those that are followed, in the order of what says most, then the best of the others. */
  function freshPlaces(
    followed: ReadonlyMap<number, Why>,
    count: number,
    liking: Liking,
  ): number[] {
    const order = ([place, { kind }]: readonly [number, Why]) =>
      (KIND_ORDER.get(kind) ?? 0) * entries.length + place;
    const first = [...followed].toSorted((a, b) => order(a) - order(b)).slice(0, count);
    const chosen = first.map(([place]) => place);
    for (const place of chosen) state[place] = TAKEN;
    return [...chosen, ...bestPlaces(count - chosen.length, liking)];
  }

  function bestPlaces(wanted: number, { share, each }: Liking): number[] {
    const { scores } = likeness;
    const isWorthy = (place: number) => each > 0 && reachesBar[place] === 1;
    const count = roomFor(wanted, (place) => {
      const isLiked = isWorthy(place) && (scores[place] ?? 0) > 0;
      return state[place] === OPEN && (leads[place] === 1 || isLiked);
    });
    const trending = 1 - share;
    const best: number[] = [];
    const bestScores: number[] = [];
    let least = Number.NEGATIVE_INFINITY;
    if (count <= 0) return best;
    for (let place = 0; place < trend.length; place++) {
      const score = (trend[place] ?? 0) * trending + (each > 0 ? (scores[place] ?? 0) * each : 0);
      if ((best.length >= count && score <= least) || state[place] !== OPEN) continue;
      if (leads[place] !== 1 && !isWorthy(place)) continue;
      if (best.length < count) {
        best.push(place);
        bestScores.push(score);
      }
      // What is worse moves back by one; of the last there is no need any more.
      let at = best.length - 1;
      for (; at > 0 && (bestScores[at - 1] ?? 0) < score; at--) {
        best[at] = best[at - 1] ?? 0;
        bestScores[at] = bestScores[at - 1] ?? 0;
      }
      best[at] = place;
      bestScores[at] = score;
      least = bestScores.at(-1) ?? least;
    }
    for (const place of best) state[place] = TAKEN;
    return best;
  }

  /** A letter is as short as its edition, but for what is liked for itself. */
  function roomFor(wanted: number, fills: (place: number) => boolean): number {
    let room = 0;
    for (let place = 0; place < entries.length && room < wanted; place++) if (fills(place)) room++;
    return room;
  }

  function keptPlaces(kept: readonly PaperKey[]): number[] {
    const found = new Set(kept.flatMap((key) => places.get(key) ?? []));
    const chosen = [...found].filter((place) => state[place] !== BARRED);
    for (const place of chosen) state[place] = TAKEN;
    return chosen;
  }

  /** Leaves out those that would have a place if nothing were known of what is liked. */
  function withoutFirsts(chosen: readonly number[], count: number): readonly number[] {
    if (chosen.length === 0) return chosen;
    let left = count;
    let last = -1;
    for (const place of leadPlaces) {
      if (left === 0) break;
      if (state[place] === BARRED) continue;
      last = place;
      left--;
    }
    return chosen.filter((place) => leads[place] !== 1 || place > last);
  }

  function tailPlaces(
    followed: ReadonlyMap<number, Why>,
    chosen: readonly number[],
    count: number,
  ): number[] {
    const taken = new Set(chosen);
    const left = [...followed.keys()]
      .filter((place) => !taken.has(place))
      .toSorted((a, b) => a - b);
    const tail = left.slice(0, Math.max(count, FOLLOWED_TAIL_MAX));
    for (const place of tail) taken.add(place);
    for (let place = 0; place < entries.length && tail.length < count; place++) {
      if (state[place] === OPEN && !taken.has(place)) tail.push(place);
    }
    return tail;
  }

  return { choose };
}

/** A key that is a paper's own says more than one that it has beside it. */
function placesByKey(entries: readonly Entry[], otherKeys: OtherKeys): Map<PaperKey, number> {
  const own = entries.map(({ paper }, place) => [paper.key, place] as const);
  const others = entries.flatMap(({ paper }, place) =>
    (otherKeys.get(paper.key) ?? []).map((key) => [key, place] as const),
  );
  return new Map([...others, ...own]);
}

/** A paper that leads again has something new to tell, also to who had it in a letter before. */
function isNews(entry: Entry | undefined): boolean {
  return entry !== undefined && entry.lead && entry.label?.kind === "update";
}

/** How much likeness counts in a choice, altogether and for each unit of a paper's score. */
interface Liking {
  readonly share: number;
  readonly each: number;
}

const KIND_ORDER = new Map(FOLLOWED.map((kind, rank) => [kind as Why["kind"], rank]));
const NO_LIKING: Liking = { share: 0, each: 0 };
const NOWHERE: readonly number[] = [];
const NO_PAPER: Pick<Paper, "title" | "abstract"> = { title: "", abstract: null };

const OPEN = 0;
const TAKEN = 1;
const BARRED = 2;
/** Titles of what is followed and found no place: so many, even where a tail is shorter. */
const FOLLOWED_TAIL_MAX = 60;

/** Returns how much likeness counts beside a place in the edition, from 0 to 0.8. */
export function likenessShare(opinions: number): number {
  return (LIKENESS_MAX * opinions) / (opinions + OPINIONS_HALF);
}

/** Returns what a place in the edition is worth: 1 for the first, 0 behind the last, most of it early. */
export function trendOf(count: number): Float32Array {
  const last = Math.log(count + 1);
  return Float32Array.from({ length: count }, (_, place) => 1 - Math.log(place + 1) / last);
}

function topicName(id: string): string {
  return TOPICS.find((topic) => topic.id === id)?.name ?? id;
}
