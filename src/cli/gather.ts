import type { Command } from "commander";
import type { App } from "../assemble.ts";
import { PaperRoundError } from "../errors.ts";
import { grouped } from "../io/plural.ts";
import type { GatherOptions, GatherReport } from "../papers/gathering.ts";
import type { Source, Span } from "../papers/source.ts";
import { dateOption, withApp, withExamples } from "./context.ts";
import { checkSource } from "./gather-check.ts";
import { answer, answerJson, startCount, talk, talkFault, untilInterrupted } from "./terminal.ts";

interface Options {
  from?: string[];
  date?: string;
  since?: string;
  until?: string;
  again?: boolean;
  check?: string;
  refused?: boolean;
  replay?: string;
  json?: boolean;
}

/** All that a day or two of the largest source could refuse. */
const REFUSALS_MAX = 10_000;

export function addGather(program: Command): void {
  const command = program
    .command("gather")
    .description("take in papers from the configured sources, or from files and folders")
    .argument(
      "[source...]",
      "names from `sources:` in paperround.yaml; all of them if none is named",
    )
    .option("--from <path...>", "gather these files and folders instead")
    .option("--date <date>", "the list day of files that don't name one", dateOption)
    .option("--since <date>", "look back: gather all days from this one on", dateOption)
    .option("--until <date>", "look back up to this day; today if left out", dateOption)
    .option("--again", "look back also at days that were gathered before")
    .option("--check <source>", "show what a source gives, without storing any of it")
    .option("--refused", "name every record that was refused, not only the first ones")
    .option("--replay <folder>", "gather what was kept with network.keepAnswers, asking nobody")
    .option("--json", "print the result as JSON")
    .action(gather);
  withExamples(command, [
    "paperround gather --from daily_papers.json",
    "paperround gather --from page.txt --date 2025-10-30",
    "paperround gather",
    "paperround gather --check daily-papers",
    "paperround gather daily-papers --since 2026-04-01 --until 2026-04-30",
  ]);
}

async function gather(names: string[], options: Options): Promise<void> {
  await withApp(async (app) => {
    const signal = untilInterrupted();
    if (options.check !== undefined) {
      const [source] = app.sources([options.check]);
      const { json } = options;
      if (source) await checkSource(source, spanOf(options, app), { json, signal, now: app.now() });
      return;
    }
    const sources = sourcesOf(app, names, options);
    if (sources.length === 0) {
      talk(
        "No source is configured. Name files with --from, or add `sources:` to paperround.yaml.",
      );
    }
    const span = options.replay === undefined ? spanOf(options, app) : null;
    await gatherAll(app, sources, { span, signal, again: options.again ?? false }, options);
  });
}

function sourcesOf(app: App, names: readonly string[], options: Options): readonly Source[] {
  if (options.replay !== undefined) return app.replayed(options.replay);
  return options.from ? [app.files(options.from, options.date ?? null)] : app.sources(names);
}

function spanOf({ since, until }: Options, app: App): Span | null {
  const today = app.newsletter.today();
  if (since === undefined) {
    if (until === undefined) return null;
    throw new PaperRoundError("USAGE", "--until needs --since.");
  }
  const span = { since, until: until ?? today };
  if (span.since <= span.until) return span;
  throw new PaperRoundError("DATE_INVALID", `${span.since} is after ${span.until}.`);
}

/** Gathers from one after the other; a source in trouble keeps no other from its turn. */
async function gatherAll(
  app: App,
  sources: readonly Source[],
  options: GatherOptions,
  { refused, json }: Options,
): Promise<void> {
  const reports: GatherReport[] = [];
  const faults: PaperRoundError[] = [];
  const progress = startCount("papers told of");
  const refusalsMax = refused ? REFUSALS_MAX : undefined;
  try {
    for (const source of sources) {
      try {
        const how = { ...options, onSighting: progress.step, ...(refusalsMax && { refusalsMax }) };
        reports.push(await app.newsletter.gather([source], progress.say, how));
      } catch (fault) {
        if (!(fault instanceof PaperRoundError) || fault.code === "INTERRUPTED") throw fault;
        faults.push(fault);
      }
    }
  } finally {
    progress.done();
  }
  const report = summed(reports);
  for (const { refused: why, at } of report.refusals) talk(`refused, ${why}: ${at}`);
  const hidden = total(report.refused) - report.refusals.length;
  if (hidden > 0) talk(`refused, ${grouped(hidden)} more`);
  if (reports.length > 0) {
    const { papers, readings, refused: reasons } = report;
    if (json) answerJson({ papers, readings, refused: reasons });
    else answer(summary(report));
  }
  const [first, ...others] = faults;
  for (const fault of others) talkFault(fault, false);
  if (first) throw first;
}

function summed(reports: readonly GatherReport[]): GatherReport {
  const papers = { new: 0, changed: 0, unchanged: 0 };
  const refused: Record<string, number> = {};
  for (const report of reports) {
    papers.new += report.papers.new;
    papers.changed += report.papers.changed;
    papers.unchanged += report.papers.unchanged;
    for (const [why, count] of Object.entries(report.refused)) {
      refused[why] = (refused[why] ?? 0) + count;
    }
  }
  const readings = reports.reduce((sum, report) => sum + report.readings, 0);
  return { papers, readings, refused, refusals: reports.flatMap(({ refusals }) => refusals) };
}

function summary({ papers, readings, refused }: GatherReport): string {
  const taken = `Papers: ${grouped(papers.new)} new, ${grouped(papers.changed)} changed, ${grouped(papers.unchanged)} unchanged. Readings: ${grouped(readings)} new.`;
  const reasons = Object.entries(refused).map(([reason, count]) => `${grouped(count)} ${reason}`);
  return reasons.length > 0 ? `${taken} Refused: ${reasons.join(", ")}.` : taken;
}

function total(refused: GatherReport["refused"]): number {
  return Object.values(refused).reduce((sum, count) => sum + count, 0);
}
