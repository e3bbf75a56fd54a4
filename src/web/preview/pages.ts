/** The preview's own pages: what stands around a letter. They work without scripts but for reloading. */
import { html, raw } from "hono/html";
import type { EditionHeading } from "../../editions/archive.ts";
import { CADENCES, daysOf, periodOf, periodTitle, type Cadence } from "../../editions/period.ts";
import { NOTICES } from "../../mail/notices.ts";
import type { CalendarDate } from "../../papers/text.ts";
import type { Markup } from "../pages.ts";
import { FIXTURES } from "./fixtures.ts";
import { noticeTitle, type Shown, type Showing } from "./letters.ts";
import {
  linkTo,
  SCHEMES,
  VIEWS,
  WIDTHS,
  type PreviewState,
  type Scheme,
  type View,
  type Width,
} from "./state.ts";

/** What the list of letters is made from. */
export interface Shelf {
  readonly headings: readonly EditionHeading[];
  /** Days with papers, newest first. */
  readonly days: readonly CalendarDate[];
  /** Addresses to choose a reader from. */
  readonly readers: readonly string[];
}

/** Plain strings, since a formatter of templates would close what the end of a page closes. */
const HTML_START = '<!doctype html><html lang="en">';
const BODY_START =
  '<body><a class="skip" href="#letter">Skip to the letter</a><div class="preview">';
/** Returns the end of a page. One that shows the state of `stamp` follows what changes after it. */
export function pageEnd(stamp = ""): string {
  const follows =
    stamp &&
    html`<data id="stamp" value="${stamp}" hidden></data>
      <script src="/preview.js"></script>`;
  return `</div>${follows.toString()}</body></html>\n`;
}

/** Returns the beginning of a page, which needs nothing of the program. */
export function pageStart(title: string): Markup {
  return html`${raw(HTML_START)}
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${title}</title>
      <link rel="icon" href="data:," />
      <link rel="stylesheet" href="/style.css" />
    </head>
    ${raw(BODY_START)}`;
}

/** Returns the list of all letters, with a form for any day and reader. */
export function shelfPane(shelf: Shelf, state: PreviewState): Markup {
  return html`<nav class="shelf" aria-label="Letters">
    <p class="brand"><a href="/">Preview</a></p>
    <details>
      <summary>Letters</summary>
      ${chooser(shelf, state)} ${CADENCES.map((cadence) => editionList(shelf, state, cadence))}
      <h2>To try a template on</h2>
      <ul>
        ${Object.entries(FIXTURES).map(([name, { title }]) => letterItem(name, title, state))}
      </ul>
      <h2>Other letters</h2>
      <ul>
        ${NOTICES.map((kind) => letterItem(kind, noticeTitle(kind), state))}
      </ul>
    </details>
  </nav>`;
}

function chooser({ readers }: Shelf, state: PreviewState): Markup {
  const { cadence, date, reader, view, scheme, width, images, letter } = state;
  const kept = { view, scheme, width, ...(images ? {} : { images: "off" }), letter };
  return html`<form method="get" action="/">
    ${Object.entries(kept).map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
    )}
    <label>Day <input type="date" name="date" value="${date}" /></label>
    <label
      >Cadence
      <select name="cadence">
        ${CADENCES.map(
          (each) => html`<option ${each === cadence ? "selected" : ""}>${each}</option>`,
        )}
      </select></label
    >
    <label
      >As subscriber
      <input
        name="as"
        list="readers"
        value="${reader}"
        placeholder="nobody: a one-off"
        autocomplete="off"
    /></label>
    <datalist id="readers">
      ${readers.map((address) => html`<option value="${address}"></option>`)}
    </datalist>
    <button>Show</button>
  </form>`;
}

function editionList(shelf: Shelf, state: PreviewState, cadence: Cadence): Markup {
  const { editions, older } = editionsOf(shelf, cadence);
  if (editions.length === 0) return html``;
  return html`<h2>${cadence[0]?.toUpperCase()}${cadence.slice(1)}</h2>
    <ul>
      ${editions.map(({ date, title, note }) => {
        const chosen =
          state.letter === "edition" &&
          state.cadence === cadence &&
          periodOf(cadence, state.date) === periodOf(cadence, date);
        const link = linkTo("/", state, { letter: "edition", cadence, date });
        return html`<li>
          <a href="${link}" ${chosen ? html`aria-current="page"` : ""}
            >${title} <small>${note}</small></a
          >
        </li>`;
      })}
    </ul>
    ${older && html`<p><small>Older ones: choose a day above.</small></p>`}`;
}

