import type { Command } from "commander";
import { isPublished, leadEntries, type Draft, type Entry } from "../editions/edition.ts";
import { periodTitle, shortDate, type Cadence } from "../editions/period.ts";
import { PaperRoundError } from "../errors.ts";
import type { Newsletter } from "../newsletter.ts";
import { latexText } from "../papers/latex/reader.ts";
import type { CalendarDate } from "../papers/text.ts";
import { topicsOf } from "../papers/topics.ts";
import { cadenceOption, dateOption, withApp, withExamples } from "./context.ts";
import { answer, answerJson, strong, talk } from "./terminal.ts";

interface Options {
  date?: string;
  cadence: Cadence;
  since?: string;
  publish?: boolean;
  json?: boolean;
}

export function addEdition(program: Command): void {
  const command = program
    .command("edition")
    .description("show an edition's papers with reasons and the runners-up, or publish it")
    .option(
      "--date <date>",
      "the edition of this day, or of the week or month that holds it; today if left out",
      dateOption,
    )
    .option("--cadence <cadence>", "daily, weekly or monthly", cadenceOption, "daily")
    .option(
      "--since <date>",
      "show the best papers after this day, up to --date, whatever letters have led with",
      dateOption,
    )
    .option("--publish", "freeze it; from then on it never changes")
    .option("--json", "print the result as JSON")
    .action(edition);
  withExamples(command, [
    "paperround edition",
    "paperround edition --date 2026-04-15 --json",
    "paperround edition --since 2026-04-10",
    "paperround edition --publish",
  ]);
}

async function edition(options: Options): Promise<void> {
  await withApp(async ({ newsletter }) => {
    const date = options.date ?? newsletter.today();
    const draft = await draftOf(newsletter, date, options);
    if (draft.entries.length === 0) {
      if (options.json) answerJson(editionJson(draft));
      throw new PaperRoundError("NOTHING_TO_SEND", await newsletter.whyEmpty(draft));
    }
    if (options.json) return answerJson(editionJson(draft));
    answer(describe(draft, options.since));
    if (options.since !== undefined) return;
    if (!isPublished(draft))
      talk("Not published: this is how it stands now. --publish freezes it.");
  });
}

async function draftOf(
  newsletter: Newsletter,
  date: CalendarDate,
  { cadence, since, publish }: Options,
): Promise<Draft> {
  if (since === undefined) {
    return publish ? newsletter.publish(cadence, date) : newsletter.edition(cadence, date);
  }
  if (publish || since >= date) {
    const what = publish
      ? "What --since shows can't be published."
      : "--since must be before --date.";
    throw new PaperRoundError("USAGE", what);
  }
  return newsletter.bestSince(since, date);
}

function editionJson(draft: Draft) {
  const { cadence, period, candidates } = draft;
  const published = isPublished(draft)
    ? { number: draft.number, publishedAt: draft.publishedAt }
    : {};
  return {
    cadence,
    period,
    ...published,
    candidates,
    entries: leadEntries(draft).map(entryJson),
    runnersUp: draft.entries.filter((entry) => !entry.lead).map(entryJson),
  };
}

function entryJson({ rank, paper, score, reason, label, signals, changes, witnesses }: Entry) {
  return {
    rank,
    id: paper.id,
    title: paper.title,
    score: Number(score.toPrecision(6)),
    reason,
    label,
    signals,
    changes,
    witnesses: witnesses.map(({ kind, votes, weight }) => ({
      kind,
      votes: Number(votes.toPrecision(6)),
      weight: Number(weight.toPrecision(3)),
    })),
    topics: topicsOf(paper).map(({ id }) => id),
  };
}

function describe(draft: Draft, since: CalendarDate | undefined): string {
  const state = isPublished(draft) ? `, edition no. ${draft.number}` : "";
  const runnersUp = draft.entries.filter((entry) => !entry.lead).slice(0, 5);
  const title = since
    ? `After ${shortDate(since)}, up to ${shortDate(draft.window.upTo)}`
    : periodTitle(draft.cadence, draft.period);
  const lines = [strong(`${title}${state}`)];
  for (const entry of leadEntries(draft)) lines.push(...entryLines(entry));
  if (runnersUp.length > 0) lines.push("", strong("Runners-up"));
  for (const entry of runnersUp) lines.push(...entryLines(entry));
  return lines.join("\n");
}

function entryLines({ rank, paper, reason, label }: Entry): string[] {
  const why = label ? `${label.text}. ${reason}` : reason;
  return [`${String(rank).padStart(3)}. ${latexText(paper.title)}`, `     ${why} · ${paper.id}`];
}
