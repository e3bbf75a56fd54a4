/**
 * Counts what is asked for at the door, so that nobody can have a mailbox flooded from here. Sole owner
 * of the table `request_log`, which holds no address, of mail or of the network: only marks that need
 * the secret to be made, and each only for as long as its limit looks back.
 */
import type { Handle } from "../io/database.ts";
import type { Address } from "./address.ts";
import type { RequestTables } from "./request-tables.ts";

export interface RequestLimits {
  /** Requests of one network in an hour, whatever came of them. */
  readonly networkHour: number;
  /** Notices to the addresses of one domain in an hour. */
  readonly domainHour: number;
  /** Notices to anybody in a day. */
  readonly day: number;
}

/** Under which names a request is counted. */
export interface RequestMarks {
  readonly address: string;
  readonly domain: string;
  readonly network: string | null;
}

/** `fresh`: a notice may go. `repeated`: this address has had its own. `busy`: not now, for anybody. */
export type Verdict = "fresh" | "repeated" | "busy";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** One notice to an address in a day, and this many in a month. */
const MONTH_MAX = 3;
const MONTH_MS = 30 * DAY_MS;

/** Returns the names to count a request under. */
export function marksOf(
  { key }: Address,
  matter: "confirmation" | "link",
  network: string | null,
  mark: (text: string) => string,
): RequestMarks {
  return {
    address: mark(`${matter}:${key}`),
    domain: mark(`domain:${key.slice(key.lastIndexOf("@") + 1)}`),
    network: network === null ? null : mark(`network:${network}`),
  };
}

/**
 * Returns the network that an address of the internet belongs to: an IPv4 address alone, and the first
 * 64 bits of an IPv6 one, since those are given out together.
 */
export function networkOf(ip: string): string {
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(ip);
  if (mapped) return mapped[1] ?? ip;
  if (!ip.includes(":")) return ip;
  const [head = "", tail] = (ip.split("%")[0] ?? "").toLowerCase().split("::");
  const left = head.split(":").filter(Boolean);
  const right = (tail ?? "").split(":").filter(Boolean);
  const zeros = tail === undefined ? 0 : Math.max(8 - left.length - right.length, 0);
  const groups = [...left, ...Array.from({ length: zeros }, () => "0"), ...right];
  return `${groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}

/** Says whether a notice may go, and counts the request in any case but that of `busy`. */
export async function weigh(
  db: Handle<RequestTables>,
  marks: RequestMarks,
  limits: RequestLimits,
  now: Date,
): Promise<Verdict> {
  const count = async (
    column: "address_mark" | "domain_mark" | "network_mark" | null,
    value: string,
    spanMs: number,
  ) => {
    const since = new Date(now.getTime() - spanMs).toISOString();
    const query = db
      .selectFrom("request_log")
      .select((eb) => [eb.fn.countAll().as("requests"), eb.fn.sum("weight").as("weight")])
      .where("at", ">", since);
    const row = await (column ? query.where(column, "=", value) : query).executeTakeFirst();
    return { requests: Number(row?.requests ?? 0), weight: Number(row?.weight ?? 0) };
  };
  const { address, domain, network } = marks;
  // All are counted whatever the first says: the time that it takes tells nothing.
  const today = await count(null, "", DAY_MS);
  const toDomain = await count("domain_mark", domain, HOUR_MS);
  const toAddress = await count("address_mark", address, DAY_MS);
  const inMonth = await count("address_mark", address, MONTH_MS);
  const ofNetwork = await count("network_mark", network ?? "", HOUR_MS);
  if (ofNetwork.requests >= limits.networkHour) return "busy";
  if (toDomain.weight >= limits.domainHour || today.weight >= limits.day) return "busy";
  const verdict = toAddress.weight >= 1 || inMonth.weight >= MONTH_MAX ? "repeated" : "fresh";
  await log(db, marks, verdict === "fresh" ? 1 : 0, now);
  return verdict;
}

/** Keeps notices from an address for as long as the limits look back: its owner has said no. */
export async function shut(
  db: Handle<RequestTables>,
  marks: RequestMarks,
  now: Date,
): Promise<void> {
  await log(db, marks, MONTH_MAX, now);
}

/** Forgets what no limit looks at any more. */
export async function forgetOld(db: Handle<RequestTables>, now: Date): Promise<void> {
  const before = (spanMs: number) => new Date(now.getTime() - spanMs).toISOString();
  await db.deleteFrom("request_log").where("at", "<=", before(MONTH_MS)).execute();
  await db
    .updateTable("request_log")
    .set({ network_mark: null })
    .where("network_mark", "is not", null)
    .where("at", "<=", before(HOUR_MS))
    .execute();
}

async function log(
  db: Handle<RequestTables>,
  { address, domain, network }: RequestMarks,
  weight: number,
  now: Date,
): Promise<void> {
  await db
    .insertInto("request_log")
    .values({
      at: now.toISOString(),
      address_mark: address,
      domain_mark: domain,
      network_mark: network,
      weight,
    })
    .execute();
}
