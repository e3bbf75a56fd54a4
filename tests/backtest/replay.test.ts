/** A replay shows the newsroom what could be seen at the hour, and nothing of what came after. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { assembleReplay } from "../../src/assemble.ts";
import { chartSvg } from "../../src/backtest/chart.ts";
import { differencesOf } from "../../src/backtest/difference.ts";
import { readRecording } from "../../src/backtest/recording.ts";
import { replay, type Report } from "../../src/backtest/replay.ts";
import { seeded } from "../../src/backtest/seeded.ts";
import { reportText } from "../../src/backtest/tables.ts";
import { selectionSchema } from "../../src/config/selection-schema.ts";
import { openRanking } from "../../src/editions/ranking.ts";
import { emptyHome } from "../home.ts";
import { DAY, idOf, recorded } from "./recorded.ts";

async function replayed(folder: string, sendHours = [8], changes = {}): Promise<Report> {
  const selection = { ...selectionSchema.parse({ variety: 0, ...changes }), leads: 2 };
  const ranking = openRanking();
  return replay(await readRecording(folder), {
    sendHours,
    ranking,
    selection,
    openRooms: (now) => assembleReplay(sendHours.length, { ranking, selection }, now),
    seeded,
  });
}

const row = ({ rows }: Report, ranking: string, sendHour: number | null = 8) =>
  rows.find((one) => one.ranking === ranking && one.sendHour === sendHour);
const at = (time: string) => `${DAY}T${time}:00Z`;

test("only what was seen by the hour counts", async () => {
  const report = await replayed(
    recorded([
      { paper: 5, at: at("06:00"), position: 1 },
      { paper: 4, at: at("06:00"), position: 2 },
      { paper: 1, at: at("09:00"), position: 1 },
    ]),
    [8, 10],
  );
  expect(row(report, "ours", 8)).toMatchObject({ days: 1, precisionAt5: 0.4 });
  expect(row(report, "ours", 10)).toMatchObject({ days: 1, precisionAt5: 0.6 });
  expect(report.readings[0]?.editions[0]?.papers.map(({ id }) => id)).toEqual([idOf(5), idOf(4)]);
});

test("an announcement tells nothing that is known only from a list of later", async () => {
  const told = { organization: "Somewhere", keywords: ["later"], summary: "Later.", by: "Later" };
  const links = { code: "https://x.org/code", discussion: "https://x.org/talk" };
  const line = (paper: number, facts: object) =>
    JSON.stringify({ title: `Paper ${paper}`, arxivId: idOf(paper), ...facts });
  const folder = recorded([{ paper: 1, at: at("09:00"), position: 1 }], {
    papers: [
      line(1, { announcedOn: "2026-04-13", abstract: "Of the announcement." }),
      line(1, { listedOn: DAY, ...told, links }),
      // What was exported knows of announcement and list in one line.
      line(2, { announcedOn: "2026-04-13", listedOn: DAY, ...told, links }),
    ],
  });
  const { sightings } = await readRecording(folder);
  const announced = sightings.filter(({ observedAt }) => observedAt === "2026-04-13T00:00:00.000Z");
  expect(announced).toHaveLength(2);
  for (const { facts } of announced) {
    expect(facts).toMatchObject({
      organization: null,
      keywords: [],
      summary: null,
      listedOn: null,
    });
    expect(Object.keys(facts.links)).toEqual(["abstract", "pdf"]);
  }
  expect(announced[0]?.facts.abstract).toBe("Of the announcement.");
  const listed = sightings.find(({ observedAt }) => observedAt.startsWith(`${DAY}T09:00`));
  expect(listed?.facts).toMatchObject({ organization: "Somewhere", keywords: ["later"] });
});

test("a paper that was taken back weeks later is one until then", async () => {
  const announcedOn = "2026-04-13";
  const later = { version: 3, withdrawn: true, comment: "Withdrawn by the authors" };
  const line = (paper: number, facts: object) =>
    JSON.stringify({ title: `Paper ${paper}`, arxivId: idOf(paper), ...later, ...facts });
  const folder = recorded([{ paper: 1, at: at("06:00"), position: 1 }], {
    papers: [line(1, { announcedOn }), line(2, { listedOn: DAY }), line(6, { announcedOn })],
  });
  const { sightings } = await readRecording(folder);
  for (const { facts } of sightings) {
    expect(facts).toMatchObject({ version: null, withdrawn: null, comment: null });
  }
  const told = sightings.map(({ facts }) => facts.arxivId);
  expect(told).toEqual(expect.arrayContaining([idOf(1), idOf(2), idOf(6)]));
  const [edition] = (await replayed(folder)).readings[0]?.editions ?? [];
  expect(edition?.papers.map(({ id }) => id)).toContain(idOf(1));
});

test("every ranking has its row, also where nothing was known of votes", async () => {
  const report = await replayed(recorded([{ paper: 2, at: at("06:00"), position: 1 }]));
  for (const ranking of ["ours", "page order", "votes", "hacker news", "reddit", "authors"]) {
    expect(row(report, ranking)).toMatchObject({ days: 1 });
  }
  expect(row(report, "newest")?.days).toBe(1);
  expect(row(report, "random")?.days).toBe(1);
  expect(row(report, "ours", null)).toMatchObject({ precisionAt10: 1 });
  expect(row(report, "page order", null)).toBeUndefined();
});

test("what is listed after the letter leads the next one, and nothing leads twice", async () => {
  const report = await replayed(
    recorded([
      { paper: 1, at: at("06:00"), position: 1 },
      { paper: 2, at: at("06:00"), position: 2 },
      { paper: 3, at: at("12:00"), position: 3 },
      { paper: 4, at: at("12:00"), position: 4 },
    ]),
  );
  const [reading] = report.readings;
  expect(reading?.editions.map(({ papers }) => papers.map(({ id }) => id))).toEqual([
    [idOf(1), idOf(2)],
    [idOf(3), idOf(4)],
  ]);
  expect(reading).toMatchObject({ repeats: 0, withinTwoEditions: 0.8, visible: 0.4 });
});

test("lines that can't be read are counted and left out, and young outcomes are none", async () => {
  const folder = recorded([{ paper: 1, at: at("06:00"), position: 1 }], {
    observations: ["{", '{"id":"../../etc","listDate":"2026-04-14","observedAt":"x"}'],
    outcomes: [
      JSON.stringify({
        id: idOf(9),
        listDate: DAY,
        upvotes: 900,
        observedAt: "2026-04-20T00:00:00Z",
      }),
      JSON.stringify({ id: idOf(9), listDate: DAY, upvotes: -1, observedAt: "2026-06-20" }),
    ],
  });
  const recording = await readRecording(folder);
  expect(recording.refused).toEqual({
    "no line of observations.jsonl": 2,
    "outcome less than 14 days old": 1,
    "no line of outcomes.jsonl": 1,
  });
  expect([...(recording.lists.get(DAY)?.keys() ?? [])]).toHaveLength(5);
});

test("a folder without a recording says what it lacks", async () => {
  await expect(readRecording(emptyHome())).rejects.toThrow(/observations\.jsonl can't be read/);
  const folder = recorded([]);
  writeFileSync(join(folder, "outcomes.jsonl"), "");
  await expect(readRecording(folder)).rejects.toThrow("holds no day whose outcome was read");
});

test("a recording of a day with two papers, and one with none seen, are replayed", async () => {
  const report = await replayed(recorded([]), [8]);
  // What nobody could see yet is missed: a day less would be a better mean.
  expect(row(report, "ours")).toMatchObject({ days: 1, ndcgAt10: 0, precisionAt10: 0 });
  expect(report.readings[0]).toMatchObject({ visible: 0, repeats: 0 });
  expect(reportText(report)).toContain("08:00 UTC");
});

test("the chart names every ranking once and holds no script", async () => {
  const report = await replayed(recorded([{ paper: 1, at: at("06:00"), position: 1 }]), [8, 10]);
  const svg = chartSvg(report);
  expect(svg.match(/>page order</g)).toHaveLength(1);
  expect(svg).not.toMatch(/<script|NaN|undefined|href/);
});

test("two replays differ by the papers that came and went", () => {
  const edition = (period: string, ...ids: string[]) => ({
    period: period as never,
    papers: ids.map((id) => ({ id, label: null })),
  });
  expect(
    differencesOf(
      8,
      [edition("a", "1", "2"), edition("b", "3")],
      [edition("a", "1", "4"), edition("b", "3")],
    ),
  ).toEqual([{ sendHour: 8, period: "a", added: ["4"], dropped: ["2"] }]);
});

test("chance is the same for the same seed, and spread over 0 to 1", () => {
  const numbers = Array.from({ length: 1000 }, seeded(1));
  expect(numbers).toEqual(Array.from({ length: 1000 }, seeded(1)));
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  expect(numbers.reduce((sum, one) => sum + one, 0) / 1000).toBeCloseTo(0.5, 1);
});
