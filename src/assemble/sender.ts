/**
 * Who letters come from, as the configuration says it: the names on them, the keys that sign them,
 * and whether they may leave this machine.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { isLoopback, localUrl, type Config } from "../config.ts";
import { PaperRoundError, reasonOf } from "../errors.ts";
import { loadSigningKey, type SigningKey } from "../mail/dkim.ts";
import type { Masthead } from "../mail/letter.ts";
import { domainOf, type Sender } from "../mail/message.ts";
import { isAddress, parseAddress, type Address } from "../subscribers/address.ts";

/** Stands in on this machine until `newsletter.from` is set; `.localhost` is nobody's (RFC 6761). */
const LOCAL_SENDER = "letters@paperround.localhost";

/** Returns what stands at the head and foot of every letter. */
export function mastheadOf(config: Config): Masthead {
  const { newsletter, edition, selection, letter, web } = config;
  return {
    name: newsletter.name,
    tagline: newsletter.tagline,
    accent: newsletter.accent,
    postalAddress: newsletter.postalAddress,
    contact: senderOf(config).contact,
    siteUrl: new URL(newsletter.publicUrl ?? localUrl(web.host, web.port)).href.replace(/\/+$/, ""),
    entries: edition.entries,
    bar: selection.bar,
    timeZone: newsletter.timeZone,
    thumbnails: letter.thumbnails,
    opinions: config.interests.opinions,
  };
}

/** Returns whom letters come from. */
export function senderOf({ newsletter }: Config): Sender {
  const address = newsletter.from ?? LOCAL_SENDER;
  return { name: newsletter.name, address, contact: newsletter.contact ?? address };
}

/** Throws CONFIG_INVALID for an address that can't be mailed as it is written. */
export function alertAddress({ newsletter: { alerts } }: Config): Address | null {
  if (alerts === undefined) return null;
  const parsed = parseAddress(alerts);
  if (isAddress(parsed)) return parsed;
  throw new PaperRoundError("CONFIG_INVALID", `newsletter.alerts ${parsed.invalid}.`);
}

/** Throws CONFIG_INVALID for a key that can't be used, or whose domain is not the sender's. */
export function signingKeys(config: Config): SigningKey[] {
  const from = domainOf(senderOf(config).address).toLowerCase();
  const keys = config.dkim.map(({ selector, domain, keyFile }) => {
    // DMARC (RFC 7489 section 3.1.1) counts a signature only of the domain that readers see.
    if (!`.${from}`.endsWith(`.${domain.toLowerCase()}`)) {
      const message = `The DKIM domain ${domain} is not that of newsletter.from (${from}).`;
      throw new PaperRoundError("CONFIG_INVALID", message, {
        remedy: "Set newsletter.from to an address of the domain that signs.",
      });
    }
    return loadSigningKey(readKey(resolve(config.home, keyFile)), { selector, domain });
  });
  if (keys.length > 0 && keys.every(({ algorithm }) => algorithm !== "rsa-sha256")) {
    throw new PaperRoundError("CONFIG_INVALID", "Of the DKIM keys none is RSA.", {
      remedy:
        "Add an RSA key: many receivers do not understand Ed25519 and would see no signature.",
    });
  }
  return keys;
}

function readKey(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const message = `The DKIM key ${file} can't be read: ${reasonOf(cause)}.`;
    throw new PaperRoundError("FILE_NOT_FOUND", message, { cause });
  }
}

/** Returns the fault of having no server to send by. */
export function notConfigured(): PaperRoundError {
  return new PaperRoundError("SMTP_NOT_CONFIGURED", "No mail server is configured.");
}

/** Throws LETTER_INCOMPLETE when any letter would leave this machine under a name that is not real. */
export function checkSender({ smtpUrl, newsletter }: Config): void {
  if (!smtpUrl || isLoopback(smtpUrl.hostname) || newsletter.from) return;
  throw new PaperRoundError(
    "LETTER_INCOMPLETE",
    "Letters leave this machine only with newsletter.from, the address that they come from.",
  );
}

/**
 * Throws SMTP_NOT_CONFIGURED; and LETTER_INCOMPLETE when letters would leave this machine without a
 * sender, a postal address (CAN-SPAM) or an https page to leave by (RFC 8058 section 3.1).
 */
export function checkListLetter(config: Config): void {
  const { smtpUrl, newsletter } = config;
  if (!smtpUrl) throw notConfigured();
  if (isLoopback(smtpUrl.hostname)) return;
  const missing = [
    !newsletter.from && "newsletter.from (the address that letters come from)",
    !newsletter.postalAddress && "newsletter.postalAddress (shown in every letter's footer)",
    !newsletter.publicUrl?.startsWith("https://") &&
      "newsletter.publicUrl (https, for one-click unsubscribing)",
  ].filter((name) => name !== false);
  if (missing.length === 0) return;
  throw new PaperRoundError(
    "LETTER_INCOMPLETE",
    `Letters to the list leave this machine only with ${missing.join(", ")}.`,
  );
}
