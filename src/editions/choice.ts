/**
 * A reader's own choice from an edition. What they follow comes first, then what trends and is like
 * the papers they liked, the likeness counting for more the more is known of them. Nothing with a muted
 * word, and nothing that an earlier letter has brought. The same input gives the same choice.
 *
 * The papers are indexed once; a choice then looks only at papers that share a word with its reader.
 */
import {
  FOLLOWED,
  nameOf,
  phraseOf,
  toldOf,
  wordsIn,
  type FollowedKind,
  type Interests,
  type Told,
} from "../papers/interests.ts";
import type { PaperKey } from "../papers/paper.ts";
import type { Profile } from "../papers/profile.ts";
import { TOPICS } from "../papers/topics.ts";
import { indexTerms, weightIn } from "../papers/term-index.ts";
import { weighTerms, type Rarity } from "../papers/terms.ts";
import type { Entry } from "./edition.ts";
import type { OtherKeys } from "./works.ts";

/** What is known of a reader. */
export interface Taste {
  readonly interests: Interests;
  readonly profile: Profile | null;
}

/** Why a paper is in a reader's letter: what they follow, or the paper they liked that is like it. */
export type Why =
  | { readonly kind: FollowedKind; readonly what: string }
  | { readonly kind: "liked"; readonly what: string };

export interface Chosen {
  readonly entry: Entry;
  /** Null for one that the edition leads with. */
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
/** What many readers follow is looked up once. */
const LOOKED_UP_MAX = 20_000;

type Places = readonly number[];
const NOWHERE: Places = [];

export interface ChoiceRules {
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
  const told = entries.map(({ paper, written }) => toldOf(paper, written?.text));
  const find = openFinder(told);
  const index = indexTerms(entries.map(({ paper }) => weighTerms(paper, rarity)));
  const places = placesByKey(entries, otherKeys);
  const trend = trendOf(entries.length);
  const likeness = new Float32Array(entries.length);
  /** What becomes of each paper in the choice at hand. */
  const state = new Uint8Array(entries.length);

