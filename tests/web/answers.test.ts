/** How the public pages answer what is not a plain visit: methods, faults, proxies, and the share picture. */
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { openKeptPages } from "../../src/web/kept-pages.ts";
import type { FailedRequest } from "../../src/web/faults.ts";
import { openSite } from "../../src/web/site.ts";
import { openApp, ROOT } from "../home.ts";

const NOW = () => new Date("2026-04-15T08:00:00Z");

/** The public pages over the sample corpus, with one edition. */
async function openWorld() {
  const app = await openApp();
  await app.newsletter.gather([app.files([join(ROOT, "data", "sample.jsonl")], null)], () => {});
  await app.newsletter.publish("daily", "2025-10-30");
  const kept = openKeptPages(app.papersVersion, NOW);
  const faults: [Error, FailedRequest][] = [];
  const report = (fault: Error, request: FailedRequest) => void faults.push([fault, request]);
  return { app, faults, kept, site: openSite({ ...app, kept, report }), report };
}

const PUBLIC = [
  "/",
  "/archive",
  "/archive/daily",
  "/archive/daily/2025-10-30",
  "/days/2026-04-15",
  "/papers/2604.11784",
  "/topics",
  "/topics/agents",
  "/search?q=models",
];

test.each(PUBLIC)("%s is small, needs no script, and names its one address", async (path) => {
  const { site } = await openWorld();
  const answer = await site.request(path);
  expect(answer.status).toBe(200);
  const page = await answer.text();
  expect(Buffer.byteLength(page)).toBeLessThan(50_000);
  expect(page).not.toMatch(/<script|style="|\son[a-z]+=/);
  const canonical = path.replace(/\?.*/, "");
  expect(page).toContain(`<link rel="canonical" href="http://127.0.0.1:8025${canonical}" />`);
  expect(page).toContain('property="og:image" content="http://127.0.0.1:8025/share.png"');
  expect(page.match(/<h1[ >]/g)).toHaveLength(1);
});

test.each([...PUBLIC, "/feed.atom", "/share.png", "/style.css", "/robots.txt", "/sitemap.xml"])(
  "HEAD of %s says what GET does, without the body",
  async (path) => {
    const { site } = await openWorld();
    const got = await site.request(path);
    const head = await site.request(path, { method: "HEAD" });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe("");
    const named = (answer: Response) =>
      [...answer.headers].filter(([name]) => name !== "x-request-id");
    expect(named(head)).toEqual(named(got));
    const options = await site.request(path, { method: "OPTIONS" });
    expect(options.status).toBe(204);
    expect(options.headers.get("allow")).toBe("GET, HEAD, OPTIONS");
    const put = await site.request(path, { method: "PUT", body: "x" });
    expect([put.status, put.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
  },
);

test("an address that is nobody's has no methods", async () => {
  const { site } = await openWorld();
  for (const method of ["OPTIONS", "PUT", "POST"])
    expect((await site.request("/nowhere", { method })).status).toBe(404);
});

test("a publication shows at once, whoever published", async () => {
  const { app, site } = await openWorld();
  const before = await site.request("/archive");
  expect(await before.text()).not.toContain("2026-04-15");
  const first = await site.request("/archive/daily/2025-10-30");
  await app.newsletter.publish("daily", "2026-04-15");
  const known = { "If-None-Match": before.headers.get("etag") ?? "" };
  expect(await (await site.request("/archive", { headers: known })).text()).toContain("2026-04-15");
  // The edition before leads to it, and is then what it was.
  const path = "/archive/daily/2025-10-30";
  const asked = { "If-None-Match": first.headers.get("etag") ?? "" };
  const led = await site.request(path, { headers: asked });
  expect(await led.text()).toContain('rel="next" href="/archive/daily/2026-04-15"');
  const again = { "If-None-Match": led.headers.get("etag") ?? "" };
  expect((await site.request(path, { headers: again })).status).toBe(304);
});

test("pages of readers are not kept", async () => {
  const { site, kept } = await openWorld();
  const headers = { "Accept-Encoding": "gzip" };
  for (const path of ["/unsubscribe/x", "/preferences/x"]) {
    const answer = await site.request(path, { headers });
    expect(answer.headers.get("etag")).toBeNull();
    expect(kept.ready(path, "\r\nhost: x\r\n")).toBeNull();
  }
});

test("a fault is told with the number of the request and its route, never its address", async () => {
  const { app, faults, report } = await openWorld();
  const broken = {
    ...app.links,
    verify: () => {
      throw new Error("broken");
    },
  };
  const site = openSite({ ...app, links: broken, report });
  const answer = await site.request("/unsubscribe/secret-token");
  expect(answer.status).toBe(500);
  const id = answer.headers.get("x-request-id") ?? "";
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(await answer.text()).toContain(id);
  expect(faults).toEqual([
    [expect.any(Error), { id, method: "GET", route: "/unsubscribe/:token" }],
  ]);
});

test("while the database is out of reach, pages say to come back and health says so", async () => {
  const { app, site } = await openWorld();
  expect((await site.request("/healthz")).status).toBe(200);
  await app.close();
  const health = await site.request("/healthz");
  expect([health.status, await health.text()]).toEqual([503, "The database is out of reach.\n"]);
  const answer = await site.request("/archive");
  expect(answer.status).toBeGreaterThanOrEqual(500);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(await answer.text()).toContain("Out of order");
});

test("who came to a trusted proxy unencrypted is sent to https, anybody else is not", async () => {
  const { app } = await openWorld();
  const masthead = { ...app.masthead, siteUrl: "https://papers.example" };
  const site = openSite({ ...app, masthead, trustedProxies: ["10.0.0.1"], report: () => {} });
  const from = (remoteAddress: string, method = "GET") =>
    site.request(
      "/search?q=a%20b",
      { method, headers: { "X-Forwarded-Proto": "http" } },
      { incoming: { socket: { remoteAddress } } },
    );
  const answer = await from("10.0.0.1");
  expect(answer.status).toBe(308);
  expect(answer.headers.get("location")).toBe("https://papers.example/search?q=a%20b");
  const direct = await from("192.0.2.1");
  expect(direct.status).toBe(200);
  expect(direct.headers.get("strict-transport-security")).toBe("max-age=31536000");
});

test("the share picture is a PNG in the newsletter's colour, for pages anywhere", async () => {
  const { site } = await openWorld();
  const answer = await site.request("/share.png");
  expect(answer.headers.get("content-type")).toBe("image/png");
  expect(answer.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
  const picture = Buffer.from(await answer.arrayBuffer());
  expect(picture.subarray(1, 4).toString()).toBe("PNG");
  expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([1200, 630]);
  const data = picture.indexOf("IDAT");
  const lines = inflateSync(picture.subarray(data + 4, data + 4 + picture.readUInt32BE(data - 4)));
  expect(lines).toHaveLength(630 * (1200 * 3 + 1));
  expect(picture.length).toBeLessThan(20_000);
});

test("who asks for a paper by its number is led to it", async () => {
  const { site } = await openWorld();
  const answer = await site.request("/search?q=arXiv%3A2604.11784v2");
  expect([answer.status, answer.headers.get("location")]).toEqual([303, "/papers/2604.11784"]);
});
