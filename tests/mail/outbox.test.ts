/** What an operator does about letters that failed or are uncertain. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase, type Handle, type Migrations } from "../../src/io/database.ts";
import { timesFrom, type EditionName } from "../../src/mail/delivery.ts";
import { forgetLetters } from "../../src/mail/history.ts";
import { openOutbox } from "../../src/mail/outbox.ts";
import { outboxMigrations, type OutboxTables } from "../../src/mail/outbox-tables.ts";
import { openSubscriberList } from "../../src/subscribers/subscriber-list.ts";
import {
  subscriberMigrations,
  type SubscriberTables,
} from "../../src/subscribers/subscriber-tables.ts";
import { addressOf, emptyHome, openApp } from "../home.ts";
import { startFaultServer } from "./fault-server.ts";

const CONSENT = { how: "added", detail: "test", at: "2026-04-01T00:00:00.000Z" } as const;
const DAY = "2026-04-15";

/** Returns a program that has sent one edition to readers named after what befalls them. */
async function openAfterSend(...readers: readonly string[]) {
  const home = emptyHome();
  const file = join(home, "papers.jsonl");
  writeFileSync(file, JSON.stringify({ title: "A paper", arxivId: "2604.00001", listedOn: DAY }));
  const server = await startFaultServer();
  const app = await openApp({ smtpUrl: server.url }, { home });
  await app.newsletter.gather([app.files([file], null)], () => {});
  await app.subscribers.admit(
    readers.map((reader) => ({
      address: addressOf(`${reader}@example.org`),
      cadence: "daily",
      textOnly: false,
      consent: CONSENT,
    })),
  );
  await app.newsletter.send("daily", DAY, {});
  const keyOf = async (reader: string) => {
    const subscriber = await app.subscribers.find(addressOf(`${reader}@example.org`));
    return subscriber ? [subscriber.key] : [];
  };
  return { ...app, server, keyOf };
}

test("open deliveries are listed with address, reply and Message-ID", async () => {
  const { newsletter } = await openAfterSend("fine", "rcpt-550", "drop-after-dot");
  const listed = await newsletter.deliveries({ states: ["uncertain", "rejected"] }, 10);
  expect(listed.map(({ address, state }) => [address, state]).toSorted()).toEqual([
    ["drop-after-dot@example.org", "uncertain"],
    ["rcpt-550@example.org", "rejected"],
  ]);
  for (const { messageId, attempts } of listed) {
    expect(messageId).toMatch(/^daily-2026-04-15\.[0-9a-z]+-[\w-]{22}@paperround\.localhost$/);
    expect(attempts).toBe(1);
  }
});

test("an uncertain letter is sent again only when the operator says so, under the same name", async () => {
  const { newsletter, server, keyOf } = await openAfterSend("drop-after-dot", "drop-in-body");
  await newsletter.send("daily", DAY, {});
  expect(server.accepted).toEqual(["drop-after-dot@example.org"]);
  const subscribers = await keyOf("drop-after-dot");
  const [before] = await newsletter.deliveries({ states: ["uncertain"], subscribers }, 1);
  expect(await newsletter.requeue({ states: ["uncertain"], subscribers })).toBe(1);
  const { counts } = await newsletter.send("daily", DAY, {});
  expect(server.accepted).toHaveLength(2);
  expect(counts.uncertain).toBe(2);
  const [after] = await newsletter.deliveries({ states: ["uncertain"], subscribers }, 1);
  expect(after?.messageId).toBe(before?.messageId);
});

test("an uncertain letter can be taken for accepted, with a note of whose word that is", async () => {
  const { newsletter, keyOf } = await openAfterSend("drop-after-dot", "drop-in-body");
  const subscribers = await keyOf("drop-after-dot");
  expect(await newsletter.vouch({ states: ["uncertain"], subscribers })).toBe(1);
  const [vouched] = await newsletter.deliveries({ states: ["accepted"] }, 10);
  expect(vouched).toMatchObject({
    address: "drop-after-dot@example.org",
    reply: "Accepted by the operator's word.",
  });
  expect(await newsletter.deliveries({ states: ["uncertain"] }, 10)).toHaveLength(1);
});

test("what is owed is counted by edition", async () => {
  const { newsletter } = await openAfterSend("rcpt-450", "rcpt-421", "fine");
  expect((await newsletter.status()).owed).toEqual([{ cadence: "daily", period: DAY, letters: 2 }]);
});

