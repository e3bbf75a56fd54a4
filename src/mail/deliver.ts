/**
 * Works through what is owed: claim, last look, print, `sending` made durable, bytes, reply,
 * outcome. Never sent twice by us, never silently skipped: every delivery that is claimed here is
 * settled, given back, or found by `recover` after a crash.
 */
import type { PaperRoundError } from "../errors.ts";
import type { Subscriber } from "../subscribers/subscriber.ts";
import type { SubscriberList } from "../subscribers/subscriber-list.ts";
import { allowanceOf, isShort, type Limits, type Span } from "./limits.ts";
import type { Message } from "./message.ts";
import type { Outbox } from "./outbox.ts";
import type { ClaimedDelivery, EditionName, Settlement } from "./delivery.ts";
import type { Outcome } from "./outcome.ts";
import type { Lane, Transport } from "./transport.ts";

export interface DeliveryDependencies {
  readonly outbox: Outbox;
  readonly subscribers: SubscriberList;
  readonly transport: Transport;
  readonly limits: Limits;
  /** Prints and composes the letter of one delivery for its reader. */
  readonly compose: (delivery: EditionName, subscriber: Subscriber) => Promise<Message>;
  /** The name of this process, for claims. */
  readonly self: string;
  readonly now: () => Date;
  readonly pause: (milliseconds: number) => Promise<void>;
}

export interface DeliverOptions {
  /** Deliver this edition only; null delivers whatever is due. */
  readonly edition: EditionName | null;
  /** When aborted, what is in flight is finished and the rest stays due. */
  readonly signal?: AbortSignal | undefined;
  readonly onSettled?: ((state: Settlement["state"]) => void) | undefined;
}

export interface DeliveryReport {
  /** How many deliveries this run settled, by state. */
  readonly settled: Readonly<Partial<Record<Settlement["state"], number>>>;
  /** What stopped the run before everything was tried, or null. */
  readonly fault: PaperRoundError | null;
  /** The limit that ended the run with letters still due, or null. */
  readonly spent: Span | null;
}

/** RFC 5321 section 4.5.4.1 asks for half an hour between tries; greylisting ends sooner. */
const BACKOFF_FIRST_MS = 5 * 60_000;
const BACKOFF_GROWTH = 1.3;
/** How often in a row each lane may find the server out of reach before the run gives up. */
const FAULTS_PER_LANE_MAX = 3;
const FAULT_PAUSE_MS = 500;
/** How often a run that waits for a limit looks again. */
const LIMIT_PAUSE_MS = 100;

/** Delivers what is due now and tells what came of it. */
export async function deliver(
  dependencies: DeliveryDependencies,
  options: DeliverOptions,
): Promise<DeliveryReport> {
  const run = startRun(dependencies, options);
  const lanes = Array.from({ length: dependencies.transport.lanes }, () => workLane(run));
  try {
    await Promise.all(lanes);
  } finally {
    // Whatever was claimed and not begun goes back, also when a lane has thrown.
    run.stopped = true;
    await Promise.allSettled(lanes);
    await dependencies.outbox.release(dependencies.self, dependencies.now().toISOString());
  }
  return { settled: run.settled, fault: run.fault, spent: run.spent };
}

/** What the lanes of one run share. */
interface Run {
  readonly dependencies: DeliveryDependencies;
  readonly options: DeliverOptions;
  readonly settled: Partial<Record<Settlement["state"], number>>;
  next(): Promise<ClaimedDelivery | undefined>;
  faultsInARow: number;
  fault: PaperRoundError | null;
  spent: Span | null;
  stopped: boolean;
}

