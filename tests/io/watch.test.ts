import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { FILES_MAX, watchFiles } from "../../src/io/watch.ts";
import { emptyHome } from "../home.ts";

function watched() {
  const home = emptyHome();
  const folder = join(home, "templates");
  const file = join(home, "settings.yaml");
  const watch = watchFiles({ folders: [folder], files: [file] });
  onTestFinished(() => watch.close());
  let told = 0;
  watch.onChange(() => told++);
  const next = async () => {
    const before = told;
    await expect.poll(() => told, { timeout: 10_000, interval: 10 }).toBeGreaterThan(before);
  };
  return { home, folder, file, watch, next, count: () => told };
}

test("a file that is written, renamed over another, deleted and made anew is told of each time", async () => {
  const { home, file, next, watch } = watched();
  const stamps = new Set([watch.stamp()]);
  writeFileSync(file, "a: 1");
  await next();
  stamps.add(watch.stamp());
  // As editors save: a new file takes the old one's name.
  writeFileSync(join(home, "settings.yaml~"), "a: 2");
  renameSync(join(home, "settings.yaml~"), file);
  await next();
  stamps.add(watch.stamp());
  rmSync(file);
  await next();
  writeFileSync(file, "a: 3");
  await next();
  stamps.add(watch.stamp());
  expect(stamps.size).toBe(4);
});

test("a folder that comes later, and one that is replaced, are watched with what lies below", async () => {
  const { folder, next, watch } = watched();
  mkdirSync(join(folder, "partials"), { recursive: true });
  writeFileSync(join(folder, "partials", "look.hbs"), "one");
  await next();
  rmSync(folder, { recursive: true });
  await next();
  mkdirSync(folder);
  const replaced = watch.stamp();
  writeFileSync(join(folder, "letter.hbs"), "two");
  await next();
  expect(watch.stamp()).not.toBe(replaced);
});

test("several writes in a row are one change, and a look that finds nothing new is none", async () => {
  const { folder, file, next, count, watch } = watched();
  mkdirSync(folder);
  writeFileSync(join(folder, "look.hbs"), "look");
  await next();
  const before = count();
  for (const text of ["", "a", "ab", "abc"]) writeFileSync(join(folder, "letter.hbs"), text);
  await next();
  expect(count()).toBe(before + 1);
  const stamp = watch.stamp();
  expect(watch.stamp()).toBe(stamp);
  writeFileSync(file, "x");
  utimesSync(file, 1, 1);
  expect(watch.stamp()).not.toBe(stamp);
});

test("of a folder that holds too much only so much is looked at, which is said once", () => {
  const home = emptyHome();
  for (let index = 0; index < FILES_MAX + 50; index++) writeFileSync(join(home, `${index}`), "");
  const said: string[] = [];
  const watch = watchFiles({ folders: [home], files: [] }, (text) => said.push(text));
  onTestFinished(() => watch.close());
  expect(watch.stamp()).toBe(watch.stamp());
  expect(said).toEqual([`${home} holds ${FILES_MAX} files or more; only so many are watched.`]);
});

test("after closing nobody is told", async () => {
  const { file, watch, count } = watched();
  watch.close();
  writeFileSync(file, "late");
  await new Promise((resume) => setTimeout(resume, 700));
  expect(count()).toBe(0);
});
