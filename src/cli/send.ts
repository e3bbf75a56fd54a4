import type { Command } from "commander";
import { leadEntries, type Draft } from "../editions/edition.ts";
import { periodTitle, type Cadence } from "../editions/period.ts";
import { PaperRoundError } from "../errors.ts";
import { counted, grouped } from "../io/plural.ts";
import { owedOf, type DeliveryCounts, type EditionName } from "../mail/delivery.ts";
import type { Finding } from "../mail/checks/finding.ts";
import { lettersHeld, type HeldBack } from "../mail/desk.ts";
import type { PreflightOptions } from "../mail/preflight.ts";
import type { Newsletter, SendReport } from "../newsletter.ts";
import type { Address } from "../subscribers/address.ts";
import { addressArgument, cadenceOption, dateOption, withApp, withExamples } from "./context.ts";
import { sayFindings, supportText } from "./findings.ts";
import { heldJson, heldText, sendCommand } from "./held.ts";
import {
  answer,
  answerJson,
  confirm,
  startProgress,
  type Progress,
  talk,
  talkFault,
  untilInterrupted,
} from "./terminal.ts";
import { perSpan, waitText } from "./waiting.ts";

interface Options {
  date?: string;
  cadence: Cadence;
  to?: string[];
  dryRun?: boolean;
  wait?: boolean;
  yes?: boolean;
  force?: boolean;
  json?: boolean;
}

export function addSend(program: Command): void {
  const command = program
    .command("send")
    .description(
      "send an edition to the list, or one letter to the addresses given; safe to run again",
    )
    .option(
      "--date <date>",
      "the edition of this day, or of the week or month that holds it; today if left out, with --to the newest day with papers",
      dateOption,
    )
    .option("--cadence <cadence>", "daily, weekly or monthly", cadenceOption, "daily")
    .option("--to <email...>", "one letter to each of these; they need not be subscribed")
    .option(
      "--wait",
      "stay until everything owed is settled or held back: wait for deferred letters, for limits an hour or a day, and for a mail server that is out of reach",
    )
    .option("--dry-run", "say what would be sent to how many, and send nothing")
    .option(
      "--yes",
      "don't ask on a terminal before sending to the list; elsewhere nothing is asked",
    )
    .option("--force", "send the letter in spite of errors that the checks find in it")
    .option("--json", "print the result as JSON")
    .action(send);
  withExamples(command, [
    "paperround send --to me@example.org",
    "paperround send --dry-run",
    "paperround send --date 2026-04-15 --yes",
    "paperround send --wait",
  ]);
}

async function send(options: Options): Promise<void> {
  await withApp(async ({ newsletter, subscribers }) => {
    if (options.to) {
      // Somebody who tries a letter wants to see one, whatever day it is of.
      const { newestDay } = await import("../web/preview/letters.ts");
      const newest = options.date ?? (await newestDay(newsletter, options.cadence));
      return sendToAddresses(newsletter, newest, options);
    }
    const date = options.date ?? newsletter.today();
    const readers = await subscribers.countRecipients(options.cadence, newsletter.today());
    if (options.dryRun) {
      const draft = await newsletter.edition(options.cadence, date);
      await dryRun(newsletter, draft, readers, options);
      return sayWhatIsMissing(newsletter);
    }
    const question = `Send the ${options.cadence} edition of ${date} to up to ${counted(readers, "reader")}?`;
    const asks = readers > 0 && !options.yes;
    if (asks && !(await confirm(question))) return talk("Nothing was sent.");
    await sendToList(newsletter, date, options);
  });
}

async function sendToAddresses(
  newsletter: Newsletter,
  date: string,
  options: Options,
): Promise<void> {
  const named = (options.to ?? []).map(addressArgument);
  const addresses: Address[] = [...new Map(named.map((each) => [each.key, each])).values()];
  const draft = await newsletter.edition(options.cadence, date);
  if (options.dryRun) {
    await dryRun(
      newsletter,
      draft,
      addresses.map(({ address }) => address),
      options,
    );
    return;
  }
  const findings: Finding[] = [];
  const results = await newsletter.sendTo(draft, addresses, heeding(options, findings));
  if (options.json) {
    answerJson({ edition: editionJson(draft), results: results.map(resultJson), findings });
  } else {
    for (const { address, outcome } of results) {
      // That no connection came about is said once, below.
      if (outcome.state === "untried") continue;
      const reply = "reply" in outcome ? `: ${outcome.reply.text}` : "";
      answer(`${outcome.state} ${address.address}${reply}`);
    }
  }
  const fault = results.map(({ outcome }) => "fault" in outcome && outcome.fault).find(Boolean);
  if (fault) talkFault(fault, false);
  const accepted = results.filter(({ outcome }) => outcome.state === "accepted").length;
  if (results.some(({ outcome }) => outcome.state === "deferred")) {
    talk(
      "Single letters are not in the outbox: what was deferred has to be sent once more, later.",
    );
  }
  if (accepted < results.length) process.exitCode = accepted > 0 ? 4 : 1;
}

