/** One work under several names becomes one paper, and nothing that was known of it is lost. */
import { expect, test } from "vitest";
import { isNearlySame, mayShareAuthors } from "../../src/papers/identity.ts";
import { doiOf, arxivIdOf, openReviewIdOf } from "../../src/papers/identifiers.ts";
import { openCatalogue } from "../../src/papers/catalogue.ts";
import { ALWAYS, NOW, openCorpusFile } from "./corpus-file.ts";
import { aSighting } from "./sighting.ts";

const at = (hour: string) => `2026-04-15T${hour}:00:00.000Z`;

test("a paper that three sources see is one, with three sightings and every field", async () => {
  const { db, corpus } = await openCorpusFile();
  await corpus.record(
    [
      aSighting({ arxivId: "2604.00001", readings: { votes: 5 }, keywords: ["agents"] }),
      aSighting({
        source: "arxiv",
        arxivId: "2604.00001",
        doi: "10.1000/182",
        categories: ["cs.LG"],
        observedAt: at("07"),
      }),
      aSighting({
        source: "semantic-scholar",
        title: "",
        doi: "10.1000/182",
        fields: ["Computer Science"],
        tldr: { text: "In short.", by: "Semantic Scholar AI" },
        observedAt: at("08"),
        readings: { citations: 2 },
      }),
    ],
    NOW,
  );
  const [merged, ...others] = await corpus.candidates(ALWAYS);
  expect(others).toEqual([]);
  expect(merged).toMatchObject({
    paper: {
      arxivId: "2604.00001",
      doi: "10.1000/182",
      title: "A Title",
      keywords: ["agents"],
      categories: ["cs.LG"],
      fields: ["Computer Science"],
      summary: { text: "In short." },
    },
    signals: { votes: 5, citations: 2 },
  });
  expect(await db.selectFrom("sightings").selectAll().execute()).toHaveLength(3);
  if (!merged) throw new Error("There is one.");
  const { told, readings } = await corpus.account(merged.paper.key);
  expect(told).toMatchObject({
    arxivId: { source: "hugging-face" },
    doi: { source: "semantic-scholar" },
    categories: { source: "arxiv" },
    tldr: { source: "semantic-scholar" },
    title: { source: "arxiv" },
  });
  const sources = readings.map(({ signal, source, value }) => `${signal} ${source} ${value}`);
  expect(sources).toEqual(["citations semantic-scholar 2", "votes hugging-face 5"]);
});

test("two papers that turn out to be one are joined, with all readings of both", async () => {
  const { db, corpus } = await openCorpusFile();
  const preprint = { arxivId: "2604.00001", title: "A Preprint of Some Length" };
  const article = { doi: "10.1000/182", title: "Quite Another Title in Print" };
  await corpus.record(
    [
      aSighting({ ...article, source: "journal", observedAt: at("05"), readings: { comments: 4 } }),
      aSighting({ ...preprint, observedAt: at("06"), readings: { votes: 5 } }),
      aSighting({ ...preprint, observedAt: at("07"), readings: { votes: 8 } }),
    ],
    NOW,
  );
  expect(await corpus.count()).toBe(2);
  const before = await corpus.candidates(ALWAYS);
  await corpus.record(
    [aSighting({ ...preprint, doi: "10.1000/182", source: "arxiv", observedAt: at("09") })],
    NOW,
  );
  const [joined, ...others] = await corpus.candidates(ALWAYS);
  expect([others, await corpus.count()]).toEqual([[], 1]);
  expect(joined).toMatchObject({
    paper: { arxivId: "2604.00001", doi: "10.1000/182" },
    signals: { votes: 8, comments: 4 },
    changes: { votes: { by: 3 } },
  });
  expect(await db.selectFrom("readings").selectAll().execute()).toHaveLength(3);
  // Whatever led an edition under the other's key has led one; and its old address still leads here.
  const [keptKey, ...joinedKeys] = before.map(({ paper }) => paper.key).toSorted((a, b) => a - b);
  expect(joined?.paper.key).toBe(keptKey);
  const former = await corpus.formerKeys(keptKey === undefined ? [] : [keptKey]);
  expect([...former.values()]).toEqual([joinedKeys]);
  const catalogue = openCatalogue(db);
  for (const { paper } of before) {
    expect((await catalogue.paper(paper.id))?.paper.key).toBe(joined?.paper.key);
  }
});

test("a preprint with its own DOI is joined by the article's", async () => {
  const { corpus } = await openCorpusFile();
  await corpus.record(
    [
      aSighting({ doi: "10.1101/2026.04.01.1", title: "On the Cells of Newts" }),
      aSighting({
        doi: "10.1000/newts",
        sameAs: ["10.1101/2026.04.01.1"],
        title: "The Cells of Newts, Revisited",
        observedAt: at("09"),
      }),
    ],
    NOW,
  );
  const papers = await corpus.candidates(ALWAYS);
  expect(papers.map(({ paper }) => paper.doi)).toEqual(["10.1000/newts"]);
});

