/** `outbox pause`, `resume` and `cancel`: what an operator does about a send, also one that runs. */
import { InvalidArgumentError, type Command } from "commander";
import type { App } from "../assemble.ts";
import { periodOf, periodTitle, type Cadence } from "../editions/period.ts";
import { PaperRoundError } from "../errors.ts";
import { counted } from "../io/plural.ts";
import type { EditionName } from "../mail/delivery.ts";
import type { HeldBack } from "../mail/desk.ts";
import type { Held } from "../mail/holds.ts";
import { isAddress, parseAddress } from "../subscribers/address.ts";
import { cadenceOption, dateOption, withApp, withExamples } from "./context.ts";
import { editionOptions, heldJson, resumeCommand, sendCommand, whatIsHeld } from "./held.ts";
import { answer, answerJson, confirm, minuteOf, talk } from "./terminal.ts";

interface What {
  date?: string;
  cadence?: Cadence;
  domain?: string;
  yes?: boolean;
  json?: boolean;
}

/** Adds the verbs to the group of commands about the outbox. */
export function addHolding(group: Command): void {
  const pausing = withWhat(group.command("pause"))
    .description("hold back an edition or a domain's letters, also in a send that is running")
    .action(pause);
  withExamples(pausing, [
    "paperround outbox pause --date 2026-04-15",
    "paperround outbox pause --domain example.org",
  ]);
  const resuming = withWhat(group.command("resume"))
    .description("let go on what was paused, or held back because a provider kept refusing it")
    .action(resume);
  withExamples(resuming, [
    "paperround outbox resume --date 2026-04-15",
    "paperround outbox resume --domain example.org",
  ]);
  const cancelling = withEdition(group.command("cancel"))
    .description("call off the letters of an edition that are still due or deferred")
    .option("--yes", "don't ask on a terminal; elsewhere nothing is asked")
    .option("--json", "print the result as JSON")
    .action(cancel);
  withExamples(cancelling, [
    "paperround outbox cancel --date 2026-04-15",
    "paperround outbox cancel --date 2026-04-15 --cadence weekly --yes",
  ]);
}

function withEdition(command: Command): Command {
  return command
    .option("--date <date>", "the edition of this day", dateOption)
    .option(
      "--cadence <cadence>",
      "the weekly or monthly edition that holds the day; daily if left out",
      cadenceOption,
    );
}

function withWhat(command: Command): Command {
  return withEdition(command)
    .option(
      "--domain <domain>",
      "letters to this domain, and to the others of its provider",
      domainOption,
    )
    .option("--json", "print the result as JSON");
}

function domainOption(text: string): string {
  // What can stand behind the @ of an address, written as addresses are kept.
  const parsed = parseAddress(`reader@${text}`);
  if (!isAddress(parsed)) throw new InvalidArgumentError("Write one domain such as example.org.");
  return parsed.key.slice(parsed.key.lastIndexOf("@") + 1);
}

function editionOf({ date, cadence = "daily" }: What): EditionName {
  if (date === undefined) throw new PaperRoundError("USAGE", "Name an edition by its --date.");
  return { cadence, period: periodOf(cadence, date) };
}

function whatOf(options: What): Held {
  const { date, cadence, domain } = options;
  if (domain !== undefined && date === undefined && cadence === undefined) {
    return { kind: "domain", domain };
  }
  if (domain !== undefined || date === undefined) {
    throw new PaperRoundError("USAGE", "Name an edition by its --date, or a --domain.");
  }
  return { kind: "edition", edition: editionOf(options) };
}

async function pause(options: What): Promise<void> {
  const what = whatOf(options);
  await withApp(async (app) => {
    const held = await app.newsletter.pause(what);
    if (options.json) return answerJson({ ...heldJson(held), isNew: held.isNew });
    const before = held.isNew ? "" : ` since ${minuteOf(held.hold.since)} UTC (${held.hold.why})`;
    answer(`held back${before}: ${whatIsHeld(held)}, ${counted(held.letters, "letter")} owed`);
    if (held.letters === 0) talk(await whyNone(app, held));
    else talk("A send that is running finishes what is on its way and passes over the rest.");
    talk(`To go on: ${resumeCommand(what)}`);
  });
}

/** Says why a hold keeps nothing back, which may be a slip of the hand. */
async function whyNone({ newsletter, subscribers }: App, { hold, domains }: HeldBack) {
  if (hold.kind === "edition") {
    const { cadence, period } = hold.edition;
    return (await newsletter.find(cadence, period))
      ? "Nothing of it is owed."
      : "It has not been published yet; once it is, its letters wait.";
  }
  return (await subscribers.hasDomain(domains))
    ? "Nothing is owed to it now; letters of coming editions wait."
    : `Nobody on the list has a mailbox at ${domains.join(" or ")}.`;
}

async function resume(options: What): Promise<void> {
  const what = whatOf(options);
  await withApp(async ({ newsletter }) => {
    const lifted = await newsletter.resume(what);
    if (options.json) return answerJson({ resumed: lifted.map(heldJson) });
    if (lifted.length === 0) {
      const named = what.kind === "edition" ? "of that edition" : `to ${what.domain}`;
      return talk(`Letters ${named} were not held back.`);
    }
    for (const held of lifted) {
      answer(`goes on: ${whatIsHeld(held)}, ${counted(held.letters, "letter")} owed`);
    }
    sayHowToGoOn(lifted);
  });
}

/** A send goes on by itself while it runs; else it has to be started. */
function sayHowToGoOn(lifted: readonly HeldBack[]): void {
  const editions = lifted.flatMap((held) => held.editions);
  if (editions.length === 0) return;
  talk("A send that is running or `paperround serve` goes on by itself. Otherwise:");
  for (const command of new Set(editions.map(sendCommand))) talk(`  ${command}`);
}

async function cancel(options: What): Promise<void> {
  const edition = editionOf(options);
  const title = periodTitle(edition.cadence, edition.period);
  await withApp(async ({ newsletter }) => {
    const { due, deferred } = await newsletter.counts(edition);
    const question = `Cancel ${counted(due + deferred, "letter")} of ${title} for good?`;
    const asks = due + deferred > 0 && !options.yes;
    if (asks && !(await confirm(question))) return talk("Nothing was cancelled.");
    const { cancelled, underWay, uncertain } = await newsletter.cancel(edition);
    if (options.json) answerJson({ ...edition, cancelled, underWay, uncertain });
    else answer(`${counted(cancelled, "letter")} of ${title} cancelled`);
    if (!(await newsletter.find(edition.cadence, edition.period))) {
      talk("It has not been published.");
    }
    if (underWay > 0) {
      talk(
        `${counted(underWay, "letter")} can't be recalled: a send that is running has claimed them. To stop what has not left: paperround outbox pause ${editionOptions(edition)}, then cancel again.`,
      );
    }
    if (uncertain > 0) {
      talk(
        `An earlier run ended in the middle: ${uncertain} of its letters may or may not have arrived; see \`paperround outbox list\`.`,
      );
    }
    if (cancelled > 0) {
      talk(
        `To bring them back: paperround outbox retry --state cancelled ${editionOptions(edition)} --all`,
      );
    }
  });
}
