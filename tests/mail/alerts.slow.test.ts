/** What the operator is told of the schedule's trouble, by real mail. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { readConfig, type Config } from "../../src/config.ts";
import type { Cadence } from "../../src/editions/period.ts";
import { startLocalInbox } from "../../src/mail/local-inbox.ts";
import { addressOf, emptyHome, openApp, ROOT } from "../home.ts";
import { startFaultServer } from "./fault-server.ts";

const CONSENT = { how: "added", detail: "test", at: "2026-04-01T00:00:00.000Z" } as const;
const OPERATOR = "operator@example.org";
const AWAY = "421 4.3.2 Closed for today";
/** So many that one refusal of three is no chance. */
const REFUSED_READERS = Array.from({ length: 60 }, (_, index) =>
  index % 3 === 0 ? `dot-554.${index}@bad.example` : `reader.${index}@bad.example`,
);

interface World {
  readonly readers?: readonly string[];
  readonly cadence?: Cadence;
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
      cadence: world.cadence ?? "daily",
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
  const at = async (time: string, program = app, signal?: AbortSignal) => {
    clock.now = new Date(time);
    return program.rounds.keep((text) => notices.push(text), { signal });
  };
  /** A round that goes well, after which every day is accounted for. */
  const begin = async () => {
    put("2026-04-14");
    await at("2026-04-14T07:00:00Z");
  };
  /** Papers of a day that come in without a round. */
  const gather = async (...days: readonly string[]) => {
    for (const day of days) put(day);
    await app.newsletter.gather(app.sources([]), () => {});
  };
  const lettersTo = (address: string) => inbox.letters().filter(({ to }) => to === address);
  const told = () => notices.filter((each) => each.startsWith("The operator's letter"));
  return { app, open, home, inbox, folder, notices, put, gather, at, begin, lettersTo, told };
}

/** Returns a mail server that can be away, and what of its mail is the operator's. */
async function openMailServer() {
  const habits: { greeting?: string } = {};
  const server = await startFaultServer(habits);
  const toOperator = () => server.accepted.filter((to) => to === OPERATOR).length;
  const leave = () => void (habits.greeting = AWAY);
  const comeBack = () => void delete habits.greeting;
  return { server, smtpUrl: server.url, toOperator, leave, comeBack };
}

