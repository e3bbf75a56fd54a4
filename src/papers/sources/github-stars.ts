/**
 * Stars of the code that papers come with, read anew with every gathering: GitHub no longer tells when a
 * star was given, so growth is known from our own readings alone. What has not changed is answered
 * without being counted where there is a token. https://docs.github.com/en/rest/repos/repos
 */
import type { z } from "zod";
import { githubStarsSettings } from "../../config/sources-schema.ts";
import { PaperRoundError, type ErrorCode } from "../../errors.ts";
import type { HttpAnswer } from "../../io/http.ts";
import { NO_FACTS, type Paper, type Signals } from "../paper.ts";
import type { Means, Mention, Source, SourceKind } from "../source.ts";
import { cleanText, count } from "../text.ts";
import { parseJson } from "./json.ts";
import { fileOf, nameOf, oldestFirst } from "./live.ts";

type Settings = z.output<typeof githubStarsSettings>;

const SOURCE = "github";
const BYTES_MAX = 256 * 1024;

export const githubStars: SourceKind<Settings> = {
  kind: "github-stars",
  settings: githubStarsSettings,
  open: openGithubStars,
};

function openGithubStars(settings: Settings, means: Means): Source {
  const { url, days, repositories, timeoutSeconds } = settings;
  return {
    name: means.name,
    timeoutMs: timeoutSeconds * 1000,
    enriches: true,
    async *mentions({ signal, say }) {
      const known = await repositoriesOf(means, days);
      const asked = known.slice(0, repositories);
      if (asked.length < known.length) {
        say(`GitHub is asked for ${asked.length} of ${known.length} repositories.`);
      }
      let well = 0;
      let broken: PaperRoundError | null = null;
      for (const repository of asked) {
        try {
          const answer = await ask(means, `${url}/repos/${repository.name}`, signal);
          yield* mentionsIn(repository, answer);
          well++;
        } catch (fault) {
          if (!(fault instanceof PaperRoundError) || !OF_ONE_ANSWER.has(fault.code)) throw fault;
          broken = fault;
          yield* brokenAnswer(repository, fault, means.now().toISOString());
        }
      }
      // Where nothing can be understood it is no matter of one repository.
      if (broken !== null && well === 0) {
        throw new PaperRoundError("SOURCE_SHAPE", broken.message, { cause: broken });
      }
    },
  };
}

/** Code, with all papers that come with it. */
interface Repository {
  readonly name: string;
  readonly papers: readonly Paper[];
}

/** Returns the code of the last days' papers: never asked for first, then what was longest ago. */
async function repositoriesOf({ recent, toldAt }: Means, days: number): Promise<Repository[]> {
  const lastTold = await toldAt(SOURCE, days);
  const found = new Map<string, { name: string; papers: Paper[]; at: string }>();
  for (const paper of await recent(days)) {
    const name = repositoryOf(paper);
    if (name === null) continue;
    const at = lastTold.get(paper.key) ?? "";
    const known = found.get(name.toLowerCase()) ?? { name, papers: [], at };
    const papers = [...known.papers, paper];
    found.set(name.toLowerCase(), { ...known, papers, at: at < known.at ? at : known.at });
  }
  return [...found.values()].toSorted(oldestFirst);
}

function ask({ http, key }: Means, url: string, signal: AbortSignal): Promise<HttpAnswer> {
  return http.ask({
    url,
    headers: {
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
      ...(key !== null && { authorization: `Bearer ${key}` }),
    },
    bytesMax: BYTES_MAX,
    // Gone, blocked, or closed for legal reasons.
    expects: [403, 404, 410, 451],
    signal,
  });
}

/** What is wrong with the answer for one repository says nothing of the others. */
const OF_ONE_ANSWER: ReadonlySet<ErrorCode> = new Set([
  "HTTP_ANSWER_REFUSED",
  "FILE_MALFORMED",
  "SOURCE_SHAPE",
]);

function brokenAnswer(repository: Repository, fault: PaperRoundError, asked: string): Mention[] {
  const at = cleanText(`github.com/${repository.name}: ${fault.message}`, 1000);
  return [...telling(repository, asked, {}), { refused: "no stars", at }];
}

/** Without readings it is kept that a repository was asked for, so that others have their turn. */
function telling({ papers }: Repository, observedAt: string, readings: Signals): Mention[] {
  return papers.map((paper) => ({
    source: SOURCE,
    observedAt,
    facts: { ...NO_FACTS, ...nameOf(paper) },
    readings,
  }));
}

function mentionsIn(repository: Repository, answer: HttpAnswer): Mention[] {
  const { name } = repository;
  if (answer.status !== 200) {
    const at = `github.com/${name}`;
    const refusal: Mention = { refused: "no such repository", at, isExpected: true };
    return [...telling(repository, answer.at, {}), refusal];
  }
  const told: unknown = parseJson(fileOf(answer));
  const stars = count((told as { stargazers_count?: unknown } | null)?.stargazers_count);
  if (stars !== null) return telling(repository, answer.at, { stars });
  throw new PaperRoundError("SOURCE_SHAPE", `GitHub's answer for ${name} has no stars.`);
}

/** Returns "owner/name" of the paper's code where it lies at GitHub, or null. */
export function repositoryOf({
  links,
  abstract,
}: Pick<Paper, "links" | "abstract">): string | null {
  const text = links.code ?? abstract ?? "";
  const found = /https?:\/\/(?:www\.)?github\.com\/([a-z\d][a-z\d-]{0,38})\/([\w.-]{1,100})/i.exec(
    text,
  );
  const [, owner, name = ""] = found ?? [];
  const bare = name.replace(/[.,)]+$/, "").replace(/\.git$/, "");
  return owner === undefined || bare === "" || /^\.+$/.test(bare) ? null : `${owner}/${bare}`;
}
