/** A database file that may be read and not written: on storage that is read-only, or of another user. */
import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { PaperRoundError } from "../errors.ts";
import { wantsToWrite } from "./patience.ts";

/** Whether this process may write a file, and the logs of a database beside it. */
export function isWritable(file: string): boolean {
  try {
    for (const path of [file, dirname(file)]) accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** An open file. */
export interface Opened {
  readonly sqlite: DatabaseSync;
  /** Whether what is read from it may be wrong: somebody began to write a file that had no log. */
  isSpoilt(): boolean;
}

/**
 * Returns the open database at `file`, for reading alone. Throws DATABASE_FAULT where its last changes
 * stand in a log that nothing may be written beside.
 */
export function openReadOnly(file: string): Opened {
  const sqlite = new DatabaseSync(file, { readOnly: true });
  try {
    sqlite.prepare("select 1 from sqlite_schema").get();
    return { sqlite, isSpoilt: () => false };
  } catch (fault) {
    sqlite.close();
    if (!wantsToWrite(fault)) throw fault;
  }
  const log = `${file}-wal`;
  // An empty one may stay behind where it could not be removed.
  const holdsChanges = () => (statSync(log, { throwIfNoEntry: false })?.size ?? 0) > 0;
  if (holdsChanges()) {
    const why = `${file} is read-only, and its last changes stand in ${log}, to be read only by a writer.`;
    const remedy = "Run `paperround status` once where the home can be written, and try again.";
    throw new PaperRoundError("DATABASE_FAULT", why, { remedy });
  }
  const before = statSync(file).mtimeMs;
  // Without a log the file is all there is, and SQLite may take it for one that never changes.
  const unchanging = pathToFileURL(file);
  unchanging.searchParams.set("immutable", "1");
  return {
    sqlite: new DatabaseSync(unchanging, { readOnly: true }),
    isSpoilt: () => holdsChanges() || statSync(file).mtimeMs !== before,
  };
}
