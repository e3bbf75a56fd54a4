/**
 * Manners toward the providers that readers have their mailboxes with: how many letters to one of
 * them may be under way at once, how fast they follow each other, and when to stop. What a provider
 * says slows its own letters and nobody else's. Knows no clock of its own and waits for nobody.
 */
import type { Settled } from "./outcome.ts";
import type { DomainRule, Providers } from "./providers.ts";

/** Why the letters to a provider's domains are held back: one and the same refusal, too often. */
export interface Objection {
  /** The provider's name. */
  readonly domain: string;
  /** Its codes, such as "550 5.1.1", and one reply in full. */
  readonly refusal: string;
  readonly reply: string;
  readonly refused: number;
  readonly tried: number;
}

export interface Manners {
  /** Whether a letter may begin now. `alone`: nobody else's letters wait. */
  mayBegin(provider: string, alone: boolean): boolean;
  /** How many letters for the provider may lie ready, besides those under way. */
  stockMax(provider: string): number;
  /** Returns the milliseconds between two letters to a provider; 0 for as fast as they go. */
  intervalOf(provider: string): number;
  /** Takes note that a letter begins, and returns the time, which `ended` is to be told. */
  begun(provider: string): number;
  /**
   * Takes note of what came of a letter that began `at`; null when it was given back. Returns an
   * objection once; from then on no letter may begin.
   */
  ended(provider: string, at: number, outcome: Settled | null): Objection | null;
  /** Begins anew with a provider that objected, since a hold stands for the objection now. */
  forgive(provider: string): void;
  /** Goes on with a provider that objected, and takes no offence at that refusal any more. */
  tolerate(objection: Objection): void;
}

/** After a complaint letters follow each other at half the pace, but no slower than this. */
const INTERVAL_MAX_MS = 10_000;
/** Whoever is sent more than a hundred a second is halved as from a hundred: faster is no pace to ask for. */
const INTERVAL_MIN_MS = 10;
/** Letters under way bring the same complaint; it counts once. */
const COMPLAINT_EVERY_MS = 1000;
/** The pace grows back by a twentieth a minute. */
const RECOVERY_EVERY_MS = 60_000;
const RECOVERY = 0.95;
/** A provider whose letters take this long may not have more than half of what is under way. */
const SLOW_MS = 500;
/** The same refusal for more than a fifth of the letters, and not by chance. */
const OBJECTION_SHARE = 1 / 5;
const OBJECTION_MIN = 10;

/** Letters that lie ready for a provider with a pace: those of so long, and so many at most. */
const STOCK_MS = 10_000;
const PACED_MAX = 100;
/** Domains of which something is remembered; a list may have as many as readers. */
const KNOWN_MAX = 5000;

interface Provider {
  readonly rule: DomainRule | null;
  readonly domain: string;
  underWay: number;
  /** Letters that may be under way at once. */
  most: number;
  /** Milliseconds between two letters. */
  interval: number;
  nextAt: number;
  begunAt: number;
  /** Milliseconds between letters, and from a letter's beginning to its end: moving averages. */
  usualInterval: number;
  usualTime: number;
  complainedAt: number;
  recoveredAt: number;
  tried: number;
  /** How often it refused, by codes. */
  refusals: Map<string, number> | null;
  tolerated: readonly string[];
  hasObjected: boolean;
}

