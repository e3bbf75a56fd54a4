/**
 * Counts what is asked for at the door, so that nobody can have a mailbox flooded from here. Sole owner
 * of the table `request_log`, which holds no address, of mail or of the network: only marks that need
 * the secret to be made, and each only for as long as its limit looks back.
 */
import { sql } from "kysely";
import type { Handle } from "../io/database.ts";
import { mailboxOf, type Address } from "./address.ts";
import { neighbourhoodOf } from "./network.ts";
import type { RequestTables } from "./request-tables.ts";

export interface RequestLimits {
  /** Requests of one network in an hour, whatever came of them. */
  readonly networkHour: number;
  /** The same of the first 48 bits of IPv6, which one customer may have. */
  readonly neighbourhoodHour: number;
  /** Notices to the addresses of one domain in an hour. */
  readonly domainHour: number;
  /** Notices to anybody in a day. */
  readonly day: number;
}

/** A mark as every secret makes it, the one of today first: limits outlive a change of the secret. */
type Marks = readonly string[];

/** Under which names a request is counted. */
export interface RequestMarks {
  readonly address: Marks;
  readonly domain: Marks;
  readonly network: Marks;
  readonly neighbourhood: Marks;
}

/**
 * `fresh`: a notice may go. `repeated`: this address has had its own. `busy`: not now, for anybody.
 * `stale`: the form was sent before, for somebody else.
 */
export type Verdict = "fresh" | "repeated" | "busy" | "stale";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** One notice to an address in a day, and this many in a month. */
const MONTH_MAX = 3;
const MONTH_MS = 30 * DAY_MS;

/** Returns the names to count a request under. */
export function marksOf(
  address: Address,
  matter: "confirmation" | "link",
  network: string | null,
  marks: (text: string) => Marks,
): RequestMarks {
  const mailbox = mailboxOf(address);
  return {
    address: marks(`${matter}:${mailbox}`),
    domain: marks(`domain:${mailbox.slice(mailbox.lastIndexOf("@") + 1)}`),
    network: network === null ? [] : marks(`network:${network}`),
    // 256 addresses of IPv4 are as many strangers.
    neighbourhood: network?.includes(":") ? marks(`network:${neighbourhoodOf(network)}`) : [],
  };
}

/** Takes a form's seal for one mailbox. Returns false where it was taken for another. */
export async function takeSeal(
  db: Handle<RequestTables>,
  seal: string,
  { address }: RequestMarks,
  now: Date,
): Promise<boolean> {
  const row = await db
    .selectFrom("request_seals")
    .select("address_mark")
    .where("seal", "=", seal)
    .executeTakeFirst();
  // A second press on the button is answered like the first.
  if (row) return address.includes(row.address_mark);
  const values = { seal, address_mark: address[0] ?? "", at: now.toISOString() };
  await db.insertInto("request_seals").values(values).execute();
  return true;
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
  if (counts.ofNeighbourhood >= limits.neighbourhoodHour) return "busy";
  if (counts.toDomain >= limits.domainHour || counts.today >= limits.day) return "busy";
  const isRepeated = counts.toAddress >= 1 || counts.inMonth >= MONTH_MAX;
  // Nothing need be known of a repeated one but where it came from.
  if (isRepeated) await log(db, { ...marks, address: [], domain: [] }, 0, now);
  else await log(db, marks, 1, now);
  return isRepeated ? "repeated" : "fresh";
}

/**
 * Keeps notices from an address for as long as the limits look back: its owner has said no. That counts
 * against nobody else, at the same domain or anywhere.
 */
export async function shut(
  db: Handle<RequestTables>,
  marks: RequestMarks,
  now: Date,
): Promise<void> {
  const { address } = marks;
  await log(db, { address, domain: [], network: [], neighbourhood: [] }, MONTH_MAX, now);
}

/** Forgets what no limit looks at any more. */
export async function forgetOld(db: Handle<RequestTables>, now: Date): Promise<void> {
  const before = (spanMs: number) => new Date(now.getTime() - spanMs).toISOString();
  await db.deleteFrom("request_log").where("at", "<=", before(MONTH_MS)).execute();
  await db
    .updateTable("request_log")
    .set({ network_mark: null, neighbourhood_mark: null })
    .where("network_mark", "is not", null)
    .where("at", "<=", before(HOUR_MS))
    .execute();
  await db.deleteFrom("request_seals").where("at", "<=", before(DAY_MS)).execute();
}

interface Counts {
  readonly today: number;
  readonly toDomain: number;
  readonly toAddress: number;
  readonly inMonth: number;
  readonly ofNetwork: number;
  readonly ofNeighbourhood: number;
}

/** Counts everything in one go, whatever the first says: the time that it takes tells nothing. */
async function countAll(
  db: Handle<RequestTables>,
  { address, domain, network, neighbourhood }: RequestMarks,
  now: Date,
): Promise<Counts> {
  const since = (spanMs: number) => new Date(now.getTime() - spanMs).toISOString();
  const weight = sql`select coalesce(sum(weight), 0) from request_log where weight > 0`;
  const { rows } = await sql<Counts>`select
    (${weight} and at > ${since(DAY_MS)} and domain_mark <> '') as "today",
    (${weight} and domain_mark in ${oneOf(domain)} and at > ${since(HOUR_MS)}) as "toDomain",
    (${weight} and address_mark in ${oneOf(address)} and at > ${since(DAY_MS)}) as "toAddress",
    (${weight} and address_mark in ${oneOf(address)} and at > ${since(MONTH_MS)}) as "inMonth",
    (select count(*) from request_log where network_mark in ${oneOf(network)}
      and at > ${since(HOUR_MS)}) as "ofNetwork",
    (select count(*) from request_log where neighbourhood_mark in ${oneOf(neighbourhood)}
      and at > ${since(HOUR_MS)}) as "ofNeighbourhood"`.execute(db);
  return rows[0] as Counts;
}

function oneOf(marks: Marks) {
  return marks.length > 0 ? sql`(${sql.join(marks)})` : sql`(null)`;
}

async function log(
  db: Handle<RequestTables>,
  { address, domain, network, neighbourhood }: RequestMarks,
  weight: number,
  now: Date,
): Promise<void> {
  await db
    .insertInto("request_log")
    .values({
      at: now.toISOString(),
      address_mark: address[0] ?? "",
      domain_mark: domain[0] ?? "",
      network_mark: network[0] ?? null,
      neighbourhood_mark: neighbourhood[0] ?? null,
      weight,
    })
    .execute();
}
