/**
 * Measures how long the selection of a day takes in a large corpus: `npm run bench:ranking`. The corpus is
 * made up, in a folder of its own: half a million papers, of which each of the last days has 1,500 with
 * readings of two days, and an archive of 300 editions.
 *
 *     npm run bench:ranking -- [PAPERS]      so many papers instead, and as many editions as they fill
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { assemble } from "../../src/assemble.ts";
import { readConfig } from "../../src/config.ts";
import { addDays } from "../../src/editions/period.ts";
import { seeded } from "../../src/backtest/seeded.ts";
import { NO_FACTS } from "../../src/papers/paper.ts";

const PER_DAY = 1500;
const PAPERS = Math.max(Number(process.argv[2]) || 500_000, PER_DAY);
const READ_DAYS = 9;
const READINGS = 48;
const EDITIONS = Math.min(300, Math.floor(PAPERS / PER_DAY) - 1);
const LEADS = 12;
const RUNS = 9;
const DAY = "2026-04-15";
const WORDS =
  "agents attention benchmark causal diffusion efficient graph language learning models multimodal optimal policy reasoning retrieval robust scaling sparse transformers vision".split(
    " ",
  );

const random = seeded(1);
const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;

function factsOf(key: number, day: string) {
  const title = `${Array.from({ length: 8 }, () => pick(WORDS)).join(" ")} ${key}`;
  return {
    ...NO_FACTS,
    arxivId: `${day.slice(2, 4)}${day.slice(5, 7)}.${String(key % 100_000).padStart(5, "0")}`,
    title,
    abstract: Array.from({ length: 150 }, () => pick(WORDS)).join(" "),
    authors: Array.from({ length: 6 }, (_, index) => `Author ${(key * 7 + index) % 90_000}`),
    authorCount: 6,
    listedOn: day,
    keywords: [pick(WORDS), pick(WORDS)],
  };
}

function fill(file: string): void {
  const db = new DatabaseSync(file);
  const paper = db.prepare(
    "insert into papers (key, id, day, facts, first_seen_at, changed_at) values (?, ?, ?, ?, ?, ?)",
  );
  const title = db.prepare("insert into titles (title_key, paper_key) values (?, ?)");
  const sighting = db.prepare(
    "insert into sightings (paper_key, source, facts_hash, observed_at, facts) values (?, 'page', ?, ?, '{}')",
  );
  const reading = db.prepare(
    "insert into readings (paper_key, signal, source, observed_at, value) values (?, ?, 'page', ?, ?)",
  );
  db.exec("begin");
  for (let key = 1; key <= PAPERS; key++) {
    const back = Math.floor((PAPERS - key) / PER_DAY);
    const day = addDays(DAY, -back);
    const facts = factsOf(key, day);
    const at = (hours: number) => new Date(Date.parse(day) + hours * 3_600_000).toISOString();
    paper.run(key, `id-${key}`, day, JSON.stringify(facts), at(5), at(5));
    title.run(facts.title.replaceAll(" ", ""), key);
    sighting.run(key, `hash-${key}`, at(5));
    const votes = Math.floor(1 / (random() + 0.004));
    for (let hour = 0; hour < (back < READ_DAYS ? READINGS : 1); hour++) {
      reading.run(key, "votes", at(5 + hour / 24), Math.floor((votes * (hour + 1)) / READINGS));
      reading.run(key, "position", at(5 + hour / 24), 1 + (key % PER_DAY));
      reading.run(key, "listSize", at(5 + hour / 24), PER_DAY);
    }
  }
  const edition = db.prepare(
    "insert into editions (key, cadence, period, number, window_after, window_up_to, candidates, published_at) values (?, 'daily', ?, ?, ?, ?, ?, ?)",
  );
  const entry = db.prepare(
    "insert into entries (edition_key, rank, lead, paper_key, score, signals, reason, paper, changes) values (?, ?, ?, ?, 1, '{}', '', ?, '{}')",
  );
  for (let number = 1; number <= EDITIONS; number++) {
    const back = EDITIONS + 1 - number;
    const day = addDays(DAY, -back);
    edition.run(number, day, number, addDays(day, -1), day, PER_DAY, `${day}T07:00:00.000Z`);
    for (let rank = 1; rank <= 60; rank++) {
      const key = PAPERS - back * PER_DAY - rank;
      const frozen = { ...factsOf(key, day), key, id: `id-${key}`, day };
      entry.run(number, rank, rank <= LEADS ? 1 : 0, key, JSON.stringify(frozen));
    }
  }
  db.exec("commit; analyze");
  db.close();
}

const home = mkdtempSync(join(tmpdir(), "paperround-ranking-"));
try {
  const config = readConfig(home, { PAPERROUND_CONFIG: "" });
  const now = () => new Date(`${DAY}T12:00:00Z`);
  await (await assemble(config, now)).close();
  fill(join(home, "data", "corpus.sqlite"));
  const app = await assemble(config, now);
  const times: number[] = [];
  const work: number[] = [];
  let candidates = 0;
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now();
    const before = process.cpuUsage();
    ({ candidates } = await app.newsletter.edition("daily", DAY));
    times.push(performance.now() - started);
    const { user, system } = process.cpuUsage(before);
    work.push((user + system) / 1000);
  }
  await app.close();
  const [first = 0] = times;
  const medianOf = (values: readonly number[]) =>
    values.toSorted((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
  const shown = (milliseconds: number) => `${Math.round(milliseconds)} ms`;
  console.log(
    `${candidates} candidates in a corpus of ${PAPERS}: median ${shown(medianOf(times))}, the first ${shown(first)}; of the processor ${shown(medianOf(work))}`,
  );
} finally {
  rmSync(home, { recursive: true, force: true });
}
