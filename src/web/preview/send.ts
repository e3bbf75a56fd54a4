/** The one thing in a preview that acts: sends a letter for a test. */
import type { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { html } from "hono/html";
import { isAddress, parseAddress, type Address } from "../../subscribers/address.ts";
import { sentence, shelfOf, stateIn, type Preview } from "./request.ts";
import { asFault, type PreviewHouse } from "./letters.ts";
import { letterPane, pageEnd, pageStart, shelfPane } from "./pages.ts";
import { notSentView, sendView, sentView } from "./panels.ts";

const FORM_BYTES_MAX = 16 * 1024;

/** Adds what the form posts to; only addresses that the configuration allows get a letter. */
export function addTestSend(app: Hono, preview: Preview): void {
  app.post("/send", bodyLimit({ maxSize: FORM_BYTES_MAX }), async (context) => {
    const form: Readonly<Record<string, unknown>> = await context.req.parseBody().catch(() => ({}));
    if (form["token"] !== preview.token) {
      const hint = "Open the preview again and press the button there.";
      return sentence(context, 403, "Not sent", "This form is not of this preview.", hint);
    }
    return preview.stage.lend(async (house) => {
      const address = allowedAddress(house, String(form["to"]));
      if (!address) {
        const hint =
          "Add it to preview.testAddresses in paperround.yaml, or use `paperround send --to`.";
        return sentence(context, 403, "Not sent", "No test letter may go to that address.", hint);
      }
      const query = { ...context.req.query(), view: "send" };
      const state = await stateIn(house, preview, query);
      const force = form["force"] === "yes";
      const sent = await preview.send(house, state, { address, force }).then(
        ([result]) => (result ? sentView(result) : html``),
        (thrown: unknown) => notSentView(asFault(thrown)),
      );
      const showing = await preview.show(house, state);
      const view = html`${sent}
      ${sendView(state, { addresses: house.testAddresses, token: preview.token })}`;
      const page = html`${pageStart("Preview")}${shelfPane(await shelfOf(house), state)}
      ${letterPane(showing, state, view)}`;
      return context.html(`${page.toString()}${pageEnd()}`);
    });
  });
}

function allowedAddress({ testAddresses }: PreviewHouse, text: string): Address | null {
  const asked = parseAddress(text);
  if (!isAddress(asked)) return null;
  const allowed = testAddresses.map(parseAddress).filter(isAddress);
  return allowed.find(({ key }) => key === asked.key) ?? null;
}
