/** `paperround gather` as a user runs it: a look without storing, every refusal by name, trouble told. */
import { expect, test } from "vitest";
import { reply, startWebServer } from "../io/web-server.ts";
import { homeWith, paperround, statusOf } from "./program.ts";

const papers = JSON.stringify([
  { paper: { id: "2604.00001", title: "A Title", upvotes: 7 }, numComments: 1 },
  ...Array.from({ length: 25 }, () => ({ paper: { id: "nonsense", title: "A Title" } })),
]);

async function homeOver(url: string) {
  return homeWith({
    "paperround.yaml": `network: { allowHosts: ["127.0.0.1"] }
sources:
  - { name: hf, kind: hugging-face, url: "${url}", days: 1, timeoutSeconds: 10 }
  - { name: incoming, path: incoming }\n`,
    "incoming/a.jsonl": '{"title": "Another Title", "listedOn": "2026-04-15"}',
  });
}

test("a check shows what a source gives and stores nothing", async () => {
  const server = await startWebServer((_request, response) => reply(response, papers));
  const home = await homeOver(server.url);
  const { exit, out, said } = await paperround(home, ["gather", "--check", "hf"]);
  expect(exit).toBe(0);
  expect(out).toContain("hf: 1 paper, 25 refused; nothing was stored");
  expect(out).toMatch(/2604\.00001 .*A Title .*7 votes, 1 comment/);
  expect(said).toContain("refused, no arXiv id: ");
  expect((await statusOf(home)).papers.count).toBe(0);
});

test("a check refuses what gathering would, and ends as it does where all is refused", async () => {
  const ahead = JSON.stringify({
    version: "https://jsonfeed.org/version/1.1",
    items: [{ title: "A Title", date_published: "2099-01-01T00:00:00Z" }, {}],
  });
  const server = await startWebServer((_request, response) => reply(response, ahead));
  const yaml = `network: { allowHosts: ["127.0.0.1"] }
sources:\n  - { name: journal, kind: feed, url: "${server.url}" }\n`;
  const home = homeWith({ "paperround.yaml": yaml });
  for (const asked of [["--check", "journal"], ["journal"]]) {
    const { exit, said } = await paperround(home, ["gather", ...asked]);
    expect(exit).toBe(1);
    expect(said).toContain("All it told was refused: 1 date in the future, 1 no title.");
  }
});

test("a check of days gone by says so where a source can't look back", async () => {
  const home = await homeOver("http://127.0.0.1:1");
  const asked = ["gather", "--check", "incoming", "--since", "2026-04-01"];
  const { exit, said } = await paperround(home, asked);
  expect(exit).toBe(2);
  expect(said).toContain("Source incoming can't look back: check it without --since.");
});

test("refusals are counted, the first are named, and all on request", async () => {
  const server = await startWebServer((_request, response) => reply(response, papers));
  const home = await homeOver(server.url);
  const some = await paperround(home, ["gather", "hf"]);
  expect(some.out).toContain("Papers: 1 new");
  expect(some.out).toContain("Refused: 25 no arXiv id.");
  expect(some.said).toContain("refused, 5 more");
  const all = await paperround(home, ["gather", "hf", "--refused"]);
  expect(all.said.match(/refused, no arXiv id/g)).toHaveLength(25);
});

test("a source in trouble keeps no other from its turn, is named, and fails the command", async () => {
  const server = await startWebServer((_request, response) => reply(response, "", {}, 404));
  const home = await homeOver(server.url);
  const { exit, out, said } = await paperround(home, ["gather"]);
  expect(exit).toBe(1);
  expect(out).toContain("Papers: 1 new");
  expect(said).toContain("Source hf: 127.0.0.1");
  expect(said).toContain("[HTTP_REFUSED]");
  const status = await paperround(home, ["status"]);
  expect(status.out).toMatch(/Source {8}hf, .*: in trouble; it never went well\. Source hf: /);
});
