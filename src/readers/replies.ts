/**
 * What whoever reads at an address replies to a request: yes, or "this was not me". A yes does all of what was
 * asked for, or nothing of it.
 */
import type { Kysely } from "kysely";
import type { Archive } from "../editions/archive.ts";
import { daysBetween, daysOf, localDate, type Cadence, type Period } from "../editions/period.ts";
import { addressReader } from "../mail/addressing.ts";
import { timesFrom } from "../mail/delivery.ts";
import { cancelTwins, forgetLetters } from "../mail/history.ts";
import type { OutboxTables } from "../mail/outbox-tables.ts";
import type { Address } from "../subscribers/address.ts";
import type { Links } from "../subscribers/links.ts";
import { changeAddress } from "../subscribers/moving.ts";
import { firstChoicesOf } from "../subscribers/request-asking.ts";
import { marksOf, shut } from "../subscribers/request-log.ts";
import {
  closeRequest,
  eraseOpenRequests,
  getRequest,
  refuseRequest,
  type RequestKey,
  type RequestRecord,
  type Requests,
} from "../subscribers/requests.ts";
import type { Consent, Subscriber } from "../subscribers/subscriber.ts";
import { admit, subscriberWith } from "../subscribers/subscriber-list.ts";
import type { SubscriberTables } from "../subscribers/subscriber-tables.ts";
import { lift } from "../subscribers/suppression.ts";

export interface RepliesDependencies {
  readonly db: Tables;
  readonly requests: Pick<Requests, "get">;
  readonly archive: Pick<Archive, "previous">;
  readonly links: Links;
  /** Whether the latest edition goes out to a new reader at once. */
  readonly firstEdition: boolean;
  /** Told that an address has been erased, to be taken out of the files soon. */
  readonly oweScrub: () => void;
  readonly timeZone: string;
  readonly now: () => Date;
}

/**
 * What came of a confirmation. `again`: it was confirmed before, by somebody who need not be the one who asks
 * now. `gone`: expired or withdrawn. `taken`: somebody else reads there.
 */
export type Confirmed =
  /** `served`: the latest edition goes out at once. */
  | { readonly state: "joined"; readonly reader: Subscriber; readonly served: boolean }
  | { readonly state: "moved" | "already"; readonly reader: Subscriber }
  | { readonly state: "again" }
  | { readonly state: "gone" }
  | { readonly state: "taken" };

/** What came of a refusal. `confirmed`: too late, the letter goes to whom the request was about. */
export type Refused =
  | { readonly state: "refused" }
  | { readonly state: "gone" }
  | { readonly state: "confirmed"; readonly reader: Subscriber };

/** A request that can still be refused. */
export interface Refusable {
  readonly state: "open";
  readonly address: Address;
}

type Tables = Kysely<SubscriberTables & OutboxTables>;

/** Stands after every period of a cadence. */
const AFTER_ALL = "9999" as Period;

/**
 * How many days after its period an edition may still be somebody's first: two periods, and for a daily one
 * the weekend between. An older one speaks of a week that is long over, and its reader gets the welcome.
 */
const FIRST_DAYS_MAX: Readonly<Record<Cadence, number>> = { daily: 4, weekly: 15, monthly: 62 };

