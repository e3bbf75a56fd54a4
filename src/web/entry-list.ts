/** A list of papers, as all pages show it: votes and comments, title, who and when, and what it says. */
import { html } from "hono/html";
import type { Entry } from "../editions/edition.ts";
import { counted } from "../io/plural.ts";
import { entryView, type EntryRules } from "../mail/entry-view.ts";
import type { Masthead } from "../mail/letter.ts";
import { latexText } from "../papers/latex/reader.ts";
import type { Candidate, Paper } from "../papers/paper.ts";
import type { CalendarDate } from "../papers/text.ts";
import { topicsOf } from "../papers/topics.ts";
import { asMarkup, type Markup } from "./pages.ts";

/** How a list is shown. */
export interface ListRules {
  readonly masthead: Masthead;
  /** The day that the list is of, whose readings need no date; any day, where it is of many. */
  readonly today: CalendarDate;
  readonly summaryWords: number;
  /** Whether ranks, reasons and links to the paper's own pages are shown. */
  readonly whole: boolean;
}

/** Returns the list of `entries`. */
export function entryList(entries: readonly Entry[], rules: ListRules): Markup {
  return html`<ol class="papers">
    ${entries.map((entry) => entryItem(entry, rules))}
  </ol>`;
}

/** Returns a paper of no edition as an entry to be listed. */
export function listed({ paper, signals, changes }: Candidate, index: number): Entry {
  const place = {
    rank: index + 1,
    lead: false,
    score: 0,
    reason: "",
    label: null,
    witnesses: [],
    written: null,
  };
  return { ...place, paper, signals, changes };
}

/** Returns the address of a paper's page. */
export function paperPath({ id }: Pick<Paper, "id">): string {
  return `/papers/${id.split("/").map(encodeURIComponent).join("/")}`;
}

/** Returns the topics of a paper as links. */
export function topicLinks(paper: Paper): Markup[] {
  return topicsOf(paper).map(({ id, name }) => html`<a href="/topics/${id}">${name}</a> `);
}

/** Returns what a page may show of an entry, in words. */
export function viewOf(entry: Entry, { masthead, today, summaryWords, whole }: ListRules) {
  const rules: EntryRules = {
    summaryWords,
    size: "full",
    thumbnails: false,
    timeZone: masthead.timeZone,
    today,
  };
  const view = entryView(entry, rules);
  return whole ? view : { ...view, label: "", reason: "", links: [] };
}

function entryItem(entry: Entry, rules: ListRules): Markup {
  const view = viewOf(entry, rules);
  const { votes, comments } = entry.signals;
  const about = [view.byline, view.organization, view.date].filter(Boolean).join(" · ");
  return html`<li>
    <p class="votes">
      ${votes !== undefined && html`<b>${votes.toLocaleString("en-US")}</b> ${votes === 1 ? "vote" : "votes"}`}
      ${comments !== undefined && comments > 0 && html`<span>${counted(comments, "comment")}</span>`}
    </p>
    <div>
      <h2 dir="auto">
        ${rules.whole && html`<span class="rank">${entry.rank}</span> `}<a
          href="${paperPath(entry.paper)}"
          >${asMarkup(view.titleHtml)}</a
        >
      </h2>
      ${view.label && html`<p class="label">${view.label}</p>`}
      ${about && html`<p class="meta" dir="auto">${about}</p>`}
      ${view.summary && html`<p dir="auto">${asMarkup(view.summaryHtml)}</p>`}
      ${rules.whole && view.summaryNote && html`<p class="meta">${view.summaryNote}</p>`}
      ${view.reason && html`<p class="meta">Why it is here: ${view.reason}</p>`}
      ${paperLinks(view.links)}
    </div>
  </li>`;
}

/** Returns links to a paper's own pages elsewhere. */
export function paperLinks(
  links: readonly { readonly url: string; readonly label: string; readonly name: string }[],
): Markup | "" {
  if (links.length === 0) return "";
  return html`<p class="links">
    ${links.map(
      ({ url, label, name }) =>
        html`<a href="${url}" rel="noopener nofollow" aria-label="${name}">${label}</a> `,
    )}
  </p>`;
}

/** Returns titles as a list without anything else, for those that did not make the letter. */
export function titleList(entries: readonly Entry[]): Markup {
  const first = entries[0]?.rank ?? 1;
  return html`<ol class="plain" start="${first}">
    ${entries.map(
      ({ paper, signals }) =>
        html`<li dir="auto">
          <a href="${paperPath(paper)}">${latexText(paper.title)}</a>
          ${signals.votes !== undefined && html`<span class="meta">${counted(signals.votes, "vote")}</span>`}
        </li>`,
    )}
  </ol>`;
}
