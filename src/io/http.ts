/**
 * The one way out to other people's servers. It is polite: it says who asks, asks a host no faster than
 * it was told, waits when it is told to wait, and does not fetch again what has not changed. And it is
 * careful: it goes to public addresses only, and bounds what an answer may cost.
 */
import { createHash } from "node:crypto";
import { PaperRoundError } from "../errors.ts";
import type { HttpCache, Kept } from "./http-cache.ts";
import { exchange, type RawAnswer, type Timeouts } from "./http-exchange.ts";
import { checkedAddresses, checkHostName, hostOf, type Lookup } from "./http-guard.ts";
import type { Hosts } from "./http-hosts.ts";
import { proxyFor, type Proxies } from "./http-proxy.ts";

export interface HttpRequest {
  readonly url: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How large the answer may be, after decompression. */
  readonly bytesMax: number;
  /** Statuses that answer this beside 200, such as 404; a 403 that asks to wait never does. */
  readonly expects?: readonly number[];
  /** Servers that count their requests together, and the time between two; else the host alone. */
  readonly pace?: { readonly name: string; readonly pauseMs: number };
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  /** Where it came from in the end. */
  readonly url: string;
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** When it came, ISO 8601 in UTC. */
  readonly at: string;
}

export interface Http {
  /**
   * Returns the whole answer. Throws HTTP_UNREACHABLE, HTTP_REFUSED, HTTP_FORBIDDEN, or
   * HTTP_ANSWER_REFUSED.
   */
  ask(request: HttpRequest): Promise<HttpAnswer>;
}

export interface HttpOptions {
  /** Who asks, with a way to reach them. */
  readonly userAgent: string;
  readonly hosts: Hosts;
  readonly cache: HttpCache;
  /** Hosts that may be asked although their address is not public. */
  readonly allowedHosts: ReadonlySet<string>;
  readonly proxies: Proxies;
  readonly now: () => Date;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
  readonly timeouts?: Timeouts;
  /** The pause after a first failure; doubled with each, and the half of it left to chance. */
  readonly backOffMs?: number;
  readonly lookup?: Lookup;
}

/** Slow services answer within half a minute; what takes longer is tried again later. */
const TIMEOUTS: Timeouts = {
  connectMs: 10_000,
  firstByteMs: 40_000,
  idleMs: 15_000,
  totalMs: 100_000,
};
const TRIES_MAX = 3;
const REDIRECTS_MAX = 5;
/** Chance has its part in it, so that many do not come back at once. */
const BACK_OFF_MS = 1000;
/** Whoever asks for more patience is told to come back by itself. */
const PATIENCE_MS = 60_000;
const ADDRESS_MAX = 8000;

/** Statuses after which the same request may succeed. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** All that another server than the one asked may learn. */
const FOR_ANYBODY: ReadonlySet<string> = new Set(["accept", "content-type", "user-agent"]);

/** What came of one try. */
type Try =
  | { readonly answer: HttpAnswer }
  | { readonly fault: PaperRoundError; readonly mayPass: boolean };

