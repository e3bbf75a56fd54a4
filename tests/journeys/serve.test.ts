/** `serve` as an operator runs it: it catches up, serves pages, takes unsubscribing, and stops. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { simpleParser } from "mailparser";
import { NO_INTERESTS } from "../../src/papers/interests.ts";
import { addressOf, emptyHome, openApp } from "../home.ts";
import { startLocalInbox } from "../../src/mail/local-inbox.ts";
import { run, start } from "./program.ts";

test("serve sends today's edition once, unsubscribes by one click, and stops on SIGTERM", async () => {
  const inbox = await startLocalInbox(() => new Date());
  const cwd = emptyHome();
  const today = new Date().toISOString().slice(0, 10);
  mkdirSync(join(cwd, "incoming"));
  writeFileSync(
    join(cwd, "incoming", "papers.jsonl"),
    JSON.stringify({ title: "A paper of today", arxivId: "2604.00001", listedOn: today }),
  );
  writeFileSync(
    join(cwd, "paperround.yaml"),
    // Due since the hour began, whenever this test runs.
    `schedule:\n  daily: "${new Date().toISOString().slice(11, 13)}:00"\nsources:\n  - name: incoming\n    path: incoming\nweb:\n  port: 18471\n`,
  );
  const env = { SMTP_URL: `smtp://127.0.0.1:${inbox.port}` };
  await run(["subscribers", "add", "a@example.org", "b@example.org"], { cwd });
  const { child, finished } = start(["serve"], { cwd, env });
  try {
    for (let waits = 0; inbox.letters().length < 2 && waits < 300; waits++) await sleep(50);
    expect(
      inbox
        .letters()
        .map(({ to }) => to)
        .toSorted(),
    ).toEqual(["a@example.org", "b@example.org"]);

    const letter = inbox.letters().find(({ to }) => to === "a@example.org");
    const mail = await simpleParser(letter?.source ?? "");
    const { unsubscribe } = mail.headers.get("list") as unknown as { unsubscribe: { url: string } };
    expect((await fetch(unsubscribe.url)).status).toBe(200);
    const answer = await fetch(unsubscribe.url, {
      method: "POST",
      redirect: "manual",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: "List-Unsubscribe=One-Click",
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("set-cookie")).toBeNull();

    const archive = await (await fetch(`http://127.0.0.1:18471/archive/daily/${today}`)).text();
    expect(archive).toContain("A paper of today");
  } finally {
    child.kill("SIGTERM");
  }
  const { code, stderr } = await finished;
  expect(code).toBe(0);
  expect(stderr).toContain('"msg":"stopped"');
  const status = JSON.parse((await run(["status", "--json"], { cwd })).stdout);
  expect(status).toMatchObject({
    subscribers: { confirmed: 1, unsubscribed: 1 },
    lastRound: { period: today, outcome: "published" },
    latest: { deliveries: { accepted: 2 } },
  });
  await inbox.close();
});

test("serve forgets what has expired at the door, also without a mail server", async () => {
  const home = emptyHome();
  const app = await openApp({}, { home, now: () => new Date("2026-04-01T08:00:00Z") });
  const choices = { cadence: "daily", textOnly: false, language: null };
  const clock = { hour: null, weekday: null, timeZone: null };
  await app.readers.ask(
    {
      address: addressOf("eve@example.org"),
      ...choices,
      ...clock,
      interests: NO_INTERESTS,
      how: "form",
      askedFrom: "example.org",
      wording: "yes",
    },
    { network: null, seal: null },
  );
  expect(await app.subscribers.count()).toMatchObject({ pending: 1 });
  const { child, finished } = start(["serve", "--port", "0"], { cwd: home });
  try {
    const isKept = async () => (await app.subscribers.count()).pending > 0;
    for (let waits = 0; (await isKept()) && waits < 300; waits++) await sleep(50);
    expect(await isKept()).toBe(false);
  } finally {
    child.kill("SIGTERM");
  }
  expect((await finished).code).toBe(0);
});
