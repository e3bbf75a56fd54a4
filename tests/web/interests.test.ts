/** What readers follow and mute, from the pages to the list. */
import { expect, test } from "vitest";
import { NO_INTERESTS } from "../../src/papers/interests.ts";
import { addressOf } from "../home.ts";
import { openDoor, type DoorWorld } from "./door.ts";

const CONSENT = { how: "added", detail: "test", at: "2026-04-01T00:00:00.000Z" } as const;

/** Returns the page of a reader's preferences. */
async function openReader() {
  const world = await openDoor();
  const address = addressOf("ada@example.org");
  await world.app.subscribers.admit([
    { address, cadence: "daily", textOnly: false, consent: CONSENT },
  ]);
  const find = async () => {
    const reader = await world.app.subscribers.find(address);
    if (!reader) throw new Error("not admitted");
    return reader;
  };
  const path = `/preferences/${world.app.links.token("preferences", await find())}`;
  const save = (fields: Record<string, string>) => world.post(path, { format: "html", ...fields });
  return { world, path, save, find };
}

test("what is followed and muted is kept, shown again, and part of a reader's own data", async () => {
  const { world, path, save, find } = await openReader();
  const answer = await save({
    topics: "",
    "topic-robotics": "on",
    keywords: "world models, <b>diffusion</b>",
    authors: "Yann LeCun",
    organizations: "Google DeepMind",
    muted: "survey",
  });
  expect(answer.status).toBe(200);
  const kept = {
    topics: ["robotics"],
    keywords: ["world models", "<b>diffusion</b>"],
    authors: ["Yann LeCun"],
    organizations: ["Google DeepMind"],
    muted: ["survey"],
  };
  expect((await find()).interests).toEqual(kept);
  const page = await (await world.get(path)).text();
  expect(page).toMatch(/name="topic-robotics"\s+checked/);
  expect(page).toContain("&lt;b&gt;diffusion&lt;/b&gt;");
  const data = (await (await world.get(`${path}/data`)).json()) as object;
  expect(data).toMatchObject({ subscriber: { interests: kept } });
});

test("a form without these fields leaves them, and an empty one clears them", async () => {
  const { save, find } = await openReader();
  await save({ topics: "", "topic-robotics": "on", keywords: "agents" });
  await save({ papers: "5" });
  expect((await find()).interests).toMatchObject({ topics: ["robotics"], keywords: ["agents"] });
  await save({ topics: "", keywords: "" });
  expect((await find()).interests).toEqual(NO_INTERESTS);
});

test("ten thousand keywords change nothing and are answered in words; so is an unknown topic", async () => {
  const { save, find } = await openReader();
  const many = Array.from({ length: 10_000 }, (_, at) => `keyword number ${at}`).join("\n");
  const answer = await save({ keywords: many });
  expect(answer.status).toBe(422);
  expect(await answer.text()).toContain("Keywords can be 200 at most; these are 10,000.");
  expect((await save({ topics: "astrology" })).status).toBe(422);
  expect((await find()).interests).toEqual(NO_INTERESTS);
});

test("a page says where something is followed and muted at once, and that muting wins", async () => {
  const { save } = await openReader();
  const page = await (await save({ keywords: "diffusion", muted: "Diffusion" })).text();
  expect(page).toMatch(/Followed and muted at once: “diffusion”\.\s+Muted words win/);
});

async function joined(world: DoorWorld, fields: Record<string, string>) {
  await world.subscribe("new@example.org", fields);
  await world.attend();
  await world.post(world.linkIn("new@example.org", "confirm"));
  return world.app.subscribers.find(addressOf("new@example.org"));
}

test("whoever signs up twice before the answer gets what was chosen last, and sees all of it", async () => {
  const world = await openDoor();
  const email = "new@example.org";
  await world.subscribe(email, { language: "ar", muted: "diffusion" }, "203.0.113.7");
  await world.attend();
  world.later(3_600_000);
  const muted = { muted: "survey, <b>review</b>", topics: "", "topic-robotics": "on" };
  const clock = { hour: "7", weekday: "5", timeZone: "Europe/Berlin" };
  await world.subscribe(email, { cadence: "weekly", language: "de", ...clock, ...muted });
  expect(await world.attend()).toEqual([]);
  const confirm = world.linkIn(email, "confirm");
  const page = await (await world.get(confirm)).text();
  for (const told of [
    "The weekly letter",
    "Deutsch",
    "from 07:00",
    "Friday",
    "Berlin",
    "Robotics",
    "survey, &lt;b&gt;review&lt;/b&gt;",
    "Asked 15 Apr 2026, 09:00 UTC, on ",
    ", from the network 192.0.2.0/24.",
  ])
    expect(page).toContain(told);
  expect(page).not.toContain("diffusion");
  await world.post(confirm);
  expect(await world.app.subscribers.find(addressOf(email))).toMatchObject({
    cadence: "weekly",
    language: "de",
    interests: { muted: ["survey", "<b>review</b>"] },
    consent: { at: "2026-04-15T09:00:00.000Z" },
  });
  // Answered, it is the reader's own: asking once more changes nothing.
  await world.subscribe(email, { cadence: "daily" });
  expect(await world.app.subscribers.find(addressOf(email))).toMatchObject({ cadence: "weekly" });
});

test("topics chosen at sign-up are those of the reader, and nothing of the request stays", async () => {
  const world = await openDoor();
  const fields = { topics: "", "topic-agents": "on", "topic-code": "on" };
  const reader = await joined(world, fields);
  expect(reader?.interests.topics.toSorted()).toEqual(["agents", "code"]);
  const request = await world.app.readers.request(
    1 as Parameters<typeof world.app.readers.request>[0],
  );
  expect(request?.interests).toEqual(NO_INTERESTS);
});
