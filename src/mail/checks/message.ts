/**
 * Reads the finished message and holds it against the standards: RFC 5322 (fields and lines), 2047
 * (encoded words), 2045 and 2046 (parts), 8058 (unsubscribing in one click), 6376 (signatures).
 */
import { quoted, type CheckedLetter, type Tell } from "./finding.ts";

/** A message, taken apart as far as the checks need it. */
export interface ReadMessage {
  readonly bytes: Buffer;
  /** The fields in their order, unfolded, names in lower case. */
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  /** The lines of the header as they stand. */
  readonly headerLines: readonly string[];
  readonly lines: readonly string[];
}

/** RFC 5322 section 2.1.1, without CRLF. */
const LINE_MAX = 998;
/** RFC 2045 section 6.7. */
const ENCODED_LINE_MAX = 76;
/** RFC 2047 section 2. */
const ENCODED_WORD_MAX = 75;
const ONCE = ["from", "date", "message-id", "subject", "to", "mime-version", "content-type"];
const AT_MOST_ONCE =
  "sender reply-to cc list-id list-unsubscribe list-unsubscribe-post feedback-id auto-submitted".split(
    " ",
  );
/** RFC 8058 section 4, and what says who wrote what to whom. */
const MUST_SIGN = ["from", "to", "subject", "date", "message-id"];
const MUST_SIGN_LIST = ["list-unsubscribe", "list-unsubscribe-post"];
const NOBODY = /^(?:no|do-?not)[._-]?reply\b/i;
const DATE =
  /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d(?::\d\d)? [+-]\d{4}$/;
const OURS = "Report it as a defect of Paper Round.";

/** Takes a finished message apart. */
export function readMessage(bytes: Buffer): ReadMessage {
  const source = bytes.toString("latin1");
  const end = source.indexOf("\r\n\r\n");
  const header = end === -1 ? source : source.slice(0, end);
  const fields = header.split(/\r\n(?![\t ])/).map((field) => {
    const colon = field.indexOf(":");
    const value = field.slice(colon + 1).replace(/\r\n(?=[\t ])/g, "");
    return { name: field.slice(0, Math.max(colon, 0)).trim().toLowerCase(), value: value.trim() };
  });
  return { bytes, fields, headerLines: header.split("\r\n"), lines: source.split("\r\n") };
}

/** Holds lines, fields and parts against the standards. */
export function checkForm(message: ReadMessage, _: CheckedLetter, tell: Tell): void {
  const fault = (text: string) => tell("error", text, OURS);
  const { lines, fields, headerLines } = message;
  const longest = lines.reduce((max, line) => Math.max(max, line.length), 0);
  if (longest > LINE_MAX) fault(`A line has ${longest} characters; ${LINE_MAX} are allowed.`);
  if (lines.some((line) => /[\r\n]/.test(line))) fault("A line does not end in CRLF.");
  if (headerLines.some((line) => !/^[\t -~]*$/.test(line))) {
    fault("The header holds characters that are not printable ASCII.");
  }
  for (const name of ONCE) {
    const count = valuesOf(message, name).length;
    if (count !== 1) fault(`The field ${name} stands there ${count} times instead of once.`);
  }
  for (const name of AT_MOST_ONCE) {
    const count = valuesOf(message, name).length;
    if (count > 1) fault(`The field ${name} stands there ${count} times.`);
  }
  for (const line of headerLines) {
    const word = line.match(/=\?[^?\s]+\?[bq]\?[^?\s]*\?=/gi)?.find(isTooLong);
    if (word) fault(`An encoded word has ${word.length} characters: ${quoted(word)}.`);
    if (line.includes("=?") && line.length > ENCODED_LINE_MAX) {
      fault(`A line with an encoded word has ${line.length} characters: ${quoted(line)}.`);
    }
  }
  const [date] = valuesOf(message, "date");
  if (date !== undefined && !(DATE.test(date) && Date.parse(date) > 0)) {
    fault(`The date ${quoted(date)} is none of RFC 5322.`);
  }
  const [id] = valuesOf(message, "message-id");
  if (id !== undefined && !/^<[!-;=?A-~]+@[\w.-]+>$/.test(id)) {
    fault(`The Message-ID ${quoted(id)} is none of RFC 5322.`);
  }
  if (fields.some(({ name }) => !/^[!-9;-~]+$/.test(name))) fault("A field has no proper name.");
  checkParts(message, fault);
}

/** Looks at who the letter is from, and whether an answer reaches anybody. */
export function checkSender(message: ReadMessage, { kind }: CheckedLetter, tell: Tell): void {
  const [from = ""] = valuesOf(message, "from");
  const [replyTo] = valuesOf(message, "reply-to");
  const addresses = addressesIn(from);
  if (addresses.length !== 1) {
    const message = `From holds ${addresses.length} addresses.`;
    return tell("error", message, "Set `newsletter.from` to one address.");
  }
  const answered = addressesIn(replyTo ?? from);
  if (answered.some((address) => NOBODY.test(address))) {
    tell(
      kind === "list" ? "error" : "warning",
      `Answers go to ${quoted(answered.join(", "))}, which nobody reads.`,
      "Set `newsletter.contact`: large providers ask for an address that takes replies.",
    );
  } else if (NOBODY.test(addresses[0] ?? "")) {
    const message = `The letter comes from ${quoted(addresses[0] ?? "")}.`;
    tell("warning", message, "Set `newsletter.from` to an address that readers can trust.");
  }
  const [, id = ""] = /@([^>]*)/.exec(valuesOf(message, "message-id")[0] ?? "") ?? [];
  const domain = addresses[0]?.split("@")[1] ?? "";
  if (id.toLowerCase() !== domain.toLowerCase()) {
    tell("warning", "The Message-ID is not of the sender's domain.", OURS);
  }
}

