/**
 * Recorded answers of the services, paper by paper and field by field, against a table that was read from
 * the raw files without this program (`recorded-papers.txt`). Needs ../shared, which is no part of it.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Sighting } from "../../../src/papers/paper.ts";
import type { Format } from "../../../src/papers/source.ts";
import { arxivAnnouncements } from "../../../src/papers/sources/arxiv-announcements.ts";
import { arxivAtom } from "../../../src/papers/sources/arxiv-atom.ts";
import { huggingFaceJson } from "../../../src/papers/sources/hugging-face.ts";
import { ROOT, SHARED } from "../../home.ts";
import { takeAll } from "../source-file.ts";

const FIXTURES = join(SHARED, "fixtures");
const isAbsent = !existsSync(FIXTURES);

/** The sections of the table by their names, each a list of rows. */
const TABLE: ReadonlyMap<string, readonly string[]> = new Map(
  readFileSync(join(ROOT, "tests/papers/sources/recorded-papers.txt"), "utf8")
    .split("\n## ")
    .slice(1)
    .map((section) => {
      const [name = "", ...rows] = section.split("\n");
      return [name, rows.filter((row) => row !== "" && !row.startsWith("#"))];
    }),
);

const told = (format: Format, path: string): Sighting[] =>
  takeAll(format, readFileSync(join(FIXTURES, path), "utf8"), { path });
const digest = (...parts: readonly (string | null)[]) =>
  createHash("sha256")
    .update(parts.map((part) => part ?? "").join("\n"))
    .digest("hex")
    .slice(0, 10);
const length = (text: string | null | undefined) => (text ? [...text].length : "-");
const row = (...fields: readonly unknown[]) => fields.map((field) => field ?? "-").join(" ");

function huggingFaceRow({ facts, readings }: Sighting): string {
  const { code = "", project = "" } = facts.links;
  expect(facts.links.discussion).toBe(`https://huggingface.co/papers/${facts.arxivId}`);
  return row(
    facts.arxivId,
    facts.publishedOn,
    facts.listedOn,
    readings.votes,
    readings.comments,
    readings.stars,
    facts.authorCount,
    length(facts.title),
    length(facts.abstract),
    length(facts.summary?.text),
    facts.keywords.length,
    `${code && "c"}${project && "p"}` || "-",
    digest(
      facts.title,
      facts.abstract,
      facts.summary?.text ?? null,
      facts.authors.join(";"),
      facts.keywords.join(";"),
      facts.organization,
      code,
      project,
      facts.thumbnail,
    ),
  );
}

function arxivRow({ facts }: Sighting): string {
  return row(
    facts.arxivId,
    `v${facts.version}`,
    facts.publishedOn,
    facts.announcedOn,
    facts.withdrawn === null ? "-" : facts.withdrawn ? "y" : "n",
    facts.authorCount,
    length(facts.title),
    length(facts.abstract),
    length(facts.comment),
    facts.categories.join(","),
    facts.doi,
    digest(facts.title, facts.abstract, facts.comment, facts.authors.join(";")),
  );
}

test
  .skipIf(isAbsent)
  .each([
    "hf-daily-papers/daily_papers-date-2026-06-12.json",
    "hf-daily-papers/item-2602.23229-march-2026-shape.json",
  ])("every field of %s is as it was recorded (needs ../shared)", (path) => {
  expect(told(huggingFaceJson, path).map(huggingFaceRow)).toEqual(TABLE.get(path));
});

test.skipIf(isAbsent)("every field of a recorded feed of arXiv (needs ../shared)", () => {
  const path = "arxiv-rss/rss.arxiv.org-atom-cs.AI-2025-08-20.xml";
  expect(told(arxivAnnouncements, path).map(arxivRow)).toEqual(TABLE.get(path));
});

const files = (TABLE.get("arxiv-atom, file by file") ?? []).map((line) => line.split(" "));

test.skipIf(isAbsent)(
  "every field of every recorded answer of arXiv's API (needs ../shared)",
  () => {
    const known = new Set(TABLE.get("arxiv-atom"));
    const seen = new Set<string>();
    for (const [file = "", papers, ids] of files) {
      const sightings = told(arxivAtom, `arxiv-atom/${file}`);
      const own = digest(...sightings.map(({ facts }) => facts.arxivId));
      expect([file, sightings.length, own]).toEqual([file, Number(papers), ids]);
      for (const sighting of sightings) seen.add(arxivRow(sighting));
    }
    expect(files).toHaveLength(19);
    expect([...seen].toSorted()).toEqual([...known].toSorted());
  },
);
