/**
 * Answers by mail what was asked for at the door. What an answer says is decided here, when it is
 * written: somebody who is on the list already is sent the links of that subscription, and nobody is
 * written to at an address that must not be mailed.
 */
import type { Archive } from "../editions/archive.ts";
import type { Cadence } from "../editions/period.ts";
import { nextDue, type ScheduleRules } from "../editions/schedule.ts";
import type { PaperRoundError } from "../errors.ts";
import type { Address } from "../subscribers/address.ts";
import type { Links } from "../subscribers/links.ts";
import { marksOf } from "../subscribers/request-log.ts";
import type { RequestRecord, Requests } from "../subscribers/requests.ts";
import type { Subscriber } from "../subscribers/subscriber.ts";
import type { SubscriberList } from "../subscribers/subscriber-list.ts";
import type { Composer } from "./composer.ts";
import type { Masthead } from "./letter.ts";
import { confirmation, lostLinks, move, welcome, type Notice } from "./notices.ts";
import type { Outcome } from "./outcome.ts";
import type { SingleLetters } from "./transport.ts";

export interface AnsweringDependencies {
  readonly requests: Requests;
  readonly subscribers: SubscriberList;
  readonly archive: Pick<Archive, "lastRound">;
  readonly composer: Pick<Composer, "composeNotice">;
  readonly links: Links;
  readonly masthead: Masthead;
  readonly rules: ScheduleRules;
  readonly openSingle: () => SingleLetters;
  readonly now: () => Date;
}

/** What one turn did. */
export interface Answered {
  readonly accepted: number;
  /** What keeps answers from leaving; all of them are still owed. */
  readonly fault: PaperRoundError | null;
}

export type Answering = ReturnType<typeof openAnswering>;

/** Where a notice goes, and what it says. */
interface Answer {
  readonly notice: Notice;
  readonly to: Address;
}

/** Notices in one turn, so that a flood does not keep the program from its other work. */
const TURN_MAX = 500;
const RETRY_FIRST_MS = 60_000;
const RETRY_MAX_MS = 3_600_000;

/** Returns who answers. */
export function openAnswering(dependencies: AnsweringDependencies) {
  const { requests, subscribers, archive, composer, links, masthead } = dependencies;
  const { rules, openSingle, now } = dependencies;

  /** Sends the notices that are due, one after the other over one connection. */
  async function attend(signal: AbortSignal): Promise<Answered> {
    await requests.tidy(now());
    let way: SingleLetters | null = null;
    let accepted = 0;
    try {
      for (let turns = 0; turns < TURN_MAX && !signal.aborted; turns++) {
        const request = await requests.begin(now());
        if (!request) break;
        const answer = await answerTo(request);
        if (!answer) {
          await finish(request, null);
          continue;
        }
        way ??= openSingle();
        const outcome = await offer(request, answer, way);
        if (outcome.state === "accepted") accepted++;
        if (outcome.state === "untried") return { accepted, fault: outcome.fault };
      }
      return { accepted, fault: null };
    } finally {
      way?.close();
    }
  }

  /** Sends one answer, and writes down what came of it. Throws only before any of it has left. */
  async function offer(
    request: RequestRecord,
    { notice, to }: Answer,
    way: SingleLetters,
  ): Promise<Outcome> {
    let outcome: Outcome | null = null;
    try {
      outcome = await way.send(await composer.composeNotice(notice, to));
    } finally {
      const isOver =
        outcome !== null && outcome.state !== "untried" && outcome.state !== "deferred";
      if (isOver) await finish(request, outcome);
      else await requests.postpone(request.key, retryAt(request.attempts));
    }
    return outcome;
  }

  /** A request for which there is nothing left to wait is forgotten. */
  async function finish(request: RequestRecord, outcome: Outcome | null): Promise<void> {
    const awaitsReader = outcome?.state === "accepted" || outcome?.state === "uncertain";
    const isKept = request.notice === "welcome" || request.notice === "reminder" || awaitsReader;
    if (isKept && request.wish !== "link") await requests.settle(request.key);
    else await requests.drop(request.key);
  }

  function retryAt(attempts: number): Date {
    const wait = Math.min(RETRY_FIRST_MS * 2 ** (attempts - 1), RETRY_MAX_MS);
    return new Date(now().getTime() + wait);
  }

  /** Returns what a request is answered with, or null where nobody is to be written to. */
  async function answerTo(request: RequestRecord): Promise<Answer | null> {
    if (request.notice === "welcome") return welcomeFor(request);
    const to = request.address;
    if (!to || (request.notice === "reminder" && !(await mayRemind(to)))) return null;
    const known = await subscribers.find(to);
    const isReader = known?.state === "confirmed" && !(await subscribers.isSuppressed(to));
    const asked = { ...askedOf(request), address: to.address };
    if (request.wish === "move") {
      const mover = request.subscriber === null ? null : await subscribers.get(request.subscriber);
      if (mover?.state !== "confirmed" || known || !(await subscribers.mayAsk(to))) return null;
      return { notice: move({ ...asked, cadence: mover.cadence as Cadence }, masthead), to };
    }
    if (isReader) {
      const about = { ...asked, cadence: known.cadence as Cadence, ...linksOf(known) };
      return { notice: lostLinks(about, masthead), to };
    }
    if (request.wish === "link" || !(await subscribers.mayAsk(to))) return null;
    const again = request.notice === "reminder";
    const cadence = request.cadence as Cadence;
    return { notice: confirmation({ ...asked, cadence, again }, masthead), to };
  }

  async function welcomeFor({ subscriber }: RequestRecord): Promise<Answer | null> {
    const reader = subscriber === null ? null : await subscribers.get(subscriber);
    if (reader?.state !== "confirmed") return null;
    const cadence = reader.cadence as Cadence;
    const lastRound = await archive.lastRound(cadence);
    const firstLetter = nextDue(rules, now(), lastRound?.period ?? null, cadence);
    const { address } = reader;
    const notice = welcome({ address, cadence, firstLetter, ...linksOf(reader) }, masthead);
    return { notice, to: { address, key: address.toLowerCase() } };
  }

  /** A reminder counts against the limits of its address like any other notice. */
  function mayRemind(to: Address): Promise<boolean> {
    return requests.mayRemind(marksOf(to, "confirmation", null, links.mark), now());
  }

  function askedOf(request: RequestRecord) {
    return {
      askedFrom: request.askedFrom,
      askedAt: new Date(request.askedAt),
      expiresAt: new Date(request.expiresAt),
      confirmUrl: `${masthead.siteUrl}/confirm/${links.token("confirm", request.key)}`,
      refuseUrl: `${masthead.siteUrl}/refuse/${links.token("refuse", request.key)}`,
    };
  }

  function linksOf({ key }: Subscriber) {
    const link = (purpose: "unsubscribe" | "preferences") =>
      `${masthead.siteUrl}/${purpose}/${links.token(purpose, key)}`;
    return { preferencesUrl: link("preferences"), unsubscribeUrl: link("unsubscribe") };
  }

  return { attend };
}
