/**
 * Reads and fills templates: Handlebars for text, Handlebars and then MJML for HTML. Templates come
 * from disk only, never from data; values are escaped unless the template makes plain text. What
 * several templates share lies in partials/, and is found by its name: {{> look}}.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Handlebars from "handlebars";
import { PaperRoundError, reasonOf } from "../errors.ts";
import { compileMjml } from "./mjml.ts";
import { markTags, misfitIn } from "./mjml-elements.ts";
import {
  EMPTY,
  faultIn,
  mjmlReason,
  NO_MJML,
  placeAt,
  placeOfElement,
  type TemplateFault,
} from "./template-faults.ts";

export interface Templates {
  /** Returns `name`.mjml.hbs filled with `view`, as the HTML of a mail. Throws TEMPLATE_BROKEN. */
  html(name: string, view: object): Promise<string>;
  /** Returns `name`.text.hbs filled with `view`, as plain text. Throws TEMPLATE_BROKEN. */
  text(name: string, view: object): string;
  /** Returns a file of the template folder as it is (a style sheet). Throws TEMPLATE_BROKEN. */
  file(name: string): string;
}

/** A template as it was last read; it is compiled again when the file has changed. */
interface Compiled {
  readonly source: string;
  readonly fill: Handlebars.TemplateDelegate;
  /** The partials that it names. */
  readonly partials: readonly string[];
}

type Form = "mjml" | "text";

/** Column at which plain text is broken, as RFC 3676 section 4.2 suggests for quoting's sake. */
const TEXT_WIDTH = 72;
const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/;
const WIDE_PIECES = new RegExp(
  `${WIDE.source}[、。，．！？：；）」』】]*|(?:(?!${WIDE.source}).)+`,
  "gu",
);
/** Where a numbered text begins, and goes on. */
const HANG = 4;

/** Returns templates looked up in `folders`, the first that holds a file wins. */
export function openTemplates(folders: readonly string[]): Templates {
  const handlebars = Handlebars.create();
  handlebars.registerHelper("wrap", (value: unknown, indent: unknown) =>
    wrap(String(value), typeof indent === "number" ? indent : 0),
  );
  handlebars.registerHelper(
    "hang",
    (number: unknown, value: unknown) =>
      // What has no number stands below those that have one.
      (number === "" ? " ".repeat(HANG) : `${number}.`.padEnd(HANG)) +
      wrap(String(value), HANG).trimStart(),
  );
  handlebars.registerHelper("list", (items: readonly unknown[]) => items.join(" · "));
  handlebars.registerHelper("join", (...words: unknown[]) => words.slice(0, -1).join(" "));
  const known = new Map<string, Compiled>();

  function file(name: string): string {
    const path = pathOf(name);
    if (path) return readFileSync(path, "utf8");
    throw new PaperRoundError(
      "TEMPLATE_BROKEN",
      `The template ${name} is in none of ${folders.join(", ")}.`,
    );
  }

  function pathOf(name: string): string | undefined {
    return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  }

  /** Returns a template, compiled, and has its partials at hand. Throws TEMPLATE_BROKEN. */
  function templateOf(name: string, form: Form): Compiled {
    const source = file(name);
    let template = known.get(name);
    if (template?.source !== source) {
      template = compile(name, source, form);
      known.set(name, template);
    }
    return template;
  }

  function compile(name: string, source: string, form: Form): Compiled {
    try {
      const partials = partialsIn(Handlebars.parse(source));
      const filled = handlebars.compile(source, { strict: true, noEscape: form === "text" });
      const fill: Handlebars.TemplateDelegate = (view, options) => {
        try {
          return filled(view, options);
        } catch (cause) {
          throw broken(pathOf(name) ?? name, source, cause);
        }
      };
      return { source, fill, partials };
    } catch (cause) {
      throw broken(pathOf(name) ?? name, source, cause);
    }
  }

  /** Returns the partials that a template needs, and those that they need, by their names. */
  function partialsOf(template: Compiled, owner: string, form: Form): Partials {
    const found: Partials = {};
    const gather = (from: Compiled, fromName: string): void => {
      for (const name of from.partials) {
        if (found[name]) continue;
        const path = `partials/${name}.${form}.hbs`;
        if (!pathOf(path)) throw missing(name, path, fromName, from.source);
        const partial = templateOf(path, form);
        found[name] = partial.fill;
        gather(partial, path);
      }
    };
    gather(template, owner);
    return found;
  }

  function missing(name: string, path: string, owner: string, source: string): PaperRoundError {
    const what = `the partial "${name}" (${path}) is in none of ${folders.join(", ")}`;
    const place = placeOfElement(source, new RegExp(`\\{\\{~?>\\s*${name}\\b`));
    return faultAt(pathOf(owner) ?? owner, { place, reason: what });
  }

  function fill(name: string, view: object, form: Form): string {
    const template = templateOf(name, form);
    if (template.source.trim() === "") throw faultAt(pathOf(name) ?? name, EMPTY);
    return template.fill(view, { partials: partialsOf(template, name, form) });
  }

  return {
    file,
    text: (name, view) => fill(`${name}.text.hbs`, view, "text"),
    html: async (name, view) => {
      const path = `${name}.mjml.hbs`;
      const mjml = fill(path, view, "mjml");
      if (!/<mjml[\s>]/.test(mjml)) throw faultAt(pathOf(path) ?? path, NO_MJML);
      if (misfitIn(mjml)) throw misfitFault(path, view);
      try {
        return await compileMjml(mjml);
      } catch (cause) {
        throw mjmlFault(path, cause);
      }
    },
  };

  /**
   * One tag of a template may have been filled in many times, or not at all, so the template is filled
   * again with the place of each of its tags.
   */
  function misfitFault(path: string, view: object): PaperRoundError {
    const names = Object.keys(partialsOf(templateOf(path, "mjml"), path, "mjml"));
    const files = [path, ...names.map(partialPath)];
    const compileMarked = (name: string) =>
      handlebars.compile(
        markTags(file(name), (at) => `at:${files.indexOf(name)}:${at}`),
        { strict: true },
      );
    const partials: Partials = {};
    for (const name of names) partials[name] = compileMarked(partialPath(name));
    const found = misfitIn(compileMarked(path)(view, { partials }));
    const [, index, at] = / at:(\d+):(\d+)/.exec(found?.tag ?? "") ?? [];
    const name = files[Number(index)] ?? path;
    const place = at === undefined ? null : placeAt(file(name), Number(at));
    return faultAt(pathOf(name) ?? name, { place, reason: found?.reason ?? "is not MJML" });
  }

  /** MJML counts the lines of what was filled in, so the element is looked for where it was written. */
  function mjmlFault(path: string, cause: unknown): PaperRoundError {
    const reason = mjmlReason(reasonOf(cause));
    const element = /\((mj[a-z-]*)\)/.exec(reason)?.[1];
    const files = [path, ...(known.get(path)?.partials ?? []).map((name) => partialPath(name))];
    for (const name of element ? files : []) {
      const place = placeOfElement(file(name), new RegExp(`<${element}\\b`));
      if (place) return faultAt(pathOf(name) ?? name, { place, reason }, cause);
    }
    return faultAt(pathOf(path) ?? path, { place: null, reason }, cause);
  }
}

