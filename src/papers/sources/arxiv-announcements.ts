/**
 * arXiv's announcements of a day, as RSS or Atom: every new paper of some categories, those listed there
 * from another one (cross), and new versions of older ones (replace).
 * https://info.arxiv.org/help/rss.html
 */
import { PaperRoundError } from "../../errors.ts";
import { childrenOf, childText, parseXml, textIn, type XmlElement } from "../../io/xml.ts";
import { doiOf } from "../identifiers.ts";
import { NO_FACTS } from "../paper.ts";
import type { Format, Mention, SourceFile } from "../source.ts";
import { arxivId, cleanText, type CalendarDate } from "../text.ts";
import { saysWithdrawn, versionIn } from "./arxiv-atom.ts";
import { authorCountOf, cleanCategories, cleanNames, dayOfDate } from "./fields.ts";

const SOURCE = "arxiv";
/** "arXiv:2508.13426v1 Announce Type: cross \nAbstract: …" */
const PREAMBLE = /^arXiv:(\S+)\s+Announce Type:\s*([\w-]+)\s*(?:Abstract:\s*)?/;

export const arxivAnnouncements: Format = {
  name: "arXiv announcements, RSS or Atom",
  recognizes: ({ text }) =>
    /^\s*<(?:\?xml|rss|feed)\b/.test(text) && /updates on arXiv\.org/.test(text.slice(0, 4000)),
  *read(file) {
    yield* readAnnouncements(file);
  },
};

/**
 * Returns what `file` announces, of the feed's day where an item names none. Throws SOURCE_SHAPE for what
 * is no such feed.
 */
export function readAnnouncements(file: SourceFile): Mention[] {
  const root = parseXml(file.text);
  const [channel] = root.name === "rss" ? childrenOf(root, "channel") : [root];
  if (!channel || !["rss", "feed"].includes(root.name)) {
    throw new PaperRoundError("SOURCE_SHAPE", `${file.path} is neither RSS nor Atom.`);
  }
  const items = [...childrenOf(channel, "item"), ...childrenOf(channel, "entry")];
  const day = dayOfDate(childText(channel, "pubDate") ?? childText(channel, "updated"));
  return items.map((item, index) => readItem(file, item, index + 1, day));
}

function readItem(
  file: SourceFile,
  item: XmlElement,
  number: number,
  day: CalendarDate | null,
): Mention {
  const at = `${file.path}, item ${number}`;
  const told = childText(item, "description") ?? childText(item, "summary") ?? "";
  const [preamble = "", named = "", ofPreamble = "new"] = PREAMBLE.exec(told) ?? [];
  const address = named || (childText(item, "guid") ?? childText(item, "id") ?? "");
  const versioned = address.replace(/^oai:arXiv\.org:/i, "");
  const id = arxivId(versioned);
  // An old paper may carry what its authors wrote below the title in former times.
  const title = cleanText(childText(item, "title"), 500);
  if (!id) return { refused: "no arXiv id", at };
  if (!title) return { refused: "no title", at };
  const abstract = cleanText(told.slice(preamble.length), 10_000);
  const names = creatorsOf(item);
  const type = childText(item, "arxiv:announce_type") ?? ofPreamble;
  const date = childText(item, "pubDate") ?? childText(item, "published");
  return {
    source: SOURCE,
    observedAt: file.observedAt,
    facts: {
      ...NO_FACTS,
      arxivId: id,
      doi: doiOf(childText(item, "arxiv:DOI")),
      version: versionIn(versioned),
      withdrawn: saysWithdrawn("", abstract) || null,
      title,
      abstract: abstract || null,
      authors: cleanNames(names),
      authorCount: authorCountOf(null, names),
      // A new version is no new paper: it must not come back on the day of the change.
      announcedOn: type.startsWith("replace") ? null : (dayOfDate(date) ?? day),
      categories: cleanCategories(
        childrenOf(item, "category").map((each) => each.attributes["term"] ?? textIn(each)),
      ),
    },
    readings: {},
  };
}

/** Names come joined by commas; one in parentheses belongs to the name before it. */
function creatorsOf(item: XmlElement): string[] {
  const creators = childrenOf(item, "dc:creator").map(textIn);
  return creators
    .flatMap((text) => text.split(/,(?![^()]*\))\s*/))
    .map((name) => name.trim())
    .filter(Boolean);
}
