/**
 * Opens a SQLite file through Kysely over Node's own `node:sqlite`, and brings its tables up to
 * date. Knows no table of its own: every room hands in the migrations of the tables it owns.
 */
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { Kysely, SqliteAdapter, SqliteDialect, type Transaction } from "kysely";
import { Migrator, type Migration } from "kysely/migration";
import { PaperRoundError, reasonOf } from "../errors.ts";

export type Migrations = Readonly<Record<string, Migration>>;

/** A handle that a room's memory works with: the database itself, or a transaction on it. */
export type Handle<Tables> = Kysely<Tables> | Transaction<Tables>;

export interface Database<Tables> {
  readonly db: Kysely<Tables>;
  /** Overwrites freed pages and empties the write-ahead log, so that erased rows leave the files. */
  scrub(): void;
  close(): Promise<void>;
}

/** Two processes may wait this long for each other before a command gives up. */
const BUSY_TIMEOUT_MS = 15_000;
/** Prepared statements kept per connection; the program has fewer distinct ones than this. */
const STATEMENTS_MAX = 200;

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
}): Promise<Database<Tables>> {
  const { file, migrations, mode = 0o644, durable = false } = options;
  try {
    if (file !== ":memory:" && !existsSync(file)) {
      mkdirSync(dirname(file), { recursive: true });
      closeSync(openSync(file, "a", mode));
    }
    const sqlite = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    // With a write-ahead log every commit outlives the end of the process in either mode.
    sqlite.exec(
      `pragma journal_mode = wal; pragma synchronous = ${durable ? "full" : "normal"}; pragma foreign_keys = on; pragma secure_delete = on`,
    );
    const db = new Kysely<Tables>({ dialect: new Dialect({ database: driver(sqlite) }) });
    await migrate(db, file, migrations);
    return {
      db,
      scrub: () => sqlite.exec("pragma wal_checkpoint(truncate)"),
      close: () => db.destroy(),
    };
  } catch (cause) {
    if (cause instanceof PaperRoundError) throw cause;
    throw new PaperRoundError("DATABASE_FAULT", `${file} can't be opened: ${reasonOf(cause)}.`, {
      cause,
    });
  }
}

async function migrate<Tables>(
  db: Kysely<Tables>,
  file: string,
  migrations: Migrations,
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

/**
 * Kysely says of SQLite that tables can't be changed in a transaction. They can: so a migration is
 * whole or not at all, and of two programs that open a new home the second waits for the first.
 */
class Dialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** What Kysely's SQLite dialect asks of a driver, over node:sqlite. */
function driver(sqlite: DatabaseSync) {
  const statements = new Map<string, StatementSync>();
  const prepare = (text: string): StatementSync => {
    // A deferred `begin` that reads and then writes fails under a second writer whatever the
    // busy timeout; taking the write lock at once waits instead.
    const sql = text === "begin" ? "begin immediate" : text;
    const kept = statements.get(sql);
    if (kept) return kept;
    const statement = sqlite.prepare(sql);
    if (statements.size >= STATEMENTS_MAX) statements.clear();
    statements.set(sql, statement);
    return statement;
  };
  return {
    close: () => {
      statements.clear();
      sqlite.close();
    },
    prepare: (sql: string) => {
      const statement = prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters: ReadonlyArray<unknown>) => statement.all(...bind(parameters)),
        run: (parameters: ReadonlyArray<unknown>) => statement.run(...bind(parameters)),
        // A cached statement can't be walked twice at once, so a walk gets one of its own.
        iterate: (parameters: ReadonlyArray<unknown>) =>
          sqlite.prepare(sql).iterate(...bind(parameters)),
      };
    },
  };
}

/**
 * Returns the parameters when all of them are plain values. node:sqlite takes an object in first
 * place for named parameters and then stores NULL without a word, so objects are refused here.
 */
function bind(parameters: ReadonlyArray<unknown>): SQLInputValue[] {
  for (const value of parameters) {
    const plain =
      value === null ||
      typeof value === "string" ||
      typeof value === "bigint" ||
      (typeof value === "number" && !Number.isNaN(value)) ||
      value instanceof Uint8Array;
    if (!plain)
      throw new TypeError(`A query was given ${String(value)} (${typeof value}) to bind.`);
  }
  return parameters as SQLInputValue[];
}
