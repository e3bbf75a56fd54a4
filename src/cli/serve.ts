import type { Command } from "commander";
import type { App } from "../assemble.ts";
import type { Config } from "../config.ts";
import type { Heartbeat } from "../io/heartbeat.ts";
import type { Log } from "../io/log.ts";
import type { WebServer } from "../web/server.ts";
import type { FailedRequest } from "../web/faults.ts";
import { homeConfig, portOption, withApp, withExamples } from "./context.ts";
import { heldJson, heldText } from "./held.ts";
import { interrupted, talk } from "./terminal.ts";

export function addServe(program: Command): void {
  const command = program
    .command("serve")
    .description("show the web pages and keep the schedule, in one process")
    .option(
      "--port <port>",
      "listen here instead of on `web.port`; 0 takes any free port",
      portOption,
    )
    .action(serve);
  withExamples(command, ["paperround serve", "paperround serve --port 8080"]);
}

async function serve(options: { port?: number }): Promise<void> {
  const { startServer } = await import("../web/server.ts");
  const config = homeConfig();
  const { host, port } = config.web;
  const server = await startServer({ host, port: options.port ?? port });
  try {
    // Letters name the port that is really listened on, where no public address is configured.
    const web = { ...config.web, port: server.port };
    await withApp((app) => run(app, server, config), { ...config, web }, { mayBeReadOnly: true });
  } finally {
    await server.close();
  }
}

/** How long what is asked for at the door waits to be answered, so that no visitor meets the work of it. */
const DELAY_MIN_MS = 1000;
const DELAY_SPAN_MS = 9000;

const READ_ONLY =
  "these databases can't be written: pages are shown, nothing is taken in, and the schedule rests until serve is started again";

async function run(app: App, server: WebServer, { home, smtpUrl }: Config): Promise<void> {
  const { openKeptPages } = await import("../web/kept-pages.ts");
  const { openSite } = await import("../web/site.ts");
  const { openLog } = await import("../io/log.ts");
  // What would stop every round is better told now than at seven in the morning.
  if (smtpUrl) app.newsletter.checkListLetter();
  else talk("SMTP_URL is not set: pages are shown, but the schedule rests.");
  const log = openLog({ program: "paperround" });
  const report = (fault: Error, request: FailedRequest) =>
    log.error({ err: fault, request }, "a page failed");
  const kept = openKeptPages(app.papersVersion, () => new Date());
  const { startHeartbeat } = await import("../io/heartbeat.ts");
  const schedule: Heartbeat[] = [];
  const wake = (isAsking: boolean) => {
    const delayMs = isAsking ? DELAY_MIN_MS + Math.random() * DELAY_SPAN_MS : 0;
    for (const { soon } of schedule) soon(delayMs);
  };
  server.show(openSite({ ...app, kept, report, wake }), kept.ready);
  log.info({ url: server.url, home }, "pages are served");
  const stopping = new AbortController();
  const cleaning = app.isReadOnly ? [] : [startHeartbeat(() => clean(app, log))];
  if (app.isReadOnly) log.warn({ files: app.unwritable }, READ_ONLY);
  else if (smtpUrl) schedule.push(...(await keepSchedule(app, log, stopping.signal)));
  await interrupted();
  stopping.abort();
  await Promise.all([...cleaning, ...schedule].map(({ stop }) => stop()));
  // While the databases are still open, so that no visitor's last request fails.
  await server.close();
  log.info("stopped");
}

async function clean(app: App, log: Log): Promise<void> {
  await app.tidyDoor().catch((error: unknown) => log.error({ err: error }, "tidying failed"));
  app.scrubOwed();
}

/**
 * Keeps the schedule until it is stopped, which waits for what is on its way. Answers to what is asked
 * for at the door have a beat of their own: they need not wait for a long send. Nor does a round wait for
 * what is looked up beside it.
 */
async function keepSchedule(
  { newsletter, rounds, answering }: App,
  log: Log,
  signal: AbortSignal,
): Promise<Heartbeat[]> {
  const { startHeartbeat } = await import("../io/heartbeat.ts");
  let told = new Set<string>();
  /** A hold is logged once, whoever put it. */
  const tellHolds = async () => {
    const holds = (await newsletter.held()).map((held) => ({ held, text: heldText(held) }));
    for (const { held, text } of holds) if (!told.has(text)) log.warn(heldJson(held), text);
    told = new Set(holds.map(({ text }) => text));
  };
  const beat = async () => {
    try {
      const { decided, fault, uncertain } = await rounds.keep((text) => log.info(text), { signal });
      for (const round of decided) log.info(round, "round decided");
      if (fault) log.warn({ code: fault.code }, `${fault.message} What is owed is tried again.`);
      if (uncertain > 0) log.warn({ uncertain }, "letters of a run that ended in the middle");
      await tellHolds();
    } catch (error) {
      // The next beat tries again; what was owed is still owed.
      log.error({ err: error }, "this minute's work failed");
    }
  };
  const answer = async () => {
    try {
      const { accepted, fault } = await answering.attend(signal);
      if (accepted > 0) log.info({ accepted }, "answered at the door");
      if (fault) log.warn({ code: fault.code }, `${fault.message} Answers are tried again.`);
    } catch (error) {
      log.error({ err: error }, "answers at the door failed");
    }
  };
  const attend = async () => {
    try {
      await rounds.attend((text) => log.info(text), signal);
    } catch (error) {
      log.error({ err: error }, "gathering beside the rounds failed");
    }
  };
  const say = (text: string) => log.warn(text);
  return [answer, beat, attend].map((each) => startHeartbeat(each, say));
}
