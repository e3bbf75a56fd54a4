/** What is known of a paper, and from whom, on the command line. */
import { expect, test } from "vitest";
import { paperround, homeWith } from "./program.ts";

const ID = "2604.00001";
const LINES = [
  {
    source: "one",
    arxivId: ID,
    title: "A title",
    readings: { votes: 3 },
    observedAt: "2026-04-15T06:00:00Z",
  },
  { source: "one", arxivId: ID, readings: { votes: 9 }, observedAt: "2026-04-15T08:00:00Z" },
  {
    source: "two",
    arxivId: ID,
    title: "A \\emph{better} title",
    listedOn: "2026-04-15",
    authors: ["Ada Lovelace"],
    observedAt: "2026-04-15T07:00:00Z",
  },
];

async function home() {
  const lines = LINES.map((line) => JSON.stringify({ title: "A title", ...line })).join("\n");
  const folder = homeWith({ "paperround.yaml": "", "papers.jsonl": lines });
  expect((await paperround(folder, ["gather", "--from", "papers.jsonl"])).exit).toBe(0);
  return folder;
}

test("each fact is told with its source, readings in their order, and editions by name", async () => {
  const folder = await home();
  await paperround(folder, ["edition", "--date", "2026-04-15", "--publish"]);
  const { exit, out } = await paperround(folder, ["paper", ID]);
  expect(exit).toBe(0);
  expect(out).toMatch(/^title +A title +one +2026-04-15 08:00$/m);
  expect(out).toMatch(/^authors +Ada Lovelace +two +2026-04-15 07:00$/m);
  expect(out).toMatch(/^votes +one +3 \(2026-04-15 06:00\) → 9 \(2026-04-15 08:00\)$/m);
  expect(out).toMatch(/^daily 2026-04-15 +Wednesday, 15 April 2026 +place 1$/m);
  const json = JSON.parse((await paperround(folder, ["paper", ID, "--json"])).out);
  expect(json).toMatchObject({
    id: ID,
    told: { listedOn: { source: "two", observedAt: "2026-04-15T07:00:00.000Z" } },
    readings: [{ value: 3 }, { value: 9 }],
    editions: [{ cadence: "daily", period: "2026-04-15", rank: 1, lead: true }],
  });
});

test("a paper that no edition held says so, and one that is not there is an error", async () => {
  const folder = await home();
  expect((await paperround(folder, ["paper", ID])).out).toContain("No edition has held it.");
  const { exit, said } = await paperround(folder, ["paper", "2604.99999"]);
  expect(exit).toBe(1);
  expect(said).toContain("PAPER_UNKNOWN");
});
