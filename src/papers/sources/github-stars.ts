/**
 * Stars of the code that papers come with, read anew with every gathering: GitHub no longer tells when a
 * star was given, so growth is known from our own readings alone. What has not changed is answered
 * without being counted where there is a token. https://docs.github.com/en/rest/repos/repos
 */
import type { z } from "zod";
import { githubStarsSettings } from "../../config/sources-schema.ts";
import { PaperRoundError } from "../../errors.ts";
import type { HttpAnswer } from "../../io/http.ts";
import { NO_FACTS, type Paper } from "../paper.ts";
import type { Means, Mention, Source, SourceKind } from "../source.ts";
import { count } from "../text.ts";
import { parseJson } from "./json.ts";
import { fileOf, nameOf } from "./live.ts";

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
      const withCode = (await means.recent(days)).flatMap((paper) => {
        const repository = repositoryOf(paper);
        return repository === null ? [] : [{ paper, repository }];
      });
      const asked = withCode.slice(0, repositories);
      if (asked.length < withCode.length) {
        say(`GitHub is asked for ${asked.length} of ${withCode.length} repositories.`);
      }
      for (const { paper, repository } of asked) {
        const answer = await ask(means, `${url}/repos/${repository}`, signal);
        yield mentionOf(paper, repository, answer);
      }
    },
  };
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
    // Gone, or closed for legal reasons.
    expects: [404, 410, 451],
    signal,
  });
}

function mentionOf(paper: Paper, repository: string, answer: HttpAnswer): Mention {
  const at = `github.com/${repository}`;
  if (answer.status !== 200) return { refused: "no such repository", at, isExpected: true };
  const told: unknown = parseJson(fileOf(answer));
  const stars = count((told as { stargazers_count?: unknown } | null)?.stargazers_count);
  if (stars === null) {
    throw new PaperRoundError("SOURCE_SHAPE", `GitHub's answer for ${repository} has no stars.`);
  }
  return {
    source: SOURCE,
    observedAt: answer.at,
    facts: { ...NO_FACTS, ...nameOf(paper) },
    readings: { stars },
  };
}

/** Returns "owner/name" of the paper's code where it lies at GitHub, or null. */
export function repositoryOf({
  links,
  abstract,
}: Pick<Paper, "links" | "abstract">): string | null {
  const text = links.code ?? abstract ?? "";
  const found = /https?:\/\/(?:www\.)?github\.com\/([\w.-]{1,39})\/([\w.-]{1,100})/.exec(text);
  const [, owner, name = ""] = found ?? [];
  const bare = name.replace(/[.,)]+$/, "").replace(/\.git$/, "");
  return owner === undefined || bare === "" || /^\.+$/.test(bare) ? null : `${owner}/${bare}`;
}
