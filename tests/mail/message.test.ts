import { generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { simpleParser } from "mailparser";
import MailComposer from "nodemailer/lib/mail-composer";
import { expect, test } from "vitest";
import { bodyHash, dnsRecord, loadSigningKey, openSigner } from "../../src/mail/dkim.ts";
import { cleanText } from "../../src/papers/text.ts";
import { shareMessage } from "../../src/mail/message.ts";
import { block, encodeBody, endOfBlocks, fillSlots, slot } from "../../src/mail/mime.ts";

const sender = { name: "Paper Round", address: "letters@example.org", contact: "desk@example.org" };
const parts = { subject: "Alpha and 9 more", text: "Hello.\n", html: "<p>Hello.</p>" };
const list = {
  archiveUrl: "https://papers.example.org/archive/daily/2026-04-15",
  editionName: "daily-2026-04-15",
};
const reader = {
  from: "letters@example.org",
  to: "reader@example.org",
  messageId: "daily-2026-04-15.abc@example.org",
  date: new Date("2026-04-15T07:00:00Z"),
  unsubscribeUrl: "https://papers.example.org/unsubscribe/1-RLBoVthnycOFVxI7Q-8eOw",
  slots: {},
};

async function compose(
  changes: Partial<Parameters<typeof shareMessage>[0]> = {},
  own: Partial<Parameters<ReturnType<typeof shareMessage>["for"]>[0]> = {},
) {
  const shared = shareMessage({ sender, parts, list, signer: null, ...changes });
  const message = await shared.for({ ...reader, ...own });
  const source = message.content.toString("latin1");
  return { ...message, source, header: source.slice(0, source.indexOf("\r\n\r\n")) };
}

test("a list letter carries the headers of RFC 8058, RFC 2919 and RFC 3834, each once", async () => {
  const { header } = await compose();
  for (const line of [
    "List-Unsubscribe: <https://papers.example.org/unsubscribe/1-RLBoVthnycOFVxI7Q-8eOw>",
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    'List-Id: "Paper Round" <paper-round.example.org>',
    "Auto-Submitted: auto-generated",
    "Message-ID: <daily-2026-04-15.abc@example.org>",
    "Date: Wed, 15 Apr 2026 07:00:00 +0000",
  ]) {
    expect(header.split("\r\n").filter((each) => each === line)).toHaveLength(1);
  }
});

test("a one-off carries no list header, and asks for no automatic answer either", async () => {
  const { header } = await compose({ list: null });
  expect(header).toContain("\r\nAuto-Submitted: auto-generated");
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

test("a reader's values go into the slots, long ones and such with signs of the encoding too", async () => {
  const long = `https://papers.example.org/${"a=b&c/".repeat(40)}`;
  const text = "Hello \u0001name\u0001, go to\n\u0001link\u0001\n.Dot.\n";
  const html = '<p>\u0001name\u0001</p>\n<a href="\u0001link\u0001">=C3=BC</a>';
  const { content, source } = await compose(
    { parts: { subject: "x", text, html } },
    { slots: { name: "Zoë", link: long } },
  );
  const mail = await simpleParser(content);
  expect(mail.text).toBe(`Hello Zoë, go to\n${long}\n.Dot.\n`);
  expect(mail.html).toBe(`<p>Zoë</p>\n<a href="${long}">=C3=BC</a>`);
  const body = source.slice(source.indexOf("\r\n\r\n"));
  expect(Math.max(...body.split("\r\n").map((line) => line.length))).toBeLessThanOrEqual(76);
});

test("a slot for which nothing was given stops the letter", async () => {
  await expect(compose({ parts: { ...parts, text: "\u0001unknown\u0001" } })).rejects.toThrow(
    'the letter\'s slot "unknown"',
  );
});

test("our messages say what nodemailer's would, for any text", async () => {
  const line = fc.string({ unit: "grapheme", maxLength: 200 }).map((text) => cleanText(text, 200));
  const words = fc.array(line, { maxLength: 8 }).map((lines) => lines.join("\n"));
  await fc.assert(
    fc.asyncProperty(line, line, words, words, async (name, subject, text, html) => {
      const named = { ...sender, name: name || "A" };
      const written = { subject, text: `${text}\n`, html: `<p>${html}</p>` };
      const ours = await simpleParser((await compose({ sender: named, parts: written })).content);
      const theirs = await simpleParser(
        await new MailComposer({
          from: { name: named.name, address: named.address },
          to: reader.to,
          subject,
          text: written.text.replaceAll("\n", "\r\n"),
          html: written.html.replaceAll("\n", "\r\n"),
        })
          .compile()
          .build(),
      );
      expect([ours.from?.text, ours.subject ?? "", ours.text, ours.html]).toEqual([
        theirs.from?.text,
        theirs.subject ?? "",
        theirs.text,
        theirs.html,
      ]);
    }),
    { numRuns: 200 },
  );
});

test("a long name of any script is folded, and looks of an encoding are encoded", async () => {
  const name = "論文配達".repeat(15);
  const { content, header } = await compose({
    sender: { ...sender, name },
    parts: { ...parts, subject: "=?utf-8?Q?x?= is not what it looks like" },
  });
  const long = header
    .split("\r\n")
    .filter((line) => line.length > 78 && !/^List-(Un|Arch)/.test(line));
  expect(long).toEqual([]);
  const mail = await simpleParser(content);
  expect(mail.from?.value[0]?.name).toBe(name);
  expect(mail.subject).toBe("=?utf-8?Q?x?= is not what it looks like");
});

test("an address with more than ASCII in it stops the letter instead of leading elsewhere", async () => {
  await expect(compose({}, { unsubscribeUrl: "https://zeitung.中.example/u" })).rejects.toThrow(
    "The List-Unsubscribe field holds more than ASCII.",
  );
});

test("a body needs no care on its way, whatever it says: no leading dot, short lines, canonical", async () => {
  const chunk = fc.oneof(
    fc.constantFrom(
      ".",
      "..",
      " ",
      "  ",
      "\t",
      "\n",
      "\n\n",
      "=",
      "a".repeat(80),
      slot("a"),
      slot("b"),
    ),
    fc.string({ unit: "grapheme", maxLength: 30 }).map((text) => text.replace(/\p{Cc}/gu, "")),
  );
  const words = fc.array(chunk, { maxLength: 25 }).map((chunks) => chunks.join(""));
  const value = fc.oneof(
    fc.constantFrom("", ".", " ", "a=b", ".com"),
    fc.string({ unit: "grapheme", maxLength: 120 }).map((text) => text.replace(/\p{Cc}/gu, "")),
  );
  await fc.assert(
    fc.asyncProperty(
      words,
      fc.option(words),
      fc.record({ a: value, b: value }),
      async (text, html, slots) => {
        const { content, source } = await compose(
          { parts: { subject: "x", text: `${text}.`, html } },
          { slots },
        );
        const lines = source.slice(source.indexOf("\r\n\r\n")).split("\r\n");
        expect(lines.filter((line) => line.startsWith("."))).toEqual([]);
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(76);
        const body = content.subarray(source.indexOf("\r\n\r\n") + 4);
        expect(bodyHash(body, { isCanonical: true })).toBe(bodyHash(body));
        const mail = await simpleParser(content);
        const filled = fillSlots(`${text}.`, slots).trimEnd();
        expect(mail.text?.trimEnd()).toBe(filled);
      },
    ),
    { numRuns: 300 },
  );
});

test("a line of exactly the length at which lines are broken ends like any other", () => {
  for (let length = 60; length < 90; length++) {
    const [piece] = encodeBody({ text: `${"é".repeat(10)}${"a".repeat(length - 60)}.`, html: null })
      .pieces as Buffer[];
    const body = piece ?? Buffer.alloc(0);
    expect(bodyHash(body, { isCanonical: true })).toBe(bodyHash(body));
  }
});

test("a reader's own choice of blocks, in any order, is what a letter of these alone would say", async () => {
  const words = fc
    .array(
      fc.oneof(
        fc.constantFrom(".", " ", "\n", "=", "x".repeat(75), slot("a")),
        fc.string({ unit: "grapheme", maxLength: 30 }).map((text) => text.replace(/\p{Cc}/gu, "")),
      ),
      { maxLength: 10 },
    )
    .map((parts) => parts.join(""));
  const slots = { a: "Zoë.example" };
  await fc.assert(
    fc.asyncProperty(
      words,
      fc.array(words, { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.nat()),
      async (frame, texts, numbers) => {
        const inBlocks = texts.map((text, index) => `${block(`${index}`)}${text}`).join("");
        const html = `<p>${frame}${inBlocks}${endOfBlocks()}${frame}</p>`;
        const choice = texts.map((_, index) => index).filter(() => numbers.next().value % 2 === 0);
        choice.sort(() => (numbers.next().value % 2 === 0 ? 1 : -1));
        const { content } = await compose(
          { parts: { subject: "x", text: "x", html } },
          { slots, blocks: choice.map((index) => ({ name: String(index) })) },
        );
        const alone = `<p>${frame}${choice.map((index) => texts[index]).join("")}${frame}</p>`;
        expect((await simpleParser(content)).html).toBe(fillSlots(alone, slots));
        const body = content.subarray(content.indexOf("\r\n\r\n") + 4);
        expect(bodyHash(body, { isCanonical: true })).toBe(bodyHash(body));
        const lines = body.toString("latin1").split("\r\n");
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(76);
      },
    ),
    { numRuns: 200 },
  );
});
