/** Public pages are made once, compressed once, and never shown stale; all others pass untouched. */
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { openKeptPages } from "../../src/web/kept-pages.ts";

const NOW = new Date("2026-04-15T08:00:00Z");
const LONG = "The same words again and again, so that they pay. ".repeat(100);
/** A page that nothing can compress. */
const noise = (seed: number) =>
  Array.from({ length: 3000 }, (_, at) => ((at * 7919 + seed) * 104_729).toString(36)).join("");

/** A site with pages of several kinds, which counts how often each was made. */
function openWorld({ bytesMax }: { bytesMax?: number } = {}) {
  const made: string[] = [];
  const world = { version: "1", now: NOW, text: LONG };
  const kept = openKeptPages(
    () => world.version,
    () => world.now,
    bytesMax,
  );
  const app = new Hono();
  kept.standBefore(app);
  app.get("/:kind/:name?", (context) => {
    const { kind } = context.req.param();
    made.push(context.req.path);
    if (kind === "noise") {
      context.header("Cache-Control", "public, max-age=60");
      return context.text(noise(Number(context.req.param("name"))));
    }
    if (kind !== "plain")
      context.header("Cache-Control", kind === "secret" ? "no-store" : "public");
    return kind === "missing" ? context.text(world.text, 404) : context.text(world.text);
  });
  const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
    app.request(path, { headers, method });
  return { world, kept, made, ask };
}

test("a public page is made once and asked for often", async () => {
  const { ask, made } = openWorld();
  const texts = [await ask("/public"), await ask("/public"), await ask("/public", {}, "HEAD")];
  expect(await Promise.all(texts.map((answer) => answer.text()))).toEqual([LONG, LONG, ""]);
  expect(made).toEqual(["/public"]);
  expect(texts[2]?.headers.get("content-length")).toBe(String(LONG.length));
});

test.each(["/secret", "/plain", "/missing"])(
  "%s is made anew each time, as it is",
  async (path) => {
    const { ask, made } = openWorld();
    await ask(path);
    const answer = await ask(path, { "Accept-Encoding": "gzip" });
    expect(made).toHaveLength(2);
    expect(answer.headers.get("etag")).toBeNull();
    expect(answer.headers.get("content-encoding")).toBeNull();
  },
);

test("addresses with a query are not kept, since there is no end of them", async () => {
  const { ask, made, kept } = openWorld();
  await ask("/public?a=1");
  const answer = await ask("/public?a=1", { "Accept-Encoding": "gzip" });
  expect(made).toHaveLength(2);
  expect(answer.headers.get("content-encoding")).toBe("gzip");
  expect(kept.ready("/public?a=1", "\r\nhost: x\r\n")).toBeNull();
});

test("nothing stale is shown once there is another version", async () => {
  const { ask, world, kept } = openWorld();
  const first = await ask("/public");
  world.text = `${LONG}And more.`;
  expect(await (await ask("/public")).text()).toBe(LONG);
  world.version = "2";
  const second = await ask("/public", { "If-None-Match": first.headers.get("etag") ?? "" });
  expect(second.status).toBe(200);
  expect(await second.text()).toBe(world.text);
  world.version = "3";
  world.now = new Date(NOW.getTime() + 5);
  expect(kept.ready("/public", "\r\nhost: x\r\n")).toBeNull();
});

test.each([
  ["br", "br"],
  ["gzip, deflate, br", "br"],
  ["gzip;q=1.0, br;q=0", "gzip"],
  ["GZIP", "gzip"],
  ["*", "br"],
  ["*, br;q=0.0", "gzip"],
  ["deflate", null],
  ["gzip;q=0", null],
  ["identity", null],
  ["", null],
  ["gzipped", null],
])("to “Accept-Encoding: %s” the answer comes as %s", async (accepted, expected) => {
  const { ask } = openWorld();
  const answer = await ask("/public", { "Accept-Encoding": accepted });
  const body = Buffer.from(await answer.arrayBuffer());
  expect(answer.headers.get("content-encoding")).toBe(expected);
  expect(answer.headers.get("vary")).toBe("Accept-Encoding");
  expect(answer.headers.get("content-length")).toBe(String(body.length));
  const decoded =
    expected === "br" ? brotliDecompressSync(body) : expected ? gunzipSync(body) : body;
  expect(decoded.toString()).toBe(LONG);
});

