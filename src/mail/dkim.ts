/**
 * Signs letters with DKIM (RFC 6376) by RSA (RFC 8301) or Ed25519 (RFC 8463), relaxed/relaxed. What
 * may occur once is named once more than it occurs, so that nobody can put a second one on top
 * (section 8.15). Any fault throws: no way leads from here to an unsigned letter.
 */
import * as crypto from "node:crypto";
import { promisify } from "node:util";
import { PaperRoundError, reasonOf } from "../errors.ts";

/** A header field as it stands on the wire, folded or not, without the line break at its end. */
export type Field = readonly [name: string, value: string];

/** Which TXT record holds the public key: `SELECTOR._domainkey.DOMAIN`. */
export type KeyPlace = Readonly<Record<"selector" | "domain", string>>;

/** A private key, parsed: to parse it for every letter costs more than to sign. */
export interface SigningKey extends KeyPlace {
  readonly algorithm: "rsa-sha256" | "ed25519-sha256";
  readonly privateKey: crypto.KeyObject;
}

/**
 * Returns whole DKIM-Signature fields, RSA first, each line ended by CRLF, to stand on top of the
 * letter. `bodyHash` is what the function of that name returns; `at` becomes `t=`.
 */
export interface EditionSigner<Name extends string> {
  sign(values: Record<Name, string>, bodyHash: string, at: Date): string;
  /** The same, computed on libuv's thread pool. */
  signAsync(values: Record<Name, string>, bodyHash: string, at: Date): Promise<string>;
}

export interface Signer {
  /**
   * Does once what all letters of an edition share: `fixed` are the fields that they have in common,
   * `varying` the names of those that differ. Fields that are never signed may be among them.
   */
  prepare<N extends string>(fixed: readonly Field[], varying: readonly N[]): EditionSigner<N>;
  /** Signs a single letter by its whole header. */
  sign(header: readonly Field[], bodyHash: string, at: Date): string;
}

/** Named once more than they occur; so they are named when they are absent, too. */
const OVERSIGNED = `from to cc reply-to subject date content-type
  list-id list-unsubscribe list-unsubscribe-post`.split(/\s+/);
const SIGNED = new Set(
  OVERSIGNED.concat("message-id", "mime-version", "list-archive", "feedback-id", "auto-submitted"),
);
const SIGNATURE = "DKIM-Signature";
/** Breaks behind a colon or before a space, within 78 columns if it can (RFC 5322 section 2.1.1). */
const LINE = /(?:.{1,77}|.+?)(?:(?<=:)|(?= )|$)/g;
const MAKE_A_KEY = "Make one, unencrypted, with: openssl genrsa -out dkim.pem 2048";
const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const PLACE = RegExp(`^(?=.{1,253}$)${LABEL}(\\.${LABEL})*\\._domainkey(\\.${LABEL}){2,}$`, "i");
const signInPool = promisify(crypto.sign);

/** Parses a private key in PEM (PKCS#8 or PKCS#1): RSA or Ed25519. Throws CONFIG_INVALID. */
export function loadSigningKey(pem: string | Buffer, place: KeyPlace): SigningKey {
  if (!PLACE.test(placeOf(place))) {
    throw refused(`No key can be published at ${placeOf(place)}.`, "Correct selector and domain.");
  }
  const name = placeOf(place);
  const privateKey = parseKey(pem, name);
  return Object.freeze({ ...place, privateKey, algorithm: algorithmOf(privateKey, name) });
}

/** Returns the TXT record that the DNS must hold. */
export function txtRecord(key: SigningKey): { readonly name: string; readonly value: string } {
  return { name: placeOf(key), value: dnsRecord(key) };
}

