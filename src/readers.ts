/**
 * A reader's side of the story: to ask, to confirm, to change what comes, to move, to leave, and to be
 * forgotten. Every verb may be repeated. What is asked for at the door is answered by mail, later:
 * asking itself looks nobody up and waits for no mail server.
 */
import type { Kysely } from "kysely";
import type { Archive } from "./editions/archive.ts";
import { localDate, type Cadence, type Period } from "./editions/period.ts";
import { addressReader } from "./mail/addressing.ts";
import { DELIVERY_STATES, timesFrom } from "./mail/delivery.ts";
import type { Outbox } from "./mail/outbox.ts";
import type { OutboxTables } from "./mail/outbox-tables.ts";
import { NO_INTERESTS } from "./papers/interests.ts";
import type { Address } from "./subscribers/address.ts";
import type { Links } from "./subscribers/links.ts";
import { marksOf, shut, type Verdict } from "./subscribers/request-log.ts";
import {
  closeRequest,
  dropRequest,
  getRequest,
  type Asking,
  type RequestKey,
  type RequestRecord,
  type Requests,
} from "./subscribers/requests.ts";
import type { Consent, LeavingReason, Preferences, Subscriber } from "./subscribers/subscriber.ts";
import {
  admit,
  changeAddress,
  subscriberWith,
  type SubscriberList,
} from "./subscribers/subscriber-list.ts";
import type { SubscriberTables } from "./subscribers/subscriber-tables.ts";
import { lift } from "./subscribers/suppression.ts";

export interface ReadersDependencies {
  readonly db: Tables;
  readonly requests: Requests;
  readonly subscribers: SubscriberList;
  readonly outbox: Pick<Outbox, "list">;
  readonly archive: Pick<Archive, "previous">;
  readonly links: Links;
  /** Whether the latest edition goes out to a new reader at once. */
  readonly firstEdition: boolean;
  readonly timeZone: string;
  readonly now: () => Date;
}

/** What came of a confirmation. `gone`: expired or withdrawn. `taken`: somebody else reads there. */
export type Confirmed =
  /** `served`: the latest edition goes out at once. */
  | { readonly state: "joined"; readonly reader: Subscriber; readonly served: boolean }
  | { readonly state: "moved" | "already"; readonly reader: Subscriber }
  | { readonly state: "gone" }
  | { readonly state: "taken" };

/** What a visitor fills in. */
export type JoinAsking = Omit<Asking, "wish" | "mover">;

export type Readers = ReturnType<typeof openReaders>;

/** Leaving may be taken back for so long; later it takes a new sign-up. */
const UNDO_MS = 24 * 3_600_000;
/** Deliveries that a reader's own data list. */
const DELIVERIES_MAX = 10_000;
/** Stands after every period of a cadence. */
const AFTER_ALL = "9999" as Period;

type Tables = Kysely<SubscriberTables & OutboxTables>;

