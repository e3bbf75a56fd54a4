/** Who may enter an edition: what is of its days, what rose after its own, and what has news. */
import { expect, test } from "vitest";
import type { Source } from "../../src/papers/source.ts";
import { leadEntries, type Draft } from "../../src/editions/edition.ts";
import { newsOf } from "../../src/editions/news.ts";
import { NO_FACTS, type PaperFacts, type Signals } from "../../src/papers/paper.ts";
import { readConfig } from "../../src/config.ts";
import { emptyHome, openApp } from "../home.ts";

const MONDAY = "2026-04-13";
const TUESDAY = "2026-04-14";
const THURSDAY = "2026-04-16";

interface Told {
  readonly id: string;
  readonly day?: string;
  readonly facts?: Partial<PaperFacts>;
  readonly readings?: Signals;
}

/** Returns the program with a clock, and what takes in papers at a time. */
async function openDesk(selection: Record<string, unknown> = {}, leads = 2) {
  let clock = new Date(`${MONDAY}T07:00:00Z`);
  const home = emptyHome();
  const config = readConfig(home, { PAPERROUND_CONFIG: "" });
  const app = await openApp(
    {
      edition: { ...config.edition, entries: leads },
      selection: { ...config.selection, variety: 0, ...selection },
    },
    { home, now: () => clock },
  );
  return {
    app,
    async gather(at: string, papers: readonly Told[]) {
      clock = new Date(at);
      const source: Source = {
        name: "page",
        async *mentions() {
          for (const { id, day = MONDAY, facts, readings = {} } of papers) {
            const title = `Paper ${id}`;
            yield {
              source: "page",
              observedAt: clock.toISOString(),
              facts: { ...NO_FACTS, arxivId: `2604.${id}`, title, listedOn: day, ...facts },
              readings,
            };
          }
        },
      };
      await app.newsletter.gather([source], () => {});
    },
    publish(at: string) {
      clock = new Date(at);
      return app.newsletter.publish("daily", at.slice(0, 10));
    },
  };
}

const led = (draft: Draft) => leadEntries(draft).map(({ paper }) => paper.id.slice(5));
const votes = (id: string, count: number, day = MONDAY): Told => ({
  id,
  day,
  readings: { votes: count },
});
const FILLERS = [votes("00001", 90), votes("00002", 80)];

test("a paper that rises after its day enters the next edition, labelled with the rise", async () => {
  const { gather, publish } = await openDesk();
  await gather(`${MONDAY}T07:00:00Z`, [...FILLERS, votes("00003", 12)]);
  expect(led(await publish(`${MONDAY}T08:00:00Z`))).toEqual(["00001", "00002"]);
  await gather(`${TUESDAY}T07:00:00Z`, [votes("00009", 20, TUESDAY)]);
  await publish(`${TUESDAY}T08:00:00Z`);
  await gather(`${THURSDAY}T07:00:00Z`, [votes("00003", 96), votes("00008", 5, THURSDAY)]);
  const edition = await publish(`${THURSDAY}T08:00:00Z`);
  expect(led(edition)).toEqual(["00003", "00008"]);
  expect(edition.entries[0]?.label).toEqual({ kind: "late", text: "Up 84 votes since Monday" });
  expect(edition.entries[0]?.reason).toContain("96 votes, listed 3 days earlier");
});

test("a place that got better is a rise too, and one that got worse is none", async () => {
  const { gather, publish } = await openDesk();
  const place = (id: string, position: number): Told => ({
    id,
    readings: { position, listSize: 40 },
  });
  await gather(`${MONDAY}T07:00:00Z`, [
    place("00001", 1),
    place("00002", 2),
    place("00003", 20),
    place("00004", 10),
  ]);
  await publish(`${MONDAY}T08:00:00Z`);
  await gather(`${TUESDAY}T07:00:00Z`, [place("00003", 3), place("00004", 30)]);
  const edition = await publish(`${TUESDAY}T08:00:00Z`);
  expect(led(edition)).toEqual(["00003"]);
  expect(edition.entries[0]?.label?.text).toBe("Up from place 20 to 3 since Monday");
});

