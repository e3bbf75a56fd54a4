/**
 * Answers of public pages, made and compressed once and served from memory. A page says that it is public
 * by its Cache-Control header; all others pass untouched. What is kept counts as of one version of what
 * pages show, so that nothing stale is served after a publication, whichever program published.
 */
import { createHash, randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Context, Hono } from "hono";

export interface KeptPages {
  /** Puts the kept answers before all that is added to `app` later. */
  standBefore(app: Hono): void;
  /**
   * Returns the whole answer to a plain GET of `target`, if it is kept. `head` is the head of the
   * request.
   */
  ready(target: string, head: string): readonly [Buffer, Buffer] | null;
}

type Encoding = "br" | "gzip" | "identity";

/** An answer with its body in every encoding that pays. */
interface Kept {
  readonly version: string;
  readonly etag: string;
  /** All headers but those that depend on the encoding. */
  readonly headers: readonly (readonly [string, string])[];
  readonly bodies: ReadonlyMap<Encoding, Buffer>;
  /** What plain requests have asked for, as it goes on the wire. */
  readonly wire: Map<Encoding | "unchanged", Wire>;
  readonly size: number;
}

/** The bytes of a whole answer, and where in them is room for what differs from one to the next. */
interface Wire {
  readonly head: Buffer;
  readonly body: Buffer;
  readonly idAt: number;
  readonly dateAt: number;
}

/** Room for the pages of a thousand editions, in all encodings. */
const BYTES_MAX = 64 * 1024 * 1024;
/** A page that was published over so short a time ago was asked for before, as far as anyone can tell. */
const MOMENT_MS = 5;
/** What is smaller fits into one packet as it is. */
export const COMPRESSED_FROM = 1024;
/** Slower settings gain less than a twentieth of the size. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
/** These are made anew for each answer, or do not outlive the connection. */
const NOT_KEPT = new Set(["content-length", "connection", "date", "x-request-id", "set-cookie"]);
/** Of a UUID, and of a date as HTTP writes it (RFC 9110 section 5.6.7). */
const ID_LENGTH = 36;
const DATE_LENGTH = 29;
const OF_THE_BODY = new Set(["content-type", "content-encoding", "content-length"]);

const asBrotli = promisify(brotliCompress);
const asGzip = promisify(gzip);

/** Returns an empty store. `version` tells what pages show; it is another after every change. */
export function openKeptPages(
  version: () => string,
  now: () => Date,
  bytesMax = BYTES_MAX,
): KeptPages {
  const pages = openShelf(bytesMax);
  let moment = { at: Number.NEGATIVE_INFINITY, version: "", date: "" };
  /** Returns what holds at this moment, and for some milliseconds: to ask takes longer than to answer. */
  const thisMoment = () => {
    const time = now();
    const age = time.getTime() - moment.at;
    if (age < 0 || age >= MOMENT_MS) {
      moment = { at: time.getTime(), version: version(), date: time.toUTCString() };
    }
    return moment;
  };

  return {
    standBefore: (app) =>
      app.use(async (context, next) => {
        const { method } = context.req;
        if (method !== "GET" && method !== "HEAD") return next();
        const key = targetOf(context.req.url);
        const current = version();
        const kept = pages.find(key, current);
        if (kept) return answer(context, kept);
        await next();
        if (!isPublic(context.res)) return undefined;
        const made = await pack(context.res, current);
        // Else anybody could fill the store with addresses that lead to the same page.
        if (!key.includes("?")) pages.keep(key, made);
        // Without this the headers of the answer before would be put into the new one.
        context.res = undefined;
        context.res = answer(context, made);
        return undefined;
      }),

    ready: (target, head) => {
      const current = thisMoment();
      const kept = pages.find(target, current.version);
      if (!kept) return null;
      const known = /\r\nif-none-match: *([^\r]*)/i.exec(head)?.[1];
      const accepted = /\r\naccept-encoding: *([^\r]*)/i.exec(head)?.[1] ?? "";
      const name = matches(known, kept.etag) ? "unchanged" : encodingFor(accepted, kept.bodies);
      const wire = kept.wire.get(name) ?? wireOf(kept, name);
      kept.wire.set(name, wire);
      // A copy, since who is slow to take it may still wait for it when the next one is made.
      const own = Buffer.from(wire.head);
      own.write(randomUUID(), wire.idAt, "latin1");
      own.write(current.date, wire.dateAt, "latin1");
      return [own, wire.body];
    },
  };
}

/** Pages by their targets, the most recently used last; the first go when there is no more room. */
function openShelf(bytesMax: number) {
  const pages = new Map<string, Kept>();
  let bytes = 0;
  const remove = (key: string, kept: Kept) => {
    pages.delete(key);
    bytes -= kept.size;
  };
  return {
    find(key: string, version: string): Kept | null {
      const kept = pages.get(key);
      if (!kept) return null;
      pages.delete(key);
      if (kept.version === version) {
        pages.set(key, kept);
        return kept;
      }
      bytes -= kept.size;
      return null;
    },
    keep(key: string, made: Kept): void {
      const before = pages.get(key);
      if (before) remove(key, before);
      pages.set(key, made);
      bytes += made.size;
      for (const [oldest, kept] of pages) {
        if (bytes <= bytesMax) break;
        remove(oldest, kept);
      }
    },
  };
}

