/**
 * Counts what is asked for at the door, so that nobody can have a mailbox flooded from here. Sole owner
 * of the table `request_log`, which holds no address, of mail or of the network: only marks that need
 * the secret to be made, and each only for as long as its limit looks back.
 */
import { sql } from "kysely";
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
  const counts = await countAll(db, marks, now);
  if (counts.ofNetwork >= limits.networkHour) return "busy";
  if (counts.toDomain >= limits.domainHour || counts.today >= limits.day) return "busy";
  const isRepeated = counts.toAddress >= 1 || counts.inMonth >= MONTH_MAX;
  // Nothing need be known of a repeated one but where it came from.
  if (isRepeated) await log(db, { address: "", domain: "", network: marks.network }, 0, now);
  else await log(db, marks, 1, now);
  return isRepeated ? "repeated" : "fresh";
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

interface Counts {
  readonly today: number;
  readonly toDomain: number;
  readonly toAddress: number;
  readonly inMonth: number;
  readonly ofNetwork: number;
}

/** Counts everything in one go, whatever the first says: the time that it takes tells nothing. */
async function countAll(
  db: Handle<RequestTables>,
  { address, domain, network }: RequestMarks,
  now: Date,
): Promise<Counts> {
  const since = (spanMs: number) => new Date(now.getTime() - spanMs).toISOString();
  const weight = sql`select coalesce(sum(weight), 0) from request_log where weight > 0`;
  const { rows } = await sql<Counts>`select
    (${weight} and at > ${since(DAY_MS)}) as "today",
    (${weight} and domain_mark = ${domain} and at > ${since(HOUR_MS)}) as "toDomain",
    (${weight} and address_mark = ${address} and at > ${since(DAY_MS)}) as "toAddress",
    (${weight} and address_mark = ${address} and at > ${since(MONTH_MS)}) as "inMonth",
    (select count(*) from request_log
      where network_mark = ${network ?? ""} and at > ${since(HOUR_MS)}) as "ofNetwork"`.execute(db);
  return rows[0] as Counts;
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
