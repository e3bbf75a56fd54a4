/** Daily Papers as the service lists them now, told by a server that answers as it does. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mentionsOf } from "../../../src/papers/mentions.ts";
import { isRefusal } from "../../../src/papers/source.ts";
import { huggingFace } from "../../../src/papers/sources/hugging-face-api.ts";
import { SHARED } from "../../home.ts";
import { reply, startWebServer, type Answering } from "../../io/web-server.ts";
import { openSource, passesTheKit, tellAll } from "../source-kit.ts";

const NOW = new Date("2026-06-15T10:00:00Z");
const RECORDED = join(SHARED, "fixtures/hf-daily-papers/daily_papers-date-2026-06-12.json");

const item = (number: number, day = "2026-06-15") => ({
  paper: {
    id: `2606.${String(number).padStart(5, "0")}`,
    title: `Paper ${number}`,
    upvotes: number,
    submittedOnDailyAt: `${day}T01:00:00.000Z`,
  },
  numComments: 0,
});
const items = (from: number, count: number, day?: string) =>
  JSON.stringify(Array.from({ length: count }, (_, index) => item(from + index, day)));

/** Returns the source over a server that answers with `answer`. */
async function opened(answer: Answering, settings: object = {}, now = NOW) {
  const server = await startWebServer(answer);
  const source = await openSource(
    huggingFace,
    { url: server.url, days: 1, ...settings },
    { now: () => now },
  );
  return { server, source };
}

test("it keeps to what every source must keep to", async () => {
  const { source } = await opened((_request, response) => reply(response, items(1, 3)));
  const down = await openSource(huggingFace, { url: "http://127.0.0.1:1" }, { now: () => NOW });
  expect(await passesTheKit(source, down)).toBe(true);
});

test("a day is asked for a hundred at a time, to its end", async () => {
  const { server, source } = await opened(({ path }, response) =>
    reply(response, path.endsWith("p=0") ? items(1, 100) : items(101, 7)),
  );
  const { sightings } = await tellAll(source);
  expect(sightings).toHaveLength(107);
  expect(server.seen.map(({ path }) => path)).toEqual([
    "/api/daily_papers?date=2026-06-15&limit=100&p=0",
    "/api/daily_papers?date=2026-06-15&limit=100&p=1",
  ]);
});

test("today and the days before are read, each reading with the time at which it was taken", async () => {
  const { server, source } = await opened(
    ({ path }, response) => reply(response, path.includes("06-14") ? "[]" : items(1, 1)),
    { days: 2 },
  );
  const { sightings } = await tellAll(source);
  expect(server.seen.map(({ path }) => path.split(/[?&]/)[1])).toEqual([
    "date=2026-06-15",
    "date=2026-06-14",
  ]);
  expect(sightings[0]).toMatchObject({ observedAt: NOW.toISOString(), readings: { votes: 1 } });
});

test("the list of the day before is not taken for that of today", async () => {
  const undated = JSON.stringify([{ paper: { id: "2606.00001", title: "A Title", upvotes: 5 } }]);
  const tuesday = new Date("2026-06-16T10:00:00Z");
  const { source } = await opened(
    (_request, response) => reply(response, undated),
    { days: 2 },
    tuesday,
  );
  const { sightings, remarks } = await tellAll(source);
  expect(sightings.map(({ facts }) => facts.listedOn)).toEqual(["2026-06-15"]);
  expect(remarks).toEqual(["Hugging Face shows the list of 2026-06-15 again for 2026-06-16."]);
});

test("what is shown on a weekend is not taken for a list of the weekend", async () => {
  const undated = JSON.stringify([{ paper: { id: "2606.00001", title: "A Title", upvotes: 5 } }]);
  const { source } = await opened((_request, response) => reply(response, undated));
  const daysOf = async (day: string) =>
    (await tellAll(source, { since: day, until: day })).sightings.map(
      ({ facts }) => facts.listedOn,
    );
  expect(await daysOf("2026-06-12")).toEqual(["2026-06-12"]);
  expect(await daysOf("2026-06-13")).toEqual([null]);
});

test("trouble with a day costs no other day its list, today's least", async () => {
  const { server, source } = await opened(
    ({ path }, response) => {
      if (path.includes("06-15")) reply(response, items(1, 1));
      else if (path.includes("06-14")) reply(response, "", {}, 404);
      else reply(response, items(2, 1, "2026-06-13"));
    },
    { days: 3 },
  );
  const told: string[] = [];
  const all = async () => {
    const asked = { say: () => {}, span: null, now: () => NOW };
    for await (const mention of mentionsOf(source, asked)) {
      if (!isRefusal(mention)) told.push(`${mention.facts.arxivId} ${server.seen.length}`);
    }
  };
  await expect(all()).rejects.toMatchObject({ code: "HTTP_REFUSED" });
  expect(told).toEqual(["2606.00001 1", "2606.00002 3"]);
});

test("days gone by are asked for by month, week and day", async () => {
  const { server, source } = await opened((_request, response) => reply(response, "[]"));
  const parts = source.cut?.({ since: "2026-03-31", until: "2026-05-05" }) ?? [];
  for (const part of parts) await tellAll(source, part);
  expect(server.seen.map(({ path }) => /\?(\w+=[\w-]+)/.exec(path)?.[1])).toEqual([
    "date=2026-03-31",
    "month=2026-04",
    "date=2026-05-01",
    "date=2026-05-02",
    "date=2026-05-03",
    "date=2026-05-04",
    "date=2026-05-05",
  ]);
  expect(source.cut?.({ since: "2026-05-04", until: "2026-05-11" })).toEqual([
    { since: "2026-05-04", until: "2026-05-10" },
    { since: "2026-05-11", until: "2026-05-11" },
  ]);
  expect(source.whyEmpty?.("2026-06-14")).toBe("Hugging Face lists nothing on weekends.");
});

test("an answer in another shape, or none of JSON, is refused as a whole", async () => {
  for (const body of ['{"error": "later"}', "<html>later</html>", `${items(1, 3).slice(0, -4)}`]) {
    const { source } = await opened((_request, response) => reply(response, body));
    await expect(tellAll(source)).rejects.toMatchObject({
      code: expect.stringMatching(/SOURCE_SHAPE|FILE_MALFORMED/),
    });
  }
});

test.skipIf(!existsSync(RECORDED))("a recorded day is told whole (needs ../shared)", async () => {
  const recorded = readFileSync(RECORDED);
  const { source } = await opened(({ path }, response) =>
    reply(response, path.includes("p=0") ? recorded : "[]"),
  );
  const { sightings, refusals } = await tellAll(source, {
    since: "2026-06-12",
    until: "2026-06-12",
  });
  expect([sightings.length, refusals.length]).toEqual([30, 0]);
  expect(new Set(sightings.map(({ facts }) => facts.listedOn))).toEqual(new Set(["2026-06-12"]));
});
