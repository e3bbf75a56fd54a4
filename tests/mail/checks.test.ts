import { expect, test } from "vitest";
import { checkLetter, CHECKS, type CheckedLetter } from "../../src/mail/checks.ts";

const SITE = "https://papers.example.org";
const LEAVE = `${SITE}/unsubscribe/1-abc`;

/** A page with `body` in it, and nothing to find. */
function page(body: string, style = ""): string {
  return `<!doctype html><html lang="en"><head><title>T</title><style>${style}</style></head><body><p>Also: B</p><h1>News</h1>${body}</body></html>`;
}

function letterWith(changes: Partial<CheckedLetter>): CheckedLetter {
  return {
    subject: "A paper and 2 more",
    preheader: "Also: B",
    html: null,
    text: "Also: B\nNews\n",
    message: null,
    kind: "list",
    siteUrl: SITE,
    isSigned: true,
    ...changes,
  };
}

/** Returns "check level" of what is found in a page of this body. */
function found(body: string, { text = "", style = "", ...changes }: Record<string, string> = {}) {
  const html = page(body, style);
  const findings = checkLetter(letterWith({ html, text: `Also: B\nNews\n${text}`, ...changes }));
  return findings.map(({ check, level }) => `${check} ${level}`);
}

test("a plain letter has nothing to be found", () => {
  expect(found("<p>Hello</p>", { text: "Hello" })).toEqual([]);
});

test.each([
  ["javascript:alert(1)", "links error"],
  ["data:text/html,x", "links error"],
  ["https://user:secret@example.org/", "links error"],
  ["http://192.0.2.1/paper", "links error"],
  ["http://[2001:db8::1]/paper", "links error"],
  ["", "links error"],
  ["https://bit.ly/x", "links warning"],
])("a link to %j is found", (url, finding) => {
  expect(found(`<a href="${url}">Paper</a>`, { text: `Paper ${url}` })).toContain(finding);
});

test("a link to our own pages on this machine is none to a bare IP address", () => {
  const url = "http://127.0.0.1:4321/archive";
  const siteUrl = "http://127.0.0.1:4321";
  expect(found(`<a href="${url}">Paper</a>`, { text: `Paper ${url}`, siteUrl })).toEqual([]);
});

test("a link that shows another address, has no name, or shares its name is found", () => {
  const one = "https://one.example/";
  const two = "https://two.example/";
  expect(found(`<a href="${one}">${two}</a>`, { text: one })).toContain("links warning");
  expect(found(`<a href="${one}">${one}</a>`, { text: one })).toEqual([]);
  expect(found(`<a href="${one}"> </a>`, { text: one })).toContain("links error");
  expect(
    found(`<a href="${one}">PDF</a> <a href="${two}">PDF</a>`, { text: `PDF ${one} PDF ${two}` }),
  ).toEqual(["links warning"]);
});

test("what a paper's title says never stops a letter", () => {
  const titles = [
    "RE: THE ONE",
    "https://evil.example/ again",
    "{{unsubscribe}} <b>",
    "‮x",
    "A".repeat(9000),
  ];
  for (const subject of titles) {
    const levels = checkLetter(letterWith({ subject, preheader: subject })).map(
      ({ level }) => level,
    );
    expect(levels).not.toContain("error");
  }
});

test("contrast is that of the cascade, in light and in dark", () => {
  const dark =
    "@media (prefers-color-scheme: dark) { .card { background-color: #111 !important; } }";
  const grey = '<div style="background:#fff"><p style="color:#999">Grey</p></div>';
  const black =
    '<div class="card" style="background-color:#fff"><p style="color:#333">Dark</p></div>';
  expect(found(grey, { text: "Grey" })).toEqual(["contrast warning"]);
  expect(found(black, { text: "Dark" })).toEqual([]);
  expect(found(black, { text: "Dark", style: dark })).toContain("contrast error");
  // Large text may be lighter (WCAG 2.2, 1.4.3).
  const large =
    '<div style="background:#fff"><p style="color:#888;font:24px Georgia">Grey</p></div>';
  expect(found(large, { text: "Grey" })).toEqual([]);
});

test.each([
  "display:none",
  "visibility:hidden",
  "opacity:0",
  "font-size:0",
  "font-size:1px",
  "mso-hide:all",
  "text-indent:-9999px",
  "max-height:0;overflow:hidden",
])("text under %s is hidden", (style) => {
  expect(found(`<div style="${style}">Buy</div>`, { text: "Buy" })).toContain("hidden error");
});

