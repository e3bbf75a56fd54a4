/** A home with many papers, a thousand editions among them, made of the sample's titles and summaries. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assemble } from "../../src/assemble.ts";
import { readConfig } from "../../src/config.ts";
import { addDays } from "../../src/editions/period.ts";

const SAMPLE = fileURLToPath(new URL("../../data/sample.jsonl", import.meta.url));
const LAST_DAY = "2026-04-15";
const PAPERS_PER_FILE = 10_000;

/** Fills the home and returns the addresses of its editions, newest first. */
export async function fillHome(home: string, editions: number, papers: number): Promise<string[]> {
  const days = Array.from({ length: editions }, (_, back) => addDays(LAST_DAY, -back));
  const app = await assemble(readConfig(home, { PAPERROUND_CONFIG: "" }));
  try {
    for (let from = 0; from < papers; from += PAPERS_PER_FILE) {
      const file = join(home, "papers.jsonl");
      const count = Math.min(PAPERS_PER_FILE, papers - from);
      writeFileSync(file, paperLines(from, count, days).join("\n"));
      await app.newsletter.gather([app.files([file], null)], () => {});
    }
    for (const day of days.toReversed()) await app.newsletter.publish("daily", day);
  } finally {
    await app.close();
  }
  return days.map((day) => `/archive/daily/${day}`);
}

/** Returns papers as our own JSON Lines: each a sample's words, with a number to tell it by. */
function paperLines(from: number, count: number, days: readonly string[]): string[] {
  const samples = readFileSync(SAMPLE, "utf8").trim().split("\n").map(parse);
  return Array.from({ length: count }, (_, index) => {
    const number = from + index;
    const sample = samples[number % samples.length];
    const day = days[number % days.length];
    return JSON.stringify({
      ...sample,
      title: `${sample?.["title"]} (${number})`,
      arxivId: `${1001 + Math.floor(number / 99_999)}.${String(number % 99_999).padStart(5, "0")}`,
      authors: ["Ada Lovelace", "Grace Hopper", `Author Number${number}`],
      links: undefined,
      listedOn: day,
      observedAt: `${day}T06:00:00Z`,
      readings: { votes: (number * 7919) % 211, comments: number % 9 },
    });
  });
}

function parse(line: string): Record<string, unknown> {
  return JSON.parse(line) as Record<string, unknown>;
}
