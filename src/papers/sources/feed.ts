/**
 * Any feed that tells of papers: RSS 0.9 to 2.0, Atom, or JSON Feed. Titles and abstracts may be HTML;
 * identifiers are taken from wherever a feed may keep them.
 */
import type { z } from "zod";
import { feedSettings } from "../../config/sources-schema.ts";
import { PaperRoundError } from "../../errors.ts";
import { grouped } from "../../io/plural.ts";
import { childrenOf, childText, parseXml, textIn, type XmlElement } from "../../io/xml.ts";
import { arxivIdOf, doiOf, openReviewIdOf } from "../identifiers.ts";
import { NO_FACTS, type PaperFacts } from "../paper.ts";
import type { Means, Mention, Source, SourceFile, SourceKind } from "../source.ts";
import { cleanText, cleanWords, instant, webLink, type CalendarDate } from "../text.ts";
import { authorCountOf, cleanNames, dayOfDate, textOfHtml } from "./fields.ts";
import { parseJson } from "./json.ts";
import { fileOf } from "./live.ts";

type Settings = z.output<typeof feedSettings>;

/** A feed holds what is new; one larger than this holds everything there ever was. */
const BYTES_MAX = 4 * 1024 * 1024;
const ITEMS_MAX = 2000;
const OBJECTS_MAX = 100_000;

export const feed: SourceKind<Settings> = { kind: "feed", settings: feedSettings, open: openFeed };

function openFeed({ url, topics, timeoutSeconds }: Settings, means: Means): Source {
  return {
    name: means.name,
    timeoutMs: timeoutSeconds * 1000,
    async *mentions({ signal, say }) {
      const headers = {
        accept: "application/feed+json, application/atom+xml, application/rss+xml, */*;q=0.5",
      };
      const answer = await means.http.ask({ url, headers, bytesMax: BYTES_MAX, signal });
      const file = fileOf(answer);
      const { items, total } = itemsOf(file);
      if (total > items.length) say(`Only the first ${items.length} of ${total} were read.`);
      for (const [index, item] of items.entries()) {
        const at = `${file.path}, item ${index + 1}`;
        yield mentionOf(item, { at, topics, file, name: means.name });
      }
    },
  };
}

/** An item of whatever kind of feed, still foreign. */
interface Item {
  readonly title: string;
  readonly text: string;
  readonly link: string;
  /** Where an identifier may stand. */
  readonly names: readonly string[];
  readonly authors: readonly string[];
  readonly date: string | null;
  readonly keywords: readonly string[];
}

