/** What is answered where something went wrong: a page to people, JSON to programs. */
import type { Context, Hono } from "hono";
import { html } from "hono/html";
import { HTTPException } from "hono/http-exception";
import { matchedRoutes } from "hono/route";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { mayPass } from "../io/patience.ts";
import type { Markup, Show } from "./pages.ts";
import { isOfProgram } from "./visitor.ts";

/** What may be told of a request: its route and not its address, which may be somebody's secret. */
export interface FailedRequest {
  readonly id: string;
  readonly method: string;
  readonly route: string;
}

/** A path of plain names: with another sign in it, what is left could lead to another site. */
const SLASH_AT_END = /^(?:\/[\w.-]+)+\/$/;
const FAULT_RETRY_SECONDS = "60";

/**
 * Answers what no page has answered. `report` is told of every fault; the visitor learns only that
 * there was one.
 */
export function answerFaults(
  app: Hono,
  report: (fault: Error, request: FailedRequest) => void,
  show: Show,
): void {
  const say = (context: Context, status: ContentfulStatusCode, title: string, main: Markup) =>
    answerPlainly(context, show, { status, title, main });

  app.onError((fault, context) => {
    // Not a fault but the framework's answer to a body over the limit.
    if (fault instanceof HTTPException && fault.status === 413) {
      return say(context, 413, "This is too much", tooMuchPage());
    }
    const id = context.get("requestId");
    const route = matchedRoutes(context).at(-1)?.path ?? "";
    report(fault, { id, method: context.req.method, route });
    if (!mayPass(fault)) return say(context, 500, "Out of order", outOfOrderPage(id));
    context.header("Retry-After", FAULT_RETRY_SECONDS);
    const title = "Busy for a moment";
    const told = `${title}: nothing is lost, try again in a minute`;
    return say(context, 503, isOfProgram(context) ? told : title, busyPage(id));
  });
  app.notFound((context) => {
    const { method, url, path } = context.req;
    if ((method === "GET" || method === "HEAD") && SLASH_AT_END.test(path)) {
      return context.redirect(path.slice(0, -1) + new URL(url).search, 308);
    }
    const title = isOfProgram(context) ? "There is nothing here" : "Page not found";
    return say(context, 404, title, missingPage());
  });
}

/** Answers that something can't be had: a page to people, JSON to programs. */
export function answerPlainly(
  context: Context,
  show: Show,
  { status, title, main }: { status: ContentfulStatusCode; title: string; main: Markup },
): Response | Promise<Response> {
  context.header("Cache-Control", "no-store");
  if (!isOfProgram(context)) return show(context, title, main, status);
  return context.json({ error: `${title}.`, request: context.get("requestId") }, status);
}

function tooMuchPage(): Markup {
  return html`<h1>This is too much</h1>
    <p>No form here has room for so much text. Nothing was changed.</p>`;
}

function busyPage(id: string): Markup {
  return html`<h1>Busy for a moment</h1>
    <p>
      Something else has our files in hand. Nothing was changed and nothing is lost: press reload in
      a minute, and what you sent is sent again.
    </p>
    <p class="meta">If it stays so and you write to us about it, name this request: ${id}</p>`;
}

function outOfOrderPage(id: string): Markup {
  return html`<h1>Out of order</h1>
    <p>Something went wrong on our side. Nothing was changed; please try again in a while.</p>
    <p class="meta">If you write to us about it, name this request: ${id}</p>`;
}

function missingPage(): Markup {
  return html`<h1>There is nothing here</h1>
    <p>The address may be misspelt, or the page was never there.</p>
    <p class="links"><a href="/archive">All editions</a> <a href="/search">Search</a></p>`;
}
