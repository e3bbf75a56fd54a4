/** What readers say of papers, from a link in the letter to the next choice. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { unpackProfile } from "../../src/papers/packed-profile.ts";
import { openSite } from "../../src/web/site.ts";
import { addressOf } from "../home.ts";
import { openDoor, publishSample, type DoorWorld } from "./door.ts";

const CONSENT = { how: "added", detail: "test", at: "2026-04-01T00:00:00.000Z" } as const;
let world: DoorWorld;

beforeEach(async () => {
  world = await openDoor();
  await world.app.subscribers.admit(
    ["ada@example.org", "bob@example.org"].map((email) => ({
      address: addressOf(email),
      cadence: "daily",
      textOnly: false,
      consent: CONSENT,
    })),
  );
  await publishSample(world.app);
});

async function reader(email = "ada@example.org") {
  const found = await world.app.subscribers.find(addressOf(email));
  if (!found) throw new Error("nobody");
  return found;
}

async function profile() {
  const { profile: packed } = await reader();
  return packed && unpackProfile(packed);
}

/** Returns the paths of a letter's links of opinion, in its order. */
async function opinionLinks(email = "ada@example.org"): Promise<string[]> {
  await world.app.newsletter.send("daily", "2026-04-15", {});
  const letter = world.inbox.letters().find(({ to }) => to === email);
  const found = letter?.text.matchAll(/http\S*?(\/opinion\/[\w-]+\/\d+\/(?:more|less|save))/g);
  return [...(found ?? [])].map(([, path]) => path ?? "");
}

const preferences = async (page = "") =>
  `/preferences/${world.app.links.token("preferences", await reader())}${page}`;
const text = async (answer: Promise<Response>) => (await answer).text();

test("every paper of a letter has three links; opening one asks and changes nothing, a press acts", async () => {
  const links = await opinionLinks();
  expect(links).toHaveLength(30);
  const [more = "", less = "", save = ""] = links;
  for (const link of [more, less, save]) {
    const answer = await world.get(link);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store, no-transform");
    const page = await answer.text();
    expect(page).not.toContain("ada@example.org");
  }
  expect(await world.app.tastes.opinionsOf(await reader())).toEqual([]);
  expect(await text(world.post(more, { say: "more" }))).toContain("Noted: more like this.");
  expect(await text(world.post(more, { say: "save" }))).toContain("Saved");
  const [opinion, ...others] = await world.app.tastes.opinionsOf(await reader());
  expect(others).toEqual([]);
  expect(opinion?.verdict).toBe("save");
  expect((await profile())?.opinions).toBe(1);
  await world.post(more, { say: "nothing" });
  expect((await reader()).profile).toBeNull();
});

test("a link does nothing for another reader, another purpose, or a paper that there is not", async () => {
  const [more = ""] = await opinionLinks();
  const [, , token = "", paper = ""] = more.split("/");
  const bob = world.app.links.token("opinion", await reader("bob@example.org"));
  const unsubscribe = world.app.links.token("unsubscribe", await reader());
  const forged = `${bob.split("-")[0]}-${token.split("-").slice(1).join("-")}`;
  for (const path of [
    `/opinion/${forged}/${paper}/more`,
    `/opinion/${unsubscribe}/${paper}/more`,
    `/opinion/${token}/999999/more`,
    `/opinion/${token}/${paper}/drop`,
    `/opinion/${token}/1e3/more`,
    `/preferences/${token}`,
    `/unsubscribe/${token}`,
  ]) {
    expect((await world.get(path)).status).toBe(404);
    expect((await world.post(path, { say: "more" })).status).toBe(404);
  }
  expect(await world.app.tastes.opinionsOf(await reader())).toEqual([]);
});

test("what was learned is shown with the papers it is from, changes the choice, and can be forgotten", async () => {
  const links = await opinionLinks();
  for (const link of links.filter((path) => path.endsWith("/more")).slice(0, 3)) {
    await world.post(link, { say: "more" });
  }
  await world.post(links[11] ?? "", { say: "save" });
  const page = await text(world.get(await preferences("/learned")));
  expect(page).toContain("From 4 papers.");
  expect(page).toMatch(/<td>[a-z][\w ]+<\/td>\s*<td>0\.\d\d<\/td>/);
  expect(page).toMatch(/<h3[^>]*>[^<]+<\/h3>\s*<ul class="words">\s*<li>/);
  expect(page).toContain("saved.bib");
  const bib = await world.get(await preferences("/saved.bib"));
  expect(bib.headers.get("content-disposition")).toContain("saved-papers.bib");
  expect((await bib.text()).match(/^@misc/gm)).toHaveLength(1);
  expect(await text(world.get(await preferences("/saved.ris")))).toContain("TY  - PREPRINT");
  const data = JSON.parse(await text(world.get(await preferences("/data")))) as object;
  expect(data).toMatchObject({
    opinions: [{}, {}, {}, {}],
    subscriber: { profile: await profile() },
  });

  const edition = await world.app.newsletter.edition("daily", "2026-04-15");
  const { text: letter } = await world.app.newsletter.set(edition, await reader());
  expect(letter).toMatch(/Chosen for you/);
  await world.post(await preferences("/learned"), { reset: "yes" });
  expect((await reader()).profile).toBeNull();
  expect(await world.app.tastes.opinionsOf(await reader())).toEqual([]);
});

