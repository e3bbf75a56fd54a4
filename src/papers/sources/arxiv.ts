/**
 * arXiv: the announcements of its categories, day by day; days gone by through its query API, by the day
 * that a paper was submitted. All its servers count as one, which is asked once in three seconds at
 * most, whichever of our processes asks. https://info.arxiv.org/help/api/tou.html
 */
import type { z } from "zod";
import { arxivMetadataSettings, arxivSettings } from "../../config/sources-schema.ts";
import { PaperRoundError } from "../../errors.ts";
import type { HttpAnswer } from "../../io/http.ts";
import { daysBetween } from "../days.ts";
import type { Gathering, Means, Mention, Source, SourceKind, Span } from "../source.ts";
import { readAnnouncements } from "./arxiv-announcements.ts";
import { readAtom } from "./arxiv-atom.ts";
import { arxivDay, whyNothingAnnounced } from "./arxiv-calendar.ts";
import { fileOf, oldestFirst, openPages } from "./live.ts";

type Settings = z.output<typeof arxivSettings>;
type MetadataSettings = z.output<typeof arxivMetadataSettings>;

const PACE = { name: "arxiv.org", pauseMs: 3000 };
/** Feeds end at so many papers without a word. */
const FEED_MAX = 2000;
/** Papers have some 3 KB each. */
const BYTES_MAX = 12 * 1024 * 1024;
/** Answers of the API get slow with more. */
const PAGE = 200;
const PAGES_MAX = 150;
const LOOK_AGAIN_MS = 2 * 86_400_000;

export const arxiv: SourceKind<Settings> = {
  kind: "arxiv",
  settings: arxivSettings,
  open: openArxiv,
};

/**
 * Looks up what is missing of papers that others told of: categories, dates, versions. Each is looked up
 * again after a while, since nothing else tells of a withdrawal or a new version.
 */
export const arxivMetadata: SourceKind<MetadataSettings> = {
  kind: "arxiv-metadata",
  settings: arxivMetadataSettings,
  open: openMetadata,
};

function openArxiv(settings: Settings, means: Means): Source {
  const { categories, feedUrl, url, timeoutSeconds } = settings;

  async function* announced({ say, signal }: Gathering): AsyncIterable<Mention> {
    const names = categories.map(encodeURIComponent).join("+");
    const answer = await ask(means, `${feedUrl}/rss/${names}`, signal);
    const mentions = readAnnouncements(fileOf(answer));
    const today = arxivDay(means.now());
    if (mentions.length === 0) {
      say(whyNothingAnnounced(today) ?? `arXiv announces nothing for ${today} yet.`);
    }
    if (mentions.length >= FEED_MAX) {
      say(`arXiv's feed ends at ${FEED_MAX} papers: split the categories over several sources.`);
    }
    yield* mentions;
  }

  async function* submitted({ since, until }: Span, { signal }: Gathering): AsyncIterable<Mention> {
    const digits = (day: string) => day.replaceAll("-", "");
    const of = categories.map((name) => `cat:${name}${name.includes(".") ? "" : "*"}`).join(" OR ");
    const query = new URLSearchParams({
      search_query: `(${of}) AND submittedDate:[${digits(since)}0000 TO ${digits(until)}2359]`,
      sortBy: "submittedDate",
      sortOrder: "ascending",
      max_results: String(PAGE),
    });
    const pages = openPages("arXiv", "papers");
    while (pages.read() < PAGE * PAGES_MAX) {
      const answer = await ask(means, `${url}/api/query?${query}&start=${pages.read()}`, signal);
      const { mentions, entries, total } = readAtom(fileOf(answer));
      yield* mentions;
      if (pages.isLast(entries, total)) return;
    }
    throw pages.cutOff();
  }

  return {
    name: means.name,
    timeoutMs: timeoutSeconds * 1000,
    cut: ({ since, until }) => daysBetween(since, until).map((day) => ({ since: day, until: day })),
    whyEmpty: whyNothingAnnounced,
    mentions: (gathering) =>
      gathering.span ? submitted(gathering.span, gathering) : announced(gathering),
  };
}

function openMetadata({ url, days, timeoutSeconds }: MetadataSettings, means: Means): Source {
  return {
    name: means.name,
    timeoutMs: timeoutSeconds * 1000,
    enriches: true,
    async *mentions({ signal }) {
      const ids = await due(means, days);
      for (let from = 0; from < ids.length; from += PAGE) {
        yield* lookUp(ids.slice(from, from + PAGE), signal);
      }
    },
  };

  /** Looks up ids. One that arXiv does not take leaves all others of the question unanswered. */
  async function* lookUp(ids: readonly string[], signal: AbortSignal): AsyncIterable<Mention> {
    for (let rest = ids; rest.length > 0;) {
      const query = `id_list=${rest.map(encodeURIComponent).join(",")}&max_results=${PAGE}`;
      const answer = await ask(means, `${url}/api/query?${query}`, signal);
      const told = orDislikedId(() => readAtom(fileOf(answer)).mentions);
      if (typeof told !== "string") return yield* told;
      if (rest.includes(told) || rest.length === 1) {
        yield { refused: "no arXiv id", at: told };
        rest = rest.length === 1 ? [] : rest.filter((id) => id !== told);
      } else {
        const half = Math.ceil(rest.length / 2);
        yield* lookUp(rest.slice(0, half), signal);
        rest = rest.slice(half);
      }
    }
  }
}

/** Returns the arXiv ids of papers that are to be looked up: first those of which the least is known. */
async function due({ recent, toldAt, now }: Means, days: number): Promise<string[]> {
  const lookedUp = await toldAt("arxiv", days, "publishedOn");
  const before = new Date(now().getTime() - LOOK_AGAIN_MS).toISOString();
  return (await recent(days))
    .flatMap(({ key, arxivId }) =>
      arxivId === null ? [] : [{ arxivId, at: lookedUp.get(key) ?? "" }],
    )
    .filter(({ at }) => at < before)
    .toSorted(oldestFirst)
    .map(({ arxivId }) => arxivId);
}

/** Returns what `read` returns, or the id that arXiv refuses as none, as it names it. */
function orDislikedId(read: () => readonly Mention[]): readonly Mention[] | string {
  try {
    return read();
  } catch (fault) {
    const said = fault instanceof PaperRoundError ? fault.message : "";
    const [, named] = /incorrect id format for (.+?)\.?$/.exec(said) ?? [];
    if (named === undefined) throw fault;
    return named;
  }
}

/** An error is told in the answer itself, also with status 400. */
function ask({ http }: Means, url: string, signal: AbortSignal): Promise<HttpAnswer> {
  return http.ask({ url, bytesMax: BYTES_MAX, expects: [400], pace: PACE, signal });
}
