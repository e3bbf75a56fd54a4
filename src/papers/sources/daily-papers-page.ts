/**
 * The text of a Daily Papers page as copied from a browser: a day without a year ("Oct 30"), then
 * for each paper a title, an abstract and, mostly, a line with the authors' count or an
 * organization, the date and the number of comments. It names no identifiers and shows no votes.
 */
import { PaperRoundError } from "../../errors.ts";
import { NO_FACTS } from "../paper.ts";
import { isRefusal, type Format, type Mention, type Say, type SourceFile } from "../source.ts";
import { cleanText, namedDate, type CalendarDate } from "../text.ts";

const SOURCE = "daily-papers-page";

const PAGE_DAY = /^[A-Z][a-z]{2} \d{1,2}$/;
/** "• 5 authors · Mar 15, 2023 2": who, when (the year may lack), how many comments. */
const BYLINE = /^(?:•\s*)?(.*?)\s*·\s*([A-Z][a-z]{2} \d{1,2}(?:, \d{4})?)(?:\s+(\d+))?$/;
const YEAR = /·\s*[A-Z][a-z]{2} \d{1,2}, (\d{4})/g;

export const dailyPapersPage: Format = {
  name: "text of a Daily Papers page",
  recognizes: ({ text }) => /^\s*Daily Papers\s*$/m.test(text),
  *read(file, say) {
    const paragraphs = file.text
      .split(/\r?\n\s*\r?\n/)
      .map((paragraph) => paragraph.replace(/\s+/g, " ").trim())
      .filter(Boolean);
    const start = paragraphs.findIndex((paragraph) => PAGE_DAY.test(paragraph));
    if (start === -1) {
      throw new PaperRoundError("FILE_MALFORMED", `${file.path} shows no day such as "Oct 30".`);
    }
    const listedOn = pageDay(paragraphs[start] ?? "", file, say);
    yield* inPlaces([...readPapers(paragraphs.slice(start + 1), listedOn, file)]);
  },
};

function* readPapers(
  paragraphs: readonly string[],
  listedOn: CalendarDate,
  file: SourceFile,
): Iterable<Mention> {
  const year = Number(listedOn.slice(0, 4));
  for (let next = 0, number = 1; next < paragraphs.length; number++) {
    const at = `${file.path}, paper ${number}`;
    const title = cleanText(paragraphs[next++], 500);
    const abstract = BYLINE.test(paragraphs[next] ?? "")
      ? null
      : cleanText(paragraphs[next++], 10_000);
    const byline = BYLINE.exec(paragraphs[next] ?? "");
    if (byline) next++;
    if (!title) {
      yield { refused: "no title", at };
      continue;
    }
    const [, who = "", when = "", comments] = byline ?? [];
    yield {
      source: SOURCE,
      observedAt: file.observedAt,
      facts: {
        ...NO_FACTS,
        title,
        abstract: abstract || null,
        ...authorship(who),
        publishedOn: when ? namedDate(when, year) : null,
        listedOn,
      },
      // A page that shows a byline but no number shows a paper without comments.
      readings: byline ? { comments: Number(comments ?? 0) } : {},
    };
  }
}

/** The page is in the order of votes, which it does not show itself. */
function inPlaces(mentions: readonly Mention[]): Mention[] {
  const listSize = mentions.length;
  return mentions.map((mention, index) =>
    isRefusal(mention)
      ? mention
      : { ...mention, readings: { ...mention.readings, position: index + 1, listSize } },
  );
}

/** Reads "5 authors", or "ontocord Ontocord.AI": an account's name and then what it calls itself. */
function authorship(who: string): { authorCount: number | null; organization: string | null } {
  const counted = /^(\d+) authors?$/.exec(who);
  if (counted) return { authorCount: Number(counted[1]), organization: null };
  const name = /^\S+\s+(.+)$/.exec(who)?.[1] ?? who;
  return { authorCount: null, organization: cleanText(name, 100) || null };
}

/**
 * Returns the page's full date: the operator's, else worked out. The page prints the year of every
 * paper but those of its own year, so its year is past all years that it prints: the next one. A
 * page that prints none is of the latest such day that is not in the future.
 */
function pageDay(day: string, file: SourceFile, say: Say): CalendarDate {
  if (file.listDay) return file.listDay;
  const years = [...file.text.replace(/\s+/g, " ").matchAll(YEAR)].map((match) => Number(match[1]));
  const thisYear = Number(file.today.slice(0, 4));
  const latest = (namedDate(day, thisYear) ?? "") <= file.today ? thisYear : thisYear - 1;
  const year = years.length > 0 ? Math.min(Math.max(...years) + 1, latest) : latest;
  const date = namedDate(day, year);
  if (!date)
    throw new PaperRoundError("FILE_MALFORMED", `${file.path} is of "${day}", which is no day.`);
  say(`${file.path}: the page of ${day} is taken for ${date}; name another day with --date.`);
  return date;
}
