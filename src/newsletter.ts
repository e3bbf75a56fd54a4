/**
 * The story: the newsroom makes editions of papers, and here they are mailed to subscribers. Every
 * verb may be repeated; each adds only what is missing.
 */
import { PaperRoundError } from "./errors.ts";
import type { Archive, EditionHeading, RoundRecord } from "./editions/archive.ts";
import { leadEntries, type Draft, type Edition } from "./editions/edition.ts";
import { periodOf, type Cadence, type Period } from "./editions/period.ts";
import { nextDue, nextOwnTime, type ScheduleRules } from "./editions/schedule.ts";
import type { Shelves } from "./editions/shelves.ts";
import type { Composer } from "./mail/composer.ts";
import type { DeliverOptions, DeliveryReport } from "./mail/deliver.ts";
import { owedOf, timesFrom, type Addressed, type DeliveryCounts } from "./mail/delivery.ts";
import { lettersHeld, type Desk, type Evidence, type HeldBack } from "./mail/desk.ts";
import type { Message } from "./mail/message.ts";
import type { Notice } from "./mail/notices.ts";
import type { Outbox, Owed } from "./mail/outbox.ts";
import type { Outcome } from "./mail/outcome.ts";
import type { Preflight, PreflightOptions } from "./mail/preflight.ts";
import type { SingleLetters } from "./mail/transport.ts";
import { nothingToSend, type Newsroom } from "./newsroom.ts";
import type { Corpus } from "./papers/corpus.ts";
import type { SourceHealth } from "./papers/gather-log.ts";
import type { Gatherer } from "./papers/gathering.ts";
import type { Spending, SummaryWriter } from "./papers/summaries/writer.ts";
import type { CalendarDate } from "./papers/text.ts";
import type { Address } from "./subscribers/address.ts";
import type { SubscriberList } from "./subscribers/subscriber-list.ts";

export interface NewsletterDependencies {
  readonly newsroom: Newsroom;
  readonly gatherer: Gatherer;
  readonly corpus: Corpus;
  readonly archive: Archive;
  readonly shelves: Shelves;
  readonly subscribers: SubscriberList;
  readonly outbox: Outbox;
  /** What an operator sees of deliveries, and does about them. */
  readonly desk: Desk;
  readonly composer: Composer;
  /** What a model was asked for; null where none is configured. */
  readonly summaries: SummaryWriter | null;
  /** Looks at a letter before anybody gets it. */
  readonly preflight: Preflight;
  readonly rules: ScheduleRules;
  readonly now: () => Date;
  /** Delivers what is due. Throws SMTP_NOT_CONFIGURED without a server. */
  readonly deliver: (options: DeliverOptions) => Promise<DeliveryReport>;
  /** Opens a connection for single letters. Throws SMTP_NOT_CONFIGURED. */
  readonly openSingle: () => SingleLetters;
  /**
   * Throws SMTP_NOT_CONFIGURED, or LETTER_INCOMPLETE when a letter to the list would lack what it
   * must have.
   */
  readonly checkListLetter: () => void;
}

export interface SendOptions extends Omit<DeliverOptions, "edition">, PreflightOptions {
  /** Told how many deliveries of the edition are to be made, before the first of them. */
  readonly onAddressed?: ((owed: number) => void) | undefined;
  /** Send a quiet edition too, whose letter says so. */
  readonly evenEmpty?: boolean | undefined;
  /** Look at all papers of the week before that have not led. */
  readonly widened?: boolean | undefined;
  /**
   * When the schedule wanted it: readers with an hour of their own get it at that hour from then on.
   * Left out, it is due at once for everybody.
   */
  readonly scheduledFor?: Date | undefined;
}