/** Returns options that say and keep what the checks find. */
function heeding({ force }: Options, findings: Finding[]): PreflightOptions {
  return {
    force,
    onFindings: (found) => {
      findings.push(...found);
      const errors = found.filter(({ level }) => level === "error").length;
      // A single error is told as the reason why nothing is sent.
      sayFindings(found, force || errors > 1 ? ["error", "warning"] : ["warning"]);
    },
  };
}

function resultJson({ address, outcome }: Awaited<ReturnType<Newsletter["sendTo"]>>[number]) {
  return {
    address: address.address,
    state: outcome.state,
    reply: "reply" in outcome ? outcome.reply.text : null,
  };
}

/** Says what would go out, and to whom: to the addresses named, or to that many readers. */
async function dryRun(
  newsletter: Newsletter,
  draft: Draft,
  to: number | readonly string[],
  options: Options,
): Promise<void> {
  if (leadEntries(draft).length === 0) {
    throw new PaperRoundError("NOTHING_TO_SEND", await newsletter.whyEmpty(draft));
  }
  const { subject, html, text } = await newsletter.set(draft);
  const readers = typeof to === "number" ? to : to.length;
  const findings = await newsletter.preflight(draft, typeof to === "number" ? "list" : "single");
  const { clientSupport } = await import("../mail/client-support.ts");
  const support = await clientSupport(html);
  // As the real thing would.
  const isRefused = !options.force && findings.some(({ level }) => level === "error");
  if (isRefused) process.exitCode = 1;
  if (options.json) {
    const edition = editionJson(draft);
    const wouldSend = !isRefused;
    return answerJson({ edition, dryRun: true, wouldSend, subject, readers, findings, support });
  }
  const whom =
    typeof to === "number"
      ? `${to > 0 ? "up to " : ""}${counted(to, "confirmed reader")}${to > 0 ? "; whoever has it already gets nothing" : ""}`
      : `to ${to.join(", ")}`;
  answer(
    [
      `Would ${isRefused ? "not send" : "send"} ${periodTitle(draft.cadence, draft.period)}: "${subject}"`,
      `  ${counted(leadEntries(draft).length, "paper")} of ${counted(draft.candidates, "candidate")}`,
      `  ${whom}`,
      `  ${kilobytes(html)} KB of HTML, ${kilobytes(text)} KB of text`,
      ...(support ? [supportText(support)] : []),
      ...findings.map(({ level, message }) => `  ${level}: ${message}`),
    ].join("\n"),
  );
}

function kilobytes(text: string): number {
  return Math.round(Buffer.byteLength(text) / 1024);
}

/** What would keep the real thing from leaving is worth knowing at a dry run. */
function sayWhatIsMissing(newsletter: Newsletter): void {
  try {
    newsletter.checkListLetter();
  } catch (fault) {
    if (!(fault instanceof PaperRoundError)) throw fault;
    talkFault(fault, false);
  }
}

async function sendToList(newsletter: Newsletter, date: string, options: Options): Promise<void> {
  const started = performance.now();
  const signal = untilInterrupted();
  let progress: Progress | null = null;
  /** What was said to be waited for: once is enough. */
  const said = new Set<string>();
  const findings: Finding[] = [];
  const report = await newsletter
    .send(options.cadence, date, {
      signal,
      wait: options.wait,
      ...heeding(options, findings),
      onAddressed: (owed) => {
        progress = startProgress("settled", owed);
      },
      // A deferred letter is still owed.
      onSettled: (state) => state !== "deferred" && progress?.step(),
      onWaiting: (wait) => {
        const why = waitText(wait);
        if (said.has(why)) return;
        said.add(why);
        (progress?.say ?? talk)(why);
      },
    })
    .finally(() => progress?.done());
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  if (options.json) answerJson({ ...sendJson(report, seconds), findings });
  else answer(summary(report, seconds));
  sayWhatIsLeft(report, signal.aborted);
  process.exitCode = exitCodeOf(report);
}

