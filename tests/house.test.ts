/**
 * Holds the house rules: imports only fall, no circle, no dead file, no grab bag, one reader of the
 * environment, and sizes that can be read in one sitting. Type imports obey like any other.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "./home.ts";

/** The floors, top first. A file may import its own room or a lower floor, never a sibling room. */
const FLOORS: readonly (readonly string[])[] = [
  ["cli"],
  ["assemble", "web"],
  ["rounds", "readers", "backtest", "tastes"],
  ["newsletter"],
  ["newsroom", "mail"],
  ["subscribers", "editions"],
  ["papers"],
  ["io", "config"],
  ["errors"],
];
/** Names that say nothing about what is inside. */
const GRAB_BAGS =
  /^(utils?|helpers?|common|shared|misc|lib|types|interfaces|index|base|core|manager|service|tools)$/;
const LINES_MAX = 400;
const EXPORTS_MAX = 20;

const files = readdirSync(join(ROOT, "src"), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => relative(join(ROOT, "src"), join(entry.parentPath, entry.name)));

const sources = new Map(files.map((file) => [file, readFileSync(join(ROOT, "src", file), "utf8")]));

/** Returns a file's code without its comments. */
function codeOf(file: string): string {
  return (sources.get(file) ?? "").replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

/** Returns the files of src/ that `file` imports: static, dynamic, re-exported, or for a type. */
function importsOf(file: string): string[] {
  const code = codeOf(file);
  const paths = [
    ...code.matchAll(/\bfrom\s+"(\.[^"]+)"/g),
    ...code.matchAll(/\bimport\s*\(\s*"(\.[^"]+)"\s*\)/g),
    ...code.matchAll(/^\s*import\s+"(\.[^"]+)"/gm),
    // A file that is run as a process of its own.
    ...code.matchAll(/\bnew URL\(\s*"(\.\/[^"]+\.ts)"/g),
  ].map((match) => match[1] ?? "");
  return [...new Set(paths.map((path) => join(dirname(file), path)))].filter((path) =>
    path.endsWith(".ts"),
  );
}

function roomOf(file: string): string {
  return file.includes("/") ? (file.split("/")[0] ?? "") : file.replace(/\.ts$/, "");
}

function floorOf(file: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(roomOf(file)));
}

test("every file stands in a room of the house", () => {
  expect(files.filter((file) => floorOf(file) === -1)).toEqual([]);
  expect(files.length).toBeGreaterThan(30);
});

test("imports only fall, types included", () => {
  const rising = files.flatMap((file) =>
    importsOf(file)
      .filter((imported) => roomOf(imported) !== roomOf(file) && floorOf(imported) <= floorOf(file))
      .map((imported) => `${file} imports ${imported}`),
  );
  expect(rising).toEqual([]);
});

test("every import leads to a file", () => {
  const missing = files.flatMap((file) =>
    importsOf(file).filter((imported) => !sources.has(imported)),
  );
  expect(missing.filter((path) => !path.startsWith(".."))).toEqual([]);
});

test("no file is part of a circle", () => {
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) return void circles.push([...path, file].join(" → "));
    if (done.has(file)) return;
    for (const imported of importsOf(file)) walk(imported, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  expect(circles).toEqual([]);
});

test("every file is reached from the front door", () => {
  const reached = new Set<string>();
  const walk = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const imported of importsOf(file)) walk(imported);
  };
  walk("cli.ts");
  expect(files.filter((file) => !reached.has(file))).toEqual([]);
});

test("no file or folder is a grab bag by name, length or number of exports", () => {
  const bags = files.filter((file) => {
    const code = sources.get(file) ?? "";
    const named = file
      .replace(/\.ts$/, "")
      .split("/")
      .some((part) => GRAB_BAGS.test(part));
    const exported =
      code.match(/^export (?:async )?(?:function|const|class|interface|type)/gm) ?? [];
    return named || code.split("\n").length > LINES_MAX || exported.length > EXPORTS_MAX;
  });
  expect(bags).toEqual([]);
});

test("only the front door and the configuration see the environment", () => {
  const readers = files.filter((file) => /process\.env\b/.test(codeOf(file)));
  // The one mention hands it to readConfig, which takes it as a value.
  expect(readers).toEqual(["cli/context.ts"]);
});

test("only assemble.ts opens databases and picks the transport", () => {
  const builders = files.filter((file) =>
    /\b(openDatabase|smtpTransport|openNewsletter|openRounds|openOutbox|openCorpus|openArchive)(<[^(]*>)?\(/.test(
      (sources.get(file) ?? "").replace(/export (async )?function \w+/g, "export"),
    ),
  );
  expect(builders).toEqual(["assemble.ts"]);
});

test("only io knows SQLite, and only the two outermost rooms know the web framework", () => {
  const importing = (pattern: RegExp) =>
    files.filter((file) => pattern.test(sources.get(file) ?? ""));
  expect([...new Set(importing(/from "node:sqlite"/).map(roomOf))]).toEqual(["io"]);
  const rooms = new Set(importing(/(from|import\() ?"hono/).map(roomOf));
  expect([...rooms].toSorted()).toEqual(["cli", "web"]);
});

test("a file begins by saying what it is for, or is a command", () => {
  const silent = files.filter(
    (file) => !file.startsWith("cli/") && !(sources.get(file) ?? "").startsWith("/**"),
  );
  expect(silent).toEqual([]);
});

test("no default export, no enum, nothing left open", () => {
  const offending = files.filter((file) =>
    /^export default|^\s*(export )?enum |\b(TODO|FIXME|XXX)\b/m.test(sources.get(file) ?? ""),
  );
  expect(offending).toEqual([]);
});

test("templates print unescaped only what its own type says is escaped", () => {
  const templates = readdirSync(join(ROOT, "templates"), {
    recursive: true,
    encoding: "utf8",
  }).filter((name) => name.endsWith(".mjml.hbs"));
  expect(templates.length).toBeGreaterThan(0);
  const raw = templates.flatMap((name) => {
    const text = readFileSync(join(ROOT, "templates", name), "utf8");
    return text.match(/\{\{\{[^}]*\}{2,3}|\{\{~?&[^}]*\}\}/g) ?? [];
  });
  // The two are NotationHtml in the view, which letter.test.ts holds; one file makes that type.
  expect(new Set(raw)).toEqual(new Set(["{{{titleHtml}}}", "{{{summaryHtml}}}"]));
  const makers = files.filter((file) => / as NotationHtml\b/.test(codeOf(file)));
  expect(makers).toEqual(["papers/notation.ts"]);
});

test("whatever fills a table names its columns, so that a new one ends no script", () => {
  const folders = ["src", "scripts"].map((folder) => join(ROOT, folder));
  const nameless = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .filter((name) =>
        /insert (?:or \w+ )?into [\w.]+\s+(?:values|select)\b/i.test(
          readFileSync(join(folder, name), "utf8"),
        ),
      ),
  );
  expect(nameless).toEqual([]);
});