test("white on white is hidden as well", () => {
  const body = '<p style="color:#fff;background:#fff">Buy</p>';
  expect(found(body, { text: "Buy" })).toEqual(["contrast error"]);
});

test.each([
  '<img src="https://x.example/a.png" alt="" width="1" height="1">',
  '<td background="https://x.example/a.png">x</td>',
  '<div style="background:url(https://x.example/a.png)">x</div>',
  '<link rel="stylesheet" href="//x.example/a.css">',
  "<style>@import 'https://x.example/a.css';</style>",
  "<style>@font-face { src: url(https://x.example/f.woff) }</style>",
  "<script>1</script>",
  '<iframe src="https://x.example/"></iframe>',
  '<p onclick="x()">x</p>',
])("%s is found: nothing is loaded or run on opening", (body) => {
  expect(found(body, { text: "x" })).toContain("requests error");
});

test("pictures need words for those who see none, and may be allowed", () => {
  const words = "word ".repeat(200);
  const html = page(`<img src="https://x.example/a.png"><p>${words}</p>`);
  const letter = letterWith({ html, text: `Also: B\nNews\n${words}`, allowsImages: true });
  expect(checkLetter(letter).map(({ check, level }) => `${check} ${level}`)).toEqual([
    "images error",
    "images warning",
    "requests note",
  ]);
});

test("pictures that the configuration wants are no fault, and the hosts that are asked are named", () => {
  const one = (url: string) => `<img src="${url}" alt="One" width="1" height="1">`;
  const words = "word ".repeat(400);
  const body = `${one("https://a.example/1")}${one("https://a.example/2")}${one("//b.example/3")}`;
  const html = page(`${body}<p>${words}</p>`);
  const letter = letterWith({ html, text: `Also: B\nNews\n${words}`, allowsImages: true });
  expect(checkLetter(letter)).toMatchObject([
    {
      check: "requests",
      level: "note",
      message: "Opening the letter loads 3 pictures from a.example, b.example.",
    },
  ]);
});

test("a heavy letter is found before Gmail cuts it off", () => {
  expect(found(`<p>${"x".repeat(60_000)}</p>`, { text: "x".repeat(60_000) })).toEqual([
    "size warning",
  ]);
  expect(found(`<p>${"x".repeat(95_000)}</p>`, { text: "x".repeat(95_000) })).toEqual([
    "size error",
  ]);
  const nested = "@media screen { @media (min-width:1px) { a { color: #000 } } }";
  expect(found("", { style: nested })).toEqual(["styles error"]);
});

test("a text part that says something else is found, by words and by links", () => {
  const url = "https://one.example/";
  expect(found("<p>One two three four five six seven</p>")).toContain("parity error");
  expect(found(`<a href="${url}">One</a>`, { text: "One" })).toEqual(["parity warning"]);
  expect(found(`<a href="${url}">One</a>`, { text: `One ${url} ${url}` })).toEqual([
    "parity warning",
  ]);
  // What is only said in both is no link in either.
  expect(found(`<p>See ${url}</p>`, { text: `See ${url}` })).toEqual([]);
  expect(found("<p>O(n<sup>2</sup>)</p>", { text: "O(n²)" })).toEqual([]);
});

test("without a preheader the advice holds for a letter of one paper and for one of none", () => {
  const [finding] = checkLetter(letterWith({ preheader: "" }));
  expect(finding?.remedy).toBe("That is right for a letter of one paper or of none.");
});

