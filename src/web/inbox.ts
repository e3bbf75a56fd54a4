/** The page of the local inbox: what the demo's mail server received, as a reader gets it. */
import { Hono } from "hono";
import { html } from "hono/html";
import type { Masthead } from "../mail/letter.ts";
import type { LocalInbox, ReceivedLetter } from "../mail/local-inbox.ts";
import { letterFrame, page, type Markup } from "./pages.ts";

/** Returns the inbox pages, to be mounted under /inbox of a guarded site. */
export function openInboxPages(inbox: LocalInbox, masthead: Masthead): Hono {
  const app = new Hono();
  // Only the demo has these pages, and its door is open.
  const show = (title: string, main: Markup) =>
    page({ masthead, isOpen: true }, { title, main, path: "/inbox" });
  app.get("/", (context) => context.html(show("Inbox", listPage(inbox.letters()))));

  app.get("/:number/:part{html|text|source}?", (context) => {
    const letter = inbox.letter(Number(context.req.param("number")));
    if (!letter) return context.notFound();
    switch (context.req.param("part")) {
      case "html":
        return letterFrame(context, letter.html);
      case "text":
        return context.text(letter.text);
      case "source":
        return context.text(letter.source);
      default:
        return context.html(show(letter.subject, letterPage(letter)));
    }
  });
  app.notFound((context) =>
    context.html(show("No such letter", html`<p><a href="/inbox">Inbox</a></p>`), 404),
  );
  return app;
}

function listPage(letters: readonly ReceivedLetter[]): Markup {
  if (letters.length === 0) {
    return html`<h1>Inbox</h1>
      <p>No letter has come yet. Reload the page after a send.</p>`;
  }
  return html`<h1>Inbox</h1>
    <p class="meta">
      ${letters.length} ${letters.length === 1 ? "letter" : "letters"}, kept in memory on this
      machine. <a href="/">The archive</a>
    </p>
    <ol class="editions">
      ${letters.map(
        (letter) =>
          html`<li>
            <h2><a href="/inbox/${letter.number}">${letter.subject || "(no subject)"}</a></h2>
            <p class="meta">
              to ${letter.to} · ${letter.receivedAt.slice(0, 16).replace("T", " ")} UTC
            </p>
          </li>`,
      )}
    </ol>`;
}

function letterPage(letter: ReceivedLetter): Markup {
  const base = `/inbox/${letter.number}`;
  return html`<p><a href="/inbox">Inbox</a></p>
    <h1>${letter.subject}</h1>
    <p class="meta">
      to ${letter.to} · <a href="${base}/text">Text</a> ·
      <a href="${base}/source">Source</a
      >${letter.html && html` · <a href="${base}/html">HTML alone</a>`}
    </p>
    ${
      letter.html
        ? html`<iframe
            class="letter"
            sandbox="allow-popups allow-popups-to-escape-sandbox"
            src="${base}/html"
            title="The letter as HTML"
          ></iframe>`
        : html`<pre>${letter.text}</pre>`
    }`;
}
