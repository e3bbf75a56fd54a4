/**
 * How often a host is asked, over all processes that share the database. Sole owner of the table
 * `http_hosts`. A host is taken before a request and given back after it, with the time before which
 * nobody may ask again: so there is one request at a time, and a pause after each.
 */
import type { Kysely } from "kysely";
import { PaperRoundError } from "../errors.ts";
import type { Migrations } from "./database.ts";
import { pause } from "./pause.ts";

export interface HostTables {
  http_hosts: {
    host: string;
    /** Milliseconds since 1970 before which nobody may ask. */
    free_at: number;
    /** 1 while a request is under way. */
    asking: number;
    /** Who asks just now, or whose request was the last. */
    holder: string;
  };
}

export const hostMigrations: Migrations = {
  "http-0001": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("http_hosts")
        .addColumn("host", "text", (column) => column.primaryKey())
        .addColumn("free_at", "integer", (column) => column.notNull())
        .addColumn("asking", "integer", (column) => column.notNull())
        .addColumn("holder", "text", (column) => column.notNull())
        .execute();
    },
  },
};

export interface Hosts {
  /**
   * Waits for `host` and takes it: as long as others have their turns, until `signal` ends it. Throws
   * HTTP_REFUSED when the host is not to be asked for longer than `patienceMs` from now.
   */
  take(host: string, patienceMs: number, signal?: AbortSignal): Promise<Turn>;
}

/** The right to one request. */
export interface Turn {
  /** Gives the host back; nobody asks it again for so many milliseconds. */
  end(pauseMs: number): Promise<void>;
}

/** A process that dies with a host in its hands keeps the others waiting for so long. */
const HELD_MAX_MS = 150_000;
/** Whoever waits for another process looks again this often. */
const LOOK_EVERY_MS = 200;
/** No server may keep us away for longer, whatever it says, and no clock that was wrong for a while. */
export const AWAY_MAX_MS = 24 * 3_600_000;

/** Returns the keeper of turns; `clock` tells the real time, which all processes share. */
export function openHosts(
  db: Kysely<HostTables>,
  clock: () => number,
  holder: () => string,
): Hosts {
  /** Takes the host if it is free; else returns until when it is not. */
  async function tryTake(host: string, own: string) {
    const now = clock();
    const taken = { free_at: now + HELD_MAX_MS, asking: 1, holder: own };
    const result = await db
      .insertInto("http_hosts")
      .values({ host, ...taken })
      .onConflict((conflict) =>
        conflict
          .column("host")
          .doUpdateSet(taken)
          .where((eb) =>
            eb.or([
              eb("http_hosts.free_at", "<=", now),
              eb("http_hosts.free_at", ">", now + AWAY_MAX_MS),
            ]),
          ),
      )
      .executeTakeFirst();
    if (Number(result.numInsertedOrUpdatedRows ?? 0) > 0) return null;
    return db
      .selectFrom("http_hosts")
      .select(["free_at as freeAt", "asking"])
      .where("host", "=", host)
      .executeTakeFirstOrThrow();
  }

  return {
    take: async (host, patienceMs, signal) => {
      const own = holder();
      for (let busy = await tryTake(host, own); busy; busy = await tryTake(host, own)) {
        signal?.throwIfAborted();
        // Others before us are no refusal, however many: each has its pause, and ends within its lease.
        const isLeftInPeace = !busy.asking && busy.freeAt > clock() + patienceMs;
        if (isLeftInPeace) throw tooSoon(host, busy.freeAt);
        await pause(Math.min(Math.max(busy.freeAt - clock(), 1), LOOK_EVERY_MS), signal);
      }
      return {
        end: async (pauseMs) => {
          const free_at = Math.ceil(clock() + Math.min(pauseMs, AWAY_MAX_MS));
          await db
            .updateTable("http_hosts")
            .set({ free_at, asking: 0 })
            .where("host", "=", host)
            .where("holder", "=", own)
            .execute();
        },
      };
    },
  };
}

function tooSoon(host: string, freeAt: number): PaperRoundError {
  const time = new Date(freeAt).toISOString().slice(0, 19);
  return new PaperRoundError("HTTP_REFUSED", `${host} is not to be asked before ${time}Z.`);
}