function targetOf(url: string): string {
  return url.slice(url.indexOf("/", url.indexOf("://") + 3));
}

function isPublic(made: Response): boolean {
  return made.status === 200 && /\bpublic\b/.test(made.headers.get("cache-control") ?? "");
}

async function pack(made: Response, version: string): Promise<Kept> {
  const body = Buffer.from(await made.arrayBuffer());
  const bodies = await encodings(body, made.headers.get("content-type") ?? "");
  // Weak, since all encodings of a page share it (RFC 9110 section 8.8.1).
  const etag = `W/"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  const headers = [...made.headers].filter(([name]) => !NOT_KEPT.has(name));
  headers.push(["etag", etag], ["vary", "Accept-Encoding"]);
  const total = [...bodies.values()].reduce((sum, each) => sum + each.length, 0);
  // And a little for the heads and the rest.
  const size = total + 4096;
  return { version, etag, headers, bodies, wire: new Map(), size };
}

async function encodings(body: Buffer, type: string): Promise<Map<Encoding, Buffer>> {
  const bodies = new Map<Encoding, Buffer>([["identity", body]]);
  if (body.length < COMPRESSED_FROM || !/^text\/|[/+](json|xml)\b/.test(type)) return bodies;
  const [br, gz] = await Promise.all([asBrotli(body, BROTLI), asGzip(body, { level: 9 })]);
  if (br.length < body.length) bodies.set("br", br);
  if (gz.length < body.length) bodies.set("gzip", gz);
  return bodies;
}

function answer(context: Context, kept: Kept): Response {
  if (matches(context.req.header("if-none-match"), kept.etag)) {
    return new Response(null, { status: 304, headers: headersOf(kept, "unchanged") });
  }
  const encoding = encodingFor(context.req.header("accept-encoding") ?? "", kept.bodies);
  const body = context.req.method === "HEAD" ? null : new Uint8Array(bodyOf(kept, encoding));
  return new Response(body, { headers: headersOf(kept, encoding) });
}

function headersOf(kept: Kept, name: Encoding | "unchanged"): [string, string][] {
  if (name === "unchanged") {
    return kept.headers.filter(([header]) => !OF_THE_BODY.has(header)).map(([...pair]) => pair);
  }
  const headers = kept.headers.map(([header, value]): [string, string] => [header, value]);
  headers.push(["content-length", String(bodyOf(kept, name).length)]);
  if (name !== "identity") headers.push(["content-encoding", name]);
  return headers;
}

/** Names of requests and dates are each of one length. */
function wireOf(kept: Kept, name: Encoding | "unchanged"): Wire {
  const lines = headersOf(kept, name).map(([header, value]) => `${header}: ${value}\r\n`);
  const status = name === "unchanged" ? "304 Not Modified" : "200 OK";
  const toId = `HTTP/1.1 ${status}\r\n${lines.join("")}x-request-id: `;
  const toDate = `${toId}${" ".repeat(ID_LENGTH)}\r\ndate: `;
  const head = Buffer.from(`${toDate}${" ".repeat(DATE_LENGTH)}\r\n\r\n`, "latin1");
  const body = name === "unchanged" ? Buffer.alloc(0) : bodyOf(kept, name);
  return {
    head,
    body,
    idAt: toId.length,
    dateAt: toDate.length,
  };
}

function bodyOf({ bodies }: Kept, encoding: Encoding): Buffer {
  return bodies.get(encoding) ?? Buffer.alloc(0);
}

/** Whether `known`, an If-None-Match header, names `etag` (RFC 9110 section 13.1.2). */
function matches(known: string | undefined, etag: string): boolean {
  if (known === undefined) return false;
  const opaque = etag.replace(/^W\//, "");
  return known.split(",").some((each) => {
    const tag = each.trim().replace(/^W\//, "");
    return tag === "*" || tag === opaque;
  });
}

/** Returns the shortest encoding that the header accepts (RFC 9110 section 12.5.3). */
function encodingFor(accepted: string, bodies: ReadonlyMap<Encoding, Buffer>): Encoding {
  const refused = new Set<string>();
  const named = new Set<string>();
  for (const each of accepted.toLowerCase().split(",")) {
    const [name = "", ...parameters] = each.split(";").map((part) => part.trim());
    const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    (isRefused ? refused : named).add(name);
  }
  const isAccepted = (name: string) => named.has(name) || (named.has("*") && !refused.has(name));
  return (
    (["br", "gzip"] as const).find((name) => isAccepted(name) && bodies.has(name)) ?? "identity"
  );
}
