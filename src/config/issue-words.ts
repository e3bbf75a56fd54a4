/** What is wrong with a value of the configuration, in our own words, behind the name of its key. */
import type { z } from "zod";

const TYPES: Readonly<Record<string, string>> = {
  array: "must be a list",
  boolean: "must be true or false",
  int: "must be a whole number",
  number: "must be a number",
  object: "must hold keys, each with its value",
  record: "must hold keys, each with its value",
  string: "must be text",
};

const FORMATS: Readonly<Record<string, string>> = {
  email: "is not an e-mail address; write one like reader@example.org",
  url: "is not a web address; write https://…",
};

/** Returns what is wrong; undefined where the schema itself says it. For `error` of a zod parse. */
export function issueWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined && issue.code !== "custom") return "is missing";
  if (issue.input === null) return "has no value; give it one, or leave it out";
  switch (issue.code) {
    case "invalid_type":
      return typeWords(issue.expected, issue.input);
    case "too_small":
      return smallWords(issue);
    case "too_big":
      return bigWords(issue);
    case "invalid_value":
      return choiceWords(issue.values);
    case "invalid_union":
      return Array.isArray(issue["options"])
        ? choiceWords(issue["options"])
        : "is of no form that fits here";
    case "invalid_format":
      return FORMATS[issue.format] ?? "is not of the form that is wanted here";
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "unrecognized_keys":
      return "is no key that is known here";
    default:
      return undefined;
  }
}

function typeWords(expected: string, input: unknown): string {
  const wanted = TYPES[expected] ?? `must be of the type ${expected}`;
  if (expected === "string" && typeof input !== "object")
    return `${wanted}; write it quoted, like "${String(input)}"`;
  if (typeof input === "object") return wanted;
  return `${wanted}, not ${typeof input === "string" ? JSON.stringify(input) : String(input)}`;
}

function smallWords({ origin, minimum, inclusive }: Bound<"too_small">): string {
  if (isCounted(origin))
    return Number(minimum) === 1
      ? "must not be empty"
      : `must have ${counted(origin, minimum)} or more`;
  return inclusive === false ? `must be more than ${minimum}` : `must be ${minimum} or more`;
}

function bigWords({ origin, maximum, inclusive }: Bound<"too_big">): string {
  if (isCounted(origin)) return `may have ${counted(origin, maximum)} at most`;
  return inclusive === false ? `must be less than ${maximum}` : `must be ${maximum} or less`;
}

type Bound<Code> = Extract<z.core.$ZodRawIssue, { code: Code }>;

function isCounted(origin: string): boolean {
  return origin === "string" || origin === "array";
}

function counted(origin: string, count: number | bigint): string {
  const one = origin === "string" ? "character" : "item";
  return `${count} ${one}${Number(count) === 1 ? "" : "s"}`;
}

function choiceWords(values: readonly unknown[]): string {
  const known = values.filter((value) => value !== undefined).map(String);
  return known.length === 1 ? `must be ${known[0]}` : `must be one of ${known.join(", ")}`;
}
