import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { openTemplates, wrap } from "../../src/io/template.ts";
import type { PaperRoundError } from "../../src/errors.ts";
import { emptyHome } from "../home.ts";

/** Returns templates over files of the given content, by their names. */
function templatesOf(files: Readonly<Record<string, string>>) {
  const folder = emptyHome();
  const write = (name: string, content: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  };
  for (const [name, content] of Object.entries(files)) write(name, content);
  return { templates: openTemplates([folder]), folder, write };
}

/** Returns what `act` fails with, without the folder's name. */
async function faultOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (fault) {
    const { code, message } = fault as PaperRoundError;
    return `${code === "TEMPLATE_BROKEN" ? "" : code}${message}`
      .replaceAll(/ is in none of .*/g, " is missing.")
      .replace(/^\/\S*\/paperround-test-\w+\//, "");
  }
  throw new Error("Nothing was thrown.");
}

const letter = (body: string) => `<mjml>\n<mj-body>\n${body}\n</mj-body>\n</mjml>`;
const section = (text: string) =>
  `<mj-section><mj-column><mj-text>${text}</mj-text></mj-column></mj-section>`;

test.each([
  ["a brace is missing", "one\ntwo {{#if a}}\n  {{name}\n{{/if}}", "line 3, column 9: "],
  ["a block is not ended", "one\n{{#if a}}\n", "line 2, column 1: "],
  ["a block is ended as another", "one\n  {{#if a}}\n{{/each}}", "line 2, column 6: "],
  ["a value is unknown", "one\n two {{nobody}}", "line 2, column 8: "],
  ["a partial is missing", "one\n {{> nowhere}}", "line 2, column 2: "],
])("where %s, the message names file, line and column", async (_, source, place) => {
  const { templates } = templatesOf({ "letter.text.hbs": source });
  const fault = await faultOf(() => templates.text("letter", { a: true, name: "Ada" }));
  expect(fault.slice(0, `letter.text.hbs: ${place}`.length)).toBe(`letter.text.hbs: ${place}`);
});

test("a fault names the folder, since a home may have templates of its own", async () => {
  const { templates, folder } = templatesOf({ "letter.text.hbs": "{{nobody}}" });
  expect(() => templates.text("letter", {})).toThrow(`${folder}/letter.text.hbs: line 1, column 3`);
});

test("a fault in a partial is named with the partial's file, line and column", async () => {
  const { templates } = templatesOf({
    "letter.text.hbs": "one\n{{> footer}}",
    "partials/footer.text.hbs": "\n  {{nobody}}",
  });
  expect(await faultOf(() => templates.text("letter", {}))).toMatch(
    /^partials\/footer\.text\.hbs: line 2, column 5: there is no value or helper "nobody" here\.$/,
  );
});

test("a partial that a partial lacks is named, with who names it", async () => {
  const { templates } = templatesOf({
    "letter.text.hbs": "{{> footer}}",
    "partials/footer.text.hbs": "\n\n{{> address}}",
  });
  expect(await faultOf(() => templates.text("letter", {}))).toBe(
    'partials/footer.text.hbs: line 3, column 1: the partial "address" (partials/address.text.hbs) is missing.',
  );
});

test("an element that MJML does not know is named with its place in the template", async () => {
  const { templates } = templatesOf({
    "letter.mjml.hbs": letter("{{#if a}}\n{{/if}}\n  <mj-sectoin></mj-sectoin>"),
  });
  expect(await faultOf(() => templates.html("letter", { a: false }))).toMatch(
    /^letter\.mjml\.hbs: line 5, column 3: .*mj-sectoin/,
  );
});

test.each([
  ["{{upper name}}", 'line 1, column 3: there is no value or helper "upper" here.'],
  [
    "{{#each names}}{{this.age}}{{/each}}",
    'line 1, column 18: there is no value or helper "age" here.',
  ],
  [
    "{{#if name}}\n{{/each}}",
    "line 1, column 4: the block {{#if}} that begins here is ended by {{/each}}.",
  ],
  [
    "a\n {{#if name}}\n{{#each names}}{{/each}}\n",
    "line 2, column 2: the block {{#if}} that begins here is never ended by {{/if}}.",
  ],
  [
    "{{#if name}}{{/if}}\n{{^name}}\n{{!-- {{/name}} --}}",
    "line 2, column 1: the block {{^name}} that begins here is never ended by {{/name}}.",
  ],
])("%j is told of in plain words", async (source, fault) => {
  const { templates } = templatesOf({ "letter.text.hbs": source });
  const view = { name: "Ada", names: [{}] };
  expect(await faultOf(() => templates.text("letter", view))).toBe(`letter.text.hbs: ${fault}`);
});

test.each([
  ["", "is empty"],
  [" \n", "is empty"],
  ["{{name}}", "holds no MJML"],
  ["<p>A page</p>", "holds no MJML"],
])(
  "a template of %j is said to have nothing in it, and how to get it back",
  async (source, said) => {
    const { templates } = templatesOf({ "letter.mjml.hbs": source });
    const filling = templates.html("letter", { name: "Ada" });
    await expect(filling).rejects.toMatchObject({
      code: "TEMPLATE_BROKEN",
      message: expect.stringContaining(`letter.mjml.hbs: ${said}`),
      remedy: expect.stringContaining("the one that comes with Paper Round"),
    });
  },
);

test("what MJML says is told without its own names", async () => {
  const { templates } = templatesOf({
    "letter.mjml.hbs": letter('<mj-text colour="red"></mj-text>'),
  });
  const fault = await faultOf(() => templates.html("letter", {}));
  expect(fault).toMatch(/^letter\.mjml\.hbs: line 3, column 1: .*colour/);
  expect(fault).not.toMatch(/Error|Line \d/);
});

