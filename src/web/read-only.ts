/** The pages over a home that can't be written: everything is there to read, and nothing is taken in. */
import type { Hono } from "hono";
import { html } from "hono/html";
import { answerPlainly } from "./faults.ts";
import type { Markup, Show } from "./pages.ts";

/** Whoever wrote the home off does not write it on again within minutes. */
const RETRY_SECONDS = 3600;
/** Pages that are nothing but a form. */
const FORMS: ReadonlySet<string> = new Set(["/subscribe", "/link"]);

/** Answers 503 to whatever would change something under `path`. A GET never does. */
export function refuseChanges(app: Hono, path: string, show: Show): void {
  app.use(path, async (context, next) => {
    const { method } = context.req;
    const isReading = method === "GET" || method === "HEAD" || method === "OPTIONS";
    if (isReading && !FORMS.has(path)) return next();
    context.header("Retry-After", String(RETRY_SECONDS));
    const title = "Nothing can be changed here for now";
    return answerPlainly(context, show, { status: 503, title, main: unchangedPage(title) });
  });
}

/** Returns a way to show pages that hold forms, with a word ahead of them. */
export function showUnchanging(show: Show): Show {
  return (context, title, main, status) =>
    show(context, title, status === 503 ? main : html`${NOTE} ${main}`, status);
}

const NOTE = html`<p class="note" role="status">
  Nothing can be changed here for now: no button works until the site can be written to again.
</p>`;

function unchangedPage(title: string): Markup {
  return html`<h1>${title}</h1>
    <p>
      The site can only be read at the moment. Nothing was changed, and nothing was taken down;
      please come back later. All editions are open to everybody.
    </p>
    <p class="links"><a href="/archive">All editions</a> <a href="/search">Search</a></p>`;
}
