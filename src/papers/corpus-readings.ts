/** The readings of the corpus: each signal of each paper, by source and time. Written for `corpus.ts`. */
import type { Kysely } from "kysely";
import { statement, type Handle } from "../io/database.ts";
import type { CorpusTables } from "./corpus-tables.ts";
import { SIGNALS, type Reading, type Sighting, type Signal } from "./paper.ts";
import { readingsOf, type Readings } from "./readings.ts";

/** Adds the readings that are not known yet and returns how many those were. */
export async function recordReadings(
  db: Handle<CorpusTables>,
  key: number,
  { readings, source, observedAt }: Sighting,
): Promise<number> {
  let added = 0;
  for (const signal of SIGNALS) {
    const value = readings[signal];
    if (value === undefined) continue;
    // Of two readings of one time the larger counts, whichever is read first.
    const { changes } = await statement(
      db,
      `insert into readings (paper_key, signal, source, observed_at, value) values (?, ?, ?, ?, ?)
        on conflict (paper_key, signal, source, observed_at) do update set value = excluded.value
        where readings.value < excluded.value`,
      [key, signal, source, observedAt, value],
    );
    added += changes;
  }
  return added;
}

/** Returns all readings of a paper, in the order of signals, sources and times. */
export async function readingsBy(db: Kysely<CorpusTables>, key: number): Promise<Reading[]> {
  return db
    .selectFrom("readings")
    .select(["signal", "source", "observed_at as at", "value"])
    .where("paper_key", "=", key)
    .orderBy("signal")
    .orderBy("source")
    .orderBy("observed_at")
    .$narrowType<{ signal: Signal }>()
    .execute();
}

/** Returns what each paper's latest readings say, and by how much they differ from those before. */
export async function latestReadings(
  db: Kysely<CorpusTables>,
  keys: readonly number[],
): Promise<Map<number, Readings>> {
  const trails = new Map<number, Reading[]>();
  for (const { key, signal, source, at, value } of await telling(db, keys)) {
    // Named one by one: to copy the rest of thousands of rows costs as much as to read them.
    const reading = { signal, source, at, value };
    const trail = trails.get(key);
    if (trail) trail.push(reading);
    else trails.set(key, [reading]);
  }
  return new Map([...trails].map(([key, trail]) => [key, readingsOf(trail)]));
}

interface ReadingRow extends Reading {
  readonly key: number;
}

/**
 * Returns of each signal and source the first reading, the last on the paper's own day (UTC) and the
 * last two, in time order, so that of several sources the last one to be read counts. A reading is
 * compared with one of its own source only: what two sources count differently is no change. All are
 * sought in the key of the table, so that it costs the same however often a source was read; most
 * sources know of few signals, and the others are left out first.
 */
async function telling(
  db: Kysely<CorpusTables>,
  keys: readonly number[],
): Promise<readonly ReadingRow[]> {
  const { rows } = await statement<ReadingRow, CorpusTables>(db, TELLING, [JSON.stringify(keys)]);
  return rows;
}

const MINE = `own.paper_key = told.paper_key and own.signal = told.signal
  and own.source = told.source`;
const TELLING = `
  select told.paper_key as key, told.signal, told.source, readings.observed_at as at,
    readings.value
  from (
    select distinct sightings.paper_key, sightings.source, signals.signal, papers.day
    from json_each(?) as asked
      cross join papers on papers.key = asked.value
      cross join sightings on sightings.paper_key = papers.key
      cross join (
        ${SIGNALS.map((signal) => `select '${signal}' as signal`).join(" union all ")}
      ) as signals
    where exists (
      select 1 from readings as own where own.paper_key = sightings.paper_key
        and own.signal = signals.signal and own.source = sightings.source
    )
  ) as told
  join readings
    on readings.paper_key = told.paper_key
    and readings.signal = told.signal
    and readings.source = told.source
    and readings.observed_at in (
      select * from (
        select observed_at from readings as own where ${MINE} order by observed_at desc limit 2
      )
      union all select min(observed_at) from readings as own where ${MINE}
      union all select max(observed_at) from readings as own where ${MINE}
        and observed_at < date(told.day, '+1 day')
    )
  order by at, readings.value`;