/** Returns the verbs of whoever was asked. */
export function openReplies(dependencies: RepliesDependencies) {
  const { db, requests, links, now } = dependencies;
  const timestamp = () => now().toISOString();

  /**
   * Does what a request asked for, on the word of whoever reads at its address. All of it or nothing:
   * a new reader is on the list together with the delivery of the latest edition.
   */
  async function confirm(key: RequestKey): Promise<Confirmed> {
    const latest = await latestOf((await requests.get(key))?.cadence as Cadence | undefined);
    const confirmed = await db.transaction().execute(async (tx): Promise<Confirmed> => {
      const request = await getRequest(tx, key);
      if (!request || request.expiresAt <= timestamp()) return { state: "gone" };
      if (request.confirmedAt !== null) {
        return { state: (await readerOf(tx, request)) ? "again" : "gone" };
      }
      if (!request.address || request.wish === "link") return { state: "gone" };
      if (request.wish === "move") return moveReader(tx, request, request.address);
      return join(tx, request, request.address, latest);
    });
    if (confirmed.state === "moved") dependencies.oweScrub();
    return confirmed;
  }

  async function join(
    tx: Tables,
    request: RequestRecord,
    address: Address,
    latest: Period | null,
  ): Promise<Confirmed> {
    const { cadence } = request;
    await lift(tx, address.key);
    const outcome = await admit(tx, {
      address,
      ...firstChoicesOf(request),
      consent: consentOf(request, timestamp()),
    });
    const reader = await subscriberWith(tx, { address: address.key });
    if (outcome === "suppressed" || !reader) return { state: "gone" };
    const edition = latest === null ? null : { cadence: cadence as Cadence, period: latest };
    const times = timesFrom(now(), cadence as Cadence);
    const isServed =
      edition !== null &&
      outcome === "added" &&
      (await addressReader(tx, edition, reader.key, times));
    const notice = outcome === "added" && !isServed ? "welcome" : null;
    await closeRequest(tx, request.key, { subscriber: reader.key, notice, now: timestamp() });
    return outcome === "added"
      ? { state: "joined", reader, served: isServed }
      : { state: "already", reader };
  }

  /** The mailbox that is left is told, and what was asked for under it is forgotten. */
  async function moveReader(tx: Tables, request: RequestRecord, to: Address): Promise<Confirmed> {
    const { subscriber, askedFrom, askedAt: at } = request;
    if (subscriber === null) return { state: "gone" };
    const proof = { detail: `on ${askedFrom}`, at, confirmedAt: timestamp() };
    const moved = await changeAddress(tx, subscriber, { to, ...proof });
    if (moved === "taken") return { state: "taken" };
    if (moved === "refused") return { state: "gone" };
    const { left, former } = moved;
    if (former !== null) {
      await cancelTwins(tx, subscriber, { of: former, now: timestamp() });
      await forgetLetters(tx, former);
    }
    const isTold = left.key !== to.key;
    await closeRequest(tx, request.key, {
      subscriber,
      ...(isTold ? { notice: "moved", tell: left } : { notice: null }),
      now: timestamp(),
    });
    await eraseOpenRequests(tx, subscriber, left);
    const reader = await subscriberWith(tx, { key: subscriber });
    return reader ? { state: "moved", reader } : { state: "gone" };
  }

  /** Withdraws a request, and keeps further ones from that address for a while. */
  async function refuse(key: RequestKey): Promise<Refused> {
    const refused = await db.transaction().execute(async (tx): Promise<Refused> => {
      const before = await refusalOf(tx, key);
      if (before.state !== "open") return before;
      await shut(tx, marksOf(before.address, "confirmation", null, links.marks), now());
      await refuseRequest(tx, key, timestamp());
      return { state: "refused" };
    });
    if (refused.state === "refused") dependencies.oweScrub();
    return refused;
  }

  async function refusalOf(tx: Tables, key: RequestKey): Promise<Refused | Refusable> {
    const request = await getRequest(tx, key);
    if (request && request.refusedAt !== null) return { state: "refused" };
    if (!request || request.expiresAt <= timestamp()) return { state: "gone" };
    if (request.confirmedAt !== null) {
      const reader = await readerOf(tx, request);
      return reader ? { state: "confirmed", reader } : { state: "gone" };
    }
    return request.address ? { state: "open", address: request.address } : { state: "gone" };
  }

  /** Returns the latest edition of a cadence, where new readers are sent it and it is still news. */
  async function latestOf(cadence: Cadence | undefined): Promise<Period | null> {
    if (!cadence || !dependencies.firstEdition) return null;
    const period = (await dependencies.archive.previous(cadence, AFTER_ALL))?.period;
    if (!period) return null;
    const today = localDate(now(), dependencies.timeZone);
    const age = daysBetween(daysOf(cadence, period).last, today);
    return age <= FIRST_DAYS_MAX[cadence] ? period : null;
  }

  return {
    confirm,
    refuse,
    /** Returns what a refusal would come to, without its effect. */
    refusal: (key: RequestKey) => refusalOf(db, key),
  };
}

/** Returns who reads because of a request that was confirmed, or null once they have left. */
async function readerOf(tx: Tables, { subscriber }: RequestRecord): Promise<Subscriber | null> {
  const reader = subscriber === null ? null : await subscriberWith(tx, { key: subscriber });
  return reader?.state === "confirmed" ? reader : null;
}

function consentOf(request: RequestRecord, confirmedAt: string): Consent {
  const { how, askedFrom, askedAt, wording } = request;
  return { how, detail: `on ${askedFrom}`, at: askedAt, wording, confirmedAt };
}
