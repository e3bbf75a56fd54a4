/** The schedule at work, minute by minute, with a clock of the test's own. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addressOf, emptyHome, openApp } from "./home.ts";
import type { Config } from "../src/config.ts";
import type { Preferences } from "../src/subscribers/subscriber.ts";
import { readConfig } from "../src/config.ts";
import { isPublished } from "../src/editions/edition.ts";
import { reply, startWebServer } from "./io/web-server.ts";
import { startFaultServer } from "./mail/fault-server.ts";

const CONSENT = { how: "added", detail: "test", at: "2026-04-01T00:00:00.000Z" } as const;
const ignore = () => {};

/** Returns a program with one reader, a mail server, and a folder that it gathers from. */
async function openScheduled(url?: URL, changes: Partial<Config> = {}) {
  const home = emptyHome();
  const folder = join(home, "incoming");
  mkdirSync(folder);
  const clock = { now: new Date("2026-04-15T06:59:00Z") };
  const server = await startFaultServer();
  const app = await openApp(
    { smtpUrl: url ?? server.url, sources: [{ name: "incoming", path: "incoming" }], ...changes },
    { home, now: () => clock.now },
  );
  await app.subscribers.admit([
    { address: addressOf("ada@example.org"), cadence: "daily", textOnly: false, consent: CONSENT },
  ]);
  const put = (day: string, number: number) =>
    writeFileSync(
      join(folder, `${day}.jsonl`),
      JSON.stringify({ title: `Paper ${number}`, arxivId: `2604.0000${number}`, listedOn: day }),
    );
  const at = async (time: string) => {
    clock.now = new Date(time);
    return app.rounds.keep(ignore, {});
  };
  return { app, server, folder, put, at };
}

test("a round is due at its hour, goes out once, and is recorded", async () => {
  const { server, put, at } = await openScheduled();
  put("2026-04-15", 1);
  expect((await at("2026-04-15T06:59:00Z")).decided).toEqual([]);
  const { decided } = await at("2026-04-15T07:00:00Z");
  expect(decided).toMatchObject([{ period: "2026-04-15", outcome: "published" }]);
  expect((await at("2026-04-15T07:01:00Z")).decided).toEqual([]);
  expect(server.accepted).toEqual(["ada@example.org"]);
});

test("a round waits for papers and goes out when they come", async () => {
  const { server, put, at } = await openScheduled();
  expect((await at("2026-04-15T07:00:00Z")).decided).toEqual([]);
  put("2026-04-15", 1);
  expect((await at("2026-04-15T07:05:00Z")).decided).toEqual([]);
  expect((await at("2026-04-15T07:10:00Z")).decided).toMatchObject([{ outcome: "published" }]);
  expect(server.accepted).toHaveLength(1);
});

test("a day without papers is skipped at last, with the reason", async () => {
  const { put, at } = await openScheduled();
  put("2026-04-14", 1);
  await at("2026-04-14T07:00:00Z");
  await at("2026-04-15T07:00:00Z");
  const { decided } = await at("2026-04-15T13:01:00Z");
  expect(decided).toMatchObject([
    {
      outcome: "skipped",
      reason: expect.stringContaining("the newest day with papers is 2026-04-14"),
    },
  ]);
});

const EDITION = { entries: 1, whenEmpty: "widen" } as const;

test("a quiet day looks back over the week where the operator wants it, and says so", async () => {
  const { app, server, put, at } = await openScheduled(undefined, { edition: EDITION });
  put("2026-04-14", 1);
  put("2026-04-13", 2);
  await at("2026-04-14T07:00:00Z");
  // The list of the 13th was known before, so that only a wider window holds its paper.
  await app.newsletter.publish("daily", "2026-04-14");
  await at("2026-04-15T07:00:00Z");
  const { decided } = await at("2026-04-15T13:01:00Z");
  expect(decided).toMatchObject([
    {
      outcome: "published",
      reason: expect.stringMatching(/^No papers for .* It holds the best of the days before inst/),
    },
  ]);
  const edition = await app.newsletter.edition("daily", "2026-04-15");
  expect(edition.entries.map(({ paper }) => paper.id)).toEqual(["2604.00002"]);
  expect(server.accepted).toHaveLength(2);
});

