/** The smaller services, each told by a server that answers as it does. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { NO_FACTS, type Paper, type PaperFacts, type PaperKey } from "../../../src/papers/paper.ts";
import { biorxiv } from "../../../src/papers/sources/biorxiv.ts";
import { githubStars, repositoryOf } from "../../../src/papers/sources/github-stars.ts";
import { jsonl } from "../../../src/papers/sources/jsonl-url.ts";
import { semanticScholar } from "../../../src/papers/sources/semantic-scholar.ts";
import type { Mention } from "../../../src/papers/source.ts";
import { SHARED } from "../../home.ts";
import { reply, startWebServer, type Answering } from "../../io/web-server.ts";
import { openSource, passesTheKit, tellAll } from "../source-kit.ts";

const NOW = new Date("2026-06-30T10:00:00Z");
const RECORDED = join(SHARED, "fixtures/semantic-scholar/test_get_papers.yaml");
const paper = (facts: Partial<PaperFacts>): Paper =>
  ({ ...NO_FACTS, title: "A Title", key: 1, id: "x", day: "2026-06-29", ...facts }) as Paper;

const preprint = {
  doi: "10.1101/2026.06.01.1",
  title: "A Title",
  authors: "Lovelace, A.; Turing, A.",
  date: "2026-6-30",
  version: "2",
  category: "cell biology",
  abstract: "<p>What.</p>",
  published: "10.1000/182",
};

test("bioRxiv keeps to the contract, reads dates in any spelling, and pages to the end", async () => {
  const server = await startWebServer(({ path }, response) => {
    const item = path.endsWith("/0")
      ? preprint
      : { ...preprint, doi: "10.1101/2", published: "NA" };
    reply(response, JSON.stringify({ messages: [{ total: "2" }], collection: [item] }));
  });
  const source = await openSource(biorxiv, { url: server.url }, { now: () => NOW });
  const { sightings } = await tellAll(source);
  expect(server.seen.map(({ path }) => path)).toEqual([
    "/details/biorxiv/2026-06-29/2026-06-30/0",
    "/details/biorxiv/2026-06-29/2026-06-30/1",
  ]);
  expect(sightings.map(({ facts }) => [facts.doi, facts.sameAs, facts.publishedOn])).toEqual([
    ["10.1000/182", ["10.1101/2026.06.01.1"], "2026-06-30"],
    ["10.1101/2", [], "2026-06-30"],
  ]);
});

test.each([
  ["ends before its total", [{ messages: [{ total: 9 }], collection: [preprint] }], "gave 1 of 9"],
  ["is another", [{ error: "later" }], "is not a page of preprints"],
])("a page of bioRxiv that %s is no whole day", async (_what, pages, message) => {
  let asked = 0;
  const empty = { messages: [{ total: 9 }], collection: [] };
  const server = await startWebServer((_request, response) =>
    reply(response, JSON.stringify(pages[asked++] ?? empty)),
  );
  const source = await openSource(biorxiv, { url: server.url }, { now: () => NOW });
  await expect(tellAll(source)).rejects.toMatchObject({
    code: "SOURCE_SHAPE",
    message: expect.stringContaining(message),
  });
});

test("bioRxiv is read to an empty page where it does not say how many there are", async () => {
  const server = await startWebServer(({ path }, response) =>
    reply(
      response,
      path.endsWith("/0")
        ? JSON.stringify({ collection: [preprint] })
        : '{"messages":[{"status":"no posts found"}],"collection":[]}',
    ),
  );
  const source = await openSource(biorxiv, { url: server.url }, { now: () => NOW });
  expect((await tellAll(source)).sightings).toHaveLength(1);
  expect(server.seen).toHaveLength(2);
});

test("our own lines are read from an address", async () => {
  const server = await startWebServer((_request, response) =>
    reply(response, '{"title": "A Title", "source": "group", "readings": {"votes": 3}}\nbroken\n'),
  );
  const source = await openSource(jsonl, { url: server.url }, { now: () => NOW });
  const down = await openSource(jsonl, { url: "http://127.0.0.1:1" });
  expect(await passesTheKit(source, down)).toBe(true);
  const { refusals } = await tellAll(source);
  expect(refusals).toMatchObject([{ refused: "not JSON" }]);
});

test("stars are read anew, with the token, and not asked for past the hour's allowance", async () => {
  let left = 2;
  const server = await startWebServer(({ path }, response) => {
    const reset = String(Math.floor(Date.now() / 1000) + 3600);
    const limits = { "x-ratelimit-remaining": String(--left), "x-ratelimit-reset": reset };
    if (path.endsWith("/gone")) return reply(response, "{}", limits, 404);
    return reply(response, '{"stargazers_count": 42}', limits);
  });
  const papers = ["ada/code", "ada/gone", "ada/third"].map((name, index) =>
    paper({ arxivId: `2606.0000${index}`, links: { code: `https://github.com/${name}` } }),
  );
  const source = await openSource(githubStars, { url: server.url }, { papers, key: "secret" });
  const told = tellAll(source);
  // The third would be the hour's sixty-first.
  await expect(told).rejects.toMatchObject({ code: "HTTP_REFUSED" });
  expect(server.seen.map(({ path, headers }) => [path, headers.authorization])).toEqual([
    ["/repos/ada/code", "Bearer secret"],
    ["/repos/ada/gone", "Bearer secret"],
  ]);
});

test("a repository in trouble costs the others nothing; one that is gone is no trouble at all", async () => {
  const answers: Readonly<Record<string, Answering>> = {
    "/repos/ada/odd": (_request, response) => reply(response, '{"message": "moved"}'),
    "/repos/ada/torn": (_request, response) => reply(response, '{"stargazers_'),
    "/repos/ada/blocked": (_request, response) => reply(response, "{}", {}, 403),
  };
  const server = await startWebServer((request, response) => {
    const answer = answers[request.path];
    if (answer) answer(request, response);
    else reply(response, '{"stargazers_count": 42}');
  });
  const papers = ["odd", "torn", "blocked", "well"].map((name, index) =>
    paper({ arxivId: `2606.0000${index}`, links: { code: `https://github.com/ada/${name}` } }),
  );
  const source = await openSource(githubStars, { url: server.url }, { papers });
  const { sightings, refusals } = await tellAll(source);
  // Those without stars say that they had their turn.
  expect(sightings.map(({ facts, readings }) => [facts.arxivId, readings.stars])).toEqual([
    ["2606.00000", undefined],
    ["2606.00001", undefined],
    ["2606.00002", undefined],
    ["2606.00003", 42],
  ]);
  expect(refusals.map(({ refused, isExpected }) => [refused, isExpected])).toEqual([
    ["no stars", undefined],
    ["no stars", undefined],
    ["no such repository", true],
  ]);
});

test.each([
  ["for a while", { "retry-after": "1" }],
  ["for the rest of the hour", { "x-ratelimit-remaining": "0" }],
])("a limit that asks to wait %s says nothing of the repository", async (_what, headers) => {
  const server = await startWebServer((_request, response) => reply(response, "{}", headers, 403));
  const papers = ["ada/code", "ada/other"].map((name, index) =>
    paper({ arxivId: `2606.0000${index}`, links: { code: `https://github.com/${name}` } }),
  );
  const source = await openSource(githubStars, { url: server.url }, { papers });
  const told: Mention[] = [];
  const tell = async () => {
    const gathering = { say: () => {}, span: null, signal: new AbortController().signal };
    for await (const mention of source.mentions(gathering)) told.push(mention);
  };
  await expect(tell()).rejects.toMatchObject({ code: "HTTP_REFUSED" });
  expect(told).toEqual([]);
  expect(server.seen).toHaveLength(1);
});

test("where no repository's answer can be understood, GitHub itself is in trouble", async () => {
  const server = await startWebServer((_request, response) => reply(response, '{"stars": 42}'));
  const papers = [paper({ arxivId: "2606.00000", links: { code: "https://github.com/ada/code" } })];
  const source = await openSource(githubStars, { url: server.url }, { papers });
  await expect(tellAll(source)).rejects.toMatchObject({ code: "SOURCE_SHAPE" });
});

test("each repository is asked for once, first those that were not asked for, or longest ago", async () => {
  const server = await startWebServer((_request, response) =>
    reply(response, '{"stargazers_count": 42}'),
  );
  const papers = ["ada/one", "ada/two", "ada/new", "Ada/One", "ada/three"].map((name, index) =>
    paper({
      key: index + 1,
      arxivId: `2606.0000${index}`,
      links: { code: `https://github.com/${name}` },
    } as Partial<PaperFacts>),
  );
  const told: [number, string][] = [
    [1, "2026-06-30T09:00:00.000Z"],
    [2, "2026-06-30T07:00:00.000Z"],
    [4, "2026-06-30T06:00:00.000Z"],
    [5, "2026-06-30T08:00:00.000Z"],
  ];
  const toldAt = async () => new Map(told) as unknown as Map<PaperKey, string>;
  const settings = { url: server.url, repositories: 3 };
  const source = await openSource(githubStars, settings, { papers, toldAt });
  const { sightings, remarks } = await tellAll(source);
  const asked = server.seen.map(({ path }) => path);
  expect(asked).toEqual(["/repos/ada/new", "/repos/ada/one", "/repos/ada/two"]);
  expect(sightings.map(({ facts }) => facts.arxivId)).toEqual([
    "2606.00002",
    "2606.00000",
    "2606.00003",
    "2606.00001",
  ]);
  expect(remarks).toEqual(["GitHub is asked for 3 of 4 repositories."]);
});

test("a paper is named by its ids, and where it has none by its title and authors", async () => {
  const server = await startWebServer((_request, response) =>
    reply(response, '{"stargazers_count": 42}'),
  );
  const links = { code: "https://github.com/ada/code" };
  const papers = [
    paper({ title: "Editorial", authors: ["Ada"], links }),
    paper({
      title: "Editorial",
      authors: ["Bob"],
      openReviewId: "abcdefgh",
      links: { code: "https://github.com/bob/code" },
    }),
  ];
  const source = await openSource(githubStars, { url: server.url }, { papers });
  const { sightings } = await tellAll(source);
  expect(sightings.map(({ facts }) => [facts.title, facts.authors, facts.openReviewId])).toEqual([
    ["Editorial", ["Ada"], null],
    ["", [], "abcdefgh"],
  ]);
});

test.each([
  ["https://github.com/ada/code.git", "ada/code"],
  ["https://github.com/ada/code/tree/main", "ada/code"],
  ["See https://github.com/ada/code.", "ada/code"],
  ["https://gitlab.com/ada/code", null],
  ["https://github.com/ada", null],
  ["https://github.com/ada/..", null],
  ["https://github.com/../user", null],
  ["https://github.com/-ada/code", null],
  ["https://GitHub.com/Ada/Code", "Ada/Code"],
])("the repository in %s is %s", (code, repository) => {
  expect(repositoryOf({ links: { code }, abstract: null })).toBe(repository);
});

test("Semantic Scholar is asked for many at once and answers in their order", async () => {
  const server = await startWebServer((_request, response) =>
    reply(
      response,
      JSON.stringify([
        {
          externalIds: { DOI: "10.1000/182", ArXiv: "2606.00001" },
          tldr: { model: "x", text: "In short." },
          citationCount: 7,
          fieldsOfStudy: ["Computer Science"],
        },
        null,
        { externalIds: null, tldr: null, citationCount: "7" },
      ]),
    ),
  );
  const papers = [
    paper({ arxivId: "2606.00001" }),
    paper({ doi: "10.1000/2" }),
    paper({ arxivId: "2606.00003" }),
    paper({}),
  ];
  const source = await openSource(semanticScholar, { url: server.url }, { papers, key: "secret" });
  const { sightings } = await tellAll(source);
  expect(JSON.parse(server.seen[0]?.body ?? "")).toEqual({
    ids: ["ARXIV:2606.00001", "DOI:10.1000/2", "ARXIV:2606.00003"],
  });
  expect(server.seen[0]?.path).toBe(
    "/graph/v1/paper/batch?fields=externalIds,tldr,citationCount,fieldsOfStudy",
  );
  expect(server.seen[0]?.headers["x-api-key"]).toBe("secret");
  expect(sightings).toMatchObject([
    {
      facts: { arxivId: "2606.00001", doi: "10.1000/182", tldr: { text: "In short." } },
      readings: { citations: 7 },
    },
    { facts: { arxivId: "2606.00003", tldr: null }, readings: {} },
  ]);
});

test.skipIf(!existsSync(RECORDED))(
  "a recorded answer of Semantic Scholar is taken paper by paper (needs ../shared)",
  async () => {
    const { interactions } = parse(readFileSync(RECORDED, "utf8")) as {
      interactions: { response: { body: { string: string } } }[];
    };
    const recorded = interactions[0]?.response.body.string ?? "";
    const server = await startWebServer((_request, response) => reply(response, recorded));
    const papers = [1, 2, 3].map((number) => paper({ doi: `10.1000/${number}` }));
    const source = await openSource(semanticScholar, { url: server.url }, { papers });
    expect((await tellAll(source)).sightings).toHaveLength(3);
  },
);
