import type { Command } from "commander";
import type { App } from "../assemble.ts";
import type { Config } from "../config.ts";
import { periodTitle } from "../editions/period.ts";
import { counted, grouped } from "../io/plural.ts";
import type { StatusReport } from "../newsletter.ts";
import type { SourceHealth } from "../papers/gather-log.ts";
import type { Spending } from "../papers/summaries/writer.ts";
import { withApp, withExamples } from "./context.ts";
import { heldJson, resumeCommand, whatIsHeld } from "./held.ts";
import { answer, answerJson, minuteOf, strong } from "./terminal.ts";

export function addStatus(program: Command): void {
  const command = program
    .command("status")
    .description("what happened and what is next")
    .option("--json", "print the result as JSON")
    .action(status);
  withExamples(command, ["paperround status", "paperround status --json"]);
}

/** Editions with letters still owed that are named one by one. */
const EDITIONS_NAMED = 3;

async function status(options: { json?: boolean }): Promise<void> {
  await withApp(async ({ newsletter, dkimRecords }, config) => {
    const report = await newsletter.status();
    if (options.json) answerJson({ ...statusJson(report, config), dkimRecords });
    else answer(describe(report, config, dkimRecords));
  });
}

function statusJson(
  {
    papers,
    subscribers,
    latest,
    owed,
    held,
    attention,
    summaries,
    sources,
    lastRound,
    nextDue,
  }: StatusReport,
  { home, smtpUrl }: Config,
) {
  return {
    home,
    papers,
    subscribers,
    latest: latest && {
      cadence: latest.heading.cadence,
      period: latest.heading.period,
      number: latest.heading.number,
      publishedAt: latest.heading.publishedAt,
      entries: latest.heading.leads,
      deliveries: latest.deliveries,
    },
    owed: lettersIn(owed),
    owedByEdition: owed,
    held: held.map(heldJson),
    attention: attention.map(({ address, cadence, period, state, reply, at, messageId }) => ({
      address,
      cadence,
      period,
      state,
      reply,
      at,
      messageId,
    })),
    summaries,
    sources,
    lastRound,
    // Without a mail server the schedule rests.
    nextDue: smtpUrl ? nextDue.toISOString() : null,
  };
}

type Owed = StatusReport["owed"];

function lettersIn(owed: Owed): number {
  return owed.reduce((sum, { letters }) => sum + letters, 0);
}

/** Returns "12 letters: 10 of 2026-04-15, 2 of 2026-W16". */
function owedLine(owed: Owed): string {
  const named = owed.slice(0, EDITIONS_NAMED);
  const more = owed.length - named.length;
  const parts = named.map(({ period, letters }) => `${grouped(letters)} of ${period}`);
  if (more > 0) parts.push(`the rest of ${counted(more, "older edition")}`);
  const total = counted(lettersIn(owed), "letter");
  return parts.length > 0 ? `${total}: ${parts.join(", ")}` : total;
}

function sourceLine({ source, at, okAt, sightings, refused, fault, note }: SourceHealth): string {
  const told = `${counted(sightings, "paper")}${refused > 0 ? `, ${grouped(refused)} refused` : ""}`;
  if (fault === null) return `${source}, ${minuteOf(at)} UTC: ${told}${note ? `. ${note}` : ""}`;
  const well = okAt === null ? "it never went well" : `it last went well ${minuteOf(okAt)} UTC`;
  return `${source}, ${minuteOf(at)} UTC: in trouble; ${well}. ${fault}`;
}

function summariesLine({ model, requests, tokens, failures, lastFailure }: Spending): string {
  const asked = `${model} was asked ${counted(requests, "time")} today (${counted(tokens, "token")})`;
  return lastFailure
    ? `${asked}; ${counted(failures, "failure")}, the last: ${lastFailure}`
    : asked;
}

function describe(
  report: StatusReport,
  { home, file, smtpUrl }: Config,
  dkimRecords: App["dkimRecords"],
): string {
  const server = smtpUrl?.host;
  const { papers, subscribers, latest, owed, held, attention, lastRound, nextDue } = report;
  const lines = [
    `Home          ${home}${file ? "" : " (without paperround.yaml: defaults hold)"}`,
    `Papers        ${grouped(papers.count)}${papers.newestDay ? `, the newest of ${papers.newestDay}` : ": none gathered yet"}`,
    `Subscribers   ${grouped(subscribers.confirmed)} confirmed, ${grouped(subscribers.pending)} pending, ${grouped(subscribers.unsubscribed)} unsubscribed`,
    `Mail server   ${server ?? "none: set SMTP_URL"}`,
    `Last round    ${lastRound ? `${lastRound.period} ${lastRound.outcome}: ${lastRound.reason}` : "none yet"}`,
    `Next round    ${server ? `${minuteOf(nextDue.toISOString())} UTC, while \`paperround serve\` runs` : "none while SMTP_URL is not set"}`,
    `Owed          ${owedLine(owed)}`,
  ];
  for (const health of report.sources) lines.push(`Source        ${sourceLine(health)}`);
  if (report.summaries) lines.push(`Summaries     ${summariesLine(report.summaries)}`);
  for (const each of held) {
    const { hold, letters } = each;
    const since = minuteOf(hold.since);
    lines.push(
      `Held back     ${whatIsHeld(each)}, ${counted(letters, "letter")} owed, since ${since} UTC: ${hold.why}`,
      `              to go on: ${resumeCommand(hold)}`,
    );
  }
  for (const { name, value } of dkimRecords) {
    // A string of a TXT record holds 255 octets (RFC 1035 section 3.3).
    const strings = (value.match(/.{1,255}/g) ?? []).map((part) => `"${part}"`).join(" ");
    lines.push(`Signing       the DNS must hold ${name} TXT ${strings}`);
  }
  for (const { address, period, state, reply, messageId } of attention) {
    lines.push(
      `${state.padEnd(13)} ${address ?? "(erased)"}, ${period}${reply ? `: ${reply}` : ""}`,
    );
    lines.push(`              Message-ID ${messageId}`);
  }
  if (!latest) return [...lines, "", "No edition has been published yet."].join("\n");
  const { heading, deliveries } = latest;
  lines.push(
    "",
    strong(
      `${periodTitle(heading.cadence, heading.period)}, ${heading.cadence} edition no. ${heading.number}`,
    ),
  );
  const known = Object.entries(deliveries).filter(([, count]) => count > 0);
  if (known.length === 0) lines.push("  not addressed to anyone yet");
  for (const [state, count] of known) lines.push(`  ${state.padEnd(11)} ${grouped(count)}`);
  return lines.join("\n");
}
