/** What goes wrong is told in the form of what was asked for: a page to people, JSON to programs. */
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { openKeptPages } from "../../src/web/kept-pages.ts";
import { openSite } from "../../src/web/site.ts";
import { addressOf, openApp } from "../home.ts";
import { openDoor } from "./door.ts";

const JSON_BODY = { "Content-Type": "application/json" };
const FORM = { "Content-Type": "application/x-www-form-urlencoded" };
const BEHIND = { incoming: { socket: { remoteAddress: "10.0.0.1" } } };

/** The pages of a newsletter whose door fails as a database does; as a locked one, unless it is said. */
async function openWorld(errcode = 5) {
  const app = await openApp({ smtpUrl: new URL("smtp://127.0.0.1:9") });
  const code = "ERR_SQLITE_ERROR";
  const today = () => {
    throw Object.assign(new Error("the database failed"), { code, errcode });
  };
  const readers = { ...app.readers, today };
  const reported: Error[] = [];
  const report = (fault: Error) => void reported.push(fault);
  return { app, reported, site: openSite({ ...app, readers, report }) };
}

test.each([
  ["/subscribe", FORM, "text/html; charset=UTF-8"],
  ["/api/subscribe", JSON_BODY, "application/json"],
])(
  "too long a body to %s is refused in its own form, and by no cache kept",
  async (path, headers, type) => {
    const { site, reported } = await openWorld();
    for (const size of [16 * 1024 + 1, 64 * 1024 + 1]) {
      const body = "x".repeat(size);
      const answer = await site.request(path, {
        method: "POST",
        body,
        headers,
      });
      expect(answer.status).toBe(413);
      expect(answer.headers.get("content-type")).toBe(type);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(await answer.text()).toContain("This is too much");
    }
    expect(reported).toEqual([]);
  },
);

test("a program is told of a locked database in JSON, and may come back", async () => {
  const { site, reported } = await openWorld();
  const body = JSON.stringify({ email: "ada@example.org" });
  const answer = await site.request("/api/subscribe", {
    method: "POST",
    body,
    headers: JSON_BODY,
  });
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("60");
  expect(await answer.json()).toMatchObject({
    error: "Busy for a moment: nothing is lost, try again in a minute.",
  });
  expect(reported).toHaveLength(1);
});

test.each([
  ["BUSY_SNAPSHOT", 517, 503],
  ["LOCKED", 6, 503],
  ["READONLY", 8, 503],
  ["IOERR_WRITE", 778, 503],
  ["FULL", 13, 503],
  ["CANTOPEN", 14, 503],
  ["ERROR, a mistake in a statement", 1, 500],
  ["CORRUPT", 11, 500],
  ["CONSTRAINT", 19, 500],
])("after %s a visitor is asked to come back only where that helps", async (_, errcode, status) => {
  const { site, reported } = await openWorld(errcode);
  const answer = await site.request("/subscribe");
  expect(answer.status).toBe(status);
  expect(answer.headers.has("retry-after")).toBe(status === 503);
  expect(await answer.text()).toContain(status === 503 ? "Busy for a moment" : "Out of order");
  expect(reported).toHaveLength(1);
});

test("an address with a slash too many leads to the one without, within the site alone", async () => {
  const { site } = await openWorld();
  const moved = await site.request("/topics/?page=2");
  expect([moved.status, moved.headers.get("location")]).toEqual([308, "/topics?page=2"]);
  for (const path of ["//evil.example/", "/%5Cevil.example/", "/topics//"])
    expect((await site.request(`http://127.0.0.1:8025${path}`)).status).toBe(404);
  expect((await site.request("/topics/", { method: "POST" })).status).toBe(404);
});

test("what controls a terminal is written into no page", async () => {
  const { app } = await openDoor();
  const site = openSite({ ...app, report: () => {} });
  const found = await (await site.request("/search?q=ro%00bots%1b%0c")).text();
  const email = "email=ad%00a%40";
  const headers = FORM;
  const again = await site.request("/subscribe", { method: "POST", body: email, headers }, BEHIND);
  for (const page of [found, await again.text()]) expect(page).not.toMatch(/[^\P{Cc}\n\r\t]/u);
  expect(found).toContain('value="robots"');
});

