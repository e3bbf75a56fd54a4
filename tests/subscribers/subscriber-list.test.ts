import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../src/io/database.ts";
import { openSubscriberList, type Admission, type SubscriberList } from "../../src/subscribers/subscriber-list.ts";
import { subscriberMigrations, type SubscriberTables } from "../../src/subscribers/subscriber-tables.ts";
import type { Subscriber, SubscriberKey } from "../../src/subscribers/subscriber.ts";
import { findSuppression, suppress } from "../../src/subscribers/suppression.ts";
import { NO_INTERESTS } from "../../src/papers/interests.ts";
import { unpackProfile } from "../../src/papers/packed-profile.ts";
import { addressOf, emptyHome, ROOT } from "../home.ts";

const NOW = "2026-04-15T08:00:00.000Z";
const LATER = "2026-04-16T08:00:00.000Z";
const MOMENT = { now: NOW, today: "2026-04-15" };

async function openList(home = emptyHome()) {
  const file = join(home, "subscribers", "subscribers.sqlite");
  const database = await openDatabase<SubscriberTables>({
    file,
    migrations: subscriberMigrations,
    mode: 0o600,
  });
  onTestFinished(() => database.close());
  return { list: openSubscriberList(database.db, database.scrub), db: database.db, file };
}

function admission(email: string, changes: Partial<Admission> = {}): Admission {
  const consent = { how: "imported", detail: "readers.csv, row 2", at: NOW } as const;
  return { address: addressOf(email), cadence: "daily", textOnly: false, consent, ...changes };
}

async function added(list: SubscriberList, email: string): Promise<Subscriber> {
  expect(await list.admit([admission(email)])).toEqual(["added"]);
  return found(list, email);
}

async function found(list: SubscriberList, email: string): Promise<Subscriber> {
  const subscriber = await list.find(addressOf(email));
  if (!subscriber) throw new Error(`${email} is not on the list`);
  return subscriber;
}

test("somebody who is admitted is confirmed, with consent and preferences", async () => {
  const { list } = await openList();
  const ada = await added(list, "Ada@Example.org");
  expect(ada).toEqual({
    key: ada.key,
    address: "Ada@example.org",
    state: "confirmed",
    cadence: "daily",
    textOnly: false,
    language: null,
    hour: null,
    weekday: null,
    timeZone: null,
    interests: NO_INTERESTS,
    profile: null,
    papers: null,
    pausedUntil: null,
    consent: { how: "imported", detail: "readers.csv, row 2", at: NOW },
    endedAt: null,
    leavingReason: null,
    moves: 0,
    away: null,
  });
  expect(await list.get(ada.key)).toEqual(ada);
  expect(await list.count()).toEqual({ confirmed: 1, pending: 0, unsubscribed: 0 });
});

test("who is on the list already keeps consent and preferences, however it is written", async () => {
  const { list } = await openList();
  const ada = await added(list, "ada@example.org");
  await list.setPreferences(ada, { ...ada, textOnly: true }, MOMENT);
  const again = admission("ADA@EXAMPLE.ORG", {
    cadence: "weekly",
    consent: { how: "added", detail: "on the command line", at: LATER },
  });
  expect(await list.admit([again, again])).toEqual(["already", "already"]);
  expect(await list.get(ada.key)).toEqual({ ...ada, textOnly: true });
  expect(await list.count()).toMatchObject({ confirmed: 1 });
});

test("who unsubscribed stays off, whatever is imported later", async () => {
  const { list, db } = await openList();
  const ada = await added(list, "ada@example.org");
  await list.unsubscribe(ada.key, NOW);
  await list.unsubscribe(ada.key, LATER);
  expect(await list.admit([admission("Ada@example.org")])).toEqual(["suppressed"]);
  expect(await list.get(ada.key)).toMatchObject({ state: "unsubscribed", endedAt: NOW });
  expect(await list.isSuppressed(addressOf("ADA@example.org"))).toBe(true);
  expect(await findSuppression(db, "ada@example.org")).toEqual({ reason: "unsubscribed", at: NOW });
});

