/** What a replay found, as text for people. */
import { counted } from "../io/plural.ts";
import type { Report, Row } from "./replay.ts";

/** Returns the tables of a report. */
export function reportText({ rows, readings }: Report): string {
  const hours = [...new Set(rows.map(({ sendHour }) => sendHour))];
  const tables = hours.map((hour) => {
    const own = rows.filter(({ sendHour }) => sendHour === hour);
    const title = hour === null ? "No votes or places known, whole lists" : `At ${hourText(hour)}`;
    return [`${title}, ${counted(own[0]?.days ?? 0, "day")}`, ...rankingLines(own)].join("\n");
  });
  const reading = [
    "What a daily reader has had",
    columns([
      "send hour",
      "leads",
      "of the top ten: seen then",
      "had within two",
      "repeats",
      "late",
    ]),
    ...readings.map(({ sendHour, leads, visible, withinTwoEditions, repeats, labels }) =>
      columns([
        hourText(sendHour),
        String(leads),
        visible.toFixed(3),
        withinTwoEditions.toFixed(3),
        String(repeats),
        String(labels["late"] ?? 0),
      ]),
    ),
  ].join("\n");
  return [...tables, reading].join("\n\n");
}

function rankingLines(rows: readonly Row[]): string[] {
  return [
    columns(["ranking", "NDCG@10", "P@5", "P@10"]),
    ...rows.map(({ ranking, ndcgAt10, precisionAt5, precisionAt10 }) =>
      columns([ranking, ndcgAt10.toFixed(3), precisionAt5.toFixed(3), precisionAt10.toFixed(3)]),
    ),
  ];
}

/** The first column names, the others count. */
function columns([first = "", ...others]: readonly string[]): string {
  return `  ${first.padEnd(24)}${others.map((text) => text.padStart(Math.max(9, text.length + 2))).join("")}`;
}

/** Returns "08:00 UTC". */
export function hourText(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00 UTC`;
}
