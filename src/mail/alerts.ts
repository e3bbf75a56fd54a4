/**
 * Trouble with the schedule, and the letters that tell the operator of it. Sole owner of the table
 * `alerts`, a small outbox: trouble is written down when it arises, each kind of it once for an edition,
 * and its letter is tried until a server has taken or refused it. So neither a restart nor a mail server
 * that is away loses one, and nobody is told twice.
 */
import { sql, type Kysely, type Selectable } from "kysely";
import { PaperRoundError, reasonOf, type ErrorCode } from "../errors.ts";
import type { Say } from "../papers/source.ts";
import type { Address } from "../subscribers/address.ts";
import type { Composer } from "./composer.ts";
import type { EditionName } from "./delivery.ts";
import { alert } from "./notices.ts";
import type { Masthead } from "./letter.ts";
import type { Message } from "./message.ts";
import type { OutboxTables } from "./outbox-tables.ts";
import type { Outcome } from "./outcome.ts";
import type { SingleLetters } from "./transport.ts";

export interface AlertsDependencies {
  readonly db: Kysely<OutboxTables>;
  /** Whom to tell; null tells nobody. */
  readonly to: Address | null;
  readonly isSuppressed: (address: Address) => Promise<boolean>;
  readonly masthead: Masthead;
  readonly composer: Pick<Composer, "composeNotice">;
  readonly openSingle: () => SingleLetters;
  readonly now: () => Date;
}

/** What the operator is to be told of. */
export interface Trouble {
  readonly edition: EditionName;
  readonly fault: PaperRoundError;
  /** What one thing it is about, if any: that is told once, whatever edition comes upon it next. */
  readonly about?: string;
}

export interface Alerts {
  /** Writes trouble down, unless its edition is known to have it. */
  note(trouble: Trouble): Promise<void>;
  /** Tries the letters whose time has come, and says what came of each. */
  tell(say: Say): Promise<void>;
}

type Alert = Selectable<OutboxTables["alerts"]>;
type Attempt = Outcome | { readonly state: "suppressed" };

/** Servers lock out who insists: each pause is twice the one before. */
const PAUSE_FIRST_MS = 5 * 60_000;
const PAUSE_MAX_MS = 4 * 3_600_000;
/** A letter that has been tried for so long is no news any more. */
const GIVEN_UP_MS = 24 * 3_600_000;
/** What is left over is for the next minute. */
const LETTERS_MAX = 10;

/** Returns the way to the operator. */
export function openAlerts(dependencies: AlertsDependencies): Alerts {
  const { db, to, isSuppressed, masthead, composer, openSingle, now } = dependencies;

  async function note({ edition, fault, about }: Trouble): Promise<void> {
    if (!to) return;
    const { code, message, remedy } = fault;
    const what = about === undefined ? code : `${code} ${about}`;
    if (about !== undefined && (await isKnown(what))) return;
    const since = now().toISOString();
    const { cadence, period } = edition;
    await db
      .insertInto("alerts")
      .values({ cadence, period, what, code, message, remedy, since, next_try_at: since })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async function isKnown(what: string): Promise<boolean> {
    const row = await db
      .selectFrom("alerts")
      .select("key")
      .where("what", "=", what)
      .executeTakeFirst();
    return row !== undefined;
  }

  async function tell(say: Say): Promise<void> {
    const rows = to ? await due() : [];
    if (!to || rows.length === 0) return;
    const way = openSingle();
    let down: Attempt | null = null;
    try {
      for (const row of rows) {
        if (!(await claim(row))) continue;
        // A server that can't be reached for one can't be for the next either.
        const attempt: Attempt = down ?? (await send(row, to, way));
        if (attempt.state === "untried") down = attempt;
        say(`The operator's letter about ${nameOf(row)}: ${await settle(row, attempt)}.`);
      }
    } finally {
      way.close();
    }
  }

  function due(): Promise<Alert[]> {
    return db
      .selectFrom("alerts")
      .selectAll()
      .where("settled_at", "is", null)
      .where("next_try_at", "<=", now().toISOString())
      .orderBy("key")
      .limit(LETTERS_MAX)
      .execute();
  }

  /**
   * Returns whether the letter is ours to try. Its next time is written down first, so that another
   * program leaves it alone, and so that a crash brings it again: twice is better than never.
   */
  async function claim({ key, attempts, next_try_at: since }: Alert): Promise<boolean> {
    const pause = Math.min(PAUSE_FIRST_MS * 2 ** attempts, PAUSE_MAX_MS);
    const result = await db
      .updateTable("alerts")
      .set({
        attempts: sql`attempts + 1`,
        next_try_at: new Date(now().getTime() + pause).toISOString(),
      })
      .where("key", "=", key)
      .where("settled_at", "is", null)
      .where("next_try_at", "=", since)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  }

  async function send(row: Alert, address: Address, way: SingleLetters): Promise<Attempt> {
    if (await isSuppressed(address)) return { state: "suppressed" };
    return way.send(await compose(row, address));
  }

  async function compose(row: Alert, address: Address): Promise<Message> {
    const { code, message, remedy, since } = row;
    const fault = new PaperRoundError(code as ErrorCode, message, { remedy });
    const notice = alert({ edition: editionOf(row), fault, at: new Date(since) }, masthead);
    try {
      return await composer.composeNotice(notice, address);
    } catch (thrown) {
      // The trouble may be the very template that this letter would be set with.
      if (!(thrown instanceof PaperRoundError) || thrown.code !== "TEMPLATE_BROKEN") throw thrown;
      return composer.composeNotice(notice, address, "plain");
    }
  }

  /** Writes down what came of a letter, and returns it in words. */
  async function settle(row: Alert, attempt: Attempt): Promise<string> {
    const { state } = attempt;
    const isForLater = state === "untried" || state === "deferred";
    const at = now();
    if (isForLater && at.getTime() - Date.parse(row.since) < GIVEN_UP_MS) {
      return `${state}, and is tried again (${saidOf(attempt)})`;
    }
    await db
      .updateTable("alerts")
      .set({ settled_at: at.toISOString(), outcome: isForLater ? "given up" : state })
      .where("key", "=", row.key)
      .execute();
    if (isForLater) return `given up (${saidOf(attempt)})`;
    return state === "rejected" ? `rejected (${saidOf(attempt)})` : state;
  }

  return { note, tell };
}

function editionOf({ cadence, period }: Alert): EditionName {
  return { cadence, period } as EditionName;
}

function nameOf({ cadence, period, code }: Alert): string {
  return `${cadence} ${period} (${code})`;
}

function saidOf(attempt: Attempt): string {
  if (attempt.state === "suppressed") return attempt.state;
  return reasonOf(attempt.state === "untried" ? attempt.fault : new Error(attempt.reply.text));
}
