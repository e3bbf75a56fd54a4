/** A file of domains, one a line, as public lists of throw-away mailboxes are kept. */
import { PaperRoundError } from "../errors.ts";
import { domain } from "./joining-schema.ts";

/**
 * Returns the domains in `text`, the content of `file`. Case, empty lines and remarks behind a # do not
 * matter. Throws CONFIG_INVALID, with the line.
 */
export function readDomains(text: string, file: string): string[] {
  return text.split("\n").flatMap((line, index) => {
    const name = line.replace(/#.*/, "").trim().toLowerCase();
    if (name === "") return [];
    if (domain.safeParse(name).success) return [name];
    const place = `${file}:${index + 1}`;
    throw new PaperRoundError("CONFIG_INVALID", `${place}: "${name}" is not a domain.`);
  });
}
