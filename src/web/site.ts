/**
 * The public pages: the archive, and what the links in a letter lead to. A GET never changes
 * anything (mail scanners open every link); a POST acts. No cookies, no scripts.
 */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { html } from "hono/html";
import { HTTPException } from "hono/http-exception";
import { CADENCES, periodTitle, type Cadence, type Period } from "../editions/period.ts";
import type { EditionHeading } from "../editions/archive.ts";
import type { Edition } from "../editions/edition.ts";
import type { Templates } from "../io/template.ts";
import { letterView, type Masthead } from "../mail/letter.ts";
import type { Newsletter } from "../newsletter.ts";
import { latexText } from "../papers/latex/reader.ts";
import type { LinkPurpose, Links } from "../subscribers/links.ts";
import type { Subscriber } from "../subscribers/subscriber.ts";
import type { SubscriberList } from "../subscribers/subscriber-list.ts";
import { asMarkup, guardPages, page, serveStyle, type Markup } from "./pages.ts";

export interface SiteDependencies {
  readonly newsletter: Newsletter;
  readonly subscribers: SubscriberList;
  readonly links: Links;
  readonly templates: Templates;
  readonly masthead: Masthead;
  /** Told of every fault behind a page; the visitor learns only that there was one. */
  readonly report: (fault: Error) => void;
}

const FORM_BYTES_MAX = 16 * 1024;
const EDITIONS_SHOWN = 500;

/** Returns the public pages. */
export function openSite(house: SiteDependencies): Hono {
  const { newsletter, masthead } = house;
  const app = new Hono();
  guardPages(app);
  serveStyle(app, house.templates.file("page.css"), masthead.accent);
  const show: Show = (context, title, main, status = 200) =>
    context.html(page(masthead, title, main), status);
  app.onError((fault, context) => {
    // Not a fault but an answer of the framework's own, to a body over the limit.
    if (fault instanceof HTTPException) {
      const answer = fault.getResponse();
      return context.newResponse(answer.body, answer);
    }
    house.report(fault);
    return show(context, "Out of order", outOfOrderPage(), 500);
  });

  app.get("/healthz", (context) => context.text("ok\n"));
  app.get("/", async (context) =>
    show(context, masthead.name, frontPage(await newsletter.headings(EDITIONS_SHOWN))),
  );
  app.get("/archive/:cadence/:period", async (context) => {
    const { cadence, period } = context.req.param();
    const known = (CADENCES as readonly string[]).includes(cadence);
    const edition = known ? await newsletter.find(cadence as Cadence, period as Period) : null;
    if (!edition) return show(context, "No such edition", missingPage(), 404);
    return show(
      context,
      `${masthead.name}, ${periodTitle(edition.cadence, edition.period)}`,
      editionPage(edition, masthead),
    );
  });
  addReaderPages(app, house, show);
  app.notFound((context) => show(context, "Page not found", missingPage(), 404));
  return app;
}

type Show = (
  context: Context,
  title: string,
  main: Markup,
  status?: 200 | 400 | 404 | 500,
) => Response | Promise<Response>;

/** The pages that the links of a letter lead to. Their addresses are secrets of one reader. */
function addReaderPages(
  app: Hono,
  { newsletter, subscribers, links }: SiteDependencies,
  show: Show,
): void {
  async function readerOf(purpose: LinkPurpose, token: string): Promise<Subscriber | null> {
    const key = links.verify(purpose, token);
    return key === null ? null : subscribers.get(key);
  }
  for (const path of ["/unsubscribe/*", "/preferences/*"]) {
    app.use(path, async (context, next) => {
      await next();
      context.header("Cache-Control", "no-store");
      context.header("X-Robots-Tag", "noindex");
    });
    app.use(path, bodyLimit({ maxSize: FORM_BYTES_MAX }));
  }

  app.get("/unsubscribe/:token", async (context) => {
    const reader = await readerOf("unsubscribe", context.req.param("token"));
    if (!reader) return show(context, "Link not known", unknownLinkPage(), 404);
    return show(
      context,
      "Unsubscribe",
      reader.state === "confirmed" ? leavePage(reader) : leftPage(reader),
    );
  });
  // RFC 8058 section 3.2: the mail program posts here without cookies and follows no redirect. The
  // form of the page above posts here as well; neither needs a body.
  app.post("/unsubscribe/:token", async (context) => {
    const reader = await readerOf("unsubscribe", context.req.param("token"));
    if (!reader) return show(context, "Link not known", unknownLinkPage(), 404);
    await newsletter.unsubscribe(reader);
    return show(context, "Unsubscribed", leftPage(reader));
  });

  app.get("/preferences/:token", async (context) => {
    const token = context.req.param("token");
    const reader = await readerOf("preferences", token);
    if (!reader) return show(context, "Link not known", unknownLinkPage(), 404);
    const leave = `/unsubscribe/${links.token("unsubscribe", reader.key)}`;
    return show(context, "Preferences", preferencesPage(reader, leave, false));
  });
  app.post("/preferences/:token", async (context) => {
    const reader = await readerOf("preferences", context.req.param("token"));
    if (!reader) return show(context, "Link not known", unknownLinkPage(), 404);
    const leave = `/unsubscribe/${links.token("unsubscribe", reader.key)}`;
    const { format } = await context.req.parseBody().catch(() => ({ format: null }));
    // Whatever did not come from the form below changes nothing.
    if (format !== "html" && format !== "text") {
      return show(context, "Preferences", preferencesPage(reader, leave, false), 400);
    }
    const textOnly = format === "text";
    await subscribers.setTextOnly(reader.key, textOnly);
    return show(context, "Preferences", preferencesPage({ ...reader, textOnly }, leave, true));
  });
}

