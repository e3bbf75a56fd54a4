/**
 * Works through what is owed: claim, last look and mark in one, bytes, reply, outcome. Never sent
 * twice by us, never silently skipped: every delivery that is claimed here is settled, given back, or
 * found by `recover` after a crash.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { PaperRoundError } from "../errors.ts";
import type { Recipient } from "../subscribers/subscriber.ts";
import type { EditionName, Settlement } from "./delivery.ts";
import type { Holds } from "./holds.ts";
import { isShort, type Limits, type Span } from "./limits.ts";
import { openManners, type Manners, type Objection } from "./manners.ts";
import type { Outbox } from "./outbox.ts";
import type { Reply, Settled } from "./outcome.ts";
import type { Providers } from "./providers.ts";
import { openStock, type Filled, type LetterMaker, type Ready, type Stock } from "./stock.ts";
import type { Letter, Supply, Transport } from "./transport.ts";

export interface DeliveryDependencies {
  readonly outbox: Outbox;
  readonly holds: Holds;
  readonly transport: Transport;
  readonly limits: Limits;
  readonly providers: Providers;
  /** Returns what makes the letters of an edition; sets and encodes it the first time. */
  readonly lettersOf: (edition: EditionName, reader: Recipient) => Promise<LetterMaker>;
  readonly now: () => Date;
  /** Milliseconds on a clock that nobody sets. */
  readonly clock: () => number;
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

export interface DeliverOptions {
  /** Deliver this edition only; null delivers whatever is due. */
  readonly edition: EditionName | null;
  /** When aborted, what is in flight is finished and the rest stays due. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Stay until everything that is owed is settled or held: for what is deferred, for limits, and for
   * a server that is out of reach.
   */
  readonly wait?: boolean | undefined;
  readonly onSettled?: ((state: Settlement["state"]) => void) | undefined;
  /** Told what the run waits for; the same again and again while it does. */
  readonly onWaiting?: ((wait: Wait) => void) | undefined;
}

/** What a run waits for. */
export type Wait =
  | { readonly for: "limit"; readonly span: Span }
  /** A letter in so many milliseconds may go to it; 0 when its answers are slow. */
  | { readonly for: "provider"; readonly provider: string; readonly interval: number }
  | { readonly for: "deferred"; readonly until: string }
  | { readonly for: "server"; readonly fault: PaperRoundError };

export interface DeliveryReport {
  /** How many deliveries this run settled, by state. */
  readonly settled: Readonly<Partial<Record<Settlement["state"], number>>>;
  /** What stopped the run before everything was tried, or null. */
  readonly fault: PaperRoundError | null;
  /** The limit that ended the run with letters still due, or null. */
  readonly spent: Span | null;
  /** Providers whose letters this run held back because they kept refusing them alike. */
  readonly objections: readonly Objected[];
}

/** An objection, and the edition whose letter brought it about. */
export type Objected = Objection & { readonly edition: EditionName };

/** RFC 5321 section 4.5.4.1 asks for half an hour between tries; greylisting ends sooner. */
const BACKOFF_FIRST_MS = 5 * 60_000;
const BACKOFF_GROWTH = 1.3;
/** A server's own word on when to come back is followed up to here. */
const HINT_MAX_MS = 4 * 3_600_000;
/** How often a run looks again that waits for a provider or a brief limit, or for a limit of hours. */
const HELD_BACK_PAUSE_MS = 50;
const LIMIT_PAUSE_MS = 2000;
/** How long a run sleeps that waits for deferred letters, at least and at most. */
const WAIT_MIN_MS = 1000;
const WAIT_MAX_MS = 60_000;

