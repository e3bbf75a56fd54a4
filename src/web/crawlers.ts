/** What programs that read the whole web are told: which pages there are, and which to leave alone. */
import type { Hono } from "hono";
import type { Shelves } from "../editions/shelves.ts";
import { TOPICS } from "../papers/topics.ts";
import { editionPath } from "./archive-pages.ts";
import { SECRET_PAGES } from "./pages.ts";
import { xml } from "./xml.ts";

export interface CrawlerDependencies {
  readonly shelves: Shelves;
  readonly siteUrl: string;
  /** Whether search engines may list the pages. */
  readonly searchEngines: boolean;
}

/** A sitemap holds 50,000 addresses at most; papers are found from their editions. */
const EDITIONS_MAX = 49_000;
/** Where a request costs more than it tells, or an address is somebody's secret. */
const NOT_FOR_CRAWLERS = ["/search", ...SECRET_PAGES.map((name) => `/${name}/`)];

/** Adds robots.txt and the sitemap. */
export function addCrawlerFiles(
  app: Hono,
  { shelves, siteUrl, searchEngines }: CrawlerDependencies,
): void {
  app.get("/robots.txt", (context) => {
    context.header("Cache-Control", "public, max-age=3600");
    const paths = searchEngines ? NOT_FOR_CRAWLERS : ["/"];
    const lines = paths.map((path) => `Disallow: ${path}\n`).join("");
    const sitemap = searchEngines ? `\nSitemap: ${siteUrl}/sitemap.xml\n` : "";
    return context.text(`User-agent: *\n${lines}${sitemap}`);
  });

  app.get("/sitemap.xml", async (context) => {
    const editions = await shelves.names(EDITIONS_MAX);
    const counts = await shelves.topicCounts();
    const topics = TOPICS.filter(({ id }) => counts.has(id));
    const urls = [
      urlElement(`${siteUrl}/`),
      urlElement(`${siteUrl}/archive`),
      urlElement(`${siteUrl}/topics`),
      ...topics.map(({ id }) => urlElement(`${siteUrl}/topics/${id}`)),
      ...editions.map((edition) =>
        urlElement(siteUrl + editionPath(edition), edition.publishedAt.slice(0, 10)),
      ),
    ];
    context.header("Content-Type", "application/xml; charset=utf-8");
    context.header("Cache-Control", "public, no-cache");
    return context.body(
      `<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${urls.join("")}</urlset>\n`,
    );
  });
}

function urlElement(url: string, changed?: string): string {
  const lastmod = changed ? `<lastmod>${xml(changed)}</lastmod>` : "";
  return `<url><loc>${xml(url)}</loc>${lastmod}</url>\n`;
}
