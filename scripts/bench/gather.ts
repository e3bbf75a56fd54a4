/**
 * Measures gathering: recorded days from nothing and again, and one day into a corpus of 500,000 papers.
 *
 *     node scripts/bench/gather.ts [FOLDER]      FOLDER holds recorded days; ../shared/corpus if left out
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { openDatabase } from "../../src/io/database.ts";
import { openCorpus } from "../../src/papers/corpus.ts";
import { corpusMigrations, type CorpusTables } from "../../src/papers/corpus-tables.ts";
import {
  gatherLogMigrations,
  openGatherLog,
  type GatherLogTables,
} from "../../src/papers/gather-log.ts";
import { openGatherer } from "../../src/papers/gathering.ts";
import { NO_FACTS, type Sighting } from "../../src/papers/paper.ts";
import type { Source } from "../../src/papers/source.ts";
import { fileSource } from "../../src/papers/sources/files.ts";

const RECORDED = fileURLToPath(new URL("../../../shared/corpus", import.meta.url));
const PAPERS = 500_000;
const DAY = 1500;
const TODAY = "2026-04-15";
const now = () => new Date("2026-04-15T10:00:00Z");

async function open(file: string) {
  const { db, close } = await openDatabase<CorpusTables & GatherLogTables>({
    file,
    migrations: { ...corpusMigrations, ...gatherLogMigrations },
  });
  const corpus = openCorpus(db);
  return { corpus, close, gatherer: openGatherer({ corpus, log: openGatherLog(db), now }) };
}

async function timed<Result>(work: () => Promise<Result>) {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { result, ms: performance.now() - start, cpuMs: (user + system) / 1000 };
}

async function recordedDays(folder: string, home: string): Promise<void> {
  const paths = ["huggingface", "arxiv"].map((name) => join(folder, name)).filter(existsSync);
  if (paths.length === 0) return console.log(`No recorded days in ${folder}.`);
  const { gatherer, close } = await open(join(home, "recorded.sqlite"));
  const source = fileSource({ name: "recorded", paths, listDay: null, today: TODAY });
  for (const what of ["from nothing", "again"]) {
    const { result, ms, cpuMs } = await timed(() => gatherer.gather([source], () => {}));
    const { papers, readings } = result;
    const all = papers.new + papers.changed + papers.unchanged;
    console.log(
      `${all} papers ${what}: ${Math.round(ms)} ms, ${Math.round((all / ms) * 1000)} papers/s, ` +
        `${Math.round(cpuMs)} ms of the processor; ` +
        `${papers.new} new, ${papers.changed} changed, ${readings} readings new`,
    );
  }
  await close();
}

/** Fills the tables in SQL, as gathering would have left them: 1,500 papers a day. */
function fill(file: string): void {
  const sqlite = new DatabaseSync(file);
  sqlite.exec("pragma synchronous = off");
  const facts = JSON.stringify({ ...NO_FACTS, abstract: "What they did. ".repeat(80) });
  const run = (sql: string) => sqlite.prepare(sql).run({ facts, papers: PAPERS } as never);
  const numbers = `with recursive n(i) as (select 1 union all select i + 1 from n where i < $papers)`;
  run(`${numbers} insert into papers (key, id, arxiv_id, day, facts, first_seen_at, changed_at)
    select i, 'old' || i, 'old' || i, date('${TODAY}', '-' || (1 + i / ${DAY}) || ' days'),
    json_set($facts, '$.arxivId', 'old' || i, '$.title', 'Work number ' || i), '2020', '2020' from n`);
  run(`${numbers} insert into titles (title_key, paper_key)
    select 'worknumber' || i, i from n where $facts <> ''`);
  run(`${numbers} insert into author_marks (mark, paper_key)
    select 'a author' || (i % 40000) || '|b last', i from n
    where $facts <> ''`);
  run(`${numbers} insert into sightings (paper_key, source, facts_hash, observed_at, facts)
    select i, 'hugging-face', 'hash', '2020', $facts from n`);
  for (const at of ["2020-01-01", "2020-01-02"]) {
    run(`${numbers} insert into readings (paper_key, signal, source, observed_at, value)
      select i, 'votes', 'hugging-face', '${at}', i % 90 from n
      where $facts <> ''`);
  }
  sqlite.exec("analyze; pragma wal_checkpoint(truncate)");
  sqlite.close();
}

function day(hour: number): Source {
  const sighting = (index: number): Sighting => ({
    source: "hugging-face",
    observedAt: `2026-04-15T${String(hour).padStart(2, "0")}:00:00.000Z`,
    facts: {
      ...NO_FACTS,
      arxivId: `2604.${String(index).padStart(5, "0")}`,
      title: `A study of subject ${index} and what became of it`,
      abstract: "We propose a thing and show that it works. ".repeat(30),
      authors: Array.from({ length: 6 }, (_, author) => `Ada${author} Author${index % 40_000}`),
      listedOn: TODAY,
    },
    readings: { votes: index + hour, comments: 1 },
  });
  return {
    name: "day",
    timeoutMs: 600_000,
    async *mentions() {
      for (let index = 0; index < DAY; index++) yield sighting(index);
    },
  };
}

async function largeCorpus(home: string): Promise<void> {
  const file = join(home, "large.sqlite");
  await (await open(file)).close();
  fill(file);
  const { corpus, gatherer, close } = await open(file);
  console.log(`a corpus of ${await corpus.count()} papers:`);
  for (const hour of [6, 7]) {
    const { ms, cpuMs } = await timed(() => gatherer.gather([day(hour)], () => {}));
    console.log(
      `  a day of ${DAY} papers gathered${hour > 6 ? " again" : ""}: ${Math.round(ms)} ms, ` +
        `${Math.round(cpuMs)} ms of the processor`,
    );
  }
  const window = { after: "2026-04-14", upTo: TODAY };
  await corpus.candidates(window);
  const tries: { ms: number; cpuMs: number }[] = [];
  for (let times = 0; times < 9; times++) {
    tries.push(await timed(() => corpus.candidates(window)));
  }
  const { result } = await timed(() => corpus.candidates(window));
  const median = (what: "ms" | "cpuMs") =>
    Math.round(tries.map((each) => each[what]).toSorted((a, b) => a - b)[4] ?? 0);
  console.log(
    `  ${result.length} candidates of the window: ${median("ms")} ms, ` +
      `${median("cpuMs")} ms of the processor (medians of 9)`,
  );
  await close();
}

const home = mkdtempSync(join(tmpdir(), "paperround-gather-"));
try {
  await recordedDays(process.argv[2] ?? RECORDED, home);
  await largeCorpus(home);
} finally {
  rmSync(home, { recursive: true, force: true });
}