/** Delivers what is due now and tells what came of it. */
export async function deliver(
  dependencies: DeliveryDependencies,
  options: DeliverOptions,
): Promise<DeliveryReport> {
  const { outbox, transport, providers, clock, now } = dependencies;
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const manners = openManners(providers, transport.capacity, clock);
  const stock = openStock(
    { ...dependencies, manners, capacity: transport.capacity },
    options.edition,
  );
  const run: Run = {
    dependencies,
    options,
    manners,
    stock,
    signal,
    stop: (reason) => {
      run.broken ??= { reason };
      stop.abort();
    },
    settled: {},
    holding: [],
    looking: null,
    underWay: 0,
    objections: [],
    spent: null,
    broken: null,
  };
  try {
    const fault = await transport.carry(openSupply(run), {
      signal,
      patient: options.wait === true,
      onWaiting: (fault) => options.onWaiting?.({ for: "server", fault }),
    });
    await finish(run);
    // A ledger that can't be written stops everything.
    if (run.broken) throw run.broken.reason;
    return { settled: run.settled, fault, spent: run.spent, objections: run.objections };
  } finally {
    await finish(run);
    // Whatever was claimed and not begun goes back, also when something has thrown.
    await outbox.release(now().toISOString());
  }
}

/** Waits for a last look, which may claim and settle some more, and for what is being written down. */
async function finish(run: Run): Promise<void> {
  await run.looking?.catch(run.stop);
  await run.dependencies.outbox.journal.written();
  await Promise.all(run.holding);
}

/** What is going on in one run. */
interface Run {
  readonly dependencies: DeliveryDependencies;
  readonly options: DeliverOptions;
  readonly manners: Manners;
  readonly stock: Stock;
  readonly signal: AbortSignal;
  readonly settled: Partial<Record<Settlement["state"], number>>;
  /** Holds that are being written down. */
  readonly holding: Promise<void>[];
  /** A look for more that is under way. */
  looking: Promise<Filled> | null;
  readonly objections: Objected[];
  /** Letters that were taken and are not settled yet. */
  underWay: number;
  spent: Span | null;
  broken: { readonly reason: unknown } | null;
  stop(reason: unknown): void;
}

function openSupply(run: Run): Supply {
  const { dependencies, options, manners, stock, signal } = run;
  const { outbox, pause, now } = dependencies;
  const tell = (wait: Wait) => options.onWaiting?.(wait);
  let found: Filled = "more";

  /** Looks for more, unless somebody does already. */
  function fill(): Promise<Filled> {
    run.looking ??= stock
      .fill((key, settlement) => settle(run, key, settlement))
      .catch((reason: unknown) => {
        run.stop(reason);
        throw reason;
      })
      .finally(() => {
        run.looking = null;
      });
    return run.looking;
  }

  /** Returns a letter that lies ready, and looks for more in good time for the next. */
  function atHand(): Letter | null {
    const isTime = stock.isOld() || (found === "more" && stock.isLow());
    if (isTime && !run.looking && !signal.aborted) look().catch(() => {});
    return take();
  }

  function take(): Letter | null {
    const ready = signal.aborted ? null : stock.take();
    if (!ready) return null;
    try {
      return letterOf(run, ready);
    } catch (reason) {
      // What can't be made ready for one can't for the next. The claim is given back with the others.
      run.stop(reason);
      return null;
    }
  }

  async function look(): Promise<void> {
    found = await fill();
  }

  async function next(): Promise<Letter | null> {
    while (!signal.aborted) {
      const letter = atHand();
      if (letter) return letter;
      await look();
      // No look is begun here: one that ended unheard would take its verdict with it.
      const another = take();
      if (another) return another;
      if (!(await isWorthWaiting())) return null;
    }
    return null;
  }

  /** Waits where that helps; false when nothing more comes. */
  async function isWorthWaiting(): Promise<boolean> {
    if (found === "more") {
      // A long walk past what is held back leaves the other connections their turns.
      await nextTurn();
      return true;
    }
    if (found === "held back" || !stock.isEmpty()) {
      const provider = stock.slowest();
      tell({ for: "provider", provider, interval: manners.intervalOf(provider) });
      await pause(HELD_BACK_PAUSE_MS, signal);
      return true;
    }
    if (found !== "nothing") {
      const isBrief = isShort(found);
      if (!isBrief && !options.wait) {
        run.spent = found;
        return false;
      }
      tell({ for: "limit", span: found });
      await pause(isBrief ? HELD_BACK_PAUSE_MS : LIMIT_PAUSE_MS, signal);
      return true;
    }
    if (!options.wait) return false;
    // Whether somebody is at work counts from before the ledger is asked, not after.
    const isQuiet = run.underWay === 0;
    await outbox.journal.written();
    const dueAt = await stock.nextDue();
    if (dueAt === null && isQuiet) return false;
    if (dueAt !== null) tell({ for: "deferred", until: dueAt });
    const wait = dueAt === null ? WAIT_MIN_MS : Date.parse(dueAt) - now().getTime();
    await pause(Math.min(Math.max(wait, WAIT_MIN_MS), WAIT_MAX_MS), signal);
    return true;
  }

  return { next, atHand };
}

