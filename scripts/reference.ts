/**
 * Writes the reference pages from the program itself: its command line, its configuration
 * schema, its catalogue of errors and its topics. `npm run docs` stores them; a test holds that they are up to date.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { z } from "zod";
import { commandLine } from "../src/cli.ts";
import { configSchema, ENVIRONMENT } from "../src/config/schema.ts";
import { ERRORS } from "../src/errors.ts";
import { TOPIC_RULES } from "../src/papers/topic-rules.ts";

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly const?: unknown;
}

/** Returns the pages by their path below docs/. */
export function referencePages(): Readonly<Record<string, string>> {
  return {
    "reference/commands.md": commandsPage(commandLine()),
    "reference/config.md": configPage(),
    "reference/errors.md": errorsPage(),
    "reference/topics.md": topicsPage(),
    "reference/paperround.schema.json": `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
  };
}

function commandsPage(program: Command): string {
  return [
    "# Commands",
    "Results go to standard output, talk to standard error. Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 nothing to send, 4 partly sent.",
    options(program),
    ...program.commands.map((command) => commandSection(command, "paperround", 2)),
  ]
    .join("\n\n")
    .concat("\n");
}

function commandSection(command: Command, parent: string, level: number): string {
  const name = `${parent} ${command.name()}`;
  const args = command.registeredArguments.map((argument) => {
    const bare = argument.variadic ? `${argument.name()}...` : argument.name();
    return argument.required ? `<${bare}>` : `[${bare}]`;
  });
  const described = command.registeredArguments
    .filter((argument) => argument.description)
    .map((argument) => `| \`${argument.name()}\` | ${argument.description} |  |`);
  const parts = [
    `${"#".repeat(level)} \`${[name, ...args].join(" ")}\``,
    sentence(command.description()),
    options(command, described),
    ...command.commands.map((child) => commandSection(child, name, level + 1)),
  ];
  return parts.filter(Boolean).join("\n\n");
}

function options(command: Command, rows: readonly string[] = []): string {
  const all = [
    ...rows,
    ...command.options.map((option) => {
      const fallback =
        option.defaultValue === undefined ? "" : `\`${String(option.defaultValue)}\``;
      return `| \`${option.flags}\` | ${option.description} | ${fallback} |`;
    }),
  ];
  return all.length > 0
    ? ["| option | meaning | default |", "|---|---|---|", ...all].join("\n")
    : "";
}

function configPage(): string {
  return [
    "# Configuration",
    "`paperround.yaml` in a home, found upward from the folder in which a command runs. Without one, the folder itself is the home and every default holds. Editors complete the file with `# yaml-language-server: $schema=` and the path of [paperround.schema.json](paperround.schema.json).",
    "| key | meaning | default |\n|---|---|---|\n" + configRows(configJsonSchema(), "").join("\n"),
    "## Environment",
    "Also read from `.env` in the home; the environment wins. Secrets stand nowhere else.",
    "| variable | meaning |\n|---|---|\n" +
      Object.entries(ENVIRONMENT)
        .map(([name, meaning]) => `| \`${name}\` | ${meaning} |`)
        .join("\n"),
  ]
    .join("\n\n")
    .concat("\n");
}

function configRows(schema: JsonSchema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const path = prefix ? `${prefix}.${key}` : key;
    const own = value.properties
      ? []
      : [`| \`${path}\` | ${value.description ?? ""} | ${shown(value.default)} |`];
    const inside = value.items ? itemRows(value.items, `${path}[]`) : configRows(value, path);
    return [...own, ...inside];
  });
}

/** Items of several kinds are told kind by kind. */
function itemRows(items: JsonSchema, path: string): string[] {
  const kinds = items.oneOf ?? items.anyOf;
  if (!kinds) return configRows(items, path);
  return kinds.flatMap((kind) => {
    const { kind: name, ...properties } = kind.properties ?? {};
    if (typeof name?.const !== "string") return configRows(kind, path);
    return [`| **\`kind: ${name.const}\`** |  |  |`, ...configRows({ properties }, path)];
  });
}

function shown(value: unknown): string {
  return value === undefined || value === ""
    ? ""
    : `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function configJsonSchema(): JsonSchema {
  return z.toJSONSchema(configSchema, { io: "input" }) as JsonSchema;
}

function errorsPage(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { meaning, remedy, exit }]) => `| \`${code}\` | ${meaning} | ${remedy} | ${exit} |`,
  );
  return [
    "# Errors",
    "Every fault is reported with a sentence that says what happened, a remedy, and one of these codes.",
    ["| code | meaning | remedy | exit code |", "|---|---|---|---|", ...rows].join("\n"),
  ]
    .join("\n\n")
    .concat("\n");
}

function topicsPage(): string {
  const rows = TOPIC_RULES.map(
    ({ id, name, categories }) =>
      `| \`${id}\` | ${name} | ${categories.map((category) => `\`${category}\``).join(", ")} |`,
  );
  return [
    "# Topics",
    "What a paper is about: up to three of these, the most specific first. Words of the title count most, then the source's keywords and the paper's first arXiv category, then its other categories; where none of these says anything, the abstract does. The words are in `src/papers/topic-rules.ts`.",
    ["| topic | name | arXiv categories, or whole archives |", "|---|---|---|", ...rows].join("\n"),
  ]
    .join("\n\n")
    .concat("\n");
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase() ?? ""}${text.slice(1)}.`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, content] of Object.entries(referencePages())) {
    writeFileSync(fileURLToPath(new URL(`../docs/${path}`, import.meta.url)), content);
  }
}
