/** What a form is answered that can't be read, or that asks for too much at once. */
import type { Context } from "hono";
import { html } from "hono/html";
import type { Markup, Show } from "./pages.ts";
import { readForm, type Fields, type Unreadable } from "./visitor.ts";

/** The limits of the door count by the hour. */
export const BUSY_RETRY_SECONDS = 3600;

/** Returns the fields of a form, or what to answer one that can't be read. */
export async function formOf(context: Context, show: Show): Promise<Fields | Response> {
  const fields = await readForm(context);
  return typeof fields === "string" ? refuseUnreadable(context, show, fields) : fields;
}

/** Answers a form that can't be read. */
export function refuseUnreadable(context: Context, show: Show, fault: Unreadable) {
  return show(context, "Not readable", unreadablePage(), fault === "type" ? 415 : 400);
}

/** Answers who comes when too much is asked for. */
export function refuseBusy(context: Context, show: Show) {
  context.header("Retry-After", String(BUSY_RETRY_SECONDS));
  return show(context, "Too many at once", busyPage(), 429);
}

function unreadablePage(): Markup {
  return html`<h1>This form can't be read</h1>
    <p>
      What your browser sent was damaged, or did not come from a form. Nothing was changed. Please
      go back and try again.
    </p>`;
}

function busyPage(): Markup {
  return html`<h1>Too many at once</h1>
    <p>
      Too many people are asking at this moment for us to answer each with care. Nothing was
      changed. Please try again in an hour.
    </p>`;
}
