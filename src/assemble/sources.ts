/** The sources of papers that the configuration names, and those that a command names by path. */
import { resolve } from "node:path";
import type { Config } from "../config.ts";
import { localDate } from "../editions/period.ts";
import { PaperRoundError } from "../errors.ts";
import type { Source } from "../papers/source.ts";
import { fileSource } from "../papers/sources/files.ts";
import type { CalendarDate } from "../papers/text.ts";

/** Returns a source over files and folders; the clock is read when it is gathered. */
export function filesSource(
  { newsletter }: Config,
  name: string,
  paths: readonly string[],
  listDay: CalendarDate | null,
  now: () => Date,
): Source {
  return {
    name,
    mentions: (notice) => {
      const today = localDate(now(), newsletter.timeZone);
      return fileSource({ name, paths, listDay, today }).mentions(notice);
    },
  };
}

/** Returns the configured sources of those names, or all. Throws SOURCE_UNKNOWN. */
export function namedSources(config: Config, names: readonly string[], now: () => Date): Source[] {
  const known = config.sources.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const list = known.length > 0 ? `Configured are: ${known.join(", ")}.` : "None is configured.";
    throw new PaperRoundError("SOURCE_UNKNOWN", `There is no source "${unknown}". ${list}`);
  }
  return config.sources
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .map(({ name, path }) => filesSource(config, name, [resolve(config.home, path)], null, now));
}