const EDITIONS_LISTED = { daily: 14, weekly: 4, monthly: 3 } as const;

/**
 * Returns the published editions of a cadence and the drafts of days with papers, newest first, and
 * whether there are older ones.
 */
function editionsOf({ headings, days }: Shelf, cadence: Cadence) {
  const numbers = new Map(
    headings
      .filter((each) => each.cadence === cadence)
      .map(({ period, number }) => [period, number]),
  );
  const periods = new Set([...numbers.keys(), ...days.map((day) => periodOf(cadence, day))]);
  const newest = [...periods].toSorted().toReversed().slice(0, EDITIONS_LISTED[cadence]);
  const editions = newest.map((period) => {
    const number = numbers.get(period);
    return {
      date: daysOf(cadence, period).last,
      title: periodTitle(cadence, period),
      note: number === undefined ? "draft" : `no. ${number}`,
    };
  });
  return { editions, older: periods.size > newest.length };
}

function letterItem(letter: string, title: string, state: PreviewState): Markup {
  const current = state.letter === letter ? html`aria-current="page"` : "";
  return html`<li><a href="${linkTo("/", state, { letter })}" ${current}>${title}</a></li>`;
}

/** Returns the main part: what is wrong, what the letter is, and one view of it. */
export function letterPane(showing: Showing, state: PreviewState, view: Markup | null): Markup {
  const { shown } = showing;
  return html`<main id="letter">
    ${faultBox(showing)}
    ${
      shown === null
        ? html`<h1>No letter to show</h1>
            <p>As soon as what is wrong is mended, the letter appears here.</p>`
        : html`<header class="masthead">
              <p class="kind">${shown.title} <small>${shown.about}</small></p>
              <h1 dir="auto">${shown.parts.subject}</h1>
              <p class="preheader" dir="auto">${shown.preheader}</p>
            </header>
            ${toolbar(shown, state)} ${view ?? ""}`
    }
  </main>`;
}

/** Returns a page that only says something. */
export function sentencePane(title: string, text: string, hint: string): Markup {
  return html`<main id="letter">
    <h1>${title}</h1>
    <p>${text}</p>
    <p>${hint}</p>
    <p><a href="/">The newest letter</a></p>
  </main>`;
}

function faultBox({ fault, lastGood }: Showing): Markup {
  if (!fault) return html``;
  return html`<div class="fault" role="alert">
    <p><strong>${fault.message}</strong></p>
    <p>${fault.remedy}</p>
    ${
      lastGood &&
      html`<p>
        Below is the letter as it could last be set, at
        <time datetime="${lastGood.toISOString()}">${lastGood.toISOString().slice(11, 19)}</time>
        UTC.
      </p>`
    }
  </div>`;
}

function toolbar(shown: Shown, state: PreviewState): Markup {
  const views = (Object.keys(VIEWS) as View[]).filter(
    (view) => view !== "why" || shown.draft !== null,
  );
  const saved = [
    ["html", "HTML"],
    ["text", "Text"],
    ["eml", "EML"],
    ["png", "PNG"],
  ].filter(([form]) => form === "text" || form === "eml" || shown.parts.html !== null);
  return html`<nav class="views" aria-label="Views">
      ${views.map((view) => choice(VIEWS[view], state.view === view, linkTo("/", state, { view })))}
    </nav>
    <div class="tools">
      ${
        state.view === "letter" &&
        html`<nav aria-label="Colours">
            ${(Object.keys(SCHEMES) as Scheme[]).map((scheme) =>
              choice(SCHEMES[scheme], state.scheme === scheme, linkTo("/", state, { scheme })),
            )}
          </nav>
          <nav aria-label="Widths">
            ${(Object.keys(WIDTHS) as Width[]).map((width) =>
              choice(WIDTHS[width], state.width === width, linkTo("/", state, { width })),
            )}
          </nav>
          <nav aria-label="Images">
            ${choice("Images on", state.images, linkTo("/", state, { images: true }))}
            ${choice("Images off", !state.images, linkTo("/", state, { images: false }))}
          </nav>`
      }
      <nav aria-label="Save as">
        <span>Save</span>
        ${saved.map(
          ([form, label]) =>
            html`<a href="${linkTo(`/save/${form}`, state)}" download>${label}</a>`,
        )}
      </nav>
    </div>`;
}

function choice(label: string, chosen: boolean, href: string): Markup {
  return html`<a href="${href}" ${chosen ? html`aria-current="true"` : ""}>${label}</a>`;
}
