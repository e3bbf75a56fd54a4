/** Keeps every recorded day from being told by parameters that were fitted to it. */
import type { Parameters } from "../../src/editions/estimate.ts";
import type { Recording } from "../../src/backtest/recording.ts";
import type { Paper } from "../../src/papers/paper.ts";
import type { CalendarDate } from "../../src/papers/text.ts";
import { announcedPapers, fitParameters, listedPapers } from "./parameters.ts";

/**
 * Returns what tells each paper the parameters that were fitted to the papers of other days alone. The days
 * of a paper are those of its lists, also while it is only announced; without a list it is that of the
 * announcement.
 */
export function crossedParameters(recording: Recording): (paper: Paper) => Parameters {
  const listed = listedPapers(recording);
  const announced = announcedPapers(recording);
  const listDays = Map.groupBy(listed, ({ paper }) => paper.id);
  const daysOf = ({ id, day }: Paper): CalendarDate[] =>
    listDays.get(id)?.map(({ date }) => date) ?? [day ?? ""];
  const fitWithout = (days: readonly CalendarDate[]) => {
    const isOther = ({ paper }: { readonly paper: Paper }) =>
      !daysOf(paper).some((day) => days.includes(day));
    return fitParameters(listed.filter(isOther), announced.filter(isOther));
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
