/**
 * Who asks, and by which protocol, when there may be a proxy in between. What a request says of its way
 * in X-Forwarded-For and -Proto counts only as far as proxies that the operator trusts have written it;
 * anybody else could claim to be anyone. X-Forwarded-Host is never needed: the site's own address is
 * configured.
 */
import { BlockList, isIP } from "node:net";
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context, Hono } from "hono";

/** What is known of the way that a request came. */
interface Way {
  /** Null where no connection is known, as in tests without a port. */
  readonly address: string | null;
  /** Whether a trusted proxy says that the visitor's own connection is not encrypted. */
  readonly isUnencrypted: boolean;
}

declare module "hono" {
  interface ContextVariableMap {
    way: Way;
    requestId: string;
  }
}

/** A chain of more proxies than this is nobody's real one. */
const HOPS_MAX = 20;

/**
 * Looks at each request's way before any page does. `trusted` are addresses or CIDR ranges, as the
 * configuration has checked them.
 */
export function knowVisitors(app: Hono, trusted: readonly string[]): void {
  const proxies = blockList(trusted);
  app.use(async (context, next) => {
    context.set("way", wayOf(context, proxies));
    await next();
  });
}

/** Returns the address of who asks, IPv4 as such also where it came as IPv6; null if unknown. */
export function clientAddress(context: Context): string | null {
  return context.get("way")?.address ?? null;
}

/** Whether a trusted proxy was reached by http instead of https. */
export function isUnencrypted(context: Context): boolean {
  return context.get("way")?.isUnencrypted ?? false;
}

function wayOf(context: Context, proxies: BlockList): Way {
  const address = socketAddress(context);
  if (address === null || !holds(proxies, address)) return { address, isUnencrypted: false };
  const protocol = context.req.header("x-forwarded-proto")?.split(",").at(-1)?.trim();
  return {
    address: forwardedFor(context.req.header("x-forwarded-for") ?? "", address, proxies),
    isUnencrypted: protocol?.toLowerCase() === "http",
  };
}

function socketAddress(context: Context): string | null {
  // Without a server, as in tests, there is no connection to ask.
  const { address } = context.env?.incoming ? getConnInfo(context).remote : {};
  return address === undefined ? null : plainAddress(address);
}

/** Returns the last address of the chain that no trusted proxy has, as the next of them wrote it. */
function forwardedFor(chain: string, nearest: string, proxies: BlockList): string {
  let address = nearest;
  for (const hop of chain.split(",").slice(-HOPS_MAX).toReversed()) {
    const claimed = plainAddress(hop.trim());
    if (claimed === null) return address;
    address = claimed;
    if (!holds(proxies, address)) return address;
  }
  return address;
}

/** Returns an IP address without port, brackets, zone, or IPv4's form in IPv6; null if it is none. */
function plainAddress(text: string): string | null {
  const bare = text
    .replace(/^\[([^\]]*)\](?::\d+)?$/, "$1")
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1")
    .replace(/%.*$/, "")
    .replace(/^::ffff:(?=\d+\.)/i, "");
  return isIP(bare) ? bare.toLowerCase() : null;
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

function holds(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}
