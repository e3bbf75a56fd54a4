/** Pages about papers: each by itself, those of a day, those of a topic, and the search. */
import type { Hono } from "hono";
import { html } from "hono/html";
import { periodTitle, shortDate, type Period } from "../editions/period.ts";
import type { Shelves } from "../editions/shelves.ts";
import { counted } from "../io/plural.ts";
import type { Masthead } from "../mail/letter.ts";
import type { Catalogue } from "../papers/catalogue.ts";
import { latexText, readLatex } from "../papers/latex/reader.ts";
import { notationHtml } from "../papers/notation.ts";
import type { Candidate } from "../papers/paper.ts";
import { COUNTS } from "../papers/readings.ts";
import { calendarDate } from "../papers/text.ts";
import { TOPICS } from "../papers/topics.ts";
import { editionPath } from "./archive-pages.ts";
import { entryList, listed, paperLinks, paperPath, topicLinks, viewOf } from "./entry-list.ts";
import { BY_PLACE, pageNumber, pageOf, pager, type Publish } from "./listing.ts";
import { asMarkup, type Markup } from "./pages.ts";
import { printable } from "./visitor.ts";

export interface PaperDependencies {
  readonly catalogue: Catalogue;
  readonly shelves: Shelves;
  readonly masthead: Masthead;
}

/** With summaries of so many words a page stays within 50 KB. */
const PAPERS_PER_PAGE = 30;
const SUMMARY_WORDS = 30;
/** Some papers have thousands of authors. */
const AUTHORS_MAX = 60;
const QUERY_MAX = 200;
const DESCRIPTION_MAX = 200;
const SIGNAL_NOUNS = {
  votes: "vote",
  comments: "comment",
  stars: "star",
  citations: "citation",
} as const;

/** Adds the pages about papers. */
export function addPaperPages(app: Hono, house: PaperDependencies, publish: Publish): void {
  addPaperPage(app, house, publish);
  addDayPage(app, house, publish);
  addTopicPages(app, house, publish);
  addSearchPage(app, house, publish);
}

function addPaperPage(
  app: Hono,
  { catalogue, shelves, masthead }: PaperDependencies,
  publish: Publish,
) {
  app.get("/papers/:id{.+}", async (context, next) => {
    const found = await catalogue.paper(context.req.param("id"));
    if (!found) return next();
    const { paper } = found;
    const holding = await shelves.holding(paper.key);
    const abstract = latexText(paper.abstract ?? paper.summary?.text ?? "");
    return publish(context, {
      title: `${latexText(paper.title)} · ${masthead.name}`,
      main: paperPage(found, holding, masthead),
      about: {
        path: paperPath(paper),
        description: abstract.slice(0, DESCRIPTION_MAX) || latexText(paper.title),
        type: "article",
        // What no edition held says nothing that its own page does not say better.
        unlisted: holding.length === 0,
      },
    });
  });
}

function addDayPage(app: Hono, { catalogue, masthead }: PaperDependencies, publish: Publish) {
  app.get("/days/:day", async (context, next) => {
    const day = calendarDate(context.req.param("day"));
    const number = pageNumber(context);
    if (day === null || day !== context.req.param("day") || number === null) return next();
    const { papers, count } = await catalogue.day(day, pageOf(number, PAPERS_PER_PAGE));
    if (papers.length === 0) return next();
    const { before, after } = await catalogue.neighbours(day);
    const title = periodTitle("daily", day as Period);
    const rules = { masthead, today: day, summaryWords: SUMMARY_WORDS, whole: false };
    return publish(context, {
      title: `Papers of ${title} · ${masthead.name}`,
      main: html`<h1>${title}</h1>
        <p class="meta">${counted(count, "paper")}, those with the most votes and comments first</p>
        ${dayLinks(before, after)} ${entryList(papers.map(listed), rules)}
        ${pager(`/days/${day}`, number, { count, perPage: PAPERS_PER_PAGE, words: BY_PLACE })}`,
      about: {
        path: number === 1 ? `/days/${day}` : `/days/${day}?page=${number}`,
        description: `All papers of ${title}, with votes and comments.`,
      },
    });
  });
}

