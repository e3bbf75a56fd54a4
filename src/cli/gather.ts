import type { Command } from "commander";
import { grouped } from "../io/plural.ts";
import type { GatherReport } from "../newsroom.ts";
import { dateOption, withApp, withExamples } from "./context.ts";
import { answer, answerJson, talk } from "./terminal.ts";

interface Options {
  from?: string[];
  date?: string;
  json?: boolean;
}

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
    .option("--json", "print the result as JSON")
    .action(gather);
  withExamples(command, [
    "paperround gather --from daily_papers.json",
    "paperround gather --from page.txt --date 2025-10-30",
    "paperround gather",
  ]);
}

async function gather(names: string[], options: Options): Promise<void> {
  await withApp(async (app) => {
    const sources = options.from
      ? [app.files(options.from, options.date ?? null)]
      : app.sources(names);
    if (sources.length === 0) {
      talk(
        "No source is configured. Name files with --from, or add `sources:` to paperround.yaml.",
      );
    }
    const report = await app.newsletter.gather(sources, talk);
    for (const { refused, at } of report.refusals) talk(`refused, ${refused}: ${at}`);
    const hidden = total(report.refused) - report.refusals.length;
    if (hidden > 0) talk(`refused, ${hidden} more`);
    if (options.json) {
      const { papers, readings, refused } = report;
      return answerJson({ papers, readings, refused });
    }
    answer(summary(report));
  });
}

function summary({ papers, readings, refused }: GatherReport): string {
  const taken = `Papers: ${grouped(papers.new)} new, ${grouped(papers.changed)} changed, ${grouped(papers.unchanged)} unchanged. Readings: ${grouped(readings)} new.`;
  const reasons = Object.entries(refused).map(([reason, count]) => `${grouped(count)} ${reason}`);
  return reasons.length > 0 ? `${taken} Refused: ${reasons.join(", ")}.` : taken;
}

function total(refused: GatherReport["refused"]): number {
  return Object.values(refused).reduce((sum, count) => sum + count, 0);
}
