/**
 * Feeds: the newsletter's, with an item for each edition, and one for each topic, with an item for each
 * paper that an edition held. Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1 say the same. An item's id is
 * its permanent address, and it never changes.
 */
import type { Context, Hono } from "hono";
import { leadEntries, type Edition } from "../editions/edition.ts";
import { periodTitle } from "../editions/period.ts";
import type { Shelves, ShelvedEntry } from "../editions/shelves.ts";
import { letterView, type Masthead } from "../mail/letter.ts";
import type { Newsletter } from "../newsletter.ts";
import { latexText } from "../papers/latex/reader.ts";
import { TOPICS } from "../papers/topics.ts";
import { editionPath } from "./archive-pages.ts";
import { paperPath, viewOf } from "./entry-list.ts";
import { xml } from "./xml.ts";

export interface FeedDependencies {
  readonly newsletter: Pick<Newsletter, "find">;
  readonly shelves: Shelves;
  readonly masthead: Masthead;
}

/** What a feed says, whatever its format. Addresses are whole. */
interface Feed {
  readonly title: string;
  readonly subtitle: string;
  readonly author: string;
  /** The page that it belongs to. */
  readonly url: string;
  /** Its own address, without the ending. */
  readonly self: string;
  readonly items: readonly FeedItem[];
}

interface FeedItem {
  readonly url: string;
  readonly title: string;
  readonly html: string;
  readonly publishedAt: string;
  readonly tags: readonly string[];
}

const EDITIONS_MAX = 15;
const PAPERS_MAX = 30;
const SUMMARY_WORDS = 60;
/** When a feed without items was changed; Atom wants a time. */
const NEVER = "1970-01-01T00:00:00.000Z";

const FORMATS = {
  atom: { type: "application/atom+xml; charset=utf-8", write: atom },
  rss: { type: "application/rss+xml; charset=utf-8", write: rss },
  json: { type: "application/feed+json; charset=utf-8", write: jsonFeed },
} as const;

/** Adds the feeds of the newsletter and of every topic. */
export function addFeeds(app: Hono, house: FeedDependencies): void {
  app.get("/:feed{feed\\.(?:atom|rss|json)}", async (context) =>
    answer(context, await newsletterFeed(house)),
  );
  app.get("/topics/:topic/:feed{feed\\.(?:atom|rss|json)}", async (context, next) => {
    const feed = await topicFeed(house, context.req.param("topic"));
    return feed ? answer(context, feed) : next();
  });
}

function answer(context: Context, feed: Feed): Response {
  const format = context.req.path.split(".").at(-1) as keyof typeof FORMATS;
  const { type, write } = FORMATS[format];
  context.header("Content-Type", type);
  context.header("Cache-Control", "public, no-cache");
  // A feed is for programs of any origin.
  context.header("Access-Control-Allow-Origin", "*");
  return context.body(write(feed));
}

async function newsletterFeed({ newsletter, shelves, masthead }: FeedDependencies): Promise<Feed> {
  const names = await shelves.names(EDITIONS_MAX);
  const editions = await Promise.all(
    names.map(({ cadence, period }) => newsletter.find(cadence, period)),
  );
  return {
    title: masthead.name,
    subtitle: masthead.tagline,
    author: masthead.name,
    url: `${masthead.siteUrl}/`,
    self: `${masthead.siteUrl}/feed`,
    items: editions.flatMap((edition) => (edition ? [editionItem(edition, masthead)] : [])),
  };
}

async function topicFeed(
  { shelves, masthead }: FeedDependencies,
  id: string,
): Promise<Feed | null> {
  const topic = TOPICS.find((each) => each.id === id);
  if (!topic) return null;
  const { entries } = await shelves.topic(id, { offset: 0, limit: PAPERS_MAX });
  return {
    title: `${topic.name} · ${masthead.name}`,
    subtitle: `Papers about ${topic.name} from the editions of ${masthead.name}`,
    author: masthead.name,
    url: `${masthead.siteUrl}/topics/${id}`,
    self: `${masthead.siteUrl}/topics/${id}/feed`,
    items: entries.map((shelved) => paperItem(shelved, masthead)),
  };
}

