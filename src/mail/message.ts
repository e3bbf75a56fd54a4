/**
 * Turns a printed letter into a message (RFC 5322) and its envelope (RFC 5321). All headers of a
 * list letter are put in here, so that none can be forgotten.
 */
import MailComposer from "nodemailer/lib/mail-composer";
import { encodeWord, isPlainText, quoteString } from "nodemailer/lib/mime-funcs";
import { bodyHash, type Field, type Signer } from "./dkim.ts";

export interface Message {
  readonly envelope: { readonly from: string; readonly to: string[] };
  readonly content: Buffer;
}

export interface Sender {
  readonly name: string;
  readonly address: string;
  /** Where replies go. */
  readonly contact: string;
}

/** What makes a message one of a mailing list; a one-off has none of it. */
export interface ListHeaders {
  /** One https URI that takes RFC 8058's POST and shows a page on GET. */
  readonly unsubscribeUrl: string;
  readonly archiveUrl: string;
  /** Which edition: "daily-2026-04-15", for the feedback loop. */
  readonly editionName: string;
}

export interface Parts {
  readonly subject: string;
  readonly text: string;
  /** Null for readers who want text only. */
  readonly html: string | null;
}

/** Returns the message for one recipient. `messageId` is without its brackets. */
export async function composeMessage(letter: {
  sender: Sender;
  to: string;
  parts: Parts;
  messageId: string;
  date: Date;
  list: ListHeaders | null;
  /** Signs every letter where a key is configured. */
  signer: Signer | null;
}): Promise<Message> {
  const { sender, to, parts, messageId, date, list, signer } = letter;
  const composer = new MailComposer({
    from: { name: sender.name, address: sender.address },
    to: { name: "", address: to },
    replyTo: { name: sender.name, address: sender.contact },
    subject: parts.subject,
    date,
    messageId: `<${messageId}>`,
    text: crlf(parts.text),
    ...(parts.html !== null && { html: crlf(parts.html) }),
    textEncoding: "quoted-printable",
    ...(list && { headers: listHeaders(sender, list) }),
    // A letter is made of what we pass in and nothing else: no file and no address is opened.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const content = await composer.compile().build();
  return {
    envelope: { from: sender.address, to: [to] },
    content: signer ? await signed(content, signer, date) : content,
  };
}

/** Returns the message with its signatures on top. Throws rather than returning it without. */
async function signed(content: Buffer, signer: Signer, date: Date): Promise<Buffer> {
  const end = content.indexOf("\r\n\r\n");
  const header = content.toString("latin1", 0, end);
  const fields = header.split(/\r\n(?![\t ])/).map((field): Field => {
    const colon = field.indexOf(":");
    return [field.slice(0, colon), field.slice(colon + 1)];
  });
  const hash = bodyHash(content.subarray(end + 4));
  const signatures = await signer.prepare(fields, []).signAsync({}, hash, date);
  return Buffer.concat([Buffer.from(signatures, "latin1"), content]);
}

/** RFC 2919: the name for people, then an identifier under a domain of ours. */
function listId({ name, address }: Sender): string {
  const phrase = isPlainText(name) ? quoteString(name) : encodeWord(name);
  return `${phrase} <${slug(name)}.${domainOf(address)}>`;
}

function listHeaders(sender: Sender, list: ListHeaders) {
  return {
    "List-Id": asIs(listId(sender)),
    // RFC 8058 section 3.1.
    "List-Unsubscribe": asIs(`<${list.unsubscribeUrl}>`),
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    "List-Archive": asIs(`<${list.archiveUrl}>`),
    "Feedback-ID": `${list.editionName}:letter:${slug(sender.name)}:paperround`,
    // RFC 3834 section 5: keeps out-of-office replies away.
    "Auto-Submitted": "auto-generated",
    Precedence: "bulk",
  };
}

/** RFC 5321 section 2.3.8: a client sends no line feed but behind a carriage return. */
function crlf(text: string): string {
  return text.replace(/\r?\n/g, "\r\n");
}

/** Returns what stands behind the @. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1);
}

/**
 * Keeps a value on one line, unfolded: some relays break a signature over a folded address. Only for
 * values that we make ourselves and that can hold no line break.
 */
function asIs(value: string) {
  return { prepared: true, value };
}

function slug(name: string): string {
  const ascii = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return ascii || "newsletter";
}
