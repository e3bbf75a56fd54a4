/** What several sources say of one paper becomes one paper, in whatever order they say it. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/io/database.ts";
import { openCorpus } from "../../src/papers/corpus.ts";
import { corpusMigrations, type CorpusTables } from "../../src/papers/corpus-tables.ts";
import { mergeSightings } from "../../src/papers/merging.ts";
import { dayOf, paperId, type Sighting } from "../../src/papers/paper.ts";
import { arxivListing } from "../../src/papers/sources/arxiv-listing.ts";
import { huggingFaceJson } from "../../src/papers/sources/hugging-face.ts";
import { ALWAYS, NOW, openCorpusFile } from "./corpus-file.ts";
import { aSighting } from "./sighting.ts";
import { takeOne } from "./source-file.ts";

test("a paper that two sources mention becomes one with the facts of both", async () => {
  const { corpus } = await openCorpusFile();
  const seen = takeOne(
    huggingFaceJson,
    `[{"paper": {"id": "2604.00001", "title": "A Title", "upvotes": 5, "ai_summary": "Short.",
       "submittedOnDailyAt": "2026-04-15T00:00:00.000Z"}}]`,
  );
  const announced = takeOne(
    arxivListing,
    `{"id": "2604.00001v2", "title": "A Title", "categories": ["cs.LG"], "summary": "Long.",` +
      ` "authors": ["Ada"], "listing_date": "2026-04-14"}`,
  );
  await corpus.record([seen, announced], NOW);
  const [merged, ...others] = await corpus.candidates(ALWAYS);
  expect(others).toEqual([]);
  expect(merged).toMatchObject({
    paper: {
      id: "2604.00001",
      day: "2026-04-15",
      abstract: "Long.",
      summary: { text: "Short.", by: "Hugging Face AI" },
      authors: ["Ada"],
      categories: ["cs.LG"],
      announcedOn: "2026-04-14",
      links: {
        abstract: "https://arxiv.org/abs/2604.00001",
        pdf: "https://arxiv.org/pdf/2604.00001",
        discussion: "https://huggingface.co/papers/2604.00001",
      },
    },
    signals: { votes: 5 },
  });
});

test("keywords and the picture are those that were told last, whoever tells nothing", () => {
  const at = (hour: string) => `2026-04-15T${hour}:00:00.000Z`;
  const first = aSighting({
    observedAt: at("06"),
    keywords: ["old"],
    thumbnail: "https://a.org/old.png",
  });
  const later = aSighting({
    observedAt: at("07"),
    keywords: ["new"],
    thumbnail: "https://a.org/new.png",
  });
  const silent = aSighting({ observedAt: at("08"), source: "arxiv" });
  expect(mergeSightings([silent, later, first])).toMatchObject({
    keywords: ["new"],
    thumbnail: "https://a.org/new.png",
  });
});

test("a paper known by title gets its arXiv id later and stays the same paper", async () => {
  const { corpus } = await openCorpusFile();
  await corpus.record([aSighting({ source: "daily-papers-page", title: "A Title" })], NOW);
  const [before] = await corpus.candidates(ALWAYS);
  expect(before?.paper.id).toMatch(/^title-/);
  await corpus.record([aSighting({ arxivId: "2604.00001", title: "A title." })], NOW);
  const [after, ...others] = await corpus.candidates(ALWAYS);
  expect(others).toEqual([]);
  expect(after?.paper.id).toBe("2604.00001");
  expect(after?.paper.key).toBe(before?.paper.key);
});

test("a title without id joins the paper that has both", async () => {
  const { corpus } = await openCorpusFile();
  await corpus.record([aSighting({ arxivId: "2604.00001", title: "A Title" })], NOW);
  const page = aSighting({ source: "daily-papers-page", title: "A TITLE!", authorCount: 7 });
  await corpus.record([page], NOW);
  const [merged, ...others] = await corpus.candidates(ALWAYS);
  expect(others).toEqual([]);
  expect(merged?.paper).toMatchObject({ id: "2604.00001", authorCount: 7 });
});

test("the same title under two ids stays two papers", async () => {
  const { corpus } = await openCorpusFile();
  await corpus.record(
    [
      aSighting({ arxivId: "2604.00001", title: "Attention" }),
      aSighting({ arxivId: "2604.00002", title: "Attention" }),
    ],
    NOW,
  );
  const papers = await corpus.candidates(ALWAYS);
  expect(papers.map(({ paper }) => paper.id)).toEqual(["2604.00001", "2604.00002"]);
});

test("one id under two titles is one paper, called as the latest source says", async () => {
  const { corpus } = await openCorpusFile();
  const later = { observedAt: "2026-04-16T06:00:00.000Z", source: "arxiv" };
  await corpus.record(
    [
      aSighting({ ...later, arxivId: "2604.00001", title: "Final Title" }),
      aSighting({ arxivId: "2604.00001", title: "Draft Title" }),
    ],
    NOW,
  );
  const papers = await corpus.candidates(ALWAYS);
  expect(papers.map(({ paper }) => paper.title)).toEqual(["Final Title"]);
});

test("what a source says later replaces what it said before, whichever is read first", async () => {
  const before = aSighting({ arxivId: "2604.00001", title: "Zeta, a Draft" });
  const later = aSighting({
    arxivId: "2604.00001",
    title: "Alpha, the Final",
    observedAt: "2026-04-16T06:00:00.000Z",
  });
  for (const order of [
    [before, later],
    [later, before],
  ]) {
    const { corpus } = await openCorpusFile();
    for (const sighting of order) await corpus.record([sighting], NOW);
    const papers = await corpus.candidates(ALWAYS);
    expect(papers.map(({ paper }) => paper.title)).toEqual(["Alpha, the Final"]);
  }
});

test("a source that says less does not take away what another one said", () => {
  const full = aSighting({
    arxivId: "2604.00001",
    abstract: "Long.",
    summary: { text: "Short.", by: "Ada" },
    authors: ["Ada"],
    authorCount: 3,
    organization: "The Lab",
    publishedOn: "2026-04-13",
    categories: ["cs.LG"],
    links: { code: "https://a.org/code" },
  });
  const bare = aSighting({ source: "file", observedAt: "2026-04-20T00:00:00.000Z" });
  expect(mergeSightings([full, bare])).toMatchObject({
    ...full.facts,
    links: { code: "https://a.org/code", abstract: "https://arxiv.org/abs/2604.00001" },
  });
});

test("the earliest listing counts, so that a paper does not return when it is listed again", () => {
  const again = aSighting({
    source: "daily-papers-page",
    observedAt: "2026-04-20T00:00:00.000Z",
    listedOn: "2026-04-20",
  });
  expect(mergeSightings([again, aSighting()]).listedOn).toBe("2026-04-15");
});

test("a paper's day is when it was listed, else announced, else published", () => {
  const days = { listedOn: "2026-04-15", announcedOn: "2026-04-14", publishedOn: "2026-04-13" };
  expect(dayOf(aSighting(days).facts)).toBe("2026-04-15");
  expect(dayOf(aSighting({ ...days, listedOn: null }).facts)).toBe("2026-04-14");
  expect(dayOf(aSighting({ ...days, listedOn: null, announcedOn: null }).facts)).toBe("2026-04-13");
  expect(dayOf(aSighting({ listedOn: null }).facts)).toBeNull();
});

test("a paper without identifier is named by its title, the same in any spelling", () => {
  const name = paperId(aSighting({ title: "A Title" }).facts);
  expect(paperId(aSighting({ title: "a  title?" }).facts)).toBe(name);
  expect(paperId(aSighting({ title: "A Title", arxivId: "2604.00001" }).facts)).toBe("2604.00001");
});

/** Six works; each sighting of one may spell its title otherwise and may lack its id. */
const sightings: fc.Arbitrary<Sighting[]> = fc.array(
  fc
    .record({
      work: fc.integer({ min: 1, max: 6 }),
      spelling: fc.constantFrom("Work", "WORK:", "wörk -"),
      identified: fc.boolean(),
      source: fc.constantFrom("hugging-face", "arxiv", "file"),
      day: fc.integer({ min: 10, max: 14 }),
      abstract: fc.constantFrom(null, "Long.", "Longer."),
      readings: fc.record({ votes: fc.nat(9), comments: fc.nat(9) }, { requiredKeys: [] }),
    })
    .map(({ work, spelling, identified, source, day, abstract, readings }) =>
      aSighting({
        source,
        observedAt: `2026-04-${day}T06:00:00.000Z`,
        arxivId: identified ? `2604.0000${work}` : null,
        title: `${spelling} ${work}`,
        listedOn: `2026-04-${day}`,
        abstract,
        readings,
      }),
    ),
  { minLength: 1, maxLength: 25 },
);

