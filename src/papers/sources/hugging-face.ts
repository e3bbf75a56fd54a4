/**
 * Hugging Face Daily Papers, as `GET /api/daily_papers` answers: an array of items, each with the
 * paper inside. Votes, AI summary and stars lie under `paper`; the item's own `publishedAt` is not
 * the paper's. Any optional field may be missing or null.
 */
import { z } from "zod";
import { NO_FACTS, type PaperFacts, type Signals } from "../paper.ts";
import type { Format, Mention, SourceFile } from "../source.ts";
import {
  arxivId,
  calendarDate,
  cleanText,
  cleanWords,
  count,
  instant,
  secureLink,
  webLink,
} from "../text.ts";
import { authorCountOf, cleanNames } from "./fields.ts";
import { parseJson } from "./json.ts";

const SOURCE = "hugging-face";
/** More than a paper has; past it nobody looks for a picture. */
const MEDIA_MAX = 20;

const itemSchema = z.object({
  paper: z.object({
    id: z.string(),
    title: z.string(),
    summary: z.unknown().optional(),
    publishedAt: z.unknown().optional(),
    submittedOnDailyAt: z.unknown().optional(),
    withdrawnAt: z.unknown().optional(),
    upvotes: z.unknown().optional(),
    ai_summary: z.unknown().optional(),
    ai_keywords: z.unknown().optional(),
    mediaUrls: z.unknown().optional(),
    githubRepo: z.unknown().optional(),
    githubStars: z.unknown().optional(),
    projectPage: z.unknown().optional(),
    authors: z.unknown().optional(),
    organization: z.unknown().optional(),
  }),
  numComments: z.unknown().optional(),
  thumbnail: z.unknown().optional(),
  mediaUrls: z.unknown().optional(),
  organization: z.unknown().optional(),
});
type Item = z.infer<typeof itemSchema>;

export const huggingFaceJson: Format = {
  name: "Hugging Face daily_papers JSON",
  // A day without papers, a Sunday say, is answered with an empty array.
  recognizes: ({ text }) =>
    /^\s*\[\s*\]\s*$/.test(text) || (/^\s*[[{]/.test(text) && /"paper"\s*:\s*\{/.test(text)),
  *read(file) {
    const parsed = parseJson(file);
    const items = Array.isArray(parsed) ? parsed : [parsed];
    for (const [index, item] of items.entries()) yield readItem(file, item, index + 1);
  },
};

function readItem(file: SourceFile, value: unknown, number: number): Mention {
  const at = `${file.path}, item ${number}`;
  const parsed = itemSchema.safeParse(value);
  if (!parsed.success) return { refused: "not a paper", at };
  const facts = factsOf(parsed.data, file);
  if (!facts.arxivId) return { refused: "no arXiv id", at };
  if (!facts.title) return { refused: "no title", at };
  return { source: SOURCE, observedAt: file.observedAt, facts, readings: readingsOf(parsed.data) };
}

function factsOf(item: Item, file: SourceFile): PaperFacts {
  const { paper, organization } = item;
  const id = arxivId(paper.id);
  const authors = namesOf(paper.authors);
  const summary = cleanText(paper.ai_summary, 1000);
  const code = webLink(paper.githubRepo);
  const project = webLink(paper.projectPage);
  return {
    ...NO_FACTS,
    arxivId: id,
    // Told, and not refused: it may be known from before.
    withdrawn: instant(paper.withdrawnAt) === null ? null : true,
    title: cleanText(paper.title, 500),
    abstract: cleanText(paper.summary, 10_000) || null,
    summary: summary ? { text: summary, by: "Hugging Face AI" } : null,
    authors: cleanNames(authors),
    authorCount: authorCountOf(null, authors),
    organization: organizationOf(paper.organization) ?? organizationOf(organization),
    publishedOn: calendarDate(paper.publishedAt),
    listedOn: calendarDate(paper.submittedOnDailyAt) ?? file.listDay,
    keywords: cleanWords(paper.ai_keywords),
    thumbnail: thumbnailOf(item),
    links: {
      ...(code && { code }),
      ...(project && { project }),
      ...(id && { discussion: `https://huggingface.co/papers/${id}` }),
    },
  };
}

function readingsOf({ paper, numComments }: Item): Signals {
  const votes = count(paper.upvotes);
  const comments = count(numComments);
  const stars = count(paper.githubStars);
  return {
    ...(votes !== null && { votes }),
    ...(comments !== null && { comments }),
    ...(stars !== null && { stars }),
  };
}

/** The picture made for sharing, else the first that the authors gave; videos are no pictures. */
function thumbnailOf({ paper, thumbnail, mediaUrls }: Item): string | null {
  const media: unknown[] = [paper.mediaUrls, mediaUrls].filter(Array.isArray).flat();
  const pictures = media
    .slice(0, MEDIA_MAX)
    .filter((url) => typeof url === "string" && /\.(?:png|jpe?g|gif|webp)$/i.test(url));
  return [thumbnail, ...pictures].map(secureLink).find((link) => link !== null) ?? null;
}

function namesOf(authors: unknown): string[] {
  if (!Array.isArray(authors)) return [];
  return authors
    .filter((author) => author?.hidden !== true)
    .map((author) => cleanText(author?.name, 100))
    .filter(Boolean);
}

function organizationOf(organization: unknown): string | null {
  if (typeof organization !== "object" || organization === null) return null;
  const { fullname, name } = organization as { fullname?: unknown; name?: unknown };
  return cleanText(fullname, 100) || cleanText(name, 100) || null;
}
