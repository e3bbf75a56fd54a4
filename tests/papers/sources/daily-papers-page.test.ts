/** The text of a Daily Papers page, copied from a browser, becomes sightings. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dailyPapersPage } from "../../../src/papers/sources/daily-papers-page.ts";
import { SHARED } from "../../home.ts";
import { sourceFile, takeAll, takeOne } from "../source-file.ts";

const PAGE = join(SHARED, "seed/daily-papers-page.txt");
const pageText = () => readFileSync(PAGE, "utf8");
const papersOfPage = () => takeAll(dailyPapersPage, pageText());

/** Returns a page of `day` with `body` under it. */
const page = (body: string, day = "Oct 30") => `new\n\nDaily Papers\n\nbyAK\n\n${day}\n\n${body}`;

describe.skipIf(!existsSync(PAGE))("the real page of 30 October 2025 (needs ../shared)", () => {
  test("holds 85 papers, each with its abstract", () => {
    const papers = papersOfPage();
    expect(papers).toHaveLength(85);
    expect(new Set(papers.map(({ facts }) => facts.title)).size).toBe(85);
    for (const { facts } of papers) expect(facts.abstract?.length).toBeGreaterThan(200);
    expect(papers[0]?.facts).toMatchObject({
      title: "Sensitivity-Aware Visual Parameter-Efficient Fine-Tuning",
      authorCount: 5,
      publishedOn: "2023-03-15",
      arxivId: null,
    });
  });

  test("has two papers without a byline, of which less is known", () => {
    const bare = papersOfPage().filter(({ facts }) => facts.publishedOn === null);
    expect(bare.map(({ facts }) => facts.title)).toEqual([
      "Energy-Based Transformers are Scalable Learners and Thinkers",
      "Scrub It Out! Erasing Sensitive Memorization in Code Language Models via Machine Unlearning",
    ]);
    for (const { facts, readings } of bare) {
      expect(facts).toMatchObject({ authorCount: null, organization: null });
      expect(Object.keys(readings)).toEqual(["position", "listSize"]);
    }
  });

  test("names two organizations instead of authors", () => {
    const named = papersOfPage().filter(({ facts }) => facts.organization !== null);
    const organizations = named.map(({ facts }) => facts.organization);
    expect(organizations.toSorted()).toEqual(["CodeFuse AI", "Ontocord.AI"]);
    for (const { facts } of named) expect(facts.authorCount).toBeNull();
    expect(papersOfPage().filter(({ facts }) => facts.authorCount !== null)).toHaveLength(81);
  });

  test("shows dates without a year that are of the page's year", () => {
    const years = Map.groupBy(papersOfPage(), ({ facts }) => facts.publishedOn?.slice(0, 4));
    expect(years.get("2025")).toHaveLength(13);
    const days = years.get("2025")?.map(({ facts }) => facts.publishedOn);
    expect(days).toContain("2025-04-29");
    expect(days).toContain("2025-06-17");
    expect(days?.every((day) => day && day <= "2025-10-30")).toBe(true);
  });

  test("shows as many comments as a plain search of it finds", () => {
    // A date on a line of its own, and then, where there are comments, a space and their number.
    const shown = [...pageText().matchAll(/^[A-Z][a-z]{2} \d{1,2}(?:, \d{4})? (\d+)$/gm)];
    const comments = papersOfPage().flatMap(({ readings }) => readings.comments ?? []);
    expect(comments).toHaveLength(83);
    expect(comments.filter((number) => number > 0)).toEqual(shown.map(([, n]) => Number(n)));
    expect(comments.filter((number) => number > 0)).toHaveLength(17);
    expect(comments.reduce((sum, number) => sum + number, 0)).toBe(33);
  });

  test("is dated by the years it prints, and says so", () => {
    const remarks: string[] = [];
    const file = sourceFile(pageText());
    const papers = [...dailyPapersPage.read(file, (text) => remarks.push(text))];
    expect(papers).toHaveLength(85);
    for (const { facts } of papersOfPage()) expect(facts.listedOn).toBe("2025-10-30");
    expect(remarks).toEqual([expect.stringContaining("Oct 30 is taken for 2025-10-30")]);
  });

  test("is of another day when the operator names one", () => {
    const remarks: string[] = [];
    const file = sourceFile(pageText(), { listDay: "2025-11-03" });
    const papers = [...dailyPapersPage.read(file, (text) => remarks.push(text))];
    expect(papers).toHaveLength(85);
    for (const paper of papers) expect(paper).toHaveProperty("facts.listedOn", "2025-11-03");
    expect(remarks).toEqual([]);
  });
});

