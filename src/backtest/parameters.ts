/** Ranking parameters of another fit, to be tried beside those of the program. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { CUES } from "../editions/cues.ts";
import { PLACE_TERMS, type Parameters } from "../editions/estimate.ts";
import { PaperRoundError, reasonOf } from "../errors.ts";

const numbers = <Name extends string>(...names: readonly Name[]) =>
  z.record(z.enum(names), z.number());

const schema: z.ZodType<{ readonly parameters: Parameters }> = z.object({
  parameters: z.object({
    paper: z.object({
      base: z.number(),
      cues: numbers(...CUES),
      organizations: z.record(z.string(), z.number()),
      words: z.record(z.string(), z.number()),
      unlisted: z.number(),
      variance: z.number().positive(),
      besideReadings: z.number().min(0),
    }),
    place: numbers("base", ...PLACE_TERMS, "variance", "earlyVariance"),
    votes: numbers("growth", "catchingUp", "rise", "variance", "earlyVariance"),
  }),
});

/**
 * Returns the parameters in a file that `scripts/fit/fit.ts` wrote. Throws FILE_NOT_FOUND, and
 * FILE_MALFORMED where one is missing or no number.
 */
export function readParameters(file: string): Parameters {
  const parsed = schema.safeParse(jsonIn(file));
  if (parsed.success) return parsed.data.parameters;
  const [issue] = parsed.error.issues;
  const why = `${(issue?.path ?? []).join(".")}: ${issue?.message ?? ""}`;
  throw new PaperRoundError("FILE_MALFORMED", `${file} holds no ranking parameters (${why}).`);
}

function jsonIn(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    const message = `${file} can't be read: ${reasonOf(cause)}.`;
    throw new PaperRoundError("FILE_NOT_FOUND", message, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PaperRoundError("FILE_MALFORMED", `${file} is no JSON: ${reasonOf(cause)}.`, {
      cause,
    });
  }
}
