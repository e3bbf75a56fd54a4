import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { basename, extname } from "node:path";
import type { Command } from "commander";
import { CADENCES, type Cadence } from "../editions/period.ts";
import { PaperRoundError, reasonOf } from "../errors.ts";
import { pause } from "../io/pause.ts";
import { addressArgument, cadenceOption, withApp, withExamples } from "./context.ts";
import type { Subscriber } from "../subscribers/subscriber.ts";
import type { SubscriberList } from "../subscribers/subscriber-list.ts";
import { answer, answerJson, table, talk } from "./terminal.ts";

export function addSubscribers(program: Command): void {
  const group = program.command("subscribers").description("who is on the list");
  withExamples(group, [
    "paperround subscribers add reader@example.org",
    "paperround subscribers import readers.csv",
    "paperround subscribers list",
  ]);
  group
    .command("list")
    .description("show all subscribers with their state and consent")
    .option("--json", "print the result as JSON")
    .action(list);
  group
    .command("add")
    .description("put addresses on the list whose owners have asked you to")
    .argument("<email...>", "addresses")
    .option("--cadence <cadence>", "daily, weekly or monthly", cadenceOption, "daily")
    .option("--text-only", "send them the letter as plain text only")
    .action(add);
  group
    .command("import")
    .description("put the subscribers of a CSV or JSON file on the list, as confirmed")
    .argument("<file>", "a header row with `email`, and optionally `cadence` and `text_only`")
    .option("--json", "print the result as JSON")
    .action(importFile);
  group
    .command("export")
    .description("write all subscribers as CSV or JSON")
    .argument("[file]", "where to; standard output if left out")
    .option("--json", "write JSON instead of CSV (also chosen by a name that ends in .json)")
    .action(exportFile);
  group
    .command("remove")
    .description("end subscriptions; the addresses may be added again")
    .argument("<email...>", "addresses")
    .action(remove);
  group
    .command("erase")
    .description("forget people; only a salted hash stays, to keep them off the list")
    .argument("<email...>", "addresses")
    .action(erase);
}

/** How often, and how far apart, it is tried to take what was erased out of the file. */
const SCRUB_TRIES = 50;
const SCRUB_PAUSE_MS = 200;

async function list(options: { json?: boolean }): Promise<void> {
  await withApp(async ({ subscribers }) => {
    const everyone = await collect(subscribers);
    if (options.json) return answerJson(everyone);
    if (everyone.length === 0) {
      return talk("Nobody is subscribed. Add readers with `paperround subscribers add EMAIL`.");
    }
    const rows = everyone.map(({ address, state, cadence, consent }) => [
      address,
      state,
      cadence,
      `${consent.how} ${consent.at.slice(0, 10)}, ${consent.detail}`,
    ]);
    answer(table([["ADDRESS", "STATE", "CADENCE", "CONSENT"], ...rows]));
  });
}

async function add(
  emails: string[],
  options: { cadence: Cadence; textOnly?: boolean },
): Promise<void> {
  const addresses = emails.map(addressArgument);
  await withApp(async ({ subscribers }) => {
    const consent = {
      how: "added",
      detail: "on the command line",
      at: new Date().toISOString(),
    } as const;
    const outcomes = await subscribers.admit(
      addresses.map((address) => ({
        address,
        cadence: options.cadence,
        textOnly: options.textOnly ?? false,
        consent,
      })),
    );
    for (const [index, outcome] of outcomes.entries()) {
      answer(`${outcome} ${addresses[index]?.address}`);
    }
    const suppressed = addresses.filter((_, index) => outcomes[index] === "suppressed");
    if (suppressed.length > 0) {
      throw new PaperRoundError(
        "ADDRESS_SUPPRESSED",
        `${suppressed.map(({ address }) => address).join(", ")} must not be mailed and was not added.`,
      );
    }
  });
}

async function importFile(file: string, options: { json?: boolean }): Promise<void> {
  await withApp(async ({ subscribers }) => {
    // Reading CSV loads a parser that no other command needs.
    const { readSubscribers } = await import("../subscribers/exchange.ts");
    const now = new Date().toISOString();
    const read = readSubscribers(readFileOf(file), basename(file), CADENCES, now);
    const { admissions, bad, notConfirmed } = read;
    const outcomes = await subscribers.admit(admissions);
    const count = (outcome: string) => outcomes.filter((each) => each === outcome).length;
    const result = {
      added: count("added"),
      already: count("already"),
      suppressed: count("suppressed"),
      notConfirmed,
      refused: bad.length,
    };
    for (const { row, column, problem } of bad)
      talk(`${file}, row ${row}, column ${column}: ${problem}`);
    if (options.json) answerJson({ ...result, bad });
    else {
      answer(
        `${result.added} added, ${result.already} already on the list, ${result.suppressed} suppressed, ${result.refused} refused${notConfirmed > 0 ? `, ${notConfirmed} not confirmed and left as they are` : ""}`,
      );
    }
    if (bad.length > 0) process.exitCode = 1;
  });
}

async function exportFile(file: string | undefined, options: { json?: boolean }): Promise<void> {
  await withApp(async ({ subscribers }) => {
    const { writeCsv, writeJson } = await import("../subscribers/exchange.ts");
    const everyone = await collect(subscribers);
    const asJson = options.json ?? (file !== undefined && extname(file) === ".json");
    const text = asJson ? writeJson(everyone) : writeCsv(everyone);
    if (file === undefined) return void process.stdout.write(text);
    writeFileSync(file, text, { mode: 0o600 });
    // The mode above is for a new file; an old one may have been open to others.
    chmodSync(file, 0o600);
    talk(`${everyone.length} subscribers written to ${file}.`);
  });
}

async function remove(emails: string[]): Promise<void> {
  const addresses = emails.map(addressArgument);
  await withApp(async ({ subscribers }) => {
    const known: Subscriber[] = [];
    for (const address of addresses) {
      const subscriber = await subscribers.find(address);
      if (!subscriber) throw unknown(address.address);
      known.push(subscriber);
    }
    for (const { key, address } of known) {
      await subscribers.remove(key, new Date().toISOString());
      answer(`removed ${address}`);
    }
  });
}

async function erase(emails: string[]): Promise<void> {
  const addresses = emails.map(addressArgument);
  await withApp(async ({ subscribers, scrubOwed }) => {
    for (const address of addresses) {
      const { known } = await subscribers.erase(address, new Date().toISOString());
      answer(
        `erased ${address.address}${known ? "" : " (was not on the list; kept off it from now on)"}`,
      );
    }
    for (let tries = 0; tries < SCRUB_TRIES && !scrubOwed(); tries++) await pause(SCRUB_PAUSE_MS);
    if (!scrubOwed()) talk("Another program reads the database file; run this again once it ends.");
  });
}

async function collect(subscribers: SubscriberList): Promise<Subscriber[]> {
  return Array.fromAsync(subscribers.all());
}

function readFileOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new PaperRoundError("FILE_NOT_FOUND", `${file} can't be read: ${reasonOf(cause)}.`, {
      cause,
    });
  }
}

function unknown(address: string): PaperRoundError {
  return new PaperRoundError("SUBSCRIBER_UNKNOWN", `${address} is not on the list.`);
}
