import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import { addressOf } from "../home.ts";
import { DAY_MS, HOUR_MS, openDoor, publishSample, type DoorWorld } from "./door.ts";

let world: DoorWorld;
beforeEach(async () => {
  world = await openDoor();
}, 60_000);

const ADA = "ada@example.org";
const found = (email = ADA) => world.app.subscribers.find(addressOf(email));

async function confirmAda(): Promise<void> {
  await world.subscribe(ADA);
  await world.attend();
  await world.post(world.linkIn(ADA, "confirm"));
}

describe("from the form to the list", () => {
  test("a sign-up is mailed a question, and nobody is on the list before the answer", async () => {
    const answer = await world.subscribe("Ada@Example.org");
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("Look into your mailbox");
    expect(await found()).toBeNull();
    expect(await world.app.subscribers.count()).toMatchObject({ confirmed: 0, pending: 1 });
    const letters = await world.attend();
    expect(letters).toMatchObject([
      { to: "Ada@example.org", subject: "Please confirm: the daily letter of Paper Round" },
    ]);
    expect(letters[0]?.text).toMatch(
      /15 Apr 2026, 08:00 UTC, on 127\.0\.0\.1:8025, from the\s+network 192\.0\.2\.0\/24/,
    );
    expect(letters[0]?.text).toMatch(/do nothing: without that click no letter\s+comes/);
    // The question is a letter of its own, of no list.
    expect(world.inbox.letters()[0]?.source).not.toMatch(/^List-/im);
    expect(await world.attend()).toEqual([]);
  });

  test("the link shows one button; pressing it puts the reader on the list, once", async () => {
    await world.subscribe(ADA, { hour: "6", timeZone: "Asia/Tokyo", format: "text" });
    await world.attend();
    const link = world.linkIn(ADA, "confirm");
    const page = await (await world.get(link)).text();
    expect(page.match(/<button/g)).toHaveLength(1);
    expect(page).not.toContain("<script");
    expect(await found()).toBeNull();
    world.later(HOUR_MS);
    const answers = await Promise.all([world.post(link), world.post(link)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const ada = await found();
    expect(ada).toMatchObject({
      state: "confirmed",
      cadence: "daily",
      hour: 6,
      timeZone: "Asia/Tokyo",
      textOnly: true,
      consent: {
        how: "form",
        detail: "on 127.0.0.1:8025",
        at: "2026-04-15T08:00:00.000Z",
        confirmedAt: "2026-04-15T09:00:00.000Z",
      },
    });
    const form = await (await world.get("/subscribe")).text();
    expect(form).toContain(ada?.consent.wording ?? "never");
    world.later(HOUR_MS);
    for (const again of [await world.post(link), await world.get(link)]) {
      const said = await again.text();
      expect(said).toContain("This was confirmed");
      expect(said).not.toMatch(/ada@|\/preferences\//);
    }
    expect(await found()).toEqual(ada);
    expect(await world.app.subscribers.count()).toMatchObject({ confirmed: 1, pending: 0 });
  });

  test("a link that was used once brings nobody back who has left since", async () => {
    await confirmAda();
    const link = world.linkIn(ADA, "confirm");
    const ada = await found();
    if (!ada) throw new Error("not confirmed");
    await world.app.readers.leave(ada);
    expect((await world.post(link)).status).toBe(410);
    expect(await found()).toMatchObject({ state: "unsubscribed" });
  });

  test("whoever has left may come back by the same way", async () => {
    await confirmAda();
    const ada = await found();
    if (!ada) throw new Error("not confirmed");
    await world.app.readers.leave(ada);
    world.later(2 * DAY_MS);
    await confirmAda();
    expect(await found()).toMatchObject({ state: "confirmed", endedAt: null });
    expect(await world.app.subscribers.isSuppressed(addressOf(ADA))).toBe(false);
  });

  test("whoever has erased herself may come back by the same way, and by no import", async () => {
    await confirmAda();
    const ada = await found();
    if (!ada) throw new Error("not confirmed");
    await world.app.readers.erase(ada);
    const consent = { how: "imported", detail: "x.csv", at: "2026-04-15T08:00:00.000Z" } as const;
    const row = { address: addressOf(ADA), cadence: "daily", textOnly: false, consent };
    expect(await world.app.subscribers.admit([row])).toEqual(["suppressed"]);
    world.later(2 * DAY_MS);
    await confirmAda();
    expect(await found()).toMatchObject({ state: "confirmed", consent: { how: "form" } });
    expect(await world.app.subscribers.isSuppressed(addressOf(ADA))).toBe(false);
  });

  test("the latest edition goes out at once, and never a second time", async () => {
    await publishSample(world.app);
    await world.subscribe(ADA);
    await world.attend();
    const page = await (await world.post(world.linkIn(ADA, "confirm"))).text();
    expect(page).toContain("The latest edition is on its way");
    expect(page).toContain('<a href="/archive/daily/2026-04-15">Wednesday, 15 April 2026</a>');
    expect(page).toContain("<strong>letters@paperround.localhost</strong>");
    const { newsletter } = world.app;
    await newsletter.deliverOwed({});
    expect(world.inbox.letters()).toHaveLength(2);
    expect(world.inbox.letters()[0]?.source).toMatch(/^List-Unsubscribe-Post:/m);
    const sent = await newsletter.send("daily", "2026-04-15", {});
    expect(sent.addressed.recipients).toBe(1);
    await newsletter.deliverOwed({});
    expect(world.inbox.letters()).toHaveLength(2);
  });

  test.each([
    ["there is no edition yet", {}, false],
    ["the operator wants no edition at once", { firstEdition: false }, true],
  ])("a welcome comes where %s", async (_, rules, isPublished) => {
    world = await openDoor(rules);
    if (isPublished) await publishSample(world.app);
    await confirmAda();
    expect(await world.attend()).toMatchObject([{ to: ADA, subject: "Welcome to Paper Round" }]);
    await world.app.newsletter.deliverOwed({});
    expect(world.inbox.letters()).toHaveLength(2);
  });

  test("an edition of last week is nobody's first daily letter; a welcome comes instead", async () => {
    await publishSample(world.app);
    world.later(4 * DAY_MS);
    await confirmAda();
    expect(await world.attend()).toEqual([]);
    world.later(DAY_MS);
    await world.subscribe("eve@example.org");
    await world.attend();
    const confirm = world.linkIn("eve@example.org", "confirm");
    const page = await (await world.post(confirm)).text();
    expect(page).toContain("The first letter comes when the next edition is");
    expect(await world.attend()).toMatchObject([{ subject: "Welcome to Paper Round" }]);
  });

  test("one reminder comes, and then the request is forgotten", async () => {
    await world.subscribe(ADA);
    await world.attend();
    const link = world.linkIn(ADA, "confirm");
    world.later(47 * HOUR_MS);
    expect(await world.attend()).toEqual([]);
    world.later(HOUR_MS);
    const subject = "Once more, please confirm: the daily letter of Paper Round";
    expect(await world.attend()).toMatchObject([{ to: ADA, subject }]);
    for (let days = 0; days < 5; days++) {
      world.later(DAY_MS);
      expect(await world.attend()).toEqual([]);
    }
    expect((await world.get(link)).status).toBe(410);
    expect((await world.post(link)).status).toBe(410);
    expect(await found()).toBeNull();
    expect(await world.app.subscribers.count()).toMatchObject({ pending: 0 });
  });

  test('"this was not me" throws the request away, and nothing asks again for a month', async () => {
    await world.subscribe(ADA);
    await world.attend();
    const link = world.linkIn(ADA, "refuse");
    const confirm = world.linkIn(ADA, "confirm");
    expect(await (await world.get(link)).text()).toContain("This was not you?");
    expect((await world.get(confirm)).status).toBe(200);
    expect((await world.post(link)).status).toBe(200);
    expect((await world.post(link)).status).toBe(200);
    expect((await world.post(confirm)).status).toBe(410);
    for (let weeks = 0; weeks < 4; weeks++) {
      world.later(7 * DAY_MS);
      await world.subscribe(ADA);
      expect(await world.attend()).toEqual([]);
    }
    world.later(3 * DAY_MS);
    await world.subscribe(ADA);
    expect(await world.attend()).toHaveLength(1);
  });

  test('"this was not me" after a yes says so, and offers to leave', async () => {
    await world.subscribe(ADA);
    await world.attend();
    const link = world.linkIn(ADA, "refuse");
    await world.post(world.linkIn(ADA, "confirm"));
    for (const answer of [await world.get(link), await world.post(link)]) {
      const page = await answer.text();
      expect(page).toContain("This was confirmed");
      expect(page).not.toContain("Thrown away");
    }
    expect(await found()).toMatchObject({ state: "confirmed" });
    await world.post(link, { leave: "yes" });
    expect(await found()).toMatchObject({ state: "unsubscribed" });
    // What opening says is what pressing would come to: no letter is sent any more.
    for (const answer of [await world.get(link), await world.post(link)]) {
      expect(answer.status).toBe(410);
      expect(await answer.text()).not.toContain("letter is sent");
    }
  });

  test('"this was not me" weeks after a yes is over, opened or pressed', async () => {
    await world.subscribe(ADA);
    await world.attend();
    const link = world.linkIn(ADA, "refuse");
    await world.post(world.linkIn(ADA, "confirm"));
    world.later(8 * DAY_MS);
    expect((await world.get(link)).status).toBe(410);
    expect((await world.post(link)).status).toBe(410);
    expect(await found()).toMatchObject({ state: "confirmed" });
  });

  test('"this was not me" after the time is up claims nothing', async () => {
    await world.subscribe(ADA);
    await world.attend();
    const link = world.linkIn(ADA, "refuse");
    world.later(8 * DAY_MS);
    expect((await world.get(link)).status).toBe(410);
    expect((await world.post(link)).status).toBe(410);
  });

  test("a reminder that meets a full hour comes later", async () => {
    const limits = { networkHour: 20, neighbourhoodHour: 100, domainHour: 200, day: 1 };
    world = await openDoor({ limits });
    await world.subscribe(ADA);
    await world.attend();
    world.later(47 * HOUR_MS);
    await world.subscribe("eve@example.com");
    await world.attend();
    world.later(HOUR_MS);
    expect(await world.attend()).toEqual([]);
    world.later(DAY_MS);
    expect(await world.attend()).toMatchObject([{ to: ADA }]);
  });

  test("a reminder that the mail server could not be given is tried again", async () => {
    await world.subscribe(ADA);
    await world.attend();
    const nowhere = new URL("smtp://127.0.0.1:9");
    const cutOff = await openDoor({}, { smtpUrl: nowhere }, undefined, world.home);
    cutOff.later(48 * HOUR_MS);
    await cutOff.app.tidyDoor();
    const answered = await cutOff.app.answering.attend(new AbortController().signal);
    expect(answered).toMatchObject({ accepted: 0, fault: { code: "SMTP_UNREACHABLE" } });
    world.later(49 * HOUR_MS);
    expect(await world.attend()).toMatchObject([
      { to: ADA, subject: expect.stringMatching(/^Once more/) },
    ]);
    world.later(DAY_MS);
    expect(await world.attend()).toEqual([]);
  });

  test("what the mail server refuses for now is asked again, and what it can't take yet waits", async () => {
    await world.subscribe(ADA);
    await world.inbox.close();
    const answered = await world.app.answering.attend(new AbortController().signal);
    expect(answered).toMatchObject({ accepted: 0, fault: { code: "SMTP_UNREACHABLE" } });
    expect(await world.app.subscribers.count()).toMatchObject({ pending: 1 });
  });
});

describe("who is known", () => {
  async function answersFor(email: string) {
    const answer = await world.subscribe(email, {}, "198.51.100.7");
    return { status: answer.status, text: (await answer.text()).replaceAll(email, "EMAIL") };
  }

  test("nobody can tell from an answer who is on the list, waits, has left or must not be mailed", async () => {
    await confirmAda();
    const { subscribers } = world.app;
    await world.subscribe("waits@example.org");
    const consent = { how: "added", detail: "test", at: "2026-04-01T00:00:00.000Z" } as const;
    const admit = (email: string) =>
      subscribers.admit([
        { address: addressOf(email), cadence: "daily", textOnly: false, consent },
      ]);
    await admit("left@example.org");
    const left = await found("left@example.org");
    if (left) await world.app.readers.leave(left);
    await subscribers.erase(addressOf("erased@example.org"), "2026-04-02T00:00:00.000Z");
    world.later(2 * DAY_MS);
    const stranger = await answersFor("stranger@example.org");
    for (const email of [ADA, "waits@example.org", "left@example.org", "erased@example.org"]) {
      expect(await answersFor(email)).toEqual(stranger);
      // The second time within a day nothing is sent, and nothing looks different.
      expect(await answersFor(email)).toEqual(stranger);
    }
  });

  test("a reader who signs up again is sent the links of the subscription", async () => {
    await confirmAda();
    await world.attend();
    world.later(2 * DAY_MS);
    await world.subscribe(ADA);
    const letters = await world.attend();
    expect(letters).toMatchObject([{ to: ADA, subject: "Your links to Paper Round" }]);
    expect((await world.get(world.linkIn(ADA, "preferences"))).status).toBe(200);
  });

  test("nothing is mailed to an address that must not be mailed", async () => {
    const bounced = addressOf("bounced@example.org");
    const other = new DatabaseSync(join(world.home, "subscribers", "subscribers.sqlite"));
    other.exec("insert into suppressions values ('bounced@example.org', 'bounced', '2026-04-02')");
    other.close();
    await world.subscribe(bounced.address);
    expect(await world.attend()).toEqual([]);
    expect(await world.app.subscribers.mayAsk(bounced)).toBe(false);
    // What the mailbox itself did not wish outlives its erasure as well.
    await world.app.subscribers.erase(bounced, "2026-04-03T00:00:00.000Z");
    expect(await world.app.subscribers.mayAsk(bounced)).toBe(false);
    expect(await world.app.subscribers.count()).toMatchObject({ pending: 0 });
  });

  test("a reader who signs up again is not reminded, and does not count as waiting", async () => {
    await confirmAda();
    await world.attend();
    world.later(2 * DAY_MS);
    await world.subscribe(ADA);
    expect(await world.attend()).toHaveLength(1);
    expect(await world.app.subscribers.count()).toMatchObject({ confirmed: 1, pending: 0 });
    world.later(3 * DAY_MS);
    expect(await world.attend()).toEqual([]);
  });

  test("a lost link is mailed to who has left, whose data are kept, and shows them", async () => {
    await confirmAda();
    const ada = await found();
    if (!ada) throw new Error("not confirmed");
    await world.app.readers.leave(ada);
    await world.attend();
    await world.post("/link", { email: ADA, form: world.seal() });
    const [letter] = await world.attend();
    expect(letter).toMatchObject({ to: ADA, subject: "Your links to Paper Round" });
    expect(letter?.text).toContain("You have left");
    const data = await world.get(`${world.linkIn(ADA, "preferences")}/data`);
    expect(await data.text()).toContain(ADA);
  });

  test("a lost link is mailed to who is on the list, and to nobody else", async () => {
    await confirmAda();
    await world.attend();
    const ask = (email: string) => world.post("/link", { email, form: world.seal() });
    const known = (await (await ask(ADA)).text()).replaceAll(ADA, "EMAIL");
    const other = (await (await ask("eve@example.org")).text()).replaceAll(
      "eve@example.org",
      "EMAIL",
    );
    expect(known).toBe(other);
    const [letter] = await world.attend();
    expect(letter).toMatchObject({ to: ADA, subject: "Your links to Paper Round" });
    expect(letter?.text).toMatch(/No more letters:\s+Unsubscribe:/);
    await ask(ADA);
    expect(await world.attend()).toEqual([]);
  });
});
