/** What is kept of a reader's opinions when two things happen to them at once. */
import { expect, onTestFinished, test } from "vitest";
import { join } from "node:path";
import { openDatabase } from "../src/io/database.ts";
import type { Paper } from "../src/papers/paper.ts";
import { countAll } from "../src/papers/terms.ts";
import { openOpinions } from "../src/subscribers/opinions.ts";
import { openSubscriberList } from "../src/subscribers/subscriber-list.ts";
import {
  subscriberMigrations,
  type SubscriberTables,
} from "../src/subscribers/subscriber-tables.ts";
import { openTastes } from "../src/tastes.ts";
import { aCandidate } from "./editions/candidate.ts";
import { addressOf, emptyHome } from "./home.ts";

const NOW = "2026-04-15T08:00:00.000Z";
const papers = Array.from({ length: 5 }, (_, at) => aCandidate({ key: at + 1 }).paper);

/** Returns a reader's tastes. `meanwhile` happens once, while the background is counted. */
async function openWorld() {
  const database = await openDatabase<SubscriberTables>({
    file: join(emptyHome(), "subscribers.sqlite"),
    migrations: subscriberMigrations,
  });
  onTestFinished(() => database.close());
  const subscribers = openSubscriberList(database.db, database.scrub, async () => {});
  const consent = { how: "added", detail: "test", at: NOW } as const;
  const address = addressOf("ada@example.org");
  await subscribers.admit([{ address, cadence: "daily", textOnly: false, consent }]);
  let meanwhile: () => Promise<unknown> = async () => {};
  const tastes = openTastes({
    opinions: openOpinions(database.db),
    catalogue: {
      papers: async (keys) => keys.map((key) => aCandidate({ key })),
      paper: async () => {
        await once();
        return null;
      },
    },
    background: async () => {
      await once();
      return countAll(papers);
    },
    now: () => new Date(NOW),
  });
  async function once() {
    const act = meanwhile;
    meanwhile = async () => {};
    await act();
  }
  const reader = await subscribers.find(address);
  if (!reader) throw new Error("nobody");
  const [paper = papers[0] as Paper] = papers;
  return {
    tastes,
    reader,
    paper,
    profile: async () => (await subscribers.find(address))?.profile ?? null,
    erase: () => subscribers.erase(address, NOW),
    while: (act: () => Promise<unknown>) => (meanwhile = act),
  };
}

test("a reset while an opinion is learned from leaves nothing learned", async () => {
  const world = await openWorld();
  world.while(() => world.tastes.reset(world.reader));
  await world.tastes.judge(world.reader, [world.paper], "more");
  expect(await world.tastes.opinionsOf(world.reader)).toEqual([]);
  expect(await world.profile()).toBeNull();
  await world.tastes.judge(world.reader, [world.paper], "more");
  expect(await world.profile()).not.toBeNull();
});

test("a library that is read while its reader is erased leaves nothing", async () => {
  const world = await openWorld();
  world.while(world.erase);
  const library = { title: "Heat pumps", abstract: null, arxivId: "2604.00009" };
  await world.tastes.begin(world.reader, { papers: [library], faults: [], more: false });
  expect(await world.tastes.opinionsOf(world.reader)).toEqual([]);
});

test("a saved paper that is liked as well stays saved", async () => {
  const { tastes, reader, paper } = await openWorld();
  const verdicts = async () => (await tastes.opinionsOf(reader)).map(({ verdict }) => verdict);
  await tastes.judge(reader, [paper], "save");
  await tastes.judge(reader, [paper], "more");
  expect(await verdicts()).toEqual(["save"]);
  await tastes.judge(reader, [paper], "less");
  expect(await verdicts()).toEqual(["less"]);
});
