/** What the page of a reader's choices answers: where a problem stands, and what "saved" means. */
import { expect, test } from "vitest";
import { addressOf } from "../home.ts";
import { openDoor } from "./door.ts";

const ADA = "Ada@example.org";
const CONSENT = { how: "added", detail: "test", at: "2026-04-01T00:00:00.000Z" } as const;

/** Returns the page of a reader's choices. */
async function openReader() {
  const world = await openDoor();
  const address = { ...addressOf(ADA), address: ADA };
  await world.app.subscribers.admit([
    { address, cadence: "daily", textOnly: false, consent: CONSENT },
  ]);
  const find = async () => {
    const reader = await world.app.subscribers.find(address);
    if (!reader) throw new Error("not admitted");
    return reader;
  };
  const path = `/preferences/${world.app.links.token("preferences", await find())}`;
  const save = (fields: Record<string, string>) => world.post(path, { format: "html", ...fields });
  const move = (email: string) => world.post(`${path}/address`, { email });
  return { world, path, save, move, find };
}

test("a problem is told at the top, in the title, and at its field, which has the focus", async () => {
  const { save, move } = await openReader();
  for (const [answer, field] of [
    [await save({ pause: "2036-01-01" }), "pause"],
    [await save({ muted: "a" }), "muted"],
    [await move("ada@"), "email"],
  ] as const) {
    expect(answer.status).toBe(422);
    const page = await answer.text();
    expect(page).toContain("<title>Error: Preferences</title>");
    const line = new RegExp(`<p role="alert" class="problem">\\s*<a href="#${field}">`);
    expect(page.search(line)).toBeGreaterThan(0);
    expect(page.search(line)).toBeLessThan(page.indexOf("<h1>"));
    expect(page.match(/ autofocus/g)).toHaveLength(1);
    expect(page).toMatch(new RegExp(`id="${field}"[^>]* autofocus`));
  }
});

test("what has no field of its own to stand at is told at the top as well", async () => {
  const { world, path, save } = await openReader();
  const unknown = await save({ cadence: "hourly" });
  expect(unknown.status).toBe(422);
  expect(await unknown.text()).toContain("There is no such cadence.");
  expect((await world.post(path, { cadence: "weekly" })).status).toBe(400);
});

test("a pause that is over before it begins is not saved, and one to come is told by its end", async () => {
  const { save, find } = await openReader();
  expect((await save({ pause: "2025-12-24" })).status).toBe(422);
  expect(await (await save({ pause: "2026-05-02" })).text()).toContain(
    "Saved. No letter before 2 May 2026.",
  );
  expect((await find()).pausedUntil).toBe("2026-05-02");
  expect(await (await save({ pause: "" })).text()).toContain("The next edition comes like this.");
});

test("a form that still holds the pause of its day is taken after its end", async () => {
  const { world, save, find } = await openReader();
  await save({ pause: "2026-04-16" });
  world.later(3 * 24 * 3_600_000);
  expect((await save({ pause: "2026-04-16", papers: "3" })).status).toBe(200);
  expect(await find()).toMatchObject({ papers: 3, pausedUntil: null });
});

test("a reader's own address is no other one, but may be spelt anew", async () => {
  const { world, move, find } = await openReader();
  const own = await move(ADA);
  expect(own.status).toBe(422);
  expect(await own.text()).toContain("The letter goes to this address already.");
  const page = await (await move("ada@example.org")).text();
  expect(page).toMatch(
    /one such letter a day to\s+an address; if there is none, try again tomorrow/,
  );
  expect(await world.attend()).toMatchObject([{ to: "ada@example.org" }]);
  await world.post(world.linkIn("ada@example.org", "confirm"));
  expect(await find()).toMatchObject({ address: "ada@example.org" });
});

test("lists are folded away but for those that hold something or are wrong", async () => {
  const { world, path, save } = await openReader();
  const isOpen = (page: string, label: string) =>
    new RegExp(`<details open>\\s*<summary[^>]*>${label}`).test(page);
  const fresh = await (await world.get(path)).text();
  expect(fresh.match(/<details\s*>/g)).toHaveLength(5);
  expect(fresh).not.toContain("<details open>");
  await save({ topics: "", "topic-agents": "on", authors: "Ada Lovelace" });
  const page = await (await save({ muted: "a" })).text();
  for (const label of ["Choose among", "Authors", "Never show"]) {
    expect(isOpen(page, label)).toBe(true);
  }
  expect(isOpen(page, "Keywords")).toBe(false);
});

test("the choice of a language says which letters it is for", async () => {
  const { world, path } = await openReader();
  expect(await (await world.get(path)).text()).toMatch(
    /id="language-hint">\s*For the editions\..*confirmation are in\s+English/s,
  );
});
