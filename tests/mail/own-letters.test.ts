/** Letters of readers' own choice, through the outbox into a mail server. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { simpleParser } from "mailparser";
import { expect, onTestFinished, test } from "vitest";
import type { App } from "../../src/assemble.ts";
import type { Period } from "../../src/editions/period.ts";
import { fitted } from "../../src/mail/own-letters.ts";
import { startLocalInbox, type LocalInbox } from "../../src/mail/local-inbox.ts";
import { NO_INTERESTS, type Interests } from "../../src/papers/interests.ts";
import { latexText } from "../../src/papers/latex/reader.ts";
import { NO_CHOICE } from "../../src/subscribers/subscriber.ts";
import { openDatabase } from "../../src/io/database.ts";
import { timesFrom } from "../../src/mail/delivery.ts";
import { openOutbox } from "../../src/mail/outbox.ts";
import { outboxMigrations, type OutboxTables } from "../../src/mail/outbox-tables.ts";
import {
  subscriberMigrations,
  type SubscriberTables,
} from "../../src/subscribers/subscriber-tables.ts";
import { LANGUAGE_TAGS } from "../../src/config/language.ts";
import { addressOf, emptyHome, openApp, ROOT } from "../home.ts";

const CONSENT = { how: "added", detail: "test", at: "2026-04-01T00:00:00.000Z" } as const;

/** Returns the program over the sample, with these readers by their addresses. */
async function openWith(readers: Readonly<Record<string, Partial<Interests>>>) {
  const now = () => new Date("2026-04-15T20:00:00Z");
  const inbox = await startLocalInbox(now);
  onTestFinished(() => inbox.close());
  const home = emptyHome();
  const smtpUrl = new URL(`smtp://127.0.0.1:${inbox.port}`);
  const app = await openApp({ smtpUrl }, { home, now });
  await app.newsletter.gather([app.files([join(ROOT, "data", "sample.jsonl")], null)], () => {});
  const admissions = Object.entries(readers).map(([email, interests]) => ({
    ...NO_CHOICE,
    address: addressOf(email),
    cadence: "daily",
    textOnly: false,
    consent: CONSENT,
    interests: { ...NO_INTERESTS, ...interests },
  }));
  await app.subscribers.admit(admissions);
  return { app, inbox, home };
}

async function letterTo(inbox: LocalInbox, email: string) {
  const letter = inbox.letters().find(({ to }) => to === email);
  if (!letter) throw new Error(`No letter to ${email}.`);
  return simpleParser(letter.source);
}

