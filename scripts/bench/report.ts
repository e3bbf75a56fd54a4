/** Turns what was measured into rows, ratios beside their goals, and a table. */
import type { Verdict } from "./judges.ts";
import type { Measured } from "./sender.ts";

/** What one round measured. Whatever is not installed is missing. */
export interface Round {
  readonly sent: Readonly<Partial<Record<string, Measured>>>;
  /** Letters for each connection and round trip. */
  readonly roundTrips: Readonly<Partial<Record<string, number>>>;
  readonly verdicts: Readonly<Partial<Record<string, Verdict>>>;
  /** Signatures a second. */
  readonly openssl: { readonly oneCore: number | null; readonly allCores: number | null };
}

/** The median of all rounds, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Row {
  readonly way: string;
  readonly title: string;
  readonly letters: number;
  readonly lettersPerSecond: Spread;
  readonly cpuMsPerLetter: Spread;
  readonly peakRssMb: Spread | null;
}

export interface Ratio {
  readonly name: string;
  /** "at least 50"; of what has no goal, "". */
  readonly goal: string;
  readonly value: Spread;
}

export interface Report {
  readonly about: Readonly<Record<string, string | number>>;
  readonly rows: readonly Row[];
  readonly ratios: readonly Ratio[];
  /** Letters that were judged, and signatures that passed. All did, or there is no report. */
  readonly judged: { readonly letters: number; readonly signatures: number };
  readonly opensslSignaturesPerSecond: Spread | null;
  readonly opensslSignaturesPerSecondOnAllCores: Spread | null;
  readonly missing: readonly string[];
}

const rate = (way: string) => (round: Round) => {
  const sent = round.sent[way];
  return sent && sent.letters / sent.seconds;
};
const cpuMs = (way: string) => (round: Round) => {
  const sent = round.sent[way];
  return sent && (sent.cpuSeconds * 1000) / sent.letters;
};
type Figure = (round: Round) => number | null | undefined;
const ratio = (one: Figure, other: Figure) => (round: Round) => {
  const [above, below] = [one(round), other(round)];
  return above && below ? above / below : null;
};
const rates = (one: string, other: string) => ratio(rate(one), rate(other));
const openssl: Figure = ({ openssl: { oneCore } }) => oneCore;
const opensslOnAll: Figure = ({ openssl: { allCores } }) => allCores;

/** Each compares what was measured in one round, so that what a machine does meanwhile matters less. */
const RATIOS: readonly (readonly [name: string, goal: string, figure: Figure])[] = [
  ["unsigned / MJML for every reader", "", rates("plain", "naive")],
  ["unsigned / nodemailer's pool", "at least 50", rates("plain", "pool")],
  ["  its CPU: nodemailer's pool / unsigned", "at least 60", ratio(cpuMs("pool"), cpuMs("plain"))],
  ["unsigned / smtp-source", "at least 1", rates("plain", "smtpSource")],
  ["  CPU: unsigned / smtp-source", "at most 1.2", ratio(cpuMs("plain"), cpuMs("smtpSource"))],
  ["safe from a kill / without the ledger", "at least 0.8", rates("ledgerNormal", "plain")],
  ["on the disk / without the ledger", "at least 0.6", rates("ledger", "plain")],
  ["signed on one thread / nodemailer signed", "at least 12", rates("signedAlone", "poolSigned")],
  ["signed in the pool / nodemailer signed", "at least 18", rates("signed", "poolSigned")],
  [
    "signed on one thread / openssl on one core",
    "at least 0.55",
    ratio(rate("signedAlone"), openssl),
  ],
  ["signed in the pool / openssl on all cores", "", ratio(rate("signed"), opensslOnAll)],
  ["letters a round trip: nodemailer's pool", "", ({ roundTrips }) => roundTrips["farPool"]],
  ["letters a round trip: ours", "at least 0.9", ({ roundTrips }) => roundTrips["far"]],
  [
    "letters a round trip: ours in chunks",
    "at least 3.3",
    ({ roundTrips }) => roundTrips["farChunks"],
  ],
  [
    "bytes on the wire / of HTML and text",
    "at most 1.12",
    ({ verdicts }) => verdicts["plain"]?.wireRatio,
  ],
];

