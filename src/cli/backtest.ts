import { writeFileSync } from "node:fs";
import { InvalidArgumentError, type Command } from "commander";
import { z } from "zod";
import { chartSvg } from "../backtest/chart.ts";
import { readParameters } from "../backtest/parameters.ts";
import { differencesOf, type Difference } from "../backtest/difference.ts";
import { readRecording, type Recording } from "../backtest/recording.ts";
import { replay, type Report } from "../backtest/replay.ts";
import { seeded } from "../backtest/seeded.ts";
import { hourText, reportText } from "../backtest/tables.ts";
import { selectionSchema } from "../config/selection-schema.ts";
import type { Parameters } from "../editions/estimate.ts";
import type { SelectionRules } from "../editions/selection.ts";
import { PaperRoundError, reasonOf } from "../errors.ts";
import { counted } from "../io/plural.ts";
import type { CandidateRules } from "../editions/candidates.ts";
import type { QuietRules } from "../newsroom.ts";
import { homeConfig, withExamples } from "./context.ts";
import { answer, answerJson, talk } from "./terminal.ts";

type Rules = SelectionRules & CandidateRules & QuietRules;

/** What papers are chosen by: rules, and parameters of the ranking where they are not the program's. */
interface Chosen {
  readonly rules: Rules;
  readonly parameters: Parameters | null;
}

interface Options {
  hours: number[];
  entries: number;
  diff: string[];
  svg?: string;
  json?: boolean;
}

const changeSchema = z.object({ selection: selectionSchema, entries: z.int().min(1).max(60) });

/** A letter of twelve is what readers of three minutes get through. */
const ENTRIES = 12;
const HOURS = [6, 8, 14, 18];

export function addBacktest(program: Command): void {
  const command = program
    .command("backtest")
    .description("replay recorded days against what their papers came to, beside simple rankings")
    .argument("<dir>", "folder with papers, observations.jsonl and outcomes.jsonl")
    .option("--hours <hours>", "hours to send at, UTC, such as 6,8,14,18", hoursOption, HOURS)
    .option("--entries <count>", "how many papers lead an edition", entriesOption, ENTRIES)
    .option(
      "--diff <key=value>",
      "how another value of `selection` or `entries`, or a file of ranking `parameters`, would change the editions; may be repeated",
      (text: string, others: string[]) => [...others, text],
      [],
    )
    .option("--svg <file>", "draw a chart")
    .option("--json", "print the result as JSON")
    .action(backtest);
  withExamples(command, [
    "paperround backtest recorded/",
    "paperround backtest recorded/ --hours 7 --json",
    "paperround backtest recorded/ --diff variety=0.3 --diff surprise=true",
    "paperround backtest recorded/ --diff parameters=other.json",
  ]);
}

async function backtest(folder: string, options: Options): Promise<void> {
  const config = homeConfig();
  const rules = { ...config.selection, leads: options.entries };
  const changed = options.diff.length > 0 ? changeOf(rules, options.diff) : null;
  const recording = await readRecording(folder);
  for (const [why, count] of Object.entries(recording.refused))
    talk(`Left out: ${count} × ${why}.`);
  await sayFlattered(recording);
  const report = await measured(recording, options.hours, { rules, parameters: null });
  const other = changed && (await measured(recording, options.hours, changed));
  const differences = other ? differencesIn(report, other) : [];
  if (options.svg !== undefined) write(options.svg, chartSvg(report));
  if (options.json) {
    const { rows, readings } = report;
    return answerJson({ rows, readings, ...(other && { changed: other, differences }) });
  }
  answer(reportText(report));
  if (other) answer(`\nWith ${options.diff.join(", ")}\n\n${reportText(other)}\n`);
  if (other) answer(differenceText(differences));
}

async function measured(
  recording: Recording,
  sendHours: readonly number[],
  { rules: selection, parameters }: Chosen,
): Promise<Report> {
  // Loading the parts takes a moment that `--help` and a usage error should not.
  const { assembleReplay } = await import("../assemble.ts");
  const { openRanking } = await import("../editions/ranking.ts");
  const ranking = parameters ? openRanking(() => parameters) : openRanking();
  return replay(recording, {
    sendHours,
    ranking,
    selection,
    openRooms: (now) => assembleReplay(sendHours.length, { ranking, selection }, now),
    seeded,
  });
}

/** Says of which days the ranking's own rows tell less than they seem to. */
async function sayFlattered({ lists }: Recording): Promise<void> {
  const { FITTED_DAYS } = await import("../editions/ranking.ts");
  const days = [...lists.keys()].filter((day) => day >= FITTED_DAYS.from && day <= FITTED_DAYS.to);
  if (days.length === 0) return;
  talk(
    `The ranking was fitted to lists of ${counted(days.length, "day")} of these. Where they are the same, ` +
      "its rows flatter it; docs/selection.md says how to hold each day out.",
  );
}

/** Throws FILE_NOT_FOUND. */
function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    const message = `${file} can't be written: ${reasonOf(cause)}.`;
    throw new PaperRoundError("FILE_NOT_FOUND", message, { cause });
  }
}

/** Returns `rules` with what "key=value" says of them. Throws USAGE, and what `readParameters` does. */
function changeOf({ leads, ...rules }: Rules, told: readonly string[]): Chosen {
  const pairs = told.map((text) => {
    const [, key, value] = /^(\w+)=(.+)$/.exec(text) ?? [];
    if (key === undefined || value === undefined) {
      throw new PaperRoundError("USAGE", `--diff takes key=value, not "${text}".`);
    }
    return [key, value] as const;
  });
  const { parameters: file, ...others } = Object.fromEntries(pairs);
  const values = Object.entries(others).map(([key, value]) => [key, valueOf(value)] as const);
  const { entries = leads, ...selection } = Object.fromEntries(values);
  const parsed = changeSchema.safeParse({ selection: { ...rules, ...selection }, entries });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const why = `${String(issue?.path.at(-1) ?? "")} ${issue?.message ?? ""}`.trim();
    throw new PaperRoundError("USAGE", `--diff ${told.join(" ")} can't be used: ${why}.`);
  }
  return {
    rules: { ...parsed.data.selection, leads: parsed.data.entries },
    parameters: file === undefined ? null : readParameters(file),
  };
}

function valueOf(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return Number.isNaN(Number(text)) ? text : Number(text);
}

function differencesIn(now: Report, changed: Report): Difference[] {
  return now.readings.flatMap(({ sendHour, editions }, index) =>
    differencesOf(sendHour, editions, changed.readings[index]?.editions ?? []),
  );
}

function differenceText(differences: readonly Difference[]): string {
  if (differences.length === 0) return "No edition would change.";
  return differences
    .map(({ sendHour, period, added, dropped }) =>
      [
        `${period} at ${hourText(sendHour)}`,
        ...dropped.map((id) => `  - ${id}`),
        ...added.map((id) => `  + ${id}`),
      ].join("\n"),
    )
    .join("\n");
}

function hoursOption(text: string): number[] {
  const hours = text.split(",").map(Number);
  if (/^\d{1,2}(,\d{1,2})*$/.test(text) && hours.every((hour) => hour < 24)) {
    return [...new Set(hours)].toSorted((a, b) => a - b);
  }
  throw new InvalidArgumentError("Hours are numbers from 0 to 23, with commas between.");
}

function entriesOption(text: string): number {
  const entries = Number(text);
  if (/^\d{1,2}$/.test(text) && entries >= 1 && entries <= 60) return entries;
  throw new InvalidArgumentError("An edition leads with 1 to 60 papers.");
}