test("a wider window without papers is skipped, with the reason", async () => {
  const { put, at } = await openScheduled(undefined, { edition: EDITION });
  put("2026-04-14", 1);
  await at("2026-04-14T07:00:00Z");
  await at("2026-04-15T07:00:00Z");
  const { decided } = await at("2026-04-15T13:01:00Z");
  expect(decided).toMatchObject([
    { outcome: "skipped", reason: expect.stringContaining("the newest day with papers is") },
  ]);
});

test("a quiet day that is waited for past midnight has its letter all the same", async () => {
  const { app, server, put, at } = await openScheduled(undefined, {
    edition: { entries: 1, whenEmpty: "letter" },
    schedule: { daily: "20:00", latestHours: 6, gatherMinutes: 0 },
  });
  put("2026-04-14", 1);
  await at("2026-04-14T20:00:00Z");
  await at("2026-04-15T20:00:00Z");
  expect((await at("2026-04-16T01:59:00Z")).decided).toEqual([]);
  const { decided } = await at("2026-04-16T02:01:00Z");
  expect(decided).toMatchObject([{ period: "2026-04-15", outcome: "published" }]);
  expect(server.accepted).toHaveLength(2);
  // A day on which nothing ran has no letter once the next has its own.
  put("2026-04-17", 2);
  const late = await at("2026-04-17T20:00:00Z");
  expect(late.decided.map(({ outcome }) => outcome)).toEqual(["skipped", "published"]);
  expect(isPublished(await app.newsletter.edition("daily", "2026-04-16"))).toBe(false);
});

test("a quiet week is skipped, told of or widened too, as the operator wants", async () => {
  for (const [whenEmpty, outcome] of [
    ["skip", "skipped"],
    ["letter", "published"],
    ["widen", "published"],
  ] as const) {
    const edition = { entries: 2, whenEmpty };
    const { app, server, put, at } = await openScheduled(undefined, { edition });
    await app.subscribers.admit([
      {
        address: addressOf("week@example.org"),
        cadence: "weekly",
        textOnly: false,
        consent: CONSENT,
      },
    ]);
    put("2026-04-06", 1);
    await at("2026-04-13T07:00:00Z");
    // Known too late for its own week, on whose last day it was listed.
    put("2026-04-12", 2);
    await at("2026-04-20T07:00:00Z");
    const { decided } = await at("2026-04-20T13:01:00Z");
    expect(decided.filter(({ cadence }) => cadence === "weekly")).toMatchObject([{ outcome }]);
    const toWeek = server.accepted.filter((address) => address === "week@example.org");
    expect(toWeek).toHaveLength(outcome === "published" ? 2 : 1);
    const week = await app.newsletter.edition("weekly", "2026-04-19");
    expect(week.widened).toBe(whenEmpty === "widen" ? true : undefined);
    expect(week.entries.map(({ paper }) => paper.id)).toEqual(week.widened ? ["2604.00002"] : []);
  }
});

test("a day with too few papers is quiet: skipped or told of, as the operator wants", async () => {
  const selection = { bar: 0, fewest: 2, lateDays: 7, updates: 1, variety: 0, surprise: false };
  for (const [whenEmpty, outcome] of [
    ["skip", "skipped"],
    ["letter", "published"],
  ] as const) {
    const edition = { entries: 3, whenEmpty };
    const { server, folder, put, at } = await openScheduled(undefined, { edition, selection });
    put("2026-04-14", 1);
    const other = { title: "Paper 2", arxivId: "2604.00002", listedOn: "2026-04-14" };
    writeFileSync(join(folder, "other.jsonl"), JSON.stringify(other));
    await at("2026-04-14T07:00:00Z");
    put("2026-04-15", 3);
    await at("2026-04-15T07:00:00Z");
    const { decided } = await at("2026-04-15T13:01:00Z");
    expect(decided).toMatchObject([
      { outcome, reason: expect.stringContaining("1 paper of 1 candidate; an edition takes 2") },
    ]);
    expect(server.accepted).toHaveLength(outcome === "published" ? 2 : 1);
  }
});

