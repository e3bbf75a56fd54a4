/**
 * The preview: any day's letter in a browser, on this machine only. The date stands in the address, so
 * that it can be reloaded and compared; cadence and reader are chosen when it is started.
 */
import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { isPublished, leadEntries, type Draft } from "../editions/edition.ts";
import { parseDate, periodTitle, type Cadence } from "../editions/period.ts";
import { PaperRoundError } from "../errors.ts";
import type { Templates } from "../io/template.ts";
import type { Masthead } from "../mail/letter.ts";
import type { Parts } from "../mail/message.ts";
import type { Newsletter } from "../newsletter.ts";
import { latexText } from "../papers/latex/reader.ts";
import type { Subscriber } from "../subscribers/subscriber.ts";
import { guardPages, letterFrame, page, serveStyle, type Markup } from "./pages.ts";
import { refuseForeignHosts } from "./server.ts";

export interface PreviewDependencies {
  readonly newsletter: Newsletter;
  readonly templates: Templates;
  readonly masthead: Masthead;
  /** Whose letter is shown; null for somebody who is not subscribed. */
  readonly reader: Subscriber | null;
  readonly cadence: Cadence;
  /** The date that is shown when the address names none. */
  readonly date: string;
}

/** Returns the preview's pages. Nothing is published or sent by looking. */
export function openPreview(house: PreviewDependencies): Hono {
  const { newsletter, masthead, reader } = house;
  const app = new Hono();
  refuseForeignHosts(app);
  guardPages(app);
  serveStyle(app, house.templates.file("page.css"), masthead.accent);

  const draftOf = (context: Context): Promise<Draft> => {
    const date = parseDate(context.req.query("date") ?? house.date);
    return newsletter.edition(house.cadence, date);
  };
  const partsOf = async (context: Context): Promise<Parts> =>
    newsletter.print(await newsletter.set(await draftOf(context)), reader);

  app.get("/", async (context) => {
    const draft = await draftOf(context);
    const parts = await partsOf(context);
    const shown = context.req.query("date") ?? house.date;
    const main = previewPage(draft, parts, shown, reader);
    return context.html(page(masthead, `Preview: ${parts.subject}`, main));
  });
  app.get("/letter.html", async (context) => {
    const { html: letter } = await partsOf(context);
    return letter === null
      ? context.text("This reader gets plain text only.")
      : letterFrame(context, letter);
  });
  app.get("/letter.txt", async (context) => context.text((await partsOf(context)).text));
  app.onError((error, context) => {
    if (!(error instanceof PaperRoundError)) throw error;
    return context.html(
      page(
        masthead,
        "Preview",
        html`<h1>No letter to show</h1>
          <pre>
${error.message}
${error.remedy}</pre>`,
      ),
      error.code === "DATE_INVALID" ? 400 : 500,
    );
  });
  return app;
}

function previewPage(draft: Draft, parts: Parts, date: string, reader: Subscriber | null): Markup {
  const leads = leadEntries(draft);
  const others = draft.entries.filter((entry) => !entry.lead).slice(0, 10);
  const query = `?date=${encodeURIComponent(date)}`;
  return html`<h1>${periodTitle(draft.cadence, draft.period)}</h1>
    <form method="get" class="inline">
      <label>Date <input type="date" name="date" value="${date}" /></label> <button>Show</button>
    </form>
    <dl class="facts">
      <dt>State</dt>
      <dd>
        ${isPublished(draft) ? `published as no. ${draft.number}, frozen` : "as it would be published now"}
      </dd>
      <dt>Papers</dt>
      <dd>${leads.length} of ${draft.candidates} candidates</dd>
      <dt>Subject</dt>
      <dd>${parts.subject}</dd>
      <dt>Shown as</dt>
      <dd>${reader ? reader.address : "a one-off, without subscription"}</dd>
    </dl>
    ${
      leads.length === 0
        ? html`<p>
            No papers are known for this day. Choose another date, or gather papers first.
          </p>`
        : html`<p class="links">
              <a href="/letter.html${query}">HTML alone</a>
              <a href="/letter.txt${query}">Text part</a>
            </p>
            <div class="screens">
              <iframe
                class="letter wide"
                sandbox="allow-popups"
                src="/letter.html${query}"
                title="The letter on a desktop"
              ></iframe>
              <iframe
                class="letter narrow"
                sandbox="allow-popups"
                src="/letter.html${query}"
                title="The letter on a phone, 390 pixels wide"
              ></iframe>
            </div>`
    }
    ${
      others.length > 0 &&
      html`<h2>Runners-up</h2>
        <ol class="plain" start="${leads.length + 1}">
          ${others.map(
            ({ paper, reason }) =>
              html`<li>
                <span dir="auto">${latexText(paper.title)}</span>
                <span class="meta">${reason}</span>
              </li>`,
          )}
        </ol>`
    }`;
}