/** Returns what a fresh corpus knows after `batches`, without the row numbers. */
async function knownAfter(...batches: readonly (readonly Sighting[])[]) {
  const { db, close } = await openDatabase<CorpusTables>({
    file: ":memory:",
    migrations: corpusMigrations,
  });
  try {
    const corpus = openCorpus(db);
    for (const batch of batches) await corpus.record(batch, NOW);
    const candidates = await corpus.candidates(ALWAYS);
    return candidates
      .map(({ paper, signals }) => ({ paper: { ...paper, key: 0 }, signals }))
      .toSorted((a, b) => (a.paper.id < b.paper.id ? -1 : 1));
  } finally {
    await close();
  }
}

test("gathering in any order, at once or one by one or twice, gives the same papers", async () => {
  const shuffled = sightings.chain((list) =>
    fc.record({
      list: fc.constant(list),
      order: fc.shuffledSubarray(list, { minLength: list.length }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(shuffled, async ({ list, order }) => {
      const known = await knownAfter(list);
      expect(await knownAfter(order)).toEqual(known);
      expect(await knownAfter(...order.map((sighting) => [sighting]), list)).toEqual(known);
    }),
    { numRuns: 40 },
  );
});

test("a later line that knows less takes nothing away", async () => {
  const { corpus } = await openCorpusFile();
  const whole = aSighting({ arxivId: "2604.00001", title: "A Title", listedOn: "2026-04-10" });
  const votesOnly = aSighting({ title: "A Title", listedOn: "2026-04-15" });
  await corpus.record(
    [
      { ...whole, facts: { ...whole.facts, abstract: "What they did." } },
      { ...votesOnly, observedAt: "2026-04-16T00:00:00.000Z", readings: { votes: 7 } },
    ],
    NOW,
  );
  const [merged, ...others] = await corpus.candidates(ALWAYS);
  expect(others).toEqual([]);
  expect(merged).toMatchObject({
    paper: { id: "2604.00001", abstract: "What they did.", day: "2026-04-10" },
    signals: { votes: 7 },
  });
});

test("a paper that changed its title is still known by the old one", async () => {
  const { corpus } = await openCorpusFile();
  const first = aSighting({ arxivId: "2604.00001", title: "Old Title" });
  const renamed = aSighting({ arxivId: "2604.00001", title: "New Title" });
  const page = aSighting({ source: "daily-papers-page", title: "Old Title" });
  const all = [first, page, { ...renamed, observedAt: "2026-04-20T00:00:00.000Z" }];
  expect((await corpus.record(all, NOW)).papers).toMatchObject({ new: 1 });
  expect((await corpus.record(all, NOW)).papers).toEqual({ new: 0, changed: 0, unchanged: 1 });
  expect((await corpus.candidates(ALWAYS)).map(({ paper }) => paper.title)).toEqual(["New Title"]);
});
