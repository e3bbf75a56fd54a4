/** Gatherings whose answers were kept, told again: the same sources over the same answers. */
import { basename } from "node:path";
import type { Config } from "../config.ts";
import { PaperRoundError } from "../errors.ts";
import { answerFolders, replayedAnswers } from "../io/http-answers.ts";
import type { Source, Span } from "../papers/source.ts";
import { calendarDate, instant } from "../papers/text.ts";
import { namedSources, type Modules, type SharedMeans } from "./sources.ts";

/** "20260415T080000Z_arxiv_2026-04-01_2026-04-01": when, which source, and which days. */
const FOLDER =
  /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z_([a-z0-9-]+?)(?:_([\d-]{10})_([\d-]{10}))?$/;

/**
 * Returns a source for each gathering kept in `folder`, oldest first. Throws FILE_NOT_FOUND, and
 * SOURCE_UNKNOWN where the source is no longer configured.
 */
export function replayedSources(
  config: Config,
  folder: string,
  modules: Modules,
  means: SharedMeans,
): Source[] {
  const kept = answerFolders(folder);
  if (kept.length === 0) {
    throw new PaperRoundError("FILE_NOT_FOUND", `${folder} holds no answers that were kept.`);
  }
  // What is replayed is kept already.
  const quiet = { ...config, network: { ...config.network, keepAnswers: false } };
  return kept.map((path) => {
    const [, y, mo, d, h, mi, s, name = "", since, until] = FOLDER.exec(basename(path)) ?? [];
    const at = instant(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
    if (at === null) {
      throw new PaperRoundError("FILE_NOT_FOUND", `${path} is not named like a gathering.`);
    }
    const http = replayedAnswers(path);
    const own = { ...means, http, now: () => new Date(at) };
    const [source] = namedSources(quiet, [name], modules, own);
    const [first, last] = [calendarDate(since), calendarDate(until)];
    const span: Span | null = first && last ? { since: first, until: last } : null;
    return replay(source as Source, span);
  });
}

function replay(source: Source, span: Span | null): Source {
  return {
    ...source,
    isReplay: true,
    async *mentions(gathering) {
      if (source.enriches) {
        // It asked for the papers that were known then, and would ask for others now.
        gathering.say(`Source ${source.name} adds to known papers and was left out.`);
        return;
      }
      yield* source.mentions({ ...gathering, span });
    },
  };
}
