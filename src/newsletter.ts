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
  daysOf,
  periodOf,
  periodTitle,
  windowOf,
  type Cadence,
  type Period,
} from "./editions/period.ts";
import { rank } from "./editions/ranking.ts";
import { nextDue, nextHour, type ScheduleRules } from "./editions/schedule.ts";
import { select, withWritten } from "./editions/selection.ts";
import type { Shelves } from "./editions/shelves.ts";
import { counted } from "./io/plural.ts";
import type { Composer } from "./mail/composer.ts";
import type { DeliverOptions, DeliveryReport } from "./mail/deliver.ts";
import { owedOf, timesFrom, type Addressed, type DeliveryCounts } from "./mail/delivery.ts";
import { lettersHeld, type Desk, type Evidence, type HeldBack } from "./mail/desk.ts";
import type { Message } from "./mail/message.ts";
import type { Notice as LetterNotice } from "./mail/notices.ts";
import type { Outbox } from "./mail/outbox.ts";
import type { Outcome } from "./mail/outcome.ts";
import type { Preflight, PreflightOptions } from "./mail/preflight.ts";
import type { SingleLetters } from "./mail/transport.ts";
import type { Corpus, Gathered } from "./papers/corpus.ts";
import type { Sighting } from "./papers/paper.ts";
import { isRefusal, type Notice, type Refusal, type Source } from "./papers/source.ts";
import type { Spending, SummaryWriter } from "./papers/summaries/writer.ts";
import type { CalendarDate } from "./papers/text.ts";
import type { Address } from "./subscribers/address.ts";
import type { SubscriberList } from "./subscribers/subscriber-list.ts";

export interface NewsletterDependencies {
  readonly corpus: Corpus;
  readonly archive: Archive;
  readonly shelves: Shelves;
  readonly subscribers: SubscriberList;
  readonly outbox: Outbox;
  /** What an operator sees of deliveries, and does about them. */
  readonly desk: Desk;
  readonly composer: Composer;
  /** Writes summaries of the papers that lead; null where no model is configured. */
  readonly summaries: SummaryWriter | null;
  /** Looks at a letter before anybody gets it. */
  readonly preflight: Preflight;
  /** How many papers a letter leads with. */
  readonly leads: number;
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

export interface GatherReport extends Gathered {
  readonly refused: Readonly<Record<string, number>>;
  readonly refusals: readonly Refusal[];
}

export interface SendOptions extends Omit<DeliverOptions, "edition">, PreflightOptions {
  /** Told how many deliveries of the edition are to be made, before the first of them. */
  readonly onAddressed?: ((owed: number) => void) | undefined;
  /** Send an edition without papers too, whose letter says so. */
  readonly evenEmpty?: boolean | undefined;
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
  /** Deliveries of any edition that are still to be made. */
  readonly owed: number;
  readonly held: readonly HeldBack[];
  /** What an operator may want to look into, of any edition, newest first. */
  readonly attention: readonly Evidence[];
  /** What a model was asked for today; null where none is configured. */
  readonly summaries: Spending | null;
  readonly lastRound: RoundRecord | null;
  readonly nextDue: Date;
}

/** What became of a letter that somebody sent by hand. */
export interface SingleResult {
  readonly address: Address;
  readonly outcome: Outcome | { readonly state: "suppressed" };
}

export type Newsletter = ReturnType<typeof openNewsletter>;

/** Refusals that are shown one by one; all are counted. */
const REFUSALS_SHOWN = 20;
/** Deliveries that a status shows one by one. */
const ATTENTION_MAX = 100;

/** Returns the newsletter's verbs over its rooms. */
export function openNewsletter(dependencies: NewsletterDependencies) {
  const { corpus, archive, subscribers, outbox, desk, composer, preflight, summaries, rules } =
    dependencies;
  const timestamp = () => dependencies.now().toISOString();
  const today = () => localDate(dependencies.now(), rules.timeZone);

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
    const window = windowOf(cadence, period, await archive.previous(cadence, period));
    const printed = await archive.printedPapers(cadence, period);
    const known = await corpus.candidates(window);
    const candidates = known.filter(({ paper }) => !printed.has(paper.key));
    const ranking = rank(candidates, cadence === "daily" ? window.upTo : null);
    const entries = select(ranking, dependencies.leads);
    return summarised({ cadence, period, window, candidates: candidates.length, entries }, "known");
  }