function frontPage(headings: readonly EditionHeading[]): Markup {
  if (headings.length === 0) {
    return html`<h1>Editions</h1>
      <p>No edition has been published yet.</p>`;
  }
  return html`<h1>Editions</h1>
    <ol class="editions">
      ${headings.map(
        ({ cadence, period, number, titles, leads }) =>
          html`<li>
            <h2><a href="/archive/${cadence}/${period}">${periodTitle(cadence, period)}</a></h2>
            <p class="meta">
              ${cadence[0]?.toUpperCase()}${cadence.slice(1)} edition no. ${number}, ${leads}
              ${leads === 1 ? "paper" : "papers"}
            </p>
            <p>${titles.map(latexText).join(" · ")}</p>
          </li>`,
      )}
    </ol>`;
}

function editionPage(edition: Edition, masthead: Masthead): Markup {
  const view = letterView(edition, masthead);
  return html`<h1>${view.edition.title}</h1>
    <p class="meta">${view.edition.label} · ${view.summaryLine}${view.note && ` · ${view.note}`}</p>
    <ol class="entries">
      ${view.entries.map(
        (entry) =>
          html`<li>
            <h2 dir="auto">
              <span class="rank">${entry.rank}</span>
              ${entry.url ? html`<a href="${entry.url}" rel="noopener nofollow">${asMarkup(entry.titleHtml)}</a>` : asMarkup(entry.titleHtml)}
            </h2>
            <p class="meta">
              ${[entry.byline, entry.organization, entry.date].filter(Boolean).join(" · ")}
            </p>
            ${entry.summary && html`<p dir="auto">${asMarkup(entry.summaryHtml)}</p>`}
            ${entry.summaryNote && html`<p class="meta">${entry.summaryNote}</p>`}
            <p class="meta">Why it is here: ${entry.reason}</p>
            <p class="links">
              ${entry.links.map(
                (link) =>
                  html`<a href="${link.url}" rel="noopener nofollow" aria-label="${link.name}"
                    >${link.label}</a
                  > `,
              )}
            </p>
          </li>`,
      )}
    </ol>
    <p><a href="/">All editions</a></p>`;
}

function leavePage(reader: Subscriber): Markup {
  return html`<h1>Unsubscribe?</h1>
    <p>
      <strong>${reader.address}</strong> gets the ${reader.cadence} letter. One press and no further
      letter comes.
    </p>
    <form method="post"><button>Unsubscribe</button></form>`;
}

function leftPage(reader: Subscriber): Markup {
  return html`<h1>You are unsubscribed</h1>
    <p>
      No further letter goes to <strong>${reader.address}</strong>, not even one that is being sent
      at this moment.
    </p>`;
}

function preferencesPage(reader: Subscriber, leave: string, saved: boolean): Markup {
  if (reader.state !== "confirmed") return leftPage(reader);
  return html`<h1>What you get</h1>
    ${saved && html`<p role="status" class="saved">Saved. The next letter comes like this.</p>`}
    <p><strong>${reader.address}</strong> gets the ${reader.cadence} letter.</p>
    <form method="post">
      <fieldset>
        <legend>How it comes</legend>
        <label
          ><input type="radio" name="format" value="html" ${reader.textOnly ? "" : "checked"} /> Set
          with type and links</label
        >
        <label
          ><input type="radio" name="format" value="text" ${reader.textOnly ? "checked" : ""} /> As
          plain text only</label
        >
      </fieldset>
      <button>Save</button>
    </form>
    <p><a href="${leave}">Unsubscribe</a></p>`;
}

function unknownLinkPage(): Markup {
  return html`<h1>This link is not known</h1>
    <p>It may have been cut off on its way. Take it whole from the foot of any of our letters.</p>`;
}

function outOfOrderPage(): Markup {
  return html`<h1>Out of order</h1>
    <p>Something went wrong on our side. Nothing was changed; please try again in a while.</p>`;
}

function missingPage(): Markup {
  return html`<h1>There is nothing here</h1>
    <p><a href="/">All editions</a></p>`;
}
