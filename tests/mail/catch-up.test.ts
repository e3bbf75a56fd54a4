/** The first letter after a pause, through the outbox into a mail server. */
import { writeFileSync } from "node:fs";
import { join as pathOf } from "node:path";
import { simpleParser } from "mailparser";
import { expect, onTestFinished, test } from "vitest";
import { startLocalInbox } from "../../src/mail/local-inbox.ts";
import { NO_CHOICE, type Preferences } from "../../src/subscribers/subscriber.ts";
import { addressOf, emptyHome, openApp } from "../home.ts";

const CONSENT = { how: "added", detail: "test", at: "2026-04-01T00:00:00.000Z" } as const;
const READERS = ["ada@example.org", "bob@example.org", "eve@example.org"];

/** Returns a newsletter with three papers a day, which can be sent day by day. */
async function openDays(readers: readonly string[] = READERS) {
  const clock = { day: "2026-04-13" };
  const now = () => new Date(`${clock.day}T20:00:00Z`);
  const inbox = await startLocalInbox(now);
  onTestFinished(() => inbox.close());
  const smtpUrl = new URL(`smtp://127.0.0.1:${inbox.port}`);
  const app = await openApp({ smtpUrl }, { home: emptyHome(), now });
  const join = (emails: readonly string[]) =>
    app.subscribers.admit(
      emails.map((email) => ({
        ...NO_CHOICE,
        address: addressOf(email),
        cadence: "daily",
        textOnly: false,
        consent: CONSENT,
      })),
    );
  await join(readers);
  async function lettersOf(cadence: "daily" | "weekly", date: string) {
    const before = inbox.letters().length;
    await app.newsletter.send(cadence, date, {});
    const sent = inbox.letters().slice(0, inbox.letters().length - before);
    return new Map(sent.map(({ to, text }) => [to, text]));
  }
  async function gather(day: string, told: readonly object[]) {
    const file = pathOf(emptyHome(), "day.jsonl");
    const lines = told.map((each) => JSON.stringify({ source: "test", listedOn: day, ...each }));
    writeFileSync(file, lines.join("\n"));
    await app.newsletter.gather([app.files([file], day)], () => {});
  }
  return {
    join,
    gather,
    lettersOf,
    publish: (day: string) => app.newsletter.publish("daily", day),
    /** Lets the clock stand at the evening of a day. */
    wait: (day: string) => {
      clock.day = day;
    },
    /** Sends the edition of a day; returns each reader's letter as text. */
    send: async (day: string, papers = 3) => {
      clock.day = day;
      const told = Array.from({ length: papers }, (_, at) => ({
        arxivId: `2604.${day.slice(8)}${String(at).padStart(3, "0")}`,
        title: `Of day ${day.slice(8)} the paper ${at}${at === 1 ? " on quokkas" : ""}`,
        readings: { votes: 60 - at },
      }));
      await gather(day, told);
      return lettersOf("daily", day);
    },
    /** Returns a letter as it is set for its reader alone, who had none since their pause. */
    alone: async (email: string, date: string) => {
      const reader = await app.subscribers.find(addressOf(email));
      if (!reader?.away) throw new Error(`${email} had no pause.`);
      const pause = { ...reader.away, last: null };
      const recipient = { ...reader, history: { kept: null, seen: [], pause } };
      const edition = await app.newsletter.edition("daily", date);
      const letter = await app.newsletter.set(edition, recipient);
      const { content } = await app.newsletter.compose(edition, letter, reader);
      return (await simpleParser(content)).text ?? "";
    },
    change: async (email: string, changes: Partial<Preferences> & { muted?: string[] }) => {
      const reader = await app.subscribers.find(addressOf(email));
      if (!reader) throw new Error(`${email} is not on the list.`);
      const { muted = [], ...others } = changes;
      const interests = { ...reader.interests, muted };
      await app.readers.save(reader, { ...reader, ...others, interests });
    },
  };
}

const AWAY = /While you were away: \d+ Apr 2026/g;

test("the first letter after a pause brings the best of it at its end, and only that one", async () => {
  const days = await openDays();
  await days.send("2026-04-13");
  await days.change("ada@example.org", { pausedUntil: "2026-04-16" });
  await days.change("eve@example.org", { pausedUntil: "2026-04-16", muted: ["quokka"] });
  for (const day of ["2026-04-14", "2026-04-15"]) {
    expect([...(await days.send(day)).keys()]).toEqual(["bob@example.org"]);
  }
  const letters = await days.send("2026-04-16");
  const ada = letters.get("ada@example.org") ?? "";
  expect(ada).toContain("Welcome back. From your pause, at the end: 5 papers.");
  expect(ada.replaceAll("\n", " ")).toContain("A quiet Thursday: 3 papers.");
  expect(ada.match(AWAY)).toHaveLength(5);
  const titles = [...ada.matchAll(/^(?:\d+\.)? +Of day (\d+) the paper/gm)].map(([, day]) => day);
  expect(titles.slice(0, 3)).toEqual(["16", "16", "16"]);
  expect(titles.slice(3).toSorted()).toEqual(["14", "14", "15", "15", "15"]);
  expect(ada.match(/^\d+\. /gm)).toEqual(["1. ", "2. ", "3. "]);
  expect(ada).not.toContain("Chosen for you");
  const eve = letters.get("eve@example.org") ?? "";
  expect(eve.match(AWAY)).toHaveLength(4);
  expect(eve).not.toContain("quokka");
  expect(letters.get("bob@example.org")).not.toMatch(AWAY);
  const plain = (text: string) => text.replace(/\s+/g, " ").trim();
  for (const [email, letter] of [
    ["ada@example.org", ada],
    ["eve@example.org", eve],
  ] as const)
    expect(plain(await days.alone(email, "2026-04-16"))).toBe(plain(letter));
  const next = await days.send("2026-04-17");
  expect(next.size).toBe(3);
  for (const letter of next.values()) expect(letter).not.toMatch(/away|Welcome back/);
  expect(next.get("ada@example.org")).not.toContain("Chosen for you");
});

