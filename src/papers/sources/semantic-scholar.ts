/**
 * Semantic Scholar: citations, fields of study, a one-sentence summary and the DOI of papers that are
 * known already, five hundred a question. Without a key its answers come from a pool that everybody
 * shares and that is often empty, so what it does not tell today it is asked for again.
 * https://api.semanticscholar.org/api-docs/graph
 */
import { z } from "zod";
import { semanticScholarSettings } from "../../config/sources-schema.ts";
import { PaperRoundError } from "../../errors.ts";
import { doiOf } from "../identifiers.ts";
import { NO_FACTS, type Paper } from "../paper.ts";
import type { Means, Mention, Source, SourceFile, SourceKind } from "../source.ts";
import { cleanText, cleanWords, count } from "../text.ts";
import { parseJson } from "./json.ts";
import { fileOf, nameOf } from "./live.ts";

type Settings = z.output<typeof semanticScholarSettings>;

const SOURCE = "semantic-scholar";
const BATCH = 500;
const BYTES_MAX = 8 * 1024 * 1024;
const FIELDS = "externalIds,tldr,citationCount,fieldsOfStudy";

const paperSchema = z.object({
  externalIds: z.object({ DOI: z.unknown().optional() }).nullish().catch(null),
  tldr: z.object({ text: z.unknown() }).nullish().catch(null),
  citationCount: z.unknown().optional(),
  fieldsOfStudy: z.unknown().optional(),
});

export const semanticScholar: SourceKind<Settings> = {
  kind: "semantic-scholar",
  settings: semanticScholarSettings,
  open: openSemanticScholar,
};

function openSemanticScholar({ url, days, timeoutSeconds }: Settings, means: Means): Source {
  return {
    name: means.name,
    timeoutMs: timeoutSeconds * 1000,
    enriches: true,
    async *mentions({ signal }) {
      const papers = (await means.recent(days)).filter((paper) => askedAs(paper) !== null);
      for (let from = 0; from < papers.length; from += BATCH) {
        const batch = papers.slice(from, from + BATCH);
        const answer = await means.http.ask({
          url: `${url}/graph/v1/paper/batch?fields=${FIELDS}`,
          method: "POST",
          headers: {
            "content-type": "application/json",
            ...(means.key !== null && { "x-api-key": means.key }),
          },
          body: JSON.stringify({ ids: batch.map(askedAs) }),
          bytesMax: BYTES_MAX,
          pace: { name: new URL(url).hostname, pauseMs: 1100 },
          signal,
        });
        yield* mentionsIn(fileOf(answer), batch);
      }
    },
  };
}

/** Answers come in the order of the question, null for a paper that is not known there. */
function* mentionsIn(file: SourceFile, asked: readonly Paper[]): Iterable<Mention> {
  const answers = parseJson(file);
  if (!Array.isArray(answers) || answers.length !== asked.length) {
    throw new PaperRoundError("SOURCE_SHAPE", `${file.path} does not answer paper by paper.`);
  }
  for (const [index, paper] of asked.entries()) {
    if (answers[index] === null) continue;
    const parsed = paperSchema.safeParse(answers[index]);
    if (!parsed.success) {
      yield { refused: "not a paper", at: `${file.path}, ${paper.id}` };
      continue;
    }
    const { externalIds, tldr, citationCount, fieldsOfStudy } = parsed.data;
    const text = cleanText(tldr?.text, 1000);
    const citations = count(citationCount);
    yield {
      source: SOURCE,
      observedAt: file.observedAt,
      facts: {
        ...NO_FACTS,
        ...nameOf(paper),
        doi: doiOf(externalIds?.DOI) ?? paper.doi,
        tldr: text ? { text, by: "Semantic Scholar AI" } : null,
        fields: cleanWords(fieldsOfStudy),
      },
      readings: citations === null ? {} : { citations },
    };
  }
}

function askedAs({ arxivId, doi }: Paper): string | null {
  if (arxivId !== null) return `ARXIV:${arxivId}`;
  return doi === null ? null : `DOI:${doi}`;
}
