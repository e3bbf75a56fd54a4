/**
 * bioRxiv and medRxiv: the preprints of the last days, or of days gone by, each under its DOI. Dates come
 * in several spellings ("2026-6-30"), and a preprint that was published names the article's DOI.
 * https://api.biorxiv.org
 */
import { z } from "zod";
import { biorxivSettings } from "../../config/sources-schema.ts";
import { PaperRoundError } from "../../errors.ts";
import { addDays, daysBetween, utcDate } from "../days.ts";
import { doiOf } from "../identifiers.ts";
import { NO_FACTS } from "../paper.ts";
import type { Means, Mention, Source, SourceFile, SourceKind, Span } from "../source.ts";
import { calendarDate, cleanText, cleanWords } from "../text.ts";
import { authorCountOf, cleanNames, textOfHtml, versionOf } from "./fields.ts";
import { parseJson } from "./json.ts";
import { fileOf, openPages } from "./live.ts";

type Settings = z.output<typeof biorxivSettings>;

/** A page holds a hundred, of some 3 KB each. */
const BYTES_MAX = 8 * 1024 * 1024;
const PAGES_MAX = 200;

const pageSchema = z.object({
  messages: z
    .array(z.object({ total: z.coerce.number().nullable().catch(null).default(null) }))
    .default([]),
  collection: z.array(z.unknown()),
});

export const biorxiv: SourceKind<Settings> = {
  kind: "biorxiv",
  settings: biorxivSettings,
  open: openBiorxiv,
};

function openBiorxiv({ url, server, days, timeoutSeconds }: Settings, means: Means): Source {
  async function* ofSpan({ since, until }: Span, signal: AbortSignal): AsyncIterable<Mention> {
    const pages = openPages(server, "preprints");
    for (let page = 0; page < PAGES_MAX; page++) {
      const answer = await means.http.ask({
        url: `${url}/details/${server}/${since}/${until}/${pages.read()}`,
        bytesMax: BYTES_MAX,
        pace: { name: new URL(url).hostname, pauseMs: 1000 },
        signal,
      });
      const file = fileOf(answer);
      const parsed = pageSchema.safeParse(parseJson(file));
      if (!parsed.success) {
        throw new PaperRoundError("SOURCE_SHAPE", `${file.path} is not a page of preprints.`);
      }
      const { collection, messages } = parsed.data;
      for (const [index, item] of collection.entries()) {
        const at = `${file.path}, item ${index + 1}`;
        yield mentionOf(item, at, file, server);
      }
      if (pages.isLast(collection.length, messages[0]?.total ?? null)) return;
    }
    throw pages.cutOff();
  }

  const lately = (): Span => {
    const today = utcDate(means.now());
    return { since: addDays(today, 1 - days), until: today };
  };
  return {
    name: means.name,
    timeoutMs: timeoutSeconds * 1000,
    cut: ({ since, until }) => daysBetween(since, until).map((day) => ({ since: day, until: day })),
    mentions: ({ span, signal }) => ofSpan(span ?? lately(), signal),
  };
}

function mentionOf(value: unknown, at: string, file: SourceFile, source: string): Mention {
  if (typeof value !== "object" || value === null) return { refused: "not a paper", at };
  const item = value as Record<string, unknown>;
  const own = doiOf(item["doi"]);
  const title = cleanText(textOfHtml(item["title"]), 500);
  if (!own) return { refused: "no DOI", at };
  if (!title) return { refused: "no title", at };
  const authors = typeof item["authors"] === "string" ? item["authors"].split(/;\s*/) : [];
  const names = authors.filter(Boolean);
  const category = cleanText(item["category"], 40);
  const article = doiOf(item["published"]);
  const published = calendarDate(item["date"]);
  return {
    source,
    observedAt: file.observedAt,
    facts: {
      ...NO_FACTS,
      // "NA" is none: the preprint has not been published.
      doi: article ?? own,
      sameAs: article === null ? [] : [own],
      version: versionOf(item["version"]),
      withdrawn: /^withdrawn\b/i.test(title) || null,
      title,
      abstract: cleanText(textOfHtml(item["abstract"]), 10_000) || null,
      authors: cleanNames(names),
      authorCount: authorCountOf(null, names),
      publishedOn: published,
      announcedOn: published,
      keywords: cleanWords([category]),
      links: { abstract: `https://doi.org/${encodeURI(own)}` },
    },
    readings: {},
  };
}