test("a reader's own hour and pause are kept, in the reader's zone", async () => {
  const { app, server, put, at } = await openScheduled();
  const join = (email: string, preferences: Partial<Preferences>) => ({
    address: addressOf(email),
    cadence: "daily",
    textOnly: false,
    consent: CONSENT,
    ...preferences,
  });
  await app.subscribers.admit([
    join("same@example.org", { hour: 7, timeZone: "UTC" }),
    join("tokyo@example.org", { hour: 7, timeZone: "Asia/Tokyo" }),
    join("pausing@example.org", { pausedUntil: "2026-04-16" }),
    join("back@example.org", { pausedUntil: "2026-04-15" }),
  ]);
  put("2026-04-15", 1);
  const { decided } = await at("2026-04-15T07:00:30Z");
  expect(decided).toMatchObject([{ reason: "Addressed to 4 recipients." }]);
  const early = ["ada@example.org", "back@example.org", "same@example.org"];
  expect(server.accepted.toSorted()).toEqual(early);
  await at("2026-04-15T21:59:00Z");
  expect(server.accepted).toHaveLength(3);
  await at("2026-04-15T22:00:00Z");
  expect(server.accepted).toContain("tokyo@example.org");
  // By hand there is no hour to wait for.
  put("2026-04-16", 2);
  await app.newsletter.gather(app.sources([]), ignore);
  await at("2026-04-16T00:00:00Z");
  await app.newsletter.send("daily", "2026-04-16", {});
  expect(server.accepted).toHaveLength(9);
});

test("a week goes out on the Monday after it to those who want weeks, a month on the first", async () => {
  const { app, server, put, at } = await openScheduled();
  const join = (email: string, cadence: string) => ({
    address: addressOf(email),
    cadence,
    textOnly: false,
    consent: CONSENT,
  });
  put("2026-04-15", 1);
  expect((await at("2026-04-20T07:00:00Z")).decided).toEqual([]);
  await app.subscribers.admit([
    join("week@example.org", "weekly"),
    join("month@example.org", "monthly"),
  ]);
  const { decided } = await at("2026-04-20T07:01:00Z");
  expect(decided).toMatchObject([{ cadence: "weekly", period: "2026-W16", outcome: "published" }]);
  expect((await at("2026-04-20T07:02:00Z")).decided).toEqual([]);
  expect(server.accepted).toEqual(["week@example.org"]);
  await at("2026-05-01T07:00:00Z");
  expect(server.accepted).toEqual(["week@example.org", "month@example.org"]);
});

test("a weekly letter comes on its reader's own day, whatever the hour", async () => {
  const { app, server, put, at } = await openScheduled();
  const join = (name: string, preferences: Partial<Preferences>) => ({
    address: addressOf(`${name}@example.org`),
    cadence: "weekly",
    textOnly: false,
    consent: CONSENT,
    ...preferences,
  });
  await app.subscribers.admit([
    join("monday", {}),
    join("tuesday", { weekday: 2, timeZone: "UTC" }),
    join("friday", { weekday: 5, hour: 7, timeZone: "Asia/Tokyo" }),
  ]);
  put("2026-04-15", 1);
  await at("2026-04-20T07:00:00Z");
  expect(server.accepted).toEqual(["monday@example.org"]);
  await at("2026-04-21T00:00:00Z");
  expect(server.accepted).toEqual(["monday@example.org", "tuesday@example.org"]);
  await at("2026-04-23T21:59:00Z");
  expect(server.accepted).toHaveLength(2);
  await at("2026-04-23T22:00:00Z");
  expect(server.accepted).toContain("friday@example.org");
});

test("a missed hour is caught up within the maximum lateness, and skipped after it", async () => {
  const early = await openScheduled();
  early.put("2026-04-15", 1);
  expect((await early.at("2026-04-15T12:59:00Z")).decided).toMatchObject([
    { outcome: "published" },
  ]);

  const late = await openScheduled();
  late.put("2026-04-14", 2);
  await late.at("2026-04-14T07:00:00Z");
  late.put("2026-04-15", 1);
  await late.app.newsletter.gather(late.app.sources([]), ignore);
  expect((await late.at("2026-04-15T13:01:00Z")).decided).toMatchObject([
    {
      outcome: "skipped",
      reason: expect.stringMatching(/more than 6 hours late.*send --date 2026-04-15/),
    },
  ]);
  expect(late.server.accepted).toHaveLength(1);
});

