/** What the preview's pages work with, and what several of them need. */
import type { Context } from "hono";
import { html } from "hono/html";
import type { PaperRoundError } from "../../errors.ts";
import type { CalendarDate } from "../../papers/text.ts";
import { newestDay, type PreviewHouse, type PreviewLetters, type Showing } from "./letters.ts";
import { pageEnd, pageStart, sentencePane, type Shelf } from "./pages.ts";
import { readState, type Defaults, type PreviewState } from "./state.ts";

/** What a preview looks at: the program as templates, data and configuration have it now. */
export interface PreviewStage {
  /** Runs `work` over the program, which stays open for as long. Throws if there has never been one. */
  lend<Result>(work: (house: PreviewHouse) => Promise<Result>): Promise<Result>;
  /** What keeps the configuration as it is now from being used. */
  fault(): PaperRoundError | null;
  /** Returns another name after every change of templates, data or configuration. */
  stamp(): string;
  /** Has `listener` told of every change, until what is returned is called. */
  onChange(listener: () => void): () => void;
}

export interface PreviewDependencies {
  readonly stage: PreviewStage;
  /** What is shown when the address names nothing; without a date the newest day that has papers. */
  readonly first: Omit<Defaults, "date"> & { readonly date: CalendarDate | null };
  /** Style and script of the preview's own pages. */
  readonly files: { readonly css: () => string; readonly script: () => string };
  /** The folder of the fixtures. */
  readonly fixtures: string;
  /** Stands in the form that sends, so that no page elsewhere can make one. */
  readonly token: string;
  /** Ends the answers that tell of changes. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

const READERS_LISTED = 50;
const DAYS_LISTED = 60;
const EDITIONS_LISTED = 100;

/** What the pages work with. */
export interface Preview extends PreviewDependencies {
  readonly show: (house: PreviewHouse, state: PreviewState) => Promise<Showing>;
  readonly send: PreviewLetters["send"];
}

/** Answers with a page that only says something. */
export function sentence(
  context: Context,
  status: 400 | 403 | 404 | 500 | 503,
  title: string,
  text: string,
  hint = "",
): Response | Promise<Response> {
  const page = html`${pageStart(title)}${sentencePane(title, text, hint)}`;
  return context.html(`${page.toString()}${pageEnd()}`, status);
}

/** Returns what a query names, and the newest day with papers where it names none. */
export async function stateIn(
  { newsletter }: PreviewHouse,
  { first }: Preview,
  query: Record<string, string>,
): Promise<PreviewState> {
  const named = query["date"] ?? first.date;
  const state = readState(query, { ...first, date: named ?? newsletter.today() });
  return named === null ? { ...state, date: await newestDay(newsletter, state.cadence) } : state;
}

/** Returns what there is to choose from. */
export async function shelfOf({ newsletter, subscribers }: PreviewHouse): Promise<Shelf> {
  const readers: string[] = [];
  for await (const { address, state } of subscribers.all()) {
    if (state === "confirmed") readers.push(address);
    if (readers.length >= READERS_LISTED) break;
  }
  return {
    headings: await newsletter.headings(EDITIONS_LISTED),
    days: await newsletter.recentDays(DAYS_LISTED),
    readers,
  };
}