test("one title of different people stays two papers", async () => {
  const { corpus } = await openCorpusFile();
  await corpus.record(
    [
      aSighting({ arxivId: "2604.00001", title: "Attention", authors: ["Ada Lovelace"] }),
      aSighting({ title: "Attention", authors: ["Alan Turing"], source: "feed" }),
      aSighting({ title: "Attention", authors: ["Lovelace, Ada"], source: "other" }),
    ],
    NOW,
  );
  expect(await corpus.count()).toBe(2);
});

test("nearly the same title of the same people is one paper, whichever comes first", async () => {
  const people = { authors: ["Ada Lovelace", "Grace Hopper", "Alan Turing"] };
  const told = [
    aSighting({ ...people, arxivId: "2604.00001", title: "Learning to Plan with Large Models" }),
    aSighting({ ...people, source: "feed", title: "Learning to plan with a large model" }),
  ];
  for (const order of [told, told.toReversed()]) {
    const { corpus } = await openCorpusFile();
    for (const sighting of order) await corpus.record([sighting], NOW);
    expect(await corpus.count()).toBe(1);
  }
});

test.each([
  ["Scaling $\\alpha$-Nets for Vision", "Scaling α-nets for vision", true],
  ["Learning to See, Part I", "Learning to See, Part II", false],
  ["A Survey of Agents 2025", "A Survey of Agents 2026", false],
  ["GPT-4 Technical Report", "GPT-5 Technical Report", false],
  ["Learning to plan", "How cells divide in newts", false],
])("%s / %s: one paper is %s", (one, other, isOne) => {
  expect(isNearlySame(one, other)).toBe(isOne);
});

test("authors are compared by their last names, and silence speaks against nobody", () => {
  expect(mayShareAuthors(["Ada Lovelace"], ["Lovelace, A."])).toBe(true);
  expect(mayShareAuthors(["José Núñez"], ["Jose Nunez"])).toBe(true);
  expect(mayShareAuthors(["Ada Lovelace"], ["Alan Turing"])).toBe(false);
  expect(mayShareAuthors([], ["Alan Turing"])).toBe(true);
});

test("identifiers are known in every spelling, and nothing else is one", () => {
  expect(doiOf("https://doi.org/10.1000/ABC.1")).toBe("10.1000/abc.1");
  expect(doiOf("doi:10.1000/182")).toBe("10.1000/182");
  expect(doiOf("10.48550/arXiv.2604.00001")).toBeNull();
  expect(arxivIdOf("https://doi.org/10.48550/arXiv.2604.00001")).toBe("2604.00001");
  expect(openReviewIdOf("https://openreview.net/forum?id=aBcD-_12xY")).toBe("aBcD-_12xY");
  for (const wrong of [null, 5, "", "10.1/x", "10.1000/a b", `10.1000/${"x".repeat(300)}`]) {
    expect(doiOf(wrong)).toBeNull();
  }
});

test("a withdrawn paper is no candidate any more", async () => {
  const { corpus } = await openCorpusFile();
  await corpus.record([aSighting({ arxivId: "2604.00001" })], NOW);
  const later = { arxivId: "2604.00001", withdrawn: true, source: "arxiv", observedAt: at("09") };
  await corpus.record([aSighting(later)], NOW);
  expect(await corpus.candidates(ALWAYS)).toEqual([]);
});

test("what adds to a paper that nobody told of makes no paper without a title", async () => {
  const { corpus } = await openCorpusFile();
  await corpus.record([aSighting({ arxivId: "2604.00001", title: "" })], NOW);
  expect(await corpus.count()).toBe(0);
});

test("works of one title without authors are one for each DOI or OpenReview id", async () => {
  const { corpus } = await openCorpusFile();
  const editorial = { title: "Editorial", arxivId: null };
  await corpus.record(
    [
      aSighting({ ...editorial, doi: "10.1000/1", observedAt: at("05") }),
      aSighting({ ...editorial, doi: "10.1000/2", observedAt: at("06") }),
      aSighting({ ...editorial, doi: "10.1000/2", source: "journal", observedAt: at("07") }),
      aSighting({ ...editorial, source: "feed", observedAt: at("08") }),
      aSighting({ title: "Preface", openReviewId: "abcdefgh01", observedAt: at("05") }),
      aSighting({ title: "Preface", openReviewId: "abcdefgh02", observedAt: at("06") }),
    ],
    NOW,
  );
  const papers = (await corpus.candidates(ALWAYS)).map(({ paper }) => paper.doi);
  expect(papers.toSorted()).toEqual(["10.1000/1", "10.1000/2", null, null]);
});
