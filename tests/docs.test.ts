/** Holds that the documentation says what the program does: nothing missing, nothing made up. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { referencePages } from "../scripts/reference.ts";
import { commandLine } from "../src/cli.ts";
import { configSchema, ENVIRONMENT } from "../src/config/schema.ts";
import { ERRORS } from "../src/errors.ts";
import { DELIVERY_STATES } from "../src/mail/delivery.ts";
import { ROOT } from "./home.ts";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const markdown = ["README.md", "CHANGELOG.md"].concat(
  readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => join("docs", path)),
);

test.each(Object.keys(referencePages()))(
  "docs/%s is what the program says (npm run docs)",
  (path) => {
    expect(read(join("docs", path))).toBe(referencePages()[path]);
  },
);

test("every command and option is documented", () => {
  const page = read("docs/reference/commands.md");
  for (const command of commandLine().commands) {
    expect(page).toContain(`\`paperround ${command.name()}`);
    for (const option of command.options) expect(page).toContain(`\`${option.flags}\``);
  }
});

test("every error code is documented, and no other", () => {
  const documented = [...read("docs/reference/errors.md").matchAll(/^\| `([A-Z_]+)`/gm)].map(
    (match) => match[1],
  );
  expect(documented).toEqual(Object.keys(ERRORS));
});

test("every error has a meaning and a remedy in whole sentences", () => {
  for (const { meaning, remedy } of Object.values(ERRORS)) {
    expect(meaning).toMatch(/^[A-Zp].*\.$/);
    expect(remedy).toMatch(/^[A-Z`d].*\.$/);
  }
});

test("every error code is raised somewhere", () => {
  const code = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && path !== "errors.ts")
    .map((path) => read(join("src", path)))
    .join("\n");
  const unused = Object.keys(ERRORS).filter((name) => !code.includes(`"${name}"`));
  expect(unused).toEqual([]);
});

test("every configuration key and variable is documented", () => {
  const page = read("docs/reference/config.md");
  for (const [section, schema] of Object.entries(configSchema.shape)) {
    expect(page).toContain(`\`${section}`);
    expect(schema.description).toBeTruthy();
  }
  for (const name of Object.keys(ENVIRONMENT)) expect(page).toContain(`\`${name}\``);
});

test("no page of the reference tells of something that is not there", () => {
  for (const page of Object.values(referencePages())) {
    expect(page).not.toMatch(/\bundefined\b|\[object /);
  }
});

test("every state of a delivery is in the glossary", () => {
  const page = read("docs/glossary.md");
  for (const state of DELIVERY_STATES)
    expect(page).toMatch(new RegExp(`^\\| \`${state}\` +\\| \\S`, "m"));
});

test("commands that the pages mention exist", () => {
  const known = new Set(["help", ...commandLine().commands.map((command) => command.name())]);
  const mentioned = markdown.flatMap((path) =>
    [...read(path).matchAll(/(?:^|[`$] ?|^\s+)paperround ([a-z]+)/gm)].map(
      (match) => match[1] ?? "",
    ),
  );
  expect(mentioned.length).toBeGreaterThan(20);
  expect(mentioned.filter((name) => !known.has(name))).toEqual([]);
});

test("links between the pages lead somewhere, headings included", () => {
  const dead: string[] = [];
  for (const path of markdown) {
    for (const [, target = ""] of read(path).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [file = "", heading] = target.split("#");
      const linked = file ? join(dirname(path), file) : path;
      if (!existsSync(join(ROOT, linked))) dead.push(`${path} → ${target}`);
      else if (heading && !headingsOf(linked).includes(heading)) dead.push(`${path} → ${target}`);
    }
  }
  expect(dead).toEqual([]);
});

function headingsOf(path: string): string[] {
  return [...read(path).matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replace(/\s+/g, "-"),
  );
}
