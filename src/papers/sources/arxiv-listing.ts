/**
 * A day's arXiv listing as JSON Lines (or an array): one paper a line with `id`, `title`,
 * `authors`, `categories`, `summary` (the abstract) and, usually, `listing_date`. These carry no
 * votes: they make papers known early, with their categories.
 */
import { NO_FACTS } from "../paper.ts";
import type { Format, Mention, SourceFile } from "../source.ts";
import { arxivId, calendarDate, cleanText } from "../text.ts";
import { authorCountOf, cleanCategories, cleanNames } from "./fields.ts";
import { firstObject, jsonLines, type JsonLine } from "./json.ts";

const SOURCE = "arxiv";

export const arxivListing: Format = {
  name: "arXiv listing, JSON Lines",
  recognizes: ({ text }) => {
    const first = firstObject(text);
    return first !== null && "id" in first && "categories" in first && "summary" in first;
  },
  *read(file) {
    for (const line of jsonLines(file)) yield readLine(file, line);
  },
};

function readLine(file: SourceFile, { at, value }: JsonLine): Mention {
  if (!value) return { refused: "not JSON", at };
  const id = arxivId(value["id"]);
  const title = cleanText(value["title"], 500);
  if (!id) return { refused: "no arXiv id", at };
  if (!title) return { refused: "no title", at };
  const authors = names(value["authors"]);
  return {
    source: SOURCE,
    observedAt: file.observedAt,
    facts: {
      ...NO_FACTS,
      arxivId: id,
      title,
      abstract: cleanText(value["summary"], 10_000) || null,
      authors: cleanNames(authors),
      authorCount: authorCountOf(null, authors),
      publishedOn: calendarDate(value["published"]),
      announcedOn: calendarDate(value["listing_date"]) ?? file.listDay,
      categories: cleanCategories(words(value["categories"])),
    },
    readings: {},
  };
}

function names(value: unknown): string[] {
  const list = typeof value === "string" ? value.split(/,| and /) : value;
  if (!Array.isArray(list)) return [];
  return list.map((name) => cleanText(name, 100)).filter(Boolean);
}

function words(value: unknown): string[] {
  if (typeof value === "string") return value.split(/\s+/).filter(Boolean);
  return Array.isArray(value) ? value.filter((word) => typeof word === "string") : [];
}
