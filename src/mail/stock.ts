/**
 * What lies ready to be sent: deliveries that are claimed a little ahead of need. Walks what is due in
 * the order of its keys, and passes over what limits, manners or a hold keep back, so that nobody
 * waits behind somebody else's provider.
 */
import type { DueDelivery, EditionName, Settlement } from "./delivery.ts";
import type { Hold, Holds } from "./holds.ts";
import { allowanceOf, type Limits, type Span } from "./limits.ts";
import type { Manners } from "./manners.ts";
import type { Sheet } from "./message.ts";
import type { Outbox } from "./outbox.ts";
import type { Providers } from "./providers.ts";
import type { PaperKey } from "../papers/paper.ts";
import type { Recipient } from "../subscribers/subscriber.ts";

export interface StockDependencies {
  readonly outbox: Outbox;
  readonly holds: Holds;
  readonly manners: Manners;
  readonly providers: Providers;
  readonly limits: Limits;
  /** Returns what makes an edition's letter for a reader; sets and encodes it the first time. */
  readonly lettersOf: (edition: EditionName, reader: Recipient) => Promise<LetterMaker>;
  /** How many letters may be under way at once. */
  readonly capacity: number;
  readonly now: () => Date;
  /** Milliseconds on a clock that nobody sets. */
  readonly clock: () => number;
}

/** A letter of an edition, to be printed for one of its readers. */
export interface ReaderLetter {
  readonly from: string;
  /** Of a letter of the reader's own choice, the papers that lead it. */
  readonly papers?: readonly PaperKey[];
  print(sheet: Sheet): Promise<void> | void;
}

/** Makes the letters of one edition. */
export type LetterMaker = (reader: Recipient) => ReaderLetter;

/** A delivery that may be sent. */
export interface Ready {
  readonly key: number;
  readonly attempts: number;
  readonly edition: EditionName;
  readonly reader: Recipient;
  /** Of the reader's mailbox. */
  readonly provider: string;
  readonly make: LetterMaker;
}

/**
 * What a search for more found: some; none that may be sent now, because of its provider, though
 * something is due; nothing that is due; or a limit that is reached.
 */
export type Filled = "more" | "held back" | "nothing" | Span;

export interface Stock {
  /** Takes a delivery that may begin now. */
  take(): Ready | null;
  isEmpty(): boolean;
  /** Whether it is time to look for more. */
  isLow(): boolean;
  /** Whether what lies ready was looked over so long ago that a hold may have come up. */
  isOld(): boolean;
  /** Claims more. `settle` is told of those that need no letter. */
  fill(settle: (key: number, settlement: Settlement) => void): Promise<Filled>;
  /** Returns the provider that keeps letters back which could be sent otherwise. */
  slowest(): string;
  /** Returns when the next delivery is due that is not held, or null; the time may be past. */
  nextDue(): Promise<string | null>;
  /** Says that a provider's objection has become a hold, which alone decides from the next look on. */
  leaveToHold(provider: string): void;
}

/** Most that may lie ready. */
const STOCK_MAX = 500;
/** The stock grows while it is used up faster than this, and shrinks while it lasts. */
const TOO_SOON_MS = 50;
const TOO_LONG_MS = 500;
/** How much longer than a walk past what is held back the rest after it is. */
const REST_TO_WALK = 9;
/** A hold takes effect within this time, however long the stock would last. */
const OLD_MS = 1000;

