/** The file source: reads files and folders, each file by the format that recognises it. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { PaperRoundError, reasonOf, type ErrorCode } from "../../errors.ts";
import { plausible } from "../plausible.ts";
import type { Format, Mention, Say, Source, SourceFile } from "../source.ts";
import { calendarDate, type CalendarDate } from "../text.ts";
import { arxivAnnouncements } from "./arxiv-announcements.ts";
import { arxivAtom } from "./arxiv-atom.ts";
import { arxivListing } from "./arxiv-listing.ts";
import { dailyPapersPage } from "./daily-papers-page.ts";
import { huggingFaceJson } from "./hugging-face.ts";
import { sightingsJsonl } from "./sightings-jsonl.ts";

/** In the order they are asked: the most particular first. */
const FORMATS: readonly Format[] = [
  dailyPapersPage,
  huggingFaceJson,
  arxivAnnouncements,
  arxivAtom,
  arxivListing,
  sightingsJsonl,
];

/** A day's listing is under 1 MB; past this a file is no listing. */
const FILE_BYTES_MAX = 256 * 1024 * 1024;
const FILES_MAX = 100_000;

/** Why a file in a folder was not taken, in words. */
const REFUSALS: Partial<Record<ErrorCode, string>> = {
  FORMAT_UNKNOWN: "unknown format",
  FILE_NOT_FOUND: "unreadable file",
};

/**
 * Returns a source that reads `paths`, folders recursively. A named file that can't be read or
 * recognised throws FILE_NOT_FOUND, FILE_MALFORMED or FORMAT_UNKNOWN before anything of it is
 * taken; one found in a folder is refused and the rest goes on.
 */
export function fileSource(options: {
  name: string;
  paths: readonly string[];
  /** The list day of files that name none themselves. */
  listDay: CalendarDate | null;
  today: CalendarDate;
  /** What is dated later is refused. */
  now?: Date;
}): Source {
  const { name, paths } = options;
  return {
    name,
    async *mentions({ say }) {
      for (const path of paths) {
        if (!stat(path).isDirectory()) {
          yield* readFile(path, options, say);
          continue;
        }
        for (const file of filesBelow(path)) {
          yield* orRefuse(file, () => readFile(file, options, say));
        }
      }
    },
  };
}

interface Context {
  readonly listDay: CalendarDate | null;
  readonly today: CalendarDate;
  readonly now?: Date;
}

function readFile(path: string, context: Context, say: Say): readonly Mention[] {
  const { size, mtime } = stat(path);
  if (size > FILE_BYTES_MAX) {
    throw new PaperRoundError(
      "FILE_MALFORMED",
      `${path} is larger than ${FILE_BYTES_MAX / 1024 ** 2} MB.`,
    );
  }
  const file: SourceFile = {
    path,
    text: readText(path).replace(/^\ufeff/, ""),
    observedAt: mtime.toISOString(),
    listDay: context.listDay ?? dayInName(path),
    today: context.today,
  };
  const format = FORMATS.find((candidate) => candidate.recognizes(file));
  if (!format) {
    throw new PaperRoundError(
      "FORMAT_UNKNOWN",
      `${path} is in none of the formats that can be gathered.`,
    );
  }
  // Read to the end before anything is passed on: a file is taken whole or not at all.
  const mentions = [...format.read(file, say)];
  if (!context.now) return mentions;
  // Whoever wrote the file had a clock as well.
  const latest = mtime > context.now ? mtime : context.now;
  return mentions.map((mention) => plausible(mention, latest));
}

/** Returns what `read` returns, or the fault as one refusal, so that a folder's other files go on. */
function orRefuse(path: string, read: () => readonly Mention[]): readonly Mention[] {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof PaperRoundError)) throw thrown;
    const why = REFUSALS[thrown.code] ?? "malformed file";
    return [{ refused: why, at: thrown.message.includes(path) ? thrown.message : path }];
  }
}

function stat(path: string) {
  return orNotFound(path, () => statSync(path));
}

function readText(path: string): string {
  return orNotFound(path, () => readFileSync(path, "utf8"));
}

function orNotFound<Result>(path: string, look: () => Result): Result {
  try {
    return look();
  } catch (cause) {
    throw new PaperRoundError("FILE_NOT_FOUND", `${path} can't be read: ${reasonOf(cause)}.`, {
      cause,
    });
  }
}

/** Returns the files below `folder` by name, without hidden ones and without following links. */
function filesBelow(folder: string): string[] {
  const found = [...walk(folder)].toSorted();
  if (found.length <= FILES_MAX) return found;
  throw new PaperRoundError("FILE_MALFORMED", `${folder} holds more than ${FILES_MAX} files.`);
}

/** Walks by itself because Node's recursive listing enters links to folders, loops included. */
function* walk(folder: string): Iterable<string> {
  for (const entry of orNotFound(folder, () => readdirSync(folder, { withFileTypes: true }))) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile()) yield path;
  }
}

/** Returns the date in a name such as "2026-04-15.json". */
function dayInName(path: string): CalendarDate | null {
  return calendarDate(/\d{4}-\d{2}-\d{2}/.exec(basename(path))?.[0]);
}