test("days on which nothing ran are accounted for one by one", async () => {
  const { put, at } = await openScheduled();
  put("2026-04-15", 1);
  await at("2026-04-15T07:00:00Z");
  put("2026-04-18", 2);
  const { decided } = await at("2026-04-18T07:30:00Z");
  expect(decided.map(({ period, outcome }) => [period, outcome])).toEqual([
    ["2026-04-16", "skipped"],
    ["2026-04-17", "skipped"],
    ["2026-04-18", "published"],
  ]);
});

test("a source that fails is named, and what is known already still goes out", async () => {
  const { app, server, put, folder, at } = await openScheduled();
  put("2026-04-15", 1);
  await app.newsletter.gather(app.sources([]), ignore);
  rmSync(folder, { recursive: true });
  const { decided } = await at("2026-04-15T07:00:00Z");
  expect(decided).toMatchObject([{ outcome: "published" }]);
  expect(server.accepted).toHaveLength(1);
});

test("trouble with a source stands in the record of the day that it cost", async () => {
  const { put, folder, at } = await openScheduled();
  put("2026-04-14", 1);
  await at("2026-04-14T07:00:00Z");
  rmSync(folder, { recursive: true });
  await at("2026-04-15T07:00:00Z");
  const { decided } = await at("2026-04-15T13:01:00Z");
  expect(decided).toMatchObject([
    {
      outcome: "skipped",
      reason: expect.stringMatching(/The last trouble was: source incoming: .*no such file/),
    },
  ]);
});

test("trouble that is over by the end of the day does not stand in its record", async () => {
  const { app, put, folder, at } = await openScheduled();
  put("2026-04-14", 1);
  await at("2026-04-14T07:00:00Z");
  rmSync(folder, { recursive: true });
  const { edition } = app.newsletter;
  app.newsletter.edition = () => Promise.reject(new Error("the database is busy"));
  await at("2026-04-15T07:00:00Z");
  app.newsletter.edition = edition;
  mkdirSync(folder);
  await at("2026-04-15T07:30:00Z");
  const [round] = (await at("2026-04-15T13:01:00Z")).decided;
  expect(round?.reason).toMatch(/^No papers for Wednesday/);
  expect(round?.reason).not.toContain("trouble");
});

test("a mail server that is away is told of, and the letter goes out when it is back", async () => {
  const away = await openScheduled(new URL("smtp://127.0.0.1:1"));
  away.put("2026-04-15", 1);
  const { decided, fault } = await away.at("2026-04-15T07:00:00Z");
  expect(decided).toMatchObject([{ outcome: "published" }]);
  expect(fault?.code).toBe("SMTP_UNREACHABLE");
  expect((await away.app.newsletter.status()).latest?.deliveries).toMatchObject({ due: 1 });
});

test("after a refused login nothing is tried for a quarter of an hour", async () => {
  const server = await startFaultServer();
  server.url.username = "me";
  server.url.password = "wrong";
  const { put, at } = await openScheduled(server.url);
  put("2026-04-15", 1);
  expect((await at("2026-04-15T07:00:00Z")).fault?.code).toBe("SMTP_REFUSED");
  const tried = server.connections();
  expect((await at("2026-04-15T07:10:00Z")).fault).toBeNull();
  expect(server.connections()).toBe(tried);
  expect((await at("2026-04-15T07:16:00Z")).fault?.code).toBe("SMTP_REFUSED");
});