type Partials = Record<string, Handlebars.TemplateDelegate>;

function partialPath(name: string): string {
  return `partials/${name}.mjml.hbs`;
}

/** Returns the names that {{> name}} has in a template, or in a part of its syntax tree. */
function partialsIn(node: unknown): string[] {
  if (typeof node !== "object" || node === null) return [];
  const { type, name } = node as { type?: unknown; name?: { original?: unknown } };
  const own = String(type).startsWith("Partial") && name?.original ? [String(name.original)] : [];
  return [...new Set([...own, ...Object.values(node).flatMap(partialsIn)])];
}

function broken(path: string, source: string, cause: unknown): PaperRoundError {
  // A partial's fault comes up through whoever names it.
  if (cause instanceof PaperRoundError) return cause;
  return faultAt(path, faultIn(source, reasonOf(cause)), cause);
}

function faultAt(path: string, { place, reason, remedy }: TemplateFault, cause?: unknown) {
  const where = place ? `line ${place.line}, column ${place.column}: ` : "";
  return new PaperRoundError("TEMPLATE_BROKEN", `${path}: ${where}${reason}.`, {
    remedy: remedy ?? (place ? undefined : "Correct the template that the message names."),
    cause,
  });
}

/**
 * Returns `text` in lines of at most 72 columns, each behind `indent` spaces. Words stay whole, but for
 * scripts that have no blanks between them, and whose characters are two columns wide.
 */
export function wrap(text: string, indent = 0): string {
  const margin = " ".repeat(indent);
  const lines: string[] = [];
  let line = "";
  let width = indent;
  for (const word of text.split(/\s+/).filter(Boolean)) {
    for (const [index, piece] of piecesOf(word).entries()) {
      const space = line && index === 0 ? " " : "";
      const columns = columnsOf(piece);
      if (line && width + space.length + columns > TEXT_WIDTH) {
        lines.push(margin + line);
        line = piece;
        width = indent + columns;
      } else {
        line += space + piece;
        width += space.length + columns;
      }
    }
  }
  if (line) lines.push(margin + line);
  return lines.join("\n");
}

/** Returns the parts between which a line may end: a wide character with the sign that closes it. */
function piecesOf(word: string): readonly string[] {
  return WIDE.test(word) ? (word.match(WIDE_PIECES) ?? []) : [word];
}

function columnsOf(piece: string): number {
  return WIDE.test(piece) ? [...piece].length * 2 : [...piece].length;
}
