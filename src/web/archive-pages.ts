/**
 * The archive's pages: a sample for the front page, all editions, and one edition. Of an edition nothing
 * changes once it is published, but that one follows it.
 */
import type { Hono } from "hono";
import { html } from "hono/html";
import type { EditionHeading } from "../editions/archive.ts";
import { leadEntries, type Edition } from "../editions/edition.ts";
import { CADENCES, periodTitle, type Cadence, type Period } from "../editions/period.ts";
import type { Shelves } from "../editions/shelves.ts";
import { letterView, type LetterView, type Masthead } from "../mail/letter.ts";
import type { Newsletter } from "../newsletter.ts";
import { latexText } from "../papers/latex/reader.ts";
import { entryList, titleList } from "./entry-list.ts";
import { pageNumber, pageOf, pager, type Publish } from "./listing.ts";
import type { Markup } from "./pages.ts";

export interface ArchiveDependencies {
  readonly newsletter: Pick<Newsletter, "find">;
  readonly shelves: Shelves;
  readonly masthead: Masthead;
}

const EDITIONS_PER_PAGE = 30;
const EDITION_SECONDS = 3600;
/** The front page shows what a letter is like; its page has the rest. */
const SAMPLE_ENTRIES = 5;
const WORDS = { sample: 60, edition: 60 };

/** Adds the list of editions and a page for each. */
export function addArchivePages(app: Hono, house: ArchiveDependencies, publish: Publish): void {
  const { newsletter, shelves, masthead } = house;

  app.get("/archive/:cadence?", async (context, next) => {
    const cadence = context.req.param("cadence") ?? null;
    const number = pageNumber(context);
    if (number === null || (cadence !== null && !isCadence(cadence))) return next();
    const { headings, count } = await shelves.editions(cadence, pageOf(number, EDITIONS_PER_PAGE));
    if (headings.length === 0 && number > 1) return next();
    const path = cadence === null ? "/archive" : `/archive/${cadence}`;
    const title = cadence === null ? "All editions" : `${nameOf(cadence)} editions`;
    return publish(context, {
      title: `${title} · ${masthead.name}`,
      main: html`<h1>${title}</h1>
        ${cadenceLinks(cadence)} ${editionList(headings)}
        ${pager(path, number, { count, perPage: EDITIONS_PER_PAGE })}`,
      about: {
        path: number === 1 ? path : `${path}?page=${number}`,
        description: `${title} of ${masthead.name}, newest first.`,
      },
    });
  });

  app.get("/archive/:cadence/:period", async (context, next) => {
    const { cadence, period } = context.req.param();
    const edition = isCadence(cadence) ? await newsletter.find(cadence, period as Period) : null;
    if (!edition) return next();
    const view = letterView(edition, masthead);
    const beside = await shelves.neighbours(edition.cadence, edition.period);
    return publish(context, {
      title: `${view.edition.title} · ${masthead.name}`,
      main: editionPage(edition, { view, beside, masthead }),
      about: {
        path: editionPath(edition),
        description: view.entries.length > 0 ? view.subject : view.empty,
        type: "article",
      },
      // Nobody changes it; an hour is for those who run a newer version with another look. The latest one
      // is to lead to the next as soon as that is out.
      ...(beside.after !== null && { maxAge: EDITION_SECONDS }),
    });
  });
}

/**
 * Returns what makes the front page around a form: what it is, the form if there is one, and the latest
 * edition, which is set anew only when there may be another. `version` tells that.
 */
export function openFrontPage(
  house: ArchiveDependencies,
  version: () => string,
): (form: Markup | null) => Promise<Markup> {
  const { newsletter, shelves, masthead } = house;
  let latest: { readonly version: string; readonly shown: Markup } | null = null;

  async function latestEdition(): Promise<Markup> {
    // Most readers get the daily letter; a weekly one of this week would hide it until Sunday.
    const [newest] = [...(await shelves.names(1, "daily")), ...(await shelves.names(1))];
    const edition = newest ? await newsletter.find(newest.cadence, newest.period) : null;
    return edition ? sample(edition, masthead) : html`<p>No edition has been published yet.</p>`;
  }

  return async (form) => {
    const current = version();
    if (latest?.version !== current) {
      latest = { version: current, shown: await latestEdition() };
    }
    return html`<h1>The papers that people talk about, in one letter</h1>
      <p>
        ${masthead.name} gathers new research papers, picks those that get the most attention, and
        sends them by mail: what each says in a few sentences, and why it is there.
      </p>
      ${form} ${latest.shown}`;
  };
}

