/**
 * Opens a SQLite file through Kysely over Node's own `node:sqlite`, and brings its tables up to
 * date. Knows no table of its own: every room hands in the migrations of the tables it owns.
 */
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { CompiledQuery, Kysely, type Transaction } from "kysely";
import { Migrator, type Migration } from "kysely/migration";
import { PaperRoundError, reasonOf } from "../errors.ts";
import { patiently } from "./patience.ts";
import { isWritable, openReadOnly, type Opened } from "./read-only.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";

export type Migrations = Readonly<Record<string, Migration>>;

/** A handle that a room's memory works with: the database itself, or a transaction on it. */
export type Handle<Tables> = Kysely<Tables> | Transaction<Tables>;

export interface Database<Tables> {
  readonly db: Kysely<Tables>;
  /** Runs many small statements as one transaction. */
  readonly batch: Batch;
  readonly file: string;
  /** Whether the file can't be written; then whatever would write it throws. */
  readonly isReadOnly: boolean;
  /** Whether it is to be opened anew: what can't be written from here is written by somebody since. */
  isSpoilt(): boolean;
  /** Returns what is another after every commit to the file, whoever made it. */
  version(): string;
  /**
   * Overwrites freed pages and empties the write-ahead log, so that erased rows leave the files. Returns
   * false where somebody still reads an earlier state, or writes: then it is to be tried again.
   */
  scrub(): boolean;
  /** Says that a scrub is owed: something was erased that nobody waits for to be gone. */
  oweScrub(): void;
  /** Scrubs where that is owed: it was put off or in vain, or an earlier run may have ended before. */
  scrubOwed(): boolean;
  close(): Promise<void>;
}

/**
 * Calls `work` within a transaction of its own, in one go: between two statements nothing is waited
 * for, which is what makes thousands of small ones a second worth while. Throws what `work` or the
 * database throws, and then nothing is written.
 */
export type Batch = <Result>(work: (run: RunStatement) => Result) => Promise<Result>;

/** Runs a statement with what stands for its question marks; returns the number of rows it changed. */
export type RunStatement = (sql: string, parameters: readonly SQLInputValue[]) => number;

/**
 * Runs a statement that is written out, for paths that are taken thousands of times: to build one costs
 * more than to run it. Returns its rows, or none.
 */
export async function statement<Row, Tables>(
  db: Handle<Tables>,
  sql: string,
  parameters: readonly (string | number | null)[],
): Promise<{ readonly rows: Row[]; readonly changes: number }> {
  const result = await db.executeQuery<Row>(CompiledQuery.raw(sql, [...parameters]));
  return { rows: result.rows, changes: Number(result.numAffectedRows ?? 0) };
}

/** SQLite allows 32,766 parameters a query; this stays far below. */
const KEYS_PER_QUERY = 500;

/** Returns `keys` in parts that one query can take. */
export function slices<Key>(keys: readonly Key[]): Key[][] {
  return Array.from({ length: Math.ceil(keys.length / KEYS_PER_QUERY) }, (_, index) =>
    keys.slice(index * KEYS_PER_QUERY, (index + 1) * KEYS_PER_QUERY),
  );
}

/** While a file is opened there is nobody yet whom waiting could keep waiting. */
const OPENING_TIMEOUT_MS = 15_000;
/** SQLite waits on the thread that answers visitors; all waits are made beside it, by `patiently`. */
const BUSY_TIMEOUT_MS = 0;
/** SQLite's own 2 MB are less than a day's papers: it would read and write their pages again and again. */
const CACHE_KIB = 16 * 1024;
const SCRUB = "pragma wal_checkpoint(truncate)";

/**
 * Returns the open database at `file` (or ":memory:"), its tables migrated.
 *
 * Throws DATABASE_FAULT when the file can't be opened or is not a database, DATABASE_NEWER when a
 * later version of the program has migrated it.
 */
export async function openDatabase<Tables>(options: {
  file: string;
  migrations: Migrations;
  /** File mode when the file is made: 0o600 where it holds people's addresses. */
  mode?: number;
  /** Wait for the disk at every commit, so that a power cut takes none with it. */
  durable?: boolean;
  /** Open a file that can't be written as well, for reading. */
  mayBeReadOnly?: boolean;
}): Promise<Database<Tables>> {
  const { file, migrations, mode = 0o644, durable = false, mayBeReadOnly = false } = options;
  try {
    if (file !== ":memory:" && !existsSync(file)) {
      mkdirSync(dirname(file), { recursive: true });
      closeSync(openSync(file, "a", mode));
    }
    const isReadOnly = mayBeReadOnly && file !== ":memory:" && !isWritable(file);
    const { sqlite, isSpoilt } = isReadOnly ? openReadOnly(file) : await openToWrite(file, durable);
    const db = new Kysely<Tables>({ dialect: sqliteDialect(sqlite) });
    await migrate(db, file, { migrations, isReadOnly });
    sqlite.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
    return {
      db,
      batch: batchOn(sqlite),
      file,
      isReadOnly,
      isSpoilt,
      version: versionOf(sqlite),
      ...scrubbing(sqlite),
      close: () => db.destroy(),
    };
  } catch (cause) {
    if (cause instanceof PaperRoundError) throw cause;
    throw new PaperRoundError("DATABASE_FAULT", `${file} can't be opened: ${reasonOf(cause)}.`, {
      cause,
    });
  }
}

