/**
 * Keeps the schedule: gathers, publishes and sends when a round is due, and records what became of
 * each round, so that a day without a letter is explained and never silent.
 */
import type { Archive, RoundRecord } from "./editions/archive.ts";
import { roundsDue, type Round, type ScheduleRules } from "./editions/schedule.ts";
import { reasonOf, type ErrorCode, type PaperRoundError } from "./errors.ts";
import { counted } from "./io/plural.ts";
import type { DeliverOptions } from "./mail/deliver.ts";
import type { Outbox } from "./mail/outbox.ts";
import type { EditionName } from "./mail/delivery.ts";
import type { Newsletter, SendReport } from "./newsletter.ts";
import type { Notice, Source } from "./papers/source.ts";

export interface RoundsDependencies {
  readonly newsletter: Newsletter;
  readonly archive: Archive;
  readonly outbox: Outbox;
  readonly rules: ScheduleRules;
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
type Outcome = [RoundRecord["outcome"], string];

/** While a round waits for papers, its sources are read again this often. */
const GATHER_EVERY_MS = 10 * 60_000;
/** Faults that last until somebody mends them. */
const LASTING: ReadonlySet<ErrorCode> = new Set(["SMTP_REFUSED", "SMTP_NOT_ENCRYPTED"]);
/** After one nothing is tried for a while: servers lock out who insists. */
const REST_MS = 15 * 60_000;

/** Returns the keeper of the schedule. */
export function openRounds(dependencies: RoundsDependencies) {
  const { newsletter, archive, outbox, rules, sources, now } = dependencies;
  let gatheredAt = Number.NEGATIVE_INFINITY;
  let restUntil = Number.NEGATIVE_INFINITY;
  /** Why the last try of a round failed, for the record if it comes to nothing. */
  let trouble: string | null = null;

  /** Does what is due at this minute. A fault of one part never keeps the others from their turn. */
  async function keep(notice: Notice, options: Options): Promise<Kept> {
    const resting = now().getTime() < restUntil;
    const decided: RoundRecord[] = [];
    const sent: Pick<SendReport, "delivery" | "recovered">[] = [];
    const last = await archive.lastRound("daily");
    for (const round of roundsDue(rules, now(), last?.period ?? null)) {
      if (resting && round.verdict === "due") continue;
      try {
        const outcome = await keepRound(round, notice, options, sent);
        if (outcome) decided.push(await record(round, outcome));
      } catch (fault) {
        trouble = reasonOf(fault);
        notice(`The round of ${round.period} failed and is tried again: ${trouble}.`);
      }
    }
    // Letters come due between rounds as well; a beat with nothing owed is quick.
    if (!resting) sent.push(await newsletter.deliverOwed(options));
    const fault = sent.map(({ delivery }) => delivery.fault).find((each) => each !== null) ?? null;
    if (fault && LASTING.has(fault.code)) restUntil = now().getTime() + REST_MS;
    const uncertain = sent.reduce((sum, { recovered }) => sum + recovered.uncertain, 0);
    return { decided, fault, uncertain };
  }

  async function record(round: Round, [outcome, reason]: Outcome): Promise<RoundRecord> {
    const decidedAt = now().toISOString();
    const entry = { cadence: "daily", period: round.period, outcome, reason, decidedAt } as const;
    await archive.recordRound(entry);
    trouble = null;
    return entry;
  }

  /** Returns what became of a round and why, or null while it may still wait for papers. */
  async function keepRound(
    round: Round,
    notice: Notice,
    options: Options,
    sent: Pick<SendReport, "delivery" | "recovered">[],
  ): Promise<Outcome | null> {
    const name: EditionName = { cadence: "daily", period: round.period };
    if (round.verdict === "late") return lateOutcome(name, round);
    await gather(notice);
    const draft = await newsletter.edition("daily", round.period);
    if (draft.entries.length === 0) return null;
    const report = await newsletter.send("daily", round.period, options);
    sent.push(report);
    return ["published", `Addressed to ${counted(report.addressed.recipients, "recipient")}.`];
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
  async function lateOutcome(name: EditionName, { dueAt }: Round): Promise<Outcome> {
    const counts = await outbox.counts(name);
    const deliveries = Object.values(counts).reduce((sum, count) => sum + count, 0);
    if (deliveries > 0) return ["published", `Addressed to ${counted(deliveries, "recipient")}.`];
    const because = trouble ? ` The last trouble was: ${trouble}.` : "";
    const draft = await newsletter.edition("daily", name.period);
    if (draft.entries.length === 0)
      return ["skipped", (await newsletter.whyEmpty(draft)) + because];
    const late = `It was due at ${dueAt.toISOString()} and is more than ${rules.latestHours} hours late.`;
    return ["skipped", `${late}${because} Send it with: paperround send --date ${name.period}`];
  }

  return { keep };
}
