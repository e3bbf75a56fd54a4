/** Readers come and go while another program holds the database: a clear answer, and nothing lost. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { addressOf } from "../home.ts";
import { DAY_MS, openDoor, type DoorWorld } from "./door.ts";

const ADA = "ada@example.org";

/** Another program's connection to the database of readers. */
function otherProgram({ home }: DoorWorld): DatabaseSync {
  const other = new DatabaseSync(join(home, "subscribers", "subscribers.sqlite"));
  onTestFinished(() => other.close());
  return other;
}

async function joined(world: DoorWorld): Promise<void> {
  await world.subscribe(ADA);
  await world.attend();
  await world.post(world.linkIn(ADA, "confirm"));
  await world.attend();
}

/** Returns what the files of readers hold, as text. */
function filesOf({ home }: DoorWorld): string {
  const folder = join(home, "subscribers");
  return readdirSync(folder)
    .map((name) =>
      existsSync(join(folder, name)) ? readFileSync(join(folder, name), "latin1") : "",
    )
    .join("\n");
}

test("while another program writes, nobody waits but who writes, who is asked to come back", async () => {
  const world = await openDoor({}, {}, () => {});
  await joined(world);
  const leave = world.linkIn(ADA, "unsubscribe");
  const other = otherProgram(world);
  other.exec("begin immediate");
  const answered: string[] = [];
  const told = async (name: string, answer: Promise<Response>) => {
    const { status, headers } = await answer;
    answered.push(name);
    return [status, headers.get("retry-after")];
  };
  const answers = await Promise.all([
    told("sign-up", world.subscribe("eve@example.org")),
    told("one-click", world.post(leave, "List-Unsubscribe=One-Click")),
    told("health", world.get("/healthz")),
    told("page", world.get(leave)),
  ]);
  expect(answers).toEqual([
    [503, "60"],
    [503, "60"],
    [200, null],
    [200, null],
  ]);
  expect(new Set(answered.slice(0, 2))).toEqual(new Set(["health", "page"]));
  other.exec("rollback");
  expect(await world.attend()).toEqual([]);
  expect((await world.post(leave, "List-Unsubscribe=One-Click")).status).toBe(200);
  expect((await world.subscribe("eve@example.org")).status).toBe(200);
  expect(await world.attend()).toMatchObject([{ to: "eve@example.org" }]);
});

test("who comes while another program writes for a moment notices nothing", async () => {
  const world = await openDoor();
  const other = otherProgram(world);
  other.exec("begin immediate");
  const asked = world.subscribe(ADA);
  expect((await world.get("/subscribe")).status).toBe(200);
  other.exec("rollback");
  expect((await asked).status).toBe(200);
  expect(await world.attend()).toMatchObject([{ to: ADA }]);
});

test("a sign-up that can't be written down says so, and a page can still be read", async () => {
  const opened = vi.spyOn(DatabaseSync.prototype, "exec");
  const world = await openDoor({}, {}, () => {});
  const handles = opened.mock.contexts as DatabaseSync[];
  opened.mockRestore();
  await joined(world);
  const people = handles.find((each) => each.location()?.includes("subscribers"));
  people?.exec("pragma query_only = on");
  const answer = await world.subscribe("eve@example.org");
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "60"]);
  expect(await answer.text()).toContain("Nothing was changed");
  expect((await world.get(world.linkIn(ADA, "unsubscribe"))).status).toBe(200);
  expect((await world.get("/archive")).status).toBe(200);
  people?.exec("pragma query_only = off");
  expect(await world.app.subscribers.count()).toMatchObject({ confirmed: 1, pending: 0 });
});

test("erasing beside a program that reads says what is true, and is finished once that has ended", async () => {
  const world = await openDoor();
  await joined(world);
  const other = otherProgram(world);
  other.exec("begin");
  other.prepare("select * from subscribers").all();
  const erase = `${world.linkIn(ADA, "preferences")}/erase`;
  const page = await (await world.post(erase)).text();
  expect(page).toContain("as soon as it is free");
  expect(page).not.toContain("Nothing is left");
  expect(await world.app.subscribers.find(addressOf(ADA))).toBeNull();
  expect(world.app.scrubOwed()).toBe(false);
  other.exec("commit");
  expect(world.app.scrubOwed()).toBe(true);
  expect(filesOf(world)).not.toContain(ADA);
});

test("an address that is refused, expires, or is left leaves the files with the next beat", async () => {
  const world = await openDoor();
  await joined(world);
  const { app } = world;
  expect(app.scrubOwed()).toBe(true);
  await world.subscribe("refused@example.org");
  await world.subscribe("expired@example.org");
  await world.attend();
  await world.post(world.linkIn("refused@example.org", "refuse"));
  await world.post(`${world.linkIn(ADA, "preferences")}/address`, { email: "eve@example.org" });
  await world.attend();
  await world.post(world.linkIn("eve@example.org", "confirm"));
  await world.attend();
  app.scrubOwed();
  expect(filesOf(world)).not.toMatch(/refused@|ada@/);
  expect(filesOf(world)).toContain("expired@example.org");
  world.later(8 * DAY_MS);
  await app.tidyDoor();
  app.scrubOwed();
  expect(filesOf(world)).not.toContain("expired@example.org");
  expect(filesOf(world)).toContain("eve@example.org");
});
