/** Summaries are written once, within a day's budget and an edition's time, and kept. */
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "../../../src/io/database.ts";
import { openCorpus } from "../../../src/papers/corpus.ts";
import { corpusMigrations, type CorpusTables } from "../../../src/papers/corpus-tables.ts";
import type { Paper } from "../../../src/papers/paper.ts";
import { openEndpoint } from "../../../src/papers/summaries/endpoint.ts";
import {
  openSummaryWriter,
  summaryMigrations,
  type SummaryTables,
  type WriterOptions,
} from "../../../src/papers/summaries/writer.ts";
import { emptyHome } from "../../home.ts";
import { ALWAYS, NOW } from "../corpus-file.ts";
import { aSighting } from "../sighting.ts";
import { answering, modelServer, slowly, well, withStatus } from "./model-server.ts";

const WORDS =
  "harbours and tides rise with moons while sailors measure depths along quiet shores before dawn ";
const abstractOf = (number: number) => `We study number ${number} of the tides. ${WORDS.repeat(4)}`;

interface Told extends Partial<Omit<WriterOptions, "db" | "endpoint">> {
  readonly model?: string;
  readonly timeoutMs?: number;
}

/** Opens a writer over a corpus of some papers, in `file`. */
async function openWriter(url: string, told: Told = {}, file = ":memory:", papers = 3) {
  const { db, close } = await openDatabase<CorpusTables & SummaryTables>({
    file,
    migrations: { ...corpusMigrations, ...summaryMigrations },
  });
  onTestFinished(close);
  const corpus = openCorpus(db);
  const sightings = Array.from({ length: papers }, (_, index) =>
    aSighting({ title: `Tides ${index}`, abstract: abstractOf(index) }),
  );
  await corpus.record(sightings, NOW);
  const { model = "small", timeoutMs = 10_000, ...options } = told;
  const writer = openSummaryWriter({
    db,
    endpoint: openEndpoint({ url, model, key: null, timeoutMs }),
    budgetPerDay: { requests: 100, tokens: 1_000_000 },
    editionTimeoutMs: 10_000,
    now: () => new Date(NOW),
    ...options,
  });
  return { db, writer, papers: await papersOf(corpus) };
}

async function papersOf(corpus: ReturnType<typeof openCorpus>): Promise<Paper[]> {
  return (await corpus.candidates(ALWAYS)).map(({ paper }) => paper);
}

test("each paper is asked about once, and its summary names the model", async () => {
  const server = await modelServer(well);
  const { writer, papers } = await openWriter(server.url);
  const written = await writer.write(papers);
  expect(written.size).toBe(3);
  for (const [, summary] of written) {
    expect(summary.by).toBe("small");
    expect(summary.text).toMatch(/^We study number \d .* indeed\.$/);
  }
  expect(await writer.write(papers)).toEqual(written);
  expect(await writer.known(papers)).toEqual(written);
  expect(server.asked).toHaveLength(3);
});

test("what is only looked up asks nobody", async () => {
  const server = await modelServer(well);
  const { writer, papers } = await openWriter(server.url);
  expect(await writer.known(papers)).toEqual(new Map());
  expect(await writer.known([])).toEqual(new Map());
  expect(await writer.spent()).toEqual({
    model: "small",
    requests: 0,
    tokens: 0,
    failures: 0,
    lastFailure: null,
  });
  expect(server.asked).toEqual([]);
});

test("a paper without an abstract is not asked about", async () => {
  const server = await modelServer(well);
  const { writer, papers } = await openWriter(server.url);
  await writer.write(papers.map((paper) => ({ ...paper, abstract: null })));
  expect(server.asked).toEqual([]);
});

