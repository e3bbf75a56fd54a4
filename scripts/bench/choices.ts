/**
 * Measures what it costs to choose for a long list of readers, each with a profile of 64 terms and some
 * things to follow, from a day of candidates: CPU time, and memory.
 *
 *     node scripts/bench/choices.ts [READERS] [CANDIDATES]
 */
import { openChoices, type Taste } from "../../src/editions/choice.ts";
import type { Entry } from "../../src/editions/edition.ts";
import { NO_INTERESTS } from "../../src/papers/interests.ts";
import { NO_FACTS, type Paper, type PaperId, type PaperKey } from "../../src/papers/paper.ts";
import { learn, PROFILE_TERMS, storedProfile } from "../../src/papers/profile.ts";
import { countAll } from "../../src/papers/terms.ts";
import { TOPICS } from "../../src/papers/topics.ts";
import { randomFrom } from "../personal/svm.ts";

const [readers = 100_000, candidates = 1000] = process.argv.slice(2).map(Number);
/** Stored profiles, as the list has them; readers take turns, so that what is parsed is not kept. */
const PROFILES = 200;
const WORDS = 30_000;
/** Without the words that every abstract has, the most frequent one is in some third of them. */
const FLATTENED = 50;
const ABSTRACT_WORDS = 170;
const random = randomFrom(7);

/** Words as often as in a language: half as often, twice as many (Zipf and Mandelbrot). */
const word = () => {
  const rank = FLATTENED * ((WORDS + FLATTENED) / FLATTENED) ** random() - FLATTENED;
  return `w${Math.floor(rank)}x`;
};
const words = (count: number) => Array.from({ length: count }, word).join(" ");

function aPaper(at: number): Paper {
  const key = at + 1;
  return {
    ...NO_FACTS,
    key: key as PaperKey,
    id: `2604.${String(key).padStart(5, "0")}` as PaperId,
    day: "2026-04-15",
    title: words(10),
    abstract: words(ABSTRACT_WORDS),
    authors: Array.from({ length: 5 }, () => `Given${word()} Name${word()}`),
  };
}

function asEntry(paper: Paper, at: number): Entry {
  const rest = {
    signals: {},
    changes: {},
    reason: "",
    label: null,
    witnesses: [],
    written: null,
    score: 0,
  };
  return { rank: at + 1, lead: at < 10, paper, ...rest };
}

const papers = Array.from({ length: candidates }, (_, at) => aPaper(at));
const background = countAll(papers);
const stored = Array.from({ length: PROFILES }, () => {
  const liked = Array.from({ length: 10 }, () => ({ ...aPaper(0), liked: true }));
  return JSON.stringify(learn(liked, background));
});
const opened = performance.now();
const choices = openChoices(papers.map(asEntry), background);
const indexing = performance.now() - opened;

function tasteOf(reader: number): Taste {
  const profile = storedProfile(stored[reader % PROFILES] ?? null);
  const topic = TOPICS[reader % TOPICS.length]?.id ?? "";
  const interests = {
    topics: [topic],
    keywords: [`w${reader % 3000}x`],
    authors: [`Given${reader} Name${reader}`],
    organizations: [],
    muted: [`w${1000 + (reader % 3000)}x`],
  };
  return { interests, profile };
}

const wish = { places: 10, tail: 12, seen: [], kept: null };

/** Returns CPU microseconds a reader, all threads of the process together. */
function measure(act: (reader: number) => void): number {
  for (let reader = 0; reader < Math.min(readers, 5000); reader++) act(reader);
  const start = process.cpuUsage();
  for (let reader = 0; reader < readers; reader++) act(reader);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / readers;
}

const parsed = stored.map((text) => storedProfile(text));
const rows = [
  [
    "choosing by a profile",
    measure((reader) => {
      const profile = parsed[reader % PROFILES] ?? null;
      choices.choose({ interests: NO_INTERESTS, profile }, wish);
    }),
  ],
  [
    "by a profile and what is followed and muted",
    measure((reader) => {
      const profile = parsed[reader % PROFILES] ?? null;
      choices.choose({ ...tasteOf(reader), profile }, wish);
    }),
  ],
  [
    "the same, the profile read as it is stored",
    measure((reader) => choices.choose(tasteOf(reader), wish)),
  ],
] as const;
console.log(
  [
    `${readers.toLocaleString("en-US")} readers, ${candidates.toLocaleString("en-US")} candidates, profiles of ${PROFILE_TERMS} terms; indexed in ${indexing.toFixed(0)} ms`,
    ...rows.map(([name, microseconds]) => `${microseconds.toFixed(1).padStart(8)} µs  ${name}`),
    `${(process.resourceUsage().maxRSS / 1024).toFixed(0).padStart(8)} MB  peak`,
  ].join("\n"),
);
