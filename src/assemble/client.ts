/** The client that asks services on the web, as the configuration wants it. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Kysely } from "kysely";
import type { Config } from "../config.ts";
import { openHttp, type Http } from "../io/http.ts";
import { openHttpCache } from "../io/http-cache.ts";
import { openHosts, type HostTables } from "../io/http-hosts.ts";

/** Returns the client; turns are counted in `db` by the real clock, whatever `now` says. */
export function openClient(config: Config, db: Kysely<HostTables>, now: () => Date): Http {
  return openHttp({
    userAgent: userAgentOf(config),
    hosts: openHosts(db, Date.now, randomUUID),
    cache: openHttpCache(join(config.home, "data", "cache")),
    allowedHosts: new Set(config.network.allowHosts),
    proxies: config.proxies,
    now,
    random: Math.random,
  });
}

/** Whoever is asked can reach whoever asks. */
function userAgentOf({ network, newsletter }: Config): string {
  const { contact, from, publicUrl } = newsletter;
  const reach = network.contact ?? contact ?? from ?? publicUrl;
  const told = reach?.includes("@") ? `mailto:${reach}` : reach;
  return told === undefined ? "PaperRound" : `PaperRound (+${told})`;
}
