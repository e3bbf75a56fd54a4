/** The letter itself: for the frames of a preview, and to be saved. */
import type { Context, Hono } from "hono";
import { PaperRoundError } from "../../errors.ts";
import { takePicture } from "../../io/browser.ts";
import { stateIn, type Preview } from "./request.ts";
import { framed, inScheme, withoutImages } from "./frame.ts";
import type { PreviewHouse, Shown } from "./letters.ts";
import type { PreviewState } from "./state.ts";

/** Adds the letter in its forms. */
export function addLetterFiles(app: Hono, preview: Preview): void {
  const shownFor = (
    context: Context,
    work: (shown: Shown, house: PreviewHouse, state: PreviewState) => Promise<Response>,
  ) =>
    preview.stage.lend(async (house) => {
      const state = await stateIn(house, preview, context.req.query());
      const { shown, fault } = await preview.show(house, state);
      if (!shown) throw fault ?? new PaperRoundError("INTERNAL", "There is no letter.");
      return work(shown, house, state);
    });

  app.get("/letter.html", (context) =>
    shownFor(context, async ({ parts }, { masthead }, { scheme, images, letter }) => {
      if (parts.html === null) return context.text("This reader gets plain text only.");
      const coloured = inScheme(parts.html, scheme);
      // Fixtures are made to be hostile: nothing of theirs is ever loaded.
      const loads = images && masthead.thumbnails && letter === "edition";
      return framed(context, images ? coloured : withoutImages(coloured), loads);
    }),
  );
  app.get("/save/:form{html|text|eml|png}", (context) =>
    shownFor(context, async (shown, house, state) => {
      const { type, name, content } = await fileOf(context.req.param("form"), shown, house, state);
      context.header("Content-Type", type);
      context.header("Content-Disposition", `attachment; filename="${name}"`);
      return context.body(content);
    }),
  );
}

interface LetterFile {
  readonly type: string;
  readonly name: string;
  readonly content: string | Uint8Array<ArrayBuffer>;
}

async function fileOf(
  form: string,
  { draft, parts, message }: Shown,
  { browser }: PreviewHouse,
  { letter, scheme, width }: PreviewState,
): Promise<LetterFile> {
  const name = letter === "edition" && draft ? `${draft.cadence}-${draft.period}` : letter;
  if (form === "text") {
    return { type: "text/plain; charset=utf-8", name: `${name}.txt`, content: parts.text };
  }
  if (form === "eml") {
    return {
      type: "message/rfc822",
      name: `${name}.eml`,
      content: new Uint8Array(await message()),
    };
  }
  if (parts.html === null) {
    throw new PaperRoundError("NOTHING_TO_SEND", "This reader gets plain text only.", {
      remedy: "Save the text, or choose another reader.",
    });
  }
  if (form === "html") {
    return { type: "text/html; charset=utf-8", name: `${name}.html`, content: parts.html };
  }
  const across = { both: 800, desktop: 800, phone: 390, small: 320 }[width];
  const look = scheme === "dark" ? "dark" : "light";
  const picture = { html: inScheme(parts.html, scheme), width: across, scheme: look } as const;
  const content = new Uint8Array(await takePicture(picture, browser));
  return { type: "image/png", name: `${name}-${scheme}-${across}.png`, content };
}