function sample(edition: Edition, masthead: Masthead): Markup {
  const view = letterView(edition, masthead);
  const leads = leadEntries(edition);
  const more = leads.length - SAMPLE_ENTRIES;
  return html`<section aria-labelledby="latest">
    <h2 class="section" id="latest">
      The latest edition: <a href="${editionPath(edition)}">${view.edition.title}</a>
    </h2>
    <p class="meta">${lineOf(view)}</p>
    ${view.empty && html`<p>${view.empty}</p>`}
    ${entryList(leads.slice(0, SAMPLE_ENTRIES), {
      masthead,
      today: edition.window.upTo,
      summaryWords: WORDS.sample,
      whole: true,
    })}
    <p class="links">
      <a href="${editionPath(edition)}"
        >${more > 0 ? `The whole edition, with ${more} more papers` : "The edition’s page"}</a
      >
      <a href="/archive">All editions</a>
    </p>
  </section>`;
}

type Beside = Awaited<ReturnType<Shelves["neighbours"]>>;

function editionPage(
  edition: Edition,
  { view, beside, masthead }: { view: LetterView; beside: Beside; masthead: Masthead },
): Markup {
  const others = edition.entries.filter(({ lead }) => !lead);
  const days = edition.entries.map(({ paper }) => paper.day ?? "");
  const day = edition.cadence === "daily" ? days.toSorted().at(-1) : "";
  return html`<h1>${view.edition.title}</h1>
    <p class="meta">${lineOf(view)}${view.note && ` · ${view.note}`}</p>
    ${view.empty && html`<p>${view.empty}</p>`}
    ${entryList(leadEntries(edition), {
      masthead,
      today: edition.window.upTo,
      summaryWords: WORDS.edition,
      whole: true,
    })}
    ${
      others.length > 0 &&
      html`<h2 class="section">${view.tail.title}</h2>
        ${titleList(others)}`
    }
    <p class="links">
      ${besideLinks(edition.cadence, beside)} <a href="/archive">All editions</a>
      ${day && html` <a href="/days/${day}">All papers of that day</a>`}
    </p>`;
}

function besideLinks(cadence: Cadence, { before, after }: Beside): Markup {
  const link = (rel: string, word: string, period: Period | null) =>
    period !== null &&
    html`<a rel="${rel}" href="${editionPath({ cadence, period })}"
      >${word}: ${periodTitle(cadence, period)}</a
    > `;
  return html`${link("prev", "Earlier", before)}${link("next", "Later", after)}`;
}

function lineOf({ edition, summaryLine }: LetterView): string {
  return [edition.label, summaryLine].filter(Boolean).join(" · ");
}

function cadenceLinks(shown: Cadence | null): Markup {
  const names = [null, ...CADENCES];
  return html`<p class="links">
    ${names.map((cadence) => {
      const name = cadence === null ? "All" : nameOf(cadence);
      if (cadence === shown) return html`<strong>${name}</strong> `;
      return html`<a href="/archive${cadence === null ? "" : `/${cadence}`}">${name}</a> `;
    })}
  </p>`;
}

function editionList(headings: readonly EditionHeading[]): Markup {
  if (headings.length === 0) return html`<p>No edition has been published yet.</p>`;
  return html`<ol class="editions">
    ${headings.map(
      (heading) =>
        html`<li>
          <h2>
            <a href="${editionPath(heading)}">${periodTitle(heading.cadence, heading.period)}</a>
          </h2>
          <p class="meta">
            ${nameOf(heading.cadence)} edition no. ${heading.number}, ${heading.leads}
            ${heading.leads === 1 ? "paper" : "papers"}
          </p>
          <p dir="auto">${heading.titles.map(latexText).join(" · ")}</p>
        </li>`,
    )}
  </ol>`;
}

/** Returns the address of an edition's page. */
export function editionPath({ cadence, period }: Pick<Edition, "cadence" | "period">): string {
  return `/archive/${cadence}/${period}`;
}

function isCadence(name: string): name is Cadence {
  return (CADENCES as readonly string[]).includes(name);
}

function nameOf(cadence: Cadence): string {
  return `${cadence[0]?.toUpperCase()}${cadence.slice(1)}`;
}
