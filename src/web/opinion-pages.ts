/**
 * The pages behind the links of a letter that say what its reader thinks of a paper. Mail scanners open
 * every link, so a GET asks and a POST acts. The page never shows whose letter it was: letters are
 * forwarded.
 */
import type { Context, Hono } from "hono";
import { html } from "hono/html";
import type { Candidate } from "../papers/paper.ts";
import { latexText } from "../papers/latex/reader.ts";
import { VERDICTS, type Verdict } from "../subscribers/opinions.ts";
import type { Subscriber } from "../subscribers/subscriber.ts";
import type { JoiningDependencies } from "./door.ts";
import { paperPath } from "./entry-list.ts";
import { readerBy, refuseLink, unknownLinkPage } from "./link-holders.ts";
import type { Markup, Show } from "./pages.ts";
import { formOf, refuseUnreadable } from "./refusals.ts";

const LABELS: Readonly<Record<Verdict, { button: string; done: string }>> = {
  more: { button: "More like this", done: "Noted: more like this." },
  less: { button: "Less like this", done: "Noted: less like this." },
  save: { button: "Save it", done: "Saved, and noted as one that you like." },
};

/** Adds the pages where readers say what they think of a paper. */
export function addOpinions(app: Hono, house: JoiningDependencies, show: Show): void {
  const { tastes } = house;

  /** Returns who speaks of which paper, or what a link is answered that says neither. */
  async function askedOf(
    context: Context,
  ): Promise<{ reader: Subscriber; paper: Candidate } | Response> {
    const reader = await readerBy(house, "opinion", context.req.param("token") ?? "");
    if (reader?.state !== "confirmed") return refuseLink(context, show, house.links, "opinion");
    const number = context.req.param("paper") ?? "";
    const paper = /^\d{1,12}$/.test(number) ? await tastes.paper(Number(number)) : null;
    return paper ? { reader, paper } : unknown(context);
  }
  const unknown = (context: Context) => show(context, "Link not known", unknownLinkPage(), 404);

  app.get("/opinion/:token/:paper/:verdict", async (context) => {
    const verdict = verdictOf(context.req.param("verdict"));
    const asked = await askedOf(context);
    if (asked instanceof Response) return asked;
    if (!verdict) return unknown(context);
    return show(context, LABELS[verdict].button, askPage(asked.paper, verdict));
  });

  app.post("/opinion/:token/:paper/:verdict", async (context) => {
    const asked = await askedOf(context);
    if (asked instanceof Response) return asked;
    if (!verdictOf(context.req.param("verdict"))) return unknown(context);
    const fields = await formOf(context, show);
    if (fields instanceof Response) return fields;
    const said = fields.get("say");
    const { reader, paper } = asked;
    if (said === "nothing") {
      await tastes.takeBack(reader, String(paper.paper.key));
      return show(context, "Taken back", takenBackPage(paper));
    }
    const verdict = verdictOf(said ?? "");
    if (!verdict) return refuseUnreadable(context, show, "text");
    await tastes.judge(reader, [paper.paper], verdict);
    return show(context, "Noted", donePage(paper, verdict));
  });
}

function verdictOf(text: string | undefined): Verdict | null {
  return VERDICTS.find((verdict) => verdict === text) ?? null;
}

function askPage({ paper }: Candidate, asked: Verdict): Markup {
  const others = VERDICTS.filter((verdict) => verdict !== asked);
  return html`<h1>${LABELS[asked].button}?</h1>
    <p dir="auto"><a href="${paperPath(paper)}">${latexText(paper.title)}</a></p>
    <form method="post" class="row">
      <button name="say" value="${asked}">${LABELS[asked].button}</button>
      ${others.map(
        (verdict) =>
          html`<button class="quiet" name="say" value="${verdict}">
            ${LABELS[verdict].button}
          </button>`,
      )}
    </form>
    <p class="meta">
      It changes what your next letters hold, and nobody else’s. What was learned can be seen and
      reset from the link to your preferences at the foot of every letter.
    </p>`;
}

function donePage({ paper }: Candidate, verdict: Verdict): Markup {
  return html`<h1>${LABELS[verdict].done}</h1>
    <p dir="auto"><a href="${paperPath(paper)}">${latexText(paper.title)}</a></p>
    <form method="post">
      <button class="quiet" name="say" value="nothing">Take it back</button>
    </form>`;
}

function takenBackPage({ paper }: Candidate): Markup {
  return html`<h1>Taken back</h1>
    <p dir="auto">
      Nothing is noted of <a href="${paperPath(paper)}">${latexText(paper.title)}</a>.
    </p>`;
}
