/**
 * The preview: every letter in a browser, on this machine only. Looking publishes and sends nothing;
 * the one thing that acts is the form that sends a letter for a test.
 *
 * A page begins before the program behind it is at hand, goes on with the list of letters, and ends
 * with the letter once that is set, so that there is something to see at once.
 */
import { setImmediate } from "node:timers/promises";
import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { parseDate } from "../../editions/period.ts";
import { PaperRoundError } from "../../errors.ts";
import { guardPages, type Markup } from "../pages.ts";
import { checksView } from "./checks.ts";
import { sentence, shelfOf, stateIn, type Preview, type PreviewDependencies } from "./request.ts";
import { addLetterFiles } from "./files.ts";
import {
  asFault,
  isLetter,
  openPreviewLetters,
  titleOf,
  type PreviewHouse,
  type Shown,
} from "./letters.ts";
import { letterPane, pageEnd, pageStart, sentencePane, shelfPane } from "./pages.ts";
import { sendView, whyView } from "./panels.ts";
import { addTestSend } from "./send.ts";
import type { PreviewState } from "./state.ts";
import { framesView, headersView, inboxView, sourceView, textView } from "./views.ts";
import { refuseForeignFetches, refuseForeignHosts, refuseForeignOrigins } from "../server.ts";

/** Only the preview's own script, and only so that it may ask what has changed. */
const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/** Returns the preview's pages. */
export function openPreview(dependencies: PreviewDependencies): Hono {
  const { stage, files } = dependencies;
  const app = new Hono();
  refuseForeignHosts(app);
  refuseForeignOrigins(app);
  refuseForeignFetches(app);
  guardPages(app);
  app.use(async (context, next) => {
    context.header("Content-Security-Policy", POLICY);
    // A form's Origin is left out under no-referrer, and it is looked at.
    context.header("Referrer-Policy", "same-origin");
    context.header("Cache-Control", "no-store");
    await next();
  });
  const letters = openPreviewLetters(dependencies.fixtures, dependencies.now);
  const preview: Preview = {
    ...dependencies,
    show: async (house, state) => {
      const showing = await letters.show(house, state, stage.stamp());
      return { ...showing, fault: stage.fault() ?? showing.fault };
    },
    send: letters.send,
  };
  const forget = stage.onChange(() => {
    // Browsers are told first, since setting leaves no room beside it. What is wrong is said to whoever asks.
    setImmediate()
      .then(() => stage.lend((house) => letters.prepare(house, stage.stamp())))
      .catch(() => {});
  });
  dependencies.signal.addEventListener("abort", forget);

  // What would be refused is refused before any page begins.
  app.use(async (context, next) => {
    const { date, letter } = context.req.query();
    if (date !== undefined) parseDate(date);
    if (letter === undefined || isLetter(letter)) return next();
    return sentence(context, 404, "No such letter", "The preview has no letter of that name.");
  });

  app.get("/style.css", async (context) => {
    const accent = await stage.lend(async ({ masthead }) => masthead.accent);
    context.header("Content-Type", "text/css; charset=utf-8");
    return context.body(`:root { --accent: ${accent}; }\n${files.css()}`);
  });
  app.get("/preview.js", (context) => {
    context.header("Content-Type", "text/javascript; charset=utf-8");
    return context.body(files.script());
  });
  app.get("/changes", (context) => tellChanges(context, dependencies));
  app.get("/", (context) => showPage(context, preview));
  addLetterFiles(app, preview);
  addTestSend(app, preview);
  app.notFound((context) =>
    sentence(context, 404, "There is nothing here", "The preview has no such page."),
  );
  app.onError((error, context) => {
    if (!(error instanceof PaperRoundError)) throw error;
    const status = error.code === "DATE_INVALID" ? 400 : 500;
    return sentence(context, status, "No letter to show", error.message, error.remedy);
  });
  return app;
}

/** Answers with a page in three pieces, each as soon as it is known. */
function showPage(context: Context, preview: Preview): Response {
  const query = context.req.query();
  const { stage } = preview;
  const pieces = async function* (): AsyncIterable<string> {
    let stamp = stage.stamp();
    const named = titleOf(query["letter"] ?? "");
    yield pageStart(named === null ? "Preview" : `${named} · Preview`).toString();
    // On its way before the program is loaded, which nothing else can be done beside.
    await setImmediate();
    try {
      // Databases that are opened make files, which is no change of what is shown.
      await stage.lend(async () => (stamp = stage.stamp()));
      const state = await stage.lend((house) => stateIn(house, preview, query));
      yield shelfPane(await stage.lend(shelfOf), state).toString();
      const main = await stage.lend(async (house) => {
        const showing = await preview.show(house, state);
        const { shown } = showing;
        const view = shown && (await viewOf(preview, house, shown, state));
        return letterPane(showing, state, view);
      });
      yield main.toString();
    } catch (thrown) {
      // The page has begun with a status of 200, so what is wrong can only be said.
      const { message, remedy } = asFault(thrown);
      yield sentencePane("No letter to show", message, remedy).toString();
    }
    yield pageEnd(stamp);
  };
  context.header("Content-Type", "text/html; charset=utf-8");
  return context.body(streamOf(pieces()));
}

async function viewOf(
  preview: Preview,
  house: PreviewHouse,
  shown: Shown,
  state: PreviewState,
): Promise<Markup> {
  const empty = await emptyNote(house, shown, state);
  switch (state.view) {
    case "letter":
      return html`${empty}${framesView(shown, state)}`;
    case "text":
      return textView(shown);
    case "inbox":
      return inboxView(shown, house.masthead.name);
    case "headers":
      return headersView(await shown.message());
    case "source":
      return sourceView(shown, await shown.message());
    case "checks":
      return checksView(shown, house);
    case "why":
      return shown.draft ? whyView(shown.draft) : html``;
    case "send":
      return sendView(state, { addresses: house.testAddresses, token: preview.token });
  }
}

/** Says why an edition is empty, and what to do about it. */
async function emptyNote(
  { newsletter }: PreviewHouse,
  { draft }: Shown,
  { letter }: PreviewState,
): Promise<Markup | ""> {
  if (letter !== "edition" || !draft || draft.entries.length > 0) return "";
  return html`<div class="empty">
    <p><strong>${await newsletter.whyEmpty(draft)}</strong></p>
    <p>
      Take papers in with <code>paperround gather --from FILES</code>, or choose another day; this
      page follows by itself. Below is the letter of a day without papers.
    </p>
  </div>`;
}

/** Answers with the stamp, now and after every change, for as long as somebody listens. */
function tellChanges(context: Context, { stage, signal }: PreviewDependencies): Response {
  let stop = () => {};
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const bytes = new TextEncoder();
      const tell = () =>
        controller.enqueue(bytes.encode(`event: stamp\ndata: ${stage.stamp()}\n\n`));
      const forget = stage.onChange(tell);
      const end = () => {
        stop();
        controller.close();
      };
      stop = () => {
        forget();
        signal.removeEventListener("abort", end);
      };
      tell();
      if (signal.aborted) end();
      else signal.addEventListener("abort", end);
    },
    cancel: () => stop(),
  });
  context.header("Content-Type", "text/event-stream");
  return context.body(stream);
}

function streamOf(pieces: AsyncIterable<string>): ReadableStream<Uint8Array> {
  return ReadableStream.from(pieces).pipeThrough(new TextEncoderStream());
}
