/**
 * Reads paperround.yaml and the environment once, validates both, and returns one frozen value.
 * Nothing else in the program reads `process.env` (tests/house.test.ts holds that). Secrets come
 * from the environment or from a file that it names, never from the YAML.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Scalar } from "yaml";
import { z } from "zod";
import { PaperRoundError, reasonOf } from "./errors.ts";

/** The name of the file that makes a folder a home. */
export const CONFIG_FILE = "paperround.yaml";

const timeZone = z.string().refine(isTimeZone, "is not a time zone; write one like Europe/Berlin");
const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day; write it quoted, like "07:00"');
const webUrl = z.url({ protocol: /^https?$/, error: "is not a web address; write https://…" });

/** YAML takes an unquoted one for a comment. */
const NOT_A_COLOUR = 'is not a colour; write it quoted, like "#0b57d0"';

/** Text that goes into headers: a line break in it would begin a header of its own. */
const line = z
  .string()
  .trim()
  .regex(/^[^\p{Cc}]*$/u, "must be one line without control characters");

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
    })
    .prefault({})
    .describe("What an edition holds."),
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
    })
    .prefault({})
    .describe("When `serve` sends."),
  sources: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "is not a source name; use a-z, 0-9 and hyphens")
          .describe("The name for `paperround gather NAME`."),
        path: z.string().min(1).describe("A file or folder to gather from, relative to the home."),
      }),
    )
    .max(100)
    .refine(
      (sources) => new Set(sources.map(({ name }) => name)).size === sources.length,
      "names two sources alike",
    )
    .default([])
    .describe("Where `gather` and the schedule look for papers."),
  smtp: z
    .strictObject({
      connections: z
        .int()
        .min(1)
        .max(50)
        .default(5)
        .describe("How many connections to the mail server a send may open."),
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
  web: z
    .strictObject({
      host: z.string().min(1).default("127.0.0.1").describe("The address that `serve` listens on."),
      port: z.int().min(0).max(65535).default(8025).describe("The port that `serve` listens on."),
    })
    .prefault({})
    .describe("Where the web pages are served."),
});

/** The environment that is read, with what each variable is for. */
export const ENVIRONMENT = {
  SMTP_URL:
    "The mail server: smtp://user:password@host:587 (STARTTLS) or smtps://… (TLS at once). SMTP_URL_FILE names a file that holds it.",
  PAPERROUND_SECRET:
    "Signs the links in letters; 32 characters or more. PAPERROUND_SECRET_FILE names a file that holds it. Left out: one is made in subscribers/secret.",
  PAPERROUND_CONFIG:
    "The configuration file, instead of looking for paperround.yaml. Not read from `.env`, which lies beside it.",
  DATABASE_URL:
    "Reserved for PostgreSQL, which this version does not speak yet: it must be absent.",
} as const;

type Settings = Omit<z.output<typeof configSchema>, "$schema">;

/** Everything that can be configured, frozen. Paths are absolute. */
export interface Config extends Readonly<Settings> {
  readonly home: string;
  /** The file that was read, or null where defaults hold. */
  readonly file: string | null;
  readonly smtpUrl: URL | null;
  readonly secret: string | null;
}

export interface Environment {
  readonly [name: string]: string | undefined;
}

/**
 * Returns the configuration of the home that holds `startDir`: the nearest folder upward with a
 * paperround.yaml, else `startDir` itself with defaults. A `.env` beside it fills in what the
 * environment lacks.
 *
 * Throws CONFIG_NOT_FOUND or CONFIG_INVALID, the latter with the file's path and line.
 */
export function readConfig(startDir: string, environment: Environment): Config {
  const file = findFile(startDir, environment);
  const home = file ? dirname(file) : resolve(startDir);
  // The environment's word, by value or by file, counts before that of `.env`.
  const environments = [environment, envFile(home)];
  if (environments.some((env) => env["DATABASE_URL"])) {
    throw new PaperRoundError(
      "CONFIG_INVALID",
      "DATABASE_URL is set, but this version keeps its state in SQLite only.",
      { remedy: "Unset DATABASE_URL; the databases lie in data/ and subscribers/ of the home." },
    );
  }
  const { $schema: _, ...settings } = file ? parseYaml(file) : configSchema.parse({});
  return deepFreeze({
    ...settings,
    home,
    file,
    smtpUrl: smtpUrlFrom(secretFrom(environments, "SMTP_URL", home)),
    secret: signingSecret(secretFrom(environments, "PAPERROUND_SECRET", home)),
  });
}