  /** Returns `draft` with summaries: those that are known, or those that can be had in time. */
  async function summarised(
    draft: Draft,
    how: "known" | "write",
    signal?: AbortSignal,
  ): Promise<Draft> {
    if (!summaries) return draft;
    const papers = leadEntries(draft).map(({ paper }) => paper);
    return withWritten(draft, await summaries[how](papers, signal));
  }

  /**
   * Returns the edition of the period that holds `date` as it is to be frozen. Throws NOTHING_TO_SEND
   * without papers unless `evenEmpty`, DATE_INVALID for a period still to come, whose papers would be
   * missing from their own day, and INTERRUPTED.
   */
  async function finalDraft(
    cadence: Cadence,
    date: CalendarDate,
    { evenEmpty = false, signal }: Pick<SendOptions, "evenEmpty" | "signal">,
  ): Promise<Draft | Edition> {
    const draft = await edition(cadence, date);
    if (isPublished(draft)) return draft;
    if (draft.entries.length === 0 && !evenEmpty) throw nothingToSend(await whyEmpty(draft));
    if (daysOf(cadence, draft.period).first > today()) {
      const title = periodTitle(cadence, draft.period);
      throw new PaperRoundError("DATE_INVALID", `${title} is still to come; today is ${today()}.`, {
        remedy:
          "Publish an edition on its day or later. `paperround edition` shows a draft of any day.",
      });
    }
    const final = await summarised(draft, "write", signal);
    if (!signal?.aborted) return final;
    throw new PaperRoundError("INTERRUPTED", "Stopped before anything was published.");
  }

  /** Freezes the edition of the period that holds `date`. Throws what `finalDraft` does. */
  async function publish(cadence: Cadence, date: CalendarDate): Promise<Edition> {
    return freeze(await finalDraft(cadence, date, {}));
  }

  async function freeze(draft: Draft | Edition): Promise<Edition> {
    return isPublished(draft) ? draft : archive.publish(draft, timestamp());
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

  /**
   * Publishes the edition of `date` if need be, addresses it, and delivers it to all who are owed
   * it. Throws what `checkListLetter` does, NOTHING_TO_SEND, and LETTER_FAULTY unless forced, before
   * anything is frozen.
   */
  async function send(
    cadence: Cadence,
    date: CalendarDate,
    { onAddressed, evenEmpty, scheduledFor, force, onFindings, ...options }: SendOptions,
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
    const draft = await finalDraft(cadence, date, { evenEmpty, signal: options.signal });
    await preflight.pass(draft, "list", { force, onFindings });
    const published = await freeze(draft);
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
      ownTimes:
        scheduledFor &&
        ((timeZone, hour) => timesFrom(nextHour(timeZone, hour, scheduledFor), cadence)),
    });
  }

  /**
   * Sends one letter to each address, whoever they are; the list and its ledger stay as they are.
   * Throws LETTER_FAULTY unless forced.
   */
  async function sendTo(
    draft: Draft,
    addresses: readonly Address[],
    options: PreflightOptions = {},
  ): Promise<SingleResult[]> {
    if (leadEntries(draft).length === 0) throw nothingToSend(await whyEmpty(draft));
    await preflight.pass(draft, "single", options);
    const letter = await composer.set(draft);
    return sendSingly(addresses, (address) => composer.compose(draft, letter, address));
  }

  /** Sends a notice to one address; the list stays as it is. */
  async function sendNotice(notice: LetterNotice, address: Address): Promise<SingleResult[]> {
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
      lastRound,
      nextDue: nextDue(rules, dependencies.now(), lastRound?.period ?? null),
    };
  }

  return {
    gather,
    edition,
    publish,
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

function nothingToSend(why: string): PaperRoundError {
  return new PaperRoundError("NOTHING_TO_SEND", why);
}