test("the size says whether it is that of a letter with a reader's own links", () => {
  const html = page(`<p>${"x".repeat(60_000)}</p>`);
  const sizeOf = (kind: CheckedLetter["kind"]) =>
    checkLetter(letterWith({ html, kind })).find(({ check }) => check === "size")?.message;
  expect(sizeOf("list")).toMatch(/KB as it is sent with a reader's own links, above the 50/);
  expect(sizeOf("single")).toMatch(/KB as it is sent, above the 50/);
});

test("a place that nothing was put into is found", () => {
  expect(found("<p>\u0001address\u0001</p>", { text: "\u0001address\u0001" })).toContain(
    "values error",
  );
});

const MESSAGE = [
  "DKIM-Signature: v=1; a=rsa-sha256; d=papers.example.org;",
  " h=from:to:subject:date:message-id:list-unsubscribe:list-unsubscribe-post; b=x",
  "From: Paper Round <letters@papers.example.org>",
  "Reply-To: Desk <desk@papers.example.org>",
  "Subject: =?utf-8?Q?Caf=C3=A9?=",
  "MIME-Version: 1.0",
  "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
  "Content-Type: text/plain; charset=utf-8",
  "Content-Transfer-Encoding: quoted-printable",
  "To: reader@example.net",
  "Message-ID: <daily-2026-04-15.abc@papers.example.org>",
  "Date: Wed, 15 Apr 2026 08:00:00 +0000",
  `List-Unsubscribe: <${LEAVE}>`,
  "",
  `Also: B=`,
  "",
].join("\r\n");

function judged(change: (message: string) => string, changes: Partial<CheckedLetter> = {}) {
  const message = Buffer.from(change(MESSAGE), "latin1");
  const letter = letterWith({ message, text: `Also: B\n${LEAVE}\n`, ...changes });
  return checkLetter(letter).map(({ check, level }) => `${check} ${level}`);
}

test("a good message has nothing to be found", () => {
  expect(judged((message) => message)).toEqual([]);
});

test.each<[string, string, string | RegExp, string]>([
  ["a second subject", "message error", "Subject:", "Subject: x\r\nSubject:"],
  ["no date", "message error", /Date: .*\r\n/, ""],
  ["a date of no standard", "message error", /Date: .*\r\n/, "Date: yesterday\r\n"],
  ["no Message-ID", "message error", /Message-ID: .*\r\n/, ""],
  ["another domain's Message-ID", "sender warning", "abc@papers", "abc@other"],
  ["a bare line feed", "message error", "B=\r\n", "B\n\r\n"],
  ["a long line", "message error", "Also: B=", "x".repeat(999)],
  ["an encoded word too long", "message error", "Caf=C3=A9", "x".repeat(70)],
  ["bytes beyond ASCII in a field", "message error", "Paper Round", "Pap\u00e9r"],
  ["two senders", "sender error", "From: ", "From: a@example.org, "],
  ["answers to nobody", "sender error", "desk@", "no-reply@"],
  ["a sender that looks like nobody", "sender warning", "<letters@", "<noreply@"],
  ["a way to leave by mail alone", "unsubscribe error", LEAVE, "mailto:leave@example.org"],
  ["a way to leave without https", "unsubscribe error", "<https:", "<http:"],
  ["no one-click", "unsubscribe error", "=One-Click", "=Two-Click"],
  ["an open way to leave", "signature error", ":list-unsubscribe-post;", ";"],
  ["a signature of a beginning", "signature error", "a=rsa-sha256;", "a=rsa-sha256; l=10;"],
  ["no signature", "signature error", /DKIM-Signature[\s\S]*?b=x\r\n/, ""],
])("a message with %s is found", (_, finding, before, after) => {
  const found = judged((message) => {
    const changed = message.replace(before, after);
    expect(changed).not.toBe(message);
    return changed;
  });
  expect(found).toContain(finding);
});

test("a single letter must not say how to leave a list, and needs no way to", () => {
  expect(judged((message) => message, { kind: "single" })).toEqual(["unsubscribe warning"]);
  const bare = (message: string) =>
    message.replace(/List-Unsubscribe-Post: .*\r\n/, "").replace(/List-Unsubscribe: .*\r\n/, "");
  expect(judged(bare, { kind: "single" })).toEqual([]);
});

test("findings repeat at most five times for one check, and are counted", () => {
  const html = page('<a href="javascript:x">a</a>'.repeat(50));
  const links = checkLetter(letterWith({ html })).filter(({ check }) => check === "links");
  expect(links).toHaveLength(6);
  expect(links.at(-1)?.message).toBe("There are 45 more of this kind.");
});

test("no hostile HTML makes the checks fail or go on for long", () => {
  const attacks = [
    "<".repeat(50_000),
    "<a href='".repeat(5000),
    `<style>${"a{".repeat(20_000)}</style>`,
    `<style>${":not(".repeat(2000)}</style>`,
    "<div>".repeat(2000) + "x",
    "\u0000\ud800",
  ];
  for (const html of attacks) {
    for (const { check } of checkLetter(letterWith({ html }))) expect(CHECKS).toHaveProperty(check);
  }
});
