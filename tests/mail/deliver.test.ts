import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { DELIVERY_STATES, type DeliveryCounts } from "../../src/mail/delivery.ts";
import type { Limits } from "../../src/mail/limits.ts";
import { FAULTS, startFaultServer } from "./fault-server.ts";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { addressOf, emptyHome, openApp } from "../home.ts";

const CONSENT = { how: "added", detail: "test", at: "2026-04-01T00:00:00.000Z" } as const;

/** Returns the program with one paper for 2026-04-15, these readers, and a mail server. */
async function openWith(
  readers: readonly string[],
  smtpUrl: URL,
  now?: () => Date,
  limits: Limits = {},
) {
  const home = emptyHome();
  const file = join(home, "papers.jsonl");
  writeFileSync(
    file,
    JSON.stringify({ title: "A paper", arxivId: "2604.00001", listedOn: "2026-04-15" }),
  );
  const smtp = { connections: 3, limits, domains: [], lettersInFlight: 1, allowPlaintext: false };
  const app = await openApp({ smtpUrl, smtp }, { home, ...(now && { now }) });
  await app.newsletter.gather([app.files([file], null)], () => {});
  await app.subscribers.admit(
    readers.map((address) => ({
      address: addressOf(address),
      cadence: "daily",
      textOnly: false,
      consent: CONSENT,
    })),
  );
  return { ...app, home };
}

function total(counts: DeliveryCounts): number {
  return DELIVERY_STATES.reduce((sum, state) => sum + counts[state], 0);
}

test("every reader gets one letter, and sending again sends nothing", async () => {
  const server = await startFaultServer();
  const readers = Array.from({ length: 25 }, (_, index) => `reader.${index}@example.org`);
  const { newsletter } = await openWith(readers, server.url);
  const first = await newsletter.send("daily", "2026-04-15", {});
  const second = await newsletter.send("daily", "2026-04-15", {});
  expect(first.counts.accepted).toBe(25);
  expect(second.counts.accepted).toBe(25);
  expect(second.delivery.settled).toEqual({});
  expect(server.accepted.toSorted()).toEqual(readers.toSorted());
});

test("someone who subscribes after a send gets the edition by the next one, alone", async () => {
  const server = await startFaultServer();
  const { newsletter, subscribers } = await openWith(["early@example.org"], server.url);
  await newsletter.send("daily", "2026-04-15", {});
  await subscribers.admit([
    { address: addressOf("late@example.org"), cadence: "daily", textOnly: false, consent: CONSENT },
  ]);
  await newsletter.send("daily", "2026-04-15", {});
  expect(server.accepted).toEqual(["early@example.org", "late@example.org"]);
});

test("recipients and excluded ones are all subscribers of the cadence", async () => {
  const server = await startFaultServer();
  const readers = ["a@example.org", "b@example.org", "left@example.org"];
  const { newsletter, subscribers } = await openWith(readers, server.url);
  const left = await subscribers.find(addressOf("left@example.org"));
  if (left) await subscribers.unsubscribe(left.key, "2026-04-15T00:00:00.000Z");
  await subscribers.admit([
    { address: addressOf("w@example.org"), cadence: "weekly", textOnly: false, consent: CONSENT },
  ]);
  const { addressed } = await newsletter.send("daily", "2026-04-15", {});
  expect(addressed).toEqual({
    recipients: 2,
    excluded: { pending: 0, unsubscribed: 1, suppressed: 0, paused: 0 },
  });
  expect(server.accepted.toSorted()).toEqual(["a@example.org", "b@example.org"]);
});