test("a pause in which nothing came out is told of by nobody", async () => {
  const days = await openDays();
  await days.send("2026-04-13");
  await days.change("ada@example.org", { pausedUntil: "2026-04-15" });
  const letters = await days.send("2026-04-16");
  expect(letters.size).toBe(3);
  expect(letters.get("ada@example.org")).not.toMatch(/away|Welcome back/);
});

test("what the edition holds under another id was not missed", async () => {
  const days = await openDays();
  await days.send("2026-04-13");
  await days.change("ada@example.org", { pausedUntil: "2026-04-16" });
  const preprint = { arxivId: "2604.77777", title: "On wombats, as a preprint" };
  const printed = { doi: "10.1000/wombats", title: "On wombats, in print" };
  const votes = { readings: { votes: 90 } };
  await days.gather("2026-04-14", [{ ...preprint, ...votes }]);
  await days.send("2026-04-14");
  days.wait("2026-04-16");
  await days.gather("2026-04-16", [{ ...printed, ...votes }]);
  await days.publish("2026-04-16");
  const letter = () => days.alone("ada@example.org", "2026-04-16");
  const before = await letter();
  expect(before).toContain("On wombats, in print");
  expect(before).toContain("On wombats, as a preprint");
  await days.gather("2026-04-14", [{ ...preprint, doi: printed.doi }]);
  const after = await letter();
  expect(after.match(AWAY)).toHaveLength(3);
  expect(after).toContain("On wombats, in print");
  expect(after).not.toContain("On wombats, as a preprint");
});

/** Returns of which days the missed papers of a letter are. */
function daysIn(letter: string | undefined): string[] {
  const entries = (letter ?? "").split(/^-{20,}$/m).filter((entry) => entry.match(AWAY));
  return entries.flatMap((entry) => /Of day (\d+) the paper/.exec(entry)?.[1] ?? []);
}

test("a pause is told of once, whatever its reader chooses later", async () => {
  const days = await openDays();
  await days.change("bob@example.org", { cadence: "weekly" });
  for (const day of ["2026-04-01", "2026-04-08"]) await days.send(day);
  for (const day of ["2026-04-01", "2026-04-08"]) await days.lettersOf("weekly", day);
  await days.change("ada@example.org", { pausedUntil: "2026-04-10" });
  const after = (await days.send("2026-04-10")).get("ada@example.org");
  expect(after).not.toMatch(/away|Welcome back/);
  await days.change("ada@example.org", { cadence: "weekly" });
  await days.send("2026-04-15");
  days.wait("2026-04-19");
  const weekly = await days.lettersOf("weekly", "2026-04-15");
  expect([...weekly.keys()].toSorted()).toEqual(["ada@example.org", "bob@example.org"]);
  for (const letter of weekly.values()) expect(letter).not.toMatch(/away|Welcome back/i);
});

test("who pauses before a first letter gets nothing from before they came", async () => {
  const days = await openDays(["bob@example.org"]);
  for (const day of ["2026-04-11", "2026-04-12"]) await days.send(day);
  await days.join(["new@example.org"]);
  await days.change("new@example.org", { pausedUntil: "2026-04-14" });
  await days.send("2026-04-13");
  const letter = (await days.send("2026-04-14")).get("new@example.org");
  expect(daysIn(letter)).toEqual(["13", "13", "13"]);
});

test("a pause that is ended early brings what came out until then, in its reader's length and language", async () => {
  const days = await openDays();
  await days.send("2026-04-13");
  await days.change("ada@example.org", { pausedUntil: "2026-06-01" });
  await days.change("eve@example.org", { pausedUntil: "2026-06-01", papers: 3, language: "de" });
  for (const day of ["2026-04-14", "2026-04-15"]) await days.send(day);
  await days.change("ada@example.org", { pausedUntil: null });
  await days.change("eve@example.org", { pausedUntil: "2026-04-10" });
  const letters = await days.send("2026-04-16");
  const ada = letters.get("ada@example.org");
  expect(ada?.match(AWAY)).toHaveLength(5);
  expect(daysIn(ada).toSorted()).toEqual(["14", "14", "15", "15", "15"]);
  const eve = letters.get("eve@example.org");
  expect(eve?.match(/Während Ihrer Pause: \d+/g)).toHaveLength(3);
  expect(letters.get("bob@example.org")).not.toMatch(AWAY);
  for (const letter of (await days.send("2026-04-17")).values())
    expect(letter).not.toMatch(/away|Welcome back|Willkommen/);
});
