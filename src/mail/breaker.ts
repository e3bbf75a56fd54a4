/**
 * Keeps a program from hammering a mail server that is out of reach. While all is well everybody may
 * connect. After a fault one connection alone tries first, and after several in a row nobody tries
 * for a while. A server that refuses some connections while it serves others gets as many as it
 * takes. Lives as long as the program, so that its rounds share what they learn.
 */
import type { PaperRoundError } from "../errors.ts";
import type { Untried } from "./outcome.ts";
import type { CarryOptions } from "./transport.ts";

export interface Breaker {
  /**
   * Waits until a connection may be tried. Returns the trial, or what forbids it: the fault of a
   * server that is out of reach, or "over" when `signal` ended the wait. `patient` waits for the
   * server to come back.
   */
  enter(how: CarryOptions): Promise<Trial | PaperRoundError | "over">;
}

/** A connection that is being tried. */
export interface Trial {
  /** Says that the server took notice of a letter. */
  served(): void;
  failed(fault: Untried): void;
  /** Says that the connection is done with, whatever came of it. */
  over(): void;
}

/** Tells a trial from what forbids one. */
export function isTrial(entered: Trial | PaperRoundError | "over"): entered is Trial {
  return typeof entered === "object" && "served" in entered;
}

/** Faults in a row after which nobody tries for a while. */
const FAULTS_MAX = 5;
/** Nor longer than this after the first of them: a server that never speaks is waited for each time. */
const TROUBLE_MAX_MS = 20_000;
/** The first pause; each fault in a row doubles it. */
const PAUSE_MS = 100;
const OPEN_MS = 60_000;

/** Returns a breaker that is closed but has one connection try first. */
export function openBreaker(
  now: () => number,
  pause: (milliseconds: number, signal: AbortSignal) => Promise<void>,
): Breaker {
  let faults = 0;
  /** When the first of the faults in a row was tried for. */
  let troubleSince = 0;
  let last: Untried | null = null;
  let retryAt = 0;
  let isProven = false;
  /** Connections on which letters were served, and that are not done with. */
  let working = 0;
  /** Faults that counted: those of trials that were under way together count once. */
  let counted = 0;
  /** Aborted, and replaced, when a connection that worked is done with and leaves its place. */
  let freed = new AbortController();
  /** The connection that tries first, while the others wait for what comes of it. */
  let probe: PromiseWithResolvers<void> | null = null;

  // While others are served the server is not out of reach: it takes no more connections at once.
  const isOpen = () =>
    last !== null &&
    (last.lasting ||
      (working === 0 && (faults >= FAULTS_MAX || now() - troubleSince >= TROUBLE_MAX_MS)));

  function trial(): Trial {
    const own = isProven ? null : Promise.withResolvers<void>();
    probe = own ?? probe;
    const begun = counted;
    const begunAt = now();
    let isServed = false;
    const tell = () => {
      own?.resolve();
      if (probe === own) probe = null;
    };
    const over = () => {
      tell();
      if (!isServed) return;
      isServed = false;
      working--;
      faults = 0;
      retryAt = now();
      freed.abort();
      freed = new AbortController();
    };
    return {
      served: () => {
        if (isServed) return;
        isServed = true;
        working++;
        isProven = true;
        faults = 0;
        last = null;
        tell();
      },
      failed: (fault) => {
        over();
        isProven = false;
        last = fault;
        if (begun === counted) {
          if (faults === 0) troubleSince = begunAt;
          counted++;
          faults++;
        }
        const wait = PAUSE_MS * 2 ** Math.max(faults - 1, 0);
        retryAt = now() + (isOpen() ? OPEN_MS : Math.min(wait, OPEN_MS));
      },
      over,
    };
  }

  return {
    enter: async ({ signal, patient, onWaiting }) => {
      for (;;) {
        if (signal.aborted) return "over";
        if (isProven) return trial();
        const wait = retryAt - now();
        if (probe) {
          await probe.promise;
        } else if (wait <= 0) {
          return trial();
        } else if (last && isOpen() && (last.lasting || !patient)) {
          return last.fault;
        } else {
          if (last && isOpen()) onWaiting?.(last.fault);
          await pause(wait, AbortSignal.any([signal, freed.signal]));
        }
      }
    },
  };
}
