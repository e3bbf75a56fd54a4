/** What the operator is told of the schedule's trouble, by real mail. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readConfig, type Config } from "../../src/config.ts";
import { startLocalInbox } from "../../src/mail/local-inbox.ts";
import { addressOf, emptyHome, openApp } from "../home.ts";
import { startFaultServer } from "./fault-server.ts";

const CONSENT = { how: "added", detail: "test", at: "2026-04-01T00:00:00.000Z" } as const;
const OPERATOR = "operator@example.org";

interface World {
  readonly readers?: readonly string[];
  readonly alerts?: string | undefined;
  readonly whenEmpty?: "skip" | "letter";
  readonly smtpUrl?: URL;
}

/** Returns a program that keeps a schedule, and an inbox that all its mail goes to. */
async function openScheduled(world: World = {}) {
  const home = emptyHome();
  const folder = join(home, "incoming");
  mkdirSync(folder);
  const clock = { now: new Date("2026-04-14T06:59:00Z") };
  const inbox = await startLocalInbox(() => clock.now);
  onTestFinished(() => inbox.close());
  const defaults = readConfig(home, { PAPERROUND_CONFIG: "" });
  const changes: Partial<Config> = {
    smtpUrl: world.smtpUrl ?? new URL(`smtp://127.0.0.1:${inbox.port}`),
    sources: [{ name: "incoming", path: "incoming" }],
    newsletter: { ...defaults.newsletter, alerts: "alerts" in world ? world.alerts : OPERATOR },
    edition: { ...defaults.edition, whenEmpty: world.whenEmpty ?? "skip" },
  };
  const open = () => openApp(changes, { home, now: () => clock.now });
  const app = await open();
  await app.subscribers.admit(
    (world.readers ?? ["ada@example.org"]).map((reader) => ({
      address: addressOf(reader),
      cadence: "daily",
      textOnly: false,
      consent: CONSENT,
    })),
  );
  const put = (day: string) =>
    writeFileSync(
      join(folder, `${day}.jsonl`),
      JSON.stringify({
        title: `Paper of ${day}`,
        arxivId: `26${day.slice(5, 7)}.000${day.slice(8)}`,
        listedOn: day,
      }),
    );
  const notices: string[] = [];
  const at = async (time: string, program = app) => {
    clock.now = new Date(time);
    return program.rounds.keep((text) => notices.push(text), {});
  };
  /** A round that goes well, after which every day is accounted for. */
  const begin = async () => {
    put("2026-04-14");
    await at("2026-04-14T07:00:00Z");
  };
  const lettersTo = (address: string) => inbox.letters().filter(({ to }) => to === address);
  return { app, open, inbox, folder, notices, put, at, begin, lettersTo };
}

test("a round that was missed is told once, with what happened, what to do, and the code", async () => {
  const { app, open, begin, put, at, lettersTo } = await openScheduled();
  await begin();
  put("2026-04-15");
  await app.newsletter.gather(app.sources([]), () => {});
  await at("2026-04-15T14:00:00Z");
  await at("2026-04-15T14:01:00Z");
  await at("2026-04-15T14:02:00Z", await open());
  const [alert, ...more] = lettersTo(OPERATOR);
  expect(more).toEqual([]);
  expect(alert?.subject).toBe("Paper Round: trouble with the daily letter of 15 Apr 2026");
  for (const part of [alert?.text, alert?.html]) {
    expect(part).toMatch(/more than 6\s+hours late/);
    expect(part).toContain("What to do");
    expect(part).toContain("ROUND_FAILED");
  }
  // It is no letter of the list.
  expect(alert?.source).not.toMatch(/^List-/m);
});

test("a day without papers is no trouble, but one whose source was out of reach is", async () => {
  const { begin, folder, at, lettersTo } = await openScheduled();
  await begin();
  await at("2026-04-15T07:00:00Z");
  await at("2026-04-15T14:00:00Z");
  expect(lettersTo(OPERATOR)).toEqual([]);
  rmSync(folder, { recursive: true });
  await at("2026-04-16T07:00:00Z");
  await at("2026-04-16T14:00:00Z");
  expect(lettersTo(OPERATOR)).toHaveLength(1);
  expect(lettersTo(OPERATOR)[0]?.text.replaceAll(/\s+/g, " ")).toContain("source incoming");
});

test("a round that fails again and again is told once", async () => {
  const { app, put, at, lettersTo } = await openScheduled();
  put("2026-04-14");
  app.newsletter.send = () => Promise.reject(new Error("the disk is on fire"));
  for (const minute of ["00", "01", "02"]) await at(`2026-04-14T07:${minute}:00Z`);
  expect(lettersTo(OPERATOR)).toHaveLength(1);
  expect(lettersTo(OPERATOR)[0]?.text).toContain("the disk is on fire.");
});

test("a provider that is held back is told of, once", async () => {
  const readers = Array.from({ length: 60 }, (_, index) =>
    index % 3 === 0 ? `dot-554.${index}@bad.example` : `reader.${index}@bad.example`,
  );
  const server = await startFaultServer();
  const { begin, notices } = await openScheduled({ readers, smtpUrl: server.url });
  await begin();
  expect(server.accepted.filter((to) => to === OPERATOR)).toHaveLength(1);
  expect(notices).toContainEqual("The operator's letter about 2026-04-14: accepted.");
});

test("while the mail server is away the operator's letter is not taken for sent", async () => {
  const { app, begin, notices } = await openScheduled({ smtpUrl: new URL("smtp://127.0.0.1:1") });
  await begin();
  expect((await app.newsletter.status()).owed).toBe(1);
  expect(notices.join()).not.toContain("accepted");
});

test("without an address nobody is told", async () => {
  const { begin, put, at, inbox } = await openScheduled({ alerts: undefined });
  await begin();
  put("2026-04-15");
  await at("2026-04-15T14:00:00Z");
  expect(inbox.letters().map(({ to }) => to)).toEqual(["ada@example.org"]);
});

test("an address that can't be mailed is refused before anything is opened", async () => {
  const alerts = '"quoted"@example.org';
  await expect(openScheduled({ alerts })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});

test("where a quiet day is to be told, the letter says so once no papers are waited for", async () => {
  const { begin, put, at, lettersTo } = await openScheduled({ whenEmpty: "letter" });
  await begin();
  expect((await at("2026-04-15T07:00:00Z")).decided).toEqual([]);
  expect((await at("2026-04-15T13:01:00Z")).decided).toMatchObject([
    { outcome: "published", reason: expect.stringMatching(/^No papers.*1 recipient/) },
  ]);
  await at("2026-04-15T13:02:00Z");
  const [quiet, ...before] = lettersTo("ada@example.org");
  expect(before).toHaveLength(1);
  expect(quiet?.subject).toBe("A quiet Wednesday: no papers");
  expect(quiet?.source).toMatch(/^List-Unsubscribe-Post:/m);
  // A paper that comes after all has its place in the next letter.
  put("2026-04-15");
  await at("2026-04-16T07:00:00Z");
  expect(lettersTo("ada@example.org")[0]?.subject).toBe("Paper of 2026-04-15");
});