test("what does not pay is not compressed", async () => {
  const { ask, world } = openWorld();
  world.text = "short";
  const answer = await ask("/public", { "Accept-Encoding": "br" });
  expect(answer.headers.get("content-encoding")).toBeNull();
});

test.each([
  ["the tag itself", (tag: string) => tag, 304],
  ["the tag as a strong one", (tag: string) => tag.replace("W/", ""), 304],
  ["one of several", (tag: string) => `"x", ${tag}`, 304],
  ["anything", () => "*", 304],
  ["another", () => 'W/"x"', 200],
  ["no tag at all", () => "x", 200],
])("who has %s is answered accordingly", async (_, known, status) => {
  const { ask } = openWorld();
  const tag = (await ask("/public")).headers.get("etag") ?? "";
  expect(tag).toMatch(/^W\/"[\w-]{22}"$/);
  for (const method of ["GET", "HEAD"]) {
    const answer = await ask("/public", { "If-None-Match": known(tag) }, method);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("etag")).toBe(tag);
    expect(answer.headers.get("cache-control")).toBe("public");
  }
});

test("memory is bounded: the page that nobody asked for the longest goes first", async () => {
  const { ask, made } = openWorld({ bytesMax: 125_000 });
  for (const name of ["1", "2", "3"]) await ask(`/noise/${name}`);
  await ask("/noise/2");
  await ask("/noise/4");
  made.length = 0;
  await ask("/noise/2");
  await ask("/noise/4");
  expect(made).toEqual([]);
  await ask("/noise/1");
  expect(made).toEqual(["/noise/1"]);
});

test("a plain request gets the same answer, ready for the wire", async () => {
  const { ask, kept, world } = openWorld();
  const wireOf = (head: string) => Buffer.concat(kept.ready("/public", head) ?? []);
  expect(kept.ready("/public", "\r\nHost: x\r\n")).toBeNull();
  const answer = await ask("/public", { "Accept-Encoding": "gzip" });
  const asked = "\r\nHost: x\r\nAccept-Encoding: gzip\r\n";
  const wire = wireOf(asked).toString("latin1");
  const [head = "", ...rest] = wire.split("\r\n\r\n");
  const lines = head.split("\r\n");
  expect(lines[0]).toBe("HTTP/1.1 200 OK");
  const headers = new Headers(
    lines.slice(1).map((line) => line.split(/: (.*)/).slice(0, 2) as [string, string]),
  );
  expect(headers.get("date")).toBe("Wed, 15 Apr 2026 08:00:00 GMT");
  headers.delete("date");
  expect(headers.get("x-request-id")).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  headers.delete("x-request-id");
  expect([...headers]).toEqual([...answer.headers]);
  expect(gunzipSync(Buffer.from(rest.join("\r\n\r\n"), "latin1")).toString()).toBe(LONG);
  const tag = answer.headers.get("etag");
  const unchanged = wireOf(`\r\nHost: x\r\nIf-None-Match: ${tag}\r\n`);
  expect(unchanged.toString()).toMatch(/^HTTP\/1\.1 304 Not Modified\r\n(?:.+\r\n)+\r\n$/);
  world.now = new Date(NOW.getTime() + 1000);
  expect(wireOf(asked).toString("latin1")).toContain("08:00:01 GMT\r\n\r\n");
});

test("every answer from the wire has a name of its own, and keeps it", async () => {
  const { ask, kept } = openWorld();
  await ask("/public");
  const ready = () => kept.ready("/public", "\r\nHost: x\r\n");
  const answers = [ready(), ready()];
  const names = answers.map((bytes) => /x-request-id: (\S+)/.exec(String(bytes))?.[1]);
  expect(new Set(names).size).toBe(2);
});
