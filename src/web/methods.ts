/** What may be done with an address: OPTIONS says so, and so does the refusal of anything else. */
import type { Hono, MiddlewareHandler } from "hono";
import { TrieRouter } from "hono/router/trie-router";
import { isOfProgram } from "./visitor.ts";

const ANY = "ALL";

/**
 * Returns what answers OPTIONS, and methods that an address does not know. It stands before the pages and
 * asks for them with the first request, when all have been added.
 */
export function answerMethods(app: Hono): MiddlewareHandler {
  let known: TrieRouter<string> | null = null;
  return async (context, next) => {
    const { method, path } = context.req;
    if (method === "GET" || method === "HEAD") return next();
    known ??= routesOf(app);
    const [routes] = known.match(ANY, path);
    const methods = new Set(routes.map(([name]) => name));
    if (methods.size === 0 || methods.has(method)) return next();
    if (methods.has("GET")) methods.add("HEAD");
    const allow = [...methods.add("OPTIONS")].join(", ");
    if (method === "OPTIONS") return context.body(null, 204, { Allow: allow });
    const error = "This address does not know that method.";
    if (isOfProgram(context)) return context.json({ error }, 405, { Allow: allow });
    return context.text(`${error}\n`, 405, { Allow: allow });
  };
}

function routesOf(app: Hono): TrieRouter<string> {
  const router = new TrieRouter<string>();
  // What stands for all methods is no page but what comes before pages.
  for (const { method, path } of app.routes) if (method !== ANY) router.add(ANY, path, method);
  return router;
}
