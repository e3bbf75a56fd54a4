/** Files and folders are a source: each file is taken whole or not at all. */
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { isRefusal, type Mention } from "../../../src/papers/source.ts";
import { fileSource } from "../../../src/papers/sources/files.ts";
import { emptyHome } from "../../home.ts";

const PAGE = "Daily Papers\n\nOct 30\n\nFrom a page\n\nText.\n\n• 5 authors\n·\nMay 4, 2024 2\n";
const HUGGING_FACE = `[{"paper": {"id": "2604.00001", "title": "From Hugging Face"}}]`;
const ARXIV = `{"id": "2604.00002", "title": "From arXiv", "categories": ["cs.LG"], "summary": ""}`;
const OURS = `{"title": "From us"}`;

/** Writes `files` below a new folder and returns it. */
function folderOf(files: Record<string, string>): string {
  const folder = emptyHome();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

async function mentionsOf(
  paths: readonly string[],
  options: { listDay?: string; remarks?: string[] } = {},
): Promise<Mention[]> {
  const source = fileSource({
    name: "drop",
    paths,
    listDay: options.listDay ?? null,
    today: "2026-05-01",
  });
  const mentions = [];
  const { signal } = new AbortController();
  const say = (text: string) => void options.remarks?.push(text);
  for await (const mention of source.mentions({ say, span: null, signal })) {
    mentions.push(mention);
  }
  return mentions;
}

const titlesOf = (mentions: readonly Mention[]) =>
  mentions.map((mention) => (isRefusal(mention) ? mention.refused : mention.facts.title));

test("each file is read by the format that its content shows, whatever its name", async () => {
  const folder = folderOf({ a: PAGE, b: HUGGING_FACE, c: ARXIV, d: OURS });
  expect(titlesOf(await mentionsOf([folder]))).toEqual([
    "From a page",
    "From Hugging Face",
    "From arXiv",
    "From us",
  ]);
});

test("a folder is read with all folders in it, by name", async () => {
  const folder = folderOf({ "b/deep/er.jsonl": `{"title": "2"}`, "a.jsonl": `{"title": "1"}` });
  mkdirSync(join(folder, "empty"));
  expect(titlesOf(await mentionsOf([folder]))).toEqual(["1", "2"]);
});

test("hidden files, hidden folders and links to elsewhere are left alone", async () => {
  const elsewhere = folderOf({ "secret.jsonl": `{"title": "secret"}` });
  const folder = folderOf({
    ".hidden.jsonl": OURS,
    ".git/packed.jsonl": OURS,
    "a/.cache/b/c.jsonl": OURS,
    "plain.jsonl": OURS,
  });
  symlinkSync(join(elsewhere, "secret.jsonl"), join(folder, "link.jsonl"));
  symlinkSync(elsewhere, join(folder, "linked-folder"));
  symlinkSync(folder, join(folder, "a", "loop"));
  expect(titlesOf(await mentionsOf([folder]))).toEqual(["From us"]);
});

test("a folder below a hidden one is read when it is named", async () => {
  const folder = folderOf({ ".cache/drop/a.jsonl": OURS });
  expect(titlesOf(await mentionsOf([join(folder, ".cache/drop")]))).toEqual(["From us"]);
});

test("a file of unknown format in a folder is refused and the rest is taken", async () => {
  const folder = folderOf({ "a.jsonl": OURS, "b.txt": "Groceries: milk", "c.json": HUGGING_FACE });
  const mentions = await mentionsOf([folder]);
  expect(titlesOf(mentions)).toEqual(["From us", "unknown format", "From Hugging Face"]);
  expect(mentions[1]).toHaveProperty("at", expect.stringContaining(join(folder, "b.txt")));
});

test("a damaged file in a folder is refused whole and the rest is taken", async () => {
  const cut = JSON.stringify([
    { paper: { id: "2604.00007", title: "Whole" } },
    { paper: { id: "2604.00008", title: "Cut" } },
  ]).slice(0, -9);
  const folder = folderOf({ "a.json": cut, "b.jsonl": OURS });
  expect(titlesOf(await mentionsOf([folder]))).toEqual(["malformed file", "From us"]);
});

test("a named file of unknown format is a fault", async () => {
  const folder = folderOf({ "notes.txt": "Groceries: milk", "empty.jsonl": "" });
  for (const name of ["notes.txt", "empty.jsonl"]) {
    await expect(mentionsOf([join(folder, name)])).rejects.toMatchObject({
      code: "FORMAT_UNKNOWN",
      message: expect.stringContaining(name),
    });
  }
});

test("a named file that is damaged is a fault", async () => {
  const folder = folderOf({ "cut.json": HUGGING_FACE.slice(0, -1) });
  await expect(mentionsOf([join(folder, "cut.json")])).rejects.toMatchObject({
    code: "FILE_MALFORMED",
  });
});

test("a path that does not exist is a fault", async () => {
  await expect(mentionsOf([join(emptyHome(), "nowhere")])).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
    message: expect.stringContaining("nowhere"),
  });
});

// Root may read everything, so that nothing is unreadable to it.
test.skipIf(process.getuid?.() === 0)(
  "a file that may not be read is a fault when named and a refusal in a folder (needs a plain user)",
  async () => {
    const folder = folderOf({ "a.jsonl": OURS, "b.jsonl": OURS });
    chmodSync(join(folder, "a.jsonl"), 0);
    await expect(mentionsOf([join(folder, "a.jsonl")])).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
    });
    expect(titlesOf(await mentionsOf([folder]))).toEqual(["unreadable file", "From us"]);
  },
);

test("a byte order mark is no part of the text", async () => {
  const folder = folderOf({ a: `\ufeff${HUGGING_FACE}`, b: `\ufeff${OURS}`, c: `\ufeff${PAGE}` });
  expect(titlesOf(await mentionsOf([folder]))).toEqual([
    "From Hugging Face",
    "From us",
    "From a page",
  ]);
});

test("the day in a file's name is the list day of what it holds", async () => {
  const folder = folderOf({ "hf-2026-04-15.json": HUGGING_FACE, "2026-02-30.jsonl": OURS });
  expect(await mentionsOf([folder])).toEqual([
    expect.objectContaining({ facts: expect.objectContaining({ listedOn: null }) }),
    expect.objectContaining({ facts: expect.objectContaining({ listedOn: "2026-04-15" }) }),
  ]);
});

test("a day in the name of a folder is none of the file's", async () => {
  const folder = folderOf({ "2026-04-15/papers.jsonl": OURS });
  expect((await mentionsOf([folder]))[0]).toHaveProperty("facts.listedOn", null);
});

test("the operator's day goes before the one in the name", async () => {
  const folder = folderOf({ "2026-04-15.json": HUGGING_FACE });
  const [mention] = await mentionsOf([folder], { listDay: "2026-04-20" });
  expect(mention).toHaveProperty("facts.listedOn", "2026-04-20");
});

test("readings are as old as their file", async () => {
  const folder = folderOf({ "a.jsonl": OURS });
  const written = new Date("2026-04-15T06:30:00Z");
  utimesSync(join(folder, "a.jsonl"), written, written);
  expect((await mentionsOf([folder]))[0]).toHaveProperty("observedAt", written.toISOString());
});

test("what a page is taken for is told to the operator", async () => {
  const remarks: string[] = [];
  await mentionsOf([folderOf({ "page.txt": PAGE })], { remarks });
  expect(remarks).toEqual([expect.stringMatching(/page\.txt: .*Oct 30.*2025-10-30/)]);
});
