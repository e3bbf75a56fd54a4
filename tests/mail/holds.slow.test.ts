/** What is held back, called off and waited for, in sends that run. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { processName } from "../../src/io/process.ts";
import type { EditionName } from "../../src/mail/delivery.ts";
import type { Held } from "../../src/mail/holds.ts";
import type { Limits } from "../../src/mail/limits.ts";
import type { DomainRule } from "../../src/mail/providers.ts";
import type { SendOptions } from "../../src/newsletter.ts";
import { addressOf, emptyHome, openApp } from "../home.ts";
import { startFaultServer, type Habits } from "./fault-server.ts";

const CONSENT = { how: "added", detail: "test", at: "2026-04-01T00:00:00.000Z" } as const;
const DAY = "2026-04-15";
const EDITION = { cadence: "daily", period: DAY } as EditionName;
const PAUSED = { kind: "edition", edition: EDITION } as const;
const BAD: Held = { kind: "domain", domain: "bad.example" };

interface World {
  readonly habits?: Habits;
  readonly limits?: Limits;
  readonly domains?: readonly DomainRule[];
}

/** Returns a program with one paper, these readers, a mail server, and a clock of the test's own. */
async function openWith(readers: readonly string[], world: World = {}) {
  const { habits = {}, limits = {}, domains = [] } = world;
  const home = emptyHome();
  const file = join(home, "papers.jsonl");
  writeFileSync(file, JSON.stringify({ title: "A paper", arxivId: "2604.00001", listedOn: DAY }));
  const server = await startFaultServer(habits);
  const smtp = {
    connections: 3,
    limits,
    domains: domains.map((rule) => ({ ...rule, domains: [...rule.domains] })),
    lettersInFlight: 1,
    allowPlaintext: false,
  };
  const clock = { now: new Date("2026-04-15T08:00:00Z"), ticks: 0 };
  const now = () => new Date((clock.now = new Date(clock.now.getTime() + clock.ticks)));
  const app = await openApp({ smtpUrl: server.url, smtp }, { home, now });
  await app.newsletter.gather([app.files([file], null)], () => {});
  await app.subscribers.admit(
    readers.map((reader) => ({
      address: addressOf(reader),
      cadence: "daily",
      textOnly: false,
      consent: CONSENT,
    })),
  );
  const send = (options: SendOptions = {}) => app.newsletter.send("daily", DAY, options);
  return { ...app, home, server, clock, send };
}

function readersAt(domain: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `reader.${index}@${domain}`);
}

/** Readers of one domain, of whom every third is refused alike. */
function someRefused(domain: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    index % 3 === 0 ? `dot-554.${index}@${domain}` : `reader.${index}@${domain}`,
  );
}

/** Resolves once as many letters as that are settled; `onSettled` is for the send. */
function settledCount(count: number) {
  const { promise, resolve } = Promise.withResolvers<void>();
  let settled = 0;
  const onSettled = () => {
    settled++;
    if (settled === count) resolve();
  };
  return { reached: promise, onSettled };
}

test("pausing ends a send that runs, and after resuming everybody has one letter", async () => {
  const readers = readersAt("example.org", 40);
  // With the clock standing still, the limit keeps the run from ending by itself.
  const { newsletter, server, clock, send } = await openWith(readers, { limits: { second: 5 } });
  const five = settledCount(5);
  const running = send({ onSettled: five.onSettled });
  await five.reached;
  const paused = await newsletter.pause(PAUSED);
  expect(paused).toMatchObject({ isNew: true, hold: { why: "paused by the operator" } });
  const { counts, held } = await running;
  expect(counts).toMatchObject({ accepted: 5, due: 35, claimed: 0, sending: 0, uncertain: 0 });
  expect(held).toMatchObject([{ hold: { kind: "edition" }, letters: 35 }]);

  expect((await send()).delivery.settled).toEqual({});
  expect(await newsletter.resume(PAUSED)).toMatchObject([{ letters: 35, editions: [EDITION] }]);
  expect(await newsletter.resume(PAUSED)).toEqual([]);
  clock.ticks = 100;
  expect((await send()).counts.accepted).toBe(40);
  expect(server.accepted.toSorted()).toEqual(readers.toSorted());
});

test("a send of which all is held back comes to its end, however many steps it takes past them", async () => {
  // It walked for ever where the step that ended a walk was always one that nobody waited for. A
  // limit keeps the steps short.
  for (const many of [2, 5, 8, 11, 14]) {
    const { newsletter, send } = await openWith(readersAt("example.org", many), {
      limits: { second: 2 },
    });
    await newsletter.pause(PAUSED);
    expect((await send()).counts).toMatchObject({ due: many, accepted: 0 });
  }
});

