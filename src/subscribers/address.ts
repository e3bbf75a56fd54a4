/**
 * E-mail addresses, as strictly as a bulk sender must take them: one addr-spec of ASCII characters
 * with a dotted domain, no quoted local part, no comment, no display name. What passes here can go
 * into an SMTP command and a header as it is.
 */
import { domainToASCII } from "node:url";
import { z } from "zod";

export interface Address {
  /** As it is mailed to: the local part untouched, the domain in lower-case ASCII (RFC 5890). */
  readonly address: string;
  /** As it is compared: all lower case, since no provider of note tells readers apart by case. */
  readonly key: string;
}

const addrSpec = z.email();

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
  if (at < 1) return { invalid: "has no @" };
  const local = trimmed.slice(0, at);
  const domain = domainToASCII(trimmed.slice(at + 1));
  const address = `${local}@${domain}`;
  if (local.length > LOCAL_MAX || address.length > ADDRESS_MAX) return { invalid: "is too long" };
  if (!domain || !addrSpec.safeParse(address).success) return { invalid: "is not an e-mail address" };
  return { address, key: address.toLowerCase() };
}

export function isAddress(parsed: ReturnType<typeof parseAddress>): parsed is Address {
  return "key" in parsed;
}
