/** A chart of a report: NDCG at ten by send hour, one line for each ranking, as SVG without a script. */
import type { Report, Row } from "./replay.ts";
import { hourText } from "./tables.ts";

const WIDTH = 720;
const HEIGHT = 380;
const FRAME = { left: 60, top: 44, right: 150, bottom: 50 };
const SHOWN = ["ours", "page order", "hacker news", "reddit", "authors", "newest", "random"];
/** Told apart by people who see no red or green (Okabe and Ito). */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#777777"];
const LABEL_HEIGHT = 15;

/** Returns the chart. */
export function chartSvg({ rows }: Report): string {
  const timed = rows.filter(
    (row): row is Row & { sendHour: number } =>
      row.sendHour !== null && SHOWN.includes(row.ranking),
  );
  const hours = [...new Set(timed.map(({ sendHour }) => sendHour))].toSorted((a, b) => a - b);
  const lowest = Math.floor(Math.min(1, ...timed.map(({ ndcgAt10 }) => ndcgAt10)) * 10) / 10;
  const x = (hour: number) => {
    const [first = 0, last = first] = [hours[0], hours.at(-1)];
    const share = last === first ? 0.5 : (hour - first) / (last - first);
    return FRAME.left + share * (WIDTH - FRAME.left - FRAME.right);
  };
  const y = (value: number) =>
    FRAME.top + ((1 - value) / (1 - lowest || 1)) * (HEIGHT - FRAME.top - FRAME.bottom);
  const lines = SHOWN.map((ranking, index) => ({
    ranking,
    colour: COLOURS[index] ?? "#000000",
    points: timed
      .filter((row) => row.ranking === ranking)
      .toSorted((a, b) => a.sendHour - b.sendHour)
      .map(({ sendHour, ndcgAt10 }) => ({ x: x(sendHour), y: y(ndcgAt10) })),
  })).filter(({ points }) => points.length > 0);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="sans-serif" font-size="12">`,
    `<title>NDCG@10 by send hour</title><rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${FRAME.left}" y="24" font-size="15">NDCG@10 against the votes that papers came to, by send hour</text>`,
    ...gridLines(lowest, y),
    ...hours.map((hour) => text(x(hour), HEIGHT - 24, hourText(hour), "middle")),
    ...lines.map(lineOf),
    ...labelsOf(lines),
    "</svg>\n",
  ].join("\n");
}

interface Line {
  readonly ranking: string;
  readonly colour: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

function gridLines(lowest: number, y: (value: number) => number): string[] {
  const steps = Math.round((1 - lowest) * 10);
  return Array.from({ length: steps + 1 }, (_, index) => lowest + index / 10).flatMap((value) => [
    `<line x1="${FRAME.left}" x2="${WIDTH - FRAME.right}" y1="${at(y(value))}" y2="${at(y(value))}" stroke="#dddddd"/>`,
    text(FRAME.left - 8, y(value) + 4, value.toFixed(1), "end"),
  ]);
}

function lineOf({ colour, points }: Line): string {
  const path = points.map((point) => `${at(point.x)},${at(point.y)}`).join(" ");
  const dots = points.map(
    (point) => `<circle cx="${at(point.x)}" cy="${at(point.y)}" r="3" fill="${colour}"/>`,
  );
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join("")}`;
}

/** Names stand at the ends of their lines, pushed apart where lines end close together. */
function labelsOf(lines: readonly Line[]): string[] {
  let lowest = Number.NEGATIVE_INFINITY;
  const ends = lines.map((line) => ({ line, y: line.points.at(-1)?.y ?? 0 }));
  return ends
    .toSorted((a, b) => a.y - b.y)
    .map(({ line, y }) => {
      lowest = Math.max(y + 4, lowest + LABEL_HEIGHT);
      return `<text x="${WIDTH - FRAME.right + 10}" y="${at(lowest)}" fill="${line.colour}">${line.ranking}</text>`;
    });
}

function text(x: number, y: number, words: string, anchor: "middle" | "end"): string {
  return `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" fill="#444444">${words}</text>`;
}

function at(value: number): string {
  return value.toFixed(1);
}
