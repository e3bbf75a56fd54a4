/** The frame of a letter in English. */
import { shortDate, type Days } from "../../editions/period.ts";
import { conventionsOf, joined, type Wording } from "./wording.ts";

const its = conventionsOf("en-GB", {
  paper: { none: "no papers", one: "# paper", other: "# papers" },
  minute: { none: "no minutes", one: "# minute", other: "# minutes" },
  vote: { none: "no votes", one: "# vote", other: "# votes" },
  comment: { none: "no comments", one: "# comment", other: "# comments" },
  star: { none: "no stars", one: "# star", other: "# stars" },
  author: { none: "no authors", one: "# author", other: "# authors" },
  other: { none: "no others", one: "# other", other: "# others" },
});
const { counted } = its;

const NEXT_ONE = "The next one comes when there is something to tell.";

export const english: Wording = {
  language: "en",
  dir: "ltr",
  fixed: {
    readOnWeb: "Read on the web",
    why: "Why it is here:",
    moreLikeThis: "More like this",
    less: "Less",
    save: "Save",
    paper: "paper",
    unsubscribe: "Unsubscribe",
    change: "Change what you get",
    allEditions: "All editions",
  },

  ...its.shared,
  // As on pages: British English alone has a month of four letters.
  shortDate,
  dayOfMonth: (date) => shortDate(date).slice(0, -" 2026".length),
  length: (papers, minutes) => `${papers}, ${minutes}`,

  dateline: (cadence, days) =>
    ({
      daily: its.day(days.last),
      weekly: `This week, ${spanOf(days)}`,
      monthly: `The month’s papers, ${its.monthOfYear(days.first)}`,
    })[cadence],
  andWeekBefore: ", and the best of the week before",
  label: (cadence, number) => {
    const edition = `${{ daily: "Daily", weekly: "Weekly", monthly: "Monthly" }[cadence]} edition`;
    return number === null ? `${edition}, not published yet` : `${edition} no. ${number}`;
  },
  tailTitle: { daily: "Also today", weekly: "Also this week", monthly: "Also this month" },
  more: (count, cadence, { first }) => {
    const span = { daily: "", weekly: " this week", monthly: ` in ${its.month(first)}` };
    return ` and ${its.number(count)} more${span[cadence]}`;
  },
  also: "Also: ",
  quiet: (cadence, { first }, papers) => {
    const when = { daily: its.weekday(first), weekly: "week", monthly: its.month(first) };
    return `A quiet ${when[cadence]}: ${papers}.`;
  },
  ofDaysBefore: "No list of today: the best of the days before.",
  empty: `No source has listed a paper that has not been in an earlier letter. ${NEXT_ONE}`,
  belowBar: `No paper is as much talked of as this letter asks for. ${NEXT_ONE}`,
  cut: ({ isShort, titles, noRunnersUp, onWebOnly }) => {
    const left = joined("; ", [
      isShort && "summaries are short",
      titles &&
        (titles[0] > 1 ? `papers ${titles[0]} to ${titles[1]} are titles` : "papers are titles"),
      noRunnersUp && "the runners-up are left out",
      onWebOnly > 0 &&
        `${onWebOnly === 1 ? "1 more paper" : `${its.number(onWebOnly)} more papers`} on the web only`,
    ]);
    return left && `To fit a mail: ${left}.`;
  },

  moved: (by, since) =>
    `${by > 0 ? "up" : "down"} ${its.number(Math.abs(by))}${since && ` since ${since}`}`,
  code: (stars) => (stars ? `Code (${stars})` : "Code"),
  project: "Project",
  discussion: "Discussion",
  pictureOf: (title) => `Picture of “${title}”`,
  writtenBy: (model) => `Written by ${model} from the abstract`,
  summaryBy: (source) => `Summary by ${source}`,
  extract: "Extract from the abstract",
  fromAbstract: "From the abstract",

  own: (kind, what) =>
    ({
      authors: `You follow ${what}.`,
      organizations: `You follow ${what}.`,
      keywords: `Your keyword: ${what}.`,
      topics: `Your topic: ${what}.`,
      liked: `Because you liked “${what}”.`,
    })[kind],
  chosen: (followed, liked) => {
    const parts = joined(", ", [
      followed > 0 && `${counted(followed, "paper")} that you follow`,
      liked > 0 && `${counted(liked, "paper")} like those you liked`,
    ]);
    return parts ? `Chosen for you: ${parts}.` : "Chosen for you.";
  },
  away: (date) => `While you were away: ${date}`,
  caughtUp: (papers) => `Welcome back. From your pause, at the end: ${papers}.`,
  allMuted: "Nothing of this edition is left without your muted words.",
  noneLeft: "Nothing of this edition is left that you have not had.",

  subscribed: (address, newsletter) =>
    `You get this letter because ${address} subscribed to ${newsletter}.`,
  oneOff: (newsletter) =>
    `Somebody who runs ${newsletter} sent you this one letter. You are not subscribed and nothing more follows.`,
  questions: (contact) => `Questions or ideas? Write to ${contact}.`,
};

/** Returns "13–19 April 2026", or "30 March – 5 April 2026". */
function spanOf(days: Days): string {
  // Digits stand close around a dash, words do not.
  return its.span(days).replace(/^(\d+)\s–\s(?=\d+ \p{L}+ \d+$)/u, "$1–");
}
