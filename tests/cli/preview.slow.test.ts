import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DAY, paperround, sampleHome } from "./program.ts";

test("a form of the letter that is written to - is the result, and no file of that name", async () => {
  const home = await sampleHome();
  const preview = (...argv: string[]) => paperround(home, ["preview", "--date", DAY, ...argv]);
  const [text, html, eml] = await Promise.all([
    preview("--text", "-"),
    preview("--html", "-", "--text", "letter.txt"),
    preview("--eml", "-"),
  ]);
  expect([text.exit, html.exit, eml.exit]).toEqual([0, 0, 0]);
  expect(text.out).toContain("Why it is here:");
  expect(text.said).not.toContain("wrote");
  expect(html.out).toMatch(/^<!doctype html>/i);
  expect(html.said).toContain("wrote letter.txt");
  expect(eml.out).toMatch(/^From: /);
  expect(existsSync(join(home, "-"))).toBe(false);
});

test("two forms of a letter are not mixed on standard output", async () => {
  const home = await sampleHome();
  const { exit, out, said } = await paperround(home, ["preview", "--text", "-", "--html", "-"]);
  expect([exit, out]).toEqual([2, ""]);
  expect(said).toContain("Only one of --html, --text, --eml and --png can be -");
});
