/**
 * Tries what is learned of readers on recorded days: simulated readers, each with an interest that no
 * model is told, like ten papers of it on the earlier days; then every later day is ranked for them.
 * Beside it the method of arxiv-sanity-lite, a linear support vector machine, on the same split.
 *
 *     node scripts/personal/personal.ts FOLDER [--days N] [--until N] [--repeats N] [--json]
 *
 * The folder holds `huggingface/`, `observations.jsonl` and `outcomes.jsonl`. The first `--days` days
 * are those on which papers are liked; what follows, up to `--until`, is ranked.
 */
import { parseArgs } from "node:util";
import { openChoices } from "../../src/editions/choice.ts";
import type { Entry } from "../../src/editions/edition.ts";
import { NO_INTERESTS } from "../../src/papers/interests.ts";
import type { Candidate } from "../../src/papers/paper.ts";
import { packProfile } from "../../src/papers/packed-profile.ts";
import { learn, type Profile } from "../../src/papers/profile.ts";
import { countAll, weighTerms, type Background, type TermWeights } from "../../src/papers/terms.ts";
import { decide, randomFrom, shuffle, tfidf, type Row } from "./svm.ts";
import { personasIn, readWorld, type Day, type Persona, type World } from "./world.ts";

const LIKES = 10;
const TOP = 10;
/** A persona has more papers than it likes on the earlier days, and some on the later ones. */
const EARLIER_MIN = 12;
const LATER_MIN = 5;

interface Measured {
  /** Of the interest, on each later day. */
  byDay: number;
  /** Of the interest, over all later days as one. */
  pooled: number;
  /** Of the interest and in the better half of their day by final votes, on each later day. */
  trending: number;
}
const METHODS = ["linear SVM", "profile", "profile and trend", "trend"] as const;
type Method = (typeof METHODS)[number];

/** Puts a day's papers in order for one reader; the first ones first. */
type Order = (day: readonly Candidate[]) => readonly Told[];
type Told = Pick<Candidate, "paper">;

interface Split {
  readonly taught: readonly Candidate[];
  readonly later: readonly Day[];
  readonly rows: ReadonlyMap<Candidate, Row>;
  readonly background: Background;
  readonly world: World;
}

function splitOf(world: World, days: number, until: number): Split {
  const all = world.days.flatMap(({ papers }) => papers);
  const texts = all.map(({ paper }) => [paper.title, paper.abstract, ...paper.authors].join(" "));
  const rows = tfidf(texts);
  const taught = world.days.slice(0, days).flatMap(({ papers }) => papers);
  return {
    world,
    taught,
    later: world.days.slice(days, until),
    rows: new Map(all.map((paper, at) => [paper, rows[at] as Row])),
    background: countAll(taught.map(({ paper }) => paper)),
  };
}

/** Returns how each method orders papers for whoever likes `liked`. */
function ordersFor(split: Split, liked: ReadonlySet<Candidate>): Record<Method, Order> {
  const { taught, rows, background } = split;
  const rowOf = (paper: Candidate) => rows.get(paper) as Row;
  const isLiked = taught.map((paper) => liked.has(paper));
  const judged = [...liked].map(({ paper }) => ({ ...paper, liked: true }));
  const profile = learn(judged, background);
  if (!profile) throw new Error("Nobody likes anything.");
  const packed = packProfile(profile);
  const machine = decide(taught.map(rowOf), isLiked);
  const by = (score: (paper: Candidate) => number) => (day: readonly Candidate[]) =>
    day
      .map((paper) => [paper, score(paper)] as const)
      .toSorted((a, b) => b[1] - a[1])
      .map(([paper]) => paper);
  return {
    "linear SVM": by((paper) => machine(rowOf(paper))),
    profile: by(({ paper }) => likenessTo(profile, weighTerms(paper, background))),
    "profile and trend": (day) => {
      const wish = { places: TOP, tail: 0, seen: [], kept: null };
      const entries = trendOf(day, split.world).map(asEntry);
      const choices = openChoices(entries, background);
      const chosen = choices.choose({ interests: NO_INTERESTS, profile: packed }, wish).entries;
      const candidates = new Map(day.map((candidate) => [candidate.paper.key, candidate]));
      return chosen.flatMap(({ entry }) => candidates.get(entry.paper.key) ?? []);
    },
    trend: (day) => trendOf(day, split.world),
  };
}