test.each(["mj-body", "mj-section", "mj-column", "mj-text"])(
  "an element %s that is not closed is named with its place in the template",
  async (name) => {
    const open = "<mj-section>\n <mj-column>\n  <mj-text>";
    const whole = letter(
      `{{#each names}}{{this}}{{/each}}\n${open}{{name}}</mj-text></mj-column></mj-section>`,
    );
    const { templates } = templatesOf({ "letter.mjml.hbs": whole.replace(`</${name}>`, "") });
    const lines = whole.split("\n");
    const line = lines.findIndex((text) => text.includes(`<${name}>`)) + 1;
    const column = (lines[line - 1]?.indexOf(`<${name}>`) ?? 0) + 1;
    const fault = await faultOf(() => templates.html("letter", { name: "Ada", names: ["a", "b"] }));
    expect(fault).toContain(
      `letter.mjml.hbs: line ${line}, column ${column}: <${name}> is not closed`,
    );
  },
);

test.each([
  [
    "in the wrong order",
    "<mj-section><mj-column>\n</mj-section></mj-column>",
    "line 3, column 13: <mj-column> is not closed before </mj-section>.",
  ],
  [
    "twice",
    `${section("a")}\n</mj-section>`,
    "line 4, column 1: </mj-section> closes an element that is not open.",
  ],
  [
    "only before another of its kind",
    `<mj-section><mj-column><mj-text>a\n<mj-text>b</mj-text></mj-column></mj-section>`,
    "line 3, column 24: <mj-text> is not closed before the next <mj-text>.",
  ],
  [
    "not where a block repeats it",
    `${section("a")}{{#each names}}\n${section("b")}<mj-section>{{/each}}`,
    "line 4, column 69: <mj-section> is not closed before </mj-body>.",
  ],
])("an element that is closed %s is named", async (_, body, fault) => {
  const { templates } = templatesOf({ "letter.mjml.hbs": letter(body) });
  const view = { names: ["a", "b"] };
  expect(await faultOf(() => templates.html("letter", view))).toBe(`letter.mjml.hbs: ${fault}`);
});

test("an element that a partial leaves open is named with the partial's file", async () => {
  const { templates } = templatesOf({
    "letter.mjml.hbs": letter("{{> note}}"),
    "partials/note.mjml.hbs": "{{#if a}}{{/if}}\n <mj-section><mj-column></mj-column>",
  });
  expect(await faultOf(() => templates.html("letter", { a: true }))).toMatch(
    /^partials\/note\.mjml\.hbs: line 2, column 2: <mj-section> is not closed before/,
  );
});

test("raw HTML, comments, attributes and values may hold what looks like an element", async () => {
  const { templates } = templatesOf({
    "letter.mjml.hbs": letter(
      `<!-- <mj-section> --><mj-raw><div><p>open</mj-raw><mj-raw></div></mj-raw>${section("{{name}} <b>x<br>")}` +
        `<mj-section><mj-column><mj-image alt="</mj-column>" src="a" /><mj-divider></mj-divider></mj-column></mj-section>`,
    ),
  });
  const html = await templates.html("letter", { name: "</mj-text></mj-body>" });
  expect(html).toContain("&lt;/mj-text&gt;");
});

test("partials are found by name, and a template that has changed is read again", async () => {
  const { templates, write } = templatesOf({
    "letter.mjml.hbs": letter(section("{{> words}}")),
    "partials/words.mjml.hbs": "{{word}}",
  });
  expect(await templates.html("letter", { word: "<first>" })).toContain("&lt;first&gt;");
  write("partials/words.mjml.hbs", "the {{word}}");
  expect(await templates.html("letter", { word: "second" })).toContain("the second");
});

test("after a fault the mended template is filled", async () => {
  const { templates, write } = templatesOf({ "letter.text.hbs": "{{#if" });
  await faultOf(() => templates.text("letter", {}));
  write("letter.text.hbs", "mended");
  expect(templates.text("letter", {})).toBe("mended");
});

test("partials that name each other come to an end", async () => {
  const { templates } = templatesOf({
    "letter.text.hbs": "{{> one}}",
    "partials/one.text.hbs": "{{> two}}",
    "partials/two.text.hbs": "{{> one}}",
  });
  expect(await faultOf(() => templates.text("letter", {}))).toMatch(/^partials\/(one|two)\.text/);
});

test("a numbered text hangs from its number, at most 72 columns wide", () => {
  const { templates } = templatesOf({ "letter.text.hbs": "{{hang 12 text}}" });
  const text = "words and ".repeat(20);
  const lines = templates.text("letter", { text }).split("\n");
  expect(lines[0]).toMatch(/^12\. words/);
  expect(lines[1]).toMatch(/^ {4}\w/);
  expect(lines.filter((line) => line.length > 72)).toEqual([]);
  expect(wrap("")).toBe("");
});

test("scripts without blanks are broken too, by the columns that they take, before no full stop", () => {
  const lines = wrap("モデルの推論能力を評価する新しい手法を提案する。ABC".repeat(9), 4).split(
    "\n",
  );
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines) {
    const wide = line.match(/[^ -~]/g)?.length ?? 0;
    expect(line.length + wide).toBeLessThanOrEqual(72);
    expect(line).not.toMatch(/^ *。/);
  }
  expect(lines.join("").replaceAll(" ", "")).toBe(
    "モデルの推論能力を評価する新しい手法を提案する。ABC".repeat(9),
  );
});
