/**
 * What was learned of a reader: shown in words with the papers they are from, to be corrected, reset and
 * taken along; and a beginning for those of whom nothing is known yet.
 */
import type { Context, Hono } from "hono";
import { html } from "hono/html";
import type { EditionHeading } from "../editions/archive.ts";
import { leadEntries } from "../editions/edition.ts";
import { counted } from "../io/plural.ts";
import { writeBibtex, writeRis } from "../papers/citations.ts";
import { latexText } from "../papers/latex/reader.ts";
import { readLibrary, type LibraryFault } from "../papers/library.ts";
import { unpackProfile } from "../papers/packed-profile.ts";
import type { Paper } from "../papers/paper.ts";
import type { Opinion } from "../subscribers/opinions.ts";
import type { Subscriber } from "../subscribers/subscriber.ts";
import type { ArchiveDependencies } from "./archive-pages.ts";
import type { JoiningDependencies } from "./door.ts";
import { readerBy, refuseLink } from "./link-holders.ts";
import type { Markup, Show } from "./pages.ts";
import { profileSection } from "./profile-section.ts";
import { refuseUnreadable } from "./refusals.ts";
import { readFormWithFile, type Fields } from "./visitor.ts";

type House = JoiningDependencies & Pick<ArchiveDependencies, "newsletter" | "shelves">;

interface Said {
  readonly done?: string;
  readonly faults?: readonly LibraryFault[];
}

/** Editions whose papers somebody may begin with. */
const EDITIONS_SHOWN = 3;
const PICKS_MAX = 30;

/** Adds the pages behind a reader's link about what was learned. */
export function addLearned(app: Hono, house: House, show: Show): void {
  const { subscribers, tastes } = house;

  async function readerOf(context: Context): Promise<Subscriber | null> {
    const reader = await readerBy(house, "preferences", context.req.param("token") ?? "");
    return reader?.state === "confirmed" ? reader : null;
  }
  const unknown = (context: Context) => refuseLink(context, show, house.links, "preferences");

  async function learned(context: Context, key: Subscriber["key"], said: Said = {}) {
    const token = context.req.param("token") ?? "";
    const packed = (await subscribers.get(key))?.profile ?? null;
    const profile = packed && unpackProfile(packed);
    const opinions = await tastes.opinionsOf({ key });
    const picks = await picksOf(house);
    const main = html`<h1>What it learned</h1>
      ${answerTo(said)} ${profileSection(profile, opinions)} ${opinionSection(opinions)}
      ${savedSection(opinions, token)} ${beginSection(picks, opinions)}
      ${opinions.length > 0 && RESET}
      <p class="links"><a href="/preferences/${token}">All preferences</a></p>`;
    return show(context, "What it learned", main, said.faults?.length && !said.done ? 400 : 200);
  }

  app.get("/preferences/:token/learned", async (context) => {
    const reader = await readerOf(context);
    return reader ? learned(context, reader.key) : unknown(context);
  });

  app.post("/preferences/:token/learned", async (context) => {
    const reader = await readerOf(context);
    if (!reader) return unknown(context);
    const form = await readFormWithFile(context, "library");
    if (typeof form === "string") return refuseUnreadable(context, show, form);
    return learned(context, reader.key, await act(house, reader, form));
  });

  for (const [ending, type, write] of [
    ["bib", "application/x-bibtex", writeBibtex],
    ["ris", "application/x-research-info-systems", writeRis],
  ] as const) {
    app.get(`/preferences/:token/saved.${ending}`, async (context) => {
      const reader = await readerOf(context);
      if (!reader) return unknown(context);
      context.header("Content-Disposition", `attachment; filename="saved-papers.${ending}"`);
      context.header("Content-Type", `${type}; charset=utf-8`);
      return context.body(write(await tastes.saved(reader)));
    });
  }
}

/** Does what a form asks for; one that asks for nothing changes nothing. */
async function act(
  { tastes }: House,
  reader: Subscriber,
  { fields, file }: { fields: Fields; file: string | null },
): Promise<Said> {
  const name = fields.get("takeBack");
  if (name !== undefined) {
    await tastes.takeBack(reader, name);
    return { done: "Taken back." };
  }
  if (fields.get("reset") === "yes") {
    await tastes.reset(reader);
    return { done: "All of it is forgotten." };
  }
  if (fields.has("picks")) return pick(tastes, reader, fields);
  const text = file ?? fields.get("text") ?? "";
  if (text.trim() === "") return { faults: [{ line: 0, problem: "There was nothing to read." }] };
  const library = readLibrary(text);
  const { papers, faults, more } = library;
  if (papers.length === 0) return { faults };
  await tastes.begin(reader, library);
  const taken = `Read ${counted(papers.length, "paper")}${more ? "; the rest was left" : ""}.`;
  return { done: taken, faults };
}

