/** The frame that all pages share: from every one of them a visitor can join, leave, and go on. */
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RequestKey } from "../../src/subscribers/requests.ts";
import { openSite } from "../../src/web/site.ts";
import { isZone, zoneOptions } from "../../src/web/zones.ts";
import { addressOf, openApp, ROOT } from "../home.ts";

async function openWorld(smtpUrl: URL | null = new URL("smtp://127.0.0.1:9")) {
  const app = await openApp({ smtpUrl });
  await app.newsletter.gather([app.files([join(ROOT, "data", "sample.jsonl")], null)], () => {});
  await app.newsletter.publish("daily", "2026-04-15");
  await app.newsletter.publish("daily", "2025-10-30");
  const consent = { how: "added", detail: "test", at: "2026-04-15T08:00:00.000Z" } as const;
  const address = addressOf("ada@example.org");
  await app.subscribers.admit([{ address, cadence: "daily", textOnly: false, consent }]);
  const ada = await app.subscribers.find(address);
  if (!ada) throw new Error("not admitted");
  const site = openSite({ ...app, report: () => {} });
  const page = async (path: string) => (await site.request(path)).text();
  const token = app.links.token("preferences", ada);
  const leave = `/unsubscribe/${app.links.token("unsubscribe", ada)}`;
  return { app, site, page, preferences: `/preferences/${token}`, leave };
}

const PUBLIC = [
  "/",
  "/archive",
  "/archive/daily/2026-04-15",
  "/papers/2604.11784",
  "/days/2026-04-15",
  "/topics",
  "/topics/agents",
  "/search?q=models",
  "/privacy",
  "/subscribe",
  "/nowhere",
];

test("from every page a visitor can subscribe, leave, read the privacy page, and follow a feed", async () => {
  const { page, preferences, leave } = await openWorld();
  for (const path of [...PUBLIC, preferences, leave]) {
    const [, nav = "", rest = ""] = (await page(path)).split(
      /<nav aria-label="Pages of the site">/,
    );
    const [bar = ""] = (nav + rest).split("</nav>");
    for (const target of ["/archive", "/topics", "/search", "/subscribe"])
      expect(bar).toContain(`href="${target}"`);
    const [, footer = ""] = (nav + rest).split("<footer>");
    for (const target of [
      "/subscribe",
      "/link",
      "/privacy",
      "/feed.atom",
      "/feed.rss",
      "/feed.json",
    ])
      expect(footer).toContain(`<a href="${target}">`);
  }
});

test("where nobody may subscribe, no page says so", async () => {
  const { page } = await openWorld(null);
  for (const path of PUBLIC) expect(await page(path)).not.toContain('href="/subscribe"');
});

test("where no letter can be sent, no address is taken in that only a letter could prove", async () => {
  const { app, site, page, preferences } = await openWorld(null);
  const asking = (path: string) =>
    site.request(path, {
      method: "POST",
      body: new URLSearchParams({ email: "eve@example.org", form: "", remark: "" }).toString(),
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    });
  for (const path of ["/link", `${preferences}/address`]) {
    const answer = await asking(path);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("No letter can be sent");
  }
  expect(await page("/link")).not.toContain("<input");
  expect(await page(preferences)).not.toContain("Change address");
  expect(await app.readers.request(1 as RequestKey)).toBeNull();
});

test("the way to leave is at the top of the preferences, and erasing looks dangerous", async () => {
  const { page, preferences, leave } = await openWorld();
  const shown = await page(preferences);
  expect(shown.indexOf('<a href="#leave">unsubscribe</a>')).toBeLessThan(shown.indexOf("<form"));
  expect(shown).toContain('id="leave"');
  expect(shown).toContain(`<a class="button" href="${leave}">`);
  expect(shown).toMatch(/<a class="danger" href="[^"]+\/erase">/);
  expect(await page(`${preferences}/erase`)).toContain('<button class="danger">Erase me</button>');
});

test("topics are in the order of their names, and none leads to an empty page", async () => {
  const { page } = await openWorld();
  const shown = await page("/topics");
  const links = [...shown.matchAll(/<a href="(\/topics\/[\w-]+)">([^<]+)<\/a>/g)];
  const names = links.map(([, , name]) => name ?? "");
  expect(names.length).toBeGreaterThan(10);
  expect(names).toEqual(names.toSorted((a, b) => a.localeCompare(b, "en")));
  for (const [, path] of links) expect(await page(path ?? "")).not.toContain("No edition has held");
  expect(shown).toContain("Without a paper so far: ");
});

test("a day's page says by what it is in order, where it leads, and ends its sentences", async () => {
  const { page } = await openWorld();
  const shown = await page("/days/2026-04-15");
  expect(shown).toContain("those with the most votes and comments first");
  expect(shown).toContain(">Earlier: 30 Oct 2025</a>");
  expect(shown).toContain(">Next page</a>");
  expect(shown).not.toMatch(/Older|Newer/);
  expect(shown).not.toContain("…</p>");
});

test("what all summaries of a list share is said once, and what only some have leaves no hole", async () => {
  const { page } = await openWorld();
  const edition = await page("/archive/daily/2026-04-15");
  expect(edition.match(/Summar(y|ies) by/g)).toHaveLength(1);
  expect(edition).toContain("Summaries by Paper Round.");
  for (const path of ["/search?q=models", "/search?q=unlearnable"])
    expect(await page(path)).not.toMatch(/<p class="votes">\s*<\/p>/);
});

test("time zones stand by region, under the names of cities", async () => {
  const { page } = await openWorld();
  const shown = await page("/subscribe");
  expect(shown).toMatch(/<optgroup label="Europe">/);
  expect(shown).toMatch(/<option value="America\/Argentina\/Salta"\s*>\s*Salta, Argentina\s*</);
  expect(shown.match(/<option value="Europe\/Berlin"/g)).toHaveLength(1);
});

test.each([
  ["Asia/Kolkata", true],
  ["Asia/Calcutta", true],
  ["Europe/Kyiv", true],
  ["America/Argentina/Buenos_Aires", true],
  ["Etc/GMT+5", true],
  ["UTC", true],
  ["+05:00", false],
  ["Europe/Atlantis", false],
  ["constructor", false],
  ["A".repeat(100_000), false],
])("a reader may choose the zone %.30s: %s", (name, may) => {
  expect(isZone(name)).toBe(may);
});

test("a zone has the name of today, which is also chosen where an old one is kept", () => {
  const marked = (chosen: string) =>
    [...String(zoneOptions(chosen)).matchAll(/value="([^"]*)" selected/g)].map(([, name]) => name);
  for (const name of ["Europe/Kyiv", "Europe/Kiev"]) expect(marked(name)).toEqual(["Europe/Kyiv"]);
  expect(String(zoneOptions("UTC"))).not.toMatch(/Kiev|Calcutta|Saigon/);
  expect(marked("Etc/GMT+5")).toEqual(["Etc/GMT+5"]);
});

test("the style of all pages holds what is shared with the preview", async () => {
  const { page } = await openWorld();
  const css = await page("/style.css");
  expect(css.match(/--ground: #f5f3ee/g)).toHaveLength(1);
  expect(css).toContain("ol.papers");
});
