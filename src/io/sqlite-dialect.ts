/** What Kysely is told of node:sqlite: how to run a statement, and how to wait for other programs. */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import {
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  type SqliteDatabase,
} from "kysely";
import { openTurns, patiently } from "./patience.ts";

/** Prepared statements kept per connection; the program has fewer distinct ones than this. */
const STATEMENTS_MAX = 200;

/** Returns Kysely's dialect over one open connection. */
export function sqliteDialect(sqlite: DatabaseSync): SqliteDialect {
  return new Dialect(sqlite);
}

/**
 * Kysely says of SQLite that tables can't be changed in a transaction. They can: so a migration is
 * whole or not at all, and of two programs that open a new home the second waits for the first.
 */
class Dialect extends SqliteDialect {
  readonly #sqlite: DatabaseSync;

  constructor(sqlite: DatabaseSync) {
    super({ database: databaseOver(sqlite) });
    this.#sqlite = sqlite;
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }

  override createDriver(): Driver {
    return new PatientDriver(this.#sqlite);
  }
}

class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }

  /** There is one; the driver itself sees to it that its users take turns. */
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/**
 * Hands the one connection from user to user. Whoever finds the database locked by another program lets
 * the others have their turns while waiting: reading goes on beside a foreign writer.
 */
class PatientDriver extends SqliteDriver {
  readonly #sqlite: DatabaseSync;
  readonly #turns = openTurns();
  #connection: DatabaseConnection | null = null;

  constructor(sqlite: DatabaseSync) {
    super({ database: databaseOver(sqlite) });
    this.#sqlite = sqlite;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    await this.#turns.take();
    return (this.#connection ??= await this.#open());
  }

  async #open(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    return {
      executeQuery: async <Row>(query: CompiledQuery): Promise<QueryResult<Row>> => {
        const run = () => connection.executeQuery<Row>(query);
        // Whoever is in a transaction has the lock, and nobody else's statements may get into it.
        return this.#sqlite.isTransaction ? run() : patiently(run, this.#turns);
      },
      streamQuery: (query, rows) => connection.streamQuery(query, rows),
    };
  }

  override async releaseConnection(): Promise<void> {
    this.#turns.give();
  }
}

/** What Kysely's SQLite dialect asks of a driver, over node:sqlite. */
function databaseOver(sqlite: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, Prepared>();
  const prepare = (text: string): Prepared => {
    // A deferred `begin` that reads and then writes fails under a second writer whatever the
    // busy timeout; taking the write lock at once waits instead.
    const sql = text === "begin" ? "begin immediate" : text;
    const kept = statements.get(sql);
    if (kept) return kept;
    const statement = sqlite.prepare(sql);
    const prepared: Prepared = {
      reader: statement.columns().length > 0,
      all: (parameters) => statement.all(...bind(parameters)),
      run: (parameters) => statement.run(...bind(parameters)),
      // A cached statement can't be walked twice at once, so a walk gets one of its own.
      iterate: (parameters) => sqlite.prepare(sql).iterate(...bind(parameters)),
    };
    if (statements.size >= STATEMENTS_MAX) statements.clear();
    statements.set(sql, prepared);
    return prepared;
  };
  return {
    close: () => {
      statements.clear();
      sqlite.close();
    },
    prepare,
  };
}

/** A statement as Kysely's driver uses it. */
type Prepared = ReturnType<SqliteDatabase["prepare"]>;

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
