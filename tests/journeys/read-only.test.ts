/** `serve` over a home that its user may read and not write: all of it can be read, nothing is taken in. */
import { readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { App } from "../../src/assemble.ts";
import { addressOf, emptyHome, openApp } from "../home.ts";
import { NOBODY, seal } from "../sealed.ts";
import { publishSample } from "../web/door.ts";
import { start } from "./program.ts";

const ADA = addressOf("ada@example.org");
const CONSENT = { how: "added", detail: "test", at: "2026-04-01T00:00:00.000Z" } as const;
/** A mail server that must not be needed. */
const ENV = { SMTP_URL: "smtp://127.0.0.1:9", PAPERROUND_CONFIG: "" };

interface Told {
  readonly status: number;
  readonly retry: string | null;
  readonly page: string;
}

/** Returns a home with papers, an edition and a reader, the program over it, and links of the reader. */
async function openHome(): Promise<{ home: string; app: App; own: string; leave: string }> {
  const home = emptyHome();
  const app = await openApp({}, { home });
  await publishSample(app);
  await app.subscribers.admit([
    { address: ADA, cadence: "daily", textOnly: false, consent: CONSENT },
  ]);
  const ada = await app.subscribers.find(ADA);
  if (!ada) throw new Error("Nobody reads.");
  const [own, leave] = [app.links.token("preferences", ada), app.links.token("unsubscribe", ada)];
  return { home, app, own: `/preferences/${own}`, leave: `/unsubscribe/${leave}` };
}

/** Runs `serve` over a sealed home for as long as `visit` takes; returns what it logged. */
async function serve(
  home: string,
  visit: (ask: (path: string, init?: RequestInit) => Promise<Told>) => Promise<void>,
) {
  const { child, finished } = start(["serve", "--port", "0"], {
    cwd: home,
    env: ENV,
    user: NOBODY,
  });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const url = () => /"url":"([^"]+)"/.exec(said)?.[1];
  try {
    for (let waits = 0; !url() && child.exitCode === null && waits < 600; waits++) await sleep(50);
    await visit(async (path, init) => {
      const answer = await fetch(`${url()}${path}`, { redirect: "manual", ...init });
      const { status, headers } = answer;
      return { status, retry: headers.get("retry-after"), page: await answer.text() };
    });
  } finally {
    child.kill("SIGTERM");
  }
  return finished;
}

const form = (fields: Record<string, string>): RequestInit => ({
  method: "POST",
  body: new URLSearchParams(fields),
});

test("a home that can't be written is served to read, and says once why it takes nothing in", async () => {
  const { home, app, own, leave } = await openHome();
  await app.close();
  seal(home);
  const files = ["data/corpus.sqlite", "subscribers/subscribers.sqlite"];
  const before = files.map((file) => readFileSync(join(home, file)));
  const { code, stderr } = await serve(home, async (ask) => {
    expect(await ask("/healthz")).toMatchObject({ status: 200, page: "ok\n" });
    const { page: front } = await ask("/");
    expect(front).not.toContain('action="/subscribe"');
    const { page: edition } = await ask("/archive/daily/2026-04-15");
    const paper = /href="(\/papers?\/[^"]+)"/.exec(edition)?.[1];
    for (const path of [
      "/archive",
      "/topics",
      "/search?q=agents",
      "/feed.atom",
      "/feed.json",
      paper,
    ])
      expect([path, (await ask(path ?? "/none")).status]).toEqual([path, 200]);
    for (const path of [own, leave, `${own}/data`, `${own}/learned`])
      expect([path, (await ask(path)).status]).toEqual([path, 200]);
    expect((await ask(own)).page).toContain("Nothing can be changed here for now");
    expect((await ask("/privacy")).page).not.toContain("Nothing can be changed");

    const json = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" };
    const changes: readonly [string, RequestInit?][] = [
      ["/subscribe"],
      ["/link"],
      ["/subscribe", form({ email: "eve@example.org" })],
      ["/link", form({ email: "ada@example.org" })],
      ["/api/subscribe", json],
      ["/confirm/x", form({})],
      ["/refuse/x", form({})],
      [leave, form({ "List-Unsubscribe": "One-Click" })],
      [own, form({ format: "text" })],
      [`${own}/address`, form({ email: "eve@example.org" })],
      [`${own}/learned`, form({ reset: "yes" })],
      [`${own}/erase`, form({})],
      ["/opinion/x/1/more", form({ say: "more" })],
    ];
    for (const [path, init] of changes) {
      const { status, retry, page } = await ask(path, init);
      expect([path, status, retry]).toEqual([path, 503, "3600"]);
      expect(page).toContain("Nothing can be changed here for now");
    }
    expect((await ask(leave, form({}))).page).toContain(`mailto:${app.masthead.contact}`);
    expect(JSON.parse((await ask("/api/subscribe", json)).page)).toHaveProperty("error");
    expect(JSON.parse((await ask("/api/subscribe")).page)).toMatchObject({ open: false });
    // Whoever writes where it seemed that nobody could is noticed.
    utimesSync(join(home, "data", "corpus.sqlite"), 1, 1);
    expect((await ask("/healthz")).status).toBe(503);
  });
  expect(code).toBe(0);
  const lines = stderr.split("\n").filter((line) => line.includes("can't be written"));
  expect(lines).toHaveLength(1);
  for (const file of files) expect(lines[0]).toContain(file);
  expect(stderr).not.toContain('"level":50');
  expect(files.map((file) => readFileSync(join(home, file)))).toEqual(before);
});

test("what another program writes into a home that can't be written from here is shown", async () => {
  const { home, app } = await openHome();
  seal(home);
  const { code } = await serve(home, async (ask) => {
    expect((await ask("/archive/weekly")).page).not.toContain("/archive/weekly/2026");
    await app.newsletter.publish("weekly", "2026-04-15");
    expect((await ask("/archive/weekly")).page).toContain("/archive/weekly/2026");
    expect((await ask("/subscribe", form({ email: "eve@example.org" }))).status).toBe(503);
  });
  expect(code).toBe(0);
});
