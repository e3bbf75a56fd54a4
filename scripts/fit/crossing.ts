/** Keeps every recorded day from being told by parameters that were fitted to it. */
import type { Parameters } from "../../src/editions/estimate.ts";
import type { Recording } from "../../src/backtest/recording.ts";
import type { Paper } from "../../src/papers/paper.ts";
import { announcedPapers, fitParameters, listedPapers } from "./parameters.ts";

/**
 * Returns what tells each paper the parameters that were fitted to the papers of other days alone. The day
 * of a paper is that of its list, also while it is only announced; without a list it is that of the
 * announcement.
 */
export function crossedParameters(recording: Recording): (paper: Paper) => Parameters {
  const listed = listedPapers(recording);
  const announced = announcedPapers(recording);
  const listDays = new Map(listed.map(({ paper, date }) => [paper.id, date]));
  const dayOf = ({ id, day }: Paper) => listDays.get(id) ?? day ?? "";
  const fitWithout = (day: string) => {
    const isOther = ({ paper }: { readonly paper: Paper }) => dayOf(paper) !== day;
    return fitParameters(
      listed.filter((one) => isOther(one) && one.date !== day),
      announced.filter(isOther),
    );
  };
  const fitted = new Map<string, Parameters>();
  return (paper) => {
    const day = dayOf(paper);
    const parameters = fitted.get(day) ?? fitWithout(day);
    fitted.set(day, parameters);
    return parameters;
  };
}
