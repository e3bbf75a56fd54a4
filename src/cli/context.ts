/** What every command shares: the home it works in, its options, and how it ends. */
import { InvalidArgumentError, type Command } from "commander";
import { parseDate, CADENCES, type Cadence } from "../editions/period.ts";
import { readConfig, type Config } from "../config.ts";
import type { App } from "../assemble.ts";
import { PaperRoundError } from "../errors.ts";
import { isAddress, parseAddress, type Address } from "../subscribers/address.ts";

/** Returns the configuration of the home that holds the working directory. */
export function homeConfig(): Config {
  return readConfig(process.cwd(), process.env);
}

/** Runs `work` over a home, and closes its databases after. */
export async function withApp<Result>(
  work: (app: App, config: Config) => Promise<Result>,
  config: Config = homeConfig(),
  options: { readonly mayBeReadOnly?: boolean } = {},
): Promise<Result> {
  // Loading the parts takes a moment that `--help` and a usage error should not.
  const { assemble } = await import("../assemble.ts");
  const app = await assemble(config, undefined, options);
  try {
    return await work(app, config);
  } finally {
    await app.close();
  }
}

/** Puts examples in front of a command's help. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  const lines = examples.map((example) => `  $ ${example}`).join("\n");
  return command.addHelpText("before", `Examples:\n${lines}\n`);
}

export function dateOption(text: string): string {
  return parseDate(text);
}

export function cadenceOption(text: string): Cadence {
  if ((CADENCES as readonly string[]).includes(text)) return text as Cadence;
  throw new InvalidArgumentError(`Choose one of ${CADENCES.join(", ")}.`);
}

export function portOption(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("A port is a number from 0 to 65535.");
}

/** Returns the address in `text`. Throws ADDRESS_INVALID. */
export function addressArgument(text: string): Address {
  const parsed = parseAddress(text);
  if (isAddress(parsed)) return parsed;
  throw new PaperRoundError("ADDRESS_INVALID", `"${text}" ${parsed.invalid}.`);
}