test("a page copied on Windows reads like any other", () => {
  const text = page("A Title\n\nAn abstract.\n\n  • 3 authors\n·\nMay 4, 2024 7\n");
  expect(takeAll(dailyPapersPage, text.replaceAll("\n", "\r\n"))).toEqual(
    takeAll(dailyPapersPage, text),
  );
  expect(takeOne(dailyPapersPage, text)).toMatchObject({
    facts: { title: "A Title", abstract: "An abstract.", publishedOn: "2024-05-04" },
    readings: { comments: 7 },
  });
});

test("a paper without an abstract does not take the next paper's title for one", () => {
  const text = page(
    "First\n\n• 1 authors\n·\nMay 4, 2024\n\nSecond\n\nIts abstract.\n\n• 2 authors\n·\nMay 5, 2024 1",
  );
  const [first, second, ...others] = takeAll(dailyPapersPage, text);
  expect(others).toEqual([]);
  expect(first?.facts).toMatchObject({ title: "First", abstract: null, authorCount: 1 });
  expect(second?.facts).toMatchObject({ title: "Second", abstract: "Its abstract." });
});

test("one author is counted too", () => {
  const text = page("A Title\n\nText.\n\n  • 1 author\n·\nMay 4, 2024");
  expect(takeOne(dailyPapersPage, text).facts.authorCount).toBe(1);
});

test("an organization without a short name is taken as it stands", () => {
  const text = page("A Title\n\nText.\n\nNVIDIA\n·\nMay 4, 2024");
  expect(takeOne(dailyPapersPage, text).facts).toMatchObject({
    organization: "NVIDIA",
    authorCount: null,
  });
});

test("a date that the calendar lacks is no date, and the paper stays", () => {
  const text = page("A Title\n\nText.\n\n• 2 authors\n·\nFeb 30, 2024");
  expect(takeOne(dailyPapersPage, text).facts).toMatchObject({
    title: "A Title",
    publishedOn: null,
  });
});

test("a page without papers tells of none", () => {
  expect(takeAll(dailyPapersPage, page(""))).toEqual([]);
});

test("a page without its day is malformed", () => {
  const text = "Daily Papers\n\nA Title\n\nText.\n\n• 2 authors\n·\nMay 4, 2024";
  expect(() => takeAll(dailyPapersPage, text)).toThrow(
    expect.objectContaining({ code: "FILE_MALFORMED" }),
  );
});

test("a page of a day that no calendar has is malformed", () => {
  expect(() => takeAll(dailyPapersPage, page("A\n\nB", "Feb 31"))).toThrow(
    expect.objectContaining({ code: "FILE_MALFORMED" }),
  );
});

test("a page that prints no year is of the latest such day", () => {
  const listed = (day: string, today: string) =>
    takeOne(dailyPapersPage, page("A\n\nB", day), { today }).facts.listedOn;
  expect(listed("Apr 30", "2026-05-01")).toBe("2026-04-30");
  expect(listed("May 1", "2026-05-01")).toBe("2026-05-01");
  expect(listed("May 2", "2026-05-01")).toBe("2025-05-02");
});

test("a page is never dated in the future", () => {
  const text = page("A Title\n\nText.\n\n• 2 authors\n·\nDec 30, 2025", "Dec 31");
  expect(takeOne(dailyPapersPage, text, { today: "2026-05-01" }).facts.listedOn).toBe("2025-12-31");
});

test("a text that speaks of daily papers in passing is not a page of them", () => {
  expect(dailyPapersPage.recognizes(sourceFile("We read Daily Papers every morning."))).toBe(false);
});