/** Returns an empty stock of one edition's deliveries, or of all. */
export function openStock(dependencies: StockDependencies, edition: EditionName | null): Stock {
  const { outbox, holds, manners, providers, limits, lettersOf, capacity, now, clock } =
    dependencies;
  const ready: Ready[] = [];
  /** How many of them are for each provider. */
  const readyFor = new Map<string, number>();
  /** How many of all that may begin at any time, as of the last look and what was taken since. */
  let free = 0;
  let size = capacity * 2;
  let filledAt = Number.NEGATIVE_INFINITY;
  let lookedAt = Number.NEGATIVE_INFINITY;
  /** Providers whose objection has become a hold that no look has seen yet. */
  const leftToHold = new Set<string>();
  /** The last key that was looked at in this walk, and what the walk passed over. */
  let after = 0;
  let passedOver = false;
  let slowest = "";
  let claimedOnWalk = false;
  let walkBegan = 0;
  let restsUntil = 0;

  function count(provider: string, change: 1 | -1): void {
    const counted = (readyFor.get(provider) ?? 0) + change;
    if (counted === 0) readyFor.delete(provider);
    else readyFor.set(provider, counted);
  }

  function take(): Ready | null {
    const alone = readyFor.size <= 1;
    const index = ready.findIndex(({ provider }) => manners.mayBegin(provider, alone));
    if (index === -1) return null;
    const [taken] = index === 0 ? [ready.shift()] : ready.splice(index, 1);
    if (!taken) return null;
    count(taken.provider, -1);
    if (isFree(taken.provider)) free--;
    return taken;
  }

  async function fill(settle: (key: number, settlement: Settlement) => void): Promise<Filled> {
    lookedAt = clock();
    const held = await lookOver();
    const allowance = await allowanceOf(limits, outbox, now());
    if ("spent" in allowance) {
      if (edition && isEditionHeld(edition, held)) return "nothing";
      const at = now().toISOString();
      const [waiting] = await outbox.due({ after: 0, limit: 1, now: at, edition });
      if (!waiting) return "nothing";
      return allowance.spent;
    }
    if (after === 0 && clock() < restsUntil) return "held back";
    if (after === 0) walkBegan = clock();
    adapt();
    const wanted = Math.min(size - countFree(), allowance.room);
    if (wanted <= 0) return "held back";
    const at = now().toISOString();
    // A walk that passes much over takes long steps.
    const limit = passedOver ? STOCK_MAX : Math.max(wanted, capacity);
    const due = await outbox.due({ after, limit, now: at, edition });
    const chosen = choose(due, wanted, held, at);
    // Fewer than asked for: the walk has come to its end.
    if (due.length < limit && after === (due.at(-1)?.key ?? after)) after = 0;
    const claimed = new Set(chosen.length > 0 ? await outbox.claim(chosen.map(keyOf), at) : []);
    for (const delivery of chosen) {
      if (claimed.has(delivery.key)) await put(delivery, at, settle);
    }
    free = countFree();
    if (claimed.size > 0) claimedOnWalk = true;
    if (after > 0) return "more";
    // The walk is over; what it passed over is looked at again on the next. However much that is,
    // nine tenths of the time are not spent on walking past it.
    restsUntil = passedOver ? clock() + (clock() - walkBegan) * REST_TO_WALK : 0;
    const found = claimedOnWalk ? "more" : passedOver ? "held back" : "nothing";
    claimedOnWalk = passedOver = false;
    return found;
  }

  /** Returns those of `due` that may be claimed, and moves the walk on behind the last one seen. */
  function choose(
    due: readonly DueDelivery[],
    wanted: number,
    held: readonly Hold[],
    at: string,
  ): DueDelivery[] {
    const chosen: DueDelivery[] = [];
    const coming = new Map<string, number>();
    for (const delivery of due) {
      if (chosen.length >= wanted) return chosen;
      after = delivery.key;
      const provider = providerOf(delivery);
      const many = (coming.get(provider) ?? 0) + (readyFor.get(provider) ?? 0);
      // Whoever needs no letter is settled, whatever is held back.
      const needsNone = delivery.reader.mail === null || at > delivery.expiresAt;
      if (!needsNone && isHeld(delivery, provider, held)) continue;
      if (needsNone || many < manners.stockMax(provider)) {
        chosen.push(delivery);
        coming.set(provider, (coming.get(provider) ?? 0) + 1);
      } else if (manners.stockMax(provider) > 0) {
        passedOver = true;
        slowest = provider;
      }
    }
    return chosen;
  }

  async function put(
    delivery: DueDelivery,
    at: string,
    settle: (key: number, settlement: Settlement) => void,
  ): Promise<void> {
    const { key, attempts, cadence, period, reader } = delivery;
    if (at > delivery.expiresAt) return settle(key, { state: "expired", reply: null });
    if (reader.mail === null) {
      const state = reader.because === "suppressed" ? "suppressed" : "cancelled";
      return settle(key, { state, reply: null });
    }
    const provider = providerOf(delivery);
    const edition = { cadence, period };
    const make = await lettersOf(edition, reader.mail);
    ready.push({ key, attempts, edition, reader: reader.mail, provider, make });
    count(provider, 1);
  }

  function providerOf({ reader }: DueDelivery): string {
    return reader.mail ? providers.nameOf(reader.mail.address) : "";
  }

  /** A hold of a domain holds all of its provider's. */
  function isHeld(name: EditionName, provider: string, held: readonly Hold[]): boolean {
    const isProvider = (hold: Hold) =>
      hold.kind === "domain" && providers.nameOf(hold.domain) === provider;
    return held.some(isProvider) || isEditionHeld(name, held);
  }

  /** Returns the holds, once nothing lies ready any more that they hold. */
  async function lookOver(): Promise<readonly Hold[]> {
    // Those whose hold stood before the holds were read.
    const forgiven = [...leftToHold];
    leftToHold.clear();
    const held = await holds.all();
    await giveSurplusBack(held);
    for (const provider of forgiven) manners.forgive(provider);
    return held;
  }

  /** Gives back what is held by now, and what waits for a provider that has come to be slow. */
  async function giveSurplusBack(held: readonly Hold[]): Promise<void> {
    const surplus: number[] = [];
    for (const [provider, many] of readyFor) {
      let left = Math.min(many, manners.stockMax(provider));
      if (held.length === 0 && left === many) continue;
      for (const each of ready.filter((one) => one.provider === provider)) {
        if (!isHeld(each.edition, provider, held) && left-- > 0) continue;
        ready.splice(ready.indexOf(each), 1);
        count(provider, -1);
        surplus.push(each.key);
      }
    }
    if (surplus.length > 0) await outbox.giveBack(surplus);
  }

  /** Counts what lies ready for providers that are not held back: the rest waits for its own time. */
  function countFree(): number {
    let count = 0;
    for (const [provider, many] of readyFor) if (isFree(provider)) count += many;
    return count;
  }

  function isFree(provider: string): boolean {
    return manners.stockMax(provider) === Number.POSITIVE_INFINITY;
  }

  function adapt(): void {
    const at = clock();
    const lasted = at - filledAt;
    filledAt = at;
    if (lasted < TOO_SOON_MS) size = Math.min(size * 2, STOCK_MAX);
    if (lasted > TOO_LONG_MS) size = Math.max(Math.floor(size / 2), capacity * 2);
  }

  return {
    take,
    isEmpty: () => ready.length === 0,
    isLow: () => free <= size / 2,
    isOld: () => clock() - lookedAt >= OLD_MS,
    fill,
    slowest: () => ready[0]?.provider ?? slowest,
    nextDue: async () => {
      const held = await holds.all();
      return outbox.nextDue(edition, {
        editions: held.flatMap((hold) => (hold.kind === "edition" ? [hold.edition] : [])),
        domains: held.flatMap((hold) =>
          hold.kind === "domain" ? providers.domainsOf(providers.nameOf(hold.domain)) : [],
        ),
      });
    },
    leaveToHold: (provider) => {
      leftToHold.add(provider);
    },
  };
}

function isEditionHeld({ cadence, period }: EditionName, held: readonly Hold[]): boolean {
  return held.some(
    (hold) =>
      hold.kind === "edition" && hold.edition.cadence === cadence && hold.edition.period === period,
  );
}

function keyOf({ key }: DueDelivery): number {
  return key;
}
