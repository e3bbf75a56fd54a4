import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { leadEntries, type Draft } from "../editions/edition.ts";
import type { Cadence } from "../editions/period.ts";
import { PaperRoundError } from "../errors.ts";
import type { App } from "../assemble.ts";
import { takePicture } from "../io/browser.ts";
import { keepMjml } from "../io/mjml.ts";
import { pause } from "../io/pause.ts";
import type { Subscriber } from "../subscribers/subscriber.ts";
import type { PreviewStage } from "../web/preview/request.ts";
import { newestDay } from "../web/preview/letters.ts";
import {
  addressArgument,
  cadenceOption,
  dateOption,
  homeConfig,
  portOption,
  withApp,
  withExamples,
} from "./context.ts";
import { aborted, answer, talk, untilInterrupted } from "./terminal.ts";

/** Files that come with the program, beside src/. */
const PACKAGE_DIR = fileURLToPath(new URL("../..", import.meta.url));

interface Options {
  date?: string;
  cadence: Cadence;
  as?: string;
  port: number;
  html?: string;
  text?: string;
  eml?: string;
  png?: string;
}

/** The program is loaded so long after the pages are there, or with the first of them. */
const LOAD_AFTER_MS = 300;
/** What names standard output in the place of a file. */
const STANDARD_OUTPUT = "-";
/** As wide as a letter has use for. */
const PICTURE_WIDTH = 800;

export function addPreview(program: Command): void {
  const command = program
    .command("preview")
    .description(
      "look at letters in a browser on this machine, or write one to files; looking sends nothing",
    )
    .option(
      "--date <date>",
      "the edition of this day; the newest day with papers if left out",
      dateOption,
    )
    .option("--cadence <cadence>", "daily, weekly or monthly", cadenceOption, "daily")
    .option("--as <email>", "as this subscriber gets it")
    .option("--port <port>", "where to show it; 0 takes any free port", portOption, 8026)
    .option("--html <file>", "write the HTML part to a file instead; - is standard output")
    .option("--text <file>", "write the text part to a file instead; - is standard output")
    .option("--eml <file>", "write the whole message to a file instead; - is standard output")
    .option(
      "--png <file>",
      "write a picture to a file instead; - is standard output; needs Chromium",
    )
    .action(preview);
  withExamples(command, [
    "paperround preview",
    "paperround preview --date 2026-04-15 --as reader@example.org",
    "paperround preview --html letter.html --text letter.txt --eml letter.eml",
    "paperround preview --text - | less",
  ]);
}

async function preview(options: Options): Promise<void> {
  const config = homeConfig();
  if (options.html || options.text || options.eml || options.png) {
    refuseMixture(options);
    return withApp(async (app) => {
      const reader = await readerOf(app, options.as);
      const date = options.date ?? (await newestDay(app.newsletter, options.cadence));
      await writeFiles(app, { date, reader, browser: config.preview.browser ?? null }, options);
    }, config);
  }
  // The page begins before the program behind it is loaded, so what it needs is loaded alone.
  const { openStage } = await import("./preview-stage.ts");
  const templates = join(PACKAGE_DIR, "templates");
  const fixtures = join(PACKAGE_DIR, "data", "preview");
  const stage = openStage(config, homeConfig, [templates, fixtures], talk);
  try {
    if (options.as !== undefined) await stage.lend((house) => readerOf(house, options.as));
    await showPages(stage, { templates, fixtures }, options);
  } finally {
    await stage.close();
  }
}

async function showPages(
  stage: PreviewStage,
  folders: { templates: string; fixtures: string },
  options: Options,
): Promise<void> {
  const { startServer } = await import("../web/server.ts");
  const { openPreview } = await import("../web/preview/preview.ts");
  const server = await startServer({ host: "127.0.0.1", port: options.port });
  const signal = untilInterrupted();
  const { as = "", cadence, date = null } = options;
  const fileOf = (name: string) => readFileSync(join(folders.templates, name), "utf8");
  const pages = openPreview({
    stage,
    first: { cadence, reader: as, date },
    files: {
      css: () => fileOf("look.css") + fileOf("preview.css"),
      script: () => fileOf("preview.js"),
    },
    fixtures: folders.fixtures,
    token: randomBytes(24).toString("base64url"),
    signal,
    now: () => new Date(),
  });
  server.show(pages);
  answer(server.url + addressOf(options));
  talk("Open this address to see the letters. Ctrl-C ends the preview.");
  let release = () => {};
  try {
    // A page that is asked for at once comes first: nothing can be done while the program is loaded.
    await pause(LOAD_AFTER_MS, signal);
    await stage.lend(async () => {});
    // A saved template is to be seen at once, which it is where MJML is loaded already.
    release = keepMjml();
    await aborted(signal);
  } finally {
    release();
    await server.close();
  }
}

/** Returns what the address holds of the options; the pages know the rest. */
function addressOf({ date, cadence, as }: Options): string {
  const query = new URLSearchParams();
  if (date !== undefined) query.set("date", date);
  if (cadence !== "daily") query.set("cadence", cadence);
  if (as !== undefined) query.set("as", as);
  return query.size > 0 ? `/?${query}` : "/";
}

async function readerOf(
  { subscribers }: Pick<App, "subscribers">,
  email: string | undefined,
): Promise<Subscriber | null> {
  if (email === undefined) return null;
  const address = addressArgument(email);
  const reader = await subscribers.find(address);
  if (reader) return reader;
  throw new PaperRoundError("SUBSCRIBER_UNKNOWN", `${address.address} is not on the list.`);
}

async function writeFiles(
  { newsletter }: App,
  look: { date: string; reader: Subscriber | null; browser: string | null },
  options: Options,
): Promise<void> {
  const { date, reader, browser } = look;
  if (options.date === undefined && date !== newsletter.today()) {
    talk(`Nothing is known for today yet: this is ${date}, the newest day with papers.`);
  }
  const draft: Draft = await newsletter.edition(options.cadence, date);
  if (leadEntries(draft).length === 0) {
    throw new PaperRoundError("NOTHING_TO_SEND", await newsletter.whyEmpty(draft));
  }
  const letter = await newsletter.set(draft, reader);
  const parts = newsletter.print(letter, reader);
  if ((options.html || options.png) && parts.html === null)
    talk("This reader gets plain text only: no HTML is written, and no picture.");
  else write(options.html, parts.html ?? "");
  write(options.text, parts.text);
  if (options.png !== undefined && parts.html !== null) {
    const picture = { html: parts.html, width: PICTURE_WIDTH, scheme: "light" } as const;
    write(options.png, await takePicture(picture, browser));
  }
  if (options.eml === undefined) return;
  const to = reader ?? addressArgument("reader@example.org");
  const message = await newsletter.compose(draft, letter, to);
  write(options.eml, message.content);
}

/** Refuses to put two forms of a letter into one stream. Throws USAGE. */
function refuseMixture({ html, text, eml, png }: Options): void {
  const piped = [html, text, eml, png].filter((file) => file === STANDARD_OUTPUT);
  if (piped.length < 2) return;
  const message = "Only one of --html, --text, --eml and --png can be -, for standard output.";
  throw new PaperRoundError("USAGE", message);
}

function write(file: string | undefined, content: string | Buffer): void {
  if (file === undefined) return;
  if (file === STANDARD_OUTPUT) return void process.stdout.write(content);
  writeFileSync(file, content);
  talk(`wrote ${file}`);
}