/** Returns the first items of a feed, and how many it has. Throws SOURCE_SHAPE for what is none. */
function itemsOf(file: SourceFile): { readonly items: Item[]; readonly total: number } {
  if (/^\s*[[{]/.test(file.text)) return firstOfThem(jsonItems(file), jsonItem);
  const root = parseXml(file.text);
  switch (root.name) {
    case "rss": {
      const channels = childrenOf(root, "channel");
      return firstOfThem(
        channels.flatMap((channel) => childrenOf(channel, "item")),
        xmlItem,
      );
    }
    case "rdf:RDF":
      return firstOfThem(childrenOf(root, "item"), xmlItem);
    case "feed":
      return firstOfThem(childrenOf(root, "entry"), xmlItem);
    default:
      throw notAFeed(file);
  }
}

function firstOfThem<Foreign>(all: readonly Foreign[], read: (item: Foreign) => Item) {
  return { items: all.slice(0, ITEMS_MAX).map(read), total: all.length };
}

function xmlItem(item: XmlElement): Item {
  const first = (...names: readonly string[]) =>
    names.map((name) => childText(item, name)).find(Boolean) ?? "";
  const links = childrenOf(item, "link");
  const alternate = links.find(({ attributes: { rel = "alternate" } }) => rel === "alternate");
  const link = alternate ? (alternate.attributes["href"] ?? textIn(alternate).trim()) : "";
  const authors = childrenOf(item, "author").map((each) => childText(each, "name") ?? textIn(each));
  const creators = childrenOf(item, "dc:creator").flatMap((each) => textIn(each).split(/[,;]\s+/));
  const doi = first("prism:doi", "arxiv:DOI", "dc:identifier");
  return {
    title: first("title", "dc:title"),
    text: first("content:encoded", "content", "description", "summary", "dc:description"),
    link,
    names: [doi, link, first("guid", "id")],
    authors: creators.length > 0 ? creators : authors,
    date: first("pubDate", "published", "dc:date", "prism:publicationDate", "updated") || null,
    keywords: [...childrenOf(item, "category"), ...childrenOf(item, "dc:subject")].map(
      (each) => each.attributes["term"] ?? textIn(each),
    ),
  };
}

/** https://www.jsonfeed.org/version/1.1/ */
function jsonItems(file: SourceFile): readonly unknown[] {
  refuseCrowds(file);
  const { items, version } = parseJson(file) as { items?: unknown; version?: unknown };
  if (!Array.isArray(items) || typeof version !== "string" || !/jsonfeed\.org/.test(version))
    throw notAFeed(file);
  return items;
}

function jsonItem(value: unknown): Item {
  const item = (typeof value === "object" && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  const text = (name: string) => (typeof item[name] === "string" ? item[name] : "");
  const list = (name: string): unknown[] => (Array.isArray(item[name]) ? item[name] : []);
  const authors = [...list("authors"), item["author"]] as ({ name?: unknown } | null | undefined)[];
  return {
    title: text("title"),
    text: text("content_text") || text("content_html") || text("summary"),
    link: text("url") || text("external_url"),
    names: [text("id"), text("url"), text("external_url")],
    authors: authors.flatMap((author) => (typeof author?.name === "string" ? author.name : [])),
    date: text("date_published") || text("date_modified") || null,
    keywords: list("tags").filter((tag) => typeof tag === "string"),
  };
}

interface Circumstances {
  readonly at: string;
  readonly topics: readonly string[];
  readonly file: SourceFile;
  readonly name: string;
}

function mentionOf(item: Item, { at, topics, file, name }: Circumstances): Mention {
  const title = cleanText(textOfHtml(item.title), 500);
  if (!title) return { refused: "no title", at };
  const facts = factsOf(item, title, topics);
  return { source: name, observedAt: file.observedAt, facts, readings: {} };
}

function factsOf(item: Item, title: string, topics: readonly string[]): PaperFacts {
  const link = webLink(item.link);
  const publishedOn = dayOf(item.date);
  const dois = item.names.map((each) => doiOf(each) ?? doiIn(each));
  const authors = cleanNames(item.authors);
  return {
    ...NO_FACTS,
    arxivId: firstOf(item.names.map(arxivIdOf)),
    doi: firstOf(dois),
    openReviewId: firstOf(
      item.names.map((each) => (/openreview\.net/.test(each) ? openReviewIdOf(each) : null)),
    ),
    title,
    abstract: cleanText(textOfHtml(item.text), 10_000) || null,
    authors,
    authorCount: authorCountOf(null, item.authors),
    publishedOn,
    announcedOn: publishedOn,
    keywords: cleanWords([...topics, ...item.keywords]),
    links: link === null ? {} : { abstract: link },
  };
}

/** A publisher's address often ends in the DOI. */
function doiIn(address: string): string | null {
  const doi =
    /^https?:\/\/[^/]+\/.*?(10\.\d{4,9}\/[^?#]+?)(?:v\d+)?(?:\.(?:full|abstract|short|pdf))*(?:[?#]|$)/.exec(
      address,
    )?.[1];
  return doiOf(doi);
}

function dayOf(date: string | null): CalendarDate | null {
  return instant(date)?.slice(0, 10) ?? dayOfDate(date);
}

function firstOf<Value>(values: readonly (Value | null)[]): Value | null {
  return values.find((value) => value !== null) ?? null;
}

/** A million empty items are a small text and much memory. */
function refuseCrowds({ path, text }: SourceFile): void {
  let count = 0;
  for (let at = text.indexOf("{"); at >= 0; at = text.indexOf("{", at + 1)) count++;
  if (count <= OBJECTS_MAX) return;
  const what = `${path} has more than ${grouped(OBJECTS_MAX)} objects.`;
  throw new PaperRoundError("HTTP_ANSWER_REFUSED", what);
}

function notAFeed({ path }: SourceFile): PaperRoundError {
  return new PaperRoundError("SOURCE_SHAPE", `${path} is neither RSS nor Atom nor JSON Feed.`);
}
