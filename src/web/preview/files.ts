/** The letter itself: for the frames of a preview, and to be saved. */
import type { Context, Hono } from "hono";
import { PaperRoundError } from "../../errors.ts";
import { takePicture } from "../../io/browser.ts";
import { sentence, stateIn, type Preview } from "./request.ts";
import { framed, inScheme, withoutImages } from "./frame.ts";
import type { PreviewHouse, Shown } from "./letters.ts";
import type { PreviewState } from "./state.ts";

/** Each picture takes a browser of its own; who comes while one is taken and one waits is turned away. */
const PICTURES_MAX = 2;

/** Adds the letter in its forms. */
export function addLetterFiles(app: Hono, preview: Preview): void {
  let pictures = 0;
  let last: Promise<unknown> = Promise.resolve();
  /** Takes pictures one after the other. */
  const inTurn: typeof takePicture = (...picture) => {
    const taken = last.then(() => takePicture(...picture));
    last = taken.catch(() => {});
    return taken;
  };
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
  app.get("/save/:form{html|text|eml}", (context) =>
    shownFor(context, async (shown, _, { letter }) =>
      saved(context, await fileOf(context.req.param("form"), shown, nameOf(shown, letter))),
    ),
  );
  app.get("/save/png", async (context) => {
    if (pictures >= PICTURES_MAX) {
      context.header("Retry-After", "5");
      return sentence(
        context,
        503,
        "Not yet",
        "Other pictures are being taken.",
        "Ask again soon.",
      );
    }
    pictures++;
    try {
      return await shownFor(context, async (shown, house, state) =>
        saved(context, await pictureOf(shown, house, state, inTurn)),
      );
    } finally {
      pictures--;
    }
  });
}

interface LetterFile {
  readonly type: string;
  readonly name: string;
  readonly content: string | Uint8Array<ArrayBuffer>;
}

function saved(context: Context, { type, name, content }: LetterFile): Response {
  context.header("Content-Type", type);
  context.header("Content-Disposition", `attachment; filename="${name}"`);
  return context.body(content);
}

function nameOf({ draft }: Shown, letter: string): string {
  return letter === "edition" && draft ? `${draft.cadence}-${draft.period}` : letter;
}

async function fileOf(form: string, shown: Shown, name: string): Promise<LetterFile> {
  if (form === "text") {
    return { type: "text/plain; charset=utf-8", name: `${name}.txt`, content: shown.parts.text };
  }
  if (form === "eml") {
    const content = new Uint8Array(await shown.message());
    return { type: "message/rfc822", name: `${name}.eml`, content };
  }
  return { type: "text/html; charset=utf-8", name: `${name}.html`, content: htmlOf(shown) };
}

async function pictureOf(
  shown: Shown,
  { browser }: PreviewHouse,
  { letter, scheme, width }: PreviewState,
  take: typeof takePicture,
): Promise<LetterFile> {
  const across = { both: 800, desktop: 800, phone: 390, small: 320 }[width];
  const look = scheme === "dark" ? "dark" : "light";
  const picture = { html: inScheme(htmlOf(shown), scheme), width: across, scheme: look } as const;
  const content = new Uint8Array(await take(picture, browser));
  return { type: "image/png", name: `${nameOf(shown, letter)}-${scheme}-${across}.png`, content };
}

function htmlOf({ parts }: Shown): string {
  if (parts.html !== null) return parts.html;
  throw new PaperRoundError("NOTHING_TO_SEND", "This reader gets plain text only.", {
    remedy: "Save the text, or choose another reader.",
  });
}
