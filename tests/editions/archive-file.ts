/** A real archive, in memory or in a file, closed when the test ends; and drafts to put in it. */
import { onTestFinished } from "vitest";
import { openArchive } from "../../src/editions/archive.ts";
import { archiveMigrations, type ArchiveTables } from "../../src/editions/archive-tables.ts";
import type { Draft } from "../../src/editions/edition.ts";
import { daysOf, windowOf, type Cadence, type Period } from "../../src/editions/period.ts";
import { openShelves } from "../../src/editions/shelves.ts";
import { openRanking } from "../../src/editions/ranking.ts";
import { select } from "../../src/editions/selection.ts";
import type { Candidate } from "../../src/papers/paper.ts";
import { openDatabase } from "../../src/io/database.ts";

/** Returns the archive in `file`. */
export async function openArchiveFile(file = ":memory:") {
  return (await openShelvedArchive(file)).archive;
}

/** Returns the archive in `file`, and what pages read of it. */
export async function openShelvedArchive(file = ":memory:") {
  const { db, close } = await openDatabase<ArchiveTables>({ file, migrations: archiveMigrations });
  onTestFinished(close);
  return { archive: openArchive(db), shelves: openShelves(db) };
}

const RULES = { leads: 2, variety: 0, surprise: false, bar: 0 };

/** Returns the draft of a period over `candidates`, of which two lead. */
export function aDraft(
  cadence: Cadence,
  period: string,
  candidates: readonly Candidate[] = [],
): Draft {
  const name = period as Period;
  const entries = select(openRanking().rank(candidates, daysOf(cadence, name).last), RULES);
  const window = windowOf(cadence, name, null);
  return { cadence, period: name, window, candidates: candidates.length, entries };
}