test("a deferred letter can be tried at once, whatever its time", async () => {
  const { newsletter } = await openAfterSend("rcpt-450");
  expect((await newsletter.send("daily", DAY, {})).delivery.settled).toEqual({});
  expect(await newsletter.requeue({ states: ["deferred"] })).toBe(1);
  expect((await newsletter.send("daily", DAY, {})).delivery.settled).toEqual({ deferred: 1 });
});

test("a reader who has left gets nothing by a retry", async () => {
  const { newsletter, subscribers, server, keyOf } = await openAfterSend("rcpt-550");
  const [key] = await keyOf("rcpt-550");
  if (key !== undefined) await subscribers.unsubscribe(key, "2026-04-15T09:00:00.000Z");
  await newsletter.requeue({ states: ["rejected"] });
  expect((await newsletter.send("daily", DAY, {})).delivery.settled).toEqual({ cancelled: 1 });
  expect(server.accepted).toEqual([]);
});

test("an act on one edition leaves the others alone", async () => {
  const { newsletter } = await openAfterSend("rcpt-550");
  const other = { cadence: "daily", period: "2026-04-14" as never } as const;
  expect(await newsletter.requeue({ states: ["rejected"], edition: other })).toBe(0);
  expect(await newsletter.requeue({ states: ["rejected"], cadence: "weekly" })).toBe(0);
  expect(await newsletter.requeue({ states: ["rejected"], cadence: "daily" })).toBe(1);
});

test("who is erased while a letter is on its way is not named by the answer to it", async () => {
  const database = await openDatabase<SubscriberTables & OutboxTables>({
    file: join(emptyHome(), "subscribers.sqlite"),
    migrations: { ...subscriberMigrations, ...outboxMigrations },
  });
  onTestFinished(() => database.close());
  const now = new Date("2026-04-15T08:00:00Z");
  const at = now.toISOString();
  const subscribers = openSubscriberList(database.db, database.scrub, (tx, key) =>
    forgetLetters(tx as Handle<SubscriberTables & OutboxTables>, key),
  );
  const ada = addressOf("ada@example.org");
  await subscribers.admit([{ address: ada, cadence: "daily", textOnly: false, consent: CONSENT }]);
  const outbox = openOutbox(database, "test", () => now);
  const edition = { cadence: "daily", period: DAY } as EditionName;
  await outbox.address(edition, { date: DAY, times: timesFrom(now, "daily"), ownTimes: null });
  const [due] = await outbox.due({ now: at, edition, after: 0, limit: 1 });
  const key = due?.key ?? 0;
  await outbox.claim([key], at);
  expect(await outbox.journal.markSending(key)).toBe("sending");
  await subscribers.erase(ada, at);
  const reply = { code: 550, enhanced: "5.1.1", text: "<ada@example.org>: gone", queueId: "4XyZ" };
  await outbox.journal.settle(key, { state: "rejected", reply });
  expect(await outbox.list({ states: ["rejected"] }, 10)).toMatchObject([
    { subscriber: -key, code: 550, reply: null, queueId: null },
  ]);
});

test("letters of readers who were erased before are nobody's once the file is opened anew", async () => {
  const file = join(emptyHome(), "subscribers.sqlite");
  const { "deliveries-0005": _, ...before } = outboxMigrations;
  const open = (migrations: Migrations) =>
    openDatabase<SubscriberTables & OutboxTables>({
      file,
      migrations: { ...subscriberMigrations, ...migrations },
    });
  const old = await open(before);
  const subscribers = openSubscriberList(old.db);
  const [gone, stays] = ["gone@example.org", "stays@example.org"].map(addressOf);
  if (!gone || !stays) throw new Error("There are two.");
  const admission = { cadence: "daily", textOnly: false, consent: CONSENT };
  await subscribers.admit([gone, stays].map((address) => ({ address, ...admission })));
  const now = new Date("2026-04-15T08:00:00Z");
  const addressing = { date: DAY, times: timesFrom(now, "daily"), ownTimes: null };
  const edition = { cadence: "daily", period: DAY } as EditionName;
  await openOutbox(old, "test", () => now).address(edition, addressing);
  await old.db.updateTable("deliveries").set({ queue_id: "4XyZ", papers: "[1]" }).execute();
  await subscribers.erase(gone, now.toISOString());
  await old.close();
  const database = await open(outboxMigrations);
  onTestFinished(() => database.close());
  const rows = await database.db
    .selectFrom("deliveries")
    .select(["subscriber_key", "queue_id", "papers"])
    .orderBy("key")
    .execute();
  expect(rows).toEqual([
    { subscriber_key: -1, queue_id: null, papers: null },
    { subscriber_key: 2, queue_id: "4XyZ", papers: "[1]" },
  ]);
});
