/**
 * The disk is full in the middle of a send: SQLite is given no more pages for the real program's own
 * connection, and says what it says of a full disk.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test, vi } from "vitest";
import { addressOf, emptyHome, openApp } from "../home.ts";
import { startFaultServer } from "./fault-server.ts";

const DAY = "2026-04-15";
const CONSENT = { how: "added", detail: "test", at: "2026-04-01T00:00:00.000Z" } as const;
const CONNECTIONS = 3;

/** Returns the program with these readers, and its connection to the database of deliveries. */
async function openWith(readers: readonly string[], smtpUrl: URL) {
  const home = emptyHome();
  const papers = join(home, "papers.jsonl");
  writeFileSync(papers, JSON.stringify({ title: "A", arxivId: "2604.00001", listedOn: DAY }));
  const smtp = {
    connections: CONNECTIONS,
    limits: {},
    domains: [],
    lettersInFlight: 1,
    allowPlaintext: false,
  };
  const opened = vi.spyOn(DatabaseSync.prototype, "exec");
  const app = await openApp({ smtpUrl, smtp }, { home });
  const handles = opened.mock.contexts as DatabaseSync[];
  const people = handles.find((each) => each.isOpen && each.location()?.includes("subscribers"));
  opened.mockRestore();
  if (!people) throw new Error("The program did not open its database.");
  await app.newsletter.gather([app.files([papers], null)], () => {});
  await app.subscribers.admit(
    readers.map((address) => ({
      address: addressOf(address),
      cadence: "daily",
      textOnly: false,
      consent: CONSENT,
    })),
  );
  return { newsletter: app.newsletter, people };
}

function countsIn(people: DatabaseSync): Record<string, number> {
  const rows = people
    .prepare("select state, count(*) as many from deliveries group by state")
    .all();
  return Object.fromEntries(rows.map(({ state, many }) => [state, Number(many)]));
}

test("a full disk stops a send before the next letter leaves, and making room lets it go on", async () => {
  const server = await startFaultServer();
  const readers = Array.from({ length: 400 }, (_, index) => `reader.${index}@example.org`);
  const { newsletter, people } = await openWith(readers, server.url);

  let settled = 0;
  const sending = newsletter.send("daily", DAY, {
    onSettled: () => {
      if (++settled === 50) people.exec("pragma max_page_count = 1");
    },
  });
  await expect(sending).rejects.toThrow("database or disk is full");
  const stopped = countsIn(people);
  const { accepted = 0, sending: doubtful = 0, uncertain = 0 } = stopped;
  expect(accepted).toBeGreaterThanOrEqual(50);
  expect(server.accepted.length).toBeLessThan(400);
  expect(server.accepted.length).toBeGreaterThanOrEqual(accepted);
  expect(server.accepted.length).toBeLessThanOrEqual(accepted + doubtful + uncertain);
  expect(doubtful + uncertain).toBeLessThanOrEqual(CONNECTIONS);

  // Pages that were freed let it go on a little, by the same rules.
  await expect(newsletter.send("daily", DAY, {})).rejects.toThrow("database or disk is full");
  const more = countsIn(people);
  const unknown = (more["sending"] ?? 0) + (more["uncertain"] ?? 0);
  expect(server.accepted.length).toBeLessThanOrEqual((more["accepted"] ?? 0) + unknown);

  people.exec("pragma max_page_count = 1000000");
  const { counts } = await newsletter.send("daily", DAY, {});
  expect(counts.accepted + counts.uncertain).toBe(400);
  expect(counts.uncertain).toBeLessThanOrEqual(2 * CONNECTIONS);
  expect(new Set(server.accepted).size).toBe(server.accepted.length);
  expect(server.accepted.length).toBeGreaterThanOrEqual(counts.accepted);
});
