/**
 * Letters to the operator about trouble with a round of the schedule. Sole owner of the table `alerts`,
 * which holds the rounds that the operator knows of: there is one letter about each at most, however
 * often the trouble comes back or the program is started.
 */
import type { Kysely } from "kysely";
import type { PaperRoundError } from "../errors.ts";
import type { Address } from "../subscribers/address.ts";
import type { Composer } from "./composer.ts";
import type { EditionName } from "./delivery.ts";
import { alert } from "./notices.ts";
import type { Masthead } from "./letter.ts";
import type { OutboxTables } from "./outbox-tables.ts";
import type { Outcome } from "./outcome.ts";
import type { SingleLetters } from "./transport.ts";

export interface AlertsDependencies {
  readonly db: Kysely<OutboxTables>;
  /** Whom to tell; null tells nobody. */
  readonly to: Address | null;
  readonly masthead: Masthead;
  readonly composer: Pick<Composer, "composeNotice">;
  readonly openSingle: () => SingleLetters;
  readonly now: () => Date;
}

export interface Alerts {
  /**
   * Tells the operator of a round's trouble, unless it was told of before. Returns what came of the
   * letter, or null where there was none to send.
   */
  raise(edition: EditionName, fault: PaperRoundError): Promise<Outcome | null>;
}

/** Returns the way to the operator. */
export function openAlerts(dependencies: AlertsDependencies): Alerts {
  const { db, to, masthead, composer, openSingle, now } = dependencies;

  /** Returns whether this round's letter is ours to send. */
  async function claim({ cadence, period }: EditionName): Promise<boolean> {
    const result = await db
      .insertInto("alerts")
      .values({ cadence, period, at: now().toISOString() })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }

  async function giveBack({ cadence, period }: EditionName): Promise<void> {
    await db
      .deleteFrom("alerts")
      .where("cadence", "=", cadence)
      .where("period", "=", period)
      .execute();
  }

  async function send(edition: EditionName, fault: PaperRoundError, address: Address) {
    const notice = alert({ edition, fault, at: now() }, masthead);
    const message = await composer.composeNotice(notice, address);
    const way = openSingle();
    try {
      return await way.send(message);
    } finally {
      way.close();
    }
  }

  return {
    raise: async (edition, fault) => {
      if (!to || !(await claim(edition))) return null;
      let outcome: Outcome | null = null;
      try {
        outcome = await send(edition, fault, to);
        return outcome;
      } finally {
        // What may have arrived is not sent again; what did not leave is for another time.
        const isDone = outcome?.state === "accepted" || outcome?.state === "uncertain";
        if (!isDone) await giveBack(edition);
      }
    },
  };
}