function startRun(dependencies: DeliveryDependencies, options: DeliverOptions): Run {
  const { outbox, transport, limits, self, now, pause } = dependencies;
  const { edition, signal } = options;
  const claimed: ClaimedDelivery[] = [];
  let exhausted = false;
  let filling: Promise<void> | null = null;

  const isOver = () => run.stopped || signal?.aborted === true;
  const run: Run = {
    dependencies,
    options,
    settled: {},
    faultsInARow: 0,
    fault: null,
    spent: null,
    stopped: false,
    next: async () => {
      while (!isOver()) {
        const delivery = claimed.shift();
        if (delivery) return delivery;
        if (exhausted) return undefined;
        filling ??= fill().finally(() => {
          filling = null;
        });
        await filling;
      }
      return undefined;
    },
  };

  /** Claims some deliveries, as many as the limits allow, or finds that there is nothing to claim. */
  async function fill(): Promise<void> {
    const room = await roomWithin();
    const by = { by: self, now: now().toISOString(), edition };
    // Small, so that a crash leaves little behind; large enough to keep every lane busy.
    const limit = Math.min(transport.lanes * 2, room);
    const found = limit > 0 ? await outbox.claim({ ...by, limit }) : [];
    exhausted = found.length === 0;
    claimed.push(...found);
  }

  /** Returns how many letters may be begun, waiting while a short limit leaves no room. */
  async function roomWithin(): Promise<number> {
    while (!isOver()) {
      const allowance = await allowanceOf(limits, outbox, now());
      if ("room" in allowance) return allowance.room;
      if (!(await outbox.hasDue(now().toISOString(), edition))) return 0;
      if (!isShort(allowance.spent)) {
        run.spent = allowance.spent;
        return 0;
      }
      await pause(LIMIT_PAUSE_MS);
    }
    return 0;
  }

  return run;
}

async function workLane(run: Run): Promise<void> {
  const lane = run.dependencies.transport.openLane();
  try {
    for (let delivery = await run.next(); delivery; delivery = await run.next()) {
      for (;;) {
        const outcome = await deliverOne(run, lane, delivery);
        if (outcome.state !== "untried") break;
        if (!(await mayGoOn(run, outcome))) return;
      }
    }
  } catch (thrown) {
    // A ledger that can't be written, say: no other lane may send another letter either.
    run.stopped = true;
    throw thrown;
  } finally {
    lane.close();
  }
}

async function deliverOne(
  run: Run,
  lane: Lane,
  delivery: ClaimedDelivery,
): Promise<Outcome | { state: "settled" }> {
  const { outbox, subscribers, compose, self, now } = run.dependencies;
  const settle = async (settlement: Settlement) => {
    await outbox.settle(delivery.key, self, settlement, now().toISOString());
    run.settled[settlement.state] = (run.settled[settlement.state] ?? 0) + 1;
    run.options.onSettled?.(settlement.state);
    return { state: "settled" as const };
  };

  if (now().toISOString() > delivery.expiresAt) return settle({ state: "expired", reply: null });
  const standing = await subscribers.standing(delivery.subscriber);
  if (!standing.mail) {
    const state = standing.because === "suppressed" ? "suppressed" : "cancelled";
    return settle({ state, reply: null });
  }
  const message = await compose(delivery, standing.mail);
  const outcome = await lane.send(message, () => outbox.markSending(delivery.key, self));
  if (outcome.state === "untried") return outcome;
  run.faultsInARow = 0;
  if (outcome.state !== "deferred") return settle(outcome);
  const wait = BACKOFF_FIRST_MS * BACKOFF_GROWTH ** delivery.attempts;
  return settle({ ...outcome, dueAt: new Date(now().getTime() + wait).toISOString() });
}

/** Counts a fault of the server against the run, not against the reader. */
async function mayGoOn(run: Run, outcome: Outcome & { state: "untried" }): Promise<boolean> {
  run.faultsInARow++;
  const givingUp =
    outcome.lasting || run.faultsInARow >= FAULTS_PER_LANE_MAX * run.dependencies.transport.lanes;
  if (givingUp) {
    run.fault ??= outcome.fault;
    run.stopped = true;
  }
  if (run.stopped || run.options.signal?.aborted) return false;
  await run.dependencies.pause(FAULT_PAUSE_MS);
  return !run.stopped;
}
