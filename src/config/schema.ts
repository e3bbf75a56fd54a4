/**
 * What paperround.yaml and the environment may hold: every key with its limits, its default and its
 * documentation, from which the reference page and the schema for editors are written.
 */
import { z } from "zod";
import { LANGUAGE_TAGS } from "./language.ts";
import { interestsSchema } from "./interests-schema.ts";
import { domain, joiningSchema } from "./joining-schema.ts";
import { selectionSchema } from "./selection-schema.ts";
import { networkSchema, sourcesSchema } from "./sources-schema.ts";

const timeZone = z.string().refine(isTimeZone, "is not a time zone; write one like Europe/Berlin");
const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day; write it quoted, like "07:00"');
const webUrl = z.url({ protocol: /^https?$/, error: "is not a web address; write https://…" });

/** Abstracts and a key are not told to the whole way there: https, or a server on this machine. */
const modelServer = z
  .url({ protocol: /^https?$/, error: "is not a web address; write https://…" })
  .regex(
    /^(?:https:\/\/[^@?#]*|http:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?(?:\/[^@?#]*)?)$/,
    "must be https unless it is on this machine, and without a password, ? or # in it",
  );

/** YAML takes an unquoted one for a comment. */
const NOT_A_COLOUR = 'is not a colour; write it quoted, like "#0b57d0"';

/** Text that goes into headers: a line break in it would begin a header of its own. */
const line = z
  .string()
  .trim()
  .regex(/^[^\p{Cc}]*$/u, "must be one line without control characters");

const limit = z.int().min(1).optional();

/** What paperround.yaml may hold. Every key carries its documentation. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe("Where editors find the schema of this file."),
  newsletter: z
    .strictObject({
      name: line
        .min(1)
        .max(60)
        .default("Paper Round")
        .describe("The name on the masthead and in the From line."),
      tagline: line
        .max(80)
        .default("Trending research papers")
        .describe("The line under the name."),
      from: z
        .email()
        .optional()
        .describe(
          "The address that letters come from. Needed for any mail server but one on this machine.",
        ),
      contact: z
        .email()
        .optional()
        .describe("Where replies of readers go; `from` when it is left out."),
      bounces: z
        .email()
        .optional()
        .describe(
          "Where mail servers report letters that can't be delivered. The reader's token is put behind its local part, bounces+TOKEN@…, so the mailbox must take such addresses. Left out: `from`.",
        ),
      alerts: z
        .email()
        .optional()
        .describe(
          "Where the operator is told of trouble: a round of the schedule that failed, a mail server out of reach, a provider whose letters are held back. Left out: only the log tells.",
        ),
      postalAddress: line
        .max(200)
        .default("")
        .describe(
          "The sender's postal address in every letter's footer. Needed for any mail server but one on this machine (CAN-SPAM, 15 U.S.C. 7704).",
        ),
      publicUrl: webUrl
        .optional()
        .describe(
          "Where readers reach the pages that `serve` shows. Must be https unless the mail server is on this machine. Left out: where `serve` listens.",
        ),
      timeZone: timeZone
        .default("UTC")
        .describe(
          "The zone whose local dates name the editions and whose clock the schedule obeys.",
        ),
      language: z
        .enum(LANGUAGE_TAGS)
        .default("en")
        .describe(
          "The language of a letter's frame: its headings, links and footer. Titles, summaries and reasons stay as they are, and pages are in English. Readers may choose another one.",
        ),
      accent: z
        .string(NOT_A_COLOUR)
        .regex(/^#[0-9a-fA-F]{6}$/, { error: NOT_A_COLOUR, abort: true })
        .refine(isDark, "is too light to be read on white; contrast must reach 4.5:1")
        .default("#0b57d0")
        .describe("The colour of links, dark enough to be read on white."),
    })
    .prefault({})
    .describe("Who the letters come from."),
  edition: z
    .strictObject({
      entries: z
        .int()
        .min(1)
        .max(25)
        .default(10)
        .describe(
          "How many papers a letter leads with. 25 keeps a letter clear of the 102 KB at which Gmail clips.",
        ),
      whenEmpty: z
        .enum(["skip", "letter", "widen"])
        .default("skip")
        .describe(
          "What becomes of a quiet round of the schedule, once no more papers are waited for: `skip` it, send a short `letter` with what there is, or `widen` the window to the best of the week before.",
        ),
    })
    .prefault({})
    .describe("What an edition holds."),
  letter: z
    .strictObject({
      thumbnails: z
        .boolean()
        .default(false)
        .describe(
          "Show a picture of each paper that has one. Mail programs then load them from their own servers on opening, which tells those servers of the reader.",
        ),
    })
    .prefault({})
    .describe("What letters look like."),
  schedule: z
    .strictObject({
      daily: timeOfDay
        .default("07:00")
        .describe("When the daily edition goes out, in the newsletter's time zone."),
      latestHours: z
        .number()
        .min(0)
        // A day may have 23 hours, and a round must be decided before the next is due.
        .max(22)
        .default(6)
        .describe(
          "How many hours late an edition may still go out; later it is skipped, with the reason recorded.",
        ),
      gatherMinutes: z
        .int()
        .min(0)
        .max(1440)
        .default(60)
        .describe(
          "How often `serve` gathers beside the rounds, so that it is known how votes grow; 0: before rounds only.",
        ),
    })
    .prefault({})
    .describe("When `serve` sends."),
  sources: sourcesSchema,
  network: networkSchema,
  smtp: z
    .strictObject({
      connections: z
        .int()
        .min(1)
        .max(50)
        .default(5)
        .describe("How many connections to the mail server a send may open."),
      limits: z
        .strictObject({
          second: limit.describe("Letters a second."),
          minute: limit.describe("Letters a minute."),
          hour: limit.describe("Letters an hour; a run that reaches it ends, and `serve` goes on."),
          day: limit.describe("Letters in 24 hours, likewise."),
        })
        .prefault({})
        .describe(
          "How many letters the mail server may be given; counted over all runs. Left out: as many as it takes.",
        ),
      domains: z
        .array(
          z.strictObject({
            domains: z
              .array(domain)
              .min(1)
              .describe("Domains that share a provider, and so these limits."),
            connections: limit.describe("Letters that may be under way to them at once."),
            second: limit.describe("Letters a second, evenly spread."),
            minute: limit.describe("Letters a minute, evenly spread."),
          }),
        )
        .max(100)
        .superRefine((rules, context) => {
          const all = rules.flatMap(({ domains }) => domains);
          const twice = all.find((domain, index) => all.indexOf(domain) !== index);
          if (twice) context.addIssue({ code: "custom", message: `names ${twice} twice` });
        })
        .default([])
        .describe(
          "Limits for the mailboxes of some providers. What a provider complains of slows its own letters without being told here.",
        ),
      lettersInFlight: z
        .int()
        .min(1)
        .max(8)
        .default(1)
        .describe(
          "Letters under way at once on each connection to a server that offers CHUNKING. More are faster over long distances; after a crash as many may be uncertain.",
        ),
      allowPlaintext: z
        .boolean()
        .default(false)
        .describe("Send without encryption to a mail server that is not on this machine."),
    })
    .prefault({})
    .describe("How letters are handed over. The server itself is named by SMTP_URL."),
  dkim: z
    .array(
      z.strictObject({
        selector: z
          .string()
          .min(1)
          .describe("Names the key in the DNS: SELECTOR._domainkey.DOMAIN."),
        domain: z
          .string()
          .min(1)
          .describe("The domain of `newsletter.from`, or one that it lies below."),
        keyFile: z
          .string()
          .min(1)
          .describe(
            "The private key in PEM, relative to the home: RSA of 2048 to 4096 bits, or Ed25519.",
          ),
      }),
    )
    .max(2)
    .default([])
    .describe(
      "Keys to sign letters with, where the mail server does not. An Ed25519 key goes beside an RSA one.",
    ),
  summaries: z
    .strictObject({
      endpoint: modelServer
        .optional()
        .describe(
          "A server that speaks OpenAI's chat completions, such as https://models.example/v1. Title and abstract of leading papers are sent there; left out, nothing is.",
        ),
      model: line.min(1).max(100).optional().describe("The model to ask, as the server names it."),
      keyFile: z
        .string()
        .min(1)
        .optional()
        .describe(
          "A file that holds the key to the server, relative to the home. PAPERROUND_SUMMARIES_KEY goes before it.",
        ),
      budgetPerDay: z
        .strictObject({
          requests: z.int().min(1).max(100_000).default(50).describe("Questions a day (UTC)."),
          tokens: z
            .int()
            .min(1)
            .max(1_000_000_000)
            .default(200_000)
            .describe("Tokens a day, questions and answers together."),
        })
        .prefault({})
        .describe("What may be asked for in a day; past it the extract stands in."),
      timeoutMs: z
        .int()
        .min(100)
        .max(300_000)
        .default(20_000)
        .describe("How long one answer may take."),
      editionTimeoutMs: z
        .int()
        .min(100)
        .max(1_800_000)
        .default(90_000)
        .describe("How long an edition may wait for all of them when it is published."),
    })
    .refine(
      ({ endpoint, model }) => (endpoint === undefined) === (model === undefined),
      "needs both `endpoint` and `model`, or neither",
    )
    .prefault({})
    .describe("Summaries that a model writes; off until an endpoint is named."),
  preview: z
    .strictObject({
      testAddresses: z
        .array(z.email())
        .max(50)
        .default([])
        .describe(
          "Where `preview` may send a letter for a test, beside `newsletter.contact`; nobody else gets one from there.",
        ),
      browser: z
        .string()
        .min(1)
        .optional()
        .describe(
          "The Chromium that takes pictures of letters. Left out: looked for where systems keep it.",
        ),
    })
    .prefault({})
    .describe("How letters are looked at."),
  web: z
    .strictObject({
      host: z.string().min(1).default("127.0.0.1").describe("The address that `serve` listens on."),
      port: z.int().min(0).max(65535).default(8025).describe("The port that `serve` listens on."),
      trustedProxies: z
        .array(
          z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
            error: "is not an address or range; write one like 10.0.0.0/8",
          }),
        )
        .max(100)
        .default([])
        .describe(
          "Addresses or CIDR ranges of proxies in front. Only what they say in X-Forwarded-For and X-Forwarded-Proto counts.",
        ),
      searchEngines: z
        .boolean()
        .default(true)
        .describe("Whether search engines may list the pages of the archive."),
    })
    .prefault({})
    .describe("Where the web pages are served."),
  joining: joiningSchema,
  selection: selectionSchema,
  interests: interestsSchema,
});

/** The environment that is read, with what each variable is for. */
export const ENVIRONMENT = {
  SMTP_URL:
    "The mail server: smtp://user:password@host:587 (STARTTLS) or smtps://… (TLS at once). SMTP_URL_FILE names a file that holds it.",
  PAPERROUND_SECRET:
    "Signs the links in letters; 32 characters or more. PAPERROUND_SECRET_FILE names a file that holds it. Left out: one is made in subscribers/secret.",
  PAPERROUND_SUMMARIES_KEY:
    "The key to `summaries.endpoint`, if it asks for one. PAPERROUND_SUMMARIES_KEY_FILE names a file that holds it.",
  PAPERROUND_GITHUB_TOKEN:
    "A token for `kind: github-stars`, with which GitHub answers 5,000 requests an hour instead of 60. PAPERROUND_GITHUB_TOKEN_FILE names a file that holds it.",
  PAPERROUND_SEMANTIC_SCHOLAR_KEY:
    "A key for `kind: semantic-scholar`. PAPERROUND_SEMANTIC_SCHOLAR_KEY_FILE names a file that holds it.",
  HTTPS_PROXY: "The proxy by which https addresses are reached, as http://proxy:3128.",
  HTTP_PROXY: "The same for http addresses.",
  NO_PROXY: "Hosts that are reached without the proxy, with commas between them.",
  PAPERROUND_OLD_SECRETS:
    "Earlier values of PAPERROUND_SECRET, separated by spaces: links in letters sent then go on working. PAPERROUND_OLD_SECRETS_FILE names a file that holds them.",
  PAPERROUND_CONFIG:
    "The configuration file, instead of looking for paperround.yaml. Not read from `.env`, which lies beside it.",
  DATABASE_URL:
    "Reserved for PostgreSQL, which this version does not speak yet: it must be absent.",
} as const;

/** Whether a time zone has that name, be it one of former times. */
export function isTimeZone(name: string): boolean {
  // Intl.supportedValuesOf lacks UTC and the old names, so the formatter itself is asked.
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions());
  } catch {
    return false;
  }
}

/** WCAG 2.2, success criterion 1.4.3, against the letter's lightest ground but white, #f5f3ee. */
function isDark(hex: string): boolean {
  return (luminance("#f5f3ee") + 0.05) / (luminance(hex) + 0.05) >= 4.5;
}

/** Relative luminance as WCAG 2.2 defines it. */
function luminance(hex: string): number {
  const linear = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  const [red = 0, green = 0, blue = 0] = linear;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