export interface SendReport {
  readonly edition: Draft;
  readonly addressed: Addressed;
  /** Where all deliveries of the edition stand now, those of earlier runs included. */
  readonly counts: DeliveryCounts;
  readonly delivery: DeliveryReport;
  /** What keeps letters of the edition back, or was put by this run. */
  readonly held: readonly HeldBack[];
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
  /** Deliveries that are still to be made, by edition. */
  readonly owed: readonly Owed[];
  readonly held: readonly HeldBack[];
  /** What an operator may want to look into, of any edition, newest first. */
  readonly attention: readonly Evidence[];
  /** What a model was asked for today; null where none is configured. */
  readonly summaries: Spending | null;
  /** How each source did when it was last read. */
  readonly sources: readonly SourceHealth[];
  readonly lastRound: RoundRecord | null;
  readonly nextDue: Date;
}

/** What became of a letter that somebody sent by hand. */
export interface SingleResult {
  readonly address: Address;
  readonly outcome: Outcome | { readonly state: "suppressed" };
}

export type Newsletter = ReturnType<typeof openNewsletter>;

/** Deliveries that a status shows one by one. */
const ATTENTION_MAX = 100;

/** Returns the newsletter's verbs over its rooms. */
export function openNewsletter(dependencies: NewsletterDependencies) {
  const { newsroom, corpus, archive, subscribers, outbox, desk, composer, preflight } =
    dependencies;
  const { summaries, rules } = dependencies;
  const timestamp = () => dependencies.now().toISOString();
  const { today, whyEmpty } = newsroom;

  /**
   * Publishes the edition of `date` if need be, addresses it, and delivers it to all who are owed
   * it. Throws what `checkListLetter` does, NOTHING_TO_SEND, and LETTER_FAULTY unless forced, before
   * anything is frozen.
   */
  async function send(
    cadence: Cadence,
    date: CalendarDate,
    { onAddressed, scheduledFor, force, onFindings, ...asked }: SendOptions,
  ): Promise<SendReport> {
    const recipients = await subscribers.countRecipients(cadence, today());
    const owed = await outbox.counts({ cadence, period: periodOf(cadence, date) });
    if (recipients + sum(owed) === 0) {
      throw new PaperRoundError("NOTHING_TO_SEND", `Nobody takes the ${cadence} letter.`, {
        remedy:
          "Add readers with `paperround subscribers add EMAIL`, or send one letter with --to.",
      });
    }
    dependencies.checkListLetter();
    const { evenEmpty, widened, ...options } = asked;
    const draft = await newsroom.finalDraft(cadence, date, {
      evenEmpty,
      widened,
      signal: options.signal,
    });
    await preflight.pass(draft, "list", { force, onFindings });
    const published = await newsroom.freeze(draft);
    const recovered = await outbox.recover(timestamp());
    const addressed = await addressEdition(published, scheduledFor ?? null);
    const kept = lettersHeld(await desk.held(published));
    onAddressed?.(Math.max(owedOf(await outbox.counts(published)) - kept, 0));
    const delivery = await dependencies.deliver({ ...options, edition: published });
    return {
      edition: published,
      addressed,
      counts: await outbox.counts(published),
      delivery,
      held: await heldOf(published, delivery),
      recovered,
    };
  }

  async function heldOf(published: Edition, { objections }: DeliveryReport): Promise<HeldBack[]> {
    const domains = new Set(objections.map(({ domain }) => domain));
    const held = await desk.held(published);
    return held.filter(
      ({ hold, letters }) => letters > 0 || (hold.kind === "domain" && domains.has(hold.domain)),
    );
  }

  function addressEdition(published: Edition, scheduledFor: Date | null): Promise<Addressed> {
    const { cadence } = published;
    return outbox.address(published, {
      date: today(),
      times: timesFrom(dependencies.now(), cadence),
      ownTimes: scheduledFor && ((time) => timesFrom(nextOwnTime(time, scheduledFor), cadence)),
    });
  }

  /**
   * Sends one letter to each address, whoever they are; the list and its ledger stay as they are.
   * Throws NOTHING_TO_SEND without papers unless `evenEmpty`, and LETTER_FAULTY unless forced.
   */
  async function sendTo(
    draft: Draft,
    addresses: readonly Address[],
    options: PreflightOptions & Pick<SendOptions, "evenEmpty"> = {},
  ): Promise<SingleResult[]> {
    const isEmpty = leadEntries(draft).length === 0;
    if (isEmpty && !options.evenEmpty) throw nothingToSend(await whyEmpty(draft));
    await preflight.pass(draft, "single", options);
    const letter = await composer.set(draft);
    return sendSingly(addresses, (address) => composer.compose(draft, letter, address));
  }

  /** Sends a notice to one address; the list stays as it is. Throws LETTER_FAULTY unless forced. */
  async function sendNotice(
    notice: Notice,
    address: Address,
    options: PreflightOptions = {},
  ): Promise<SingleResult[]> {
    await preflight.pass(notice, "single", options);
    return sendSingly([address], () => composer.composeNotice(notice, address));
  }

  async function sendSingly(
    addresses: readonly Address[],
    messageFor: (address: Address) => Promise<Message>,
  ): Promise<SingleResult[]> {
    const way = dependencies.openSingle();
    const results: SingleResult[] = [];
    let down: Outcome | null = null;
    try {
      for (const address of addresses) {
        const outcome: SingleResult["outcome"] = (await subscribers.isSuppressed(address))
          ? { state: "suppressed" }
          : (down ?? (await way.send(await messageFor(address))));
        // A server that can't be reached for one can't be for the next either.
        if (outcome.state === "untried") down = outcome;
        results.push({ address, outcome });
      }
    } finally {
      way.close();
    }
    return results;
  }

  /** Delivers whatever is due of any edition: letters that were deferred, or left by a crash. */
  async function deliverOwed(
    options: Omit<DeliverOptions, "edition">,
  ): Promise<Pick<SendReport, "delivery" | "recovered">> {
    const recovered = await outbox.recover(timestamp());
    await preflight.passOwed();
    const delivery = await dependencies.deliver({ ...options, edition: null });
    return { delivery, recovered };
  }

  async function status(): Promise<StatusReport> {
    const heading = await archive.latest();
    const lastRound = await archive.lastRound("daily");
    // First, since it takes back what a dead program left in the middle.
    const attention = await desk.deliveries({ states: ["uncertain", "rejected"] }, ATTENTION_MAX);
    return {
      papers: { count: await corpus.count(), newestDay: await corpus.newestDay(today()) },
      subscribers: await subscribers.count(),
      latest: heading ? { heading, deliveries: await outbox.counts(heading) } : null,
      owed: await outbox.countOwed(),
      held: await desk.held(),
      attention,
      summaries: summaries && (await summaries.spent()),
      sources: await dependencies.gatherer.health(),
      lastRound,
      nextDue: nextDue(rules, dependencies.now(), lastRound?.period ?? null),
    };
  }

  return {
    gather: dependencies.gatherer.gather,
    edition: newsroom.edition,
    bestSince: newsroom.bestSince,
    isQuiet: newsroom.isQuiet,
    publish: newsroom.publish,
    whyEmpty,
    set: composer.set,
    share: composer.share,
    print: composer.print,
    compose: composer.compose,
    preflight: preflight.findings,
    send,
    sendTo,
    sendNotice,
    composeNotice: composer.composeNotice,
    deliverOwed,
    ...desk,
    checkListLetter: dependencies.checkListLetter,
    status,
    today,
    /** Whether anybody takes the letter of a cadence. */
    isRead: async (cadence: Cadence) => (await subscribers.countRecipients(cadence, today())) > 0,
    /** Returns the newest days with papers, up to `limit` of them. */
    recentDays: (limit: number) => corpus.days(today(), limit),
    /** Returns the newest editions, up to `limit` of them. */
    headings: async (limit: number) =>
      (await dependencies.shelves.editions(null, { offset: 0, limit })).headings,
    find: (cadence: Cadence, period: Period) => archive.find(cadence, period),
  };
}

function sum(counts: DeliveryCounts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
