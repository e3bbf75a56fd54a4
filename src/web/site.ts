/**
 * The public pages: what the newsletter is, its archive, its feeds, and the pages by which readers come
 * and go. A GET never changes anything (mail scanners open every link); a POST acts. No cookies, and no
 * script but that of a proof of work, where one is asked for.
 */
import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { hastily } from "../io/patience.ts";
import type { Templates } from "../io/template.ts";
import { addArchivePages, openFrontPage, type ArchiveDependencies } from "./archive-pages.ts";
import { addCrawlerFiles, type CrawlerDependencies } from "./crawlers.ts";
import { answerFaults, type FailedRequest } from "./faults.ts";
import { addFeeds, type FeedDependencies } from "./feeds.ts";
import type { JoiningDependencies } from "./door.ts";
import { openToScripts } from "./joining-api.ts";
import { addJoining, joinBox } from "./joining.ts";
import { COMPRESSED_FROM, type KeptPages } from "./kept-pages.ts";
import { addLearned } from "./learned-pages.ts";
import type { Publish } from "./listing.ts";
import { answerMethods } from "./methods.ts";
import { guardPages, page, serveStyle, type Show } from "./pages.ts";
import { addPaperPages, type PaperDependencies } from "./paper-pages.ts";
import { isUnencrypted, knowVisitors } from "./proxy.ts";
import { showUnchanging } from "./read-only.ts";
import { addSharePicture } from "./share-picture.ts";

export interface SiteDependencies
  extends
    JoiningDependencies,
    ArchiveDependencies,
    PaperDependencies,
    FeedDependencies,
    Pick<CrawlerDependencies, "searchEngines"> {
  readonly newsletter: ArchiveDependencies["newsletter"];
  readonly templates: Templates;
  /** Addresses and CIDR ranges of proxies whose word on a request's way counts. */
  readonly trustedProxies: readonly string[];
  /** Where public pages are kept; left out: each is made anew for every request. */
  readonly kept?: KeptPages;
  /** Tells what public pages show; it is another after every change. */
  readonly papersVersion: () => string;
  /** Throws what a database that is out of reach throws. */
  readonly checkDatabases: () => Promise<void>;
  /** Told of every fault behind a page; the visitor learns only that there was one. */
  readonly report: (fault: Error, request: FailedRequest) => void;
}

/** No form of ours has more, but for those of a reader's own lists, which have a limit of their own. */
const BODY_BYTES_MAX = 64 * 1024;
/** How long a visitor waits for another program to let go of the database. */
const PATIENCE_MS = 2000;

/** Returns the public pages. */
export function openSite(house: SiteDependencies): Hono {
  const { masthead, searchEngines, shelves } = house;
  const app = new Hono();
  const frame = { masthead, isOpen: house.door.open };
  const show: Show = (context, title, main, status = 200) =>
    context.html(page(frame, { title, main, path: context.req.path }), status);
  const publish: Publish = (context, { title, main, about, maxAge }) => {
    context.header("Cache-Control", maxAge ? `public, max-age=${maxAge}` : "public, no-cache");
    return context.html(page(frame, { title, main, path: about.path }, about));
  };

  app.use((_, next) => hastily(PATIENCE_MS, next));
  knowVisitors(app, house.trustedProxies);
  numberRequests(app);
  const hasScript = house.door.proofOfWork > 0;
  guardPages(app, masthead.siteUrl, hasScript);
  addHealth(app, house);
  openToScripts(app);
  insistOnHttps(app, masthead.siteUrl);
  // But for what says no-transform: pages that hold a reader's secret.
  app.use(compress({ threshold: COMPRESSED_FROM }));
  house.kept?.standBefore(app);
  app.use(async (context, next) => {
    if (!searchEngines) context.header("X-Robots-Tag", "noindex");
    await next();
  });
  app.use(answerMethods(app));
  const limit = bodyLimit({ maxSize: BODY_BYTES_MAX });
  app.use((context, next) =>
    context.req.path.startsWith("/preferences/") ? next() : limit(context, next),
  );
  answerFaults(app, house.report, show);

  const css = house.templates.file("look.css") + house.templates.file("page.css");
  serveStyle(app, css, masthead.accent);
  addSharePicture(app, masthead.accent);
  if (hasScript) serveScript(app, house.templates.file("proof.js"));
  const frontPage = openFrontPage(house, house.papersVersion);
  app.get("/", async (context) => {
    const form = joinBox(house);
    const title = masthead.name;
    const main = await frontPage(form);
    const about = { path: "/", description: masthead.tagline };
    if (!form) return publish(context, { title, main, about });
    // The form is of its moment, so the page is made anew for everybody.
    context.header("Cache-Control", "no-store");
    return context.html(page(frame, { title, main, path: about.path }, about));
  });
  addFeeds(app, house);
  addArchivePages(app, house, publish);
  addPaperPages(app, house, publish);
  addCrawlerFiles(app, { shelves, siteUrl: masthead.siteUrl, searchEngines });
  const showForm = house.isReadOnly ? showUnchanging(show) : show;
  addJoining(app, house, showForm);
  addLearned(app, house, showForm);
  return app;
}

function serveScript(app: Hono, script: string): void {
  app.get("/proof.js", (context) => {
    context.header("Content-Type", "text/javascript; charset=utf-8");
    context.header("Cache-Control", "public, max-age=300");
    return context.body(script);
  });
}

/** Gives each request a name of its own, by which the log and a visitor can mean the same. */
function numberRequests(app: Hono): void {
  app.use(async (context, next) => {
    context.set("requestId", randomUUID());
    await next();
    context.res.headers.set("X-Request-Id", context.get("requestId"));
  });
}

/** Sends those who reached a proxy unencrypted to where the site is. */
function insistOnHttps(app: Hono, siteUrl: string): void {
  if (!siteUrl.startsWith("https:")) return;
  app.use(async (context, next) => {
    const { method, url } = context.req;
    const isReading = method === "GET" || method === "HEAD";
    if (!isReading || !isUnencrypted(context)) return next();
    const { pathname, search } = new URL(url);
    return context.redirect(`${siteUrl}${pathname}${search}`, 308);
  });
}

function addHealth(app: Hono, { checkDatabases }: SiteDependencies): void {
  app.get("/healthz", async (context: Context) => {
    context.header("Cache-Control", "no-store");
    try {
      await checkDatabases();
      return context.text("ok\n");
    } catch {
      return context.text("The database is out of reach.\n", 503);
    }
  });
}
