/**
 * Reads and fills templates: Handlebars for text, Handlebars and then MJML for HTML. Templates come
 * from disk only, never from data; values are escaped unless the template makes plain text.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Handlebars from "handlebars";
import { PaperRoundError, reasonOf } from "../errors.ts";
import { compileMjml } from "./mjml.ts";

export interface Templates {
  /** Returns `name`.mjml.hbs filled with `view`, as the HTML of a mail. Throws TEMPLATE_BROKEN. */
  html(name: string, view: object): Promise<string>;
  /** Returns `name`.text.hbs filled with `view`, as plain text. Throws TEMPLATE_BROKEN. */
  text(name: string, view: object): string;
  /** Returns a file of the template folder as it is (a style sheet). Throws TEMPLATE_BROKEN. */
  file(name: string): string;
}

/** Column at which plain text is broken, as RFC 3676 section 4.2 suggests for quoting's sake. */
const TEXT_WIDTH = 72;

/** Returns templates looked up in `folders`, the first that holds a file wins. */
export function openTemplates(folders: readonly string[]): Templates {
  const handlebars = Handlebars.create();
  handlebars.registerHelper("wrap", (value: unknown, indent: unknown) =>
    wrap(String(value), typeof indent === "number" ? indent : 0),
  );

  function file(name: string): string {
    const path = folders
      .map((folder) => join(folder, name))
      .find((candidate) => existsSync(candidate));
    if (path) return readFileSync(path, "utf8");
    throw new PaperRoundError(
      "TEMPLATE_BROKEN",
      `The template ${name} is in none of ${folders.join(", ")}.`,
    );
  }

  function fill(name: string, view: object, noEscape: boolean): string {
    const source = file(name);
    try {
      return handlebars.compile(source, { strict: true, noEscape })(view);
    } catch (cause) {
      throw new PaperRoundError("TEMPLATE_BROKEN", `${name}: ${reasonOf(cause)}`, { cause });
    }
  }

  return {
    file,
    text: (name, view) => fill(`${name}.text.hbs`, view, true),
    html: async (name, view) => {
      const mjml = fill(`${name}.mjml.hbs`, view, false);
      try {
        return await compileMjml(mjml);
      } catch (cause) {
        throw new PaperRoundError("TEMPLATE_BROKEN", `${name}.mjml.hbs: ${reasonOf(cause)}`, {
          cause,
        });
      }
    },
  };
}

/** Returns `text` in lines of at most 72 columns, each behind `indent` spaces; words stay whole. */
export function wrap(text: string, indent = 0): string {
  const margin = " ".repeat(indent);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line && margin.length + line.length + 1 + word.length > TEXT_WIDTH) {
      lines.push(margin + line);
      line = word;
    } else {
      line = line ? `${line} ${word}` : word;
    }
  }
  if (line) lines.push(margin + line);
  return lines.join("\n");
}
