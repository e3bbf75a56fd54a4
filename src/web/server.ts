/** Serves a web application on a port, and stops gracefully. */
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { isLoopback, localUrl } from "../config.ts";
import { PaperRoundError } from "../errors.ts";
import { addQuickLane, type Ready } from "./quick-lane.ts";

export interface WebServer {
  readonly url: string;
  readonly port: number;
  /**
   * Puts `app` behind the port, and before it what answers plain requests at once; until then every
   * request is told to come back.
   */
  show(app: Hono, ready?: Ready): void;
  close(): Promise<void>;
}

/** A request that is still open this long after a stop is cut off. */
const CLOSE_GRACE_MS = 2000;

/**
 * Starts listening; port 0 takes any free one. The pages come after, since they may need to know
 * the port. Throws PORT_TAKEN.
 */
export async function startServer(options: { host: string; port: number }): Promise<WebServer> {
  const { host, port } = options;
  let shown: Hono | null = null;
  const server = createServer(
    getRequestListener(
      (request, bindings) =>
        shown?.fetch(request, bindings) ??
        new Response("Starting.\n", { status: 503, headers: { "Retry-After": "1" } }),
    ),
  );
  const lane = addQuickLane(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === "EADDRINUSE" || cause.code === "EACCES";
      const text = `${host} port ${port} is not free to listen on.`;
      reject(taken ? new PaperRoundError("PORT_TAKEN", text, { cause }) : cause);
    });
    server.listen(port, host, resolve);
  });
  const address = server.address() as { port: number };
  return {
    url: localUrl(host, address.port),
    port: address.port,
    show: (app, ready) => {
      shown = app;
      if (ready) lane.open(ready);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        lane.close(CLOSE_GRACE_MS);
        setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS).unref();
      }),
  };
}

/**
 * Refuses requests whose Host header does not name this machine. A page elsewhere can make a
 * browser resolve its own name to 127.0.0.1 (DNS rebinding); that name then stands in the header.
 */
export function refuseForeignHosts(app: Hono): void {
  app.use(async (context, next) => {
    const host = context.req.header("host") ?? "";
    const name = URL.parse(`http://${host}`)?.hostname ?? "";
    return isLoopback(name) ? next() : context.text("This page is for this machine only.", 403);
  });
}

/**
 * Refuses what a page of another origin asks for, and whatever acts without saying where it comes
 * from: a browser names the origin of every form (RFC 6454), of a sandboxed frame as "null".
 */
export function refuseForeignOrigins(app: Hono): void {
  app.use(async (context, next) => {
    const { method } = context.req;
    const origin = context.req.header("origin");
    const site = context.req.header("sec-fetch-site");
    const own = origin === `http://${context.req.header("host") ?? ""}`;
    const acts = method !== "GET" && method !== "HEAD";
    const foreign = origin === undefined ? acts : !own;
    const crosses = acts && site !== undefined && site !== "same-origin";
    if (!foreign && !crosses) return next();
    return context.text("This page is for itself only.", 403);
  });
}

/**
 * Refuses whatever a page of another site or port has a browser fetch, pictures and frames included,
 * which name no origin. Only the first page may be come to from elsewhere, by following a link.
 */
export function refuseForeignFetches(app: Hono): void {
  app.use(async (context, next) => {
    const header = (name: string) => context.req.header(`sec-fetch-${name}`);
    const site = header("site") ?? "none";
    const follows = header("mode") === "navigate" && header("dest") === "document";
    const isOwn = site === "none" || site === "same-origin";
    if (isOwn || (follows && context.req.path === "/")) return next();
    return context.text("This page is for itself only.", 403);
  });
}
