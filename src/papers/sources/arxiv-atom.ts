/**
 * What arXiv's query API answers: an Atom feed with one entry for each paper. An error comes as a single
 * entry titled "Error", with status 200 as well as 400.
 * https://info.arxiv.org/help/api/user-manual.html
 */
import { PaperRoundError } from "../../errors.ts";
import { childrenOf, childText, parseXml, type XmlElement } from "../../io/xml.ts";
import { doiOf } from "../identifiers.ts";
import { NO_FACTS, type PaperFacts } from "../paper.ts";
import type { Format, Mention, SourceFile } from "../source.ts";
import { arxivId, calendarDate, cleanText, count } from "../text.ts";
import { authorCountOf, cleanCategories, cleanNames, versionOf } from "./fields.ts";

const SOURCE = "arxiv";

export const arxivAtom: Format = {
  name: "arXiv API, Atom",
  recognizes: ({ text }) =>
    /^\s*(?:<\?xml|<feed\b)/.test(text) &&
    /arxiv\.org\/(?:api|abs)\/|arXiv (?:Query|Search Results)/.test(text.slice(0, 4000)),
  *read(file) {
    yield* readAtom(file).mentions;
  },
};

/** What an answer of the API holds, and how many papers there are in all, where it says so. */
export interface AtomAnswer {
  readonly mentions: readonly Mention[];
  readonly entries: number;
  readonly total: number | null;
}

/** Returns what `file` holds. Throws SOURCE_SHAPE for an error of arXiv's, or what is no feed. */
export function readAtom(file: SourceFile): AtomAnswer {
  const feed = parseXml(file.text);
  if (feed.name !== "feed") {
    throw new PaperRoundError("SOURCE_SHAPE", `${file.path} is not an Atom feed.`);
  }
  const entries = childrenOf(feed, "entry");
  const error = entries.find(isError);
  if (error) {
    const said = cleanText(childText(error, "summary"), 200) || "an error";
    throw new PaperRoundError("SOURCE_SHAPE", `arXiv answers: ${said}.`);
  }
  return {
    mentions: entries.map((entry, index) => readEntry(file, entry, index + 1)),
    entries: entries.length,
    total: count(Number(childText(feed, "opensearch:totalResults") ?? Number.NaN)),
  };
}

function isError(entry: XmlElement): boolean {
  return (
    childText(entry, "title") === "Error" && /\/api\/errors/.test(childText(entry, "id") ?? "")
  );
}

function readEntry(file: SourceFile, entry: XmlElement, number: number): Mention {
  const at = `${file.path}, entry ${number}`;
  const address = childText(entry, "id") ?? "";
  const id = arxivId(address);
  const title = cleanText(childText(entry, "title"), 500);
  if (!id) return { refused: "no arXiv id", at };
  if (!title) return { refused: "no title", at };
  const facts = factsOf(entry, id, title, versionIn(address));
  return { source: SOURCE, observedAt: file.observedAt, facts, readings: {} };
}

function factsOf(entry: XmlElement, id: string, title: string, version: number | null): PaperFacts {
  const abstract = cleanText(childText(entry, "summary"), 10_000);
  const comment = cleanText(childText(entry, "arxiv:comment"), 500);
  const authors = childrenOf(entry, "author");
  return {
    ...NO_FACTS,
    arxivId: id,
    doi: doiOf(childText(entry, "arxiv:doi")),
    version,
    withdrawn: saysWithdrawn(comment, abstract),
    title,
    abstract: abstract || null,
    comment: comment || null,
    authors: cleanNames(authors.map((author) => childText(author, "name"))),
    authorCount: authorCountOf(null, authors),
    publishedOn: calendarDate(childText(entry, "published")),
    categories: categoriesOf(entry),
  };
}

/** The primary category first, as topics weigh it most. */
function categoriesOf(entry: XmlElement): string[] {
  const terms = [...childrenOf(entry, "arxiv:primary_category"), ...childrenOf(entry, "category")];
  return cleanCategories(terms.map(({ attributes }) => attributes["term"]));
}

/** Returns the number behind "v" at the end of an id or address, or null. */
export function versionIn(id: string): number | null {
  return versionOf(/v(\d{1,3})$/.exec(id.trim())?.[1]);
}

const WORK = "(?:paper|article|submission|manuscript|preprint|work|version)";
/** "This paper has been withdrawn", "Withdrawn by the author", "The authors have withdrawn this paper". */
const SAYS_WITHDRAWN = [
  `(?:(?:this|the|our)\\s+)?${WORK}\\s+(?:(?:has|have) been |is |was )?withdrawn\\b`,
  `(?:(?:this|the)\\s+)?(?:${WORK}\\s+)?(?:has been |is |was )?(?:withdrawn|removed) by arxiv\\b`,
  "withdrawn(?=$|[.,;:)!]|\\s+(?:by|due|because|as|for|since|pending|until|on)\\b)",
  `(?:the )?authors? (?:has|have) withdrawn (?:this|the) ${WORK}\\b`,
].join("|");
/** A comment tells several things one after the other, the note of arXiv's administrators last. */
const IN_COMMENT = new RegExp(`(?:^|[.;,]\\s*|admin note:\\s*)(?:${SAYS_WITHDRAWN})`, "i");
/** An abstract may be about withdrawn papers: it counts how it begins. */
const IN_ABSTRACT = new RegExp(`^(?:${SAYS_WITHDRAWN})`, "i");

/** arXiv has no field for it: the comment says so, and of old papers the abstract. */
export function saysWithdrawn(comment: string, abstract: string): boolean {
  return IN_COMMENT.test(comment) || IN_ABSTRACT.test(abstract);
}