/** Returns manners for `capacity` letters under way at once, over all providers. */
export function openManners(
  { ruleOf }: Pick<Providers, "ruleOf">,
  capacity: number,
  now: () => number,
): Manners {
  const known = new Map<string, Provider>();

  function provider(name: string): Provider {
    const found = known.get(name);
    if (found) return found;
    if (known.size >= KNOWN_MAX) forgetIdle(known);
    const rule = ruleOf(name);
    const made: Provider = {
      rule,
      domain: name,
      underWay: 0,
      most: rule?.connections ?? Number.POSITIVE_INFINITY,
      interval: ruledInterval(rule),
      nextAt: 0,
      begunAt: Number.NEGATIVE_INFINITY,
      usualInterval: 0,
      usualTime: 0,
      complainedAt: Number.NEGATIVE_INFINITY,
      recoveredAt: 0,
      tried: 0,
      refusals: null,
      tolerated: [],
      hasObjected: false,
    };
    known.set(name, made);
    return made;
  }

  function isSlow(of: Provider): boolean {
    return of.usualTime > SLOW_MS && of.underWay * 2 >= capacity;
  }

  /** Halves the pace of a provider that complained of it. */
  function slowDown(of: Provider): void {
    if (now() - of.complainedAt < COMPLAINT_EVERY_MS) return;
    of.complainedAt = of.recoveredAt = now();
    const pace = Math.max(of.interval, of.usualInterval, INTERVAL_MIN_MS);
    of.interval = Math.min(pace * 2, INTERVAL_MAX_MS);
    of.most = Math.max(1, Math.floor(Math.min(of.most, capacity) / 2));
  }

  /** Lets a provider that has not complained for some minutes have its pace back, bit by bit. */
  function recover(of: Provider): void {
    const minutes = Math.floor((now() - of.recoveredAt) / RECOVERY_EVERY_MS);
    if (minutes < 1) return;
    of.recoveredAt += minutes * RECOVERY_EVERY_MS;
    of.interval *= RECOVERY ** minutes;
    of.most = Math.min(of.most + minutes, of.rule?.connections ?? capacity);
    const ruled = ruledInterval(of.rule);
    if (of.interval > Math.max(ruled, INTERVAL_MIN_MS)) return;
    of.interval = ruled;
    of.most = of.rule?.connections ?? Number.POSITIVE_INFINITY;
    of.complainedAt = Number.NEGATIVE_INFINITY;
  }

  function objectionOf(of: Provider, outcome: Settled): Objection | null {
    if (outcome.state !== "rejected" || of.hasObjected) return null;
    const refusal = `${outcome.reply.code} ${outcome.reply.enhanced ?? ""}`.trim();
    if (of.tolerated.includes(refusal)) return null;
    of.refusals ??= new Map();
    const refused = (of.refusals.get(refusal) ?? 0) + 1;
    of.refusals.set(refusal, refused);
    if (refused < OBJECTION_MIN || refused <= of.tried * OBJECTION_SHARE) return null;
    of.hasObjected = true;
    const { domain, tried } = of;
    return { domain, refusal, reply: outcome.reply.text, refused, tried };
  }

  return {
    mayBegin: (name, alone) => {
      const of = known.get(name);
      if (!of) return true;
      if (of.hasObjected) return false;
      if (Number.isFinite(of.complainedAt)) recover(of);
      if (of.underWay >= of.most || now() < of.nextAt) return false;
      return alone || !isSlow(of);
    },
    stockMax: (name) => {
      const of = known.get(name) ?? (ruleOf(name) ? provider(name) : null);
      if (of?.hasObjected) return 0;
      const isHeldBack = of && (of.underWay >= of.most || of.interval > 0 || isSlow(of));
      if (!isHeldBack) return Number.POSITIVE_INFINITY;
      // Enough until the next look, which may be some seconds away.
      const paced = of.interval > 0 ? Math.ceil(STOCK_MS / of.interval) : 0;
      return of.most === 0
        ? 0
        : Math.max(Math.min(of.most, capacity) * 2, Math.min(paced, PACED_MAX));
    },
    intervalOf: (name) => known.get(name)?.interval ?? 0,
    begun: (name) => {
      const of = provider(name);
      const at = now();
      of.underWay++;
      of.nextAt = Math.max(at, of.nextAt) + of.interval;
      if (of.underWay > 1) of.usualInterval = average(of.usualInterval, at - of.begunAt);
      of.begunAt = at;
      return at;
    },
    ended: (name, at, outcome) => {
      const of = provider(name);
      of.underWay--;
      if (!outcome) return null;
      of.tried++;
      of.usualTime = average(of.usualTime, now() - at);
      if (isComplaint(outcome)) slowDown(of);
      return objectionOf(of, outcome);
    },
    forgive: (name) => {
      const of = provider(name);
      of.hasObjected = false;
      of.refusals = null;
      of.tried = 0;
    },
    tolerate: ({ domain, refusal }) => {
      const of = provider(domain);
      of.hasObjected = false;
      of.tolerated = [...of.tolerated, refusal];
    },
  };
}

/** Forgets providers of whom nothing is to be remembered. */
function forgetIdle(known: Map<string, Provider>): void {
  for (const [name, { underWay, rule, interval, refusals, tolerated }] of known) {
    const isRemembered = rule || interval > 0 || refusals || tolerated.length > 0;
    if (underWay === 0 && !isRemembered) known.delete(name);
  }
}

/** Milliseconds between letters that a rule asks for: they are spread, not sent in bursts. */
function ruledInterval(rule: DomainRule | null): number {
  return Math.max(rule?.second ? 1000 / rule.second : 0, rule?.minute ? 60_000 / rule.minute : 0);
}

/** RFC 3463 class 4.7 is policy; 421 ends a connection. Both mean: less of this. */
function isComplaint(outcome: Settled): boolean {
  if (outcome.state !== "deferred") return false;
  return outcome.reply.code === 421 || outcome.reply.enhanced?.startsWith("4.7.") === true;
}

function average(before: number, value: number): number {
  return before === 0 ? value : before * 0.9 + value * 0.1;
}
