/**
 * The operator's desk: what an operator sees of deliveries, and does about them. Every act may be
 * repeated, and takes effect in a send that is running, also one of another program.
 */
import { CADENCES } from "../editions/period.ts";
import type { SubscriberList } from "../subscribers/subscriber-list.ts";
import type { Composer } from "./composer.ts";
import {
  timesFrom,
  type DeliveryCounts,
  type DeliveryFilter,
  type DeliveryRecord,
  type EditionName,
} from "./delivery.ts";
import { PAUSED, type Held, type Hold, type Holds } from "./holds.ts";
import type { Outbox, Waiting } from "./outbox.ts";
import type { Providers } from "./providers.ts";

export interface DeskDependencies {
  readonly outbox: Outbox;
  readonly holds: Holds;
  readonly providers: Providers;
  readonly subscribers: Pick<SubscriberList, "get">;
  readonly composer: Pick<Composer, "messageId">;
  readonly now: () => Date;
}

/** A delivery, whose it is, and the Message-ID to look for in the logs of mail servers. */
export interface Evidence extends DeliveryRecord {
  /** Null where the reader was erased. */
  readonly address: string | null;
  readonly messageId: string;
}

/** A hold and what it keeps back. */
export interface HeldBack {
  readonly hold: Hold;
  /** All domains that a hold of a domain concerns; none for an edition. */
  readonly domains: readonly string[];
  /** Letters that wait for it to be lifted, and the editions that they are of. */
  readonly letters: number;
  readonly editions: readonly EditionName[];
}

/** Returns how many letters of one edition its holds keep back: it may be held itself, or some domains. */
export function lettersHeld(held: readonly HeldBack[]): number {
  const whole = held.find(({ hold }) => hold.kind === "edition");
  return whole?.letters ?? held.reduce((sum, { letters }) => sum + letters, 0);
}

export interface Cancelled {
  readonly cancelled: number;
  /** Letters that a running program has claimed; they can't be recalled. */
  readonly underWay: number;
  /** Letters of a run that had ended in the middle, which may or may not have arrived. */
  readonly uncertain: number;
}

export type Desk = ReturnType<typeof openDesk>;

/** Returns the desk over the outbox and the holds. */
export function openDesk(dependencies: DeskDependencies) {
  const { outbox, holds, providers, subscribers, composer, now } = dependencies;
  const timestamp = () => now().toISOString();

  /** Returns deliveries with what is needed to follow them up outside. */
  async function deliveries(filter: DeliveryFilter, limit: number): Promise<Evidence[]> {
    // What a dead program left in the middle is shown as what it is.
    await outbox.recover(timestamp(), "alive");
    const found: Evidence[] = [];
    for (const delivery of await outbox.list(filter, limit)) {
      const subscriber = await subscribers.get(delivery.subscriber);
      found.push({
        ...delivery,
        address: subscriber?.address ?? null,
        messageId: composer.messageId(delivery, delivery.subscriber),
      });
    }
    return found;
  }

  /** Makes deliveries due once more, at once. Who has left by then is stopped by the last look. */
  async function requeue(filter: DeliveryFilter): Promise<number> {
    let due = 0;
    // Each cadence's letters are worth sending for a time of their own.
    for (const cadence of CADENCES) {
      if (filter.cadence && filter.cadence !== cadence) continue;
      due += await outbox.requeue({ ...filter, cadence }, timesFrom(now(), cadence));
    }
    return due;
  }

  /** Returns what is held back, counting the letters of one edition or of all. */
  async function held(edition: EditionName | null = null): Promise<HeldBack[]> {
    const all = await holds.all();
    if (all.length === 0) return [];
    const waiting = await outbox.countWaiting();
    const counted = waiting.filter((each) => !edition || isSame(each, edition));
    return all.map((hold) => heldBack(hold, counted));
  }

  function heldBack(hold: Hold, waiting: readonly Waiting[]): HeldBack {
    const kept = waiting.filter((each) => isHeldBy(hold, each));
    const names = new Map(kept.map(({ cadence, period }) => [period, { cadence, period }]));
    return {
      hold,
      domains: hold.kind === "domain" ? providers.domainsOf(providers.nameOf(hold.domain)) : [],
      letters: kept.reduce((sum, { letters }) => sum + letters, 0),
      editions: [...names.values()],
    };
  }

  function isHeldBy(held: Held, { domain, ...name }: Waiting): boolean {
    if (held.kind === "edition") return isSame(held.edition, name);
    return providers.nameOf(held.domain) === providers.nameOf(domain);
  }

  /** Holds an edition or a provider's letters back until `resume`. */
  async function pause(what: Held): Promise<HeldBack & { readonly isNew: boolean }> {
    const held = byProvider(what);
    const since = timestamp();
    const isNew = await holds.put(held, PAUSED, since);
    const known = (await holds.all()).find((hold) => isSameHold(hold, held));
    const hold = known ?? { ...held, since, why: PAUSED };
    return { ...heldBack(hold, await outbox.countWaiting()), isNew };
  }

  /** Lets go on what was held back; returns what that was. */
  async function resume(what: Held): Promise<HeldBack[]> {
    const lifted: HeldBack[] = [];
    for (const each of await held()) {
      if (isSameHold(each.hold, what) && (await holds.lift(each.hold, timestamp())))
        lifted.push(each);
    }
    return lifted;
  }

  /** A hold goes by its provider's name, so that two domains of one provider are one hold. */
  function byProvider(held: Held): Held {
    return held.kind === "domain"
      ? { kind: "domain", domain: providers.nameOf(held.domain) }
      : held;
  }

  function isSameHold(one: Held, other: Held): boolean {
    if (one.kind === "edition") {
      return other.kind === "edition" && isSame(one.edition, other.edition);
    }
    return (
      other.kind === "domain" && providers.nameOf(one.domain) === providers.nameOf(other.domain)
    );
  }

  /** Calls off whatever of an edition nobody has begun with. */
  async function cancel(edition: EditionName): Promise<Cancelled> {
    // What a program claimed that has ended would come due again, and must not be forgotten here.
    const { uncertain } = await outbox.recover(timestamp(), "alive");
    const cancelled = await outbox.cancel(edition, timestamp());
    const { claimed, sending } = await outbox.counts(edition);
    return { cancelled, underWay: claimed + sending, uncertain };
  }

  return {
    deliveries,
    requeue,
    vouch: (filter: DeliveryFilter): Promise<number> => outbox.vouch(filter, timestamp()),
    countStates: outbox.countStates,
    counts: (edition: EditionName): Promise<DeliveryCounts> => outbox.counts(edition),
    held,
    pause,
    resume,
    cancel,
  };
}

function isSame(one: EditionName, other: EditionName): boolean {
  return one.cadence === other.cadence && one.period === other.period;
}