/** Returns how alike a paper is to what is liked: the sum over its terms. */
function likenessTo({ terms }: Profile, paper: TermWeights): number {
  return terms.reduce((sum, { term, weight }) => sum + weight * (paper.get(term) ?? 0), 0);
}

/** Orders papers as the source's page had them at the last look on their day. */
function trendOf(day: readonly Candidate[], { positions }: World): readonly Candidate[] {
  const placeOf = ({ paper }: Candidate) => positions.get(paper.id) ?? Infinity;
  return day.toSorted((a, b) => placeOf(a) - placeOf(b) || a.paper.key - b.paper.key);
}

function asEntry({ paper, signals, changes }: Candidate, at: number): Entry {
  const rest = { lead: at < TOP, score: 0, reason: "", label: null, witnesses: [], written: null };
  return { rank: at + 1, paper, signals, changes, ...rest };
}

function measure(split: Split, persona: Persona, order: Order): Measured {
  const { later, world } = split;
  const cares = ({ paper }: Told) => persona.cares(paper);
  const shareOf = (papers: readonly Told[], isHit: (paper: Told) => boolean) =>
    papers.slice(0, TOP).filter(isHit).length / TOP;
  const byDay = later.map(({ papers }) => {
    const ranked = order(papers);
    const votes = papers
      .map(({ paper }) => world.outcomes.get(paper.id) ?? 0)
      .toSorted((a, b) => a - b);
    const median = votes[Math.floor(votes.length / 2)] ?? 0;
    const rose = ({ paper }: Told) => (world.outcomes.get(paper.id) ?? 0) >= median;
    return [
      shareOf(ranked, cares),
      shareOf(ranked, (paper) => cares(paper) && rose(paper)),
    ] as const;
  });
  return {
    byDay: meanOf(byDay.map(([plain]) => plain)),
    trending: meanOf(byDay.map(([, trending]) => trending)),
    pooled: shareOf(order(later.flatMap(({ papers }) => papers)), cares),
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}

/** Runs all simulated readers through all methods. */
function tryAll(split: Split, personas: readonly Persona[], repeats: number) {
  const results = new Map<Method, Measured[]>(METHODS.map((method) => [method, []]));
  for (const [number, persona] of personas.entries()) {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const liking = split.taught.filter(({ paper }) => persona.cares(paper));
      shuffle(liking, randomFrom(number * 1009 + repeat * 7919 + 1));
      const orders = ordersFor(split, new Set(liking.slice(0, LIKES)));
      for (const method of METHODS) {
        results.get(method)?.push(measure(split, persona, orders[method]));
      }
    }
  }
  return METHODS.map((method) => {
    const all = results.get(method) ?? [];
    const mean = (name: keyof Measured) => meanOf(all.map((each) => each[name]));
    return { method, byDay: mean("byDay"), pooled: mean("pooled"), trending: mean("trending") };
  });
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    days: { type: "string", default: "11" },
    until: { type: "string", default: "1000" },
    repeats: { type: "string", default: "20" },
    json: { type: "boolean", default: false },
  },
});
const [folder = "../shared/corpus"] = positionals;
const world = await readWorld(folder);
const split = splitOf(world, Number(values.days), Number(values.until));
const enough = ({ cares }: Persona) =>
  split.later.flatMap(({ papers }) => papers).filter(({ paper }) => cares(paper)).length >=
  LATER_MIN;
const personas = personasIn(world.days.slice(0, Number(values.days)), EARLIER_MIN).filter(enough);
const rows = tryAll(split, personas, Number(values.repeats));
const about = {
  readers: personas.length * Number(values.repeats),
  interests: personas.map(({ name }) => name),
  likedOn: split.taught.length,
  laterDays: split.later.length,
};
if (values.json) console.log(JSON.stringify({ ...about, rows }, null, 2));
else {
  const [rival] = rows;
  console.log(
    `${about.readers} readers of ${personas.length} interests; ten likes each of ${about.likedOn} papers, then ${about.laterDays} later days\n`,
  );
  console.log("method               P@10 by day   pooled        of the better half by votes");
  for (const { method, ...means } of rows) {
    const cells = (["byDay", "pooled", "trending"] as const).map((name) => {
      const times = means[name] / (rival?.[name] ?? 1);
      return `${means[name].toFixed(3)} (×${times.toFixed(2)})`;
    });
    console.log(`${method.padEnd(20)} ${cells.join(" ")}`);
  }
}