function addTopicPages(app: Hono, { shelves, masthead }: PaperDependencies, publish: Publish) {
  app.get("/topics", async (context) => {
    const counts = await shelves.topicCounts();
    return publish(context, {
      title: `Topics · ${masthead.name}`,
      main: topicsPage(counts),
      about: { path: "/topics", description: `What the papers of ${masthead.name} are about.` },
    });
  });

  app.get("/topics/:topic", async (context, next) => {
    const topic = TOPICS.find(({ id }) => id === context.req.param("topic"));
    const number = pageNumber(context);
    if (!topic || number === null) return next();
    const { entries, count } = await shelves.topic(topic.id, pageOf(number, PAPERS_PER_PAGE));
    if (entries.length === 0 && number > 1) return next();
    const path = `/topics/${topic.id}`;
    const today = entries[0]?.edition.window.upTo ?? "";
    const rules = { masthead, today, summaryWords: SUMMARY_WORDS, whole: false };
    return publish(context, {
      title: `${topic.name} · ${masthead.name}`,
      main: html`<h1>${topic.name}</h1>
        <p class="meta">
          ${count === 0 ? "No edition has held a paper of this topic yet." : `${counted(count, "paper")} that editions held, newest first`}
        </p>
        <p class="links">
          <a href="${path}/feed.atom">Atom</a> <a href="${path}/feed.rss">RSS</a>
          <a href="${path}/feed.json">JSON Feed</a> <a href="/topics">All topics</a>
        </p>
        ${entryList(
          entries.map(({ entry }) => entry),
          rules,
        )}
        ${pager(path, number, { count, perPage: PAPERS_PER_PAGE })}`,
      about: {
        path: number === 1 ? path : `${path}?page=${number}`,
        description: `Papers about ${topic.name} from the editions of ${masthead.name}.`,
        feeds: `${path}/feed`,
      },
    });
  });
}

function addSearchPage(app: Hono, { catalogue, masthead }: PaperDependencies, publish: Publish) {
  app.get("/search", async (context, next) => {
    const text = printable((context.req.query("q") ?? "").slice(0, QUERY_MAX))
      .toWellFormed()
      .trim();
    const number = pageNumber(context);
    if (number === null) return next();
    // Who knows the number of a paper is looking for that one.
    const named = text ? await catalogue.paper(text) : null;
    if (named) return context.redirect(paperPath(named.paper), 303);
    const found = await catalogue.search(text, pageOf(number, PAPERS_PER_PAGE));
    if (found.papers.length === 0 && number > 1) return next();
    return publish(context, {
      title: text ? `${text} · Search · ${masthead.name}` : `Search · ${masthead.name}`,
      main: searchPage(text, found, number, masthead),
      about: { path: "/search", description: "Search all papers that we know.", unlisted: true },
    });
  });
}

