/**
 * Signed links: each lets whoever holds it do one kind of thing for one subscriber, without a
 * password and without a lookup. They do not expire, so that a letter of last year can still be
 * used to leave (CASL s. 11 asks for 60 days).
 */
import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { PaperRoundError } from "../errors.ts";
import type { SubscriberKey } from "./subscriber.ts";

/** What each part of a reader's code is for, in the order of the parts. */
const PURPOSES = ["unsubscribe", "preferences", "bounce", "letter"] as const;
export type LinkPurpose = (typeof PURPOSES)[number];

export interface Links {
  /** Returns the token for a link of `purpose`: letters, digits, hyphen and underscore only. */
  token(purpose: LinkPurpose, key: SubscriberKey): string;
  /** Returns whose token it is, or null when it was not made here for that purpose. */
  verify(purpose: LinkPurpose, token: string): SubscriberKey | null;
  /** Returns a name that only this secret can make, for headers that must be hard to guess. */
  mark(text: string): string;
}

/** 128 bits: RFC 8058 section 3.1 asks for an opaque part that is hard to forge. SHA-512 has four such. */
const SIGNATURE_BYTES = 16;
const SECRET_MIN = 32;

/** Returns links signed with `secret`. */
export function openLinks(secret: string): Links {
  const hmacKey = createSecretKey(Buffer.from(secret));
  const sign = (text: string) => createHmac("sha512", hmacKey).update(text).digest();
  let last: { key: SubscriberKey; code: Buffer } | null = null;

  /** A letter needs a reader's tokens for all purposes: parts of one code, computed once. */
  function codeOf(key: SubscriberKey): Buffer {
    if (last?.key !== key) last = { key, code: sign(`reader:${key}`) };
    return last.code;
  }

  function tokenOf(purpose: LinkPurpose, key: SubscriberKey): string {
    const start = PURPOSES.indexOf(purpose) * SIGNATURE_BYTES;
    return `${key.toString(36)}-${codeOf(key).toString("base64url", start, start + SIGNATURE_BYTES)}`;
  }

  return {
    token: tokenOf,
    verify: (purpose, token) => {
      const parts = /^([0-9a-z]{1,10})-[\w-]{22}$/.exec(token);
      if (!parts) return null;
      const key = Number.parseInt(parts[1] ?? "", 36) as SubscriberKey;
      // The text is compared, not what it decodes to: one token has one way to be written.
      const given = Buffer.from(token);
      const expected = Buffer.from(tokenOf(purpose, key));
      return given.length === expected.length && timingSafeEqual(given, expected) ? key : null;
    },
    mark: (text) => sign(`mark:${text}`).toString("base64url", 0, SIGNATURE_BYTES),
  };
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
