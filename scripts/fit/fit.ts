/**
 * Fits the ranking to recorded days and writes `src/editions/ranking-parameters.json`, or another file.
 *
 *     node scripts/fit/fit.ts FOLDER [FILE] [--check] [--forward]
 *
 * Prints what the ranking is worth on days that it was not fitted to: each list is ranked with the
 * parameters that the other days alone give; with --forward, each that comes late enough with those that
 * the days give whose outcome was known by then. With --check nothing is written.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assembleReplay } from "../../src/assemble.ts";
import { MATURE_DAYS, readRecording, type Recording } from "../../src/backtest/recording.ts";
import { replay, type Report } from "../../src/backtest/replay.ts";
import { seeded } from "../../src/backtest/seeded.ts";
import { reportText } from "../../src/backtest/tables.ts";
import { addDays } from "../../src/editions/period.ts";
import { openRanking, type Ranking } from "../../src/editions/ranking.ts";
import { crossedParameters } from "./crossing.ts";
import { announcedPapers, fitParameters, listedPapers } from "./parameters.ts";

const FILE = fileURLToPath(new URL("../../src/editions/ranking-parameters.json", import.meta.url));
/** Fewer lists than this tell no parameters. */
const FORWARD_DAYS_MIN = 4;
const SEND_HOURS = [6, 8, 14, 18];
const SELECTION = {
  leads: 12,
  bar: 0,
  fewest: 1,
  lateDays: 7,
  updates: 1,
  variety: 0.1,
  surprise: false,
};

const isFlag = (argument: string) => argument.startsWith("--");
const [folder, file = FILE] = process.argv.slice(2).filter((argument) => !isFlag(argument));
const flags = new Set(process.argv.slice(2).filter(isFlag));
if (!folder) throw new Error("Name the folder of the recorded days.");
const recording = await readRecording(folder);
const forward = flags.has("--forward");
const parametersOf = crossedParameters(recording, forward ? "earlier" : "others");
const crossed = await measured(
  forward ? lateEnough(recording) : recording,
  openRanking(parametersOf),
);
const which = forward ? "days known by then" : "other days";
process.stdout.write(`Each list by the parameters of the ${which}\n\n${reportText(crossed)}\n`);

if (!flags.has("--check")) {
  const days = [...recording.lists.keys()];
  const papers = listedPapers(recording);
  const fitted = {
    note: "Written by scripts/fit/fit.ts; docs/selection.md says what each number is.",
    days: days.length,
    from: days[0],
    to: days.at(-1),
    papers: papers.length,
    parameters: fitParameters(papers, announcedPapers(recording)),
  };
  writeFileSync(file, `${JSON.stringify(fitted, rounded, 2)}\n`);
}

/** Returns the recording with those lists that enough others came before, weeks ago. */
function lateEnough({ lists, ...others }: Recording): Recording {
  const days = [...lists.keys()];
  const isLate = (date: string) =>
    days.filter((day) => day <= addDays(date, -MATURE_DAYS)).length >= FORWARD_DAYS_MIN;
  return { ...others, lists: new Map([...lists].filter(([date]) => isLate(date))) };
}

function measured(days: Recording, ranking: Ranking): Promise<Report> {
  return replay(days, {
    sendHours: SEND_HOURS,
    ranking,
    selection: SELECTION,
    openRooms: (now) => assembleReplay(SEND_HOURS.length, { ranking, selection: SELECTION }, now),
    seeded,
  });
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(4)) : value;
}
