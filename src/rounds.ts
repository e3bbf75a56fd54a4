/**
 * Keeps the schedule: gathers, publishes and sends when a round is due, and records what became of
 * each round, so that a day without a letter is explained and never silent. Trouble is told to the
 * operator.
 */
import type { Archive, RoundRecord } from "./editions/archive.ts";
import { CADENCES, daysOf, periodOf, type Period } from "./editions/period.ts";
import { roundsDue, type Round, type ScheduleRules } from "./editions/schedule.ts";
import { PaperRoundError, reasonOf, type ErrorCode } from "./errors.ts";
import { counted } from "./io/plural.ts";
import type { Alerts, Trouble } from "./mail/alerts.ts";
import type { Finding } from "./mail/checks/finding.ts";
import type { DeliverOptions } from "./mail/deliver.ts";
import type { EditionName } from "./mail/delivery.ts";
import { PAUSED, type Hold } from "./mail/holds.ts";
import type { Outbox } from "./mail/outbox.ts";
import type { Newsletter, SendReport } from "./newsletter.ts";
import type { Say, Source } from "./papers/source.ts";
import type { CalendarDate } from "./papers/text.ts";
import { openWatch } from "./rounds/watch.ts";

export interface RoundsDependencies {
  readonly newsletter: Newsletter;
  readonly archive: Archive;
  readonly outbox: Outbox;
  readonly alerts: Alerts;
  readonly rules: ScheduleRules;
  /** What becomes of a quiet round. */
  readonly whenEmpty: "skip" | "letter" | "widen";
  /** The sources of the configuration, which every round gathers first. */
  readonly sources: readonly Source[];
  /** How often they are read beside the rounds, in milliseconds; 0: never. */
  readonly gatherEveryMs: number;
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
/** What was sent: of one edition, or of all that is owed. */
type Sent = Pick<SendReport, "delivery" | "recovered"> & { readonly edition: EditionName | null };

interface Outcome {
  readonly outcome: RoundRecord["outcome"];
  readonly reason: string;
  /** Whether there should have been a letter. */
  readonly failed: boolean;
}

/** What the parts of one beat share. */
interface Beat {
  readonly say: Say;
  readonly options: Options;
  readonly sent: Sent[];
}

/** No trouble: there is nobody to be disappointed. */
const NOBODY: Outcome = {
  outcome: "skipped",
  reason: "Nobody takes the daily letter.",
  failed: false,
};
/** Faults that last until somebody mends them. */
const LASTING: ReadonlySet<ErrorCode> = new Set(["SMTP_REFUSED", "SMTP_NOT_ENCRYPTED"]);
/** After one nothing is tried for a while: servers lock out who insists. */
const REST_MS = 15 * 60_000;

/** Returns the keeper of the schedule. */
export function openRounds(dependencies: RoundsDependencies) {
  const { newsletter, archive, outbox, alerts, rules, whenEmpty, now } = dependencies;
  let restUntil = Number.NEGATIVE_INFINITY;
  const { gather } = newsletter;
  const watch = openWatch({ ...dependencies, gather });
  /** Why the last try of a round failed, by its period, for the record if it comes to nothing. */
  const roundTrouble = new Map<Period, string>();

  /** Does what is due at this minute. A fault of one part never keeps the others from their turn. */
  async function keep(say: Say, options: Options): Promise<Kept> {
    const resting = now().getTime() < restUntil;
    const sent: Sent[] = [];
    try {
      const decided = await keepRounds(resting, { say, options, sent });
      // Letters come due between rounds as well; a beat with nothing owed is quick.
      if (!resting) sent.push(await deliverOwed(options, say));
      const failed = sent.find(({ delivery }) => delivery.fault !== null);
      const fault = failed?.delivery.fault ?? null;
      if (fault && LASTING.has(fault.code)) restUntil = now().getTime() + REST_MS;
      if (fault) await note({ edition: failed?.edition ?? (await waiting()), fault }, say);
      await noteHolds(sent, say);
      const uncertain = sent.reduce((sum, { recovered }) => sum + recovered.uncertain, 0);
      return { decided, fault, uncertain };
    } finally {
      // After a refused login the server is left in peace.
      if (now().getTime() >= restUntil) await tell(say);
    }
  }

  async function keepRounds(resting: boolean, beat: Beat): Promise<RoundRecord[]> {
    const decided: RoundRecord[] = [];
    for (const round of await allDue()) {
      if (resting && round.verdict === "due") continue;
      try {
        const outcome = await keepRound(round, beat);
        if (outcome) decided.push(await record(round, outcome));
      } catch (fault) {
        // Whoever stops the program need not be told.
        if (isInterrupted(fault)) break;
        const trouble = reasonOf(fault);
        roundTrouble.set(round.period, trouble);
        beat.say(`The round of ${round.period} failed and is tried again: ${trouble}.`);
        await note({ edition: nameOf(round), fault: failure(fault) }, beat.say);
      }
    }
    return decided;
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
    // First, since what is recorded is not looked at again: a crash in between must not lose the trouble.
    if (failed) await alerts.note({ edition: nameOf(round), fault: failure(reason) });
    await archive.recordRound(entry);
    roundTrouble.delete(round.period);
    return entry;
  }

  async function deliverOwed(options: Options, say: Say): Promise<Sent> {
    try {
      return { ...(await newsletter.deliverOwed(options)), edition: null };
    } catch (fault) {
      await note({ edition: await waiting(), fault: failure(fault) }, say);
      throw fault;
    }
  }

  /** Has the operator told of a hold that nobody asked for, whoever's send came upon it. */
  async function noteHolds(sent: readonly Sent[], say: Say): Promise<void> {
    const objections = sent.flatMap(({ delivery }) => delivery.objections);
    for (const { hold, editions } of await newsletter.held()) {
      if (hold.why === PAUSED) continue;
      if (hold.kind === "edition") {
        await note({ edition: hold.edition, fault: faulty(hold) }, say);
        continue;
      }
      const { domain, since } = hold;
      const objected = objections.find((each) => each.domain === domain);
      const edition = objected?.edition ?? editions[0] ?? (await waiting());
      await note({ edition, fault: held(domain, hold), about: `${domain} ${since}` }, say);
    }
  }

  /** Returns an edition whose letters wait; that of the last round, if it is one or there is none. */
  async function waiting(): Promise<EditionName> {
    const last = await archive.lastRound("daily");
    const period = last?.period ?? periodOf("daily", newsletter.today());
    const editions = await outbox.countWaiting();
    const isLatest = (each: EditionName) => each.cadence === "daily" && each.period === period;
    const [other] = editions;
    return !other || editions.some(isLatest) ? { cadence: "daily", period } : other;
  }

  /** A ledger that can't be written keeps nothing else from its turn. */
  function note(trouble: Trouble, say: Say): Promise<void> {
    return alerts.note(trouble).catch((error: unknown) => {
      say(`The trouble could not be written down: ${reasonOf(error)}.`);
    });
  }

  function tell(say: Say): Promise<void> {
    return alerts.tell(say).catch((error: unknown) => {
      say(`The operator could not be told: ${reasonOf(error)}.`);
    });
  }

  /** Returns what became of a round and why, or null while it may still wait for papers. */
  async function keepRound(round: Round, beat: Beat): Promise<Outcome | null> {
    if (round.verdict === "late") return lateOutcome(round, beat);
    await watch.gatherForRound(beat.say, beat.options.signal);
    const draft = await newsletter.edition(round.cadence, dateOf(round));
    if (!newsletter.isQuiet(draft)) return send(round, beat);
    // Whatever kept it from its papers is over: it waits for them.
    roundTrouble.delete(round.period);
    return null;
  }

  async function send(
    round: Round,
    { say, options, sent }: Beat,
    quiet: { readonly widened?: true; readonly evenEmpty?: true; readonly why?: string } = {},
  ): Promise<Outcome> {
    if ((await deliveriesOf(round)) === 0 && !(await newsletter.isRead(round.cadence)))
      return NOBODY;
    const report = await newsletter.send(round.cadence, dateOf(round), {
      ...options,
      widened: quiet.widened,
      evenEmpty: quiet.evenEmpty,
      scheduledFor: round.dueAt,
      onFindings: (findings) => sayWarnings(findings, say),
    });
    sent.push(report);
    const missing = watch.missing();
    if (missing !== null) await note({ edition: nameOf(round), fault: incomplete(missing) }, say);
    return published(report.addressed.recipients, quiet.why, missing);
  }

  async function deliveriesOf(round: Round): Promise<number> {
    const counts = await outbox.counts(nameOf(round));
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  }

  /** Says why a round that is past its time came to nothing, or that it did not. */
  async function lateOutcome(round: Round, beat: Beat): Promise<Outcome> {
    const { cadence, period, dueAt, isLatest } = round;
    const date = dateOf(round);
    const deliveries = await deliveriesOf(round);
    if (deliveries > 0) return published(deliveries);
    const trouble = troubleOf(period);
    const failed = trouble !== null;
    const because = failed ? ` The last trouble was: ${trouble}.` : "";
    const draft = await newsletter.edition(cadence, date);
    if (!newsletter.isQuiet(draft)) {
      if (!(await newsletter.isRead(cadence))) return NOBODY;
      const late = `It was due at ${dueAt.toISOString()} and is more than ${rules.latestHours} hours late.`;
      const which = cadence === "daily" ? "" : ` --cadence ${cadence}`;
      const remedy = `Send it with: paperround send${which} --date ${date}`;
      return { outcome: "skipped", reason: `${late}${because} ${remedy}`, failed: true };
    }
    const expected = cadence === "daily" ? watch.whyEmpty(date) : "";
    const why = (await newsletter.whyEmpty(draft)) + expected;
    // Where a source was out of reach, nobody knows that there were no papers; and once the next round
    // is due, a letter for want of papers is no news.
    if (!failed && isLatest) {
      const sent = await sendQuiet(round, beat, why);
      if (sent) return sent;
    }
    return { outcome: "skipped", reason: why + because, failed };
  }

  /** Sends what the operator wants sent of a quiet round, or returns null. */
  async function sendQuiet(round: Round, beat: Beat, why: string): Promise<Outcome | null> {
    switch (whenEmpty) {
      case "skip":
        return null;
      case "letter":
        return send(round, beat, { evenEmpty: true, why: `${why} The letter says so. ` });
      case "widen": {
        const wide = await newsletter.edition(round.cadence, dateOf(round), { widened: true });
        if (newsletter.isQuiet(wide)) return null;
        return send(round, beat, {
          widened: true,
          why: `${why} It holds the best of the days before instead. `,
        });
      }
    }
  }

  function troubleOf(period: Period): string | null {
    const own = roundTrouble.get(period) ?? null;
    const all = [watch.missing(), own].filter((each) => each !== null);
    return all.length > 0 ? all.join("; ") : null;
  }

  return { keep, attend: watch.attend };
}

function nameOf({ cadence, period }: Round): EditionName {
  return { cadence, period };
}

/** Returns a date of the round's period. */
function dateOf({ cadence, period }: Round): CalendarDate {
  return daysOf(cadence, period).last;
}

/** Errors end the round, which says them. */
function sayWarnings(findings: readonly Finding[], say: Say): void {
  for (const { level, message } of findings) if (level === "warning") say(`The letter: ${message}`);
}

/** The edition went out all the same, from what was there. */
function incomplete(missing: string): PaperRoundError {
  const message = `The edition went out without all of its papers. Missing: ${missing}.`;
  return new PaperRoundError("SOURCE_MISSING", message);
}

function published(recipients: number, what = "", missing: string | null = null): Outcome {
  const without = missing === null ? "" : ` Missing: ${missing}.`;
  const reason = `${what}Addressed to ${counted(recipients, "recipient")}.${without}`;
  return { outcome: "published", reason, failed: false };
}

function isInterrupted(fault: unknown): boolean {
  return fault instanceof PaperRoundError && fault.code === "INTERRUPTED";
}

/** Returns a fault of ours as it is, and anything else as that of the round. */
function failure(cause: unknown): PaperRoundError {
  if (cause instanceof PaperRoundError) return cause;
  return new PaperRoundError("ROUND_FAILED", `${reasonOf(cause)}.`, { cause });
}

/** An edition that was published is held back for one reason: the look at its letter found errors. */
function faulty({ why }: Hold): PaperRoundError {
  const message = `Its letters that are owed are held back. ${why}`;
  const remedy = "Correct it, or let it go as it is: `paperround status` shows the command.";
  return new PaperRoundError("LETTER_FAULTY", message, { remedy });
}

function held(domain: string, { why }: Hold): PaperRoundError {
  const message = `The letters to ${domain} are held back: ${why}.`;
  const remedy = `Look into it, then: paperround outbox resume --domain ${domain}`;
  return new PaperRoundError("PROVIDER_HELD", message, { remedy });
}
