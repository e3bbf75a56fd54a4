/** The sources of papers that the configuration names, and those that a command names by path. */
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import type { Config } from "../config.ts";
import { localDate } from "../editions/period.ts";
import { PaperRoundError, reasonOf } from "../errors.ts";
import type { Http } from "../io/http.ts";
import { keepingAnswers } from "../io/http-answers.ts";
import { daySchema, heldToContract, SOURCE_TOOLS } from "../papers/contract.ts";
import type { Means, Source, SourceKind, Span } from "../papers/source.ts";
import { arxiv, arxivMetadata } from "../papers/sources/arxiv.ts";
import { biorxiv } from "../papers/sources/biorxiv.ts";
import { feed } from "../papers/sources/feed.ts";
import { fileSource } from "../papers/sources/files.ts";
import { githubStars } from "../papers/sources/github-stars.ts";
import { huggingFace } from "../papers/sources/hugging-face-api.ts";
import { jsonl } from "../papers/sources/jsonl-url.ts";
import { semanticScholar } from "../papers/sources/semantic-scholar.ts";
import { cleanText, type CalendarDate } from "../papers/text.ts";

type SourceConfig = Config["sources"][number];
type ModuleConfig = Extract<SourceConfig, { kind: "module" }>;
/** A kind that was chosen by what the configuration says, and so fits it. */
type AnyKind = Pick<SourceKind<never>, "kind" | "open">;

const KINDS: readonly AnyKind[] = [
  huggingFace,
  arxiv,
  arxivMetadata,
  feed,
  biorxiv,
  jsonl,
  githubStars,
  semanticScholar,
];

/** A module is a file beside the configuration, and every command waits for it. */
const LOADING_MAX_MS = 10_000;
const WHY_MAX = 300;
const spans = z.array(z.strictObject({ since: daySchema, until: daySchema })).max(11_000);

/** What all sources share. */
export type SharedMeans = Pick<Means, "http" | "now" | "recent" | "toldAt">;

/** The modules of the operator's by the name of their source, or why they can't be used. */
export type Modules = ReadonlyMap<string, AnyKind | PaperRoundError>;

/** Returns a source over files and folders; the clock is read when it is gathered. */
export function filesSource(
  { newsletter }: Config,
  name: string,
  paths: readonly string[],
  listDay: CalendarDate | null,
  now: () => Date,
): Source {
  return {
    name,
    mentions: (gathering) => {
      const at = now();
      const today = localDate(at, newsletter.timeZone);
      return fileSource({ name, paths, listDay, today, now: at }).mentions(gathering);
    },
  };
}

/** Returns the configured sources of those names, or all. Throws SOURCE_UNKNOWN. */
export function namedSources(
  config: Config,
  names: readonly string[],
  modules: Modules,
  means: SharedMeans,
): Source[] {
  const known = config.sources.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const list = known.length > 0 ? `Configured are: ${known.join(", ")}.` : "None is configured.";
    throw new PaperRoundError("SOURCE_UNKNOWN", `There is no source "${unknown}". ${list}`);
  }
  return config.sources
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .map((source) => openSource(config, source, modules, means));
}

function openSource(
  config: Config,
  source: SourceConfig,
  modules: Modules,
  shared: SharedMeans,
): Source {
  const { name } = source;
  if (!("timeoutSeconds" in source)) {
    return filesSource(config, name, [resolve(config.home, source.path)], null, shared.now);
  }
  const { kind } = source;
  const opened = source.kind === "module" ? modules.get(name) : kindOf(kind);
  if (!opened || opened instanceof PaperRoundError) return brokenSource(name, opened);
  const settings = (source.kind === "module" ? source.settings : source) as never;
  const key =
    kind === "github-stars" || kind === "semantic-scholar" ? config.sourceKeys[kind] : null;
  const open = (http: Http) => opened.open(settings, { ...shared, http, name, key });
  const own =
    source.kind === "module" ? openModule(name, () => open(shared.http)) : open(shared.http);
  if (own instanceof PaperRoundError) return brokenSource(name, own);
  return {
    ...own,
    name,
    settingsMark: settingsMark(source),
    timeoutMs: source.timeoutSeconds * 1000,
    mentions: (gathering) => {
      const { span } = gathering;
      const asked = config.network.keepAnswers
        ? open(keepingAnswers(shared.http, answersFolder(config, name, span, shared.now())))
        : own;
      return source.kind === "module"
        ? held(asked.mentions(gathering), name)
        : asked.mentions(gathering);
    },
  };
}

