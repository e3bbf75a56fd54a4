/** What no source can know: the future. */
import { addDays, utcDate } from "./days.ts";
import { isRefusal, type Mention } from "./source.ts";

/** A service may be ahead of us by its time zone, and lists for tomorrow what comes in today. */
const DAYS_AHEAD_MAX = 2;
/** Clocks differ by minutes; a reading of next year would count before all that come until then. */
const CLOCK_AHEAD_MAX_MS = 86_400_000;

/** Returns a mention as it is, or refused where it is dated in the future and would lead there. */
export function plausible(mention: Mention, now: Date): Mention {
  if (isRefusal(mention)) return mention;
  const { facts, observedAt } = mention;
  const { title, arxivId, listedOn, announcedOn, publishedOn } = facts;
  const latest = addDays(utcDate(now), DAYS_AHEAD_MAX);
  const isAhead = Date.parse(observedAt) > now.getTime() + CLOCK_AHEAD_MAX_MS;
  const ahead = isAhead
    ? observedAt
    : [listedOn, announcedOn, publishedOn].find((day) => day !== null && day > latest);
  if (ahead === undefined) return mention;
  return { refused: "date in the future", at: `${arxivId || title}, ${ahead}` };
}
