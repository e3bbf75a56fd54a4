/** What public pages and their lists share: how they are answered, and how lists go on. */
import type { Context } from "hono";
import { html } from "hono/html";
import type { About, Markup } from "./pages.ts";

/** A page for everybody: kept, compressed, and made anew when papers or editions change. */
export interface PublicPage {
  readonly title: string;
  readonly main: Markup;
  readonly about: About;
  /** For so many seconds nobody need ask again; left out: they ask each time whether it is the same. */
  readonly maxAge?: number;
}

export type Publish = (context: Context, page: PublicPage) => Response | Promise<Response>;

/** Deeper pages of a list are nobody's. */
const PAGES_MAX = 10_000;

/** Returns which page of a list is asked for, 1 if none is; null where that is no number. */
export function pageNumber(context: Context): number | null {
  const text = context.req.query("page");
  if (text === undefined) return 1;
  const number = Number(text);
  return /^[1-9]\d{0,4}$/.test(text) && number <= PAGES_MAX ? number : null;
}

/** Returns which part of a list the page shows. */
export function pageOf(number: number, limit: number): { offset: number; limit: number } {
  return { offset: (number - 1) * limit, limit };
}

/** What leads on in a list that is in the order of time. */
const BY_TIME = { before: "Newer", after: "Older" };
/** What leads on in any other. */
export const BY_PLACE = { before: "Page before", after: "Next page" };

/** Returns the links to the pages before and after, where there are more than one. */
export function pager(
  path: string,
  number: number,
  { count, perPage, words = BY_TIME }: { count: number; perPage: number; words?: typeof BY_TIME },
): Markup | "" {
  const pages = Math.ceil(count / perPage);
  if (pages <= 1) return "";
  const to = (other: number) => `${path}${path.includes("?") ? "&" : "?"}page=${other}`;
  return html`<nav class="pager" aria-label="Pages">
    ${number > 1 && html`<a rel="prev" href="${number === 2 ? path : to(number - 1)}">${words.before}</a>`}
    <span>Page ${number} of ${pages}</span>
    ${number < pages && html`<a rel="next" href="${to(number + 1)}">${words.after}</a>`}
  </nav>`;
}
