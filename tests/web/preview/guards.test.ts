/** What the preview refuses: other hosts, other origins, and letters to anybody. */
import { expect, test } from "vitest";
import { HOST, openPages, TOKEN } from "./opened.ts";

const ALLOWED = "me@example.org";
const PATHS = ["/", "/letter.html", "/save/text", "/style.css", "/preview.js", "/changes"];

test("a request for any host but this machine is refused (DNS rebinding)", async () => {
  const { get } = await openPages();
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
    for (const path of PATHS) {
      const answer = await get(path, { host });
      expect([host, path, answer.status]).toEqual([host, path, 403]);
      expect(await answer.text()).toBe("This page is for this machine only.");
    }
  }
});

test("a request for this machine by any of its names is answered", async () => {
  const { get } = await openPages();
  for (const host of ["localhost", "LOCALHOST:8026", "127.0.0.1", "127.1.2.3:80", "[::1]:8026"]) {
    expect([host, (await get("/style.css", { host })).status]).toEqual([host, 200]);
  }
});

test("a request that a page of another origin makes is refused", async () => {
  const { get } = await openPages();
  for (const origin of [
    "https://example.org",
    "null",
    "http://127.0.0.1:9999",
    `https://${HOST}`,
  ]) {
    for (const path of PATHS) expect((await get(path, { origin })).status).toBe(403);
  }
});

test("a test letter is sent only by this preview's own form", async () => {
  const { app, post } = await openPages({}, { house: { testAddresses: [ALLOWED] } });
  const fields = { token: TOKEN, to: ALLOWED };
  const refused: [Record<string, string>, Record<string, string>][] = [
    [fields, { origin: "https://example.org" }],
    [fields, { origin: "null" }],
    [fields, { origin: "http://127.0.0.1:9999" }],
    [fields, { "sec-fetch-site": "cross-site" }],
    [fields, { "sec-fetch-site": "same-site" }],
    [fields, { host: "rebound.example.org:8026", origin: "http://rebound.example.org:8026" }],
    [{ to: ALLOWED }, {}],
    [{ token: "guessed", to: ALLOWED }, {}],
  ];
  for (const [body, headers] of refused) {
    expect([headers, (await post(body, headers)).status]).toEqual([headers, 403]);
  }
  expect(await app.newsletter.headings(1)).toEqual([]);
});

test("a form without an origin is refused", async () => {
  const { get } = await openPages();
  expect((await get("/send")).status).toBe(404);
});

test("no letter goes to an address that the configuration does not allow, and the key is named", async () => {
  const { post } = await openPages({}, { house: { testAddresses: [ALLOWED] } });
  for (const to of [
    "you@example.org",
    "me@example.org, you@example.org",
    "",
    "me@example.org\r\nBcc: x",
  ]) {
    const answer = await post({ token: TOKEN, to });
    expect([to, answer.status]).toEqual([to, 403]);
    expect(await answer.text()).toContain("preview.testAddresses");
  }
});

test("without an allowed address the form says what to set", async () => {
  const { page } = await openPages();
  const shown = await page("/?view=send");
  expect(shown).toContain("testAddresses:");
  expect(shown).not.toContain("<button>Send it</button>");
});

test("a send that can't be made is told in words, with the remedy", async () => {
  const { post } = await openPages({}, { house: { testAddresses: [ALLOWED] } });
  const answer = await post({ token: TOKEN, to: ALLOWED, force: "yes" });
  const page = await answer.text();
  expect(page).toContain("No mail server is configured.");
  expect(page).toContain("Set SMTP_URL");
});

test("the pages carry a strict policy, and tell nobody where they are", async () => {
  const { get } = await openPages();
  const { headers } = await get("/");
  expect(headers.get("content-security-policy")).toMatch(
    /^default-src 'none';.*script-src 'self';/,
  );
  expect(headers.get("content-security-policy")).not.toContain("unsafe");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("referrer-policy")).toBe("same-origin");
});
