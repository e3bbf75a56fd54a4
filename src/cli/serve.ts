import type { Command } from "commander";
import { portOption, withApp, withExamples } from "./context.ts";
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
  await withApp(async (app, config) => {
    const { openSite } = await import("../web/site.ts");
    const { startServer } = await import("../web/server.ts");
    const { startHeartbeat } = await import("../io/heartbeat.ts");
    const { openLog } = await import("../io/log.ts");
    const { host, port } = config.web;
    const server = await startServer({ app: openSite(app), host, port: options.port ?? port });
    const log = openLog({ program: "paperround" });
    log.info({ url: server.url, home: config.home }, "pages are served");

    const stopping = new AbortController();
    const beat = async () => {
      try {
        const notice = (text: string) => log.info(text);
        const rounds = await app.newsletter.keepSchedule(notice, { signal: stopping.signal });
        for (const round of rounds) log.info(round, "round decided");
      } catch (error) {
        // The next beat tries again; what was owed is still owed.
        log.error({ err: error }, "this minute's work failed");
      }
    };
    let stopHeartbeat = async () => {};
    if (config.smtpUrl) {
      // At once, so that a round missed while nothing ran is caught up without a minute's wait.
      const first = beat();
      const stop = startHeartbeat(beat);
      stopHeartbeat = async () => {
        await stop();
        await first;
      };
    } else {
      talk("SMTP_URL is not set: pages are shown, but the schedule rests.");
    }

    await interrupted();
    stopping.abort();
    await stopHeartbeat();
    await server.close();
    log.info("stopped");
  });
}
