/**
 * A reader's side of the story: to ask, to confirm, to change what comes, to move, to leave, and to be
 * forgotten. Every verb may be repeated. What is asked for at the door is answered by mail, later:
 * asking itself looks nobody up and waits for no mail server.
 */
import type { Kysely } from "kysely";
import type { Archive } from "./editions/archive.ts";
import { localDate } from "./editions/period.ts";
import { DELIVERY_STATES } from "./mail/delivery.ts";
import type { Outbox } from "./mail/outbox.ts";
import type { OutboxTables } from "./mail/outbox-tables.ts";
import { NO_INTERESTS } from "./papers/interests.ts";
import { unpackProfile } from "./papers/packed-profile.ts";
import { openReplies } from "./readers/replies.ts";
import { addressAsKept } from "./subscribers/address.ts";
import type { Links } from "./subscribers/links.ts";
import { neighbourhoodOf } from "./subscribers/network.ts";
import { marksOf, type Verdict } from "./subscribers/request-log.ts";
import { firstChoicesOf, type Asking } from "./subscribers/request-asking.ts";
import type { Requests } from "./subscribers/requests.ts";
import type { LeavingReason, Preferences, Subscriber } from "./subscribers/subscriber.ts";
import type { SubscriberList } from "./subscribers/subscriber-list.ts";
import type { SubscriberTables } from "./subscribers/subscriber-tables.ts";

export interface ReadersDependencies {
  readonly db: Kysely<SubscriberTables & OutboxTables>;
  readonly requests: Requests;
  readonly subscribers: SubscriberList;
  readonly outbox: Pick<Outbox, "list">;
  readonly archive: Pick<Archive, "previous">;
  readonly links: Links;
  /** Whether the latest edition goes out to a new reader at once. */
  readonly firstEdition: boolean;
  /** Told that an address has been erased, to be taken out of the files soon. */
  readonly oweScrub: () => void;
  readonly timeZone: string;
  readonly now: () => Date;
}

/** What a visitor fills in. */
export type JoinAsking = Omit<Asking, "wish" | "mover" | "askedNetwork">;

/** With what a visitor asks. */
export interface Visit {
  /** Where the visitor comes from, as far as it is known. */
  readonly network: string | null;
  /** Of the form; null where a signed link stands for it. */
  readonly seal: string | null;
}

export type Readers = ReturnType<typeof openReaders>;

/** Leaving may be taken back for so long; later it takes a new sign-up. */
const UNDO_MS = 24 * 3_600_000;

/** Returns a reader's verbs. */
export function openReaders(dependencies: ReadersDependencies) {
  const { requests, subscribers, outbox, links, timeZone, now } = dependencies;
  const timestamp = () => now().toISOString();
  const today = () => localDate(now(), timeZone);
  const undoSince = () => new Date(now().getTime() - UNDO_MS).toISOString();

  function askBy(asking: Omit<Asking, "askedNetwork">, { network, seal }: Visit): Promise<Verdict> {
    const matter = asking.wish === "link" ? "link" : "confirmation";
    const marks = marksOf(asking.address, matter, network, links.marks);
    const askedNetwork = network && neighbourhoodOf(network);
    return requests.ask({ ...asking, askedNetwork }, marks, now(), seal);
  }

  /** Asks for a reader's letters to go to another address, which has to confirm it. */
  function askMove(
    reader: Subscriber,
    asking: Pick<Asking, "address" | "askedFrom">,
    { network }: Visit,
  ): Promise<Verdict> {
    // What the reader follows stays with the list: a new address changes nothing else.
    const choices = { ...firstChoicesOf(reader), interests: NO_INTERESTS };
    const move = { how: "form", wording: "", wish: "move", mover: reader.key } as const;
    return askBy({ ...asking, ...choices, ...move }, { network, seal: null });
  }

  /** Returns all that is kept of a reader (GDPR articles 15 and 20). */
  async function dataOf({ key, profile, ...reader }: Subscriber) {
    const filter = { states: DELIVERY_STATES, subscribers: [key] };
    const address = addressAsKept(reader.address);
    const deliveries = await outbox.list(filter, null);
    const open = await requests.openOf(key, address);
    return {
      subscriber: { ...reader, profile: profile && unpackProfile(profile) },
      suppression: await subscribers.suppression(address),
      requests: open.map(({ wish, address: to, askedAt, askedFrom, askedNetwork, expiresAt }) => ({
        wish,
        address: to?.address ?? null,
        askedAt,
        askedFrom,
        askedNetwork,
        expiresAt,
      })),
      letters: deliveries.map((each) => ({
        cadence: each.cadence,
        period: each.period,
        state: each.state,
        at: each.at,
        dueAt: each.dueAt,
        papers: each.papers,
        answer:
          each.reply === null
            ? null
            : { code: each.code, enhanced: each.enhanced, text: each.reply },
      })),
    };
  }

  return {
    /** Asks to join. */
    ask: (asking: JoinAsking, visit: Visit) =>
      askBy({ ...asking, wish: "join", mover: null }, visit),
    /** Asks for the links of a subscription, which go to its own address. */
    askLinks: (asking: JoinAsking, visit: Visit) =>
      askBy({ ...asking, wish: "link", mover: null }, visit),
    askMove,
    request: requests.get,
    ...openReplies(dependencies),
    dataOf,
    save: (reader: Subscriber, preferences: Preferences) =>
      subscribers.setPreferences(reader, preferences, { now: timestamp(), today: today() }),
    leave: (reader: Subscriber) => subscribers.unsubscribe(reader.key, timestamp()),
    /** Takes leaving back, within a day. */
    stay: (reader: Subscriber) => subscribers.resume(reader.key, undoSince()),
    /** Whether leaving can still be taken back. */
    mayStay: (reader: Subscriber) => subscribers.mayResume(reader.key, undoSince()),
    noteReason: (reader: Subscriber, reason: LeavingReason) =>
      subscribers.noteReason(reader.key, reason),
    /** Returns null where the reader has moved since: the link that led here is an old one now. */
    erase: (reader: Subscriber) => subscribers.eraseReader(reader, timestamp()),
    /** Returns the date in the newsletter's zone. */
    today,
  };
}
