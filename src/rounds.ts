/**
 * Keeps the schedule: gathers, publishes and sends when a round is due, and records what became of
 * each round, so that a day without a letter is explained and never silent. Trouble is told to the
 * operator, once a round.
 */
import type { Archive, RoundRecord } from "./editions/archive.ts";
import { CADENCES, daysOf, periodOf } from "./editions/period.ts";
import { roundsDue, type Round, type ScheduleRules } from "./editions/schedule.ts";
import { PaperRoundError, reasonOf, type ErrorCode } from "./errors.ts";
import { counted } from "./io/plural.ts";
import type { Alerts } from "./mail/alerts.ts";
import type { Finding } from "./mail/checks/finding.ts";
import type { DeliverOptions } from "./mail/deliver.ts";
import type { EditionName } from "./mail/delivery.ts";
import type { Objection } from "./mail/manners.ts";
import type { Outbox } from "./mail/outbox.ts";
import type { Newsletter, SendReport } from "./newsletter.ts";
import type { Notice, Source } from "./papers/source.ts";
import type { CalendarDate } from "./papers/text.ts";

export interface RoundsDependencies {
  readonly newsletter: Newsletter;
  readonly archive: Archive;
  readonly outbox: Outbox;
  readonly alerts: Alerts;
  readonly rules: ScheduleRules;
  /** What becomes of a round without papers. */
  readonly whenEmpty: "skip" | "letter";
  /** The sources of the configuration, which every round gathers first. */
  readonly sources: readonly Source[];
  readonly now: () => Date;
}

export type Rounds = ReturnType<typeof openRounds>;

/** What one beat did. */
export interface Kept {
  readonly decided: readonly RoundRecord[];
  /** What stopped sending before everything was tried; all of it is still owed. */
  readonly fault: PaperRoundError | null;
  /** Letters of a run that ended in the middle, which may or may not have arrived. */
  readonly uncertain: number;
}

type Options = Omit<DeliverOptions, "edition">;
type Sent = Pick<SendReport, "delivery" | "recovered">;

interface Outcome {
  readonly outcome: RoundRecord["outcome"];
  readonly reason: string;
  /** Whether there should have been a letter. */
  readonly failed: boolean;
}

/** What the operator is to be told of. */
interface Trouble {
  readonly edition: EditionName;
  readonly fault: PaperRoundError;
}

/** While a round waits for papers, its sources are read again this often. */
const GATHER_EVERY_MS = 10 * 60_000;
/** Faults that last until somebody mends them. */
const LASTING: ReadonlySet<ErrorCode> = new Set(["SMTP_REFUSED", "SMTP_NOT_ENCRYPTED"]);
/** After one nothing is tried for a while: servers lock out who insists. */
const REST_MS = 15 * 60_000;