test("a paper that rises comes back from behind the last entry too", async () => {
  const { gather, publish } = await openDesk();
  const crowd = Array.from({ length: 60 }, (_, index) => votes(String(10_100 + index), 30));
  await gather(`${MONDAY}T07:00:00Z`, [...FILLERS, ...crowd, votes("00003", 1)]);
  const monday = await publish(`${MONDAY}T08:00:00Z`);
  expect(monday.entries.map(({ paper }) => paper.id)).not.toContain("2604.00003");
  await gather(`${TUESDAY}T07:00:00Z`, [votes("00003", 96)]);
  const edition = await publish(`${TUESDAY}T08:00:00Z`);
  expect(led(edition)).toEqual(["00003"]);
  expect(edition.entries[0]?.label?.text).toBe("Up 95 votes since Monday");
});

test("a paper that was announced comes back once a list takes it up", async () => {
  const { gather, publish } = await openDesk();
  const announced = { listedOn: null, announcedOn: MONDAY };
  const crowd = Array.from({ length: 60 }, (_, index) => votes(String(10_100 + index), 30));
  await gather(`${MONDAY}T07:00:00Z`, [...FILLERS, ...crowd, { id: "00003", facts: announced }]);
  await publish(`${MONDAY}T08:00:00Z`);
  await gather(`${TUESDAY}T07:00:00Z`, [votes("00003", 1)]);
  const edition = await publish(`${TUESDAY}T08:00:00Z`);
  expect(led(edition)).toEqual(["00003"]);
});

test("without late days only the window's own papers enter", async () => {
  const { gather, publish } = await openDesk({ lateDays: 0 });
  await gather(`${MONDAY}T07:00:00Z`, [...FILLERS, votes("00003", 12)]);
  await publish(`${MONDAY}T08:00:00Z`);
  await gather(`${TUESDAY}T07:00:00Z`, [votes("00003", 500), votes("00009", 2, TUESDAY)]);
  expect(led(await publish(`${TUESDAY}T08:00:00Z`))).toEqual(["00009"]);
});

test("a work that has led does not lead again, nor under another id", async () => {
  const { gather, publish } = await openDesk();
  const authors = ["Ada Lovelace"];
  await gather(`${MONDAY}T07:00:00Z`, [
    { ...votes("00001", 90), facts: { title: "On Engines", authors } },
  ]);
  await publish(`${MONDAY}T08:00:00Z`);
  await gather(`${TUESDAY}T07:00:00Z`, [
    { ...votes("00001", 900), facts: { title: "On Engines", authors } },
    { ...votes("00005", 300, TUESDAY), facts: { title: "On engines", authors } },
    { ...votes("00006", 200, TUESDAY), facts: { title: "On Engines", authors: ["X Y"] } },
    votes("00007", 3, TUESDAY),
  ]);
  expect(led(await publish(`${TUESDAY}T08:00:00Z`))).toEqual(["00006", "00007"]);
});

test("a paper that led comes back once its code is released, labelled, and only once", async () => {
  const { gather, publish } = await openDesk();
  const released = { links: { code: "https://github.com/lab/engine" } };
  await gather(`${MONDAY}T07:00:00Z`, FILLERS);
  await publish(`${MONDAY}T08:00:00Z`);
  await gather(`${TUESDAY}T07:00:00Z`, [
    { ...votes("00001", 200), facts: released },
    { ...votes("00002", 100), facts: released },
  ]);
  const edition = await publish(`${TUESDAY}T08:00:00Z`);
  expect(led(edition)).toEqual(["00001"]);
  expect(edition.entries[0]?.label).toEqual({ kind: "update", text: "Update: code released" });
  await gather(`${THURSDAY}T07:00:00Z`, [votes("00009", 1, THURSDAY)]);
  // The other one has its turn, the first is not there a third time.
  expect(led(await publish(`${THURSDAY}T08:00:00Z`))).toEqual(["00002", "00009"]);
});

