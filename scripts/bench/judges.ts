/**
 * Looks at letters that the sink kept, with programs that are not ours: mailparser must read the same
 * in each as in the letter that nodemailer makes for the same reader, and mailauth must let each
 * signature pass. A way whose letters are no good has no speed.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { simpleParser, type AddressObject, type ParsedMail } from "mailparser";
import { assemble } from "../../src/assemble.ts";
import { dnsRecord, loadSigningKey } from "../../src/mail/dkim.ts";
import { isAddress, parseAddress } from "../../src/subscribers/address.ts";
import { DKIM, homeConfig, theEdition } from "./home.ts";
import { handlebarsMails, printMail } from "./rivals.ts";
import type { Taken } from "./sink.ts";

/** What the judges found of the letters of one way. */
export interface Verdict {
  readonly letters: number;
  readonly signatures: number;
  /** Bytes on the wire, for each of UTF-8 in HTML and text. */
  readonly wireBytes: number;
  readonly wireRatio: number;
}

export interface Judges {
  /** Throws when a letter is not what it should be, and when there is none. */
  judge(way: string, kept: Taken["kept"], isSigned: boolean): Promise<Verdict>;
  close(): Promise<void>;
}

interface Mailauth {
  dkimVerify(
    message: Buffer,
    options: { resolver: (name: string) => Promise<string[][]> },
  ): Promise<{ results: { status: { result: string } }[] }>;
}

/** What a reader or a mailbox gets to see of a letter, and what gets them out. */
const FIELDS =
  "list-id list-unsubscribe list-unsubscribe-post list-archive feedback-id auto-submitted precedence";
const PARSING = { skipTextToHtml: true, skipImageLinks: true, skipTextLinks: true };

/** Opens the judges of letters sent from copies of `home`. */
export async function openJudges(home: string): Promise<Judges> {
  const app = await assemble(homeConfig(home, 0));
  const mailOf = await handlebarsMails(app, await theEdition(app));
  const key = loadSigningKey(readFileSync(join(home, DKIM.keyFile)), DKIM);
  const { dkimVerify } = createRequire(import.meta.url)("mailauth/lib/dkim/verify") as Mailauth;
  const expectations = new Map<string, Promise<object>>();

  async function expectedFor(to: string): Promise<object> {
    const address = parseAddress(to);
    const reader = isAddress(address) ? await app.subscribers.find(address) : null;
    if (!reader) throw new Error(`${to} got a letter and is not on the list.`);
    return essenceOf(await simpleParser(await printMail(await mailOf(reader)), PARSING));
  }

  async function passed(message: Buffer): Promise<string[]> {
    const { results } = await dkimVerify(message, { resolver: async () => [[dnsRecord(key)]] });
    return results.map(({ status }) => status.result).filter((result) => result !== "none");
  }

  return {
    judge: async (way, kept, isSigned) => {
      let wire = 0;
      let words = 0;
      for (const { to, base64 } of kept) {
        const sent = Buffer.from(base64, "base64");
        const message = unstuffed(sent);
        const expected = expectations.get(to) ?? expectedFor(to);
        expectations.set(to, expected);
        const parsed = await simpleParser(message, PARSING);
        assertSame(`${way}: the letter to ${to}`, essenceOf(parsed), await expected);
        const signatures = await passed(message);
        if (signatures.join() !== (isSigned ? "pass" : "")) {
          throw new Error(`${way}: of the letter to ${to} signatures are "${signatures.join()}".`);
        }
        wire += sent.length;
        words += Buffer.byteLength(parsed.html || "") + Buffer.byteLength(parsed.text ?? "");
      }
      if (kept.length === 0) throw new Error(`${way}: no letter was kept to be judged.`);
      return {
        letters: kept.length,
        signatures: isSigned ? kept.length : 0,
        wireBytes: Math.round(wire / kept.length),
        wireRatio: wire / words,
      };
    },
    close: app.close,
  };
}

/** Returns a letter without what the way over the wire put into it (RFC 5321 section 4.5.2). */
function unstuffed(sent: Buffer): Buffer {
  const text = sent.toString("latin1");
  // What came in chunks has no end of its own.
  if (!text.endsWith("\r\n.\r\n")) return sent;
  return Buffer.from(text.slice(0, -".\r\n".length).replaceAll("\r\n..", "\r\n."), "latin1");
}

function essenceOf(mail: ParsedMail): object {
  const lines = mail.headerLines.filter(({ key }) => FIELDS.split(" ").includes(key));
  const fields = lines.map(({ line }) =>
    line.replace(/\r?\n(?=[\t ])/g, "").replace(/^[\w-]+/, ""),
  );
  const of = (address: AddressObject | AddressObject[] | undefined) => [address].flat()[0]?.text;
  return {
    from: of(mail.from),
    to: of(mail.to),
    replyTo: of(mail.replyTo),
    subject: mail.subject,
    messageId: mail.messageId,
    fields: fields.toSorted(),
    text: normalized(mail.text ?? ""),
    html: normalized(mail.html || ""),
  };
}

function normalized(text: string): string {
  return text.replaceAll("\r\n", "\n").trimEnd();
}

function assertSame(what: string, found: object, expected: object): void {
  for (const [name, value] of Object.entries(expected)) {
    const other = (found as Record<string, unknown>)[name];
    if (JSON.stringify(value) === JSON.stringify(other)) continue;
    throw new Error(`${what} has another ${name} than nodemailer's.`);
  }
}
