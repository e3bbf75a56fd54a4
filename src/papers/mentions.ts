/** How a source is listened to: as long as it has time, with turns for others, and not of the future. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { PaperRoundError } from "../errors.ts";
import { pause } from "../io/pause.ts";
import { plausible } from "./plausible.ts";
import { isService, type Gathering, type Mention, type Source } from "./source.ts";

/** Mentions between which others have a turn. */
const TOLD_AT_ONCE = 200;
/** How long a source whose time is over may take to end. */
const ENDING_MS = 2000;

interface Asked extends Pick<Gathering, "say" | "span"> {
  readonly now: () => Date;
  readonly stop?: AbortSignal | undefined;
}

/**
 * Yields what a source tells until it has had its time, what a service can't know as a refusal. Throws
 * SOURCE_LATE, INTERRUPTED, and its own.
 */
export async function* mentionsOf(
  source: Source,
  { say, span, now, stop }: Asked,
): AsyncIterable<Mention> {
  const { timeoutMs } = source;
  const late = timeoutMs === undefined ? null : AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([late, stop].filter((each) => !!each));
  const steps = source.mentions({ say, span, signal })[Symbol.asyncIterator]();
  const ended = () =>
    stop?.aborted
      ? new PaperRoundError("INTERRUPTED", "Gathering was stopped.")
      : new PaperRoundError("SOURCE_LATE", `It took longer than ${(timeoutMs ?? 0) / 1000} s.`);
  let giveUp: () => void = () => {};
  signal.addEventListener("abort", () => giveUp());
  /** Also a source that hears nothing is not waited for. */
  const next = () =>
    new Promise<IteratorResult<Mention>>((resolve, reject) => {
      giveUp = () => reject(ended());
      if (signal.aborted) giveUp();
      else steps.next().then(resolve, reject);
    });
  try {
    for (let count = 1; ; count++) {
      // What has much to tell at once would let neither a time nor a stop be heard.
      if (count % TOLD_AT_ONCE === 0) await nextTurn();
      const step = await next();
      if (step.done) return;
      yield isService(source) ? plausible(step.value, now()) : step.value;
    }
  } catch (thrown) {
    throw signal.aborted ? ended() : thrown;
  } finally {
    const end = Promise.resolve(steps.return?.()).then(() => {});
    // A host that is asked is given back at the end; a source that hears nothing has no end.
    if (signal.aborted) await Promise.race([end.catch(() => {}), pause(ENDING_MS)]);
    else await end;
  }
}
