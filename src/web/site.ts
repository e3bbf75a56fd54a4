/**
 * The public pages: the archive, and what the links in a letter lead to. A GET never changes
 * anything (mail scanners open every link); a POST acts. No cookies, no scripts.
 */
import { Hono } from "hono";
import { html } from "hono/html";
import { HTTPException } from "hono/http-exception";
import { CADENCES, periodTitle, type Cadence, type Period } from "../editions/period.ts";
import type { EditionHeading } from "../editions/archive.ts";
import type { Edition } from "../editions/edition.ts";
import type { Templates } from "../io/template.ts";
import { letterView, type Masthead } from "../mail/letter.ts";
import type { Newsletter } from "../newsletter.ts";
import { latexText } from "../papers/latex/reader.ts";
import { addJoining, type JoiningDependencies } from "./joining.ts";
import { asMarkup, guardPages, page, serveStyle, type Markup, type Show } from "./pages.ts";
import { knowVisitors } from "./proxy.ts";

export interface SiteDependencies extends JoiningDependencies {
  readonly newsletter: Newsletter;
  readonly templates: Templates;
  readonly masthead: Masthead;
  /** Addresses and CIDR ranges of proxies whose word on a request's way counts. */
  readonly trustedProxies: readonly string[];
  /** Told of every fault behind a page; the visitor learns only that there was one. */
  readonly report: (fault: Error) => void;
}

const EDITIONS_SHOWN = 500;

/** Returns the public pages. */
export function openSite(house: SiteDependencies): Hono {
  const { newsletter, masthead } = house;
  const app = new Hono();
  knowVisitors(app, house.trustedProxies);
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
  addJoining(app, house, show);
  app.notFound((context) => show(context, "Page not found", missingPage(), 404));
  return app;
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

function outOfOrderPage(): Markup {
  return html`<h1>Out of order</h1>
    <p>Something went wrong on our side. Nothing was changed; please try again in a while.</p>`;
}

function missingPage(): Markup {
  return html`<h1>There is nothing here</h1>
    <p><a href="/">All editions</a></p>`;
}
