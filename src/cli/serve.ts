import type { Command } from "commander";
import type { App } from "../assemble.ts";
import type { Config } from "../config.ts";
import type { Log } from "../io/log.ts";
import type { WebServer } from "../web/server.ts";
import { homeConfig, portOption, withApp, withExamples } from "./context.ts";
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
    await withApp((app) => run(app, server, config), {
      ...config,
      web: { host, port: server.port },
    });
  } finally {
    await server.close();
  }
}

async function run(app: App, server: WebServer, { home, smtpUrl }: Config): Promise<void> {
  const { openSite } = await import("../web/site.ts");
  const { openLog } = await import("../io/log.ts");
  server.show(openSite(app));
  const log = openLog({ program: "paperround" });
  log.info({ url: server.url, home }, "pages are served");
  const stopping = new AbortController();
  let stopSchedule = async () => {};
  if (smtpUrl) stopSchedule = await keepSchedule(app, log, stopping.signal);
  else talk("SMTP_URL is not set: pages are shown, but the schedule rests.");
  await interrupted();
  stopping.abort();
  await stopSchedule();
  log.info("stopped");
}

/** Keeps the schedule until the returned function is called, which waits for what is on its way. */
async function keepSchedule(
  { rounds }: App,
  log: Log,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const { startHeartbeat } = await import("../io/heartbeat.ts");
  const beat = async () => {
    try {
      const decided = await rounds.keep((text) => log.info(text), { signal });
      for (const round of decided) log.info(round, "round decided");
    } catch (error) {
      // The next beat tries again; what was owed is still owed.
      log.error({ err: error }, "this minute's work failed");
    }
  };
  return startHeartbeat(beat);
}