/** Returns what the TXT record must say. */
export function dnsRecord({ algorithm, privateKey }: SigningKey): string {
  const spki = crypto.createPublicKey(privateKey).export({ type: "spki", format: "der" });
  // RFC 8463 section 4 publishes the bare 32 bytes, which stand last (RFC 8410 section 4).
  return algorithm === "rsa-sha256"
    ? `v=DKIM1; k=rsa; p=${spki.toString("base64")}`
    : `v=DKIM1; k=ed25519; p=${spki.subarray(-32).toString("base64")}`;
}

/**
 * Returns the base64 SHA-256 of `body` in relaxed canonical form (section 3.4.4). Throws INTERNAL
 * for half a line break: a server on the way would mend it and so break the signature.
 *
 * `isCanonical` is the caller's word that the body has that form: it is empty, or its lines end in
 * CRLF, the last one is not empty, there is no tab, and no space before CRLF or beside a space. Then
 * the bytes are hashed unseen, which takes a tenth of the time.
 */
export function bodyHash(body: Buffer, { isCanonical = false } = {}): string {
  return crypto.hash("sha256", isCanonical ? body : relaxedBody(body), "base64");
}

/** Returns a signer with one signature for each key. Throws CONFIG_INVALID when there is none. */
export function openSigner(keys: readonly SigningKey[]): Signer {
  if (keys.length === 0) throw refused("There is no key to sign with.");
  const twice = repeated(keys.map((key) => placeOf(key).toLowerCase()));
  if (twice) throw refused(`Two DKIM keys share the name ${twice}.`, "Give each its selector.");
  // RSA first: some verifiers know nothing else.
  const sorted = keys.toSorted((a, b) => b.algorithm.localeCompare(a.algorithm));
  return {
    prepare: (fixed, varying) => prepare(sorted, fixed, varying),
    sign: (header, bodyHash, at) => prepare(sorted, header, []).sign({}, bodyHash, at),
  };
}

function prepare<Name extends string>(
  keys: readonly SigningKey[],
  fixed: readonly Field[],
  varying: readonly Name[],
): EditionSigner<Name> {
  const isSigned = (name: string) => SIGNED.has(name.toLowerCase());
  const shared = fixed.filter(([name]) => isSigned(name));
  const own = varying.filter(isSigned);
  const listed = listedNames([...shared.map(([name]) => name), ...own]);
  const heads = keys.map((key) => ({ key, head: headOf(key, listed) }));
  // Fields are hashed in the order of h= (section 3.7): those that are shared come first, as one.
  const prefix = shared.map(([name, value]) => canonicalField(name, value)).join("");

  const toSign = (values: Record<Name, string>, hash: string, at: Date) => {
    const seconds = Math.floor(at.getTime() / 1000);
    if (!(seconds >= 0)) throw defect("the time of the signature is no time");
    if (!/^[a-z\d+/]{43}=$/i.test(hash)) throw defect("the body hash is no SHA-256 in base64");
    const fields = prefix + own.map((name) => canonicalField(name, values[name])).join("");
    return heads.map(({ key, head }) => {
      const wire = `${head}\r\n t=${seconds}; bh=${hash};\r\n b=`;
      const signature = canonicalField(SIGNATURE, wire.slice(SIGNATURE.length + 1)).trimEnd();
      return { wire, ...inputOf(key, Buffer.from(fields + signature)) };
    });
  };
  return {
    sign: (...letter) =>
      toSign(...letter)
        .map(({ wire, digest, data, key }) => fieldOf(wire, crypto.sign(digest, data, key)))
        .join(""),
    signAsync: async (...letter) => {
      const signing = toSign(...letter).map(async ({ wire, digest, data, key }) =>
        fieldOf(wire, await signInPool(digest, data, key)),
      );
      return (await Promise.all(signing)).join("");
    },
  };
}

/** Returns what `h=` names, in its order. Throws INTERNAL when a field is missing or repeated. */
function listedNames(present: readonly string[]): string[] {
  const names = present.map((name) => name.toLowerCase());
  const twice = repeated(names);
  if (twice) throw defect(`there is more than one ${twice} field`);
  if (!names.includes("from")) throw defect("there is no From field");
  const absent = OVERSIGNED.filter((name) => !names.includes(name));
  return [...names.flatMap((name) => (OVERSIGNED.includes(name) ? [name, name] : name)), ...absent];
}

