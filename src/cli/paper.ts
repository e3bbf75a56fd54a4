import type { Command } from "commander";
import { periodTitle } from "../editions/period.ts";
import type { Shelves } from "../editions/shelves.ts";
import { PaperRoundError } from "../errors.ts";
import type { Account } from "../papers/corpus.ts";
import { latexText } from "../papers/latex/reader.ts";
import type { Paper, Reading } from "../papers/paper.ts";
import { withApp, withExamples } from "./context.ts";
import { answer, answerJson, minuteOf, strong, table } from "./terminal.ts";

type Held = Awaited<ReturnType<Shelves["holding"]>>;

/** What fits on a line beside the name of a fact and where it is from. */
const VALUE_MAX = 60;
/** Readings of one signal that are shown: the latest. */
const READINGS_SHOWN = 5;

export function addPaper(program: Command): void {
  const command = program
    .command("paper")
    .description("show what is known of a paper, from which source each fact is, and who held it")
    .argument("<id>", "the paper's id, as editions and pages have it, or its arXiv id")
    .option("--json", "print the result as JSON, with every reading")
    .action(paper);
  withExamples(command, ["paperround paper 2604.11784", "paperround paper 2604.11784 --json"]);
}

async function paper(id: string, options: { json?: boolean }): Promise<void> {
  await withApp(
    async ({ catalogue, shelves, accountOf }) => {
      const found = await catalogue.paper(id);
      if (!found) {
        throw new PaperRoundError("PAPER_UNKNOWN", `The corpus has no paper "${id}".`);
      }
      const account = await accountOf(found.paper.key);
      const held = await shelves.holding(found.paper.key);
      if (options.json) return answerJson(paperJson(found.paper, account, held));
      answer(describe(found.paper, account, held));
    },
    undefined,
    { mayBeReadOnly: true },
  );
}

function paperJson(one: Paper, { told, readings }: Account, held: Held) {
  const editions = held.map(({ cadence, period, rank, lead }) => ({ cadence, period, rank, lead }));
  // Its key is the database's own, and another one after a restore.
  return { ...one, key: undefined, told, readings, editions };
}

function describe(one: Paper, { told, readings }: Account, held: Held): string {
  const facts = Object.entries(told).map(([name, { source, observedAt }]) => [
    name,
    shown(one[name as keyof Paper]),
    source,
    minuteOf(observedAt),
  ]);
  const editions = held.map(({ cadence, period, rank, lead }) => [
    `${cadence} ${period}`,
    periodTitle(cadence, period),
    `place ${rank}${lead ? "" : ", a runner-up"}`,
  ]);
  const parts = [
    [strong(latexText(one.title)), one.id],
    [strong("Facts"), table(facts)],
    readings.length > 0 ? [strong("Readings"), table(trails(readings))] : [],
    [strong("Editions"), editions.length > 0 ? table(editions) : "No edition has held it."],
  ];
  return parts
    .filter((part) => part.length > 0)
    .map((part) => part.join("\n"))
    .join("\n\n");
}

/** Returns a line for each signal of each source: how many readings there are, and the latest of them. */
function trails(readings: readonly Reading[]): string[][] {
  const bySource = Map.groupBy(readings, ({ signal, source }) => `${signal} ${source}`);
  return [...bySource.values()].flatMap((trail) => {
    const [first] = trail;
    if (!first) return [];
    const latest = trail.slice(-READINGS_SHOWN);
    const values = latest.map(({ at, value }) => `${value} (${minuteOf(at)})`).join(" → ");
    return [[first.signal, first.source, `${trail.length > latest.length ? "… " : ""}${values}`]];
  });
}

function shown(value: Paper[keyof Paper]): string {
  const line = latexText(inWords(value)).replace(/\s+/g, " ");
  return line.length > VALUE_MAX ? `${line.slice(0, VALUE_MAX - 1).toWellFormed()}…` : line;
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value !== "object" || value === null) return String(value);
  return Object.values(value).map(inWords).join(" · ");
}