/** Returns what a letter says without what is each letter's own: links and white space. */
function plain(text: string): string {
  return text
    .replace(/ <strong class="d"[^>]*><\/strong>/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

async function theSubscriber(app: App, email: string) {
  const reader = await app.subscribers.find(addressOf(email));
  if (!reader) throw new Error(`${email} is not on the list.`);
  return reader;
}

test("what is followed leads a reader's letter with the reason, what is muted is nowhere in it", async () => {
  const { app, inbox } = await openWith({
    "all@example.org": {},
    "own@example.org": { authors: ["Nobody Atall"], muted: ["agent", "video"] },
  });
  const draft = await app.newsletter.edition("daily", "2026-04-15");
  const last = draft.entries
    .map(({ paper }) => paper)
    .findLast((paper) => !/\b(agent|video)/i.test(JSON.stringify(paper)));
  const author = last?.authors[0] ?? "";
  const own = await theSubscriber(app, "own@example.org");
  const interests = { ...own.interests, authors: [author] };
  await app.readers.save(own, { ...own, interests });
  const { counts } = await app.newsletter.send("daily", "2026-04-15", {});
  expect(counts.accepted).toBe(2);

  const mine = await letterTo(inbox, "own@example.org");
  const theirs = await letterTo(inbox, "all@example.org");
  for (const part of [mine.text ?? "", mine.html || ""]) {
    expect(part).toContain(`You follow ${author}.`);
    expect(part).not.toMatch(/\b(agents?|videos?)\b/i);
  }
  expect(mine.text).toContain(latexText(last?.title ?? "x").slice(0, 30));
  expect(mine.subject).not.toMatch(/\b(agents?|videos?)\b/i);
  expect(theirs.text).toMatch(/\bagents?\b/i);
  expect(theirs.text).not.toContain("You follow");
});

test("a letter that was spliced says what one says that was set for its reader alone", async () => {
  const { app, inbox } = await openWith({
    "own@example.org": {
      topics: ["vision", "robotics"],
      keywords: ["benchmark", `"<b>&`],
      muted: ["agent"],
    },
  });
  await app.newsletter.send("daily", "2026-04-15", {});
  const spliced = await letterTo(inbox, "own@example.org");
  const reader = await theSubscriber(app, "own@example.org");
  const edition = await app.newsletter.edition("daily", "2026-04-15");
  const letter = await app.newsletter.set(edition, reader);
  const { content } = await app.newsletter.compose(edition, letter, reader);
  const alone = await simpleParser(content);
  expect(spliced.subject).toBe(alone.subject);
  expect(plain(spliced.text ?? "")).toBe(plain(alone.text ?? ""));
  expect(plain(spliced.html || "")).toBe(plain(alone.html || ""));
});

test("the papers of a reader's own letter are kept with its delivery: for a resend, and not to come again", async () => {
  const { app, home } = await openWith({ "own@example.org": { topics: ["vision"] } });
  const now = () => new Date("2026-04-15T20:00:00Z");
  await app.newsletter.send("daily", "2026-04-15", {});
  const database = await openDatabase<SubscriberTables & OutboxTables>({
    file: join(home, "subscribers", "subscribers.sqlite"),
    migrations: { ...subscriberMigrations, ...outboxMigrations },
  });
  onTestFinished(() => database.close());
  const outbox = openOutbox(database, "test", now);
  const { key } = await theSubscriber(app, "own@example.org");
  const dueOf = async (period: string) => {
    const edition = { cadence: "daily", period: period as Period } as const;
    await outbox.address(edition, {
      date: "2026-04-15",
      times: timesFrom(now(), "daily"),
      ownTimes: null,
    });
    const all = await outbox.due({ after: 0, limit: 9, now: now().toISOString(), edition });
    const found = all.find(({ reader }) => reader.mail?.key === key);
    return found?.reader.mail?.history;
  };
  const next = await dueOf("2026-04-16");
  expect(next?.kept).toBeNull();
  expect(next?.seen).toHaveLength(10);
  const filter = { states: ["accepted"], subscribers: [key] } as const;
  await app.newsletter.requeue(filter);
  expect(await dueOf("2026-04-15")).toEqual({ kept: next?.seen, seen: [] });
});

/** Gathers a day of 150 papers, the last of them by Ada Lovelace; `told` changes what is said of that one. */
async function gatherMany(app: App, told: object = {}, day = "2026-04-15"): Promise<void> {
  const papers = Array.from({ length: 150 }, (_, at) => ({
    source: "test",
    arxivId: `${day.slice(8) === "15" ? "2604" : "2605"}.9${String(at).padStart(4, "0")}`,
    title: `A quiet paper number ${at}`,
    abstract: "Nothing that anybody votes for.",
    authors: at === 149 ? ["Ada K. Lovelace"] : [`Author ${at} Person`],
    listedOn: day,
    ...(at === 149 ? told : {}),
  }));
  const file = join(emptyHome(), "many.jsonl");
  writeFileSync(file, papers.map((paper) => JSON.stringify(paper)).join("\n"));
  await app.newsletter.gather([app.files([file], day)], () => {});
}

test("an author whose paper the edition has no entry for is in the letter, too", async () => {
  const { app, inbox } = await openWith({ "own@example.org": { authors: ["Ada Lovelace"] } });
  await gatherMany(app);
  await app.newsletter.send("daily", "2026-04-15", {});
  const { text } = await letterTo(inbox, "own@example.org");
  expect(text).toContain("A quiet paper number 149");
  expect(text).toContain("You follow Ada Lovelace.");
});

test("a paper that was withdrawn after the edition was frozen is in no letter that it had no entry in", async () => {
  const { app } = await openWith({ "own@example.org": { authors: ["Ada Lovelace"] } });
  await gatherMany(app);
  const edition = await app.newsletter.publish("daily", "2026-04-15");
  const reader = await theSubscriber(app, "own@example.org");
  const letter = async () => (await app.newsletter.set(edition, reader)).text;
  expect(await letter()).toContain("You follow Ada Lovelace.");
  await gatherMany(app, { withdrawn: true });
  expect(await letter()).not.toContain("number 149");
});

test("a work that came under one id does not come again under another", async () => {
  const { app } = await openWith({ "own@example.org": { authors: ["Ada Lovelace"] } });
  await gatherMany(app);
  const twin = {
    arxivId: "2604.80000",
    title: "A quiet paper number 149",
    authors: ["Ada K. Lovelace"],
  };
  const other = { ...twin, arxivId: "2604.80001", authors: ["Somebody Else"] };
  const file = join(emptyHome(), "twins.jsonl");
  const lines = [twin, other].map((paper) =>
    JSON.stringify({ ...paper, source: "test", listedOn: "2026-03-02" }),
  );
  writeFileSync(file, lines.join("\n"));
  await app.newsletter.gather([app.files([file], "2026-03-02")], () => {});
  const edition = await app.newsletter.publish("daily", "2026-04-15");
  const reader = await theSubscriber(app, "own@example.org");
  const afterLetterWith = async ({ arxivId }: { arxivId: string }) => {
    const known = await app.catalogue.paper(arxivId);
    if (!known) throw new Error(`${arxivId} is not known.`);
    const seen = [known.paper.key];
    const recipient = { ...reader, history: { kept: null, seen } };
    return (await app.newsletter.set(edition, recipient)).text;
  };
  expect(await afterLetterWith(other)).toContain("number 149");
  expect(await afterLetterWith(twin)).not.toContain("number 149");
});

test("who mutes nothing is not told of muted words where a letter is empty", async () => {
  const { app } = await openWith({ "own@example.org": {} });
  const edition = await app.newsletter.edition("daily", "2026-04-15");
  const reader = await theSubscriber(app, "own@example.org");
  const seen = edition.entries.map(({ paper }) => paper.key);
  const textFor = async (muted: string[]) => {
    const interests = { ...NO_INTERESTS, muted };
    const recipient = { ...reader, interests, history: { kept: null, seen } };
    return (await app.newsletter.set(edition, recipient)).text;
  };
  expect(await textFor([])).toContain("Nothing of this edition is left that you have not had.");
  expect(await textFor(["quokkaology"])).not.toContain("muted words");
  expect(await textFor(["agent"])).toContain("left without your muted words");
});

test("a reader's letter of an empty edition says what everybody's says", async () => {
  const { app, inbox } = await openWith({
    "all@example.org": {},
    "own@example.org": { muted: ["quokkaology"] },
  });
  await app.newsletter.send("daily", "2026-01-06", { evenEmpty: true });
  const all = await letterTo(inbox, "all@example.org");
  const own = await letterTo(inbox, "own@example.org");
  expect(own.subject).toBe(all.subject);
  expect(all.text).toContain("No source has listed a paper");
  for (const form of [own.text ?? "", own.html || ""]) {
    expect(form).toContain("No source has listed a paper");
    expect(form).not.toContain("that you have not had");
    expect(form).not.toMatch(/no\. \d+\s*·/);
  }
});

test("a letter that is short by its reader's wish is not called quiet, whatever came before", async () => {
  const { app, inbox } = await openWith({ "own@example.org": {} });
  const reader = await theSubscriber(app, "own@example.org");
  await app.readers.save(reader, {
    ...reader,
    papers: 5,
    interests: { ...NO_INTERESTS, muted: ["quokkaology"] },
  });
  await gatherMany(app, {}, "2026-04-14");
  await app.newsletter.send("daily", "2026-04-14", {});
  const { interests, ...chosen } = await theSubscriber(app, "own@example.org");
  await app.readers.save({ ...chosen, interests }, { ...chosen, interests: NO_INTERESTS });
  await app.newsletter.send("daily", "2026-04-15", {});
  const { text } = await letterTo(inbox, "own@example.org");
  expect(text).toContain("Wednesday, 15 April 2026");
  expect(text).toContain("5 papers, ");
  expect(text).not.toContain("quiet Wednesday");
});

test("a letter too large loses titles first, and what is followed last", async () => {
  const { app } = await openWith({ "own@example.org": {} });
  const { entries } = await app.newsletter.edition("daily", "2026-04-15");
  const chosen = entries.slice(0, 6).map((entry, at) => ({
    entry,
    why: at === 5 ? ({ kind: "authors", what: "Ada Lovelace" } as const) : null,
  }));
  const choice = { entries: chosen.slice(2), tail: chosen.slice(0, 2), muted: 0 };
  const ranks = (room: number) => {
    const { entries: left, tail } = fitted(choice, room, () => 10_000);
    return [left, tail].map((part) => part.map(({ entry }) => entry.rank));
  };
  expect(ranks(50_000)).toEqual([
    [3, 4, 5, 6],
    [1, 2],
  ]);
  expect(ranks(41_000)).toEqual([[3, 4, 5, 6], [1]]);
  expect(ranks(20_500)).toEqual([[3, 6], []]);
});

test("a spliced letter has a heading for further titles only where there are some", async () => {
  const { app, inbox } = await openWith({ "few@example.org": {}, "all@example.org": {} });
  const { entries } = await app.newsletter.edition("daily", "2026-04-15");
  const [first, ...others] = entries.map(({ paper }) => latexText(paper.title).split(/[^\p{L}]+/u));
  const muted = others.flatMap(
    (words) => words.find((word) => word.length > 3 && !first?.includes(word)) ?? [],
  );
  const choose = async (email: string, interests: Partial<Interests>) => {
    const reader = await theSubscriber(app, email);
    await app.readers.save(reader, { ...reader, interests: { ...reader.interests, ...interests } });
  };
  await choose("few@example.org", { muted });
  await choose("all@example.org", { muted: ["quokkaology"] });
  await app.newsletter.send("daily", "2026-04-15", {});
  const few = await letterTo(inbox, "few@example.org");
  for (const form of [few.text, few.html]) expect(form).not.toContain("Also today");
  const all = await letterTo(inbox, "all@example.org");
  for (const form of [all.text, all.html]) expect(form).toContain("Also today");
});

test.each(LANGUAGE_TAGS)("in %s, a spliced letter's text keeps to 72 columns", async (language) => {
  const email = "own@example.org";
  const { app, inbox } = await openWith({
    [email]: { topics: ["vision", "robotics"], keywords: ["benchmark"], muted: ["agent"] },
  });
  const reader = await theSubscriber(app, email);
  await app.readers.save(reader, { ...reader, language });
  await app.newsletter.send("daily", "2026-04-15", {});
  const { text = "" } = await letterTo(inbox, email);
  const lines = text.split("\n").filter((line) => !/https?:|@/.test(line));
  const columns = (line: string) => line.replace(/[\u2e80-\uffef]/gu, "xx").length;
  expect(lines.length).toBeGreaterThan(50);
  expect(lines.filter((line) => columns(line) > 72)).toEqual([]);
});

test("a reader's letter that was shortened to fit a mail says what was left out", async () => {
  const email = "own@example.org";
  const { app, inbox } = await openWith({ [email]: { authors: ["Ada Lovelace"] } });
  const papers = Array.from({ length: 40 }, (_, at) => ({
    source: "test",
    arxivId: `2604.7${String(at).padStart(4, "0")}`,
    title: `${at}${"长标题".repeat(60)}`,
    abstract: "长摘要里有很多话。".repeat(60),
    authors: [...Array.from({ length: 20 }, (_, a) => `Autorin Ümläutß ${a}`), "Ada Lovelace"],
    listedOn: "2026-04-15",
  }));
  const file = join(emptyHome(), "long.jsonl");
  writeFileSync(file, papers.map((paper) => JSON.stringify(paper)).join("\n"));
  await app.newsletter.gather([app.files([file], "2026-04-15")], () => {});
  const reader = await theSubscriber(app, email);
  await app.readers.save(reader, { ...reader, papers: 25 });
  await app.newsletter.send("daily", "2026-04-15", {});
  const letter = await letterTo(inbox, email);
  const flat = (letter.text ?? "").replace(/\s+/g, " ");
  const [, shown = 0] = /· (\d+) papers, /.exec(flat) ?? [];
  const missing = 25 - Number(shown);
  expect(missing).toBeGreaterThan(0);
  const told = `To fit a mail: the runners-up are left out; ${missing} more papers on the web only.`;
  for (const form of [flat, letter.html || ""]) expect(form).toContain(told);
});
