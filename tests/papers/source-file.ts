/** What a format is given: a file's text with the circumstances it was found in. */
import { expect } from "vitest";
import type { Sighting } from "../../src/papers/paper.ts";
import { isRefusal, type Format, type Mention, type SourceFile } from "../../src/papers/source.ts";

/** Returns a file of `text` that lay in a folder on 1 May 2026. */
export function sourceFile(text: string, changes: Partial<SourceFile> = {}): SourceFile {
  return {
    path: "drop/papers.txt",
    text,
    observedAt: "2026-05-01T06:00:00.000Z",
    listDay: null,
    today: "2026-05-01",
    ...changes,
  };
}

/** Returns what `format` reads from `text`, after it has recognised it. */
export function readAll(format: Format, text: string, changes?: Partial<SourceFile>): Mention[] {
  const file = sourceFile(text, changes);
  expect(format.recognizes(file)).toBe(true);
  return [...format.read(file, () => {})];
}

/** Returns what `format` takes from `text`, in which nothing may be refused. */
export function takeAll(format: Format, text: string, changes?: Partial<SourceFile>): Sighting[] {
  return readAll(format, text, changes).map((mention) => {
    if (isRefusal(mention)) throw new Error(`${mention.at} was refused: ${mention.refused}`);
    return mention;
  });
}

/** Returns the one sighting that `format` takes from `text`. */
export function takeOne(format: Format, text: string, changes?: Partial<SourceFile>): Sighting {
  const [only, ...others] = takeAll(format, text, changes);
  expect(others).toEqual([]);
  if (!only) throw new Error("Nothing was taken.");
  return only;
}
