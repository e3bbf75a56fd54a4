/**
 * Keeps a program from hammering a mail server that is out of reach. While all is well everybody may
 * connect. After a fault one connection alone tries first, and after several in a row nobody tries
 * for a while. Lives as long as the program, so that its rounds share what they learn.
 */
import type { PaperRoundError } from "../errors.ts";
import type { Untried } from "./outcome.ts";

export interface Breaker {
  /**
   * Waits until a connection may be tried. Returns the attempt, or what forbids it: the fault of a
   * server that is out of reach, or "over" when `signal` ended the wait. `patient` waits for the
   * server to come back.
   */
  enter(how: {
    signal: AbortSignal;
    patient: boolean;
  }): Promise<Attempt | PaperRoundError | "over">;
}

/** A connection that is being tried. */
export interface Attempt {
  /** Says that the server took notice of a letter. */
  served(): void;
  failed(fault: Untried): void;
  /** Says that the connection is done with, whatever came of it. */
  over(): void;
}

export function isAttempt(entered: Attempt | PaperRoundError | "over"): entered is Attempt {
  return typeof entered === "object" && "served" in entered;
}

/** Faults in a row after which nobody tries for a while. */
const FAULTS_MAX = 5;
/** The first pause; each fault in a row doubles it. */
const PAUSE_MS = 100;
const OPEN_MS = 60_000;

/** Returns a breaker that is closed but has one connection try first. */
export function openBreaker(
  now: () => number,
  pause: (milliseconds: number, signal: AbortSignal) => Promise<void>,
): Breaker {
  let faults = 0;
  let last: Untried | null = null;
  let retryAt = 0;
  let isProven = false;
  /** The connection that tries first, while the others wait for what comes of it. */
  let probe: PromiseWithResolvers<void> | null = null;

  const isOpen = () => last !== null && (last.lasting || faults >= FAULTS_MAX);

  function attempt(): Attempt {
    const own = isProven ? null : Promise.withResolvers<void>();
    probe = own ?? probe;
    const over = () => {
      own?.resolve();
      if (probe === own) probe = null;
    };
    return {
      served: () => {
        isProven = true;
        faults = 0;
        last = null;
        over();
      },
      failed: (fault) => {
        isProven = false;
        last = fault;
        faults++;
        retryAt = now() + (isOpen() ? OPEN_MS : PAUSE_MS * 2 ** (faults - 1));
        over();
      },
      over,
    };
  }

  return {
    enter: async ({ signal, patient }) => {
      for (;;) {
        if (signal.aborted) return "over";
        if (isProven) return attempt();
        const wait = retryAt - now();
        if (probe) {
          await probe.promise;
        } else if (wait <= 0) {
          return attempt();
        } else if (last && isOpen() && (last.lasting || !patient)) {
          return last.fault;
        } else {
          await pause(wait, signal);
        }
      }
    },
  };
}