test("a reader who leaves while a send runs gets no letter, and the ledger says so", async () => {
  const server = await startFaultServer();
  const readers = Array.from({ length: 40 }, (_, index) => `reader.${index}@example.org`);
  const { newsletter, subscribers } = await openWith(readers, server.url);
  const last = await subscribers.find(addressOf("reader.39@example.org"));
  const suppressed = await subscribers.find(addressOf("reader.38@example.org"));
  let left = false;
  const { counts } = await newsletter.send("daily", "2026-04-15", {
    onSettled: () => {
      if (left || !last || !suppressed) return;
      left = true;
      void subscribers.unsubscribe(last.key, "2026-04-15T08:00:00.000Z");
      void subscribers.erase(addressOf("reader.38@example.org"), "2026-04-15T08:00:00.000Z");
    },
  });
  expect(counts).toMatchObject({ accepted: 38, cancelled: 2 });
  expect(server.accepted).not.toContain("reader.39@example.org");
  expect(server.accepted).not.toContain("reader.38@example.org");
});

test("an unreachable server stops the run, loses nothing and uses up nobody's attempts", async () => {
  const readers = ["a@example.org", "b@example.org", "c@example.org", "d@example.org"];
  const { newsletter } = await openWith(readers, new URL("smtp://127.0.0.1:1"));
  const { counts, delivery } = await newsletter.send("daily", "2026-04-15", {});
  expect(delivery.fault?.code).toBe("SMTP_UNREACHABLE");
  expect(counts).toMatchObject({ due: 4, claimed: 0, sending: 0 });
});

test("one reader whose letter always breaks the connection does not hold up the others", async () => {
  const server = await startFaultServer();
  const fine = Array.from({ length: 20 }, (_, index) => `reader.${index}@example.org`);
  const { newsletter } = await openWith(["drop-at-rcpt@example.org", ...fine], server.url);
  const { counts } = await newsletter.send("daily", "2026-04-15", {});
  expect(counts).toMatchObject({ accepted: 20, deferred: 1 });
});

test("a deferred letter waits for its time and is then delivered", async () => {
  const server = await startFaultServer();
  let now = new Date("2026-04-15T08:00:00Z");
  const { newsletter } = await openWith(
    ["rcpt-450@example.org", "a@example.org"],
    server.url,
    () => now,
  );
  const first = await newsletter.send("daily", "2026-04-15", {});
  expect(first.counts).toMatchObject({ accepted: 1, deferred: 1 });
  const soon = await newsletter.send("daily", "2026-04-15", {});
  expect(soon.delivery.settled).toEqual({});
  now = new Date("2026-04-15T08:06:00Z");
  const later = await newsletter.send("daily", "2026-04-15", {});
  expect(later.delivery.settled).toEqual({ deferred: 1 });
  // The second wait is longer than the first five minutes.
  now = new Date("2026-04-15T08:11:30Z");
  const tooSoon = await newsletter.send("daily", "2026-04-15", {});
  expect(tooSoon.delivery.settled).toEqual({});
  now = new Date("2026-04-16T08:01:00Z");
  const tooLate = await newsletter.send("daily", "2026-04-15", {});
  expect(tooLate.counts).toMatchObject({ accepted: 1, expired: 1 });
});

test("a limit a minute holds a run back until there is room again", async () => {
  const server = await startFaultServer();
  let now = new Date("2026-04-15T08:00:00Z");
  const readers = Array.from({ length: 8 }, (_, index) => `reader.${index}@example.org`);
  const { newsletter } = await openWith(readers, server.url, () => now, { minute: 5 });
  const running = newsletter.send("daily", "2026-04-15", {});
  await vi.waitFor(() => expect(server.accepted).toHaveLength(5), { timeout: 30_000 });
  // Long enough for a sixth, were there one.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(server.accepted).toHaveLength(5);
  now = new Date("2026-04-15T08:01:01Z");
  expect((await running).counts.accepted).toBe(8);
  expect(server.accepted.toSorted()).toEqual(readers.toSorted());
});

