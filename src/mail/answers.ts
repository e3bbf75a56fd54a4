/**
 * What is asked for at the door is answered with: a question to a stranger, the links of the subscription to a
 * reader, nothing to an address that must not be mailed. It is decided when the answer is written.
 */
import type { Archive } from "../editions/archive.ts";
import type { Cadence } from "../editions/period.ts";
import { nextDue, type ScheduleRules } from "../editions/schedule.ts";
import { addressAsKept, type Address } from "../subscribers/address.ts";
import type { Links } from "../subscribers/links.ts";
import { marksOf } from "../subscribers/request-log.ts";
import type { RequestRecord, Requests } from "../subscribers/requests.ts";
import type { Subscriber } from "../subscribers/subscriber.ts";
import type { SubscriberList } from "../subscribers/subscriber-list.ts";
import type { Masthead } from "./letter.ts";
import { confirmation, lostLinks, move, moved, welcome, type Notice } from "./notices.ts";

export interface AnswersDependencies {
  readonly requests: Requests;
  readonly subscribers: SubscriberList;
  readonly archive: Pick<Archive, "lastRound">;
  readonly links: Links;
  readonly masthead: Masthead;
  readonly rules: ScheduleRules;
  readonly now: () => Date;
}

/** Where a notice goes, and what it says. */
export interface Answer {
  readonly notice: Notice;
  readonly to: Address;
  /** Whether it asks, so that a reply is waited for. */
  readonly asks: boolean;
}

/** `nobody`: there is nobody to write to, and what would have been written. `later`: limits say so. */
export type Answering = Answer | { readonly nobody: Notice; readonly to: Address } | "later" | null;

/** Returns what finds the answer to a request; null where nothing is to be said. */
export function openAnswers(dependencies: AnswersDependencies) {
  const { requests, subscribers, archive, links, masthead, rules, now } = dependencies;

  async function answerTo(request: RequestRecord): Promise<Answering> {
    if (request.notice === "welcome") return welcomeFor(request);
    const to = request.address;
    if (!to) return null;
    if (request.notice === "moved") return farewellTo(request, to);
    if (request.notice === "reminder") {
      const marks = marksOf(to, "confirmation", null, links.marks);
      const verdict = await requests.mayRemind(request.key, marks, now());
      if (verdict !== "fresh") return verdict === "busy" ? "later" : null;
    }
    return request.wish === "move" ? moveFor(request, to) : answerFor(request, to);
  }

  /** Answers who asks to join, or for a lost link. */
  async function answerFor(request: RequestRecord, to: Address): Promise<Answering> {
    const known = await subscribers.find(to);
    const mayAsk = await subscribers.mayAsk(to);
    const isReader = known?.state === "confirmed" && !(await subscribers.isSuppressed(to));
    // Whoever has left still has a right to what is kept, and to have it erased.
    if (known && (isReader || (request.wish === "link" && mayAsk))) {
      return { notice: linksFor(request, known), to, asks: false };
    }
    if (request.wish === "link" || !mayAsk) {
      // Set like an answer and thrown away: the work of it tells nobody who is on the list.
      return { nobody: linksFor(request, NOBODY), to };
    }
    const asked = { ...askedOf(request), address: to.address };
    const again = request.notice === "reminder";
    const cadence = request.cadence as Cadence;
    return { notice: confirmation({ ...asked, cadence, again }, masthead), to, asks: true };
  }

  async function moveFor(request: RequestRecord, to: Address): Promise<Answering> {
    const mover = request.subscriber === null ? null : await subscribers.get(request.subscriber);
    if (mover?.state !== "confirmed") return null;
    const asked = { ...askedOf(request), address: to.address };
    const notice = move({ ...asked, cadence: mover.cadence as Cadence }, masthead);
    const there = await subscribers.find(to);
    // Whoever moves may spell their own address anew.
    const isTaken = there?.state === "confirmed" && there.key !== mover.key;
    return (await subscribers.mayAsk(to)) && !isTaken
      ? { notice, to, asks: true }
      : { nobody: notice, to };
  }

  async function farewellTo(request: RequestRecord, to: Address): Promise<Answering> {
    if (await subscribers.isSuppressed(to)) return null;
    const { askedFrom, askedAt, confirmedAt } = request;
    const at = new Date(confirmedAt ?? askedAt);
    return { notice: moved({ address: to.address, askedFrom, at }, masthead), to, asks: false };
  }

  async function welcomeFor({ subscriber }: RequestRecord): Promise<Answering> {
    const reader = subscriber === null ? null : await subscribers.get(subscriber);
    if (reader?.state !== "confirmed") return null;
    const cadence = reader.cadence as Cadence;
    const lastRound = await archive.lastRound(cadence);
    const firstLetter = nextDue(rules, now(), lastRound?.period ?? null, cadence);
    const { address } = reader;
    const notice = welcome({ address, cadence, firstLetter, ...linksOf(reader) }, masthead);
    return { notice, to: addressAsKept(address), asks: false };
  }

  function linksFor(request: RequestRecord, reader: Known): Notice {
    const about = { ...askedOf(request), address: request.address?.address ?? "" };
    const cadence = reader.cadence as Cadence;
    const hasLeft = reader.state !== "confirmed";
    return lostLinks({ ...about, cadence, hasLeft, ...linksOf(reader) }, masthead);
  }

  function askedOf(request: RequestRecord) {
    return {
      askedFrom: request.askedFrom,
      askedNetwork: request.askedNetwork,
      askedAt: new Date(request.askedAt),
      expiresAt: new Date(request.expiresAt),
      confirmUrl: `${masthead.siteUrl}/confirm/${links.token("confirm", request.key)}`,
      refuseUrl: `${masthead.siteUrl}/refuse/${links.token("refuse", request.key)}`,
    };
  }

  function linksOf(reader: Pick<Subscriber, "key" | "moves">) {
    const link = (purpose: "unsubscribe" | "preferences") =>
      `${masthead.siteUrl}/${purpose}/${links.token(purpose, reader)}`;
    return { preferencesUrl: link("preferences"), unsubscribeUrl: link("unsubscribe") };
  }

  return answerTo;
}

type Known = Pick<Subscriber, "key" | "moves" | "cadence" | "state">;

/** Nobody's key is this. */
const NOBODY: Known = {
  key: 0 as Subscriber["key"],
  moves: 0,
  cadence: "daily",
  state: "confirmed",
};