test("an edition goes out from what is there while a source is in trouble, and says what is missing", async () => {
  const home = emptyHome();
  mkdirSync(join(home, "incoming"));
  writeFileSync(
    join(home, "incoming/a.jsonl"),
    JSON.stringify({ title: "Paper 1", arxivId: "2604.00001", listedOn: "2026-04-15" }),
  );
  const web = await startWebServer((_request, response) => reply(response, "", {}, 403));
  writeFileSync(
    join(home, "paperround.yaml"),
    `newsletter: { alerts: operator@example.org }
network: { allowHosts: ["127.0.0.1"] }
sources:
  - { name: incoming, path: incoming }
  - { name: hf, kind: hugging-face, url: "${web.url}" }\n`,
  );
  const server = await startFaultServer();
  const config = { ...readConfig(home, {}), smtpUrl: server.url };
  const app = await openApp(config, { home, now: () => new Date("2026-04-15T07:00:00Z") });
  await app.subscribers.admit([
    { address: addressOf("ada@example.org"), cadence: "daily", textOnly: false, consent: CONSENT },
  ]);
  const { decided } = await app.rounds.keep(ignore, {});
  expect(decided).toMatchObject([
    {
      outcome: "published",
      reason: expect.stringMatching(
        /^Addressed to 1 recipient\. Missing: source hf: 127\.0\.0\.1:\d+ answers with status 403\.$/,
      ),
    },
  ]);
  expect(server.accepted.toSorted()).toEqual(["ada@example.org", "operator@example.org"]);
  const { lastRound, sources } = await app.newsletter.status();
  expect(lastRound?.reason).toContain("Missing: source hf");
  expect(sources.map(({ source, fault }) => [source, fault !== null])).toEqual([
    ["hf", true],
    ["incoming", false],
  ]);
});

test("a round waits for no paper to be looked up, but for a reading that is under way", async () => {
  const home = emptyHome();
  const waiting: (() => void)[] = [];
  const web = await startWebServer(({ path }, response) => {
    if (path.startsWith("/repos")) return;
    const paper = { id: "2604.00001", title: "A Title", upvotes: 5 };
    const item = {
      paper: {
        ...paper,
        submittedOnDailyAt: "2026-04-15T01:00:00Z",
        githubRepo: "https://github.com/ada/code",
      },
    };
    waiting.push(() => reply(response, JSON.stringify([item])));
  });
  writeFileSync(
    join(home, "paperround.yaml"),
    `network: { allowHosts: ["127.0.0.1"] }
sources:
  - { name: hf, kind: hugging-face, url: "${web.url}", days: 1 }
  - { name: stars, kind: github-stars, url: "${web.url}", timeoutSeconds: 60 }\n`,
  );
  const server = await startFaultServer();
  const config = { ...readConfig(home, {}), smtpUrl: server.url };
  const app = await openApp(config, { home, now: () => new Date("2026-04-15T07:00:00Z") });
  await app.subscribers.admit([
    { address: addressOf("ada@example.org"), cadence: "daily", textOnly: false, consent: CONSENT },
  ]);
  const stop = new AbortController();
  const attending = app.rounds.attend(ignore, stop.signal);
  const keeping = app.rounds.keep(ignore, {});
  await expect.poll(() => waiting.length).toBe(1);
  waiting[0]?.();
  expect((await keeping).decided).toMatchObject([{ outcome: "published" }]);
  await expect.poll(() => web.seen.map(({ path }) => path)).toContain("/repos/ada/code");
  stop.abort();
  await attending;
  expect(waiting).toHaveLength(1);
});

test("an empty day is explained by the calendar of the sources", async () => {
  const home = emptyHome();
  const web = await startWebServer((_request, response) => reply(response, "[]"));
  writeFileSync(
    join(home, "paperround.yaml"),
    `network: { allowHosts: ["127.0.0.1"] }
sources:
  - { name: incoming, path: friday.jsonl }
  - { name: hf, kind: hugging-face, url: "${web.url}", days: 1 }\n`,
  );
  writeFileSync(join(home, "friday.jsonl"), '{"title": "A Title", "listedOn": "2026-04-17"}');
  const server = await startFaultServer();
  const config = { ...readConfig(home, {}), smtpUrl: server.url };
  const clock = { now: new Date("2026-04-17T07:00:00Z") };
  const app = await openApp(config, { home, now: () => clock.now });
  await app.subscribers.admit([
    { address: addressOf("ada@example.org"), cadence: "daily", textOnly: false, consent: CONSENT },
  ]);
  await app.rounds.keep(ignore, {});
  clock.now = new Date("2026-04-18T13:01:00Z");
  const { decided } = await app.rounds.keep(ignore, {});
  expect(decided).toMatchObject([
    {
      outcome: "skipped",
      reason: expect.stringContaining("Hugging Face lists nothing on weekends."),
    },
  ]);
});
