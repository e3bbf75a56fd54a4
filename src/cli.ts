/** The front door: defines the commands, runs one, and turns what comes of it into an exit code. */
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { addBacktest } from "./cli/backtest.ts";
import { addDemo } from "./cli/demo.ts";
import { addEdition } from "./cli/edition.ts";
import { addGather } from "./cli/gather.ts";
import { addInit } from "./cli/init.ts";
import { addOutbox } from "./cli/outbox.ts";
import { addPaper } from "./cli/paper.ts";
import { addPreview } from "./cli/preview.ts";
import { addSend } from "./cli/send.ts";
import { addServe } from "./cli/serve.ts";
import { addStatus } from "./cli/status.ts";
import { addSubscribers } from "./cli/subscribers.ts";
import { talkFault, tolerateClosedPipe } from "./cli/terminal.ts";
import { ERRORS, PaperRoundError, reasonOf } from "./errors.ts";

/** Returns the command line, without running it: the reference pages are written from it. */
export function commandLine(): Command {
  const program = new Command("paperround")
    .description("Trending research papers in your inbox, from your own machine.")
    .version(version(), "-V, --version", "print the version")
    .option("--debug", "show where an error arose")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command")
    .showSuggestionAfterError()
    // `main` reports usage errors itself, like every other fault.
    .configureOutput({ outputError: () => {} })
    .addHelpText(
      "before",
      [
        "Examples:",
        "  $ paperround demo                                 see it work, with a local inbox",
        "  $ paperround init                                 make this folder a home",
        "  $ paperround gather --from papers/                take in what is in files",
        "  $ paperround preview                              look at the letter in a browser",
        "  $ paperround send --to me@example.org             one letter, to yourself",
        "  $ paperround serve                                pages and schedule",
        "",
      ].join("\n"),
    )
    .addHelpText(
      "after",
      "\nExit codes: 0 done, 1 failed, 2 usage or configuration, 3 nothing to send, 4 partly sent.",
    );
  for (const add of [
    addInit,
    addDemo,
    addGather,
    addEdition,
    addPaper,
    addPreview,
    addSend,
    addSubscribers,
    addOutbox,
    addServe,
    addStatus,
    addBacktest,
  ]) {
    add(program);
  }
  return program;
}

/** Runs the command line that `argv` writes and returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = commandLine();
  tolerateClosedPipe();
  // Whoever is not understood is answered with the help of the command that it was said to.
  let asked = program;
  for (const command of everyCommand(program)) {
    command.exitOverride((thrown) => {
      asked = command;
      throw thrown;
    });
  }
  program.hook("preAction", (_, command) => {
    asked = command;
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      // Help that was asked for is a result; help for want of a command has said what to do.
      if (thrown.exitCode === 0) return 0;
      if (thrown.code === "commander.help") return 2;
    }
    const fault = withHelpOf(asked, faultOf(thrown));
    talkFault(fault, program.opts()["debug"] === true || argv.includes("--debug"));
    return fault.exit;
  }
}

function* everyCommand(command: Command): Iterable<Command> {
  yield command;
  for (const child of command.commands) yield* everyCommand(child);
}

/** Returns a fault of usage with where to read on, unless it has a remedy of its own. */
function withHelpOf(command: Command, fault: PaperRoundError): PaperRoundError {
  if (fault.code !== "USAGE" || fault.remedy !== ERRORS.USAGE.remedy) return fault;
  const names: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
  const remedy = `See \`${names.join(" ")} --help\`.`;
  return new PaperRoundError("USAGE", fault.message, { remedy, cause: fault });
}

function faultOf(thrown: unknown): PaperRoundError {
  if (thrown instanceof PaperRoundError) return thrown;
  if (thrown instanceof CommanderError) return new PaperRoundError("USAGE", usageText(thrown));
  const { code, syscall } = thrown as { code?: unknown; syscall?: unknown };
  if (code === "ERR_SQLITE_ERROR" || code === "ENOSPC") {
    return new PaperRoundError("DATABASE_FAULT", `${reasonOf(thrown)}.`, { cause: thrown });
  }
  // Named on the command line, and not to be read, made or written.
  if (
    typeof syscall === "string" &&
    /^E(NOENT|ACCES|PERM|NOTDIR|ISDIR|EXIST|ROFS)$/.test(`${code}`)
  ) {
    const { path = "A file" } = thrown as { path?: string };
    const message = `${path} can't be used: ${reasonOf(thrown)}.`;
    return new PaperRoundError("FILE_NOT_FOUND", message, { cause: thrown });
  }
  return new PaperRoundError("INTERNAL", `${reasonOf(thrown)}.`, { cause: thrown });
}

/** Returns commander's "error: unknown command 'sned'\n(Did you mean send?)" as our own sentence. */
function usageText({ message }: CommanderError): string {
  const [what = "", suggestion] = message.replace(/^error: /, "").split("\n");
  const sentence = `${what.charAt(0).toUpperCase()}${what.slice(1)}`.replace(/[^.]$/, "$&.");
  return suggestion ? `${sentence} ${suggestion.replace(/^\((.*)\)$/, "$1")}` : sentence;
}

function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