function editionItem(edition: Edition, masthead: Masthead): FeedItem {
  const view = letterView(edition, masthead);
  const leads = leadEntries(edition);
  const items = leads.map((entry) => {
    const about = entryHtml({ entry, edition }, masthead);
    const url = xml(masthead.siteUrl + paperPath(entry.paper));
    return `<li><a href="${url}">${xml(latexText(entry.paper.title))}</a>${about}</li>`;
  });
  return {
    url: masthead.siteUrl + editionPath(edition),
    title: `${periodTitle(edition.cadence, edition.period)}: ${view.subject}`,
    html: items.length > 0 ? `<ol>${items.join("")}</ol>` : `<p>${xml(view.empty)}</p>`,
    publishedAt: edition.publishedAt,
    tags: [],
  };
}

function paperItem(shelved: ShelvedEntry, masthead: Masthead): FeedItem {
  const { entry, edition } = shelved;
  const held = xml(masthead.siteUrl + editionPath(edition));
  const title = xml(periodTitle(edition.cadence, edition.period));
  return {
    url: masthead.siteUrl + paperPath(entry.paper),
    title: latexText(entry.paper.title),
    html: `${entryHtml(shelved, masthead)}<p>From the edition of <a href="${held}">${title}</a></p>`,
    publishedAt: edition.publishedAt,
    tags: entry.paper.categories,
  };
}

function entryHtml(
  { entry, edition }: { entry: ShelvedEntry["entry"]; edition: Pick<Edition, "window"> },
  masthead: Masthead,
): string {
  const today = edition.window.upTo;
  const view = viewOf(entry, { masthead, today, summaryWords: SUMMARY_WORDS, whole: true });
  const summary = view.summary ? `<p>${view.summaryHtml}</p>` : "";
  const facts = [view.label, ...view.about, view.reason].filter(Boolean).join(" · ");
  return `<p>${xml(facts)}</p>${summary}`;
}

function updatedOf({ items }: Feed): string {
  return items.reduce((last, { publishedAt }) => (publishedAt > last ? publishedAt : last), NEVER);
}

function atom(feed: Feed): string {
  const entries = feed.items.map(
    ({ url, title, html, publishedAt, tags }) => `  <entry>
    <id>${xml(url)}</id>
    <title>${xml(title)}</title>
    <link rel="alternate" type="text/html" href="${xml(url)}"/>
    <published>${publishedAt}</published>
    <updated>${publishedAt}</updated>
${tags.map((tag) => `    <category term="${xml(tag)}"/>\n`).join("")}    <content type="html">${xml(html)}</content>
  </entry>
`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
  <id>${xml(feed.url)}</id>
  <title>${xml(feed.title)}</title>
  <subtitle>${xml(feed.subtitle)}</subtitle>
  <link rel="alternate" type="text/html" href="${xml(feed.url)}"/>
  <link rel="self" type="application/atom+xml" href="${xml(feed.self)}.atom"/>
  <updated>${updatedOf(feed)}</updated>
  <author><name>${xml(feed.author)}</name></author>
${entries.join("")}</feed>
`;
}

function rss(feed: Feed): string {
  const items = feed.items.map(
    ({ url, title, html, publishedAt, tags }) => `    <item>
      <title>${xml(title)}</title>
      <link>${xml(url)}</link>
      <guid isPermaLink="true">${xml(url)}</guid>
      <pubDate>${mailDate(publishedAt)}</pubDate>
${tags.map((tag) => `      <category>${xml(tag)}</category>\n`).join("")}      <description>${xml(html)}</description>
    </item>
`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
  <channel>
    <title>${xml(feed.title)}</title>
    <link>${xml(feed.url)}</link>
    <description>${xml(feed.subtitle)}</description>
    <language>en</language>
    <lastBuildDate>${mailDate(updatedOf(feed))}</lastBuildDate>
    <atom:link rel="self" type="application/rss+xml" href="${xml(feed.self)}.rss"/>
${items.join("")}  </channel>
</rss>
`;
}

function jsonFeed(feed: Feed): string {
  return JSON.stringify({
    version: "https://jsonfeed.org/version/1.1",
    title: feed.title,
    description: feed.subtitle,
    language: "en",
    home_page_url: feed.url,
    feed_url: `${feed.self}.json`,
    authors: [{ name: feed.author }],
    items: feed.items.map(({ url, title, html, publishedAt, tags }) => ({
      id: url,
      url,
      title,
      content_html: html,
      date_published: publishedAt,
      ...(tags.length > 0 ? { tags } : {}),
    })),
  });
}

/** Returns the time as RFC 822 writes it, which RSS wants. */
function mailDate(time: string): string {
  return new Date(time).toUTCString();
}
