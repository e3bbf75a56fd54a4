/** Says what the checks have found in a letter. */
import { styleText } from "node:util";
import type { Finding } from "../mail/checks/finding.ts";
import type { ClientSupport } from "../mail/client-support.ts";
import { talk } from "./terminal.ts";

/**
 * Says what was found, beside the result; notes are shown by a dry run only. Errors are said with the fault
 * that they end in, unless they are sent in spite of.
 */
export function sayFindings(
  findings: readonly Finding[],
  levels: readonly Finding["level"][] = ["warning"],
): void {
  for (const { level, message, remedy } of findings) {
    if (!levels.includes(level)) continue;
    const colour = level === "error" ? "red" : "yellow";
    const label = styleText(level === "note" ? "dim" : colour, level, { stream: process.stderr });
    talk(`${label} ${message}\n${" ".repeat(level.length + 1)}${remedy}`);
  }
}

/** Returns how much of the letter mail programs understand, in a line. */
export function supportText(support: ClientSupport): string {
  const families = support.families.map(({ name, percent }) => `${name} ${percent} %`);
  const missing = [...new Set(support.families.flatMap(({ unsupported }) => unsupported))];
  const without = missing.length > 0 ? `; some lack ${missing.join(", ")}` : "";
  return `  understood by ${families.join(", ")}${without}`;
}
