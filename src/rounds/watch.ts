/**
 * Keeps an eye on the sources for the schedule: gathers from all of them at once, remembers which are in
 * trouble, and has papers looked up further when nobody waits.
 */
import { reasonOf } from "../errors.ts";
import type { Newsletter } from "../newsletter.ts";
import type { Say, Source } from "../papers/source.ts";
import type { CalendarDate } from "../papers/text.ts";

export interface WatchDependencies {
  readonly gather: Newsletter["gather"];
  readonly sources: readonly Source[];
  /** How often sources are read beside the rounds; 0: never. */
  readonly gatherEveryMs: number;
  readonly now: () => Date;
}

/** While a round waits for papers, its sources are read again this often. */
const ROUND_EVERY_MS = 10 * 60_000;

/** Returns the watch over `sources`. */
export function openWatch({ gather, sources, gatherEveryMs, now }: WatchDependencies) {
  const tellers = sources.filter(({ enriches }) => !enriches);
  const enrichers = sources.filter(({ enriches }) => enriches);
  /** Why nothing was gathered from a source when it was last read, by its name. */
  const faults = new Map<string, string>();
  let toldAt = Number.NEGATIVE_INFINITY;
  let enrichedAt = Number.NEGATIVE_INFINITY;
  /** A reading under way, which a round waits for as for its own. */
  let telling: Promise<void> | null = null;

  function readTellers(say: Say, stop?: AbortSignal): Promise<void> {
    toldAt = now().getTime();
    telling ??= readAll(tellers, say, stop).finally(() => (telling = null));
    return telling;
  }

  async function readAll(some: readonly Source[], say: Say, stop?: AbortSignal) {
    // At once, so that a slow one costs a round its own time only.
    await Promise.all(some.map((source) => readOne(source, say, stop)));
  }

  /** One that fails is named, and the others go on. */
  async function readOne(source: Source, say: Say, stop?: AbortSignal): Promise<void> {
    try {
      await gather([source], say, stop ? { signal: stop } : {});
      faults.delete(source.name);
    } catch (fault) {
      if (stop?.aborted) return;
      faults.set(source.name, reasonOf(fault));
      say(`Nothing was gathered from source ${source.name}: ${reasonOf(fault)}.`);
    }
  }

  return {
    /** Gathers for a round, unless that was done a moment ago. */
    gatherForRound: async (say: Say, stop?: AbortSignal) => {
      if (telling) await telling;
      else if (now().getTime() - toldAt >= ROUND_EVERY_MS) await readTellers(say, stop);
    },
    /** Gathers beside the rounds, and looks papers up further, as often as is wanted; no round waits. */
    attend: async (say: Say, stop?: AbortSignal) => {
      if (gatherEveryMs === 0) return;
      if (now().getTime() - toldAt >= gatherEveryMs) {
        await readTellers(say, stop);
      }
      if (now().getTime() - enrichedAt < gatherEveryMs) return;
      enrichedAt = now().getTime();
      await readAll(enrichers, say, stop);
    },
    /** Returns what is missing for want of a source: "source arxiv: …; source …", or null. */
    missing: (): string | null => {
      const all = tellers.flatMap(({ name }) => {
        const why = faults.get(name);
        return why === undefined ? [] : [`source ${name}: ${why.replace(`Source ${name}: `, "")}`];
      });
      return all.length > 0 ? all.join("; ") : null;
    },
    /** Returns why sources tell nothing of a day, where that is known beforehand; else "". */
    whyEmpty: (day: CalendarDate): string => {
      const reasons = tellers.flatMap(({ whyEmpty }) => whyEmpty?.(day) ?? []);
      return reasons.length > 0 ? ` ${[...new Set(reasons)].join(" ")}` : "";
    },
  };
}
