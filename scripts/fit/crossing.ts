/** Keeps every recorded day from being told by parameters that were fitted to it. */
import type { Parameters } from "../../src/editions/estimate.ts";
import { MATURE_DAYS, type Recording } from "../../src/backtest/recording.ts";
import { addDays } from "../../src/editions/period.ts";
import type { Paper } from "../../src/papers/paper.ts";
import type { CalendarDate } from "../../src/papers/text.ts";
import { announcedPapers, fitParameters, listedPapers } from "./parameters.ts";

/** Of which days a paper is told: of all but its own, or of those whose outcome was known by then. */
export type Known = "others" | "earlier";

/**
 * Returns what tells each paper the parameters that were fitted to the papers of those days alone. The days
 * of a paper are those of its lists, also while it is only announced; without a list it is that of the
 * announcement.
 */
export function crossedParameters(
  recording: Recording,
  known: Known = "others",
): (paper: Paper) => Parameters {
  const listed = listedPapers(recording);
  const announced = announcedPapers(recording);
  const listDays = Map.groupBy(listed, ({ paper }) => paper.id);
  const daysOf = ({ id, day }: Paper): CalendarDate[] =>
    listDays.get(id)?.map(({ date }) => date) ?? [day ?? ""];
  const fitWithout = (days: readonly CalendarDate[]) => {
    const isKnown = ({ paper }: { readonly paper: Paper }) =>
      daysOf(paper).every((day) =>
        known === "others"
          ? !days.includes(day)
          : days.every((own) => day <= addDays(own, -MATURE_DAYS)),
      );
    return fitParameters(listed.filter(isKnown), announced.filter(isKnown));
  };
  const fitted = new Map<string, Parameters>();
  return (paper) => {
    const days = daysOf(paper);
    const key = days.join();
    const parameters = fitted.get(key) ?? fitWithout(days);
    fitted.set(key, parameters);
    return parameters;
  };
}