test("letters that lie ready are passed over too when an edition is paused", async () => {
  const readers = readersAt("example.org", 120);
  const { newsletter, server, send } = await openWith(readers);
  const one = settledCount(1);
  const running = send({ onSettled: one.onSettled });
  await one.reached;
  await newsletter.pause(PAUSED);
  const { counts } = await running;
  expect(counts).toMatchObject({ claimed: 0, sending: 0, uncertain: 0 });
  expect(counts.accepted + counts.due).toBe(120);
  expect(server.accepted).toHaveLength(counts.accepted);
  await newsletter.resume(PAUSED);
  expect((await send()).counts.accepted).toBe(120);
  expect(server.accepted.toSorted()).toEqual(readers.toSorted());
});

test("a paused edition leaves others alone, and ends a send that waits", async () => {
  const { newsletter, server, send } = await openWith(["a@example.org"]);
  const other = { cadence: "daily", period: "2026-04-14" } as EditionName;
  await newsletter.pause({ kind: "edition", edition: other });
  expect((await send()).counts.accepted).toBe(1);
  await newsletter.pause(PAUSED);
  expect((await send({ wait: true })).delivery.settled).toEqual({});
  expect(server.accepted).toEqual(["a@example.org"]);
});

test("pausing a domain holds back its provider's letters, and the others go on", async () => {
  const readers = ["a@hotmail.com", "b@outlook.com", "c@live.com", "d@example.org"];
  const { newsletter, server, send } = await openWith(readers);
  const live: Held = { kind: "domain", domain: "live.com" };
  await newsletter.pause(live);
  const again = await newsletter.pause({ kind: "domain", domain: "hotmail.com" });
  expect(again).toMatchObject({ isNew: false, hold: { domain: "outlook.com" } });
  const { counts, held } = await send();
  expect(counts).toMatchObject({ accepted: 1, due: 3 });
  expect(held).toMatchObject([{ letters: 3, editions: [EDITION] }]);
  expect(held[0]?.domains).toContain("hotmail.com");
  expect(server.accepted).toEqual(["d@example.org"]);
  expect(await newsletter.resume(live)).toHaveLength(1);
  expect((await send()).counts.accepted).toBe(4);
});

test("a provider that refuses alike again and again is held back, and the others go on", async () => {
  const others = readersAt("example.org", 30);
  const { newsletter, server, send } = await openWith([
    ...someRefused("bad.example", 36),
    ...others,
  ]);
  const { counts, delivery, held } = await send();
  expect(delivery.objections).toMatchObject([
    { domain: "bad.example", refused: 10, reply: "554 5.7.1 Message refused" },
  ]);
  expect(held).toHaveLength(1);
  expect(held[0]?.hold).toMatchObject({
    kind: "domain",
    domain: "bad.example",
    why: expect.stringMatching(
      /^10 of \d+ letters were refused alike \(554 5\.7\.1 Message refused\)$/,
    ),
  });
  expect(held[0]?.letters).toBe(counts.due);
  expect(counts.due).toBeGreaterThan(0);
  expect(server.accepted.filter((to) => to.endsWith("@example.org"))).toHaveLength(30);
  const due = await newsletter.deliveries({ states: ["due"] }, 100);
  expect(due.every(({ address }) => address?.endsWith("@bad.example"))).toBe(true);
  expect((await newsletter.status()).held).toMatchObject([{ letters: counts.due }]);

  await newsletter.resume(BAD);
  const last = await send();
  expect(last.counts).toMatchObject({ accepted: 24 + 30, rejected: 12, due: 0 });
  expect(last.held).toEqual([]);
  expect(new Set(server.accepted).size).toBe(server.accepted.length);
});

test("a refusal that an operator has looked into holds nothing back for a day", async () => {
  const readers = [...someRefused("bad.example", 90), "a@example.org"];
  const { newsletter, clock, send } = await openWith(readers);
  expect((await send()).held).toHaveLength(1);
  await newsletter.resume(BAD);
  const second = await send();
  expect(second.counts).toMatchObject({ accepted: 61, rejected: 30, due: 0 });
  expect(second.held).toEqual([]);
  expect(second.delivery.objections).toEqual([]);

  const rejected = { states: ["rejected"] } as const;
  await newsletter.requeue(rejected);
  clock.now = new Date("2026-04-16T07:00:00Z");
  expect((await send()).held).toEqual([]);
  await newsletter.requeue(rejected);
  clock.now = new Date("2026-04-16T09:00:00Z");
  expect((await send()).held).toMatchObject([{ hold: { domain: "bad.example" } }]);
});

test("a hold that is lifted while the send runs lets the provider's letters go", async () => {
  // With the clock standing still, the limit keeps the run from ending by itself.
  const { newsletter, clock, send } = await openWith(
    [...someRefused("bad.example", 36), ...readersAt("example.org", 5)],
    { limits: { second: 34 } },
  );
  const running = send();
  while ((await newsletter.held()).length === 0) await new Promise(setImmediate);
  await newsletter.resume(BAD);
  clock.ticks = 100;
  const { counts } = await running;
  expect(counts).toMatchObject({ accepted: 24 + 5, rejected: 12, due: 0 });
});