  function choose(taste: Taste, wish: Wish): Choice {
    state.fill(OPEN);
    let muted = 0;
    for (const word of taste.interests.muted) {
      for (const place of find.shown(word)) {
        if (state[place] !== BARRED && entries[place]?.lead) muted++;
        state[place] = BARRED;
      }
    }
    for (const key of wish.kept === null ? wish.seen : []) {
      const place = places.get(key);
      if (place !== undefined && !isNews(entries[place])) state[place] = BARRED;
    }
    const followed = followedPlaces(taste.interests);
    const terms = taste.profile ? termsOf(taste.profile) : NOWHERE;
    const liked = taste.profile ? liken(taste.profile, terms) : 0;
    const chosen = wish.kept
      ? keptPlaces(wish.kept)
      : freshPlaces(followed, wish.places, taste.profile, liked);
    const firsts = liked > 0 ? firstPlaces(wish.places) : null;
    const whyOf = (place: number): Why | null => {
      const why = followed.get(place);
      if (why) return why;
      return firsts && !firsts.has(place) ? likedWhy(taste.profile, terms, place) : null;
    };
    const tail = tailPlaces(followed, chosen, wish.tail);
    const told = (place: number): Chosen[] => {
      const entry = entries[place];
      return entry ? [{ entry, why: whyOf(place) }] : [];
    };
    return {
      entries: chosen.toSorted((a, b) => a - b).flatMap(told),
      tail: tail.flatMap(told),
      muted,
    };
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

  /** Returns where the index has each term of a profile; -1 where no paper says it. */
  function termsOf({ terms }: Profile): number[] {
    return terms.map(({ term }) => index.terms.get(term) ?? -1);
  }

  /** Scores all papers by their likeness, below zero for the unlike; returns how much that counts. */
  function liken(profile: Profile, terms: readonly number[]): number {
    likeness.fill(0);
    for (let at = 0; at < terms.length; at++) {
      const term = terms[at] ?? -1;
      const weight = profile.terms[at]?.weight ?? 0;
      const end = term < 0 ? 0 : (index.starts[term + 1] ?? 0);
      for (let next = term < 0 ? 0 : (index.starts[term] ?? 0); next < end; next++) {
        const place = index.places[next] ?? 0;
        likeness[place] = (likeness[place] ?? 0) + weight * (index.weights[next] ?? 0);
      }
    }
    let most = 0;
    for (let place = 0; place < likeness.length; place++) {
      const score = Math.abs(likeness[place] ?? 0);
      if (score > most) most = score;
    }
    // What is left to do for each paper is one product: the share of the most alike, or unlike.
    return most <= 0 ? 0 : likenessShare(profile.opinions) / most;
  }

  /** Those that are followed, in the order of what says most, then the best of the others. */
  function freshPlaces(
    followed: ReadonlyMap<number, Why>,
    count: number,
    profile: Profile | null,
    liked: number,
  ): number[] {
    const kinds = new Map(FOLLOWED.map((kind, rank) => [kind as Why["kind"], rank]));
    const order = ([place, { kind }]: readonly [number, Why]) =>
      (kinds.get(kind) ?? 0) * entries.length + place;
    const first = [...followed].toSorted((a, b) => order(a) - order(b)).slice(0, count);
    const chosen = first.map(([place]) => place);
    for (const place of chosen) state[place] = TAKEN;
    const share = profile && liked > 0 ? likenessShare(profile.opinions) : 0;
    return [...chosen, ...bestPlaces(count - chosen.length, liked, share)];
  }

  function bestPlaces(wanted: number, liked: number, share: number): number[] {
    const leads = (place: number) => entries[place]?.lead ?? false;
    const isWorthy = (place: number) => liked > 0 && (entries[place]?.score ?? 0) >= bar;
    const count = roomFor(wanted, (place) => {
      const isLiked = (likeness[place] ?? 0) > 0 && isWorthy(place);
      return state[place] === OPEN && (leads(place) || isLiked);
    });
    const trending = 1 - share;
    const best: number[] = [];
    const scores: number[] = [];
    let least = Number.NEGATIVE_INFINITY;
    if (count <= 0) return best;
    for (let place = 0; place < entries.length; place++) {
      const score = (trend[place] ?? 0) * trending + (likeness[place] ?? 0) * liked;
      if ((best.length >= count && score <= least) || state[place] !== OPEN) continue;
      if (!leads(place) && !isWorthy(place)) continue;
      let at = best.length;
      while (at > 0 && (scores[at - 1] ?? 0) < score) at--;
      best.splice(at, 0, place);
      scores.splice(at, 0, score);
      if (best.length > count) {
        best.pop();
        scores.pop();
      }
      least = scores.at(-1) ?? least;
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

  /** Those that would have a place if nothing were known of what is liked. */
  function firstPlaces(count: number): Set<number> {
    const first = new Set<number>();
    for (let place = 0; place < entries.length && first.size < count; place++) {
      if (entries[place]?.lead && state[place] !== BARRED) first.add(place);
    }
    return first;
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

  /** Names the liked paper from which most of a paper's likeness comes. */
  function likedWhy(profile: Profile | null, terms: readonly number[], place: number): Why | null {
    if (!profile) return null;
    const sums = new Float64Array(profile.liked.length);
    for (let at = 0; at < terms.length; at++) {
      const { weight = 0, from = null } = profile.terms[at] ?? {};
      const term = terms[at] ?? -1;
      if (from === null || term < 0) continue;
      sums[from] = (sums[from] ?? 0) + weight * weightIn(index, term, place);
    }
    let most = -1;
    for (let from = 0; from < sums.length; from++) {
      if ((sums[from] ?? 0) > (sums[most] ?? 0)) most = from;
    }
    const what = profile.liked[most];
    return what === undefined ? null : { kind: "liked", what };
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

/** Looks up which papers hold what somebody follows or mutes. */
function openFinder(told: readonly Told[]) {
  const authors = placesBy(told.map((each) => each.authors));
  const topics = placesBy(told.map((each) => each.topics));
  const words = openPhrases(told.map((each) => each.words));
  const shown = openPhrases(told.map((each) => each.shown));
  const organizations = openPhrases(told.map((each) => each.organization));
  return {
    authors: remember((name) => authors.get(nameOf(name)) ?? NOWHERE),
    topics: (id: string) => topics.get(id) ?? NOWHERE,
    keywords: remember(words),
    organizations: remember(organizations),
    shown: remember(shown),
  };
}

function remember(find: (text: string) => Places): (text: string) => Places {
  const known = new Map<string, Places>();
  return (text) => {
    const places = known.get(text) ?? find(text);
    if (known.size >= LOOKED_UP_MAX) known.clear();
    known.set(text, places);
    return places;
  };
}

function placesBy(lists: readonly (readonly string[])[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [place, names] of lists.entries()) {
    for (const name of new Set(names)) {
      const known = places.get(name);
      if (known) known.push(place);
      else places.set(name, [place]);
    }
  }
  return places;
}

/** Finds the texts that hold a phrase, by the rarest of its words. */
function openPhrases(texts: readonly string[]): (phrase: string) => Places {
  const places = placesBy(texts.map((text) => text.split(/[ |]+/).filter(Boolean)));
  return (phrase) => {
    const words = wordsIn(phrase);
    const found = words.map((word) => places.get(word) ?? NOWHERE);
    const [rarest = NOWHERE] = found.toSorted((a, b) => a.length - b.length);
    const whole = phraseOf(words);
    return words.length < 2 ? rarest : rarest.filter((place) => texts[place]?.includes(whole));
  };
}

/** Returns why a paper is in a letter, in words. */
export function whyText({ kind, what }: Why): string {
  switch (kind) {
    case "authors":
    case "organizations":
      return `You follow ${what}.`;
    case "keywords":
      return `Your keyword: ${what}.`;
    case "topics":
      return `Your topic: ${what}.`;
    case "liked":
      return `Because you liked “${what}”.`;
  }
}
