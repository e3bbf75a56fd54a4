/**
 * Reads paperround.yaml and the environment once, validates both, and returns one frozen value.
 * Nothing else in the program reads `process.env` (tests/house.test.ts holds that). Secrets come
 * from the environment or from a file that it names, never from the YAML.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { LineCounter, parseDocument, type Document } from "yaml";
import type { z } from "zod";
import { readDomains } from "./config/domain-list.ts";
import { issueWords } from "./config/issue-words.ts";
import { configSchema } from "./config/schema.ts";
import { placeOf, yamlFault } from "./config/yaml-places.ts";
import { PaperRoundError, reasonOf } from "./errors.ts";

/** The name of the file that makes a folder a home. */
export const CONFIG_FILE = "paperround.yaml";

type Settings = Omit<z.output<typeof configSchema>, "$schema">;

/** Everything that can be configured, frozen. Paths are absolute. */
export interface Config extends Readonly<Settings> {
  readonly home: string;
  /** The file that was read, or null where defaults hold. */
  readonly file: string | null;
  readonly smtpUrl: URL | null;
  readonly secret: string | null;
  /** The key to `summaries.endpoint`, or null. */
  readonly summariesKey: string | null;
  /** What opens services that sources ask, by the kind of source. */
  readonly sourceKeys: Readonly<Record<"github-stars" | "semantic-scholar", string | null>>;
  readonly proxies: Proxies;
  /** What signed links before, in any order. */
  readonly oldSecrets: readonly string[];
}

/** By which proxies the web is reached. */
export interface Proxies {
  readonly http: string | null;
  readonly https: string | null;
  readonly no: readonly string[];
}

export interface Environment {
  readonly [name: string]: string | undefined;
}

/**
 * Returns the configuration of the home that holds `startDir`: the nearest folder upward with a
 * paperround.yaml, else `startDir` itself with defaults. A `.env` beside it fills in what the
 * environment lacks.
 *
 * Throws CONFIG_NOT_FOUND or CONFIG_INVALID, the latter with the file's path, line and column.
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
    joining: { ...settings.joining, refuseDomains: refusedDomains(settings.joining, home) },
    home,
    file,
    smtpUrl: smtpUrlFrom(secretFrom(environments, "SMTP_URL", home)),
    summariesKey: summariesKey(environments, home, settings.summaries),
    sourceKeys: {
      "github-stars": keyFrom(environments, "PAPERROUND_GITHUB_TOKEN", home),
      "semantic-scholar": keyFrom(environments, "PAPERROUND_SEMANTIC_SCHOLAR_KEY", home),
    },
    proxies: proxiesFrom(environments),
    secret: signingSecret("PAPERROUND_SECRET", secretFrom(environments, "PAPERROUND_SECRET", home)),
    oldSecrets: oldSecretsFrom(secretFrom(environments, "PAPERROUND_OLD_SECRETS", home)),
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
    const fault = yamlFault(document, broken, lines);
    throw new PaperRoundError("CONFIG_INVALID", `${file}:${fault}.`);
  }
  const settings = withoutEmptySections(valueOf(document, file));
  const parsed = configSchema.safeParse(settings, { error: issueWords });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => {
    const keys = issue.code === "unrecognized_keys" ? issue.keys : [];
    const paths = keys.length > 0 ? keys.map((key) => [...issue.path, key]) : [issue.path];
    return paths.map((path) => {
      const name = path.map(String).join(".") || "the file";
      return `${file}:${placeOf(document, path, lines)}: ${name}: ${issue.message}`;
    });
  });
  throw new PaperRoundError("CONFIG_INVALID", problems.join("\n"));
}

function valueOf(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    // An alias without its anchor, or more aliases than anybody writes.
    throw new PaperRoundError("CONFIG_INVALID", `${file}: ${reasonOf(cause)}.`, { cause });
  }
}

/** A section whose keys are all commented out is null in YAML, and means its defaults. */
function withoutEmptySections(value: unknown): unknown {
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, section]) => section !== null));
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

function signingSecret(name: string, text: string | null): string | null {
  if (text !== null && text.length < 32) {
    throw new PaperRoundError("CONFIG_INVALID", `${name} is shorter than 32 characters.`, {
      remedy: "Make one with: openssl rand -hex 32",
    });
  }
  return text;
}

function summariesKey(
  environments: readonly Environment[],
  home: string,
  { endpoint, keyFile }: Settings["summaries"],
): string | null {
  if (endpoint === undefined) return null;
  const told = secretFrom(environments, "PAPERROUND_SUMMARIES_KEY", home);
  const key = told ?? (keyFile === undefined ? null : readText(resolve(home, keyFile)).trim());
  if (key === null || /^[\x21-\x7e]+$/.test(key)) return key;
  throw new PaperRoundError(
    "CONFIG_INVALID",
    "The key to summaries.endpoint is not one word of printable ASCII characters.",
  );
}

/** Returns a key that can go into a header, or null. */
function keyFrom(environments: readonly Environment[], name: string, home: string): string | null {
  const key = secretFrom(environments, name, home);
  if (key === null || /^[\x21-\x7e]+$/.test(key)) return key;
  throw new PaperRoundError(
    "CONFIG_INVALID",
    `${name} is not one word of printable ASCII characters.`,
  );
}

function proxiesFrom(environments: readonly Environment[]): Proxies {
  // The small form goes first, as in other programs.
  const named = (name: string) =>
    environments.flatMap((env) => env[name.toLowerCase()] || env[name] || [])[0] ?? null;
  const proxy = (name: string): string | null => {
    const text = named(name);
    if (text === null || /^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text;
    // The text may hold a password: it is never repeated in a message.
    throw new PaperRoundError("CONFIG_INVALID", `${name} is not of the form http://host:port.`);
  };
  const no = (named("NO_PROXY") ?? "").split(/[\s,]+/).filter(Boolean);
  return { http: proxy("HTTP_PROXY"), https: proxy("HTTPS_PROXY"), no };
}

function refusedDomains(
  { refuseDomains, refuseDomainsFile }: Settings["joining"],
  home: string,
): string[] {
  if (refuseDomainsFile === undefined) return refuseDomains;
  const file = resolve(home, refuseDomainsFile);
  return [...refuseDomains, ...readDomains(readText(file), file)];
}

function oldSecretsFrom(text: string | null): string[] {
  const secrets = (text ?? "").split(/\s+/).filter(Boolean);
  for (const secret of secrets) signingSecret("A secret of PAPERROUND_OLD_SECRETS", secret);
  return secrets;
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

function deepFreeze<T>(value: T): T {
  if (value && typeof value === "object" && !(value instanceof URL) && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