async function openToWrite(file: string, durable: boolean): Promise<Opened> {
  const sqlite = new DatabaseSync(file, { timeout: OPENING_TIMEOUT_MS });
  // With a write-ahead log every commit outlives the end of the process in either mode.
  await useLog(sqlite);
  sqlite.exec(
    `pragma synchronous = ${durable ? "full" : "normal"}; pragma foreign_keys = on; pragma secure_delete = on;
      pragma cache_size = -${CACHE_KIB};`,
  );
  return { sqlite, isSpoilt: () => false };
}

/** Of two programs that make a new file at once the second is turned away here, whatever the timeout. */
function useLog(sqlite: DatabaseSync): Promise<void> {
  return patiently(async () => sqlite.exec("pragma journal_mode = wal"));
}

/** SQLite numbers the commits of others only; what this connection writes it counts by the row. */
function versionOf(sqlite: DatabaseSync): () => string {
  const statement = sqlite.prepare(
    "select data_version || '.' || total_changes() as version from pragma_data_version",
  );
  return () => String(statement.get()?.["version"]);
}

function scrubbing(sqlite: DatabaseSync) {
  let isOwed = true;
  const scrub = (): boolean => {
    try {
      isOwed = sqlite.prepare(SCRUB).get()?.["busy"] !== 0;
    } catch {
      // In the middle of something else on this connection a checkpoint is an error, not an answer.
      isOwed = true;
    }
    return !isOwed;
  };
  const oweScrub = () => {
    isOwed = true;
  };
  return { scrub, oweScrub, scrubOwed: () => !isOwed || scrub() };
}

function batchOn(sqlite: DatabaseSync): Batch {
  const statements = new Map<string, StatementSync>();
  const run: RunStatement = (sql, parameters) => {
    const statement = statements.get(sql) ?? sqlite.prepare(sql);
    statements.set(sql, statement);
    return Number(statement.run(...parameters).changes);
  };
  const begin = async () => {
    // Somebody else's transaction on this connection ends within a turn of the event loop or a few.
    while (sqlite.isTransaction) await new Promise((resume) => setImmediate(resume));
    run("begin immediate", []);
  };
  return async (work) => {
    await patiently(begin);
    try {
      const result = work(run);
      run("commit", []);
      return result;
    } catch (thrown) {
      // Where the disk is full the database has rolled back by itself.
      if (sqlite.isTransaction) sqlite.exec("rollback");
      throw thrown;
    }
  };
}

async function migrate<Tables>(
  db: Kysely<Tables>,
  file: string,
  { migrations, isReadOnly }: { migrations: Migrations; isReadOnly: boolean },
): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    // Rooms share a file and add tables at their own pace.
    allowUnorderedMigrations: true,
  });
  const known = await migrator.getMigrations().catch((cause: unknown) => {
    throw new PaperRoundError("DATABASE_FAULT", `${file} can't be read: ${reasonOf(cause)}.`, {
      cause,
    });
  });
  if (known.length > 0 && known.every((migration) => migration.executedAt)) {
    await refuseNewer(db, file, migrations);
    return;
  }
  if (isReadOnly) {
    const why = `${file} is read-only, and was last written by an older Paper Round.`;
    const remedy = "Run `paperround status` once where the home can be written, and try again.";
    throw new PaperRoundError("DATABASE_FAULT", why, { remedy });
  }
  const { error } = await migrator.migrateToLatest();
  if (!error) return;
  await refuseNewer(db, file, migrations);
  throw error;
}

/** Throws DATABASE_NEWER when the file records a migration that this program does not know. */
async function refuseNewer<Tables>(
  db: Kysely<Tables>,
  file: string,
  migrations: Migrations,
): Promise<void> {
  const rows = await (db as unknown as Kysely<{ kysely_migration: { name: string } }>)
    .selectFrom("kysely_migration")
    .select("name")
    .execute();
  const unknown = rows.find((row) => !(row.name in migrations));
  if (!unknown) return;
  throw new PaperRoundError(
    "DATABASE_NEWER",
    `${file} was written by a newer Paper Round (its tables know "${unknown.name}").`,
  );
}
