/** Shows what a source gives, without storing any of it. */
import { PaperRoundError } from "../errors.ts";
import { counted, grouped } from "../io/plural.ts";
import { namedFault, openTally } from "../papers/gathering.ts";
import { mentionsOf } from "../papers/mentions.ts";
import { SIGNALS, type Sighting } from "../papers/paper.ts";
import { isRefusal, isService, type Source, type Span } from "../papers/source.ts";
import { answer, answerJson, strong, table, talk } from "./terminal.ts";

interface CheckOptions {
  readonly json: boolean | undefined;
  readonly signal: AbortSignal;
  readonly now: Date;
}

const SHOWN = 20;
const TITLE_MAX = 60;

/** Reads `source` once and prints what gathering would take and refuse. Throws what gathering does. */
export async function checkSource(
  source: Source,
  span: Span | null,
  { json, signal, now }: CheckOptions,
): Promise<void> {
  if (span && !source.cut) {
    throw new PaperRoundError(
      "USAGE",
      `Source ${source.name} can't look back: check it without --since.`,
    );
  }
  const sightings: Sighting[] = [];
  const tally = openTally(Number.POSITIVE_INFINITY);
  try {
    for (const part of span ? (source.cut?.(span) ?? []) : [null]) {
      const asked = { say: talk, span: part, now: () => now, stop: signal };
      for await (const mention of mentionsOf(source, asked)) {
        tally.count(mention);
        if (!isRefusal(mention)) sightings.push(mention);
      }
    }
  } catch (fault) {
    throw namedFault(source.name, fault);
  }
  const { refusals } = tally.report();
  if (json) answerJson({ source: source.name, sightings, refusals });
  else {
    for (const { refused, at } of refusals) talk(`refused, ${refused}: ${at}`);
    answer(described(source.name, sightings, refusals.length));
  }
  const fault = isService(source) ? tally.shapeFault() : null;
  if (fault) throw namedFault(source.name, fault);
}

function described(name: string, sightings: readonly Sighting[], refused: number): string {
  const rows = sightings.slice(0, SHOWN).map(({ facts, readings }) => [
    facts.arxivId ?? facts.doi ?? "",
    facts.listedOn ?? facts.announcedOn ?? facts.publishedOn ?? "no day",
    facts.title.length > TITLE_MAX ? `${facts.title.slice(0, TITLE_MAX - 1)}…` : facts.title,
    SIGNALS.flatMap((signal) => {
      const value = readings[signal];
      return value === undefined ? [] : [counted(value, signal.slice(0, -1))];
    }).join(", "),
  ]);
  const more = sightings.length - rows.length;
  const known = Object.entries(fieldCounts(sightings)).map(([field, count]) => [
    field,
    `${grouped(count)} of ${grouped(sightings.length)}`,
  ]);
  return [
    strong(
      `${name}: ${counted(sightings.length, "paper")}, ${grouped(refused)} refused; nothing was stored`,
    ),
    table(rows),
    more > 0 ? `and ${grouped(more)} more` : "",
    sightings.length > 0 ? `\nWhat it tells:\n${table(known)}` : "",
  ]
    .filter(Boolean)
    .join("\n");
}

/** Returns for how many papers each fact is told. */
function fieldCounts(sightings: readonly Sighting[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { facts } of sightings) {
    for (const [field, value] of Object.entries(facts)) {
      const isTold = Array.isArray(value)
        ? value.length > 0
        : value !== null &&
          value !== "" &&
          (typeof value !== "object" || Object.keys(value).length > 0);
      counts[field] = (counts[field] ?? 0) + (isTold ? 1 : 0);
    }
  }
  return counts;
}