test("somebody of whom nothing is known begins with picked papers, or with a library of errors", async () => {
  const page = await text(world.get(await preferences("/learned")));
  const picks = [...page.matchAll(/name="(paper-\d+)"/g)].map(([, name]) => name ?? "");
  expect(picks.length).toBeGreaterThan(5);
  const [one = "", two = ""] = picks;
  const picked = await text(
    world.post(await preferences("/learned"), { picks: "", [one]: "on", [two]: "on" }),
  );
  expect(picked).toContain("Noted 2 papers.");
  const bibtex =
    "@misc{a, title = {Diffusion of heat}, abstract = {About heat.}}\n@misc{b, title = {Never";
  const said = await text(world.post(await preferences("/learned"), { text: bibtex }));
  expect(said).toContain("Read 1 paper.");
  expect(said).toContain("Line 2: the brace that opens here is never closed.");
  expect((await profile())?.opinions).toBe(3);
  const nothing = await world.post(await preferences("/learned"), { text: "no library" });
  expect(nothing.status).toBe(400);
});

test("a library may be of an old program, but what stands in a field must be UTF-8", async () => {
  const learnedFrom = async (field: Buffer) => {
    const disposition = "Content-Disposition: form-data;";
    const body = Buffer.concat([
      Buffer.from(`--x\r\n${disposition} name="text"\r\n\r\n`),
      field,
      Buffer.from(`\r\n--x\r\n${disposition} name="library"; filename="a.bib"\r\n\r\n`),
      Buffer.from("@misc{a, title = {Schr\u00f6dinger}, abstract = {Cats.}}", "latin1"),
      Buffer.from("\r\n--x--\r\n"),
    ]);
    const headers = { "Content-Type": "multipart/form-data; boundary=x" };
    const site = openSite({ ...world.app, report: () => {} });
    return site.request(await preferences("/learned"), { method: "POST", body, headers });
  };
  expect((await learnedFrom(Buffer.from([0xff, 0xfe]))).status).toBe(400);
  expect((await reader()).profile).toBeNull();
  expect(await text(learnedFrom(Buffer.from("")))).toContain("Read 1 paper.");
});

test("erasing takes opinions, profile, interests and the papers of letters with it", async () => {
  const [more = ""] = await opinionLinks();
  await world.post(more, { say: "more" });
  const library = "@misc{a, title = {Zanzibarian heat pumps}}";
  await world.post(await preferences("/learned"), { text: library });
  await world.post(await preferences(), { format: "html", keywords: "quokkaology" });
  const { key } = await reader();
  await world.post(await preferences("/erase"));
  expect(await world.app.tastes.opinionsOf({ key })).toEqual([]);
  const folder = join(world.home, "subscribers");
  for (const name of readdirSync(folder)) {
    expect(readFileSync(join(folder, name), "latin1")).not.toMatch(/zanzibarian|quokkaology/i);
  }
});

test("an opinion that can't be read is refused like any form, and not as a link that is none", async () => {
  const [more = ""] = await opinionLinks();
  expect((await world.postJson(more, { say: "more" })).status).toBe(415);
  expect((await world.post(more, "say=%FF")).status).toBe(400);
  expect((await world.post(more, { say: "zzz" })).status).toBe(400);
  expect((await world.postJson(`${more}x`, { say: "more" })).status).toBe(404);
  expect(await world.app.tastes.opinionsOf(await reader())).toEqual([]);
});

test("a link that was good once says so, and not whether its reader has left or was erased", async () => {
  const [more = ""] = await opinionLinks();
  const [ofBob = ""] = await opinionLinks("bob@example.org");
  const open = await preferences("/learned");
  const { links, readers } = world.app;
  const leave = `/unsubscribe/${links.token("unsubscribe", await reader("bob@example.org"))}`;
  await readers.leave(await reader());
  await readers.erase(await reader("bob@example.org"));
  const pages = new Set<string>();
  for (const path of [more, ofBob, open, leave]) {
    for (const answer of [await world.get(path), await world.post(path)]) {
      expect(answer.status).toBe(410);
      pages.add(await answer.text());
    }
  }
  expect(pages.size).toBe(1);
  expect([...pages][0]).toContain("This link is no longer good");
});
