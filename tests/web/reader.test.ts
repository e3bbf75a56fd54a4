/** What readers do by the links of their letters: change what comes, move, leave, and be forgotten. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { LinkPurpose } from "../../src/subscribers/links.ts";
import type { RequestKey } from "../../src/subscribers/requests.ts";
import type { Subscriber } from "../../src/subscribers/subscriber.ts";
import { addressOf } from "../home.ts";
import { DAY_MS, openDoor, publishSample, type DoorWorld } from "./door.ts";

const ADA = "ada@example.org";
const NOW = "2026-04-15T08:00:00.000Z";

let world: DoorWorld;
let ada: Subscriber;
beforeEach(async () => {
  world = await openDoor();
  ada = await joined(ADA);
}, 60_000);

async function joined(email: string): Promise<Subscriber> {
  await world.subscribe(email);
  await world.attend();
  await world.post(world.linkIn(email, "confirm"));
  await world.attend();
  const reader = await world.app.subscribers.find(addressOf(email));
  if (!reader) throw new Error(`${email} is not on the list.`);
  return reader;
}

const link = (purpose: Extract<LinkPurpose, "unsubscribe" | "preferences">, reader = ada) =>
  `/${purpose}/${world.app.links.token(purpose, reader)}`;
const now = (reader = ada) => world.app.subscribers.get(reader.key);
const text = async (answer: Promise<Response>) => (await answer).text();

describe("leaving", () => {
  test("can be taken back for a day, and is then as if it had not been", async () => {
    await world.post(link("unsubscribe"), "List-Unsubscribe=One-Click");
    expect(await now()).toMatchObject({ state: "unsubscribed" });
    expect(await text(world.post(link("unsubscribe"), { stay: "yes" }))).toContain("Welcome back");
    expect(await now()).toEqual(ada);
    expect(await world.app.subscribers.isSuppressed(addressOf(ADA))).toBe(false);
    await world.post(link("unsubscribe"));
    world.later(DAY_MS + 1);
    expect((await world.post(link("unsubscribe"), { stay: "yes" })).status).toBe(409);
    expect(await now()).toMatchObject({ state: "unsubscribed" });
  });

  test("can be taken back where the page offers it, and is offered where it can be", async () => {
    const mistake = /That was a mistake/;
    expect(await text(world.post(link("unsubscribe")))).toMatch(mistake);
    expect(await text(world.get(link("unsubscribe")))).toMatch(mistake);
    expect(await text(world.get(link("preferences")))).toContain("Take it back");
    world.later(DAY_MS + 1);
    const pages = [
      await text(world.get(link("unsubscribe"))),
      await text(world.post(link("unsubscribe"))),
      await text(world.post(link("unsubscribe"), { reason: "nobody's" })),
      await text(world.get(link("preferences"))),
    ];
    for (const page of pages) {
      expect(page).not.toMatch(/That was a mistake|Take it back/);
      expect(page).toContain("Subscribe again");
    }
  });

  test("on the operator's word can't be taken back by the reader's link", async () => {
    await world.app.subscribers.remove(ada.key, NOW);
    expect(await text(world.get(link("unsubscribe")))).not.toContain("That was a mistake");
    expect((await world.post(link("unsubscribe"), { stay: "yes" })).status).toBe(409);
    expect(await now()).toMatchObject({ state: "unsubscribed" });
  });

  test("may give a reason, which is kept, and no other word", async () => {
    await world.post(link("unsubscribe"));
    expect(await text(world.post(link("unsubscribe"), { reason: "often" }))).toContain("Thank you");
    await world.post(link("unsubscribe"), { reason: "constructor" });
    const { subscriber } = await world.app.readers.dataOf(ada);
    expect(subscriber).toMatchObject({ address: ADA });
    expect(await now()).toMatchObject({ state: "unsubscribed" });
  });

  test("can become a pause of four weeks instead", async () => {
    expect(await text(world.get(link("unsubscribe")))).toContain("A pause of four weeks");
    const page = await text(world.post(link("unsubscribe"), { instead: "pause" }));
    expect(page).toContain("13 May 2026");
    const away = { since: NOW, until: "2026-05-13" };
    expect(await now()).toEqual({ ...ada, pausedUntil: away.until, away });
  });

  test("can become one letter a week instead", async () => {
    expect(await text(world.get(link("unsubscribe")))).toContain("One letter a week");
    const page = await text(world.post(link("unsubscribe"), { instead: "weekly" }));
    expect(page).toContain("one letter a week");
    expect(await now()).toEqual({ ...ada, cadence: "weekly" });
    expect(await text(world.get(link("unsubscribe")))).not.toContain("One letter a week");
  });
});

test.each([
  ["a pause that lasts longer already", { pausedUntil: "2027-03-01" }, "instead=pause"],
  ["a rarer letter", { cadence: "monthly" }, "instead=weekly"],
  ["a word that nobody offers", {}, "instead=bogus"],
  ["a reason of one who stays", {}, "reason=often"],
])("nothing instead of leaving means more letters or ends them: %s", async (_, before, body) => {
  await world.app.readers.save(ada, { ...ada, ...before });
  const page = await text(world.post(link("unsubscribe"), body));
  expect(page).not.toContain("No further letter comes.</p>");
  const until = "pausedUntil" in before ? before.pausedUntil : null;
  const away = until && { since: NOW, until };
  expect(await now()).toEqual({ ...ada, ...before, away });
});

test("a weekly reader is offered one letter a month instead of leaving", async () => {
  await world.app.readers.save(ada, { ...ada, cadence: "weekly" });
  expect(await text(world.get(link("unsubscribe")))).toContain("One letter a month");
  const page = await text(world.post(link("unsubscribe"), { instead: "monthly" }));
  expect(page).toContain("one letter a month");
  expect(await now()).toEqual({ ...ada, cadence: "monthly" });
});

test("one click ends the subscription, whatever else stands beside it", async () => {
  await world.post(link("unsubscribe"), "List-Unsubscribe=One-Click&instead=weekly&stay=yes");
  expect(await now()).toMatchObject({ state: "unsubscribed", cadence: "daily" });
});

test("two changes from copies of one moment both stay", async () => {
  await world.app.readers.save(ada, { ...ada, papers: 3 });
  await world.app.readers.save(ada, { ...ada, textOnly: true });
  expect(await now()).toEqual({ ...ada, papers: 3, textOnly: true });
});

describe("preferences", () => {
  test("are shown, saved, and shown as saved", async () => {
    const chosen = {
      cadence: "monthly",
      format: "text",
      hour: "6",
      weekday: "5",
      timeZone: "Asia/Tokyo",
      papers: "3",
    };
    const page = await text(world.post(link("preferences"), { ...chosen, pause: "2026-05-01" }));
    expect(page).toContain("Saved.");
    expect(await now()).toEqual({
      ...ada,
      cadence: "monthly",
      textOnly: true,
      hour: 6,
      weekday: 5,
      timeZone: "Asia/Tokyo",
      papers: 3,
      pausedUntil: "2026-05-01",
      away: { since: NOW, until: "2026-05-01" },
    });
    const shown = await text(world.get(link("preferences")));
    expect(shown).toMatch(/<option value="6" selected>/);
    expect(shown).toMatch(/<option value="Asia\/Tokyo" selected>Tokyo/);
    expect(shown).toMatch(/<option value="5" selected>\s+Friday/);
    expect(shown).toMatch(/<option value="3" selected>/);
    expect(shown).toContain('value="2026-05-01"');
    const none = { cadence: "daily", format: "html", hour: "", weekday: "", papers: "", pause: "" };
    await world.post(link("preferences"), none);
    expect(await now()).toEqual({ ...ada, away: { since: NOW, until: "2026-04-16" } });
  });

  test("guess a reader's zone by the language, where its country has one", async () => {
    const page = (language: string) =>
      world
        .get(link("preferences"), { "Accept-Language": language })
        .then((answer) => answer.text());
    for (const language of ["de-DE,de;q=0.9", "de,en-US;q=0.7,en;q=0.3", "en,de-DE;q=0.8"]) {
      const guessed = await page(language);
      expect(guessed).toMatch(/<option value="Europe\/Berlin" selected>Berlin/);
      expect(guessed).toContain("Guessed from the language of your browser.");
      expect(guessed).toMatch(/It counts only with an\s+hour or a day\./);
    }
    for (const language of ["en-US,en;q=0.9", "pt", "de_x, *", "x".repeat(10_000)]) {
      const unknown = await page(language);
      expect(unknown).toMatch(/<option value="UTC" selected>UTC/);
      expect(unknown).not.toContain("Guessed");
    }
  });

  test("that can't be taken are told where they stand, and nothing that was filled in is lost", async () => {
    const chosen = {
      cadence: "weekly",
      format: "text",
      hour: "6",
      timeZone: "Asia/Tokyo",
      papers: "3",
    };
    const answer = await world.post(link("preferences"), { ...chosen, pause: "2036-01-01" });
    expect(answer.status).toBe(422);
    const page = await answer.text();
    const field = /<input\s+id="pause"[^>]*>/.exec(page)?.[0];
    expect(field).toMatch(
      /value="2036-01-01"[^>]*aria-describedby="pause-problem [^>]*aria-invalid="true"/,
    );
    expect(page.match(/role="alert"/g)).toHaveLength(1);
    expect(page).toMatch(/id="pause-problem">\s*A pause ends on a date within a year/);
    expect(page).toMatch(/value="weekly" checked/);
    expect(page).toMatch(/value="text" checked/);
    expect(page).toMatch(/value="6" selected/);
    expect(page).toMatch(/value="Asia\/Tokyo" selected/);
    expect(page).toMatch(/<option value="3" selected/);
    expect(await now()).toEqual(ada);
  });

  test("change the next letter: its form, its papers, and whether it comes", async () => {
    const { newsletter } = world.app;
    const bob = await joined("bob@example.org");
    const eve = await joined("eve@example.org");
    await world.post(link("preferences"), { format: "text", papers: "3" });
    await world.post(link("preferences", eve), { format: "html", pause: "2026-04-16" });
    await publishSample(world.app);
    const { addressed } = await newsletter.send("daily", "2026-04-15", {});
    expect(addressed).toMatchObject({ recipients: 2, excluded: { paused: 1 } });
    const letterTo = (address: string) =>
      world.inbox.letters().find(({ to, source }) => to === address && /^List-Id:/m.test(source));
    const papersIn = (letter: string | undefined) =>
      letter?.split(/also today/i)[0]?.match(/^ *\d+\. /gm)?.length;
    expect(letterTo(ADA)?.html).toBe("");
    expect(letterTo(bob.address)?.html).not.toBe("");
    expect(papersIn(letterTo(ADA)?.text)).toBe(3);
    expect(papersIn(letterTo(bob.address)?.text)).toBe(10);
    expect(letterTo(eve.address)).toBeUndefined();
  });

  test("hold the reader's data, whole, to be taken along", async () => {
    await publishSample(world.app);
    await world.app.newsletter.send("daily", "2026-04-15", {});
    await world.post(`${link("preferences")}/address`, { email: "ada@example.com" });
    const answer = await world.get(`${link("preferences")}/data`);
    expect(answer.headers.get("content-disposition")).toContain("attachment");
    expect(answer.headers.get("cache-control")).toBe("no-store, no-transform");
    const written = await answer.text();
    expect(written).toMatch(/^\{\n {2}"subscriber": \{\n {4}"/);
    const { subscriber, letters, requests, suppression } = JSON.parse(written) as Awaited<
      ReturnType<typeof world.app.readers.dataOf>
    >;
    expect(subscriber).toMatchObject({
      address: ADA,
      consent: { how: "form", wording: expect.stringContaining("I ask Paper Round") },
    });
    expect(letters).toMatchObject([
      { cadence: "daily", period: "2026-04-15", state: "accepted", answer: { code: 250 } },
    ]);
    expect(requests).toMatchObject([{ wish: "move", address: "ada@example.com" }]);
    expect(suppression).toBeNull();
    await world.post(link("unsubscribe"));
    await world.post(link("unsubscribe"), { reason: "often" });
    const left = await (await world.get(`${link("preferences")}/data`)).json();
    expect(left).toMatchObject({
      subscriber: { leavingReason: "often" },
      suppression: { reason: "unsubscribed" },
    });
  });
});

test("a reader's data name every letter, however many there were", async () => {
  const many = 10_001;
  const other = new DatabaseSync(join(world.home, "subscribers", "subscribers.sqlite"));
  other.exec(`with recursive each (n) as (select 1 union all select n + 1 from each where n < ${many})
    insert into deliveries (cadence, period, subscriber_key, state, due_at, expires_at, attempts)
    select 'daily', n, ${ada.key}, 'accepted', '${NOW}', '${NOW}', 1 from each`);
  other.close();
  const data = await (await world.get(`${link("preferences")}/data`)).json();
  expect((data as { letters: unknown[] }).letters).toHaveLength(many);
});

describe("moving to another address", () => {
  const move = (email: string) => world.post(`${link("preferences")}/address`, { email });

  test("tells what is wrong with the address beside it, and keeps it", async () => {
    const answer = await move("ada@");
    expect(answer.status).toBe(422);
    const page = await answer.text();
    const field = /<input\s+id="email"[^>]*>/.exec(page)?.[0];
    expect(field).toMatch(/value="ada@"[^>]*aria-invalid="true" aria-describedby="email-problem"/);
    expect(page.indexOf("Another address")).toBeLessThan(page.indexOf('id="email-problem"'));
    const path = `${link("preferences")}/address`;
    expect((await world.postJson(path, { email: "ada@example.com" })).status).toBe(415);
  });

  test("happens when the other mailbox says so, and not before", async () => {
    expect(await text(move("ada@example.com"))).toContain("Look into the other mailbox");
    expect(await world.attend()).toMatchObject([
      { to: "ada@example.com", subject: "Please confirm: Paper Round to this address" },
    ]);
    const confirm = world.linkIn("ada@example.com", "confirm");
    expect(await text(world.get(confirm))).toContain("Is this your new address?");
    expect(await now()).toEqual(ada);
    await world.post(confirm);
    await world.post(confirm);
    expect(await now()).toEqual({
      ...ada,
      address: "ada@example.com",
      moves: 1,
      consent: {
        ...ada.consent,
        moved: { detail: "on 127.0.0.1:8025", at: NOW, confirmedAt: NOW },
      },
    });
  });

  test("leaves the old mailbox nothing but to end the subscription, and tells it", async () => {
    const [leave, open] = [link("unsubscribe"), link("preferences")];
    const first = `/confirm/${world.app.links.token("confirm", 1 as RequestKey)}`;
    await world.subscribe(ADA);
    await move("ada@example.com");
    await world.attend();
    await world.post(world.linkIn("ada@example.com", "confirm"));
    const told = await world.attend();
    expect(told).toMatchObject([{ to: ADA, subject: /no longer come here/ }]);
    expect(told[0]?.text).not.toContain("example.com");
    for (const path of [open, `${open}/data`, `${open}/erase`])
      expect((await world.get(path)).status).toBe(410);
    expect((await world.post(`${open}/erase`)).status).toBe(410);
    expect((await world.post(`${open}/address`, { email: "eve@example.org" })).status).toBe(410);
    for (const page of [await text(world.post(first)), await text(world.get(leave))])
      expect(page).not.toMatch(/example\.com|\/preferences\//);
    const moved = await now();
    expect((await world.get(link("preferences", moved ?? ada))).status).toBe(200);
    expect(await text(world.post(leave, { stay: "yes" }))).not.toContain("example.com");
    expect(await now()).toMatchObject({ state: "unsubscribed", address: "ada@example.com" });
    expect((await world.post(leave, { stay: "yes" })).status).toBe(200);
    expect(await now()).toMatchObject({ state: "unsubscribed" });
  });

  test("takes back what was asked for with the old links, and leaves no trace of the old address", async () => {
    await move("eve@example.org");
    await world.attend();
    const others = world.linkIn("eve@example.org", "confirm");
    await move("ada@example.com");
    await world.subscribe(ADA, {}, "198.51.100.9");
    await world.attend();
    await world.post(world.linkIn("ada@example.com", "confirm"));
    expect((await world.post(others)).status).toBe(410);
    await world.attend();
    const moved = await now();
    await world.post(`${link("preferences", moved ?? ada)}/erase`);
    const folder = join(world.home, "subscribers");
    for (const name of readdirSync(folder))
      expect(readFileSync(join(folder, name), "latin1")).not.toMatch(/ada@example/i);
  });

  test("to a mailbox of another reader tells nothing and writes to nobody", async () => {
    await joined("bob@example.org");
    const known = await text(move("bob@example.org"));
    const other = await text(move("eve@example.org"));
    expect(known.replace("bob@", "eve@")).toBe(other);
    expect(await world.attend()).toMatchObject([{ to: "eve@example.org" }]);
  });

  test.each([
    ["erased", (old: Subscriber) => world.app.readers.erase(old)],
    ["unsubscribed", (old: Subscriber) => world.app.readers.leave(old)],
    ["taken off by the operator", ({ key }: Subscriber) => world.app.subscribers.remove(key, NOW)],
  ])("goes to a mailbox whose own subscription was %s, once it says so", async (_, end) => {
    const before = await joined("old@example.org");
    await end(before);
    world.later(DAY_MS);
    await move("old@example.org");
    expect(await world.attend()).toMatchObject([
      { to: "old@example.org", subject: "Please confirm: Paper Round to this address" },
    ]);
    const answer = await world.post(world.linkIn("old@example.org", "confirm"));
    expect(answer.status).toBe(200);
    expect(await now()).toMatchObject({ address: "old@example.org", state: "confirmed", moves: 1 });
    expect(await now(before)).toBeNull();
    expect(await world.app.subscribers.isSuppressed(addressOf("old@example.org"))).toBe(false);
  });

  test("takes no edition to a mailbox that has had it already", async () => {
    const before = await joined("old@example.org");
    await world.app.readers.leave(before);
    const file = join(world.home, "subscribers", "subscribers.sqlite");
    const other = new DatabaseSync(file);
    onTestFinished(() => other.close());
    const put = other.prepare(`insert into deliveries
      (cadence, period, subscriber_key, state, due_at, expires_at, attempts)
      values ('daily', ?, ?, ?, '2026-04-30T08:00:00.000Z', '2026-05-01T08:00:00.000Z', 0)`);
    put.run("2026-04-10", before.key, "accepted");
    put.run("2026-04-10", ada.key, "due");
    put.run("2026-04-09", before.key, "rejected");
    put.run("2026-04-09", ada.key, "deferred");
    world.later(DAY_MS);
    await move("old@example.org");
    await world.attend();
    await world.post(world.linkIn("old@example.org", "confirm"));
    const states = other
      .prepare(`select period, state from deliveries where subscriber_key = ? and period in
        ('2026-04-09', '2026-04-10') order by period`)
      .all(ada.key)
      .map((row) => ({ ...row }));
    expect(states).toEqual([
      { period: "2026-04-09", state: "deferred" },
      { period: "2026-04-10", state: "cancelled" },
    ]);
  });

  test("is refused to a mailbox that must not be mailed for another reason", async () => {
    await move("eve@example.org");
    await world.attend();
    const file = join(world.home, "subscribers", "subscribers.sqlite");
    const other = new DatabaseSync(file);
    other.exec("insert into suppressions values ('eve@example.org', 'bounced', '2026-04-15')");
    other.close();
    const answer = await world.post(world.linkIn("eve@example.org", "confirm"));
    expect(answer.status).toBe(410);
    expect(await now()).toEqual(ada);
  });

  test("is over when the reader has left in between", async () => {
    await move("ada@example.com");
    await world.attend();
    await world.post(link("unsubscribe"));
    expect((await world.post(world.linkIn("ada@example.com", "confirm"))).status).toBe(410);
    expect(await now()).toMatchObject({ address: ADA, state: "unsubscribed" });
  });
});

test("after erasing, what a server said of the address is gone as well", async () => {
  await publishSample(world.app);
  await world.app.newsletter.send("daily", "2026-04-15", {});
  const file = join(world.home, "subscribers", "subscribers.sqlite");
  const other = new DatabaseSync(file);
  other.exec("update deliveries set reply_text = '550 5.1.1 <ada@example.org>: no such user'");
  other.close();
  await world.post(`${link("preferences")}/erase`);
  for (const name of readdirSync(join(world.home, "subscribers")))
    expect(readFileSync(join(world.home, "subscribers", name), "latin1")).not.toContain(ADA);
});

test("after erasing, letters are counted as before, and none of them is anybody's", async () => {
  await publishSample(world.app);
  const { newsletter } = world.app;
  await newsletter.send("daily", "2026-04-15", {});
  const other = new DatabaseSync(join(world.home, "subscribers", "subscribers.sqlite"));
  other.exec(`insert into deliveries (cadence, period, subscriber_key, state, due_at, expires_at, attempts)
    select cadence, '2026-04-14', subscriber_key, state, due_at, expires_at, attempts from deliveries`);
  other.close();
  const before = await newsletter.deliveries({ states: ["accepted"] }, 10);
  expect(before.map(({ subscriber }) => subscriber)).toEqual([ada.key, ada.key]);
  await world.post(`${link("preferences")}/erase`);
  const after = await newsletter.deliveries({ states: ["accepted"] }, 10);
  expect(new Set(after.map(({ subscriber }) => subscriber)).size).toBe(2);
  for (const { subscriber, address, queueId, reply } of after) {
    expect(subscriber).not.toBe(ada.key);
    expect([address, queueId, reply]).toEqual([null, null, null]);
  }
});

test("after erasing, the address is nowhere in the files, and no import brings it back", async () => {
  await publishSample(world.app);
  await world.app.newsletter.send("daily", "2026-04-15", {});
  await world.post(`${link("preferences")}/address`, { email: "ada.lovelace@example.com" });
  const erase = `${link("preferences")}/erase`;
  expect(await text(world.get(erase))).toContain("Erase everything?");
  expect(await now()).toEqual(ada);
  expect(await text(world.post(erase))).toContain("Erased");
  const folders = ["subscribers", "data"].map((name) => join(world.home, name));
  const files = folders
    .filter(existsSync)
    .flatMap((folder) =>
      readdirSync(folder).map((name) => readFileSync(join(folder, name), "latin1")),
    );
  expect(files.length).toBeGreaterThan(1);
  for (const bytes of files) {
    expect(bytes.toLowerCase()).not.toContain(ADA);
    expect(bytes.toLowerCase()).not.toContain("ada.lovelace");
  }
  expect((await world.get(link("preferences"))).status).toBe(410);
  const consent = { how: "imported", detail: "x.csv", at: "2026-04-15T08:00:00.000Z" } as const;
  const back = { address: addressOf(ADA), cadence: "daily", textOnly: false, consent };
  expect(await world.app.subscribers.admit([back])).toEqual(["suppressed"]);
});

test("erasing that meets a move forgets the reader or says that it did not, and nothing half", async () => {
  await world.post(`${link("preferences")}/address`, { email: "ada@example.com" });
  await world.attend();
  await world.post(world.linkIn("ada@example.com", "confirm"));
  expect(await world.app.readers.erase(ada)).toBeNull();
  const moved = await now();
  if (!moved) throw new Error("The reader is gone.");
  expect(moved).toMatchObject({ address: "ada@example.com", state: "confirmed" });
  expect(await world.app.subscribers.isSuppressed(addressOf(ADA))).toBe(false);
  expect(await world.app.readers.erase(moved)).toMatchObject({ known: true });
  expect(await now()).toBeNull();
  expect(await world.app.subscribers.isSuppressed(addressOf("ada@example.com"))).toBe(true);
});

test("no token does what another is for, nor for somebody else", async () => {
  const bob = await joined("bob@example.org");
  await world.subscribe("eve@example.org");
  await world.attend();
  const { links } = world.app;
  const confirm = world.linkIn("eve@example.org", "confirm").split("/")[2] ?? "";
  const refuse = world.linkIn("eve@example.org", "refuse").split("/")[2] ?? "";
  const tokens = {
    unsubscribe: links.token("unsubscribe", ada),
    preferences: links.token("preferences", ada),
    bounce: links.token("bounce", ada.key),
    letter: links.token("letter", ada.key),
    confirm,
    refuse,
  };
  for (const page of ["unsubscribe", "preferences", "confirm", "refuse"] as const) {
    for (const [purpose, token] of Object.entries(tokens)) {
      if (purpose === page) continue;
      const forBob = token.replace(/^[^-]+/, bob.key.toString(36));
      for (const wrong of [token, forBob, token.slice(0, -1)]) {
        expect((await world.get(`/${page}/${wrong}`)).status).toBe(404);
        expect((await world.post(`/${page}/${wrong}`)).status).toBe(404);
      }
    }
  }
  expect(await now()).toEqual(ada);
  expect(await now(bob)).toEqual(bob);
});

test("the privacy page says what the configuration does", async () => {
  const page = await text(world.get("/privacy"));
  expect(page).toContain("deleted after 7 days");
  expect(page).toContain("<strong>127.0.0.1</strong>");
  expect(page).toContain("loads nothing from anywhere");
  for (const kept of [
    /reason for\s+leaving/,
    /as long\s+as your address/,
    /for 30 days, also if you/,
  ])
    expect(page).toMatch(kept);
  world = await openDoor({ expiresDays: 1 });
  expect(await text(world.get("/privacy"))).toContain("deleted after a day");
});

test("every page says who may keep it, and none sets a cookie or runs a script", async () => {
  const { links } = world.app;
  const token = links.token("preferences", ada);
  const personal = [
    "/subscribe",
    "/link",
    "/api/subscribe",
    link("unsubscribe"),
    link("preferences"),
    `/preferences/${token}/data`,
    `/preferences/${token}/erase`,
    "/confirm/x",
    "/refuse/x",
  ];
  for (const path of [...personal, "/privacy", "/embed", "/"]) {
    const answer = await world.get(path);
    const keeping = answer.headers.get("cache-control") ?? "";
    expect(keeping.startsWith("no-store") || !personal.includes(path)).toBe(true);
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    expect(answer.headers.get("content-security-policy")).not.toMatch(/script-src|unsafe/);
    const page = await answer.text();
    expect(page).not.toMatch(/<script|\son\w+=|style="/);
    expect(Buffer.byteLength(page)).toBeLessThan(50 * 1024);
  }
});
