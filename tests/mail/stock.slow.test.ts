/** What lies ready to be sent, over a real outbox and with a clock that the test sets. */
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { EditionName } from "../../src/mail/delivery.ts";
import { timesFrom } from "../../src/mail/delivery.ts";
import { openDatabase } from "../../src/io/database.ts";
import { openHolds } from "../../src/mail/holds.ts";
import { openManners } from "../../src/mail/manners.ts";
import { openOutbox } from "../../src/mail/outbox.ts";
import { outboxMigrations, type OutboxTables } from "../../src/mail/outbox-tables.ts";
import { openProviders, type DomainRule } from "../../src/mail/providers.ts";
import { openStock } from "../../src/mail/stock.ts";
import { openSubscriberList } from "../../src/subscribers/subscriber-list.ts";
import {
  subscriberMigrations,
  type SubscriberTables,
} from "../../src/subscribers/subscriber-tables.ts";
import { addressOf, emptyHome } from "../home.ts";

const CONSENT = { how: "added", detail: "test", at: "2026-04-01T00:00:00.000Z" } as const;
const EDITION = { cadence: "daily", period: "2026-04-15" } as EditionName;
const NOW = new Date("2026-04-15T08:00:00Z");

/** Returns the stock of an edition addressed to these readers, in that order. */
async function openWith(readers: readonly string[], rules: readonly DomainRule[]) {
  const database = await openDatabase<SubscriberTables & OutboxTables>({
    file: join(emptyHome(), "subscribers.sqlite"),
    migrations: { ...subscriberMigrations, ...outboxMigrations },
  });
  onTestFinished(() => database.close());
  const admissions = readers.map((reader) => ({
    address: addressOf(reader),
    cadence: "daily",
    textOnly: false,
    consent: CONSENT,
  }));
  await openSubscriberList(database.db).admit(admissions);
  const outbox = openOutbox(database, "test", () => NOW);
  await outbox.address(EDITION, {
    date: "2026-04-15",
    times: timesFrom(NOW, "daily"),
    ownTimes: null,
  });
  const clock = { now: 1_000_000 };
  const providers = openProviders(rules);
  const manners = openManners(providers, 10, () => clock.now);
  const { due } = outbox;
  const looks = vi.spyOn(outbox, "due").mockImplementation((query) => {
    // A look takes its time.
    clock.now += 1;
    return due(query);
  });
  const stock = openStock(
    {
      outbox,
      holds: openHolds(database.db),
      manners,
      providers,
      limits: {},
      lettersOf: async () => () => ({ from: "letters@example.org", print: () => {} }),
      capacity: 10,
      now: () => NOW,
      clock: () => clock.now,
    },
    EDITION,
  );
  /** Takes what may be sent, as a run does that has nothing else to do, and ends it at once. */
  const run = async (milliseconds: number, took: (address: string) => void) => {
    for (const end = clock.now + milliseconds; clock.now < end; clock.now += 50) {
      for (let ready = stock.take(); ready; ready = stock.take()) {
        took(ready.reader.address);
        const at = manners.begun(ready.provider);
        const reply = { code: 250, enhanced: null, text: "250 Ok" };
        manners.ended(ready.provider, at, { state: "accepted", reply });
        await outbox.journal.settle(ready.key, { state: "accepted", reply });
      }
      while ((await stock.fill(() => {})) === "more");
    }
  };
  return { run, looks };
}

test("whoever comes after a long row of letters to a slow provider does not wait behind it", async () => {
  const slow = Array.from({ length: 600 }, (_, index) => `reader.${index}@slow.example`);
  const others = Array.from({ length: 20 }, (_, index) => `reader.${index}@example.org`);
  const { run } = await openWith([...slow, ...others], [{ domains: ["slow.example"], second: 2 }]);
  const took: string[] = [];
  await run(10_000, (address) => took.push(address));
  expect(took.filter((address) => address.endsWith("@example.org"))).toHaveLength(20);
  const slowOnes = took.filter((address) => address.endsWith("@slow.example")).length;
  expect(slowOnes).toBeGreaterThanOrEqual(18);
  expect(slowOnes).toBeLessThanOrEqual(21);
});

test("a long tail for one paced provider is not walked past all the time", async () => {
  const readers = Array.from({ length: 3000 }, (_, index) => `reader.${index}@slow.example`);
  const { run, looks } = await openWith(readers, [{ domains: ["slow.example"], second: 2 }]);
  let took = 0;
  await run(30_000, () => took++);
  expect(took).toBeGreaterThanOrEqual(55);
  // A look takes a millisecond here; without a rest between walks there are twice as many.
  expect(looks.mock.calls.length).toBeLessThan(2500);
});
