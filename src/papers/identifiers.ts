/** The names that others give works: DOI, OpenReview id, and the arXiv id where one hides in a DOI. */
import { arxivId } from "./text.ts";

/** DOIs have no bound of their own (ISO 26324); longer ones than this nobody gives. */
const DOI_MAX = 200;
const ARXIV_DOI = /^10\.48550\/arxiv\./;

/**
 * Returns the DOI in `value` in lower case, since case does not count in it (ISO 26324), or null. That of
 * an arXiv preprint is none: `arxivIdOf` reads it.
 */
export function doiOf(value: unknown): string | null {
  const doi = bareDoi(value);
  return doi === null || ARXIV_DOI.test(doi) ? null : doi;
}

/** Returns the arXiv id in an id, an address, or the DOI that arXiv registers for each preprint. */
export function arxivIdOf(value: unknown): string | null {
  const doi = bareDoi(value);
  return arxivId(doi !== null && ARXIV_DOI.test(doi) ? doi.replace(ARXIV_DOI, "") : value);
}

/** Returns the OpenReview id in an id or an address of its forum, or null. */
export function openReviewIdOf(value: unknown): string | null {
  if (typeof value !== "string" || value.length > 300) return null;
  const named = /^https?:\/\/(?:www\.)?openreview\.net\/(?:forum|pdf)\?id=([\w-]+)/i.exec(
    value.trim(),
  );
  const id = named?.[1] ?? value.trim();
  return /^[\w-]{8,16}$/.test(id) ? id : null;
}

function bareDoi(value: unknown): string | null {
  if (typeof value !== "string" || value.length > DOI_MAX) return null;
  const bare = value
    .trim()
    .replace(/^(?:https?:\/\/(?:dx\.)?doi\.org\/|doi:\s*)/i, "")
    .toLowerCase();
  return /^10\.\d{4,9}(?:\.\d+)*\/[\x21-\x7e]+$/.test(bare) ? bare : null;
}