test("whom the operator removed may be added again, as new", async () => {
  const { list } = await openList();
  const ada = await added(list, "ada@example.org");
  await list.remove(ada.key, NOW);
  expect(await list.get(ada.key)).toMatchObject({ state: "unsubscribed", endedAt: NOW });
  expect(await list.isSuppressed(addressOf("ada@example.org"))).toBe(false);
  expect(await list.admit([admission("ada@example.org", { cadence: "weekly" })])).toEqual(["added"]);
  expect(await list.get(ada.key)).toMatchObject({
    state: "confirmed",
    cadence: "weekly",
    endedAt: null,
    leavingReason: null,
    moves: 0,
    away: null,
  });
});

test("a reader who leaves after being removed stays off for good", async () => {
  const { list } = await openList();
  const ada = await added(list, "ada@example.org");
  await list.remove(ada.key, NOW);
  await list.unsubscribe(ada.key, LATER);
  expect(await list.admit([admission("ada@example.org")])).toEqual(["suppressed"]);
});

test("what is asked of a key that nobody has changes nothing", async () => {
  const { list } = await openList();
  const ada = await added(list, "ada@example.org");
  const nobody = (ada.key + 1) as SubscriberKey;
  await list.unsubscribe(nobody, NOW);
  await list.remove(nobody, NOW);
  await list.setPreferences({ ...ada, key: nobody }, { ...ada, textOnly: true }, MOMENT);
  expect(await list.get(nobody)).toBeNull();
  expect(await Array.fromAsync(list.all())).toEqual([ada]);
});

test("the last look mails a confirmed reader and nobody else", async () => {
  const { list, db } = await openList();
  const ada = await added(list, "Ada@example.org");
  const removed = await added(list, "removed@example.org");
  const left = await added(list, "left@example.org");
  const bounced = await added(list, "Bounced@example.org");
  const erased = await added(list, "erased@example.org");
  await list.remove(removed.key, NOW);
  await list.unsubscribe(left.key, NOW);
  await suppress(db, "bounced@example.org", { reason: "bounced", at: NOW });
  await list.erase(addressOf("erased@example.org"), NOW);

  expect(await list.standing(ada.key)).toEqual({ mail: ada });
  expect(await list.standing(removed.key)).toEqual({ mail: null, because: "left" });
  expect(await list.standing(left.key)).toEqual({ mail: null, because: "left" });
  expect(await list.standing(bounced.key)).toEqual({ mail: null, because: "suppressed" });
  expect(await list.standing(erased.key)).toEqual({ mail: null, because: "left" });
});

test("an earlier suppression keeps its reason and time", async () => {
  const { db } = await openList();
  await suppress(db, "ada@example.org", { reason: "complained", at: NOW });
  await suppress(db, "ada@example.org", { reason: "operator", at: LATER });
  expect(await findSuppression(db, "ada@example.org")).toEqual({ reason: "complained", at: NOW });
});

test("an erased reader's address is in no file, and an import does not bring it back", async () => {
  const home = emptyHome();
  const { list, file } = await openList(home);
  await openList(home); // As `serve` beside the command has it open.
  const crowd = Array.from({ length: 3000 }, (_, index) => admission(`r${index}@example.org`));
  const zorro = admission("Zorro.Vega@example.org");
  await list.admit([...crowd.slice(0, 1500), zorro, ...crowd.slice(1500)]);
  const reader = await found(list, "zorro.vega@example.org");
  const { key } = reader;
  await list.setPreferences(reader, { ...reader, textOnly: true }, MOMENT);
  await list.unsubscribe(key, NOW);
  const folder = join(file, "..");
  const traces = () =>
    readdirSync(folder).filter((name) =>
      /zorro\.?vega/i.test(readFileSync(join(folder, name), "latin1")),
    );
  expect(traces()).not.toEqual([]);

  expect(await list.erase(zorro.address, LATER)).toEqual({ known: true, scrubbed: true });

  expect(traces()).toEqual([]);
  expect(await list.get(key)).toBeNull();
  expect(await list.find(zorro.address)).toBeNull();
  expect(await list.admit([zorro])).toEqual(["suppressed"]);
  expect(traces()).toEqual([]);
});

test("erasing twice, or somebody unknown, keeps the address off as well", async () => {
  const { list, db } = await openList();
  const ada = addressOf("ada@example.org");
  expect(await list.erase(ada, NOW)).toMatchObject({ known: false });
  expect(await list.erase(ada, LATER)).toMatchObject({ known: false });
  expect(await list.admit([admission("ada@example.org")])).toEqual(["suppressed"]);
  expect(await findSuppression(db, "ada@example.org")).toEqual({ reason: "erased", at: NOW });
  expect(await list.isSuppressed(addressOf("grace@example.org"))).toBe(false);
});

