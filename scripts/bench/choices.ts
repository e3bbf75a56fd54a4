/**
 * Measures what it costs to choose for a long list of readers, each with a profile of 64 terms and some
 * things to follow, from a day of candidates: CPU time, and memory. With the list in a database, too, from
 * which a send reads page by page; that includes whatever else a letter needs to know of its reader.
 *
 *     node scripts/bench/choices.ts [READERS] [CANDIDATES]
 */
import { openChoices, type Taste } from "../../src/editions/choice.ts";
import type { Entry } from "../../src/editions/edition.ts";
import type { Period } from "../../src/editions/period.ts";
import { openDatabase } from "../../src/io/database.ts";
import { openOutbox } from "../../src/mail/outbox.ts";
import { outboxMigrations, type OutboxTables } from "../../src/mail/outbox-tables.ts";
import { NO_INTERESTS } from "../../src/papers/interests.ts";
import { NO_FACTS, type Paper, type PaperId, type PaperKey } from "../../src/papers/paper.ts";
import { packProfile, storedProfile } from "../../src/papers/packed-profile.ts";
import { learn, PROFILE_TERMS } from "../../src/papers/profile.ts";
import { countAll } from "../../src/papers/terms.ts";
import { TOPICS } from "../../src/papers/topics.ts";
import {
  subscriberMigrations,
  type SubscriberTables,
} from "../../src/subscribers/subscriber-tables.ts";
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
  const learned = learn(liked, background);
  return learned && packProfile(learned);
});
const before = process.resourceUsage().maxRSS / 1024;
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
async function measure(act: () => void | Promise<void>): Promise<number> {
  const start = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / readers;
}

function forAll(act: (reader: number) => void): () => void {
  for (let reader = 0; reader < Math.min(readers, 5000); reader++) act(reader);
  return () => {
    for (let reader = 0; reader < readers; reader++) act(reader);
  };
}

const EDITION = { cadence: "daily", period: "2026-04-15" as Period } as const;
const NOW = "2026-04-15T08:00:00.000Z";
const PAGE = 500;

/** Returns a list of readers who are all owed a letter. */
async function openList() {
  const migrations = { ...subscriberMigrations, ...outboxMigrations };
  const database = await openDatabase<SubscriberTables & OutboxTables>({
    file: ":memory:",
    migrations,
  });
  const { db } = database;
  await db.transaction().execute(async (tx) => {
    for (let reader = 0; reader < readers; reader++) {
      const email = `reader${reader}@example.org`;
      const { interests, profile } = tasteOf(reader);
      const consent = { consent_how: "added", consent_detail: "bench", consent_at: NOW };
      const chosen = { interests: JSON.stringify(interests), packed_profile: profile };
      const known = { address: email, address_key: email, state: "confirmed", cadence: "daily" };
      const row = { ...known, ...consent, ...chosen, text_only: 0 };
      await tx.insertInto("subscribers").values(row).execute();
    }
  });
  const outbox = openOutbox(database, "bench", () => new Date(NOW));
  const times = { dueAt: NOW, expiresAt: "2026-04-16T08:00:00.000Z" };
  await outbox.address(EDITION, { date: EDITION.period, times, ownTimes: null });
  return { outbox, close: database.close };
}

async function walk(act: (taste: Taste) => void): Promise<void> {
  for (let after = 0; ;) {
    const page = await outbox.due({ after, limit: PAGE, now: NOW, edition: EDITION });
    for (const { reader } of page) if (reader.mail) act(reader.mail);
    const last = page.at(-1);
    if (!last) return;
    after = last.key;
  }
}

const parsed = stored.map((text) => storedProfile(text));
const rows: [string, number][] = [];
const note = async (name: string, act: () => void | Promise<void>) =>
  rows.push([name, await measure(act)]);
await note(
  "choosing by a profile",
  forAll((reader) => {
    const profile = parsed[reader % PROFILES] ?? null;
    choices.choose({ interests: NO_INTERESTS, profile }, wish);
  }),
);
await note(
  "by a profile and what is followed and muted",
  forAll((reader) => choices.choose(tasteOf(reader), wish)),
);
const peak = process.resourceUsage().maxRSS / 1024;
const { outbox, close } = await openList();
await note("reading the list alone", () => walk(() => {}));
await note("reading the list and choosing", () => walk((taste) => choices.choose(taste, wish)));
await close();
console.log(
  [
    `${readers.toLocaleString("en-US")} readers, ${candidates.toLocaleString("en-US")} candidates, profiles of ${PROFILE_TERMS} terms; indexed in ${indexing.toFixed(0)} ms`,
    ...rows.map(([name, microseconds]) => `${microseconds.toFixed(1).padStart(8)} µs  ${name}`),
    `${peak.toFixed(0).padStart(8)} MB  peak of choosing; ${before.toFixed(0)} MB before the candidates were indexed`,
  ].join("\n"),
);
