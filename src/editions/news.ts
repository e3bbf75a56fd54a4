/** What is new of a paper that led before: the only thing for which it may lead again. */

/** What is compared. What a source does not tell of is no news. */
interface Told {
  readonly links: { readonly code?: string };
  readonly doi?: string | null;
  readonly comment?: string | null;
  readonly version?: number | null;
}

/** What authors write of a paper that a journal or a conference has taken. */
const ACCEPTED = /\b(?:accepted|to appear|published|camera[- ]ready)\b/i;

/** Returns what is new of a paper since it was frozen as `before`, the weightiest first, or null. */
export function newsOf(before: Told, now: Told): string | null {
  if (before.links.code === undefined && now.links.code !== undefined) {
    return "Update: code released";
  }
  if (isPublished(now) && !isPublished(before)) return "Update: published";
  const [old, latest] = [before.version ?? null, now.version ?? null];
  if (old !== null && latest !== null && latest > old) return `Update: version ${latest}`;
  return null;
}

function isPublished({ doi, comment }: Told): boolean {
  return Boolean(doi) || ACCEPTED.test(comment ?? "");
}
