import { expect, test } from "vitest";
import { writeBibtex, writeRis } from "../../src/papers/citations.ts";
import { readLibrary } from "../../src/papers/library.ts";
import { NO_FACTS, type Paper, type PaperId, type PaperKey } from "../../src/papers/paper.ts";

test("BibTeX is read: braces, quotation marks, joints, comments, and arXiv ids wherever they stand", () => {
  const { papers, faults } = readLibrary(String.raw`
% a comment
@string{acl = "Association"}
@article{one2026,
  title = {{Attention} is {All}},
  abstract = "Some \"quoted\" {words}",
  eprint = {2604.01234v2},
  journal = acl # " of something",
}
@misc(two, title = "World models", url = {https://arxiv.org/abs/2501.00001})
@comment{@article{three, title = {Not me}}}
`);
  expect(faults).toEqual([]);
  expect(papers.slice(0, 2)).toEqual([
    {
      title: "Attention is All",
      abstract: String.raw`Some \"quoted\" {words}`,
      arxivId: "2604.01234",
    },
    { title: "World models", abstract: null, arxivId: "2501.00001" },
  ]);
});

test("an entry with an error is named by its line, and the rest is used", () => {
  const { papers, faults } = readLibrary(
    [
      "@article{good, title = {First}}",
      "@article{bad,",
      "  title = {Never closed",
      "@article{untitled, year = 2026}",
      "@article{odd, title : {x}}",
      "@article{last, title = {Last}}",
    ].join("\n"),
  );
  expect(papers.map(({ title }) => title)).toEqual(["First", "Last"]);
  expect(faults.map(({ line }) => line)).toEqual([3, 4, 5]);
  expect(faults[0]?.problem).toBe("the brace that opens here is never closed");
  expect(faults[1]?.problem).toBe("the entry has no title");
});

test("RIS is read, and its errors are named", () => {
  const { papers, faults } = readLibrary(
    "TY  - JOUR\r\nTI  - A title\r\nAB  - What it says\r\nUR  - https://arxiv.org/abs/2604.00001\r\nER  - \r\nnonsense\r\nTY  - JOUR\r\nTI  - Lost",
  );
  expect(papers).toEqual([{ title: "A title", abstract: "What it says", arxivId: "2604.00001" }]);
  expect(faults).toEqual([
    { line: 6, problem: "this is no line of RIS" },
    { line: 7, problem: "the entry has no end (ER)" },
  ]);
});

test("what is no library at all is said to be none; a huge one is cut, and takes no time", () => {
  expect(readLibrary("hello").faults).toEqual([
    { line: 1, problem: "there is no entry of BibTeX or RIS" },
  ]);
  const many = readLibrary("@misc{a, title = {T}}\n".repeat(5000));
  expect(many).toMatchObject({ more: true, faults: [] });
  expect(many.papers).toHaveLength(200);
  expect(readLibrary("@a{x, title = {".repeat(20_000)).papers).toEqual([]);
});

test("what is written as BibTeX or RIS reads back as the same papers", () => {
  const paper: Paper = {
    ...NO_FACTS,
    key: 7 as PaperKey,
    id: "2604.01234" as PaperId,
    day: "2026-04-15",
    arxivId: "2604.01234",
    title: "50% of {Braces} & $x^2$ \\ signs_",
    abstract: "A line\nand another.",
    authors: ["Zoë O'Neil", "Yann LeCun"],
    publishedOn: "2026-04-14",
    links: { abstract: "https://arxiv.org/abs/2604.01234" },
  };
  const bibtex = writeBibtex([paper, paper]);
  expect(bibtex).toContain("author = {Zoë O'Neil and Yann LeCun}");
  expect(bibtex).toContain("@misc{oneil2026-2604.01234,");
  for (const text of [bibtex, writeRis([paper])]) {
    const read = readLibrary(text);
    expect(read.faults).toEqual([]);
    expect(read.papers[0]).toMatchObject({ arxivId: "2604.01234" });
    expect(read.papers[0]?.abstract).toContain("A line and another.");
  }
});