/** Returns a reader's verbs. */
export function openReaders(dependencies: ReadersDependencies) {
  const { db, requests, subscribers, outbox, links, timeZone, now } = dependencies;
  const timestamp = () => now().toISOString();

  /** Asks to join. `network` is where the visitor comes from, as far as it is known. */
  function ask(asking: JoinAsking, network: string | null): Promise<Verdict> {
    const marks = marksOf(asking.address, "confirmation", network, links.mark);
    return requests.ask({ ...asking, wish: "join", mover: null }, marks, now());
  }

  /** Asks for the links of a subscription, which go to its own address. */
  function askLinks(asking: JoinAsking, network: string | null): Promise<Verdict> {
    const marks = marksOf(asking.address, "link", network, links.mark);
    return requests.ask({ ...asking, wish: "link", mover: null }, marks, now());
  }

  /** Asks for a reader's letters to go to another address, which has to confirm it. */
  function askMove(
    { key, ...chosen }: Subscriber,
    asking: Pick<Asking, "address" | "askedFrom">,
    network: string | null,
  ): Promise<Verdict> {
    const { cadence, textOnly, hour, timeZone: zone } = chosen;
    // What the reader follows stays with the list: a new address changes nothing else.
    const choices = { cadence, textOnly, hour, timeZone: zone, interests: NO_INTERESTS } as const;
    const marks = marksOf(asking.address, "confirmation", network, links.mark);
    const how = { how: "form", wording: "" } as const;
    return requests.ask({ ...asking, ...choices, ...how, wish: "move", mover: key }, marks, now());
  }

  /**
   * Does what a request asked for, on the word of whoever reads at its address. All of it or nothing:
   * a new reader is on the list together with the delivery of the latest edition.
   */
  async function confirm(key: RequestKey): Promise<Confirmed> {
    const latest = await latestOf((await requests.get(key))?.cadence as Cadence | undefined);
    return db.transaction().execute(async (tx) => {
      const request = await getRequest(tx, key);
      if (!request || request.expiresAt <= timestamp()) return { state: "gone" };
      if (request.confirmedAt !== null) return alreadyConfirmed(tx, request);
      if (!request.address || request.wish === "link") return { state: "gone" };
      if (request.wish === "move") return moveReader(tx, request, request.address);
      return join(tx, request, request.address, latest);
    });
  }

  async function join(
    tx: Tables,
    request: RequestRecord,
    address: Address,
    latest: Period | null,
  ): Promise<Confirmed> {
    const { cadence, textOnly, hour, timeZone: zone, interests } = request;
    await lift(tx, address.key);
    const choices = { cadence, textOnly, hour, timeZone: zone, interests };
    const outcome = await admit(tx, {
      address,
      ...choices,
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

  async function moveReader(
    tx: Tables,
    request: RequestRecord,
    address: Address,
  ): Promise<Confirmed> {
    if (request.subscriber === null) return { state: "gone" };
    const moved = await changeAddress(tx, request.subscriber, address);
    if (moved !== "moved") return { state: moved === "taken" ? "taken" : "gone" };
    const done = { subscriber: request.subscriber, notice: null, now: timestamp() };
    await closeRequest(tx, request.key, done);
    const reader = await subscriberWith(tx, { address: address.key });
    return reader ? { state: "moved", reader } : { state: "gone" };
  }

  /** Withdraws a request, and keeps further ones from that address for a while. */
  async function refuse(key: RequestKey): Promise<void> {
    await db.transaction().execute(async (tx) => {
      const request = await getRequest(tx, key);
      if (!request?.address) return;
      await shut(tx, marksOf(request.address, "confirmation", null, links.mark), now());
      await dropRequest(tx, key);
    });
  }

  /** Returns the latest edition of a cadence, where new readers are sent it. */
  async function latestOf(cadence: Cadence | undefined): Promise<Period | null> {
    if (!cadence || !dependencies.firstEdition) return null;
    return (await dependencies.archive.previous(cadence, AFTER_ALL))?.period ?? null;
  }

  /** Returns all that is kept of a reader (GDPR articles 15 and 20). */
  async function dataOf({ key, ...reader }: Subscriber) {
    const filter = { states: DELIVERY_STATES, subscribers: [key] };
    const deliveries = await outbox.list(filter, DELIVERIES_MAX);
    return {
      subscriber: reader,
      letters: deliveries.map(({ cadence, period, state, at, papers }) => ({
        cadence,
        period,
        state,
        at,
        papers,
      })),
    };
  }

  return {
    ask,
    askLinks,
    askMove,
    request: requests.get,
    confirm,
    refuse,
    dataOf,
    save: (reader: Subscriber, preferences: Preferences) =>
      subscribers.setPreferences(reader.key, preferences),
    leave: (reader: Subscriber) => subscribers.unsubscribe(reader.key, timestamp()),
    /** Takes leaving back, within a day. */
    stay: (reader: Subscriber) =>
      subscribers.resume(reader.key, new Date(now().getTime() - UNDO_MS).toISOString()),
    noteReason: (reader: Subscriber, reason: LeavingReason) =>
      subscribers.noteReason(reader.key, reason),
    erase: ({ address }: Subscriber) =>
      subscribers.erase({ address, key: address.toLowerCase() }, timestamp()),
    /** Returns the date in the newsletter's zone. */
    today: () => localDate(now(), timeZone),
  };
}

/** A second click, or a second person's: it says what the first has done, and does nothing. */
async function alreadyConfirmed(tx: Tables, { subscriber }: RequestRecord): Promise<Confirmed> {
  const reader = subscriber === null ? null : await subscriberWith(tx, { key: subscriber });
  return reader?.state === "confirmed" ? { state: "already", reader } : { state: "gone" };
}

function consentOf(request: RequestRecord, confirmedAt: string): Consent {
  const { how, askedFrom, askedAt, wording } = request;
  return { how, detail: `on ${askedFrom}`, at: askedAt, wording, confirmedAt };
}
