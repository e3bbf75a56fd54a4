import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { leadEntries, type Draft } from "../editions/edition.ts";
import type { Cadence } from "../editions/period.ts";
import { PaperRoundError } from "../errors.ts";
import type { App } from "../assemble.ts";
import type { Subscriber } from "../subscribers/subscriber.ts";
import {
  addressArgument,
  cadenceOption,
  dateOption,
  portOption,
  withApp,
  withExamples,
} from "./context.ts";
import { answer, interrupted, talk } from "./terminal.ts";

interface Options {
  date?: string;
  cadence: Cadence;
  as?: string;
  port: number;
  html?: string;
  text?: string;
  eml?: string;
}

export function addPreview(program: Command): void {
  const command = program
    .command("preview")
    .description(
      "look at a letter in a browser on this machine, or write it to files; nothing is sent",
    )
    .option(
      "--date <date>",
      "the edition of this day; the newest day with papers if left out",
      dateOption,
    )
    .option("--cadence <cadence>", "daily, weekly or monthly", cadenceOption, "daily")
    .option("--as <email>", "as this subscriber gets it")
    .option("--port <port>", "where to show it; 0 takes any free port", portOption, 8026)
    .option("--html <file>", "write the HTML part to a file instead")
    .option("--text <file>", "write the text part to a file instead")
    .option("--eml <file>", "write the whole message to a file instead")
    .action(preview);
  withExamples(command, [
    "paperround preview",
    "paperround preview --date 2026-04-15 --as reader@example.org",
    "paperround preview --html letter.html --text letter.txt --eml letter.eml",
  ]);
}

async function preview(options: Options): Promise<void> {
  await withApp(async (app) => {
    const reader = await readerOf(app, options.as);
    const date = options.date ?? (await newestDay(app, options.cadence));
    if (options.html || options.text || options.eml) return writeFiles(app, date, reader, options);
    const { openPreview } = await import("../web/preview.ts");
    const { startServer } = await import("../web/server.ts");
    const pages = openPreview({ ...app, reader, cadence: options.cadence, date });
    const server = await startServer({ host: "127.0.0.1", port: options.port });
    server.show(pages);
    answer(`${server.url}/?date=${date}`);
    talk("Open this address to see the letter. Ctrl-C ends the preview.");
    await interrupted();
    await server.close();
  });
}

async function readerOf(
  { subscribers }: App,
  email: string | undefined,
): Promise<Subscriber | null> {
  if (email === undefined) return null;
  const address = addressArgument(email);
  const reader = await subscribers.find(address);
  if (reader) return reader;
  throw new PaperRoundError("SUBSCRIBER_UNKNOWN", `${address.address} is not on the list.`);
}

/** Today, or the newest day before it that has papers: an empty letter shows little. */
async function newestDay({ newsletter }: App, cadence: Cadence): Promise<string> {
  const { papers } = await newsletter.status();
  const today = newsletter.today();
  const { entries } = await newsletter.edition(cadence, today);
  if (!papers.newestDay || entries.length > 0) return today;
  talk(
    `Nothing is known for ${today} yet: this is ${papers.newestDay}, the newest day with papers.`,
  );
  return papers.newestDay;
}

async function writeFiles(
  app: App,
  date: string,
  reader: Subscriber | null,
  options: Options,
): Promise<void> {
  const { newsletter } = app;
  const draft: Draft = await newsletter.edition(options.cadence, date);
  if (leadEntries(draft).length === 0) {
    throw new PaperRoundError("NOTHING_TO_SEND", await newsletter.whyEmpty(draft));
  }
  const letter = await newsletter.set(draft);
  const parts = newsletter.print(letter, reader);
  const write = (file: string | undefined, content: string | Buffer) => {
    if (file === undefined) return;
    writeFileSync(file, content);
    talk(`wrote ${file}`);
  };
  if (options.html && parts.html === null)
    talk("This reader gets plain text only: no HTML is written.");
  else write(options.html, parts.html ?? "");
  write(options.text, parts.text);
  if (options.eml === undefined) return;
  const to = reader ?? addressArgument("reader@example.org");
  const message = await newsletter.compose(draft, letter, to);
  write(options.eml, message.content);
}