/** Returns the keeper of the schedule. */
export function openRounds(dependencies: RoundsDependencies) {
  const { newsletter, archive, outbox, alerts, rules, whenEmpty, sources, now } = dependencies;
  let gatheredAt = Number.NEGATIVE_INFINITY;
  let restUntil = Number.NEGATIVE_INFINITY;
  /** Why the last try of a round failed, for the record if it comes to nothing. */
  let trouble: string | null = null;
  /** What the operator has not been told of yet: the mail server may be the trouble. */
  let untold: Trouble | null = null;

  /** Does what is due at this minute. A fault of one part never keeps the others from their turn. */
  async function keep(notice: Notice, options: Options): Promise<Kept> {
    const resting = now().getTime() < restUntil;
    const decided: RoundRecord[] = [];
    const sent: Sent[] = [];
    for (const round of await allDue()) {
      if (resting && round.verdict === "due") continue;
      try {
        const outcome = await keepRound(round, notice, options, sent);
        if (outcome) decided.push(await record(round, outcome));
      } catch (fault) {
        trouble = reasonOf(fault);
        untold = { edition: nameOf(round), fault: failure(fault) };
        notice(`The round of ${round.period} failed and is tried again: ${trouble}.`);
      }
    }
    // Letters come due between rounds as well; a beat with nothing owed is quick.
    if (!resting) sent.push(await newsletter.deliverOwed(options));
    const fault = sent.map(({ delivery }) => delivery.fault).find((each) => each !== null) ?? null;
    if (fault && LASTING.has(fault.code)) restUntil = now().getTime() + REST_MS;
    const objection = sent.flatMap(({ delivery }) => delivery.objections)[0];
    const obstacle = fault ?? (objection ? held(objection) : null);
    if (obstacle) untold = { edition: await latestRound(), fault: obstacle };
    // After a refused login the server is left in peace.
    if (now().getTime() >= restUntil) await tellOperator(notice);
    const uncertain = sent.reduce((sum, { recovered }) => sum + recovered.uncertain, 0);
    return { decided, fault, uncertain };
  }

  /** A week or a month that nobody reads has no round; a day without readers is worth a word. */
  async function allDue(): Promise<Round[]> {
    const rounds: Round[] = [];
    for (const cadence of CADENCES) {
      const last = await archive.lastRound(cadence);
      const due = roundsDue(rules, now(), last?.period ?? null, cadence);
      const isRead = cadence === "daily" || (due.length > 0 && (await newsletter.isRead(cadence)));
      if (isRead) rounds.push(...due);
    }
    return rounds;
  }

  async function record(round: Round, { outcome, reason, failed }: Outcome): Promise<RoundRecord> {
    const decidedAt = now().toISOString();
    const entry = { ...nameOf(round), outcome, reason, decidedAt };
    await archive.recordRound(entry);
    if (failed) untold = { edition: nameOf(round), fault: failure(reason) };
    trouble = null;
    return entry;
  }

  /** Tells of what went wrong last; what can't be told now is for another beat. */
  async function tellOperator(notice: Notice): Promise<void> {
    if (!untold) return;
    const { edition, fault } = untold;
    try {
      const outcome = await alerts.raise(edition, fault);
      if (outcome?.state === "untried" || outcome?.state === "deferred") return;
      if (outcome) notice(`The operator's letter about ${edition.period}: ${outcome.state}.`);
      untold = null;
    } catch (error) {
      notice(`The operator could not be told: ${reasonOf(error)}.`);
    }
  }

  async function latestRound(): Promise<EditionName> {
    const last = await archive.lastRound("daily");
    return { cadence: "daily", period: last?.period ?? periodOf("daily", newsletter.today()) };
  }

  /** Returns what became of a round and why, or null while it may still wait for papers. */
  async function keepRound(
    round: Round,
    notice: Notice,
    options: Options,
    sent: Sent[],
  ): Promise<Outcome | null> {
    if (round.verdict === "late") return lateOutcome(round, options, sent);
    await gather(notice);
    const draft = await newsletter.edition(round.cadence, dateOf(round));
    if (draft.entries.length === 0) return null;
    const report = await newsletter.send(round.cadence, dateOf(round), {
      ...options,
      scheduledFor: round.dueAt,
      onFindings: (findings) => sayWarnings(findings, notice),
    });
    sent.push(report);
    return published(report.addressed.recipients);
  }

  /** Gathers from every source; one that fails is named, and the others go on. */
  async function gather(notice: Notice): Promise<void> {
    if (now().getTime() - gatheredAt < GATHER_EVERY_MS) return;
    gatheredAt = now().getTime();
    for (const source of sources) {
      try {
        await newsletter.gather([source], notice);
      } catch (fault) {
        trouble = `source ${source.name}: ${reasonOf(fault)}`;
        notice(`Nothing was gathered from ${trouble}.`);
      }
    }
  }

  /** Says why a round that is past its time came to nothing, or that it did not. */
  async function lateOutcome(round: Round, options: Options, sent: Sent[]): Promise<Outcome> {
    const { cadence, period, dueAt } = round;
    const date = dateOf(round);
    const counts = await outbox.counts(nameOf(round));
    const deliveries = Object.values(counts).reduce((sum, count) => sum + count, 0);
    if (deliveries > 0) return published(deliveries);
    const because = trouble ? ` The last trouble was: ${trouble}.` : "";
    const failed = trouble !== null;
    const draft = await newsletter.edition(cadence, date);
    if (draft.entries.length > 0) {
      const late = `It was due at ${dueAt.toISOString()} and is more than ${rules.latestHours} hours late.`;
      const which = cadence === "daily" ? "" : ` --cadence ${cadence}`;
      const remedy = `Send it with: paperround send${which} --date ${date}`;
      return { outcome: "skipped", reason: `${late}${because} ${remedy}`, failed: true };
    }
    // Where a source was out of reach, nobody knows that there were no papers.
    if (whenEmpty === "letter" && !failed && period === newsletter.today()) {
      const report = await newsletter.send(cadence, date, { ...options, evenEmpty: true });
      sent.push(report);
      return published(report.addressed.recipients, "No papers, which the letter says. ");
    }
    return { outcome: "skipped", reason: (await newsletter.whyEmpty(draft)) + because, failed };
  }

  return { keep };
}

function nameOf({ cadence, period }: Round): EditionName {
  return { cadence, period };
}

/** Returns a date of the round's period. */
function dateOf({ cadence, period }: Round): CalendarDate {
  return daysOf(cadence, period).last;
}

/** Errors end the round, which says them. */
function sayWarnings(findings: readonly Finding[], notice: Notice): void {
  for (const { level, message } of findings)
    if (level === "warning") notice(`The letter: ${message}`);
}

function published(recipients: number, what = ""): Outcome {
  const reason = `${what}Addressed to ${counted(recipients, "recipient")}.`;
  return { outcome: "published", reason, failed: false };
}

/** Returns a fault of ours as it is, and anything else as that of the round. */
function failure(cause: unknown): PaperRoundError {
  if (cause instanceof PaperRoundError) return cause;
  return new PaperRoundError("ROUND_FAILED", `${reasonOf(cause)}.`, { cause });
}

function held({ domain, refused, tried, reply }: Objection): PaperRoundError {
  const letters = `${refused} of ${tried} letters to ${domain} were refused alike`;
  const message = `${letters}, so the others are held back. The server said: ${reply}`;
  const remedy = `Look into it, then: paperround outbox resume --domain ${domain}`;
  return new PaperRoundError("PROVIDER_HELD", message, { remedy });
}
