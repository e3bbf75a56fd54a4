/** Which papers hold what somebody follows or mutes: the papers are indexed once, for any number of readers. */
import { nameOf, phraseOf, wordsIn, type Told } from "../papers/interests.ts";

/** Where papers are, in order. */
export type Places = readonly number[];
const NOWHERE: Places = [];
/** What many readers follow is looked up once. */
const LOOKED_UP_MAX = 20_000;

/** Returns what looks up the places of papers, told in words. */
export function openFinder(told: readonly Told[]) {
  const authors = placesBy(told, (each) => each.authors);
  const topics = placesBy(told, (each) => each.topics);
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

/** Names are asked for one by one: those of all at once would be most of what a choice has in memory. */
function placesBy<One>(
  all: readonly One[],
  namesOf: (one: One) => readonly string[],
): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [place, one] of all.entries()) {
    for (const name of new Set(namesOf(one))) {
      const known = places.get(name);
      if (known) known.push(place);
      else places.set(name, [place]);
    }
  }
  return places;
}

/** Finds the texts that hold a phrase, by the rarest of its words. */
function openPhrases(texts: readonly string[]): (phrase: string) => Places {
  const places = placesBy(texts, (text) => text.split(/[ |]+/).filter(Boolean));
  return (phrase) => {
    const words = wordsIn(phrase);
    const found = words.map((word) => places.get(word) ?? NOWHERE);
    const [rarest = NOWHERE] = found.toSorted((a, b) => a.length - b.length);
    const whole = phraseOf(words);
    return words.length < 2 ? rarest : rarest.filter((place) => texts[place]?.includes(whole));
  };
}
