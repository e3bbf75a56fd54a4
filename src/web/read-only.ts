/** The pages over a home that can't be written: everything is there to read, and nothing is taken in. */
import type { Hono } from "hono";
import { html } from "hono/html";
import type { JoiningDependencies } from "./door.ts";
import { answerPlainly } from "./faults.ts";
import type { Markup, Show } from "./pages.ts";

type House = Pick<JoiningDependencies, "masthead">;

/** What can't be written is seldom put right within minutes. */
const RETRY_SECONDS = 3600;
/** Pages that are nothing but a form. */
const FORMS: ReadonlySet<string> = new Set(["/subscribe", "/link"]);

/** Answers 503 to whatever would change something under `path`. A GET never does. */
export function refuseChanges(app: Hono, path: string, house: House, show: Show): void {
  app.use(path, async (context, next) => {
    const { method } = context.req;
    const isReading = method === "GET" || method === "HEAD" || method === "OPTIONS";
    if (isReading && !FORMS.has(path)) return next();
    context.header("Retry-After", String(RETRY_SECONDS));
    const title = "Nothing can be changed here for now";
    return answerPlainly(context, show, { status: 503, title, main: unchangedPage(title, house) });
  });
}

/** Returns a way to show pages, those behind a reader's links with a word ahead of their forms. */
export function showUnchanging(show: Show): Show {
  return (context, title, main, status) => {
    // At the door nothing is shown but the refusal.
    const isOwn = context.req.path.indexOf("/", 1) > 0 && status !== 503;
    return show(context, title, isOwn ? html`${NOTE} ${main}` : main, status);
  };
}

const NOTE = html`<p class="note" role="status">
  Nothing can be changed here for now: no button works until the site can be written to again.
</p>`;

function unchangedPage(title: string, { masthead: { contact } }: House): Markup {
  return html`<h1>${title}</h1>
    <p>
      The site can only be read at the moment. Nothing was changed, and nothing was taken down;
      please come back later. All editions are open to everybody. Whoever wants to leave or to be
      erased at once may write to <a href="mailto:${contact}">${contact}</a>.
    </p>
    <p class="links"><a href="/archive">All editions</a> <a href="/search">Search</a></p>`;
}
