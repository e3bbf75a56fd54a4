/**
 * Homes to send from: the sample edition, published, its letter padded to the length that the ways
 * are compared at, and as many readers as are asked for.
 */
import { generateKeyPairSync } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { assemble, PACKAGE_DIR, type App } from "../../src/assemble.ts";
import { readConfig, type Config } from "../../src/config.ts";
import { isPublished, type Edition } from "../../src/editions/edition.ts";
import { isAddress, parseAddress } from "../../src/subscribers/address.ts";
import type { Subscriber } from "../../src/subscribers/subscriber.ts";

export const DAY = "2026-04-15";
export const CONNECTIONS = 10;
export const SENDER = { name: "Paper Round", address: "letters@papers.example.org" };
export const DKIM = { selector: "bench", domain: "papers.example.org", keyFile: "dkim.pem" };
/** Readers of letters that are sent before time is taken. */
export const WARM_UP = 200;

export const SAMPLE = fileURLToPath(new URL("../../data/sample.jsonl", import.meta.url));
const CONSENT = { how: "added", detail: "bench", at: "2026-04-01T00:00:00.000Z" } as const;
/** Paragraphs of filling: with them a letter has about 72 KB on the wire. */
const FILLING = 38;
const DOMAINS = 20;
/** Sampled readers come thick at first and then ever rarer, so that few letters and many have some. */
const SAMPLE_GROWTH = 1.25;
const BATCH = 5000;

/** Makes a home with readers, of whom all behind the first few wait to be confirmed. */
export async function makeHome(readers: number): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), "paperround-bench-"));
  const newsletter = { from: SENDER.address, publicUrl: "https://papers.example.org" };
  const settings = { newsletter, smtp: { connections: CONNECTIONS } };
  // JSON is YAML as well.
  writeFileSync(join(home, "paperround.yaml"), JSON.stringify(settings));
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(join(home, DKIM.keyFile), privateKey.export({ type: "pkcs8", format: "pem" }));
  padTemplates(join(home, "templates"));
  const app = await assemble(readConfig(home, {}));
  try {
    await app.newsletter.gather([app.files([SAMPLE], null)], () => {});
    await app.newsletter.publish("daily", DAY);
    await addReaders(app, WARM_UP + readers);
  } finally {
    await app.close();
  }
  onPeople(home, `update subscribers set state = 'pending' where key > ${WARM_UP}`);
  return home;
}

/** Lets so many of those who wait be confirmed. */
export function confirmReaders(home: string, readers: number): void {
  onPeople(home, `update subscribers set state = 'confirmed' where key <= ${WARM_UP + readers}`);
}

/** Whether a reader is one of those whose letters are counted. */
export function isCounted({ key, state }: Subscriber): boolean {
  return key > WARM_UP && state === "confirmed";
}

/** Copies a home, so that each way begins with the same. */
export function copyHome(home: string): string {
  const copy = mkdtempSync(join(tmpdir(), "paperround-bench-"));
  cpSync(home, copy, { recursive: true });
  return copy;
}

export function removeHome(home: string): void {
  rmSync(home, { recursive: true, force: true });
}

export function homeConfig(home: string, port: number): Config {
  return readConfig(home, { SMTP_URL: `smtp://127.0.0.1:${port}` });
}

/** Returns the edition that every way sends. */
export async function theEdition({ newsletter }: App): Promise<Edition> {
  const edition = await newsletter.edition("daily", DAY);
  if (!isPublished(edition)) throw new Error("The sample edition is not published.");
  return edition;
}

async function addReaders({ subscribers }: App, count: number): Promise<void> {
  const sampled = new Set<number>();
  for (
    let index = WARM_UP;
    index < count;
    index += Math.ceil((index - WARM_UP) * (SAMPLE_GROWTH - 1)) || 1
  )
    sampled.add(index);
  for (let from = 0; from < count; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) => from + index);
    const addresses = batch.map((index) =>
      parseAddress(
        `${sampled.has(index) ? "sample" : "reader"}.${index}@mail${index % DOMAINS}.example.org`,
      ),
    );
    await subscribers.admit(
      addresses
        .filter(isAddress)
        .map((address) => ({ address, cadence: "daily", textOnly: false, consent: CONSENT })),
    );
  }
}

/** Speaks to the list past the program, which has no business doing these things at once to many. */
function onPeople(home: string, statement: string): void {
  const people = new DatabaseSync(join(home, "subscribers", "subscribers.sqlite"));
  people.exec(statement);
  people.close();
}

/** Writes templates with paragraphs of filling in front of the footer. */
function padTemplates(folder: string): void {
  const paragraphs = Array.from({ length: FILLING }, (_, index) => fillingOf(index));
  const html = paragraphs.map(
    (text) => `<p class="s" dir="auto" style="margin:12px 0 0">${text}</p>\n`,
  );
  const section = `    <mj-section padding="0"><mj-column><mj-text css-class="g">\n${html.join("")}</mj-text></mj-column></mj-section>\n`;
  mkdirSync(folder);
  for (const [name, before, filling] of [
    ["letter.mjml.hbs", "    <mj-section", section],
    [
      "letter.text.hbs",
      "\n-----",
      `\n${paragraphs.map((text) => `{{wrap "${text}" 0}}\n`).join("\n")}`,
    ],
  ] as const) {
    const template = readFileSync(join(PACKAGE_DIR, "templates", name), "utf8");
    const at = template.lastIndexOf(before);
    writeFileSync(join(folder, name), template.slice(0, at) + filling + template.slice(at));
  }
}

function fillingOf(index: number): string {
  const sentences = [
    `Note ${index + 1} fills the letter up to the length that all ways are compared at.`,
    "It says nothing of any paper, but it has words and stops as prose has them.",
    `A round of ${index * 7 + 3} letters takes it along without a word, as letters do.`,
    index % 4 === 0 ? "Now and then a name has an accent: Zoë, Müller, Łukasz." : "That is all.",
  ];
  return sentences.join(" ");
}