/** Returns the signature field up to `h=`: what is the same in all letters. */
function headOf({ algorithm, domain, selector }: SigningKey, listed: readonly string[]): string {
  const who = `a=${algorithm}; c=relaxed/relaxed; d=${domain}; s=${selector}`;
  const lines = `${SIGNATURE}: v=1; ${who}; h=${listed.join(":")};`.match(LINE) ?? [];
  return lines.map((line) => line.trimStart()).join("\r\n ");
}

/** Section 3.4.2. Throws INTERNAL for what would not reach a verifier as it was signed. */
function canonicalField(name: string, value: string | undefined): string {
  const unfolded = value?.replace(/\r\n(?=[\t ])/g, "");
  if (unfolded === undefined || !/^[\t -~]*$/.test(unfolded)) {
    throw defect(`the ${name} field is missing or holds a line break or more than ASCII`);
  }
  return `${name.toLowerCase()}:${unfolded.replace(/[\t ]+/g, " ").trim()}\r\n`;
}

/** Section 3.4.4. */
function relaxedBody(body: Buffer): Buffer {
  const text = body.toString("latin1");
  if (/\r(?!\n)|(?<!\r)\n/.test(text)) throw defect("the body holds half a line break");
  const lines = `${text}\r\n`.replace(/[\t ]+/g, " ").replaceAll(" \r\n", "\r\n");
  // The look-behind keeps the search linear: a run of empty lines is tried from its start alone.
  const ended = lines.replace(/(?<!\n)(?:\r\n)+$/, "\r\n");
  return Buffer.from(ended === "\r\n" ? "" : ended, "latin1");
}

/** RFC 8463 section 3: Ed25519 signs the hash of the data, not the data. */
function inputOf({ algorithm, privateKey: key }: SigningKey, data: Buffer) {
  return algorithm === "rsa-sha256"
    ? { digest: "sha256", data, key }
    : { digest: null, data: crypto.hash("sha256", data, "buffer"), key };
}

/** Returns the whole field; `wire` is all of it up to "b=". */
function fieldOf(wire: string, signature: Buffer): string {
  const last = `b=${signature.toString("base64")}`.replace(/.{77}(?!$)/g, "$&\r\n ");
  return `${wire.slice(0, -"b=".length)}${last}\r\n`;
}

function parseKey(pem: string | Buffer, name: string): crypto.KeyObject {
  try {
    return crypto.createPrivateKey(pem);
  } catch (cause) {
    // OpenSSL's reasons name formats and never repeat what was read.
    throw refused(`The DKIM key ${name} can't be read: ${reasonOf(cause)}.`, undefined, cause);
  }
}

function algorithmOf(key: crypto.KeyObject, name: string): SigningKey["algorithm"] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === "ed25519") return "ed25519-sha256";
  if (type !== "rsa") throw refused(`The DKIM key ${name} is ${type}, not RSA or Ed25519.`);
  const bits = details?.modulusLength ?? 0;
  // RFC 8301 section 3.2: signers should not go below, verifiers need not follow above.
  if (bits >= 2048 && bits <= 4096) return "rsa-sha256";
  throw refused(`The DKIM key ${name} has ${bits} bits; it must have 2048 to 4096.`);
}

function repeated(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}

function placeOf({ selector, domain }: KeyPlace): string {
  return `${selector}._domainkey.${domain}`;
}

function refused(message: string, remedy = MAKE_A_KEY, cause?: unknown): PaperRoundError {
  return new PaperRoundError("CONFIG_INVALID", message, { remedy, cause });
}

/** What a caller did wrong. Values are not repeated: they may hold a reader's address. */
function defect(what: string): PaperRoundError {
  return new PaperRoundError("INTERNAL", `A letter can't be signed: ${what}.`);
}