export function reportOf(
  rounds: readonly Round[],
  titles: Readonly<Record<string, string>>,
  about: Report["about"],
): Report {
  const verdicts = rounds.flatMap((round) => Object.values(round.verdicts));
  const total = (of: "letters" | "signatures") =>
    verdicts.reduce((sum, verdict) => sum + (verdict?.[of] ?? 0), 0);
  const ofEach = (figure: Figure) => spreadOf(rounds.map(figure));
  const signatures = ofEach(openssl);
  const rows = Object.entries(titles).flatMap(([way, title]): Row[] => {
    const lettersPerSecond = ofEach(rate(way));
    const cpuMsPerLetter = ofEach(cpuMs(way));
    if (!lettersPerSecond || !cpuMsPerLetter) return [];
    const letters = rounds[0]?.sent[way]?.letters ?? 0;
    const peakRssMb = ofEach((round) => round.sent[way]?.peakRssMb);
    return [{ way, title, letters, lettersPerSecond, cpuMsPerLetter, peakRssMb }];
  });
  return {
    about,
    rows,
    ratios: RATIOS.flatMap(([name, goal, figure]) => {
      const value = ofEach(figure);
      return value ? [{ name, goal, value }] : [];
    }),
    judged: { letters: total("letters"), signatures: total("signatures") },
    opensslSignaturesPerSecond: signatures,
    opensslSignaturesPerSecondOnAllCores: ofEach(opensslOnAll),
    missing: [
      ...(rows.some(({ way }) => way === "smtpSource") ? [] : ["smtp-source (Debian: postfix)"]),
      ...(signatures ? [] : ["openssl"]),
    ],
  };
}

/** Returns null where nothing was measured. */
function spreadOf(values: readonly (number | null | undefined)[]): Spread | null {
  const sorted = values
    .filter((value) => Number.isFinite(value))
    .toSorted((a, b) => Number(a) - Number(b));
  const [median, min, max] = [sorted[Math.floor(sorted.length / 2)], sorted[0], sorted.at(-1)];
  return median && min && max
    ? { median: rounded(median), min: rounded(min), max: rounded(max) }
    : null;
}

/** To three digits that count, since no more can be relied on. */
function rounded(value: number): number {
  return value >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}

export function tableOf({
  about,
  rows,
  ratios,
  judged,
  opensslSignaturesPerSecond,
  opensslSignaturesPerSecondOnAllCores,
  missing,
}: Report): string {
  const lines = [
    Object.entries(about)
      .map(([name, value]) => `${name}: ${value}`)
      .join("\n"),
    "",
  ];
  lines.push(line("", "letters", "letters a second", "CPU ms each", "peak MB"));
  for (const { title, letters, lettersPerSecond, cpuMsPerLetter, peakRssMb } of rows) {
    const memory = peakRssMb ? String(Math.round(peakRssMb.median)) : "";
    lines.push(
      line(title, `${letters}`, shown(lettersPerSecond), `${cpuMsPerLetter.median}`, memory),
    );
  }
  for (const [title, signatures] of [
    ["openssl's signatures, one core", opensslSignaturesPerSecond],
    ["openssl's signatures, all cores", opensslSignaturesPerSecondOnAllCores],
  ] as const) {
    if (signatures) lines.push(line(title, "", shown(signatures), "", ""));
  }
  lines.push("");
  for (const { name, goal, value } of ratios) {
    lines.push(`${name.padEnd(44)} ${shown(value).padStart(24)}   ${goal}`);
  }
  lines.push(
    "",
    `${judged.letters} letters were judged, ${judged.signatures} signatures: all good.`,
  );
  if (missing.length > 0) lines.push(`Not measured, since not installed: ${missing.join(", ")}.`);
  return `${lines.join("\n")}\n`;
}

function line(title: string, letters: string, rate: string, cpu: string, memory: string): string {
  return [
    title.padEnd(36),
    letters.padStart(8),
    rate.padStart(24),
    cpu.padStart(12),
    memory.padStart(8),
  ].join(" ");
}

function shown({ median, min, max }: Spread): string {
  return `${median} (${min} to ${max})`;
}
