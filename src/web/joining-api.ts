/** The door for programs: the same rules, the same limits, the same answer to everybody. */
import type { Context, Hono } from "hono";
import {
  admissible,
  apiFields,
  askToJoin,
  consentWording,
  readFirstChoices,
  openForm,
  sealIsGood,
  unknownField,
  visitOf,
  type JoiningDependencies,
} from "./door.ts";
import { UNPROVEN_SECONDS } from "./proof.ts";
import { BUSY_RETRY_SECONDS } from "./refusals.ts";
import { readJson, TRAP } from "./visitor.ts";

/** Lets scripts of other sites read every answer to programs, a refusal or a fault as well. */
export function openToScripts(app: Hono): void {
  app.use("/api/*", async (context, next) => {
    await next();
    // Any site may ask; there is no cookie that it could ask with.
    context.header("Access-Control-Allow-Origin", "*");
    context.header("Access-Control-Expose-Headers", "Retry-After, X-Request-Id");
    context.header("Cross-Origin-Resource-Policy", "cross-origin");
  });
}

/** Adds what programs ask at. */
export function addApi(app: Hono, house: JoiningDependencies): void {
  const { door, masthead, readers } = house;
  const refuse = (context: Context, status: 400 | 403 | 415 | 422 | 429, message: string) =>
    context.json({ error: message }, status);
  app.options("/api/subscribe", (context) => {
    context.header("Access-Control-Allow-Methods", "GET, POST");
    context.header("Access-Control-Allow-Headers", "Content-Type");
    return context.body(null, 204);
  });
  app.get("/api/subscribe", (context) => {
    const { seal, proofOfWork } = openForm(house);
    return context.json({
      open: door.open,
      form: seal,
      minimumSeconds: door.minimumSeconds,
      proofOfWork,
      cadences: door.cadences,
      fields: apiFields(door),
      wording: consentWording(masthead),
    });
  });
  app.post("/api/subscribe", async (context) => {
    if (!door.open) return refuse(context, 403, "Nobody can subscribe here for now.");
    const fields = await readJson(context);
    if (fields === "type") return refuse(context, 415, "Send application/json.");
    if (fields === "text") return refuse(context, 400, "This is no object of JSON in UTF-8.");
    if ("wrong" in fields) return refuse(context, 422, fields.wrong);
    if (fields.get(TRAP)) return context.json({ status: "asked" }, 202);
    const unknown = unknownField(fields, door);
    if (unknown) return refuse(context, 422, unknown.wrong);
    const address = admissible(fields.get("email") ?? "", door);
    if ("problem" in address) return refuse(context, 422, address.problem);
    const chosen = readFirstChoices(fields, door, readers.today());
    if ("wrong" in chosen) return refuse(context, 422, chosen.wrong);
    if (!sealIsGood(house, fields)) {
      const wait = `Get "form" from here, and send it back after ${door.minimumSeconds} seconds`;
      const work = `, with "work" beside it or ${UNPROVEN_SECONDS} seconds old`;
      return refuse(context, 422, `${wait}${door.proofOfWork > 0 ? work : ""}.`);
    }
    const visit = visitOf(context, fields);
    const verdict = await askToJoin(house, { address, chosen, how: "api" }, visit);
    if (verdict === "stale") {
      return refuse(context, 422, 'This "form" was used for another address; get a new one.');
    }
    if (verdict !== "busy") return context.json({ status: "asked" }, 202);
    context.header("Retry-After", String(BUSY_RETRY_SECONDS));
    return refuse(context, 429, "Too many at once; try again in an hour.");
  });
}
