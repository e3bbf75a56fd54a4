/**
 * Keeps the schedule: gathers, publishes and sends when a round is due, and records what became of
 * each round, so that a day without a letter is explained and never silent.
 */
import type { Archive, RoundRecord } from "./editions/archive.ts";
import { roundsDue, type Round, type ScheduleRules } from "./editions/schedule.ts";
import type { DeliverOptions } from "./mail/delivery.ts";
import type { EditionName, Outbox } from "./mail/outbox.ts";
import type { Newsletter } from "./newsletter.ts";
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

type Options = Omit<DeliverOptions, "edition">;

/** Returns the keeper of the schedule. */
export function openRounds(house: RoundsDependencies) {
  const { newsletter, archive, outbox, rules, sources, now } = house;

  /** Does what is due at this minute, and returns the rounds that it decided. */
  async function keep(notice: Notice, options: Options): Promise<RoundRecord[]> {
    const last = await archive.lastRound("daily");
    const decided: RoundRecord[] = [];
    for (const round of roundsDue(rules, now(), last?.period ?? null)) {
      const outcome = await keepRound(round, notice, options);
      if (!outcome) continue;
      const [state, reason] = outcome;
      const record: RoundRecord = {
        cadence: "daily",
        period: round.period,
        outcome: state,
        reason,
        decidedAt: now().toISOString(),
      };
      await archive.recordRound(record);
      decided.push(record);
    }
    // Letters come due between rounds as well; a beat with nothing owed is quick.
    await newsletter.deliverOwed(options);
    return decided;
  }

  /** Returns what became of a round and why, or null while it may still wait for papers. */
  async function keepRound(
    round: Round,
    notice: Notice,
    options: Options,
  ): Promise<[RoundRecord["outcome"], string] | null> {
    if (round.verdict === "late")
      return lateOutcome({ cadence: "daily", period: round.period }, round);
    await newsletter.gather(sources, notice);
    const draft = await newsletter.edition("daily", round.period);
    if (draft.entries.length === 0) {
      return now() < round.until ? null : ["skipped", await newsletter.whyEmpty(draft)];
    }
    const { addressed } = await newsletter.send("daily", round.period, options);
    return ["published", `Addressed to ${addressed.recipients} recipients.`];
  }

  /** A late round is not sent any more, unless that was done by hand. */
  async function lateOutcome(
    name: EditionName,
    { dueAt }: Round,
  ): Promise<[RoundRecord["outcome"], string]> {
    const counts = await outbox.counts(name);
    if (Object.values(counts).some((deliveries) => deliveries > 0))
      return ["published", "Sent by hand."];
    const due = `It was due at ${dueAt.toISOString()} and is more than ${rules.latestHours} hours late.`;
    return ["skipped", `${due} Send it with: paperround send --date ${name.period}`];
  }

  return { keep };
}
