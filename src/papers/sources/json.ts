/** JSON and JSON Lines from files that may be damaged. */
import { PaperRoundError, reasonOf } from "../../errors.ts";
import type { SourceFile } from "../source.ts";

/** Returns the file's JSON value. Throws FILE_MALFORMED. */
export function parseJson(file: SourceFile): unknown {
  try {
    return JSON.parse(file.text);
  } catch (cause) {
    throw new PaperRoundError(
      "FILE_MALFORMED",
      `${file.path} is not whole JSON: ${reasonOf(cause)}.`,
      {
        cause,
      },
    );
  }
}

/** One line of a JSON Lines file: its value, or null where the line is damaged. */
export interface JsonLine {
  readonly at: string;
  readonly value: Record<string, unknown> | null;
}

/** Yields every line that is not blank. A JSON array is taken for a file of its elements. */
export function* jsonLines(file: SourceFile): Iterable<JsonLine> {
  if (/^\s*\[/.test(file.text)) {
    const items = parseJson(file);
    for (const [index, value] of (Array.isArray(items) ? items : []).entries()) {
      yield { at: `${file.path}, item ${index + 1}`, value: objectOrNull(value) };
    }
    return;
  }
  const { text } = file;
  // Line by line: cut all at once, a million lines are held beside the text.
  for (let [number, from] = [1, 0]; from < text.length; number++) {
    const end = text.indexOf("\n", from);
    const line = text.slice(from, end < 0 ? undefined : end);
    if (line.trim()) yield { at: `${file.path}, line ${number}`, value: lineValue(line) };
    from = end < 0 ? text.length : end + 1;
  }
}

function lineValue(line: string): Record<string, unknown> | null {
  try {
    return objectOrNull(JSON.parse(line));
  } catch {
    return null;
  }
}

function objectOrNull(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

/** A file with no whole line among its first ones is none of ours. */
const FIRST_LINES = 20;

/** Returns the first whole object of the file, to recognise a format by its keys, or null. */
export function firstObject(text: string): Record<string, unknown> | null {
  if (!/^\s*\[/.test(text)) {
    // An indented line is a part of something else, never a line of a JSON Lines file.
    const lines = text.trimStart().split("\n", FIRST_LINES);
    return firstOf(
      lines.filter((line) => line.startsWith("{")),
      lineValue,
    );
  }
  try {
    const items: unknown = JSON.parse(text);
    return Array.isArray(items) ? firstOf(items, objectOrNull) : null;
  } catch {
    return null;
  }
}

function firstOf<From, To>(items: readonly From[], read: (item: From) => To | null): To | null {
  for (const item of items) {
    const value = read(item);
    if (value !== null) return value;
  }
  return null;
}
