/**
 * The story: sources are gathered into papers, papers become editions, editions are mailed to
 * subscribers, and subscribers come and go. Every verb here may be repeated; each adds only what is
 * missing.
 */
import { PaperRoundError } from "./errors.ts";
import type { Archive, EditionHeading, RoundRecord } from "./editions/archive.ts";
import { isPublished, leadEntries, type Draft, type Edition } from "./editions/edition.ts";
import {
  localDate,
  periodOf,
  periodTitle,
  windowOf,
  type Cadence,
  type Period,
} from "./editions/period.ts";
import { rank } from "./editions/ranking.ts";
import { nextDue, type ScheduleRules } from "./editions/schedule.ts";
import { select } from "./editions/selection.ts";
import { counted } from "./io/plural.ts";
import type { Templates } from "./io/template.ts";
import type { DeliverOptions, DeliveryReport } from "./mail/delivery.ts";
import {
  editionUrl,
  printLetter,
  setLetter,
  type Masthead,
  type SetLetter,
} from "./mail/letter.ts";
import {
  composeMessage,
  domainOf,
  type ListHeaders,
  type Message,
  type Parts,
  type Sender,
} from "./mail/message.ts";
import type {
  Addressed,
  DeliveryCounts,
  DeliveryRecord,
  EditionName,
  Outbox,
} from "./mail/outbox.ts";
import type { Outcome } from "./mail/outcome.ts";
import type { Lane } from "./mail/transport.ts";
import type { Corpus, Gathered } from "./papers/corpus.ts";
import type { Sighting } from "./papers/paper.ts";
import { isRefusal, type Notice, type Refusal, type Source } from "./papers/source.ts";
import type { CalendarDate } from "./papers/text.ts";
import type { Address } from "./subscribers/address.ts";
import type { Links } from "./subscribers/links.ts";
import type { Subscriber } from "./subscribers/subscriber.ts";
import type { SubscriberList } from "./subscribers/subscriber-list.ts";

export interface NewsletterDependencies {
  readonly corpus: Corpus;
  readonly archive: Archive;
  readonly subscribers: SubscriberList;
  readonly outbox: Outbox;
  readonly links: Links;
  readonly templates: Templates;
  readonly masthead: Masthead;
  readonly sender: Sender;
  readonly rules: ScheduleRules;
  readonly now: () => Date;
  /** Delivers what is due; `compose` is this file's. Throws SMTP_NOT_CONFIGURED without a server. */
  readonly deliver: (
    compose: (edition: EditionName, subscriber: Subscriber) => Promise<Message>,
    options: DeliverOptions,
  ) => Promise<DeliveryReport>;
  /** Opens one connection, for single letters. Throws SMTP_NOT_CONFIGURED. */
  readonly openLane: () => Lane;
  /**
   * Throws SMTP_NOT_CONFIGURED, or LETTER_INCOMPLETE when a letter to the list would lack what it
   * must have.
   */
  readonly checkListLetter: () => void;
}

export interface GatherReport extends Gathered {
  readonly refused: Readonly<Record<string, number>>;
  readonly refusals: readonly Refusal[];
}

export interface SendReport {
  readonly edition: Draft;
  readonly addressed: Addressed;
  /** Where all deliveries of the edition stand now, those of earlier runs included. */
  readonly counts: DeliveryCounts;
  readonly delivery: DeliveryReport;
  /** What a run that ended early had left behind. */
  readonly recovered: { readonly due: number; readonly uncertain: number };
}

export interface StatusReport {
  readonly papers: { readonly count: number; readonly newestDay: CalendarDate | null };
  readonly subscribers: {
    readonly confirmed: number;
    readonly pending: number;
    readonly unsubscribed: number;
  };
  readonly latest: { readonly heading: EditionHeading; readonly deliveries: DeliveryCounts } | null;
  readonly attention: readonly (DeliveryRecord & { readonly address: string | null })[];
  readonly lastRound: RoundRecord | null;
  readonly nextDue: Date;
}

export type Newsletter = ReturnType<typeof openNewsletter>;

/** An edition is worth delivering for this long after it was addressed. */
const EXPIRES_HOURS: Readonly<Record<Cadence, number>> = { daily: 24, weekly: 72, monthly: 168 };
/** Editions that a long-running program keeps set: those whose letters may still be deferred. */
const EDITIONS_KEPT = 10;
/** Refusals that are shown one by one; all are counted. */
const REFUSALS_SHOWN = 20;