/** Returns a mark of what decides which papers a look back finds. */
function settingsMark(source: SourceConfig): string {
  const aside = new Set(["name", "timeoutSeconds", "days"]);
  const telling = Object.entries(source).filter(([key]) => !aside.has(key));
  return createHash("sha256").update(JSON.stringify(telling)).digest("base64url").slice(0, 16);
}

function kindOf(kind: string): AnyKind | undefined {
  return KINDS.find((each) => each.kind === kind);
}

/** Returns a module's source, whose answers about days are foreign as well, or why there is none. */
function openModule(name: string, open: () => Source): Source | PaperRoundError {
  const broken = (what: string, cause: unknown) =>
    new PaperRoundError("SOURCE_BROKEN", `Source ${name}: ${what}: ${reasonOf(cause)}.`, { cause });
  try {
    const own = open();
    if (typeof own.mentions !== "function") throw new Error("there is no function `mentions`");
    return {
      name,
      enriches: own.enriches === true,
      mentions: (gathering) => own.mentions(gathering),
      ...(own.cut && { cut: (span: Span) => cutBy(own, span) }),
      whyEmpty: (day) => {
        try {
          return cleanText(own.whyEmpty?.(day), WHY_MAX) || null;
        } catch {
          // It was to explain what is missing: then nothing explains it.
          return null;
        }
      },
    };
  } catch (thrown) {
    return broken("it can't be opened", thrown);
  }

  function cutBy(own: Source, span: Span): readonly Span[] {
    try {
      const parsed = spans.safeParse(own.cut?.(span));
      if (!parsed.success) throw new Error("`cut` returns no list of days");
      return parsed.data;
    } catch (thrown) {
      throw broken("it can't cut days", thrown);
    }
  }
}

/** A module is foreign too: what it tells is looked at before it is believed. */
async function* held(
  mentions: AsyncIterable<unknown>,
  name: string,
): ReturnType<Source["mentions"]> {
  let number = 0;
  for await (const mention of mentions) yield heldToContract(mention, `${name}, ${++number}`);
}

function brokenSource(name: string, fault: PaperRoundError | undefined): Source {
  return {
    name,
    // eslint-disable-next-line require-yield -- it can only fail
    async *mentions() {
      throw fault ?? new PaperRoundError("SOURCE_BROKEN", `Source ${name} is of no known kind.`);
    },
  };
}

/** Returns the modules that the configuration names. One that is broken harms its own source only. */
export async function loadModules(config: Config): Promise<Modules> {
  const modules = config.sources.filter((source) => source.kind === "module");
  return new Map(
    await Promise.all(
      modules.map(async (source) => [source.name, await loadModule(config, source)] as const),
    ),
  );
}

async function loadModule(
  { home }: Config,
  { name, path, settings, timeoutSeconds }: ModuleConfig,
): Promise<AnyKind | PaperRoundError> {
  const file = resolve(home, path);
  const broken = (why: string, cause?: unknown) =>
    new PaperRoundError("SOURCE_BROKEN", `Source ${name}: ${file} ${why}.`, { cause });
  try {
    const waitMs = Math.min(timeoutSeconds * 1000, LOADING_MAX_MS);
    const loaded = (await within(waitMs, import(pathToFileURL(file).href))) as {
      source?: unknown;
    };
    if (typeof loaded.source !== "function") return broken("exports no function `source`");
    const kind = loaded.source(SOURCE_TOOLS) as SourceKind<unknown>;
    const parsed = kind.settings.safeParse(settings);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return broken(`is set wrong: settings.${issue?.path.join(".")}: ${issue?.message}`);
    }
    const open = (_unparsed: never, means: Means) => kind.open(parsed.data, means);
    return { kind: "module", open };
  } catch (thrown) {
    return broken(`can't be used: ${reasonOf(thrown)}`, thrown);
  }
}

/** Returns what a promise comes to. Throws where it takes longer: with nothing else to do Node would end. */
async function within<Value>(waitMs: number, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it takes longer than ${waitMs / 1000} s`)), waitMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Returns where the answers to one gathering are kept; its name says what was asked for, and when. */
function answersFolder({ home }: Config, name: string, span: Span | null, at: Date): string {
  const stamp = at.toISOString().replace(/[-:]|\.\d+/g, "");
  const days = span ? `_${span.since}_${span.until}` : "";
  return join(home, "data", "answers", `${stamp}_${name}${days}`);
}
