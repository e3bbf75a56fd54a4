import { Hono } from "hono";
import { expect, onTestFinished, test } from "vitest";
import { startLocalInbox } from "../../src/mail/local-inbox.ts";
import { singleLetters } from "../mail/carry.ts";
import { openInboxPages } from "../../src/web/inbox.ts";
import { guardPages } from "../../src/web/pages.ts";
import { refuseForeignHosts } from "../../src/web/server.ts";
import { openApp } from "../home.ts";

/** The local inbox with its pages, as the demo shows them, and a way to put a letter in. */
async function openDemoInbox() {
  const inbox = await startLocalInbox(() => new Date("2026-04-15T08:00:00Z"));
  onTestFinished(() => inbox.close());
  const { masthead } = await openApp();
  const pages = new Hono();
  refuseForeignHosts(pages);
  guardPages(pages);
  pages.route("/inbox", openInboxPages(inbox, masthead));
  const get = (path: string, host = "localhost") => pages.request(path, { headers: { host } });

  const url = new URL(`smtp://127.0.0.1:${inbox.port}`);
  const way = singleLetters(url);
  onTestFinished(() => way.close());
  const deliver = async (lines: readonly string[]) => {
    const envelope = { from: "letters@example.org", to: ["ada@example.org"] };
    const content = Buffer.from(`${lines.join("\r\n")}\r\n`);
    expect(await way.send({ envelope, content })).toMatchObject({
      state: "accepted",
    });
  };
  return { get, deliver };
}

const HOSTILE = [
  "From: letters@example.org",
  "To: ada@example.org",
  'Subject: <script>alert(1)</script> "quoted" {{x}}',
  "MIME-Version: 1.0",
  "Content-Type: text/html; charset=utf-8",
  "",
  "<html><head><title>x</title></head><body><script>alert(2)</script><p>Hello</p></body></html>",
];
const PLAIN = [
  "From: letters@example.org",
  "To: ada@example.org",
  "Content-Type: text/plain; charset=utf-8",
  "",
  "Only <b>text</b> & nothing else",
];

test("an empty inbox says so", async () => {
  const { get } = await openDemoInbox();
  expect(await (await get("/inbox")).text()).toContain("No letter has come yet.");
});

test("a letter that came is listed, newest first, and shown in a sandboxed frame", async () => {
  const { get, deliver } = await openDemoInbox();
  await deliver(HOSTILE);
  await deliver(PLAIN);
  const list = await (await get("/inbox")).text();
  expect(list).toMatch(/2\s+letters/);
  expect(list.indexOf("/inbox/2")).toBeLessThan(list.indexOf("/inbox/1"));
  expect(list).toContain("(no subject)");
  expect(list).toContain("ada@example.org");
  const page = await (await get("/inbox/1")).text();
  expect(page).toMatch(/<iframe[^>]*sandbox="allow-popups allow-popups-to-escape-sandbox"/);
  expect(page).toContain('src="/inbox/1/html"');
});

test("a hostile letter is text on our pages, and may run nothing in its frame", async () => {
  const { get, deliver } = await openDemoInbox();
  await deliver(HOSTILE);
  for (const path of ["/inbox", "/inbox/1"]) {
    const page = await (await get(path)).text();
    expect(page).toContain("&lt;script&gt;alert(1)");
    expect(page).not.toContain("<script");
  }
  const frame = await get("/inbox/1/html");
  const policy = frame.headers.get("content-security-policy") ?? "";
  expect(await frame.text()).toContain("<p>Hello</p>");
  expect(policy).toMatch(/^default-src 'none'; style-src 'unsafe-inline';/);
  expect(policy).toContain("sandbox allow-popups");
  expect(policy).not.toMatch(/allow-scripts|allow-same-origin|script-src/);
});

test("text and source are shown as text", async () => {
  const { get, deliver } = await openDemoInbox();
  await deliver(HOSTILE);
  for (const part of ["text", "source"]) {
    const answer = await get(`/inbox/1/${part}`);
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  }
  expect(await (await get("/inbox/1/source")).text()).toContain("Content-Type: text/html");
});

test("a letter without HTML is shown as text, escaped", async () => {
  const { get, deliver } = await openDemoInbox();
  await deliver(PLAIN);
  const page = await (await get("/inbox/1")).text();
  expect(page).toContain("Only &lt;b&gt;text&lt;/b&gt; &amp; nothing else");
  expect(page).not.toContain("<iframe");
});

test.each(["/inbox/2", "/inbox/0", "/inbox/-1", "/inbox/x", "/inbox/1e0x", "/inbox/1/raw"])(
  "%s is not found",
  async (path) => {
    const { get, deliver } = await openDemoInbox();
    await deliver(PLAIN);
    expect((await get(path)).status).toBe(404);
  },
);

test("a request for another host is refused", async () => {
  const { get, deliver } = await openDemoInbox();
  await deliver(PLAIN);
  for (const path of ["/inbox", "/inbox/1", "/inbox/1/source"]) {
    expect((await get(path, "papers.example.org")).status).toBe(403);
  }
});
