/**
 * A recording: days of the past as a folder holds them. Papers lie in files of any format that
 * `gather` reads; `observations.jsonl` says what could be seen of them when, and `outcomes.jsonl` what
 * they had come to weeks later. What the paper files themselves tell of votes is of a later time, and is
 * not looked at.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { PaperRoundError, reasonOf } from "../errors.ts";
import { addDays, daysBetween } from "../editions/period.ts";
import { daySchema } from "../papers/contract.ts";
import { mergeSightings } from "../papers/merging.ts";
import type { PaperFacts, Sighting, Signals } from "../papers/paper.ts";
import { isRefusal } from "../papers/source.ts";
import { fileSource } from "../papers/sources/files.ts";
import { arxivId, count, instant, type CalendarDate } from "../papers/text.ts";

/** The papers of a day's list, by arXiv id, with the votes that they came to. */
export type Outcomes = ReadonlyMap<string, number>;

export interface Recording {
  /** What could be seen, in time order. */
  readonly sightings: readonly Sighting[];
  /** The days whose outcome is known, in order. */
  readonly lists: ReadonlyMap<CalendarDate, Outcomes>;
  /** Lines that could not be read, by reason. */
  readonly refused: Readonly<Record<string, number>>;
}

/** Votes that are younger than this may still change the order of a list. */
export const MATURE_DAYS = 14;
const SOURCE = "recording";

const id = z.string().transform((text, context) => {
  const known = arxivId(text);
  if (known === null) context.addIssue({ code: "custom", message: "no arXiv id" });
  return known ?? "";
});
const time = z.string().transform((text, context) => {
  const known = instant(text);
  if (known === null) context.addIssue({ code: "custom", message: "no time" });
  return known ?? "";
});
const number = z
  .unknown()
  .optional()
  .transform((value) => count(value) ?? undefined);

const observationSchema = z.object({
  id,
  listDate: daySchema,
  observedAt: time,
  position: number,
  listSize: number,
  upvotes: number,
  comments: number,
  githubStars: number,
});
const outcomeSchema = z.object({
  id,
  listDate: daySchema,
  observedAt: time,
  upvotes: z.int().min(0),
});
type Observation = z.infer<typeof observationSchema>;

/** Returns what is recorded in `folder`. Throws FILE_NOT_FOUND, and FILE_MALFORMED without any day. */
export async function readRecording(folder: string): Promise<Recording> {
  const refused: Record<string, number> = {};
  const refuse = (why: string) => {
    refused[why] = (refused[why] ?? 0) + 1;
  };
  const observations = readLines(join(folder, "observations.jsonl"), observationSchema, refuse);
  const outcomes = readLines(join(folder, "outcomes.jsonl"), outcomeSchema, refuse);
  const lists = listsOf(outcomes, refuse);
  if (lists.size === 0) {
    throw new PaperRoundError(
      "FILE_MALFORMED",
      `${folder} holds no day whose outcome was read ${MATURE_DAYS} days later or more.`,
    );
  }
  const papers = await readPapers(folder);
  return { sightings: sightingsOf(papers, observations, lists), lists, refused };
}

function readLines<Value>(
  file: string,
  schema: z.ZodType<Value>,
  refuse: (why: string) => void,
): Value[] {
  const read: Value[] = [];
  for (const line of textOf(file).split("\n")) {
    if (!line.trim()) continue;
    const parsed = schema.safeParse(valueOf(line));
    if (parsed.success) read.push(parsed.data);
    else refuse(`no line of ${file.split("/").at(-1)}`);
  }
  return read;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new PaperRoundError("FILE_NOT_FOUND", `${file} can't be read: ${reasonOf(cause)}.`, {
      cause,
    });
  }
}

function valueOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function listsOf(
  outcomes: readonly z.infer<typeof outcomeSchema>[],
  refuse: (why: string) => void,
): Recording["lists"] {
  const lists = new Map<CalendarDate, Map<string, number>>();
  for (const { id: paper, listDate, observedAt, upvotes } of outcomes) {
    if (daysBetween(listDate, observedAt.slice(0, 10)) < MATURE_DAYS) {
      refuse(`outcome less than ${MATURE_DAYS} days old`);
      continue;
    }
    const list = lists.get(listDate) ?? new Map<string, number>();
    lists.set(listDate, list.set(paper, Math.max(upvotes, list.get(paper) ?? 0)));
  }
  return new Map([...lists].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Returns what the files of the folder say of papers, by arXiv id. */
async function readPapers(folder: string): Promise<Map<string, Sighting[]>> {
  if (!existsSync(folder)) throw new PaperRoundError("FILE_NOT_FOUND", `${folder} is not there.`);
  const papers = new Map<string, Sighting[]>();
  const source = fileSource({ name: SOURCE, paths: [folder], listDay: null, today: "9999-12-31" });
  const gathering = { say: () => {}, span: null, signal: new AbortController().signal };
  for await (const mention of source.mentions(gathering)) {
    // The two files of what was seen are of no format, and are refused like anything else.
    if (isRefusal(mention) || mention.facts.arxivId === null) continue;
    const known = papers.get(mention.facts.arxivId);
    if (known) known.push(mention);
    else papers.set(mention.facts.arxivId, [mention]);
  }
  return papers;
}

/**
 * Returns all that could be seen, in time order. A paper is first seen with its announcement, or when it
 * was first observed on a list. One that was listed but that no observation shows is known, without
 * a reading, from the end of that day on: the list was complete by then.
 */
function sightingsOf(
  papers: ReadonlyMap<string, readonly Sighting[]>,
  observations: readonly Observation[],
  lists: Recording["lists"],
): Sighting[] {
  const seen: Sighting[] = [];
  const observed = Map.groupBy(observations, (each) => each.id);
  const listed = new Map(
    [...lists].flatMap(([date, list]) => [...list.keys()].map((k) => [k, date])),
  );
  for (const [paper, sightings] of papers) {
    const facts = mergeSightings(sightings);
    const announced = facts.announcedOn;
    if (announced) seen.push(sighting(announcedFacts(sightings), midnight(announced), {}));
    const readings = observed.get(paper) ?? [];
    for (const each of readings) seen.push(observedSighting(facts, each));
    const listDay = listed.get(paper) ?? facts.listedOn;
    if (readings.length > 0 || !listDay) continue;
    seen.push(sighting({ ...facts, listedOn: listDay }, midnight(addDays(listDay, 1)), {}));
  }
  return seen.toSorted((a, b) => (a.observedAt < b.observedAt ? -1 : 1));
}

/** Returns what the announcement of a paper told of it. */
function announcedFacts(sightings: readonly Sighting[]): PaperFacts {
  const announced = sightings.filter(({ facts }) => facts.announcedOn !== null);
  return withoutLists(mergeSightings(announced));
}

/** Leaves out what is known only of papers that a list took up, some of it of much later. */
export function withoutLists(facts: PaperFacts): PaperFacts {
  const { code: _, project: __, discussion: ___, ...links } = facts.links;
  const unknown = { listedOn: null, organization: null, keywords: [], summary: null, tldr: null };
  return { ...facts, ...unknown, thumbnail: null, links };
}

function observedSighting(facts: PaperFacts, told: Observation): Sighting {
  const { position, listSize, upvotes: votes, comments, githubStars: stars } = told;
  const readings = { position, listSize, votes, comments, stars };
  const known = Object.entries(readings).filter(([, value]) => value !== undefined);
  return sighting(
    { ...facts, listedOn: told.listDate },
    told.observedAt,
    Object.fromEntries(known) as Signals,
  );
}

/** Which version was the last, and whether it was taken back, the files tell of the day they were written. */
function sighting(facts: PaperFacts, observedAt: string, readings: Signals): Sighting {
  const known = { ...facts, version: null, withdrawn: null, comment: null };
  return { source: SOURCE, observedAt, facts: known, readings };
}

function midnight(date: CalendarDate): string {
  return `${date}T00:00:00.000Z`;
}