/** Returns the client. */
export function openHttp(options: HttpOptions): Http {
  const { hosts, cache, allowedHosts, proxies, now, random } = options;
  const { timeouts = TIMEOUTS, backOffMs = BACK_OFF_MS } = options;

  async function ask(request: HttpRequest): Promise<HttpAnswer> {
    for (let tries = 1; ; tries++) {
      const result = await tryOnce(request, tries);
      if ("answer" in result) return result.answer;
      if (!result.mayPass || tries === TRIES_MAX) throw result.fault;
    }
  }

  async function tryOnce(request: HttpRequest, tries: number): Promise<Try> {
    const kept = isCacheable(request) ? cache.find(cacheName(request)) : null;
    let url = addressOf(request.url);
    for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
      const raw = await oneHop(request, url, kept, tries);
      if ("fault" in raw) return raw;
      if (!REDIRECTS.has(raw.status)) return judged(request, url, raw, kept);
      url = redirectOf(url, raw.headers["location"]);
    }
    const why = `${url.host} redirects more than ${REDIRECTS_MAX} times.`;
    return { fault: new PaperRoundError("HTTP_REFUSED", why), mayPass: false };
  }

  /** Asks one server once, when it is its turn, and keeps away from it afterwards as it asks for. */
  async function oneHop(
    request: HttpRequest,
    url: URL,
    kept: Kept | null,
    tries: number,
  ): Promise<RawAnswer | Extract<Try, { fault: unknown }>> {
    // Whoever sends us on is asked twice within one question, and wants its pause between the two.
    const pace = request.pace ?? { name: hostOf(url), pauseMs: 0 };
    const turn = await hosts.take(pace.name, PATIENCE_MS, request.signal);
    let pauseMs = pace.pauseMs;
    try {
      const way = await wayTo(url);
      const raw = await exchange({
        url,
        method: request.method ?? "GET",
        headers: headersFor(request, url, kept),
        body: request.body ?? null,
        bytesMax: request.bytesMax,
        timeouts,
        way,
        signal: request.signal ?? null,
      });
      if (PASSING.has(raw.status)) pauseMs = Math.max(pauseMs, backOff(tries));
      pauseMs = Math.max(pauseMs, waitAskedFor(raw, now()) ?? 0);
      return raw;
    } catch (fault) {
      if (!(fault instanceof PaperRoundError) || fault.code !== "HTTP_UNREACHABLE") throw fault;
      pauseMs = Math.max(pauseMs, backOff(tries));
      const isUnknown = (fault.cause as { code?: unknown } | undefined)?.code === "ENOTFOUND";
      return { fault, mayPass: !isUnknown && request.signal?.aborted !== true };
    } finally {
      await turn.end(pauseMs);
    }
  }

  async function wayTo(url: URL) {
    const proxy = proxyFor(url, proxies);
    if (proxy === null) return checkedAddresses(url, allowedHosts, options.lookup);
    checkHostName(url, allowedHosts);
    return { proxy };
  }

  function judged(request: HttpRequest, url: URL, raw: RawAnswer, kept: Kept | null): Try {
    const { status, headers } = raw;
    const at = now().toISOString();
    if (status === 304 && kept) {
      return { answer: { url: kept.url, status: 200, headers: kept.headers, text: kept.body, at } };
    }
    const wait = waitAskedFor(raw, now());
    // A limit says nothing of what was asked.
    const isLimit = status === 403 && wait !== null;
    if (status === 200 || (!isLimit && request.expects?.includes(status))) {
      const text = textOf(raw);
      if (status === 200 && isCacheable(request)) keep(request, url, headers, text);
      return { answer: { url: url.href, status, headers, text, at } };
    }
    const waitMs = wait ?? 0;
    const until = new Date(now().getTime() + waitMs).toISOString().slice(0, 19);
    const asks = waitMs > 0 ? ` and asks to be left in peace until ${until}Z` : "";
    const code = status >= 500 ? "HTTP_UNREACHABLE" : "HTTP_REFUSED";
    const fault = new PaperRoundError(code, `${url.host} answers with status ${status}${asks}.`);
    return { fault, mayPass: PASSING.has(status) && waitMs <= PATIENCE_MS };
  }

  function keep(request: HttpRequest, url: URL, headers: RawAnswer["headers"], body: string): void {
    const { etag = null, "last-modified": lastModified = null } = headers;
    if ((etag ?? lastModified) === null || /no-store/i.test(headers["cache-control"] ?? "")) return;
    cache.keep(cacheName(request), { url: url.href, etag, lastModified, headers, body });
  }

  function headersFor(request: HttpRequest, url: URL, kept: Kept | null) {
    const all: Record<string, string> = { accept: "*/*", "user-agent": options.userAgent };
    for (const [name, value] of Object.entries(request.headers ?? {})) {
      all[name.toLowerCase()] = value;
    }
    if (kept?.etag) all["if-none-match"] = kept.etag;
    if (kept?.lastModified) all["if-modified-since"] = kept.lastModified;
    if (url.origin === addressOf(request.url).origin) return all;
    return Object.fromEntries(Object.entries(all).filter(([name]) => FOR_ANYBODY.has(name)));
  }

  const backOff = (tries: number) => backOffMs * 2 ** (tries - 1) * (0.5 + random() / 2);

  return { ask };
}

function isCacheable({ method = "GET", headers = {} }: HttpRequest): boolean {
  return (
    method === "GET" && !Object.keys(headers).some((name) => /^(?:x-api-key|cookie)$/i.test(name))
  );
}

/** What a token opens is kept for that token alone: GitHub does not count what has not changed. */
function cacheName({ url, headers = {} }: HttpRequest): string {
  const token = Object.entries(headers).find(([name]) => /^authorization$/i.test(name))?.[1];
  return token === undefined ? url : `${url} ${createHash("sha256").update(token).digest("hex")}`;
}

function addressOf(text: string): URL {
  const url = text.length <= ADDRESS_MAX ? URL.parse(text) : null;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password) return url;
  throw new PaperRoundError("HTTP_FORBIDDEN", "An address is not http(s), or carries a password.");
}

function redirectOf(from: URL, location: string | undefined): URL {
  const to = location === undefined ? null : URL.parse(location, from.href);
  if (!to) throw new PaperRoundError("HTTP_REFUSED", `${from.host} redirects to nowhere.`);
  const url = addressOf(to.href);
  if (from.protocol === "https:" && url.protocol !== "https:") {
    throw new PaperRoundError(
      "HTTP_FORBIDDEN",
      `${from.host} redirects to an unencrypted address.`,
    );
  }
  return url;
}

/**
 * Returns how long the server wants to be left in peace, in milliseconds; 0 where it does not say how
 * long, or that is over; null where it does not ask for it.
 */
function waitAskedFor({ status, headers }: RawAnswer, now: Date): number | null {
  const after = headers["retry-after"]?.trim();
  const isMeant = after !== undefined && (status >= 500 || status === 429 || status === 403);
  if (isMeant) {
    const moment = /^\d{1,9}$/.test(after)
      ? now.getTime() + Number(after) * 1000
      : Date.parse(after);
    if (!Number.isNaN(moment)) return Math.max(0, moment - now.getTime());
  }
  // GitHub tells when the hour's requests are used up, also with its last good answer.
  const { "x-ratelimit-remaining": remaining, "x-ratelimit-reset": reset = "" } = headers;
  if (remaining !== "0") return isMeant ? 0 : null;
  return /^\d{9,11}$/.test(reset) ? Math.max(0, Number(reset) * 1000 - now.getTime()) : 0;
}

/** Returns the body in the encoding that the answer or its first line names; else it is UTF-8. */
function textOf({ headers, body }: RawAnswer): string {
  const named = /charset\s*=\s*"?([\w.:-]+)/i.exec(headers["content-type"] ?? "")?.[1];
  const beginning = body.subarray(0, 200).toString("latin1");
  const declared = /^\s*<\?xml[^>]{0,100}\bencoding\s*=\s*["']([\w.:-]+)/i.exec(beginning)?.[1];
  try {
    return new TextDecoder(named ?? declared ?? "utf-8").decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
}
