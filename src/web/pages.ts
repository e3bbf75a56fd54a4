/** What all pages share: the frame, in the look of the letter, and the headers that guard it. */
import type { Context, Hono } from "hono";
import { html, raw } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Masthead } from "../mail/letter.ts";
import type { NotationHtml } from "../papers/notation.ts";

/** Escaped HTML from a tagged template of `hono/html`. */
export type Markup = ReturnType<typeof html>;

/** Answers with a whole page. `title` is plain text; `main` has escaped its values. */
export type Show = (
  context: Context,
  title: string,
  main: Markup,
  status?: ContentfulStatusCode,
) => Response | Promise<Response>;

/** Returns HTML that stands as it is. Only what has escaped its values by its type may come here. */
export function asMarkup(safe: NotationHtml): Markup {
  return raw(safe);
}

/** What a page of the archive tells search engines, feed readers and those who link to it. */
export interface About {
  /** Its one address, from the root of the site. */
  readonly path: string;
  readonly description: string;
  readonly type?: "website" | "article";
  /** Where its feeds are, without their endings; those of the whole newsletter if left out. */
  readonly feeds?: string;
  /** Whether search engines should rather not list it. */
  readonly unlisted?: boolean;
}

/** The picture that stands beside links to the pages elsewhere. */
export const SHARE_PICTURE = { path: "/share.png", width: 1200, height: 630 };

/**
 * Pages that hold a reader's secret, some beside what a visitor has written: the length of such a page, were
 * it compressed, would tell of the one by the other (BREACH).
 */
export const SECRET_PAGES: readonly string[] = [
  "confirm",
  "refuse",
  "unsubscribe",
  "preferences",
  "opinion",
];

/** What the frame of every page tells of the site. */
export interface Frame {
  readonly masthead: Pick<Masthead, "name" | "tagline" | "siteUrl" | "contact" | "postalAddress">;
  /** Whether anybody may subscribe. */
  readonly isOpen: boolean;
}

/**
 * Returns a whole page. `title` is plain text; `main` is markup that has escaped its values; `path` is
 * where it stands.
 */
export function page(
  { masthead, isOpen }: Frame,
  { title, main, path }: { title: string; main: Markup; path: string },
  about: About | null = null,
): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/style.css" />
        ${about && aboutTags(masthead, title, about)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header>
          <div>
            <p class="name"><a href="/">${masthead.name}</a></p>
            <p class="tagline">${masthead.tagline}</p>
          </div>
          ${navigation(path, isOpen)}
        </header>
        <main id="main">${main}</main>
        ${footer(masthead, isOpen)}
      </body>
    </html> `;
}

function navigation(path: string, isOpen: boolean): Markup {
  const link = (target: string, name: string, kind = "") => {
    const isHere = path === target;
    return html`<a
      href="${target}"
      ${kind && html`class="${kind}"`}
      ${isHere ? html`aria-current="page"` : ""}
      >${name}</a
    > `;
  };
  return html`<nav aria-label="Pages of the site">
    ${link("/archive", "Editions")} ${link("/topics", "Topics")} ${link("/search", "Search")}
    ${isOpen && link("/subscribe", "Subscribe", "join")}
  </nav>`;
}

function footer({ name, contact, postalAddress }: Frame["masthead"], isOpen: boolean): Markup {
  return html`<footer>
    <ul>
      ${
        isOpen &&
        html`<li>
          <a href="/subscribe">Subscribe</a>
        </li>`
      }
      <li><a href="/link">Change or end a subscription</a></li>
      <li><a href="/privacy">Privacy</a></li>
      <li><a href="mailto:${contact}">Contact</a></li>
      <li><a href="/feed.atom">Atom</a></li>
      <li><a href="/feed.rss">RSS</a></li>
      <li><a href="/feed.json">JSON feed</a></li>
    </ul>
    <p>${name}${postalAddress && ` · ${postalAddress}`}</p>
  </footer>`;
}

function aboutTags({ name, siteUrl }: Frame["masthead"], title: string, about: About) {
  const feeds = `${siteUrl}${about.feeds ?? "/feed"}`;
  const picture = `${siteUrl}${SHARE_PICTURE.path}`;
  return html`<meta name="description" content="${about.description}" />
    ${about.unlisted && html`<meta name="robots" content="noindex" />`}
    <link rel="canonical" href="${siteUrl}${about.path}" />
    <link rel="alternate" type="application/atom+xml" title="Atom" href="${feeds}.atom" />
    <link rel="alternate" type="application/rss+xml" title="RSS" href="${feeds}.rss" />
    <link rel="alternate" type="application/feed+json" title="JSON Feed" href="${feeds}.json" />
    <meta property="og:site_name" content="${name}" />
    <meta property="og:type" content="${about.type ?? "website"}" />
    <meta property="og:title" content="${title}" />
    <meta property="og:description" content="${about.description}" />
    <meta property="og:url" content="${siteUrl}${about.path}" />
    <meta property="og:image" content="${picture}" />
    <meta property="og:image:width" content="${SHARE_PICTURE.width}" />
    <meta property="og:image:height" content="${SHARE_PICTURE.height}" />
    <meta property="og:image:alt" content="A letter with a list of papers" />
    <meta name="twitter:card" content="summary_large_image" />`;
}

/** No script, no frame by others, nothing from elsewhere, no address told to anyone. */
const GUARDS: Readonly<Record<string, string>> = {
  "Content-Security-Policy":
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "SAMEORIGIN",
};

/** What a browser is told of a site that is reached by https: never to try without. */
const SECURE_ONLY = { "Strict-Transport-Security": "max-age=31536000" };

/**
 * Puts the guards on every answer of `app`; set first, so that a letter's frame can replace one.
 * `siteUrl` is where the site is reached; left out for pages that are shown on this machine alone. Pages
 * may run no script but their own, where they have one.
 */
export function guardPages(app: Hono, siteUrl = "", hasScript = false): void {
  const policy = `${GUARDS["Content-Security-Policy"]}; script-src 'self'`;
  const guards = {
    ...GUARDS,
    ...(siteUrl.startsWith("https:") && SECURE_ONLY),
    ...(hasScript && { "Content-Security-Policy": policy }),
  };
  app.use(async (context, next) => {
    for (const [name, value] of Object.entries(guards)) context.header(name, value);
    await next();
  });
}

/** Serves the style sheet, with the newsletter's own accent in front. */
export function serveStyle(app: Hono, css: string, accent: string): void {
  app.get("/style.css", (context) => {
    context.header("Content-Type", "text/css; charset=utf-8");
    context.header("Cache-Control", "public, max-age=300");
    return context.body(`:root { --accent: ${accent}; }\n${css}`);
  });
}

/**
 * Answers with a letter's own HTML, to stand in a sandboxed frame: it brings its style with it, may
 * run nothing and load nothing, and opens its links in a new tab.
 */
export function letterFrame(context: Context, letter: string): Response {
  context.header(
    "Content-Security-Policy",
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox",
  );
  return context.html(letter.replace(/<head>/i, '<head><base target="_blank">'));
}
