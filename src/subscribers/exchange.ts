/**
 * Reads and writes subscribers as CSV or JSON. A bad row is refused by row and column and the others
 * go on; a damaged file is refused as a whole.
 */
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { PaperRoundError, reasonOf } from "../errors.ts";
import { isAddress, parseAddress } from "./address.ts";
import type { Subscriber } from "./subscriber.ts";
import type { Admission } from "./subscriber-list.ts";

export interface BadRow {
  /** As a spreadsheet counts: the header is row 1. In JSON: the element, from 1. */
  readonly row: number;
  readonly column: string;
  readonly problem: string;
}

export interface ReadResult {
  readonly admissions: readonly Admission[];
  readonly bad: readonly BadRow[];
  /** Rows of our own export whose readers had left or never confirmed: they stay as they are. */
  readonly notConfirmed: number;
}

/** The columns that are read. Only the first is required; other columns are ignored. */
export const COLUMNS = ["email", "cadence", "text_only"] as const;

const YES = new Set(["yes", "true", "1"]);
const NO = new Set(["no", "false", "0"]);

interface RawRow {
  readonly row: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Reads the subscribers in `text`, CSV (comma, semicolon or tab; header with `email`) or a JSON
 * array of objects. Consent is recorded as imported from `file` by the operator at `now`.
 *
 * Throws FILE_MALFORMED when the text is neither.
 */
export function readSubscribers(
  text: string,
  file: string,
  cadences: readonly string[],
  now: string,
): ReadResult {
  const admissions: Admission[] = [];
  const bad: BadRow[] = [];
  let notConfirmed = 0;
  const bare = text.replace(/^\ufeff/, "");
  for (const raw of /^\s*\[/.test(bare) ? jsonRows(bare, file) : csvRows(bare, file)) {
    const read = readRow(raw, file, cadences, now);
    if (read === "not confirmed") notConfirmed++;
    else if ("problem" in read) bad.push(read);
    else admissions.push(read);
  }
  return { admissions, bad, notConfirmed };
}

/** Returns subscribers as CSV. Cells that a spreadsheet would take for a formula are defused. */
export function writeCsv(subscribers: readonly Subscriber[]): string {
  return stringify(subscribers.map(exportRow), {
    header: true,
    escape_formulas: true,
    record_delimiter: "windows",
  });
}

/** Returns subscribers as JSON, unaltered. */
export function writeJson(subscribers: readonly Subscriber[]): string {
  return `${JSON.stringify(subscribers.map(exportRow), null, 2)}\n`;
}

function exportRow(subscriber: Subscriber) {
  return {
    email: subscriber.address,
    state: subscriber.state,
    cadence: subscriber.cadence,
    text_only: subscriber.textOnly ? "yes" : "no",
    consent_how: subscriber.consent.how,
    consent_detail: subscriber.consent.detail,
    consent_at: subscriber.consent.at,
    consent_wording: subscriber.consent.wording ?? "",
    consent_confirmed_at: subscriber.consent.confirmedAt ?? "",
    ended_at: subscriber.endedAt ?? "",
  };
}

function readRow(
  { row, fields }: RawRow,
  file: string,
  cadences: readonly string[],
  now: string,
): Admission | BadRow | "not confirmed" {
  const email = asText(fields["email"]);
  if (!email) return { row, column: "email", problem: "is missing" };
  const address = parseAddress(email);
  if (!isAddress(address)) {
    return { row, column: "email", problem: `"${shown(email)}" ${address.invalid}` };
  }
  // Our own export may come back: whoever had left must not be revived by it.
  if ((asText(fields["state"]) || "confirmed") !== "confirmed") return "not confirmed";
  const cadence = asText(fields["cadence"]).toLowerCase() || "daily";
  if (!cadences.includes(cadence)) {
    return { row, column: "cadence", problem: `"${shown(cadence)}" is none of ${cadences.join(", ")}` };
  }
  const written = asText(fields["text_only"]).toLowerCase() || "no";
  const textOnly = YES.has(written);
  if (!textOnly && !NO.has(written)) {
    return { row, column: "text_only", problem: `"${shown(written)}" is neither yes nor no` };
  }
  const consent = { how: "imported", detail: `${file}, row ${row}, by the operator`, at: now } as const;
  return { address, cadence, textOnly, consent };
}

function csvRows(text: string, file: string): RawRow[] {
  if (/^\s*\{/.test(text)) {
    throw new PaperRoundError("FILE_MALFORMED", `${file} is a JSON object, not a list of subscribers.`, {
      remedy: 'Write a JSON array, such as [{"email": "reader@example.org"}], or CSV.',
    });
  }
  const header = text.trimStart().split(/\r?\n/, 1)[0] ?? "";
  const delimiter = [",", ";", "\t"].find((candidate) => header.includes(candidate)) ?? ",";
  let names: string[] = [];
  try {
    const parsed = parse(text, {
      columns: (written: string[]) => (names = written.map((name) => name.trim().toLowerCase())),
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as { info: { lines: number }; record: Record<string, string> }[];
    if (!names.includes("email") && !names.includes("e-mail")) {
      throw new PaperRoundError("FILE_MALFORMED", `${file}, row 1 names no column "email".`, {
        remedy: `Begin the file with a header: ${COLUMNS.join(",")}. Only email is required.`,
      });
    }
    return parsed.map(({ info, record }) => ({
      row: info.lines,
      // Our own export puts a quote before what a spreadsheet would take for a formula.
      fields: { ...record, email: (record["email"] ?? record["e-mail"])?.replace(/^'(?=[=+@-])/, "") },
    }));
  } catch (cause) {
    if (cause instanceof PaperRoundError) throw cause;
    throw new PaperRoundError("FILE_MALFORMED", `${file} is not whole CSV: ${reasonOf(cause)}.`, { cause });
  }
}

function jsonRows(text: string, file: string): RawRow[] {
  try {
    const items = JSON.parse(text) as unknown[];
    return items.map((item, index) => ({
      row: index + 1,
      fields: (typeof item === "string" ? { email: item } : (item ?? {})) as Record<string, unknown>,
    }));
  } catch (cause) {
    throw new PaperRoundError("FILE_MALFORMED", `${file} is not whole JSON: ${reasonOf(cause)}.`, { cause });
  }
}

function asText(value: unknown): string {
  return typeof value === "string" ? value.trim() : typeof value === "boolean" ? String(value) : "";
}

function shown(text: string): string {
  const bare = text.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "�");
  return bare.length > 60 ? `${bare.slice(0, 60)}…` : bare;
}