test("a limit an hour ends the run, holds for the next one, and then lets the rest go", async () => {
  const server = await startFaultServer();
  let now = new Date("2026-04-15T08:00:00Z");
  const readers = Array.from({ length: 8 }, (_, index) => `reader.${index}@example.org`);
  const { newsletter } = await openWith(readers, server.url, () => now, { second: 100, hour: 5 });
  const first = await newsletter.send("daily", "2026-04-15", {});
  expect([first.delivery.spent, first.counts.accepted, first.counts.due]).toEqual(["hour", 5, 3]);
  now = new Date("2026-04-15T08:30:00Z");
  const second = await newsletter.send("daily", "2026-04-15", {});
  expect([second.delivery.spent, second.counts.accepted]).toEqual(["hour", 5]);
  now = new Date("2026-04-15T09:00:01Z");
  const third = await newsletter.send("daily", "2026-04-15", {});
  expect([third.delivery.spent, third.counts.accepted]).toEqual([null, 8]);
});

test("a run that is interrupted finishes what is on its way and leaves the rest due", async () => {
  const server = await startFaultServer();
  const readers = Array.from({ length: 30 }, (_, index) => `reader.${index}@example.org`);
  const { newsletter } = await openWith(readers, server.url);
  const controller = new AbortController();
  const { counts } = await newsletter.send("daily", "2026-04-15", {
    signal: controller.signal,
    onSettled: () => controller.abort(),
  });
  expect(counts.claimed + counts.sending + counts.uncertain).toBe(0);
  expect(counts.accepted).toBe(server.accepted.length);
  expect(counts.accepted + counts.due).toBe(30);
  await newsletter.send("daily", "2026-04-15", {});
  expect(server.accepted.toSorted()).toEqual(readers.toSorted());
});

test("whatever the server does, the ledger accounts for everyone and nobody is accepted twice", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("fine", ...FAULTS), { minLength: 1, maxLength: 15 }),
      fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      async (habitsOfReaders, lettersPerConnection) => {
        const server = await startFaultServer({
          ...(lettersPerConnection && { lettersPerConnection }),
        });
        const readers = habitsOfReaders.map((habit, index) => `${habit}.${index}@example.org`);
        const { newsletter } = await openWith(readers, server.url);
        const { counts, addressed } = await newsletter.send("daily", "2026-04-15", {});
        const again = await newsletter.send("daily", "2026-04-15", {});
        expect(addressed.recipients).toBe(readers.length);
        expect(total(counts)).toBe(readers.length);
        expect(total(again.counts)).toBe(readers.length);
        expect(new Set(server.accepted).size).toBe(server.accepted.length);
        // Recorded as accepted means that the server did accept it.
        expect(again.counts.accepted).toBeLessThanOrEqual(server.accepted.length);
        expect(server.accepted.length).toBeLessThanOrEqual(
          again.counts.accepted + again.counts.uncertain,
        );
      },
    ),
    { numRuns: 12 },
  );
}, 60_000);

test("a provider whose hold is lifted while it still refuses is held again, and the run ends", async () => {
  const server = await startFaultServer();
  const readers = Array.from({ length: 60 }, (_, index) => `rcpt-550.${index}@example.org`);
  const { newsletter, home } = await openWith(readers, server.url);
  const people = new DatabaseSync(join(home, "subscribers", "subscribers.sqlite"));
  const lifting = setInterval(() => people.exec("delete from holds"), 5);
  onTestFinished(() => {
    clearInterval(lifting);
    people.close();
  });
  const { counts, delivery } = await newsletter.send("daily", "2026-04-15", {});
  expect(delivery.objections.length).toBeGreaterThanOrEqual(1);
  expect(counts.rejected + counts.due).toBe(60);
});

test("whatever looks on and fails ends the run in order", async () => {
  const server = await startFaultServer();
  const readers = Array.from({ length: 30 }, (_, index) => `reader.${index}@example.org`);
  const { newsletter } = await openWith(readers, server.url);
  const onSettled = () => {
    throw new Error("the terminal is gone");
  };
  await expect(newsletter.send("daily", "2026-04-15", { onSettled })).rejects.toThrow("terminal");
  await newsletter.send("daily", "2026-04-15", {});
  expect(server.accepted.toSorted()).toEqual(readers.toSorted());
});
