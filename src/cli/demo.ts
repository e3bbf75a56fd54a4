import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { readConfig } from "../config.ts";
import { leadEntries } from "../editions/edition.ts";
import { CADENCES, periodTitle } from "../editions/period.ts";
import type { Heartbeat } from "../io/heartbeat.ts";
import type { ReceivedLetter } from "../mail/local-inbox.ts";
import type { SendReport } from "../newsletter.ts";
import { portOption, withExamples } from "./context.ts";
import { answer, interrupted, strong, table, talk } from "./terminal.ts";

/** The two days of the sample corpus; the first is published for the archive, the second sent. */
const SAMPLE_DAYS = ["2025-10-30", "2026-04-15"] as const;

export function addDemo(program: Command): void {
  const command = program
    .command("demo")
    .description("send the sample edition to a local inbox and show it; nothing leaves the machine")
    .option("--once", "end after sending, with a summary")
    .option("--port <port>", "where to show the inbox; any free port if left out", portOption, 0)
    .action(demo);
  withExamples(command, ["paperround demo", "paperround demo --once"]);
}

async function demo(options: { once?: boolean; port: number }): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "paperround-demo-"));
  try {
    await runDemo(home, options);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function runDemo(home: string, options: { once?: boolean; port: number }): Promise<void> {
  const { Hono } = await import("hono");
  const { assemble, PACKAGE_DIR } = await import("../assemble.ts");
  const { startLocalInbox } = await import("../mail/local-inbox.ts");
  const { openInboxPages } = await import("../web/inbox.ts");
  const { refuseForeignHosts, startServer } = await import("../web/server.ts");
  const { openSite } = await import("../web/site.ts");

  const inbox = await startLocalInbox(() => new Date());
  // The letters carry the server's address, so the server is up before they are set.
  const server = await startServer({ host: "127.0.0.1", port: options.port });
  const defaults = readConfig(home, { PAPERROUND_CONFIG: "" });
  const app = await assemble({
    ...defaults,
    newsletter: {
      ...defaults.newsletter,
      publicUrl: server.url,
      postalAddress: "Example Lab, 1 Main Street, 12345 Town",
    },
    smtpUrl: new URL(`smtp://127.0.0.1:${inbox.port}`),
  });
  const stopping = new AbortController();
  let heartbeat: Heartbeat | null = null;
  try {
    const pages = new Hono();
    refuseForeignHosts(pages);
    const report = (fault: Error) => talk(`A page failed: ${fault.message}`);
    const site = openSite({ ...app, report, wake: () => heartbeat?.soon() });
    site.route("/inbox", openInboxPages(inbox, app.masthead));
    pages.route("/", site);
    server.show(pages);
    const papers = await app.newsletter.gather(
      [app.files([join(PACKAGE_DIR, "data", "sample.jsonl")], null)],
      talk,
    );
    await admitExample(app, join(PACKAGE_DIR, "subscribers", "example.csv"));
    const [first, second] = SAMPLE_DAYS;
    await app.newsletter.publish("daily", first);
    const sent = await app.newsletter.send("daily", second, {});
    answer(describe(sent, papers.papers.new, inbox.letters()));
    if (options.once) return;
    answer(`\n${strong(`Open ${server.url}/inbox`)}   the letters, as they arrived`);
    answer(`     ${server.url}/        the archive`);
    talk("Ctrl-C ends the demo and leaves nothing behind.");
    // Whoever subscribes on the page finds the confirmation in the inbox.
    const { signal } = stopping;
    heartbeat = (await import("../io/heartbeat.ts")).startHeartbeat(async () => {
      await app.tidyDoor();
      await app.answering.attend(signal);
      await app.newsletter.deliverOwed({ signal });
    });
    await interrupted();
  } finally {
    stopping.abort();
    await heartbeat?.stop();
    await app.close();
    await inbox.close();
    await server.close();
  }
}

async function admitExample(
  { subscribers }: Awaited<ReturnType<(typeof import("../assemble.ts"))["assemble"]>>,
  file: string,
): Promise<void> {
  const { readSubscribers } = await import("../subscribers/exchange.ts");
  const now = new Date().toISOString();
  const { admissions } = readSubscribers(readFileSync(file, "utf8"), "example.csv", CADENCES, now);
  await subscribers.admit(admissions);
}

function describe(report: SendReport, papers: number, letters: readonly ReceivedLetter[]): string {
  const { edition, addressed, counts } = report;
  const rows = letters
    .toSorted((a, b) => (a.to < b.to ? -1 : 1))
    .map(({ to, subject, html }) => [`  ${to}`, html ? "HTML and text" : "text only", subject]);
  return [
    strong(periodTitle(edition.cadence, edition.period)),
    `  ${papers} papers gathered, ${edition.candidates} candidates, ${leadEntries(edition).length} in the letter`,
    `  ${addressed.recipients} recipients, ${counts.accepted} accepted by the local inbox`,
    "",
    table(rows),
  ].join("\n");
}
