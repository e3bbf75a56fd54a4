/** What is asked for at the door, between those who answer it and those who confirm it. */
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../src/io/database.ts";
import { NO_INTERESTS } from "../../src/papers/interests.ts";
import { marksOf } from "../../src/subscribers/request-log.ts";
import { closeRequest, openRequests } from "../../src/subscribers/requests.ts";
import type { SubscriberKey } from "../../src/subscribers/subscriber.ts";
import { subscriberMigrations, type SubscriberTables } from "../../src/subscribers/subscriber-tables.ts";
import { addressOf } from "../home.ts";

const ADA = addressOf("ada@example.org");
const NOW = new Date("2026-04-15T08:00:00Z");
const LATER = new Date("2026-04-15T08:05:00Z");
const ASKING = {
  wish: "join",
  address: ADA,
  mover: null,
  cadence: "daily",
  textOnly: false,
  language: null,
  hour: null,
  weekday: null,
  timeZone: null,
  interests: NO_INTERESTS,
  how: "form",
  askedFrom: "example.org",
  askedNetwork: null,
  wording: "yes",
} as const;

async function begun() {
  const { db, close } = await openDatabase<SubscriberTables>({
    file: ":memory:",
    migrations: subscriberMigrations,
  });
  onTestFinished(close);
  const limits = { networkHour: 20, neighbourhoodHour: 100, domainHour: 200, day: 1000 };
  const requests = openRequests(db, { limits, expiresDays: 7, remindHours: 48 });
  await requests.ask(ASKING, marksOf(ADA, "confirmation", null, (text) => [text]), NOW);
  const request = await requests.begin(NOW);
  if (!request) throw new Error("Nothing is owed.");
  return { db, requests, request };
}

test.each(["settle", "postpone", "drop"] as const)(
  "a late %s of a question leaves the welcome that a confirmation has put since",
  async (verb) => {
    const { db, requests, request } = await begun();
    const subscriber = 1 as SubscriberKey;
    const now = LATER.toISOString();
    await closeRequest(db, request.key, { subscriber, notice: "welcome", now });
    await requests[verb](request, new Date("2026-05-01T00:00:00Z"));
    expect(await requests.begin(LATER)).toMatchObject({ key: request.key, notice: "welcome" });
  },
);

test("a question that is asked for anew while the first is sent is sent as well", async () => {
  const { db, requests, request } = await begun();
  await db.deleteFrom("request_log").execute();
  await requests.ask(ASKING, marksOf(ADA, "confirmation", null, (text) => [text]), LATER);
  await requests.settle(request);
  expect(await requests.begin(LATER)).toMatchObject({ key: request.key, notice: "first" });
});

test("what was begun is settled, put off or forgotten", async () => {
  const { requests, request } = await begun();
  await requests.postpone(request, LATER);
  expect(await requests.begin(NOW)).toBeNull();
  const again = await requests.begin(LATER);
  if (!again) throw new Error("Nothing is owed.");
  await requests.settle(again);
  expect(await requests.begin(LATER)).toBeNull();
  expect(await requests.get(again.key)).toMatchObject({ notice: null, begunAt: null });
});