test("a round that was missed is told once, with what happened, what to do, and the code", async () => {
  const { open, begin, gather, at, lettersTo } = await openScheduled();
  await begin();
  await gather("2026-04-15");
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

test("of two rounds that were missed and are decided together, both are told", async () => {
  const { begin, gather, at, lettersTo } = await openScheduled();
  await begin();
  await gather("2026-04-15", "2026-04-16");
  const { decided } = await at("2026-04-16T14:00:00Z");
  expect(decided).toHaveLength(2);
  await at("2026-04-16T14:01:00Z");
  const subjects = lettersTo(OPERATOR).map(({ subject }) => subject);
  expect(subjects.toSorted()).toEqual([
    "Paper Round: trouble with the daily letter of 15 Apr 2026",
    "Paper Round: trouble with the daily letter of 16 Apr 2026",
  ]);
});

test("what could not be told before a restart is told after it, once", async () => {
  const { smtpUrl, toOperator, leave, comeBack } = await openMailServer();
  const { open, begin, gather, at, told } = await openScheduled({ smtpUrl });
  await begin();
  await gather("2026-04-15");
  leave();
  await at("2026-04-15T14:00:00Z");
  expect(told()).toEqual([expect.stringContaining("untried, and is tried again")]);
  comeBack();
  const restarted = await open();
  for (const minute of ["05", "06", "30"]) await at(`2026-04-15T14:${minute}:00Z`, restarted);
  expect(toOperator()).toBe(1);
});

test("a round that can't be recorded is told of before it is, and not again when it is", async () => {
  const { home, begin, gather, at, lettersTo } = await openScheduled();
  await begin();
  await gather("2026-04-15");
  const archive = new DatabaseSync(join(home, "data", "corpus.sqlite"));
  archive.exec(`create trigger no_rounds before insert on rounds
    begin select raise(abort, 'The power is gone'); end`);
  expect((await at("2026-04-15T14:00:00Z")).decided).toEqual([]);
  expect(lettersTo(OPERATOR)).toHaveLength(1);
  archive.exec("drop trigger no_rounds");
  archive.close();
  expect((await at("2026-04-15T14:01:00Z")).decided).toHaveLength(1);
  expect(lettersTo(OPERATOR)).toHaveLength(1);
  expect(lettersTo(OPERATOR)[0]?.text).toMatch(/more than 6\s+hours late/);
});

test("a provider that is held back is told of once, and a failure before it does not keep that quiet", async () => {
  const { smtpUrl } = await openMailServer();
  const { app, open, put, at, told } = await openScheduled({ readers: REFUSED_READERS, smtpUrl });
  const { send } = app.newsletter;
  put("2026-04-14");
  app.newsletter.send = () => Promise.reject(new Error("the disk is busy"));
  await at("2026-04-14T07:00:00Z");
  app.newsletter.send = send;
  await at("2026-04-14T07:05:00Z");
  await at("2026-04-14T07:06:00Z");
  await at("2026-04-14T07:20:00Z", await open());
  expect(told()).toEqual([
    "The operator's letter about daily 2026-04-14 (ROUND_FAILED): accepted.",
    "The operator's letter about daily 2026-04-14 (PROVIDER_HELD): accepted.",
  ]);
});

test("a hold that a send by hand came upon is told of with the edition whose letters it keeps", async () => {
  const { smtpUrl } = await openMailServer();
  const readers = REFUSED_READERS;
  const { app, begin, put, at, told } = await openScheduled({
    readers,
    cadence: "weekly",
    smtpUrl,
  });
  await begin();
  await app.newsletter.send("weekly", "2026-04-14", {});
  await at("2026-04-14T07:30:00Z");
  // The hold keeps a daily letter back as well, and is no news for that.
  await app.subscribers.admit([
    {
      address: addressOf("daily@bad.example"),
      cadence: "daily",
      textOnly: false,
      consent: CONSENT,
    },
  ]);
  put("2026-04-15");
  await at("2026-04-15T07:30:00Z");
  expect((await app.newsletter.held())[0]?.editions).toHaveLength(2);
  expect(told()).toEqual([
    "The operator's letter about weekly 2026-W16 (PROVIDER_HELD): accepted.",
  ]);
});

test("trouble with weekly letters that are owed is not filed under the last day", async () => {
  const { smtpUrl, leave, comeBack } = await openMailServer();
  const { app, open, begin, at, told } = await openScheduled({ cadence: "weekly", smtpUrl });
  await begin();
  leave();
  await app.newsletter.send("weekly", "2026-04-14", {});
  await at("2026-04-14T07:30:00Z");
  comeBack();
  await at("2026-04-14T07:36:00Z", await open());
  expect(told().at(-1)).toBe(
    "The operator's letter about weekly 2026-W16 (SMTP_UNREACHABLE): accepted.",
  );
});

test("a broken template is told of in plain text, since its letter could not be set either", async () => {
  const { home, put, at, lettersTo } = await openScheduled();
  mkdirSync(join(home, "templates", "partials"), { recursive: true });
  writeFileSync(join(home, "templates", "partials", "look.mjml.hbs"), "{{#if}");
  put("2026-04-14");
  await at("2026-04-14T07:00:00Z");
  const [alert] = lettersTo(OPERATOR);
  expect(alert?.source).toMatch(/^Content-Type: text\/plain/m);
  expect(alert?.html).toBe("");
  for (const part of ["look.mjml.hbs", "What to do: Correct the template", "TEMPLATE_BROKEN"])
    expect(alert?.text).toContain(part);
});

test("owed letters that an error holds back are told of with their edition", async () => {
  const { smtpUrl, leave, comeBack } = await openMailServer();
  const { home, open, begin, at, told } = await openScheduled({ smtpUrl });
  leave();
  await begin();
  comeBack();
  const template = join(ROOT, "templates", "letter.mjml.hbs");
  const hidden = '<mj-text><p style="display:none">Hidden</p></mj-text>';
  mkdirSync(join(home, "templates"));
  writeFileSync(
    join(home, "templates", "letter.mjml.hbs"),
    readFileSync(template, "utf8").replace(/<mj-column[^>]*>/, `$&${hidden}`),
  );
  const restarted = await open();
  for (const minute of ["10", "30"]) await at(`2026-04-14T07:${minute}:00Z`, restarted);
  expect(told().slice(-2)).toEqual([
    "The operator's letter about daily 2026-04-14 (SMTP_UNREACHABLE): accepted.",
    "The operator's letter about daily 2026-04-14 (LETTER_FAULTY): accepted.",
  ]);
});

test("a round that is stopped with the program is no trouble", async () => {
  const { app, put, at, lettersTo } = await openScheduled();
  put("2026-04-14");
  const signal = AbortSignal.abort();
  expect((await at("2026-04-14T07:00:00Z", app, signal)).decided).toEqual([]);
  expect(lettersTo(OPERATOR)).toEqual([]);
});

test("an alert that is refused for good is not tried again", async () => {
  const alerts = "rcpt-550@example.org";
  const { server, smtpUrl } = await openMailServer();
  const { begin, gather, at, told } = await openScheduled({ alerts, smtpUrl });
  await begin();
  await gather("2026-04-15");
  await at("2026-04-15T14:00:00Z");
  const tried = server.connections();
  for (const time of ["14:01", "14:30", "20:00"]) await at(`2026-04-15T${time}:00Z`);
  expect(server.connections()).toBe(tried);
  expect(told()).toEqual([expect.stringMatching(/: rejected \(550 5\.1\.1 No such user\)\.$/)]);
});

test("an alert that is refused for now is tried ever less often, and given up after a day", async () => {
  const alerts = "rcpt-450@example.org";
  const { server, smtpUrl } = await openMailServer();
  const { home, begin, gather, at, told } = await openScheduled({ alerts, smtpUrl });
  await begin();
  await gather("2026-04-15");
  const triesAt: string[] = [];
  for (const time of ["14:00", "14:01", "14:04", "14:05", "14:10", "14:14", "14:15", "14:30"]) {
    const before = server.connections();
    await at(`2026-04-15T${time}:00Z`);
    if (server.connections() > before) triesAt.push(time);
  }
  expect(triesAt).toEqual(["14:00", "14:05", "14:15"]);
  for (const time of ["07:00", "14:00", "20:00"]) await at(`2026-04-16T${time}:00Z`);
  expect(told()).toHaveLength(5);
  expect(told().at(-1)).toContain("given up (450 4.2.1 Mailbox busy)");
  const people = new DatabaseSync(join(home, "subscribers", "subscribers.sqlite"));
  expect(people.prepare("select outcome from alerts").all()).toEqual([{ outcome: "given up" }]);
  people.close();
});

test("an operator whose address must not be mailed is not mailed", async () => {
  const readers = ["ada@example.org", OPERATOR];
  const { app, begin, gather, at, lettersTo, told } = await openScheduled({ readers });
  await begin();
  const operator = await app.subscribers.find(addressOf(OPERATOR));
  if (!operator) throw new Error("The operator is no reader.");
  await app.subscribers.unsubscribe(operator.key, "2026-04-14T08:00:00.000Z");
  await gather("2026-04-15");
  await at("2026-04-15T14:00:00Z");
  await at("2026-04-15T14:30:00Z");
  expect(lettersTo(OPERATOR)).toHaveLength(1);
  expect(told()).toEqual([expect.stringMatching(/: suppressed\.$/)]);
});

test("a list without daily readers is no trouble, on the hour or late", async () => {
  const { put, gather, at, lettersTo } = await openScheduled({ cadence: "weekly" });
  put("2026-04-14");
  const skipped = { outcome: "skipped", reason: "Nobody takes the daily letter." };
  expect((await at("2026-04-14T07:00:00Z")).decided).toMatchObject([skipped]);
  expect((await at("2026-04-14T07:01:00Z")).decided).toEqual([]);
  await gather("2026-04-15");
  expect((await at("2026-04-15T14:00:00Z")).decided).toMatchObject([skipped]);
  expect(lettersTo(OPERATOR)).toEqual([]);
});

test("while the mail server is away the operator's letter is not taken for sent", async () => {
  const { app, begin, notices } = await openScheduled({ smtpUrl: new URL("smtp://127.0.0.1:1") });
  await begin();
  expect((await app.newsletter.status()).owed).toMatchObject([{ letters: 1 }]);
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

test("a source that failed once and works again does not keep the quiet letter from its readers", async () => {
  const { begin, folder, at, lettersTo } = await openScheduled({ whenEmpty: "letter" });
  await begin();
  rmSync(folder, { recursive: true });
  await at("2026-04-15T07:00:00Z");
  mkdirSync(folder);
  await at("2026-04-15T07:30:00Z");
  const { decided } = await at("2026-04-15T13:01:00Z");
  expect(decided).toMatchObject([{ outcome: "published" }]);
  expect(lettersTo("ada@example.org")).toHaveLength(2);
  expect(lettersTo(OPERATOR)).toEqual([]);
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