/** Returns the newsletter's verbs over its rooms. */
export function openNewsletter(house: NewsletterDependencies) {
  const { corpus, archive, subscribers, outbox, links, masthead, sender, rules } = house;
  const timestamp = () => house.now().toISOString();
  const today = () => localDate(house.now(), rules.timeZone);

  /** Takes in all that `sources` tell, whole or not at all. */
  async function gather(sources: readonly Source[], notice: Notice): Promise<GatherReport> {
    const sightings: Sighting[] = [];
    const refusals: Refusal[] = [];
    for (const source of sources) {
      for await (const mention of source.mentions(notice)) {
        if (isRefusal(mention)) refusals.push(mention);
        else sightings.push(mention);
      }
    }
    const gathered = await corpus.record(sightings, timestamp());
    const refused: Record<string, number> = {};
    for (const { refused: why } of refusals) refused[why] = (refused[why] ?? 0) + 1;
    return { ...gathered, refused, refusals: refusals.slice(0, REFUSALS_SHOWN) };
  }

  /** Returns the published edition of the period that holds `date`, else the selection as it stands. */
  async function edition(cadence: Cadence, date: CalendarDate): Promise<Draft | Edition> {
    const period = periodOf(cadence, date);
    const published = await archive.find(cadence, period);
    if (published) return published;
    const window = windowOf(cadence, period, await archive.previousPeriod(cadence, period));
    const printed = await archive.printedPapers(cadence, period);
    const known = await corpus.candidates(window);
    const candidates = known.filter(({ paper }) => !printed.has(paper.key));
    const entries = select(rank(candidates, window.upTo), masthead.entries);
    return { cadence, period, window, candidates: candidates.length, entries };
  }

  /** Freezes the edition of the period that holds `date`. Throws NOTHING_TO_SEND without papers. */
  async function publish(cadence: Cadence, date: CalendarDate): Promise<Edition> {
    const draft = await edition(cadence, date);
    if (isPublished(draft)) return draft;
    if (draft.entries.length === 0) throw nothingToSend(await whyEmpty(draft));
    return archive.publish(draft, timestamp());
  }

  /** Says why a selection is empty. */
  async function whyEmpty(draft: Draft): Promise<string> {
    const title = periodTitle(draft.cadence, draft.period);
    const papers = await corpus.count();
    if (papers === 0) return `No papers for ${title}: the corpus is empty.`;
    const led = (await corpus.candidates(draft.window)).length;
    if (led > 0)
      return `${counted(led, "paper")} known for ${title}, but each has led another edition.`;
    const newest = await corpus.newestDay(today());
    const where = newest
      ? `the newest day with papers is ${newest}`
      : "none of them has a day up to today";
    return `No papers for ${title}. The corpus holds ${counted(papers, "paper")}; ${where}.`;
  }

  /** Editions in delivery, with their letters: both are frozen, so each is read and set once. */
  const inDelivery = new Map<string, Promise<{ edition: Edition; letter: SetLetter }>>();
  function frozen({
    cadence,
    period,
  }: EditionName): Promise<{ edition: Edition; letter: SetLetter }> {
    const name = `${cadence}/${period}`;
    const kept = inDelivery.get(name);
    if (kept) return kept;
    const setting = (async () => {
      const found = await archive.find(cadence, period);
      if (!found)
        throw new Error(
          `The outbox names the ${cadence} edition ${period}, which is not published.`,
        );
      return { edition: found, letter: await set(found) };
    })();
    const [oldest] = inDelivery.keys();
    if (inDelivery.size >= EDITIONS_KEPT && oldest !== undefined) inDelivery.delete(oldest);
    inDelivery.set(name, setting);
    setting.catch(() => inDelivery.delete(name));
    return setting;
  }

  /** Sets an edition once for all its readers. */
  function set(draft: Draft): Promise<SetLetter> {
    return setLetter(draft, masthead, house.templates);
  }

  /** Returns the letter as `reader` gets it; null stands for somebody not subscribed. */
  function print(letter: SetLetter, reader: Subscriber | null): Parts {
    if (!reader) return letter.unaddressed;
    const link = (purpose: "unsubscribe" | "preferences") =>
      `${masthead.siteUrl}/${purpose}/${links.token(purpose, reader.key)}`;
    const values = {
      address: reader.address,
      unsubscribeUrl: link("unsubscribe"),
      preferencesUrl: link("preferences"),
    };
    return printLetter(letter, values, reader.textOnly);
  }

  /** Returns the finished message for a subscriber, or for an address that is not on the list. */
  function compose(
    draft: Draft,
    letter: SetLetter,
    reader: Subscriber | Address,
  ): Promise<Message> {
    const subscriber = "consent" in reader ? reader : null;
    const campaign = `${draft.cadence}-${draft.period}`;
    const whom = subscriber ? `${subscriber.key}` : `${reader.address}:${timestamp()}`;
    const list: ListHeaders | null = subscriber && {
      unsubscribeUrl: `${masthead.siteUrl}/unsubscribe/${links.token("unsubscribe", subscriber.key)}`,
      archiveUrl: editionUrl(masthead.siteUrl, draft),
      campaign,
    };
    return composeMessage({
      sender,
      to: reader.address,
      parts: print(letter, subscriber),
      // The same in every attempt, so that a deliberate resend can be recognised.
      messageId: `${campaign}.${links.mark(`${campaign}:${whom}`)}@${domainOf(sender.address)}`,
      date: house.now(),
      list,
    });
  }

  async function composeDelivery(name: EditionName, reader: Subscriber): Promise<Message> {
    const { edition: published, letter } = await frozen(name);
    return compose(published, letter, reader);
  }

  /**
   * Publishes the edition of `date` if need be, addresses it, and delivers it to all who are owed
   * it. Throws what `checkListLetter` does before anything is frozen, and NOTHING_TO_SEND.
   */
  async function send(
    cadence: Cadence,
    date: CalendarDate,
    options: Omit<DeliverOptions, "edition">,
  ): Promise<SendReport> {
    house.checkListLetter();
    const published = await publish(cadence, date);
    const recovered = await outbox.recover(timestamp());
    const addressed = await addressEdition(published);
    const delivery = await house.deliver(composeDelivery, { ...options, edition: published });
    return {
      edition: published,
      addressed,
      counts: await outbox.counts(published),
      delivery,
      recovered,
    };
  }

  function addressEdition(published: Edition): Promise<Addressed> {
    const now = house.now();
    const expires = new Date(now.getTime() + EXPIRES_HOURS[published.cadence] * 3_600_000);
    return outbox.address(published, {
      dueAt: now.toISOString(),
      expiresAt: expires.toISOString(),
    });
  }

  /** Sends one letter to each address, whoever they are; the list and its ledger stay as they are. */
  async function sendTo(
    draft: Draft,
    addresses: readonly Address[],
  ): Promise<{ address: Address; outcome: Outcome | { state: "suppressed" } }[]> {
    if (leadEntries(draft).length === 0) throw nothingToSend(await whyEmpty(draft));
    const letter = await set(draft);
    const lane = house.openLane();
    const results = [];
    try {
      for (const address of addresses) {
        const outcome = (await subscribers.isSuppressed(address))
          ? { state: "suppressed" as const }
          : await lane.send(await compose(draft, letter, address), async () => {});
        if (outcome.state === "untried") throw outcome.fault;
        results.push({ address, outcome });
      }
    } finally {
      lane.close();
    }
    return results;
  }

  /** Delivers whatever is due of any edition: letters that were deferred, or left by a crash. */
  async function deliverOwed(options: Omit<DeliverOptions, "edition">): Promise<void> {
    await outbox.recover(timestamp());
    await house.deliver(composeDelivery, { ...options, edition: null });
  }

  async function status(): Promise<StatusReport> {
    const [heading] = await archive.headings(1);
    const lastRound = await archive.lastRound("daily");
    const noted = heading ? await outbox.list(heading, ["uncertain", "rejected"], 20) : [];
    const attention = [];
    for (const delivery of noted) {
      const subscriber = await subscribers.get(delivery.subscriber);
      attention.push({ ...delivery, address: subscriber?.address ?? null });
    }
    return {
      papers: { count: await corpus.count(), newestDay: await corpus.newestDay("9999-12-31") },
      subscribers: await subscribers.count(),
      latest: heading ? { heading, deliveries: await outbox.counts(heading) } : null,
      attention,
      lastRound,
      nextDue: nextDue(rules, house.now(), lastRound?.period ?? null),
    };
  }

  return {
    gather,
    edition,
    publish,
    whyEmpty,
    set,
    print,
    compose,
    send,
    sendTo,
    deliverOwed,
    status,
    today,
    headings: (limit: number) => archive.headings(limit),
    find: (cadence: Cadence, period: Period) => archive.find(cadence, period),
    unsubscribe: (reader: Subscriber) => subscribers.unsubscribe(reader.key, timestamp()),
  };
}

function nothingToSend(why: string): PaperRoundError {
  return new PaperRoundError("NOTHING_TO_SEND", why);
}
