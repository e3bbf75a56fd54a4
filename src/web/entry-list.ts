/** A list of papers, as all pages show it: votes and comments, title, who and when, and what it says. */
import { html } from "hono/html";
import type { Entry } from "../editions/edition.ts";
import { counted } from "../io/plural.ts";
import { entryView, type EntryRules } from "../mail/entry-view.ts";
import type { Masthead } from "../mail/letter.ts";
import { ENGLISH } from "../mail/wording.ts";
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

/** A list as it is shown: what is the same for all its papers is said once. */
interface Shown {
  readonly rules: ListRules;
  readonly hasVotes: boolean;
  /** Where all summaries are from; null where each says it by itself. */
  readonly note: string | null;
}

/** Returns the list of `entries`. */
export function entryList(entries: readonly Entry[], rules: ListRules): Markup {
  const hasVotes = entries.some(({ signals }) => signals.votes !== undefined);
  const notes = new Set(entries.map((entry) => viewOf(entry, rules).summaryNote).filter(Boolean));
  const note = notes.size === 1 ? ([...notes][0] ?? null) : null;
  const shown = { rules, hasVotes, note };
  return html`<ol class="papers${hasVotes ? "" : " narrow"}">
      ${entries.map((entry) => entryItem(entry, shown))}
    </ol>
    ${
      rules.whole &&
      note !== null &&
      entries.length > 1 &&
      html`<p class="meta">${ofAll(note)}.</p>`
    }`;
}

function ofAll(note: string): string {
  return note
    .replace(/^Summary /, "Summaries ")
    .replace(/^Extract from the/, "Extracts from their");
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

/** A sentence of more words is cut. */
const SENTENCE_MAX = 60;

/** Returns what a page may show of an entry, in words. */
export function viewOf(entry: Entry, { masthead, today, summaryWords, whole }: ListRules) {
  const rules: EntryRules = {
    summaryWords,
    size: "full",
    thumbnails: false,
    timeZone: masthead.timeZone,
    wording: ENGLISH,
    today,
  };
  const short = entryView(entry, rules);
  // A page has room to end a sentence.
  const isCut = summaryWords < SENTENCE_MAX && short.summary.endsWith("…");
  const view = isCut ? entryView(entry, { ...rules, summaryWords: SENTENCE_MAX }) : short;
  return whole ? view : { ...view, label: "", reason: "", links: [] };
}

function entryItem(entry: Entry, { rules, hasVotes, note }: Shown): Markup {
  const view = viewOf(entry, rules);
  const about = [view.byline, view.organization, view.date].filter(Boolean).join(" · ");
  const own = note === null ? view.summaryNote : "";
  const told = [view.reason && `Why: ${view.reason}`, own].filter(Boolean).join(" · ");
  return html`<li>
    ${hasVotes && votesOf(entry)}
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
      ${rules.whole && told && html`<p class="meta">${told}</p>`} ${paperLinks(view.links)}
    </div>
  </li>`;
}

function votesOf({ signals: { votes, comments = 0 } }: Entry): Markup {
  return html`<p class="votes">
    ${
      votes === undefined
        ? "No votes known"
        : html`<b>${votes.toLocaleString("en-US")}</b> ${votes === 1 ? "vote" : "votes"}`
    }
    ${comments > 0 && html`<span>${counted(comments, "comment")}</span>`}
  </p>`;
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
          ${signals.votes !== undefined && html`<span class="meta">${together(counted(signals.votes, "vote"))}</span>`}
        </li>`,
    )}
  </ol>`;
}

/** Keeps a number and its word on one line. */
function together(text: string): string {
  return text.replaceAll(" ", "\u00a0");
}