test("a rule of the operator makes a provider of domains, also of those known otherwise", async () => {
  const { newsletter, send } = await openWith(
    ["a@gmail.com", "b@corp.example", "c@googlemail.com"],
    {
      domains: [{ domains: ["corp.example", "gmail.com"] }],
    },
  );
  await newsletter.pause({ kind: "domain", domain: "gmail.com" });
  const { counts, held } = await send();
  expect(counts).toMatchObject({ accepted: 1, due: 2 });
  expect(held[0]).toMatchObject({ domains: ["corp.example", "gmail.com"], letters: 2 });
});

test("what is cancelled is not sent by a later send, until the operator brings it back", async () => {
  const { newsletter, server, send } = await openWith(readersAt("example.org", 6), {
    limits: { hour: 2 },
  });
  expect((await send()).counts).toMatchObject({ accepted: 2, due: 4 });
  expect(await newsletter.cancel(EDITION)).toEqual({ cancelled: 4, underWay: 0, uncertain: 0 });
  expect((await newsletter.cancel(EDITION)).cancelled).toBe(0);
  const after = await send({ wait: true });
  expect(after.counts).toMatchObject({ accepted: 2, cancelled: 4, due: 0 });
  const [listed] = await newsletter.deliveries({ states: ["cancelled"] }, 1);
  expect(listed?.reply).toBe("Cancelled by the operator's word.");
  expect(await newsletter.requeue({ states: ["cancelled"], edition: EDITION })).toBe(4);
  expect((await send()).counts).toMatchObject({ due: 4, cancelled: 0 });
  expect(server.accepted).toHaveLength(2);
});

test("cancelling counts what a running send has claimed, which keeps its outcome", async () => {
  const { newsletter, server, clock, send } = await openWith(readersAt("example.org", 30), {
    limits: { second: 5 },
  });
  const one = settledCount(1);
  const running = send({ onSettled: one.onSettled });
  await one.reached;
  const { cancelled, underWay } = await newsletter.cancel(EDITION);
  clock.ticks = 100;
  const { counts } = await running;
  expect(cancelled).toBe(25);
  expect(underWay).toBeLessThan(5);
  expect(counts).toMatchObject({ accepted: 5, cancelled: 25, due: 0 });
  expect(server.accepted).toHaveLength(5);
});

test("cancelling reaches what a program had claimed that has ended", async () => {
  const { newsletter, home, send } = await openWith(readersAt("example.org", 3), {
    limits: { hour: 1 },
  });
  await send();
  const names = processName().split("|");
  const ended = [names[0], names[1], spawnSync("true").pid, "1"].join("|");
  const database = new DatabaseSync(join(home, "subscribers", "subscribers.sqlite"));
  database
    .prepare("update deliveries set state = 'claimed', claimed_by = ? where key = 2")
    .run(ended);
  database
    .prepare("update deliveries set state = 'sending', claimed_by = ? where key = 3")
    .run(ended);
  database.close();
  expect(await newsletter.cancel(EDITION)).toEqual({ cancelled: 1, underWay: 0, uncertain: 1 });
});

test("a send that waits ends when it is interrupted, and says what is still owed", async () => {
  const { send } = await openWith(["rcpt-450@example.org"]);
  const controller = new AbortController();
  const { counts } = await send({
    wait: true,
    signal: controller.signal,
    onSettled: () => setImmediate(() => controller.abort()),
  });
  expect(counts).toMatchObject({ deferred: 1, claimed: 0, sending: 0 });
});

test("a send that waits delivers a deferred letter by itself when its time has come", async () => {
  const { server, clock, send } = await openWith(["a@example.org"], {
    habits: { greylists: true },
  });
  const { counts, delivery } = await send({
    wait: true,
    onSettled: (state) => {
      if (state === "deferred") clock.now = new Date("2026-04-15T08:06:00Z");
    },
  });
  expect(delivery.settled).toEqual({ deferred: 1, accepted: 1 });
  expect(counts).toMatchObject({ accepted: 1, deferred: 0 });
  expect(server.accepted).toEqual(["a@example.org"]);
});

test("a send that waits does not wait for deferred letters that are held back", async () => {
  const { newsletter, send } = await openWith(["rcpt-450@bad.example", "a@example.org"]);
  expect((await send()).counts).toMatchObject({ accepted: 1, deferred: 1 });
  await newsletter.pause(BAD);
  expect((await send({ wait: true })).counts).toMatchObject({ accepted: 1, deferred: 1 });
});

test("a send that waits outlasts a limit an hour", async () => {
  const readers = readersAt("example.org", 5);
  const { server, clock, send } = await openWith(readers, { limits: { hour: 3 } });
  const three = settledCount(3);
  const running = send({ wait: true, onSettled: three.onSettled });
  await three.reached;
  clock.now = new Date("2026-04-15T09:00:01Z");
  const { counts, delivery } = await running;
  expect([counts.accepted, delivery.spent]).toEqual([5, null]);
  expect(server.accepted.toSorted()).toEqual(readers);
});
