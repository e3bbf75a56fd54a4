/** What the preview refuses: other hosts, other origins, and letters to anybody. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { NOTICES } from "../../../src/mail/notices.ts";
import { emptyHome, ROOT } from "../../home.ts";
import { startFaultServer } from "../../mail/fault-server.ts";
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

test("what a page elsewhere has a browser fetch is refused; a link to the first page is followed", async () => {
  const { get } = await openPages();
  const picture = { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" };
  const frame = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" };
  const link = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  for (const site of ["cross-site", "same-site"]) {
    for (const path of [...PATHS, "/save/png?letter=many"]) {
      for (const how of [picture, frame, link]) {
        const allowed = path === "/" && how === link;
        const { status } = await get(path, { ...how, "sec-fetch-site": site });
        expect([path, how, status]).toEqual([path, how, allowed ? 200 : 403]);
      }
    }
  }
  for (const site of ["same-origin", "none"]) {
    const { status } = await get("/letter.html", { ...frame, "sec-fetch-site": site });
    expect(status).toBe(200);
  }
});

test("pictures are taken one at a time, one waits, and others are told to come back", async () => {
  const home = emptyHome();
  const browser = join(home, "browser");
  const noted = join(home, "noted");
  writeFileSync(
    browser,
    `#!/bin/sh\necho begin >> ${noted}\nsleep 0.3\necho end >> ${noted}\nexit 1\n`,
    { mode: 0o700 },
  );
  const { get } = await openPages({}, { house: { browser } });
  const ask = async () => (await get("/save/png?letter=one-paper")).status;
  const statuses = await Promise.all([ask(), ask(), ask(), ask()]);
  expect(statuses).toEqual([500, 500, 503, 503]);
  expect(readFileSync(noted, "utf8")).toBe("begin\nend\nbegin\nend\n");
  expect(await ask()).toBe(500);
});

test("a letter of a name that nothing has is found by no route, and nothing is sent", async () => {
  const { get, post, server } = await openWithServer();
  for (const path of ["/", "/letter.html", "/save/text", "/save/html", "/save/eml", "/save/png"]) {
    for (const letter of ["unknown", "", "EDITION", "constructor"]) {
      const { status } = await get(`${path}?letter=${letter}`);
      expect([path, letter, status]).toEqual([path, letter, 404]);
    }
  }
  expect((await post({ token: TOKEN, to: ALLOWED }, {}, "unknown")).status).toBe(404);
  expect(server.accepted).toEqual([]);
});

/** Opens a preview that could send. */
async function openWithServer() {
  const server = await startFaultServer();
  const house = { testAddresses: [ALLOWED] };
  return { ...(await openPages({ smtpUrl: server.url }, { house })), server };
}

test("a test letter is sent only by this preview's own form", async () => {
  const { app, post, server } = await openWithServer();
  const fields = { token: TOKEN, to: ALLOWED };
  const refused: [Record<string, string>, Record<string, string | null>][] = [
    [fields, { origin: null }],
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
  expect(server.accepted).toEqual([]);
  const answer = await post(fields, { "sec-fetch-site": "same-origin" });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain(`The mail server took the letter for ${ALLOWED}.`);
  expect(server.accepted).toEqual([ALLOWED]);
  expect(await app.newsletter.headings(1)).toEqual([]);
});

test("the letter of a quiet day and every notice can be sent for a test", async () => {
  const { post, server } = await openWithServer();
  const letters = ["none", ...NOTICES];
  for (const letter of letters) {
    const page = await (await post({ token: TOKEN, to: ALLOWED }, {}, letter)).text();
    expect([letter, page]).toEqual([letter, expect.stringContaining("The mail server took")]);
  }
  expect(server.accepted).toEqual(letters.map(() => ALLOWED));
});

test("a notice with errors in it goes only when the form is told so", async () => {
  const { home, post, change, server } = await openWithServer();
  const template = readFileSync(join(ROOT, "templates", "notice.mjml.hbs"), "utf8");
  mkdirSync(join(home, "templates"));
  writeFileSync(
    join(home, "templates", "notice.mjml.hbs"),
    template.replace("<h1", '<p style="display:none">Hidden</p><h1'),
  );
  change();
  const fields = { token: TOKEN, to: ALLOWED };
  const refused = await (await post(fields, {}, "welcome")).text();
  expect(refused).toContain("Text is hidden from readers");
  expect(server.accepted).toEqual([]);
  await post({ ...fields, force: "yes" }, {}, "welcome");
  expect(server.accepted).toEqual([ALLOWED]);
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
