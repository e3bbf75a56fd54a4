/** The real client, made so that it may ask servers of a test on loopback. */
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openDatabase } from "../../src/io/database.ts";
import { openHttp, type HttpOptions } from "../../src/io/http.ts";
import { openHttpCache } from "../../src/io/http-cache.ts";
import { hostMigrations, openHosts, type HostTables } from "../../src/io/http-hosts.ts";
import { emptyHome } from "../home.ts";

/** Returns a client in a folder of its own; `changes` says what is otherwise. */
export async function openClient(changes: Partial<HttpOptions> = {}, home = emptyHome()) {
  const { db, close } = await openDatabase<HostTables>({
    file: join(home, "hosts.sqlite"),
    migrations: hostMigrations,
  });
  onTestFinished(close);
  let turn = 0;
  const http = openHttp({
    userAgent: "PaperRound/test (+mailto:ada@example.org)",
    hosts: openHosts(db, Date.now, () => `test ${++turn}`),
    cache: openHttpCache(join(home, "cache")),
    allowedHosts: new Set(["127.0.0.1", "localhost"]),
    proxies: { http: null, https: null, no: [] },
    now: () => new Date(),
    // The shortest pause that there is between two tries.
    random: () => 0,
    backOffMs: 40,
    ...changes,
  });
  return { http, db };
}
