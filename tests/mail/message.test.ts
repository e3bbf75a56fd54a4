import { generateKeyPairSync } from "node:crypto";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { simpleParser } from "mailparser";
import { expect, test } from "vitest";
import { dnsRecord, loadSigningKey, openSigner } from "../../src/mail/dkim.ts";
import { composeMessage } from "../../src/mail/message.ts";

const sender = { name: "Paper Round", address: "letters@example.org", contact: "desk@example.org" };
const parts = { subject: "Alpha and 9 more", text: "Hello.\n", html: "<p>Hello.</p>" };
const list = {
  unsubscribeUrl: "https://papers.example.org/unsubscribe/1-RLBoVthnycOFVxI7Q-8eOw",
  archiveUrl: "https://papers.example.org/archive/daily/2026-04-15",
  editionName: "daily-2026-04-15",
};

async function compose(changes: Partial<Parameters<typeof composeMessage>[0]> = {}) {
  const message = await composeMessage({
    sender,
    to: "reader@example.org",
    parts,
    messageId: "daily-2026-04-15.abc@example.org",
    date: new Date("2026-04-15T07:00:00Z"),
    list,
    signer: null,
    ...changes,
  });
  const source = message.content.toString("latin1");
  return { ...message, source, header: source.slice(0, source.indexOf("\r\n\r\n")) };
}

test("a list letter carries the headers of RFC 8058, RFC 2919 and RFC 3834, each once", async () => {
  const { header } = await compose();
  for (const line of [
    "List-Unsubscribe: <https://papers.example.org/unsubscribe/1-RLBoVthnycOFVxI7Q-8eOw>",
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    'List-ID: "Paper Round" <paper-round.example.org>',
    "Auto-Submitted: auto-generated",
    "Message-ID: <daily-2026-04-15.abc@example.org>",
    "Date: Wed, 15 Apr 2026 07:00:00 +0000",
  ]) {
    expect(header.split("\r\n").filter((each) => each === line)).toHaveLength(1);
  }
});

test("a one-off carries no list header", async () => {
  const { header } = await compose({ list: null });
  expect(header).not.toMatch(/^(List-|Precedence|Feedback-ID)/im);
});

test("text comes before HTML, lines are short and end in CRLF, bytes are ASCII", async () => {
  const html = `<p>${"Zürich 東京 \u{1d538} ".repeat(500)}</p>`;
  const { source } = await compose({ parts: { ...parts, html } });
  expect(source.indexOf("text/plain")).toBeLessThan(source.indexOf("text/html"));
  expect(source.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  expect(source).toMatch(/^[\t\r\n\x20-\x7e]*$/);
  const body = source.slice(source.indexOf("\r\n\r\n"));
  expect(Math.max(...body.split("\r\n").map((line) => line.length))).toBeLessThanOrEqual(76);
});

test("another program reads back what was written", async () => {
  const subject = "Straße, 東京 and émotion: ".repeat(4).trim();
  const { content } = await compose({ parts: { ...parts, subject } });
  const mail = await simpleParser(content);
  expect(mail.subject).toBe(subject);
  expect(mail.from?.value).toEqual([{ name: "Paper Round", address: "letters@example.org" }]);
  expect(mail.replyTo?.value[0]?.address).toBe("desk@example.org");
  expect(mail.text?.trim()).toBe("Hello.");
  expect(mail.html).toContain("<p>Hello.</p>");
});

test("the envelope holds exactly the one recipient", async () => {
  const { envelope } = await compose();
  expect(envelope).toEqual({ from: "letters@example.org", to: ["reader@example.org"] });
});

test("a line break in any value begins no header of its own", async () => {
  const evil = "x\r\nBcc: victim@evil.example\r\n\r\nbody";
  const { header } = await compose({
    parts: { ...parts, subject: evil },
    sender: { ...sender, name: evil },
    list: null,
  });
  expect(header).not.toMatch(/^bcc:/im);
});

test("a name beyond ASCII is encoded in From and List-Id", async () => {
  const name = "Papierrunde Zürich";
  const { content } = await compose({ sender: { ...sender, name } });
  const mail = await simpleParser(content);
  expect(mail.from?.value[0]?.name).toBe(name);
  expect(mail.headers.get("list")).toMatchObject({ id: { id: "papierrunde-zurich.example.org" } });
});

test("a signed letter verifies by another implementation, and no longer once a header is changed", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  const key = loadSigningKey(pem, { selector: "pr2026", domain: "example.org" });
  const html = `<p>${"Zürich 東京 ".repeat(300)}</p>`;
  const { content } = await compose({ parts: { ...parts, html }, signer: openSigner([key]) });
  const resolver = async (name: string) => {
    expect(name).toBe("pr2026._domainkey.example.org");
    return [[dnsRecord(key)]];
  };
  const verdict = async (message: Buffer) => {
    const { results } = await dkimVerify(message, { resolver });
    return results.map(({ status }) => status.result);
  };
  expect(await verdict(content)).toEqual(["pass"]);
  const source = content.toString("latin1");
  for (const [from, to] of [
    ["Subject: Alpha", "Subject: Omega"],
    ["List-Unsubscribe-Post: List-Unsubscribe=One-Click", "List-Unsubscribe-Post: no"],
    ["From: ", "From: Somebody <evil@example.com>\r\nFrom: "],
  ] as const) {
    expect(source).toContain(from);
    const changed = Buffer.from(source.replace(from, to), "latin1");
    expect(await verdict(changed)).not.toContain("pass");
  }
});