test("the place of news goes to what leads by its score, not to what led long ago", async () => {
  const { gather, publish } = await openDesk();
  const MARCH = "2026-03-16";
  const facts = { links: { code: "https://github.com/lab/engine" } };
  await gather(`${MARCH}T07:00:00Z`, [votes("00001", 100, MARCH)]);
  await publish(`${MARCH}T08:00:00Z`);
  await gather(`${MONDAY}T07:00:00Z`, [votes("00002", 80)]);
  await publish(`${MONDAY}T08:00:00Z`);
  await gather(`${TUESDAY}T07:00:00Z`, [
    { ...votes("00001", 101, MARCH), facts },
    { ...votes("00002", 81), facts },
  ]);
  expect(led(await publish(`${TUESDAY}T08:00:00Z`))).toEqual(["00002"]);
});

test("what was withdrawn does not come back, neither as news nor for its rise", async () => {
  const { app, gather, publish } = await openDesk();
  await gather(`${MONDAY}T07:00:00Z`, [
    { ...votes("00001", 90), facts: { version: 1 } },
    { ...votes("00002", 80), facts: { version: 1 } },
    votes("00003", 12),
  ]);
  await publish(`${MONDAY}T08:00:00Z`);
  const withdrawn = { withdrawn: true, version: 2 };
  await gather(`${TUESDAY}T07:00:00Z`, [
    { ...votes("00001", 200), facts: withdrawn },
    { ...votes("00002", 100), facts: { version: 2 } },
    { ...votes("00003", 300), facts: withdrawn },
    votes("00009", 1, TUESDAY),
  ]);
  // Nor does it take the place of what has something to tell.
  expect(led(await publish(`${TUESDAY}T08:00:00Z`))).toEqual(["00002", "00009"]);
  const wide = await app.newsletter.edition("daily", THURSDAY, { widened: true });
  expect(wide.entries.map(({ paper }) => paper.id)).not.toContain("2604.00003");
});

test("with updates switched off nothing comes back", async () => {
  const { gather, publish } = await openDesk({ updates: 0 });
  await gather(`${MONDAY}T07:00:00Z`, FILLERS);
  await publish(`${MONDAY}T08:00:00Z`);
  const facts = { links: { code: "https://github.com/lab/engine" } };
  await gather(`${TUESDAY}T07:00:00Z`, [
    { ...votes("00001", 900), facts },
    votes("00009", 1, TUESDAY),
  ]);
  expect(led(await publish(`${TUESDAY}T08:00:00Z`))).toEqual(["00009"]);
});

test("news is code, a publication or a version, and silence is none", () => {
  const links = {};
  expect(newsOf({ links }, { links })).toBeNull();
  expect(newsOf({ links }, { links: { code: "https://x.org" } })).toBe("Update: code released");
  expect(newsOf({ links }, { links, comment: "Accepted at ACL 2026" })).toBe("Update: published");
  expect(newsOf({ links, comment: "Accepted" }, { links, doi: "10.1/2" })).toBeNull();
  expect(newsOf({ links, version: 1 }, { links, version: 3 })).toBe("Update: version 3");
  expect(newsOf({ links }, { links, version: 2 })).toBeNull();
  expect(
    newsOf({ links: { code: "https://x.org" }, version: 2 }, { links, version: 2 }),
  ).toBeNull();
});

test("a weekly edition holds the best of its days, with what rose since each", async () => {
  const { app, gather } = await openDesk();
  await gather(`${MONDAY}T07:00:00Z`, [votes("00001", 10), votes("00002", 40)]);
  await gather(`${THURSDAY}T07:00:00Z`, [votes("00001", 210), votes("00003", 20, THURSDAY)]);
  const week = await app.newsletter.edition("weekly", THURSDAY);
  expect(week.entries[0]).toMatchObject({
    paper: { id: "2604.00001" },
    label: { text: "Up 200 votes since Monday" },
  });
  expect(week.entries.find(({ paper }) => paper.id === "2604.00003")?.label).toBeNull();
});