test("the key of an erased reader is nobody else's, so an old link can't reach another", async () => {
  const { list } = await openList();
  const ada = await added(list, "ada@example.org");
  await list.erase(addressOf("ada@example.org"), NOW);
  const grace = await added(list, "grace@example.org");
  expect(grace.key).not.toBe(ada.key);
});

test("a list longer than a page is walked whole, in the order its readers came", async () => {
  const { list } = await openList();
  const emails = Array.from({ length: 2345 }, (_, index) => `r${(index * 7919) % 2345}@example.org`);
  await list.admit(emails.map((email) => admission(email)));
  const walked = await Array.fromAsync(list.all());
  expect(walked.map(({ address }) => address)).toEqual(emails);
});

test("the files of the list are for their owner alone", async () => {
  const { list, file } = await openList();
  await added(list, "ada@example.org");
  const folder = join(file, "..");
  const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777);
  expect(modes.length).toBeGreaterThan(1);
  expect(new Set(modes)).toEqual(new Set([0o600]));
});

test("two programs that admit the same people at once put each on the list once", async () => {
  const { list, file } = await openList();
  // So many that the two are sure to overlap.
  const emails = Array.from({ length: 600 }, (_, index) => `r${index}@example.org`);
  const program = `
    const { openDatabase } = await import("${ROOT}src/io/database.ts");
    const { openSubscriberList } = await import("${ROOT}src/subscribers/subscriber-list.ts");
    const { subscriberMigrations } = await import("${ROOT}src/subscribers/subscriber-tables.ts");
    const [file, emails] = process.argv.slice(1);
    const { db, close } = await openDatabase({ file, migrations: subscriberMigrations });
    const list = openSubscriberList(db);
    const consent = { how: "added", detail: "test", at: "${NOW}" };
    let added = 0;
    for (const email of JSON.parse(emails)) {
      const admission = { address: { address: email, key: email }, cadence: "daily", textOnly: false, consent };
      if ((await list.admit([admission]))[0] === "added") added++;
    }
    await close();
    console.log(added);`;
  const run = async (people: readonly string[]) => {
    const argv = ["--input-type=module", "-e", program, file, JSON.stringify(people)];
    return Number((await promisify(execFile)(process.execPath, argv)).stdout);
  };
  const counts = await Promise.all([run(emails), run(emails.toReversed())]);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(emails.length);
  const walked = await Array.fromAsync(list.all());
  expect(walked.map(({ address }) => address).toSorted()).toEqual(emails.toSorted());
});

test("what was learned by an earlier version stays, in fewer bytes", async () => {
  const file = join(emptyHome(), "subscribers.sqlite");
  const { "subscribers-0006": packing, ...earlier } = subscriberMigrations;
  expect(packing).toBeDefined();
  const old = await openDatabase({ file, migrations: earlier });
  const learned = {
    terms: [
      { term: "diffusion model", weight: 0.8, from: 1 },
      { term: "robot", weight: -0.6, from: null },
    ],
    liked: ["Of nothing", "Diffusion at last"],
    opinions: 3,
  };
  for (const [email, profile] of [
    ["ada@example.org", JSON.stringify(learned)],
    ["bob@example.org", null],
  ]) {
    await sql`insert into subscribers (address, address_key, state, cadence, text_only, consent_how,
      consent_detail, consent_at, profile) values (${email}, ${email}, 'confirmed', 'daily', 0, 'added',
      'test', ${NOW}, ${profile})`.execute(old.db);
  }
  await old.close();
  const { db, scrub, close } = await openDatabase<SubscriberTables>({
    file,
    migrations: subscriberMigrations,
  });
  onTestFinished(close);
  const list = openSubscriberList(db, scrub);
  const { profile } = await found(list, "ada@example.org");
  expect(profile && unpackProfile(profile)).toEqual({
    ...learned,
    terms: [{ ...learned.terms[0], from: 0 }, learned.terms[1]],
    liked: ["Diffusion at last"],
  });
  expect((await found(list, "bob@example.org")).profile).toBeNull();
});