/** Holds the ways to leave against RFC 8058; a letter to a single address has none. */
export function checkUnsubscribe(message: ReadMessage, letter: CheckedLetter, tell: Tell): void {
  const ways = valuesOf(message, "list-unsubscribe");
  const posts = valuesOf(message, "list-unsubscribe-post");
  if (letter.kind === "single") {
    if (ways.length + posts.length === 0) return;
    return tell("warning", "A single letter says how to leave a list.", OURS);
  }
  const urls = [...(ways[0] ?? "").matchAll(/<([^>]*)>/g)].map(([, url = ""]) => url);
  const web = urls.filter((url) => /^https?:/i.test(url));
  const [url = ""] = web;
  if (ways.length !== 1 || web.length !== 1) {
    const found = `List-Unsubscribe holds ${web.length} links instead of one`;
    return tell("error", `${found} (RFC 8058).`, OURS);
  }
  const isLocal = URL.parse(url)?.origin === URL.parse(letter.siteUrl)?.origin;
  if (!url.startsWith("https:")) {
    const message = "The link to unsubscribe is not https, as RFC 8058 asks.";
    tell(isLocal ? "note" : "error", message, "Set `newsletter.publicUrl` to an https address.");
  }
  if (posts.length !== 1 || posts[0] !== "List-Unsubscribe=One-Click") {
    tell("error", "List-Unsubscribe-Post does not say List-Unsubscribe=One-Click.", OURS);
  }
  for (const [form, body] of [
    ["HTML", letter.html],
    ["text", letter.text],
  ] as const) {
    if (body === null || body.replaceAll("&amp;", "&").includes(url)) continue;
    const message = `The ${form} part does not show the link to unsubscribe.`;
    tell("error", message, "Put {{footer.unsubscribeUrl}} into the template.");
  }
}

/** Looks at what the signatures cover; whether they are right is for a verifier to say. */
export function checkSignature(message: ReadMessage, letter: CheckedLetter, tell: Tell): void {
  const signatures = valuesOf(message, "dkim-signature").map(tagsOf);
  if (signatures.length === 0) {
    if (letter.isSigned) tell("error", "The letter is not signed.", OURS);
    else {
      const remedy = "Set `dkim` in paperround.yaml unless your mail server signs.";
      tell("note", "The letter is not signed here.", remedy);
    }
    return;
  }
  const needed = [...MUST_SIGN, ...(letter.kind === "list" ? MUST_SIGN_LIST : [])];
  for (const tags of signatures) {
    const signed = (tags.get("h") ?? "").toLowerCase().split(/\s*:\s*/);
    const name = `The signature by ${tags.get("a") ?? "no algorithm"}`;
    const open = needed.filter((field) => !signed.includes(field));
    if (open.length > 0) tell("error", `${name} does not cover ${open.join(", ")}.`, OURS);
    if (tags.has("l")) tell("error", `${name} lets anybody add to the letter.`, OURS);
  }
}

/** Holds the parts of the body against RFC 2045 and 2046. */
function checkParts(message: ReadMessage, fault: (text: string) => void): void {
  const [type = ""] = valuesOf(message, "content-type");
  const boundary = /boundary="?([^";]+)/i.exec(type)?.[1];
  const source = message.lines.join("\r\n");
  const body = source.slice(source.indexOf("\r\n\r\n") + 4);
  const parts =
    boundary === undefined
      ? [{ type, encoding: valuesOf(message, "content-transfer-encoding")[0] ?? "", body }]
      : partsOf(body, boundary);
  const types = parts.map((part) => part.type.split(";")[0]?.trim().toLowerCase());
  const wanted = boundary === undefined ? "text/plain" : "text/plain,text/html";
  if (types.join() !== wanted) fault(`The parts are ${types.join(", ")} instead of ${wanted}.`);
  if (boundary !== undefined && !body.includes(`--${boundary}--`)) fault("The last part is open.");
  for (const part of parts) {
    if (!/^quoted-printable$/i.test(part.encoding.trim())) {
      fault(`A part is encoded as ${quoted(part.encoding)}.`);
    }
    const long = part.body.split("\r\n").find((line) => line.length > ENCODED_LINE_MAX);
    if (long !== undefined) fault(`A line of quoted-printable has ${long.length} characters.`);
    if (!/^[\t\r\n -~]*$/.test(part.body)) fault("A part holds bytes that must be encoded.");
  }
}

function partsOf(body: string, boundary: string) {
  return body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const { fields } = readMessage(Buffer.from(part.replace(/^\r\n/, ""), "latin1"));
      const field = (name: string) => fields.find((each) => each.name === name)?.value ?? "";
      return {
        type: field("content-type"),
        encoding: field("content-transfer-encoding"),
        body: part.slice(part.indexOf("\r\n\r\n") + 4),
      };
    });
}

function valuesOf({ fields }: ReadMessage, name: string): string[] {
  return fields.filter((field) => field.name === name).map(({ value }) => value);
}

function isTooLong(word: string): boolean {
  return word.length > ENCODED_WORD_MAX;
}

/** Returns the addresses of a field; what stands in quotes is a name. */
function addressesIn(value: string): string[] {
  const bare = value.replace(/"(?:\\.|[^"\\])*"/g, "");
  return bare.split(",").flatMap((part) => /([^\s<>]+@[^\s<>]+)/.exec(part)?.[1] ?? []);
}

function tagsOf(signature: string): Map<string, string> {
  const pairs = signature.split(";").map((tag) => {
    const equals = tag.indexOf("=");
    return [tag.slice(0, equals).trim(), tag.slice(equals + 1).trim()] as const;
  });
  return new Map(pairs.filter(([name]) => name !== ""));
}
