/**
 * What the corpus may believe of a sighting. Sources of this program keep to it, which their tests hold;
 * a module of the operator's is held to it each time.
 */
import { z } from "zod";
import { doiOf, openReviewIdOf } from "./identifiers.ts";
import { NO_FACTS, SIGNALS } from "./paper.ts";
import type { Mention } from "./source.ts";
import {
  arxivId,
  calendarDate,
  cleanText,
  cleanWords,
  instant,
  secureLink,
  webLink,
} from "./text.ts";

const text = (max: number) =>
  z.string().refine((value) => cleanText(value, max) === value, "is not clean text");
const same = (read: (value: unknown) => unknown, what: string) =>
  z.string().refine((value) => read(value) === value, `is not ${what}`);
/** A date of the calendar, as `CalendarDate` is written. */
export const daySchema = same(calendarDate, "a date such as 2026-04-15");
const day = daySchema.nullable();
const words = z.array(text(100)).max(200);
const summary = z.strictObject({ text: text(1000), by: text(60) }).nullable();
const link = same(webLink, "a web address").optional();

const factsSchema = z
  .strictObject({
    arxivId: same(arxivId, "an arXiv id").nullable(),
    doi: same(doiOf, "a DOI").nullable(),
    sameAs: z.array(same(doiOf, "a DOI")).max(10),
    openReviewId: same(openReviewIdOf, "an OpenReview id").nullable(),
    version: z.int().min(1).max(999).nullable(),
    withdrawn: z.boolean().nullable(),
    title: text(500),
    abstract: text(10_000).nullable(),
    summary,
    tldr: summary,
    comment: text(500).nullable(),
    authors: words,
    authorCount: z.int().min(1).max(100_000).nullable(),
    organization: text(100).nullable(),
    publishedOn: day,
    announcedOn: day,
    listedOn: day,
    categories: words,
    keywords: words,
    fields: words,
    thumbnail: same(secureLink, "an https address").nullable(),
    links: z.strictObject({
      abstract: link,
      pdf: link,
      code: link,
      project: link,
      discussion: link,
    }),
  })
  .refine((facts) => facts.title || facts.arxivId || facts.doi || facts.openReviewId, {
    path: ["title"],
    // Who adds to a known paper need not repeat its title, which may have changed since.
    message: "is empty, and there is no identifier",
  });

const sightingSchema = z.strictObject({
  source: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "is not a source name"),
  observedAt: same(instant, "an instant in UTC such as 2026-04-15T08:00:00.000Z"),
  facts: factsSchema,
  readings: z.strictObject(
    Object.fromEntries(SIGNALS.map((signal) => [signal, z.int().min(0).optional()])),
  ),
});
const refusalSchema = z.strictObject({
  refused: text(100).min(1),
  at: text(1000),
  isExpected: z.literal(true).optional(),
});

/** Returns what is wrong with a mention, as "facts.title: is not clean text", or null. */
export function faultOfMention(value: unknown): string | null {
  const isRefusal = typeof value === "object" && value !== null && "refused" in value;
  const parsed = (isRefusal ? refusalSchema : sightingSchema).safeParse(value);
  if (parsed.success) return null;
  const [issue] = parsed.error.issues;
  return `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is not a mention"}`;
}

/** Returns a mention as it is, or refused where it does not keep to the contract. */
export function heldToContract(value: unknown, at: string): Mention {
  const fault = faultOfMention(value);
  if (fault === null) return value as Mention;
  return { refused: "not to the contract", at: cleanText(`${at}: ${fault}`, 1000) };
}

/** What a module of the operator's is handed, so that it needs to import nothing. */
export const SOURCE_TOOLS = {
  z,
  NO_FACTS,
  arxivId,
  calendarDate,
  cleanText,
  cleanWords,
  doiOf,
  instant,
  openReviewIdOf,
  secureLink,
  webLink,
} as const;

/** The same, as a type for modules in TypeScript. */
export type SourceTools = typeof SOURCE_TOOLS;
