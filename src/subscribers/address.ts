/**
 * E-mail addresses, as strictly as a bulk sender must take them: one addr-spec of ASCII characters
 * with a dotted domain, no quoted local part, no comment, no display name. What passes here can go
 * into an SMTP command and a header as it is.
 */
import { domainToASCII } from "node:url";

export interface Address {
  /** As it is mailed to: the local part untouched, the domain in lower-case ASCII (RFC 5890). */
  readonly address: string;
  /** As it is compared: all lower case, since no provider of note tells readers apart by case. */
  readonly key: string;
}

/**
 * A domain as people write it, in any script. What is not a letter, mark, digit, hyphen or dot goes no
 * further: `domainToASCII` would decode percent signs, drop line breaks and cut at a slash.
 */
const DOMAIN = /^[\p{L}\p{M}\p{N}.-]+$/u;

/** Words between dots; labels of 63 with inner hyphens only (RFC 1034 section 3.5); a real last one. */
const ADDR_SPEC =
  /^[\w'+-]+(\.[\w'+-]+)*@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{0,58}[a-z0-9])$/i;

/** RFC 5321 section 4.5.3.1: a local part holds 64 octets; a path 256, less its brackets. */
const LOCAL_MAX = 64;
const ADDRESS_MAX = 254;

/** Returns the address in `text`, or null with the reason why it is none. */
export function parseAddress(text: string): Address | { readonly invalid: string } {
  // The length comes first, so that no pattern ever sees a hostile one.
  if (text.length > 400) return { invalid: "is too long" };
  const trimmed = text.trim();
  if (!trimmed) return { invalid: "is empty" };
  const at = trimmed.lastIndexOf("@");
  if (at < 0) return { invalid: "has no @" };
  const local = trimmed.slice(0, at);
  const written = trimmed.slice(at + 1);
  const domain = DOMAIN.test(written) ? domainToASCII(written) : "";
  const address = `${local}@${domain}`;
  if (local.length > LOCAL_MAX || address.length > ADDRESS_MAX) return { invalid: "is too long" };
  if (!ADDR_SPEC.test(address)) return { invalid: "is not an e-mail address" };
  return addressAsKept(address);
}

/** Returns the address behind a text that was found to be one when it was taken in. */
export function addressAsKept(address: string): Address {
  return { address, key: address.toLowerCase() };
}

/**
 * Returns what stands for the mailbox behind an address, by which limits count: however many ways there are
 * to write to it, it is one. Nothing is mailed to this.
 */
export function mailboxOf({ key }: Address): string {
  const at = key.lastIndexOf("@");
  // A plus sign in front is part of the mailbox's own name.
  const name = key.slice(0, at).replace(/(?<=[^+])\+.*/, "");
  const domain = key.slice(at + 1);
  // Google drops dots, and has two names for one mailbox.
  if (domain !== "gmail.com" && domain !== "googlemail.com") return `${name}@${domain}`;
  return `${name.replaceAll(".", "")}@gmail.com`;
}

export function isAddress(parsed: ReturnType<typeof parseAddress>): parsed is Address {
  return "key" in parsed;
}