test("who was away is told of the best of those days, what led in letters too", async () => {
  const { app, gather, publish } = await openDesk();
  await gather(`${MONDAY}T07:00:00Z`, FILLERS);
  await publish(`${MONDAY}T08:00:00Z`);
  await gather(`${TUESDAY}T07:00:00Z`, [votes("00009", 85, TUESDAY)]);
  const draft = await app.newsletter.bestSince("2026-04-12", TUESDAY);
  expect(draft.entries.map(({ paper }) => paper.id.slice(5))).toHaveLength(3);
  expect(led(draft)).toContain("00001");
});

test("below the bar an edition is quiet and says why", async () => {
  const { app, gather } = await openDesk({ bar: 40, fewest: 2 });
  await gather(`${MONDAY}T07:00:00Z`, [votes("00001", 90), votes("00002", 1)]);
  const draft = await app.newsletter.edition("daily", MONDAY);
  expect(app.newsletter.isQuiet(draft)).toBe(true);
  expect(await app.newsletter.whyEmpty(draft)).toBe(
    "Too little for Monday, 13 April 2026: 1 paper of 2 candidates reached the bar of 40 expected votes; an edition takes 2.",
  );
  await expect(app.newsletter.publish("daily", MONDAY)).rejects.toThrow("Too little for Monday");
});

test("a widened window takes what was passed over in the week before", async () => {
  const { app, gather, publish } = await openDesk();
  await gather(`${MONDAY}T07:00:00Z`, [...FILLERS, votes("00003", 70)]);
  await publish(`${MONDAY}T08:00:00Z`);
  await gather(`${TUESDAY}T07:00:00Z`, []);
  expect((await app.newsletter.edition("daily", TUESDAY)).entries).toEqual([]);
  const wide = await app.newsletter.edition("daily", TUESDAY, { widened: true });
  expect(led(wide)).toEqual(["00003"]);
});

test("a widened window is of seven days, whatever becomes of papers that rise", async () => {
  const { app, gather, publish } = await openDesk({ lateDays: 0 });
  await gather(`${MONDAY}T07:00:00Z`, [...FILLERS, votes("00003", 70)]);
  await publish(`${MONDAY}T08:00:00Z`);
  await gather(`${TUESDAY}T07:00:00Z`, [votes("00004", 9, TUESDAY)]);
  const wide = await app.newsletter.edition("daily", TUESDAY, { widened: true });
  expect(led(wide)).toEqual(["00003", "00004"]);
  expect(wide.widened).toBe(true);
  expect((await app.newsletter.edition("daily", TUESDAY)).widened).toBeUndefined();
});

test("a week is widened by the seven days before it, without what led", async () => {
  const { app, gather } = await openDesk();
  const [SUNDAY, BEFORE, LONG_BEFORE] = ["2026-04-12", "2026-04-06", "2026-04-05"];
  await gather(`${SUNDAY}T07:00:00Z`, [
    ...FILLERS.map((one) => ({ ...one, facts: { ...one.facts, listedOn: BEFORE } })),
    votes("00004", 80, LONG_BEFORE),
  ]);
  const before = await app.newsletter.publish("weekly", SUNDAY);
  await gather(`${MONDAY}T07:00:00Z`, [votes("00003", 70, BEFORE), votes("00005", 60)]);
  const wide = await app.newsletter.edition("weekly", MONDAY, { widened: true });
  expect(led(before)).toEqual(["00001", "00002"]);
  expect(led(wide)).toEqual(["00003", "00005"]);
});

test("readings out of order, going down or missing never stop an edition", async () => {
  const { app, gather } = await openDesk();
  await gather(`${TUESDAY}T07:00:00Z`, [votes("00001", 90)]);
  await gather(`${MONDAY}T07:00:00Z`, [votes("00001", 100), { id: "00002" }]);
  const { entries } = await app.newsletter.edition("daily", MONDAY);
  expect(entries.map(({ paper, signals }) => [paper.id.slice(5), signals.votes])).toEqual([
    ["00001", 90],
    ["00002", undefined],
  ]);
  expect(entries.every(({ label }) => label === null)).toBe(true);
});