function editionJson(draft: SendReport["edition"]) {
  return { cadence: draft.cadence, period: draft.period, entries: leadEntries(draft).length };
}

function sendJson({ edition, addressed, counts, delivery, held }: SendReport, seconds: number) {
  const { accepted, deferred, rejected, uncertain, suppressed, cancelled, expired } = counts;
  return {
    edition: editionJson(edition),
    recipients: addressed.recipients,
    excluded: sum(addressed.excluded),
    accepted,
    acceptedNow: delivery.settled.accepted ?? 0,
    deferred,
    rejected,
    uncertain,
    suppressed,
    cancelled,
    expired,
    owed: owedOf(counts),
    held: held.map(heldJson),
    seconds,
  };
}

function summary({ edition, addressed, counts, delivery }: SendReport, seconds: number): string {
  const excluded = excludedText({ addressed });
  const states = (
    ["accepted", "deferred", "rejected", "uncertain", "suppressed", "cancelled", "expired"] as const
  )
    .filter((state) => state === "accepted" || counts[state] > 0)
    .map((state) => `${grouped(counts[state])} ${state}`);
  return [
    `${periodTitle(edition.cadence, edition.period)}: ${counted(addressed.recipients, "recipient")}, ${states.join(", ")}`,
    delivery.settled.accepted
      ? `  ${grouped(delivery.settled.accepted)} accepted by this run in ${seconds} s`
      : `  ${owedOf(counts) > 0 ? "nothing could be sent by this run" : "nothing was left for this run to send"}`,
    ...(excluded ? [`  excluded: ${excluded}`] : []),
  ].join("\n");
}

function excludedText({ addressed }: Pick<SendReport, "addressed">): string {
  return Object.entries(addressed.excluded)
    .filter(([, count]) => count > 0)
    .map(([why, count]) => `${grouped(count)} ${why}`)
    .join(", ");
}

/** Says what a reader of the summary would want to know next. */
function sayWhatIsLeft(
  { edition, counts, delivery, held, recovered }: SendReport,
  aborted: boolean,
): void {
  if (recovered.uncertain > 0) {
    talk(
      `An earlier run ended in the middle: ${recovered.uncertain} of its letters may or may not have arrived. They are not sent again; see \`paperround outbox list\`.`,
    );
  }
  if (delivery.fault) talkFault(delivery.fault, false);
  if (delivery.spent) {
    talk(`The limit of letters ${perSpan(delivery.spent)} (smtp.limits) is reached.`);
  }
  for (const each of held) talk(heldText(each));
  if (aborted) talk(`Stopped. What was on its way is settled.`);
  if (owedOf(counts) > 0) talk(owedText(edition, counts, held));
}

/** Says what is still owed, and how it gets on its way: not by a send of what is held or not due yet. */
function owedText(edition: EditionName, counts: DeliveryCounts, held: readonly HeldBack[]): string {
  const owed = owedOf(counts);
  const kept = Math.min(owed, lettersHeld(held));
  const later = Math.min(counts.deferred, owed - kept);
  const parts = [
    kept > 0 && `${grouped(kept)} held back`,
    later > 0 && `${grouped(later)} deferred`,
  ].filter((part) => part !== false);
  const told = `Still owed: ${counted(owed, "letter")}${parts.length > 0 ? `, of them ${parts.join(" and ")}` : ""}.`;
  if (owed === kept) return told;
  const go = owed === kept + later ? "To go on as they come due" : "To go on";
  return `${told} ${go}: ${sendCommand(edition)}${owed === kept + later ? " --wait" : ""}`;
}

function exitCodeOf({ counts, delivery }: SendReport): number {
  if (delivery.fault && counts.accepted === 0) return delivery.fault.exit;
  const open = owedOf(counts) + counts.uncertain;
  const failed = counts.rejected + counts.expired;
  if (open + failed === 0) return 0;
  // With nothing accepted and nothing that may still be, it has failed and not in part.
  return counts.accepted + open === 0 ? 1 : 4;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