test("a new abstract or another model is a new question, the old answers stay", async () => {
  const file = join(emptyHome(), "corpus.sqlite");
  const server = await modelServer(well);
  const first = await openWriter(server.url, {}, file);
  const before = await first.writer.write(first.papers);
  const changed = first.papers.map((paper) => ({ ...paper, abstract: abstractOf(77) }));
  expect((await first.writer.write(changed)).size).toBe(3);
  expect(server.asked).toHaveLength(6);
  const other = await openWriter(server.url, { model: "large" }, file);
  expect(await other.writer.known(other.papers)).toEqual(new Map());
  await other.writer.write(other.papers);
  expect(server.asked).toHaveLength(9);
  expect(await first.writer.known(first.papers)).toEqual(before);
});

test("an answer that is no summary is not asked for again", async () => {
  const server = await modelServer(answering("Visit https://spam.example now!"));
  const { writer, papers } = await openWriter(server.url);
  expect(await writer.write(papers)).toEqual(new Map());
  server.state.behaviour = well;
  expect(await writer.write(papers)).toEqual(new Map());
  expect(server.asked).toHaveLength(3);
  expect(await writer.spent()).toMatchObject({ requests: 3, failures: 0, lastFailure: null });
});

test("after a failure it is asked again; after three in a row the server is left alone", async () => {
  const server = await modelServer(withStatus(500));
  const { writer, papers } = await openWriter(server.url, {}, ":memory:", 10);
  expect(await writer.write(papers)).toEqual(new Map());
  expect(server.asked.length).toBeLessThanOrEqual(5);
  expect(await writer.spent()).toMatchObject({ lastFailure: "the server answered 500" });
  server.state.behaviour = well;
  expect((await writer.write(papers)).size).toBe(10);
});

test("a day's budget of requests holds, over restarts, and is new the next day", async () => {
  const file = join(emptyHome(), "corpus.sqlite");
  const server = await modelServer(well);
  const budgetPerDay = { requests: 2, tokens: 1_000_000 };
  const first = await openWriter(server.url, { budgetPerDay }, file, 5);
  expect((await first.writer.write(first.papers)).size).toBe(2);
  const second = await openWriter(server.url, { budgetPerDay }, file, 5);
  expect((await second.writer.write(second.papers)).size).toBe(2);
  expect(server.asked).toHaveLength(2);
  const now = () => new Date("2026-04-16T00:00:01.000Z");
  const next = await openWriter(server.url, { budgetPerDay, now }, file, 5);
  expect((await next.writer.write(next.papers)).size).toBe(4);
});

test.each([
  ["nothing", null, 4],
  ["that it was nothing", 0, 40],
  ["that it was beyond counting", 1_000_000_000, 2],
])("a day's budget of tokens holds when the server says %s", async (_, tokens, atMost) => {
  const server = await modelServer(
    answering((abstract) => `${abstract.split(" ").slice(0, 44).join(" ")}.`, tokens),
  );
  const budgetPerDay = { requests: 100, tokens: 3000 };
  const { writer, papers } = await openWriter(server.url, { budgetPerDay }, ":memory:", 50);
  expect((await writer.write(papers)).size).toBe(server.asked.length);
  expect(server.asked.length).toBeGreaterThan(0);
  expect(server.asked.length).toBeLessThanOrEqual(atMost);
});

test("a budget too small for one question asks none", async () => {
  const server = await modelServer(well);
  const budgetPerDay = { requests: 100, tokens: 10 };
  const { writer, papers } = await openWriter(server.url, { budgetPerDay });
  expect(await writer.write(papers)).toEqual(new Map());
  expect(server.asked).toEqual([]);
});

test("an edition's time ends the asking, and what is there by then is kept", async () => {
  const server = await modelServer((response, asked) =>
    JSON.stringify(asked.body).includes("number 0 ")
      ? well(response, asked)
      : slowly(response, asked),
  );
  const { writer, papers } = await openWriter(server.url, { editionTimeoutMs: 1000 });
  const written = await writer.write(papers);
  expect([...written.values()].map(({ text }) => text.slice(0, 17))).toEqual(["We study number 0"]);
});