/** Whether `host` names this machine, where plaintext and unfinished settings do no harm. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "");
  return bare === "localhost" || bare === "::1" || /^127(\.\d{1,3}){3}$/.test(bare);
}

/** Returns where pages that listen on `host` and `port` are reached from this machine. */
export function localUrl(host: string, port: number): string {
  const anywhere = host === "0.0.0.0" || host === "::";
  const name = anywhere ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

function findFile(startDir: string, environment: Environment): string | null {
  const named = environment["PAPERROUND_CONFIG"];
  if (named) {
    const path = resolve(startDir, named);
    if (existsSync(path)) return path;
    throw new PaperRoundError(
      "CONFIG_NOT_FOUND",
      `PAPERROUND_CONFIG names ${path}, which is not there.`,
    );
  }
  for (let dir = resolve(startDir); ; dir = dirname(dir)) {
    const path = join(dir, CONFIG_FILE);
    if (existsSync(path)) return path;
    if (dirname(dir) === dir) return null;
  }
}

function parseYaml(file: string): z.output<typeof configSchema> {
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  if (broken) {
    const { line } = lines.linePos(broken.pos[0]);
    throw new PaperRoundError("CONFIG_INVALID", `${file}:${line}: ${broken.message}.`);
  }
  const parsed = configSchema.safeParse(withoutEmptySections(document.toJS()));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const path = issue.path as (string | number)[];
    const key = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
    const line = lineOf(document, key === undefined ? path : [...path, key], lines);
    return `${file}:${line}: ${[...path].join(".") || "the file"}: ${issue.message}`;
  });
  throw new PaperRoundError("CONFIG_INVALID", `${problems.join("\n")}`);
}

/** A section whose keys are all commented out is null in YAML, and means its defaults. */
function withoutEmptySections(value: unknown): unknown {
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, section]) => section !== null));
}

/** Returns the line of the deepest part of `path` that the document holds, a key before its value. */
function lineOf(
  document: ReturnType<typeof parseDocument>,
  path: (string | number)[],
  lines: LineCounter,
): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true);
    const isNamed = (key: unknown): key is Scalar => isScalar(key) && key.value === path[depth - 1];
    const key = isMap(parent) ? parent.items.map((pair) => pair.key).find(isNamed) : undefined;
    const node = key ?? document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function envFile(home: string): Environment {
  const file = join(home, ".env");
  return existsSync(file) ? parseEnv(readText(file)) : {};
}

/** Returns NAME, or the trimmed content of the file that NAME_FILE names, from the first that has it. */
function secretFrom(
  environments: readonly Environment[],
  name: string,
  home: string,
): string | null {
  for (const env of environments) {
    if (env[name]) return env[name];
    const file = env[`${name}_FILE`];
    if (file) return readText(resolve(home, file)).trim();
  }
  return null;
}

function smtpUrlFrom(text: string | null): URL | null {
  if (text === null) return null;
  const url = URL.parse(text);
  if (url && /^smtps?:$/.test(url.protocol) && url.hostname && isDecodable(url)) return url;
  // The text may hold a password: it is never repeated in a message.
  throw new PaperRoundError(
    "CONFIG_INVALID",
    "SMTP_URL is not of the form smtp://user:password@host:port.",
    { remedy: "Correct SMTP_URL; in user and password write % as %25, @ as %40 and / as %2F." },
  );
}

function isDecodable({ username, password }: URL): boolean {
  try {
    return decodeURIComponent(username + password) !== null;
  } catch {
    return false;
  }
}

function signingSecret(text: string | null): string | null {
  if (text !== null && text.length < 32) {
    throw new PaperRoundError(
      "CONFIG_INVALID",
      "PAPERROUND_SECRET is shorter than 32 characters.",
      {
        remedy: "Make one with: openssl rand -hex 32",
      },
    );
  }
  return text;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new PaperRoundError("FILE_NOT_FOUND", `${file} can't be read: ${reasonOf(cause)}.`, {
      cause,
    });
  }
}

function isTimeZone(name: string): boolean {
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

function deepFreeze<T>(value: T): T {
  if (value && typeof value === "object" && !(value instanceof URL) && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