function letterOf(run: Run, { key, attempts, edition, reader, provider, make }: Ready): Letter {
  const { journal } = run.dependencies.outbox;
  const { from, print, papers } = make(reader);
  const at = run.manners.begun(provider);
  run.underWay++;
  const over = (outcome: Settled | null) => {
    run.underWay--;
    const objection = run.manners.ended(provider, at, outcome);
    if (objection) holdBack(run, { ...objection, edition });
  };
  return {
    from,
    to: reader.address,
    print: (sheet) => stopAtFault(run, () => print(sheet)),
    mayLeave: async () => {
      const marked = await journal.markSending(key, papers).catch((reason: unknown) => {
        run.stop(reason);
        throw reason;
      });
      if (marked === "sending") return true;
      over(null);
      if (marked !== "lost") count(run, marked);
      return false;
    },
    settle: (outcome) => {
      over(outcome);
      settle(run, key, withDueTime(run, outcome, attempts));
    },
    giveBack: () => over(null),
  };
}

/** What goes wrong with one letter for a reason of ours would with the next: it ends the run. */
function stopAtFault(run: Run, act: () => Promise<void> | void): Promise<void> | void {
  try {
    return act()?.catch((reason: unknown) => {
      run.stop(reason);
      throw reason;
    });
  } catch (reason) {
    run.stop(reason);
    throw reason;
  }
}

/** Writes an outcome down. A letter that comes after is marked in the same commit or a later one. */
function settle(run: Run, key: number, settlement: Settlement): void {
  run.dependencies.outbox.journal
    .settle(key, settlement)
    .then(() => count(run, settlement.state))
    .catch(run.stop);
}

function count(run: Run, state: Settlement["state"]): void {
  run.settled[state] = (run.settled[state] ?? 0) + 1;
  run.options.onSettled?.(state);
}

function withDueTime(run: Run, outcome: Settled, attempts: number): Settlement {
  if (outcome.state !== "deferred") return outcome;
  const backOff = BACKOFF_FIRST_MS * BACKOFF_GROWTH ** attempts;
  const wait = Math.max(backOff, hintOf(outcome.reply));
  return { ...outcome, dueAt: new Date(run.dependencies.now().getTime() + wait).toISOString() };
}

/** Returns the milliseconds after which a server asks to be tried again, 0 if it names none. */
export function hintOf({ text }: Reply): number {
  const hint = /(?:again|retry|wait|after|in)\b[^\d]{0,24}(\d{1,5})\s*(s|m|h)[a-z]*\b/i.exec(text);
  if (!hint) return 0;
  const unit = { s: 1000, m: 60_000, h: 3_600_000 }[hint[2]?.toLowerCase() ?? "s"] ?? 0;
  return Math.min(Number(hint[1]) * unit, HINT_MAX_MS);
}

/** Holds a provider's letters back until the operator has looked into it, or goes on if that was done. */
function holdBack(run: Run, objection: Objected): void {
  const { domain, refusal, refused, tried, reply } = objection;
  const { holds, now } = run.dependencies;
  const why = `${refused} of ${tried} letters were refused alike (${reply})`;
  const holding = holds.object({ kind: "domain", domain }, refusal, why, now()).then((isHeld) => {
    if (!isHeld) return run.manners.tolerate(objection);
    run.objections.push(objection);
    run.stock.leaveToHold(domain);
  }, run.stop);
  run.holding.push(holding);
}
