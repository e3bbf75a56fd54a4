/**
 * Our own exchange format: one sighting a line. Only `title` is required; docs/reference/formats.md
 * lists every field. The sample corpus is in this format.
 */
import { doiOf, openReviewIdOf } from "../identifiers.ts";
import {
  NO_FACTS,
  SIGNALS,
  type Links,
  type PaperFacts,
  type Signals,
  type Summary,
} from "../paper.ts";
import type { Format, Mention, SourceFile } from "../source.ts";
import {
  arxivId,
  calendarDate,
  cleanText,
  cleanWords,
  count,
  instant,
  secureLink,
  webLink,
} from "../text.ts";
import { authorCountOf, cleanCategories, cleanNames, versionOf } from "./fields.ts";
import { firstObject, jsonLines, type JsonLine } from "./json.ts";

type Fields = Record<string, unknown>;

export const sightingsJsonl: Format = {
  name: "Paper Round JSON Lines",
  recognizes: ({ text }) => {
    const first = firstObject(text);
    return first !== null && "title" in first && !("paper" in first);
  },
  *read(file) {
    for (const line of jsonLines(file)) yield readLine(file, line);
  },
};

function readLine(file: SourceFile, { at, value }: JsonLine): Mention {
  if (!value) return { refused: "not JSON", at };
  const facts = factsOf(value, file);
  if (!facts.title) return { refused: "no title", at };
  if (value["arxivId"] && !facts.arxivId) return { refused: "no arXiv id", at };
  const source = cleanText(value["source"], 40) || "file";
  const observedAt = instant(value["observedAt"]) ?? file.observedAt;
  return { source, observedAt, facts, readings: readingsOf(value["readings"]) };
}

function factsOf(value: Fields, file: SourceFile): PaperFacts {
  const list = (name: string): unknown[] => (Array.isArray(value[name]) ? value[name] : []);
  const authors = list("authors");
  return {
    ...NO_FACTS,
    arxivId: arxivId(value["arxivId"]),
    doi: doiOf(value["doi"]),
    openReviewId: openReviewIdOf(value["openReviewId"]),
    version: versionOf(value["version"]),
    withdrawn: typeof value["withdrawn"] === "boolean" ? value["withdrawn"] : null,
    title: cleanText(value["title"], 500),
    abstract: cleanText(value["abstract"], 10_000) || null,
    summary: summaryOf(value["summary"]),
    comment: cleanText(value["comment"], 500) || null,
    authors: cleanNames(authors),
    authorCount: authorCountOf(
      value["authorCount"],
      authors.filter((name) => cleanText(name, 100)),
    ),
    organization: cleanText(value["organization"], 100) || null,
    publishedOn: calendarDate(value["publishedOn"]),
    announcedOn: calendarDate(value["announcedOn"]),
    listedOn: calendarDate(value["listedOn"]) ?? file.listDay,
    categories: cleanCategories(list("categories")),
    keywords: cleanWords(value["keywords"]),
    fields: cleanWords(value["fields"]),
    thumbnail: secureLink(value["thumbnail"]),
    links: linksOf(value["links"]),
  };
}

function summaryOf(value: unknown): Summary | null {
  if (typeof value !== "object" || value === null) return null;
  const { text, by } = value as Fields;
  const cleaned = cleanText(text, 1000);
  return cleaned ? { text: cleaned, by: cleanText(by, 60) } : null;
}

function linksOf(value: unknown): Links {
  if (typeof value !== "object" || value === null) return {};
  const links: Record<string, string> = {};
  for (const kind of ["abstract", "pdf", "code", "project", "discussion"]) {
    const link = webLink((value as Fields)[kind]);
    if (link) links[kind] = link;
  }
  return links;
}

function readingsOf(value: unknown): Signals {
  if (typeof value !== "object" || value === null) return {};
  const told = SIGNALS.map((signal) => [signal, count((value as Fields)[signal])] as const);
  return Object.fromEntries(told.filter(([, reading]) => reading !== null));
}