function paperPage(
  found: Candidate,
  holding: Awaited<ReturnType<Shelves["holding"]>>,
  masthead: Masthead,
): Markup {
  const { paper, signals } = found;
  const rules = { masthead, today: paper.day ?? "", summaryWords: Infinity, whole: true };
  const view = viewOf(listed(found, 0), rules);
  const shown = Math.min(paper.authors.length, AUTHORS_MAX);
  const others = Math.max(paper.authorCount ?? 0, paper.authors.length) - shown;
  const told = COUNTS.flatMap((signal) => {
    const value = signals[signal];
    return value ? [counted(value, SIGNAL_NOUNS[signal])] : [];
  });
  const names = paper.authors.slice(0, shown).map(latexText).join(", ");
  const { abstract } = paper.links;
  const links = [
    ...(abstract ? [{ url: abstract, label: "Abstract", name: "Abstract at its source" }] : []),
    ...view.links.map(({ url, label }) => ({ url, label, name: label })),
  ];
  return html`<article>
    <h1 dir="auto">${asMarkup(view.titleHtml)}</h1>
    <p dir="auto">
      ${names || view.byline}${names && others > 0 && ` and ${counted(others, "other")}`}
    </p>
    <p class="meta">
      ${[view.organization, paper.publishedOn && shortDate(paper.publishedOn), ...told].filter(Boolean).join(" · ")}
    </p>
    ${paperLinks(links)}
    ${
      paper.summary &&
      html`<h2 class="section">In short</h2>
        <p dir="auto">${asMarkup(view.summaryHtml)}</p>
        <p class="meta">${view.summaryNote}</p>`
    }
    ${
      paper.abstract &&
      html`<h2 class="section">Abstract</h2>
        <p dir="auto">${asMarkup(notationHtml(readLatex(paper.abstract)))}</p>`
    }
    <p class="links">${topicLinks(paper)}</p>
    ${
      holding.length > 0 &&
      html`<h2 class="section">In our editions</h2>
        <ul>
          ${holding.map((edition) => html`<li><a href="${editionPath(edition)}">${periodTitle(edition.cadence, edition.period)}</a>, place ${edition.rank}</li>`)}
        </ul>`
    }
    ${paper.day && html`<p><a href="/days/${paper.day}">All papers of that day</a></p>`}
  </article>`;
}

function topicsPage(counts: ReadonlyMap<string, number>): Markup {
  const named = TOPICS.toSorted((a, b) => a.name.localeCompare(b.name, "en"));
  const empty = named.filter(({ id }) => !counts.get(id)).map(({ name }) => name);
  return html`<h1>Topics</h1>
    <p class="meta">What the papers of our editions are about.</p>
    <ul class="topics">
      ${named.map(({ id, name }) => {
        const count = counts.get(id) ?? 0;
        return (
          count > 0 &&
          html`<li>
            <a href="/topics/${id}">${name}</a>
            <span class="meta">${counted(count, "paper")}</span>
          </li>`
        );
      })}
    </ul>
    ${empty.length > 0 && html`<p class="meta">Without a paper so far: ${empty.join(", ")}.</p>`}`;
}

function dayLinks(before: string | null, after: string | null): Markup {
  return html`<p class="links">
    ${before && html`<a rel="prev" href="/days/${before}">Earlier: ${shortDate(before)}</a> `}
    ${after && html`<a rel="next" href="/days/${after}">Later: ${shortDate(after)}</a>`}
  </p>`;
}

function searchPage(
  text: string,
  found: Awaited<ReturnType<Catalogue["search"]>>,
  number: number,
  masthead: Masthead,
): Markup {
  const rules = { masthead, today: "", summaryWords: SUMMARY_WORDS, whole: false };
  const path = `/search?q=${encodeURIComponent(text)}`;
  return html`<h1>Search</h1>
    <form method="get" action="/search" role="search">
      <label for="q">Words of the title, the abstract or a name</label>
      <div class="line">
        <input id="q" type="search" name="q" value="${text}" maxlength="${QUERY_MAX}" /><button>
          Search
        </button>
      </div>
    </form>
    ${
      text
        ? html`<p class="meta" role="status">${tally(found)}</p>`
        : html`<p class="meta">“Quotation marks” keep words together.</p>`
    }
    ${entryList(found.papers.map(listed), rules)}
    ${pager(path, number, { count: found.count, perPage: PAPERS_PER_PAGE })}`;
}

function tally({ count, more }: Awaited<ReturnType<Catalogue["search"]>>): string {
  if (count === 0) return "No paper holds all these words.";
  if (more) return `More than ${counted(count, "paper")}; these are the newest.`;
  return counted(count, "paper");
}
