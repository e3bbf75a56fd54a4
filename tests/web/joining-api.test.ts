/** What the API tells, takes and refuses, each in a true sentence. */
import { expect, test } from "vitest";
import { openSite } from "../../src/web/site.ts";
import { addressOf } from "../home.ts";
import { openDoor, type DoorWorld } from "./door.ts";

const ADA = "ada@example.org";

async function ask(world: DoorWorld, fields: Record<string, unknown>) {
  const answer = await world.postJson("/api/subscribe", {
    email: ADA,
    form: world.seal(),
    ...fields,
  });
  const { error } = (await answer.json()) as { error?: string };
  return { status: answer.status, error };
}

const EACH = {
  cadence: "weekly",
  format: "text",
  language: "de",
  hour: 7,
  weekday: 3,
  timeZone: "Asia/Kolkata",
  topics: ["code", "agents"],
  keywords: ["world model", "diffusion"],
  authors: ["LeCun, Yann"],
  organizations: ["Google DeepMind"],
  muted: ["crypto"],
};

test("every field that the API tells of is taken, and is what the reader then has", async () => {
  const world = await openDoor();
  const { fields } = (await (await world.get("/api/subscribe")).json()) as { fields: object };
  const told = Object.keys(fields).toSorted();
  expect(told).toEqual(["email", "form", ...Object.keys(EACH)].toSorted());
  expect((await ask(world, EACH)).status).toBe(202);
  await world.attend();
  await world.post(world.linkIn(ADA, "confirm"));
  const { topics, keywords, authors, organizations, muted, format: _, ...others } = EACH;
  expect(await world.app.subscribers.find(addressOf(ADA))).toMatchObject({
    ...others,
    textOnly: true,
    interests: { topics, keywords, authors, organizations, muted },
  });
});

test.each([
  ["papers", 5, '"papers" can be chosen only by readers'],
  ["pause", "2026-05-01", '"pause" can be chosen only by readers'],
  ["cadance", "weekly", 'There is no field "cadance".'],
  ["topics", ["astrology"], "There is no such topic."],
  ["topics", { agents: true }, '"topics" is neither text nor a number, nor a list of texts.'],
  ["keywords", [["world"]], '"keywords" is neither text nor a number, nor a list of texts.'],
])("%s as %j is refused with the reason, and nobody is asked", async (field, value, reason) => {
  const world = await openDoor();
  const answer = await ask(world, { [field]: value });
  expect(answer.status).toBe(422);
  expect(answer.error).toContain(reason);
  expect(await world.attend()).toEqual([]);
});

test("a form of another site that chooses what only readers can is told so", async () => {
  const world = await openDoor();
  const answer = await world.subscribe(ADA, { papers: "5" });
  expect(answer.status).toBe(422);
  expect(await answer.text()).toContain("can be chosen only by readers");
});

test.each([
  ["405", "PUT", "/api/subscribe"],
  ["404", "GET", "/api/nothing"],
  ["415", "POST", "/api/subscribe"],
])("a script of another site can read the %s of %s %s", async (status, method, path) => {
  const { app } = await openDoor();
  const site = openSite({ ...app, report: () => {} });
  const answer = await site.request(path, { method });
  expect(answer.status).toBe(Number(status));
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  expect(answer.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
  expect(await answer.json()).toHaveProperty("error");
});
