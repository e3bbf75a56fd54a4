import { join } from "node:path";
import { expect, test } from "vitest";
import type { Config } from "../../src/config.ts";
import { openPreview } from "../../src/web/preview.ts";
import { addressOf, openApp, ROOT } from "../home.ts";

const DAY = "2026-04-15";

async function openDesk(changes: Partial<Config> = {}, email?: string, textOnly = false) {
  const app = await openApp(changes);
  await app.newsletter.gather([app.files([join(ROOT, "data", "sample.jsonl")], null)], () => {});
  let reader = null;
  if (email !== undefined) {
    const consent = { how: "added", detail: "test", at: `${DAY}T08:00:00.000Z` } as const;
    const address = addressOf(email);
    await app.subscribers.admit([{ address, cadence: "daily", textOnly, consent }]);
    reader = await app.subscribers.find(address);
  }
  const pages = openPreview({ ...app, reader, cadence: "daily", date: DAY });
  const get = (path: string, host = "127.0.0.1:8026") => pages.request(path, { headers: { host } });
  return { app, get, reader };
}

test("the preview shows the letter's facts and frames it for a desktop and a phone", async () => {
  const { get } = await openDesk();
  const answer = await get("/");
  const page = await answer.text();
  expect(answer.status).toBe(200);
  expect(page).toContain("Wednesday, 15 April 2026");
  expect(page).toContain("as it would be published now");
  expect(page).toContain("a one-off, without subscription");
  expect(page.match(/<iframe[^>]*sandbox="allow-popups"[^>]*>/g)).toHaveLength(2);
  expect(page).toContain(`src="/letter.html?date=${DAY}"`);
});

test("the framed letter may run nothing, load nothing and send nothing", async () => {
  const { get } = await openDesk();
  const answer = await get(`/letter.html?date=${DAY}`);
  const policy = answer.headers.get("content-security-policy") ?? "";
  expect(answer.status).toBe(200);
  expect(policy).toMatch(/^default-src 'none';/);
  expect(policy).toMatch(/; sandbox allow-popups allow-popups-to-escape-sandbox$/);
  expect(policy).toContain("frame-ancestors 'self'");
  expect(policy).not.toMatch(/allow-scripts|allow-same-origin|allow-forms|script-src/);
  expect(await answer.text()).toContain('<head><base target="_blank">');
});

test("the text part is text", async () => {
  const { get } = await openDesk();
  const answer = await get("/letter.txt");
  expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(await answer.text()).toContain("Why it is here:");
});

test("as a subscriber it holds that subscriber's own links", async () => {
  const { app, get, reader } = await openDesk({}, "ada@example.org");
  if (!reader) throw new Error("not admitted");
  expect(await (await get("/")).text()).toContain("ada@example.org");
  const letter = await (await get("/letter.txt")).text();
  expect(letter).toContain(`/unsubscribe/${app.links.token("unsubscribe", reader.key)}`);
});

test("for a reader of plain text there is no HTML to show", async () => {
  const { get } = await openDesk({}, "ada@example.org", true);
  expect(await (await get("/letter.html")).text()).toBe("This reader gets plain text only.");
});

test("looking publishes nothing and gathers nothing", async () => {
  const { app, get } = await openDesk();
  const before = await app.newsletter.status();
  for (const path of [
    "/",
    "/letter.html",
    "/letter.txt",
    "/?date=2025-10-30",
    "/?date=2020-01-01",
  ]) {
    expect((await get(path)).status).toBe(200);
  }
  expect(await app.newsletter.headings(10)).toEqual([]);
  expect(await app.newsletter.status()).toEqual(before);
});

test("a published edition is shown as such", async () => {
  const { app, get } = await openDesk();
  await app.newsletter.publish("daily", DAY);
  expect(await (await get("/")).text()).toContain("published as no. 1, frozen");
});

test("a day without papers says what to do", async () => {
  const { get } = await openDesk();
  const page = await (await get("/?date=2020-01-01")).text();
  expect(page).toContain("No papers are known for this day.");
  expect(page).not.toContain("<iframe");
});

test("a date that is none is answered with a sentence, not with a fault", async () => {
  const { get } = await openDesk();
  const wrong = ["yesterday", "2026-02-30", "2026-4-15", "", "<script>alert(1)</script>"];
  for (const date of [...wrong, "9".repeat(5000)]) {
    for (const path of ["/", "/letter.html", "/letter.txt"]) {
      const answer = await get(`${path}?date=${encodeURIComponent(date)}`);
      const page = await answer.text();
      expect([date, answer.status]).toEqual([date, 400]);
      expect(page).toContain("is not a date of the calendar.");
      expect(page).toContain("Write dates as 2026-04-15.");
      expect(page).not.toMatch(/<script|at .*\.ts:/);
    }
  }
});

test("a request for any host but this machine is refused (DNS rebinding)", async () => {
  const { get } = await openDesk();
  const foreign = [
    "papers.example.org",
    "papers.example.org:8026",
    "localhost.example.org",
    "127.0.0.1.example.org",
    "127.0.0.1:8026@example.org",
    "example.org#127.0.0.1",
    "10.0.0.1",
    "0.0.0.0",
    "[::2]",
    "",
  ];
  for (const host of foreign) {
    for (const path of ["/", "/letter.html", "/letter.txt", "/style.css"]) {
      const answer = await get(path, host);
      expect([host, answer.status]).toEqual([host, 403]);
      expect(await answer.text()).toBe("This page is for this machine only.");
    }
  }
});

test("a request for this machine by any of its names is answered", async () => {
  const { get } = await openDesk();
  for (const host of ["localhost", "LOCALHOST:8026", "127.0.0.1", "127.1.2.3:80", "[::1]:8026"]) {
    expect([host, (await get("/style.css", host)).status]).toEqual([host, 200]);
  }
});
