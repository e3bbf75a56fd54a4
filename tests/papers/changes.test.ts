/** What a signal has changed by: its latest reading against the one before, of the same source. */
import { expect, test } from "vitest";
import type { Signals } from "../../src/papers/paper.ts";
import { ALWAYS, NOW, openCorpusFile } from "./corpus-file.ts";
import { aSighting } from "./sighting.ts";

const at = (hour: number) => `2026-04-15T${String(hour).padStart(2, "0")}:00:00.000Z`;
const read = (hour: number, readings: Signals, source = "hugging-face") =>
  aSighting({ arxivId: "2604.00001", observedAt: at(hour), source, readings });

async function candidateOf(...sightings: ReturnType<typeof read>[]) {
  const { corpus } = await openCorpusFile();
  await corpus.record(sightings, NOW);
  return (await corpus.candidates(ALWAYS))[0];
}

test("a first reading has changed nothing", async () => {
  expect(await candidateOf(read(6, { votes: 5 }))).toMatchObject({
    signals: { votes: 5 },
    changes: {},
  });
});

test("a change is counted from the reading before the latest, whatever came in which order", async () => {
  const candidate = await candidateOf(
    read(9, { votes: 30, comments: 2 }),
    read(6, { votes: 5, comments: 2 }),
    read(8, { votes: 12 }),
  );
  expect(candidate?.changes).toEqual({
    votes: { by: 18, since: at(8) },
    comments: { by: 0, since: at(6) },
  });
});

test("a vote that was taken back is a change too", async () => {
  const candidate = await candidateOf(read(6, { votes: 5 }), read(7, { votes: 4 }));
  expect(candidate?.changes).toEqual({ votes: { by: -1, since: at(6) } });
});

test("what two sources count differently is no change", async () => {
  const candidate = await candidateOf(
    read(6, { votes: 100 }, "file"),
    read(7, { votes: 104 }, "file"),
    read(8, { votes: 9 }),
  );
  expect(candidate).toMatchObject({ signals: { votes: 9 }, changes: {} });
});

test("gathering the same readings again changes no change", async () => {
  const { corpus } = await openCorpusFile();
  const sightings = [read(6, { stars: 1000 }), read(7, { stars: 1240 })];
  await corpus.record(sightings, NOW);
  await corpus.record(sightings, NOW);
  const [candidate] = await corpus.candidates(ALWAYS);
  expect(candidate?.changes).toEqual({ stars: { by: 240, since: at(6) } });
});

test("facts that an earlier version stored are read, and gathered again change nothing", async () => {
  const { corpus, db } = await openCorpusFile();
  const sighting = aSighting({ arxivId: "2604.00001", abstract: "What they did." });
  await corpus.record([sighting], NOW);
  const before = await corpus.candidates(ALWAYS);
  for (const table of ["papers", "sightings"] as const) {
    const { facts } = await db.selectFrom(table).select("facts").executeTakeFirstOrThrow();
    const { keywords, thumbnail, ...known } = JSON.parse(facts);
    expect([keywords, thumbnail]).toEqual([[], null]);
    await db
      .updateTable(table)
      .set({ facts: JSON.stringify(known) })
      .execute();
  }
  expect(await corpus.candidates(ALWAYS)).toEqual(before);
  const later = { ...sighting, observedAt: at(9) };
  expect((await corpus.record([later], NOW)).papers).toEqual({ new: 0, changed: 0, unchanged: 1 });
});
