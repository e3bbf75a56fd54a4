/** The part of the configuration that says where papers come from. */
import { z } from "zod";

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "is not a source name; use a-z, 0-9 and hyphens")
  .describe("The name for `paperround gather NAME`.");
const timeoutSeconds = z
  .int()
  .min(1)
  .max(3600)
  .default(120)
  .describe("How long one gathering may take; what was told whole by then is kept.");
const webAddress = z.url({ protocol: /^https?$/, error: "is not a web address; write https://…" });

/** Where a service is found; another address is that of a mirror. */
const service = (address: string) =>
  webAddress
    .regex(/^[^?#]*$/, "must end before ? and #")
    .transform((url) => url.replace(/\/+$/, ""))
    .prefault(address)
    .describe("The service, or a mirror of it.");
const days = (fallback: number, what: string) =>
  z.int().min(1).max(31).default(fallback).describe(what);

const files = z.strictObject({
  name,
  kind: z.literal("files").optional().describe("What kind of source it is."),
  path: z.string().min(1).describe("A file or folder to gather from, relative to the home."),
});

/** Settings of `kind: hugging-face`. */
export const huggingFaceSettings = z.strictObject({
  name,
  kind: z.literal("hugging-face"),
  url: service("https://huggingface.co"),
  days: days(3, "How many days each gathering reads, today among them: votes grow for days."),
  timeoutSeconds,
});

/** Settings of `kind: arxiv`. */
export const arxivSettings = z.strictObject({
  name,
  kind: z.literal("arxiv"),
  categories: z
    .array(z.string().regex(/^[a-z-]{2,20}(\.[A-Za-z-]{2,20})?$/, "is not a category of arXiv"))
    .min(1)
    .max(30)
    .describe("Categories of arXiv, such as cs.CL, or whole archives."),
  feedUrl: service("https://rss.arxiv.org"),
  url: service("https://export.arxiv.org"),
  timeoutSeconds,
});

/** Settings of `kind: arxiv-metadata`. */
export const arxivMetadataSettings = z.strictObject({
  name,
  kind: z.literal("arxiv-metadata"),
  url: service("https://export.arxiv.org"),
  days: days(7, "Papers of so many days are looked up."),
  timeoutSeconds,
});

/** Settings of `kind: feed`. */
export const feedSettings = z.strictObject({
  name,
  kind: z.literal("feed"),
  url: webAddress.describe("An RSS, Atom or JSON feed."),
  topics: z
    .array(z.string().min(1).max(80))
    .max(10)
    .default([])
    .describe("What all its papers are about, added to their keywords."),
  timeoutSeconds,
});

/** Settings of `kind: biorxiv`. */
export const biorxivSettings = z.strictObject({
  name,
  kind: z.literal("biorxiv"),
  server: z.enum(["biorxiv", "medrxiv"]).default("biorxiv").describe("Which of the two servers."),
  url: service("https://api.biorxiv.org"),
  days: days(2, "How many days each gathering reads."),
  timeoutSeconds,
});

/** Settings of `kind: jsonl`. */
export const jsonlSettings = z.strictObject({
  name,
  kind: z.literal("jsonl"),
  url: webAddress.describe("A file in our own JSON Lines format."),
  timeoutSeconds,
});

/** Settings of `kind: github-stars`. */
export const githubStarsSettings = z.strictObject({
  name,
  kind: z.literal("github-stars"),
  url: service("https://api.github.com"),
  days: days(14, "Code of papers of so many days is looked up."),
  repositories: z
    .int()
    .min(1)
    .max(5000)
    .default(50)
    .describe(
      "How many repositories one gathering asks for; without a token GitHub answers 60 an hour.",
    ),
  timeoutSeconds,
});

/** Settings of `kind: semantic-scholar`. */
export const semanticScholarSettings = z.strictObject({
  name,
  kind: z.literal("semantic-scholar"),
  url: service("https://api.semanticscholar.org"),
  days: days(14, "Papers of so many days are looked up."),
  timeoutSeconds,
});

const moduleSettings = z.strictObject({
  name,
  kind: z.literal("module"),
  path: z.string().min(1).describe("A module of your own, relative to the home."),
  settings: z
    .record(z.string(), z.unknown())
    .default({})
    .describe("What the module's own schema asks for."),
  timeoutSeconds,
});

/** What `sources` in paperround.yaml may hold. */
export const sourcesSchema = z
  .array(
    z.discriminatedUnion("kind", [
      files,
      huggingFaceSettings,
      arxivSettings,
      arxivMetadataSettings,
      feedSettings,
      biorxivSettings,
      jsonlSettings,
      githubStarsSettings,
      semanticScholarSettings,
      moduleSettings,
    ]),
  )
  .max(100)
  .refine(
    (sources) => new Set(sources.map(({ name: own }) => own)).size === sources.length,
    "names two sources alike",
  )
  .default([])
  .describe("Where `gather` and the schedule look for papers.");

/** What `network` in paperround.yaml may hold. */
export const networkSchema = z
  .strictObject({
    contact: z
      .string()
      .regex(/^[\x21-\x7e]{3,200}$/, "must be an address without spaces")
      .optional()
      .describe(
        "How services that are asked reach you: an e-mail or web address, told with every request. Left out: `newsletter.contact`, `from` or `publicUrl`.",
      ),
    allowHosts: z
      .array(z.string().regex(/^[a-z0-9.:-]{1,253}$/, "is not a host in lower case"))
      .max(100)
      .default([])
      .describe(
        "Hosts that sources may be read from although they are on this machine or its network, which is refused otherwise.",
      ),
    keepAnswers: z
      .boolean()
      .default(false)
      .describe("Keep every answer as it came in data/answers, for `paperround gather --replay`."),
  })
  .prefault({})
  .describe("How sources on the web are asked.");