test("a method that an address does not know is answered with those that it knows, each once", async () => {
  const { site } = await openWorld();
  const answer = await site.request("/api/subscribe", {
    method: "PUT",
    body: "x",
  });
  expect(answer.status).toBe(405);
  const allowed = answer.headers.get("allow")?.split(", ") ?? [];
  expect(allowed.toSorted()).toEqual(["GET", "HEAD", "OPTIONS", "POST"]);
});

test("a multipart form that is no UTF-8 is refused, and nothing is done", async () => {
  const world = await openDoor();
  const part = (name: string, value: Buffer) =>
    Buffer.concat([
      Buffer.from(`--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`),
      value,
      Buffer.from("\r\n"),
    ]);
  const body = Buffer.concat([
    part("email", Buffer.from("ada@example.org")),
    part("format", Buffer.from([0xff, 0xfe])),
    Buffer.from("--x--\r\n"),
  ]);
  const headers = { "Content-Type": "multipart/form-data; boundary=x" };
  const site = openSite({ ...world.app, report: () => {} });
  const answer = await site.request("/subscribe", {
    method: "POST",
    body,
    headers,
  });
  expect(answer.status).toBe(400);
  expect(await world.app.subscribers.count()).toMatchObject({ pending: 0 });
});

test("who comes without encryption is sent on, also from a page that is kept", async () => {
  const app = await openApp({ smtpUrl: new URL("smtp://127.0.0.1:9") });
  const masthead = { ...app.masthead, siteUrl: "https://papers.example" };
  const kept = openKeptPages(app.papersVersion, () => new Date());
  const rules = {
    masthead,
    kept,
    trustedProxies: ["10.0.0.0/8"],
    report: () => {},
  };
  const site = openSite({ ...app, ...rules });
  const by = async (protocol: string) => {
    const headers = { "X-Forwarded-Proto": protocol };
    return (await site.request("/archive", { headers }, BEHIND)).status;
  };
  expect([await by("http"), await by("https"), await by("http")]).toEqual([308, 200, 308]);
});

test.each(["/", "/subscribe", "/privacy", "/link"])(
  "%s is compressed for whoever can unpack it",
  async (path) => {
    const { app } = await openWorld();
    const site = openSite({ ...app, report: () => {} });
    const answer = await site.request(path, {
      headers: { "Accept-Encoding": "gzip" },
    });
    expect(answer.headers.get("content-encoding")).toBe("gzip");
    expect(answer.headers.get("vary")).toContain("Accept-Encoding");
    const page = gunzipSync(Buffer.from(await answer.arrayBuffer())).toString();
    expect(page).toContain("</html>");
    expect((await site.request(path)).headers.get("content-encoding")).toBeNull();
  },
);

test("a page that holds a reader's secret is compressed by nobody, whoever can unpack it", async () => {
  const { app, get } = await openDoor();
  const consent = { how: "added", detail: "test", at: "2026-04-01T00:00:00.000Z" } as const;
  const address = addressOf("ada@example.org");
  await app.subscribers.admit([{ address, cadence: "daily", textOnly: false, consent }]);
  const ada = await app.subscribers.find(address);
  const token = (purpose: "preferences" | "unsubscribe") => ada && app.links.token(purpose, ada);
  const [own, leave] = [`/preferences/${token("preferences")}`, token("unsubscribe")];
  const paths = [own, `${own}/data`, `${own}/learned`, `/unsubscribe/${leave}`, "/confirm/x"];
  for (const path of [...paths, "/refuse/x", "/opinion/x/1/more", own.replace("/p", "/%70")]) {
    const { headers } = await get(path, { "Accept-Encoding": "gzip, br" });
    expect([path, headers.get("content-encoding")]).toEqual([path, null]);
    expect(headers.get("cache-control")).toBe("no-store, no-transform");
  }
});
