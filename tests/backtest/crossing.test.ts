/** Cross-validation: what became of a day's papers says nothing of the parameters they are told by. */
import { expect, test } from "vitest";
import { crossedParameters, type Known } from "../../scripts/fit/crossing.ts";
import type { Recording } from "../../src/backtest/recording.ts";
import { NO_FACTS, type Paper, type PaperKey, type Sighting } from "../../src/papers/paper.ts";

const DAYS = ["2026-04-14", "2026-04-15", "2026-04-16"];
const LATER = "2026-04-30";
const OTHERS = { "2604.10": 5, "2604.11": 9, "2604.20": 7, "2604.21": 2 };

interface More {
  /** Papers that were announced in the days before and that no list took up. */
  readonly alone?: readonly string[];
  /** Papers of the first list that the last one holds again, with votes. */
  readonly again?: Readonly<Record<string, number>>;
  readonly known?: Known;
}

/** Returns three lists and one of much later, the first with these votes. */
function recordingOf(first: Readonly<Record<string, number>>, more: More = {}) {
  const { alone = [], again, known } = more;
  const votes = Object.entries({ ...first, ...OTHERS, "2604.30": 3 });
  const listOf = (id: string) => DAYS[Number(id.slice(5, 6))] ?? LATER;
  const lists = Map.groupBy(votes, ([id]) => listOf(id));
  const sighting = (id: string, announcedOn: string, listedOn: string | null): Sighting => ({
    source: "test",
    observedAt: `${listedOn ?? announcedOn}T00:00:00.000Z`,
    facts: { ...NO_FACTS, arxivId: id, title: `Paper ${id}`, announcedOn, listedOn },
    readings: {},
  });
  const sightings = votes.flatMap(([id]) => [
    sighting(id, "2026-04-13", null),
    sighting(id, "2026-04-13", listOf(id)),
  ]);
  const never = alone.map((id) => sighting(id, "2026-04-12", null));
  const recording: Recording = {
    sightings: [...never, ...sightings],
    lists: new Map(
      [...lists].map(([day, list]) => [
        day,
        new Map([...list, ...(day === LATER ? Object.entries(again ?? {}) : [])]),
      ]),
    ),
    refused: {},
  };
  return crossedParameters(recording, known);
}

const paper = (id: string, day: string, listedOn: string | null) =>
  ({ ...NO_FACTS, key: 1 as PaperKey, id, arxivId: id, day, listedOn }) as Paper;

test("what became of a list changes nothing of what its papers are told by", () => {
  const [few, many] = [
    { "2604.00": 1, "2604.01": 2 },
    { "2604.00": 900, "2604.01": 700 },
  ];
  const own = paper("2604.00", "2026-04-14", "2026-04-14");
  expect(recordingOf(few)(own)).toEqual(recordingOf(many)(own));
  const other = paper("2604.10", "2026-04-15", "2026-04-15");
  expect(recordingOf(few)(other)).not.toEqual(recordingOf(many)(other));
});

test("a paper that is only announced is told by what its later list has no part in", () => {
  const announced = paper("2604.00", "2026-04-13", null);
  const listed = paper("2604.00", "2026-04-14", "2026-04-14");
  const parameters = recordingOf({ "2604.00": 900, "2604.01": 2 });
  expect(parameters(announced)).toBe(parameters(listed));
});

test("nor is one that no list took up told by that", () => {
  const first = { "2604.00": 1, "2604.01": 2 };
  const never = paper("2604.90", "2026-04-12", null);
  expect(recordingOf(first, { alone: ["2604.90"] })(never)).toEqual(recordingOf(first)(never));
});

test("told of the days before, a paper knows of no outcome that was not known by then", () => {
  const first = { "2604.00": 1, "2604.01": 2 };
  // A day later no outcome of the second list is known; two weeks later it is.
  const early = paper("2604.20", "2026-04-16", "2026-04-16");
  const late = paper("2604.30", LATER, LATER);
  const [few, many] = [1, 900].map((votes) =>
    recordingOf({ ...first, "2604.12": votes }, { known: "earlier" }),
  );
  expect(few?.(early)).toEqual(many?.(early));
  expect(few?.(late)).not.toEqual(many?.(late));
});

test("a paper of two lists says nothing of what the others of either are told by", () => {
  const first = { "2604.00": 1, "2604.01": 2 };
  const [few, many] = [1, 900].map((votes) => recordingOf(first, { again: { "2604.00": votes } }));
  for (const id of ["2604.00", "2604.01"]) {
    const own = paper(id, "2026-04-14", "2026-04-14");
    expect(few?.(own)).toEqual(many?.(own));
  }
  const other = paper("2604.10", "2026-04-15", "2026-04-15");
  expect(few?.(other)).not.toEqual(many?.(other));
});
