/**
 * Signed links: each lets whoever holds it do one kind of thing for one subscriber, without a
 * password and without a lookup. They do not expire, so that a letter of last year can still be
 * used to leave (CASL s. 11 asks for 60 days).
 */
import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { PaperRoundError } from "../errors.ts";
import type { RequestKey } from "./requests.ts";
import type { Subscriber, SubscriberKey } from "./subscriber.ts";

/** What each part of a code is for, in the order of the parts: of a reader's, and of a request's. */
const PURPOSES = {
  reader: ["unsubscribe", "preferences", "bounce", "letter"],
  opinion: ["opinion"],
  request: ["confirm", "refuse"],
} as const;
type RequestPurpose = (typeof PURPOSES.request)[number];
export type LinkPurpose =
  | (typeof PURPOSES.reader)[number]
  | (typeof PURPOSES.opinion)[number]
  | RequestPurpose;
type Kind = keyof typeof PURPOSES;

/** Who was given a link: a reader, and after how many moves to another address. */
export type Bearer = Pick<Subscriber, "key" | "moves">;
type BearerPurpose = "unsubscribe" | "preferences" | "opinion";

/** What a link is about. Those of a reader's own pages tell an old mailbox from the one of today. */
type About<Purpose> = Purpose extends RequestPurpose
  ? RequestKey
  : Purpose extends BearerPurpose
    ? Bearer
    : SubscriberKey;

export interface Links {
  /** Returns the token for a link of `purpose`: letters, digits, hyphen and underscore only. */
  token<Purpose extends LinkPurpose>(purpose: Purpose, about: About<Purpose>): string;
  /**
   * Returns what a token is about, or null when it was not made here for that purpose. One that was
   * made with an old secret counts as well.
   */
  verify<Purpose extends LinkPurpose>(purpose: Purpose, token: string): About<Purpose> | null;
  /** Returns a name that only this secret can make, for headers that must be hard to guess. */
  mark(text: string): string;
  /** Returns that name first, and behind it those that the old secrets made. */
  marks(text: string): readonly string[];
}

/** 128 bits: RFC 8058 section 3.1 asks for an opaque part that is hard to forge. SHA-512 has four such. */
const SIGNATURE_BYTES = 16;
const SECRET_MIN = 32;

/** Returns links signed with `secret`, which also know those signed with `oldSecrets`. */
export function openLinks(secret: string, oldSecrets: readonly string[] = []): Links {
  const current = openSigning(secret);
  const all = [current, ...oldSecrets.map(openSigning)];
  return {
    token: current.token,
    verify: (purpose, token) => {
      const parts = /^([0-9a-z]{1,10})(?:_([0-9a-z]{1,6}))?-[\w-]{22}$/.exec(token);
      if (!parts) return null;
      const key = Number.parseInt(parts[1] ?? "", 36);
      const moves = Number.parseInt(parts[2] ?? "0", 36);
      const about = (isOfBearer(purpose) ? { key, moves } : key) as About<typeof purpose>;
      // The text is compared, not what it decodes to: one token has one way to be written.
      const given = Buffer.from(token);
      const isOurs = all.some((signing) => {
        const expected = Buffer.from(signing.token(purpose, about));
        return given.length === expected.length && timingSafeEqual(given, expected);
      });
      return isOurs ? about : null;
    },
    mark: (text) => markOf(current, text),
    marks: (text) => all.map((signing) => markOf(signing, text)),
  };
}

function markOf({ sign }: Pick<ReturnType<typeof openSigning>, "sign">, text: string): string {
  return sign(`mark:${text}`).toString("base64url", 0, SIGNATURE_BYTES);
}

/** Signs with one secret. */
function openSigning(secret: string) {
  const hmacKey = createSecretKey(Buffer.from(secret));
  const sign = (text: string) => createHmac("sha512", hmacKey).update(text).digest();
  const last = new Map<Kind, { name: string; code: Buffer }>();

  /** A letter needs a reader's tokens for all purposes: parts of one code, computed once. */
  function codeOf(kind: Kind, name: string): Buffer {
    const known = last.get(kind);
    if (known?.name === name) return known.code;
    const code = sign(`${kind}:${name}`);
    last.set(kind, { name, code });
    return code;
  }

  function token(purpose: LinkPurpose, about: number | Bearer): string {
    const { key, moves } = typeof about === "number" ? { key: about, moves: 0 } : about;
    // Whoever never moved has the links that were given out before moves were counted.
    const [name, mark] = moves === 0 ? ["", ""] : [`:${moves}`, `_${moves.toString(36)}`];
    const kind = kindOf(purpose);
    const place = (PURPOSES[kind] as readonly LinkPurpose[]).indexOf(purpose);
    const start = place * SIGNATURE_BYTES;
    const code = codeOf(kind, `${key}${name}`);
    return `${key.toString(36)}${mark}-${code.toString("base64url", start, start + SIGNATURE_BYTES)}`;
  }

  return { sign, token };
}

function kindOf(purpose: LinkPurpose): Kind {
  const kinds = Object.keys(PURPOSES) as Kind[];
  return kinds.find((kind) => isOfKind(purpose, kind)) ?? "reader";
}

function isOfKind(purpose: LinkPurpose, kind: Kind): boolean {
  return (PURPOSES[kind] as readonly LinkPurpose[]).includes(purpose);
}

function isOfBearer(purpose: LinkPurpose): purpose is BearerPurpose {
  return purpose === "unsubscribe" || purpose === "preferences" || purpose === "opinion";
}

/**
 * Returns the secret kept in `file`, made at first use and readable to its owner alone. Throws
 * CONFIG_INVALID when the file holds less than a secret: links signed with nothing can be forged.
 */
export function keptSecret(file: string): string {
  if (!existsSync(file)) makeSecret(file);
  const secret = readFileSync(file, "utf8").trim();
  if (secret.length >= SECRET_MIN) return secret;
  throw new PaperRoundError(
    "CONFIG_INVALID",
    `${file} holds fewer than ${SECRET_MIN} characters, too few to sign links with.`,
    { remedy: "Restore it from a backup; or delete it, and links in letters already sent end." },
  );
}

/** Writes the secret beside its place and links it there whole, so that nobody reads half of it. */
function makeSecret(file: string): void {
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(draft, `${randomBytes(32).toString("hex")}\n`, { flag: "wx", mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (thrown) {
    // Another process may have made it in between; then that one holds.
    if ((thrown as NodeJS.ErrnoException).code !== "EEXIST") throw thrown;
  } finally {
    rmSync(draft);
  }
}
