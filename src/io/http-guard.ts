/**
 * Keeps requests to configured addresses away from what is not public: this machine, its network, and
 * the addresses where clouds hand out credentials. A name is looked up once, all its addresses are
 * judged, and the connection is made to one of those that were; so a name server that answers
 * otherwise a moment later gains nothing.
 */
import { lookup as dnsLookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { PaperRoundError, reasonOf } from "../errors.ts";

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Looks a name up. Handed in, so that a test can be its own name server. */
export type Lookup = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/** All special-purpose blocks that are not globally reachable (IANA registries, RFC 6890). */
const NOT_PUBLIC: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];
/** Of IPv6 only 2000::/3 is given out at all; these blocks of it are not public. */
const NOT_PUBLIC_6: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  // 6to4 carries an IPv4 address of anybody's choice.
  ["2002::", 16],
  ["3fff::", 20],
];

const blocked = new BlockList();
for (const [net, prefix] of NOT_PUBLIC) blocked.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of NOT_PUBLIC_6) blocked.addSubnet(net, prefix, "ipv6");
const givenOut = new BlockList();
givenOut.addSubnet("2000::", 3, "ipv6");

/** Whether an IP address is one that anybody on the internet may reach. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !blocked.check(address, "ipv4");
    case 6:
      // Mapped and translated IPv4 addresses lie outside of 2000::/3, and so do fc00:: and fe80::.
      return givenOut.check(address, "ipv6") && !blocked.check(address, "ipv6");
    default:
      return false;
  }
}

/** Names that mean this machine or its network whatever a name server says (RFC 6761, RFC 8375). */
const LOCAL_NAME = /(?:^|\.)(?:localhost|local|internal|home\.arpa|lan|intranet|corp)$/;

/** Returns a URL's host as it is compared and allowed: in lower case, without brackets or final dot. */
export function hostOf(url: URL): string {
  return url.hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");
}

/**
 * Returns the addresses that a request to `url` may go to. Throws HTTP_FORBIDDEN for an address that is
 * not public unless `allowed` names its host, and HTTP_UNREACHABLE for a name that nobody knows.
 */
export async function checkedAddresses(
  url: URL,
  allowed: ReadonlySet<string>,
  lookup: Lookup = lookupAll,
): Promise<readonly ResolvedAddress[]> {
  const host = hostOf(url);
  if (!allowed.has(host) && LOCAL_NAME.test(host)) throw forbidden(host, null);
  const addresses = await addressesOf(host, lookup);
  const inside = addresses.find(({ address }) => !isPublicAddress(address));
  if (inside && !allowed.has(host)) throw forbidden(host, inside.address);
  return addresses;
}

/**
 * Throws HTTP_FORBIDDEN for a host that is local by its name or a bare address. For requests that a
 * proxy makes for us: names are looked up there, and what may be reached is the proxy's to say.
 */
export function checkHostName(url: URL, allowed: ReadonlySet<string>): void {
  const host = hostOf(url);
  if (allowed.has(host)) return;
  if (LOCAL_NAME.test(host)) throw forbidden(host, null);
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw forbidden(host, host);
}

async function addressesOf(host: string, lookup: Lookup): Promise<readonly ResolvedAddress[]> {
  const family = isIP(host);
  if (family === 4 || family === 6) return [{ address: host, family }];
  try {
    const found = await lookup(host);
    if (found.length > 0) return found;
  } catch (cause) {
    const why =
      (cause as { code?: unknown }).code === "ENOTFOUND" ? "no such name" : reasonOf(cause);
    throw new PaperRoundError("HTTP_UNREACHABLE", `${host} can't be looked up: ${why}.`, { cause });
  }
  throw new PaperRoundError("HTTP_UNREACHABLE", `${host} has no address.`);
}

async function lookupAll(hostname: string): Promise<ResolvedAddress[]> {
  const found = await dnsLookup(hostname, { all: true });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
}

function forbidden(host: string, address: string | null): PaperRoundError {
  const where = address === null || address === host ? host : `${host} (${address})`;
  return new PaperRoundError(
    "HTTP_FORBIDDEN",
    `${where} is not an address of the public internet.`,
    {
      remedy: `If it is meant, put "${host}" into network.allowHosts in paperround.yaml.`,
    },
  );
}
