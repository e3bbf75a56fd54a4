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

/** Returns a whole page. `title` is plain text; `main` is markup that has escaped its values. */
export function page(
  masthead: Pick<Masthead, "name" | "tagline">,
  title: string,
  main: Markup,
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
      </head>
      <body>
        <header>
          <p class="name"><a href="/">${masthead.name}</a></p>
          <p class="tagline">${masthead.tagline}</p>
        </header>
        <main>${main}</main>
      </body>
    </html> `;
}

/** No script, no frame by others, nothing from elsewhere, no address told to anyone. */
const GUARDS: Readonly<Record<string, string>> = {
  "Content-Security-Policy":
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "interest-cohort=()",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "SAMEORIGIN",
};

/** Puts the guards on every answer of `app`; set first, so that a letter's frame can replace one. */
export function guardPages(app: Hono): void {
  app.use(async (context, next) => {
    for (const [name, value] of Object.entries(GUARDS)) context.header(name, value);
    await next();
  });
}

/** Serves the style sheet, with the newsletter's own accent in front. */
export function serveStyle(app: Hono, css: string, accent: string): void {
  app.get("/style.css", (context) => {
    context.header("Content-Type", "text/css; charset=utf-8");
    context.header("Cache-Control", "max-age=300");
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