async function pick(tastes: House["tastes"], reader: Subscriber, fields: Fields): Promise<Said> {
  const keys = [...fields.keys()].flatMap((field) => /^paper-(\d{1,12})$/.exec(field)?.[1] ?? []);
  const papers: Paper[] = [];
  for (const key of keys.slice(0, PICKS_MAX)) {
    const found = await tastes.paper(Number(key));
    if (found) papers.push(found.paper);
  }
  if (papers.length === 0) return { faults: [{ line: 0, problem: "No paper was picked." }] };
  await tastes.judge(reader, papers, "more");
  return { done: `Noted ${counted(papers.length, "paper")}.` };
}

/** Returns the papers that led the latest editions. */
async function picksOf({ shelves, newsletter }: House): Promise<Paper[]> {
  const { headings } = await shelves.editions(null, { offset: 0, limit: EDITIONS_SHOWN });
  const papers = new Map<number, Paper>();
  for (const { cadence, period } of headings as readonly EditionHeading[]) {
    const edition = await newsletter.find(cadence, period);
    for (const { paper } of edition ? leadEntries(edition) : []) papers.set(paper.key, paper);
  }
  return [...papers.values()].slice(0, PICKS_MAX);
}

function answerTo({ done, faults = [] }: Said): Markup {
  return html`${done !== undefined && html`<p role="status" class="saved">${done}</p>`}
  ${
    faults.length > 0 &&
    html`<div role="alert" class="problem">
      <ul>
        ${faults.map(
          ({ line, problem }) => html`<li>${line > 0 ? `Line ${line}: ${problem}.` : problem}</li>`,
        )}
      </ul>
    </div>`
  }`;
}

const SAID = { more: "more like", less: "less like", save: "saved" } as const;

function opinionSection(opinions: readonly Opinion[]): Markup | "" {
  if (opinions.length === 0) return "";
  return html`<h2>What you said</h2>
    <ul class="said">
      ${opinions.map(
        ({ name, verdict, title }) =>
          html`<li>
            <form method="post">
              <span class="meta">${SAID[verdict]}</span>
              <span dir="auto">${latexText(title)}</span>
              <button
                class="link"
                name="takeBack"
                value="${name}"
                aria-label="Take back: ${latexText(title)}"
              >
                Take back
              </button>
            </form>
          </li>`,
      )}
    </ul>`;
}

function savedSection(opinions: readonly Opinion[], token: string): Markup | "" {
  const count = opinions.filter(({ verdict }) => verdict === "save").length;
  if (count === 0) return "";
  return html`<h2>Saved</h2>
    <p class="links">
      ${counted(count, "paper")}: <a href="/preferences/${token}/saved.bib">BibTeX</a>
      <a href="/preferences/${token}/saved.ris">RIS</a>
      <a href="/preferences/${token}/data">Everything as JSON</a>
    </p>`;
}

function beginSection(picks: readonly Paper[], opinions: readonly Opinion[]): Markup {
  const said = new Set(opinions.map(({ paper }) => paper));
  const left = picks.filter(({ key }) => !said.has(key));
  return html`<h2>
      ${opinions.length === 0 ? "Begin with papers that you like" : "Add papers that you like"}
    </h2>
    ${
      left.length > 0 &&
      html`<form method="post">
        <fieldset>
          <legend>Of the latest editions</legend>
          <input type="hidden" name="picks" value="" />
          <div class="choices titles">
            ${left.map(
              ({ key, title }) =>
                html`<label dir="auto"
                  ><input type="checkbox" name="paper-${key}" /> ${latexText(title)}</label
                >`,
            )}
          </div>
          <button>More like these</button>
        </fieldset>
      </form>`
    }
    <form method="post" enctype="multipart/form-data">
      <fieldset>
        <legend>Of your own library</legend>
        <label for="library">A file of BibTeX or RIS, as Zotero exports it (1 MB at most)</label>
        <input id="library" type="file" name="library" accept=".bib,.ris,text/plain" />
        <label for="text">Or paste it here</label>
        <textarea id="text" name="text" rows="4"></textarea>
        <button class="quiet">Read it</button>
        <p class="meta">
          The first 200 papers count. Kept are title and abstract, to learn from, until you reset or
          erase them.
        </p>
      </fieldset>
    </form>`;
}

const RESET = html`<h2>Forget it</h2>
  <form method="post">
    <button class="quiet" name="reset" value="yes">Forget what I said and what was learned</button>
    <p class="meta">What you follow and mute stays; saved papers go.</p>
  </form>`;
