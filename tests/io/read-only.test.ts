/** Database files that can't be written, opened by a process of its own that may not. */
import { execFileSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { emptyHome, ROOT } from "../home.ts";
import { NOBODY, seal } from "../sealed.ts";

const PROGRAM = `
const { openDatabase } = await import(process.argv[1]);
const [file, names, mayBeReadOnly] = process.argv.slice(2);
const up = (db) => db.schema.createTable("papers").addColumn("title", "text").execute();
const migrations = Object.fromEntries(names.split(",").map((name) => [name, { up }]));
try {
  const { db, isReadOnly, isSpoilt } = await openDatabase({ file, migrations, mayBeReadOnly: mayBeReadOnly === "yes" });
  const rows = await db.selectFrom("papers").selectAll().execute();
  const wrote = await db.insertInto("papers").values({ title: "b" }).execute().catch(({ errcode }) => errcode & 255);
  console.log(JSON.stringify({ isReadOnly, rows, wrote, isSpoilt: isSpoilt() }));
  await db.destroy();
} catch ({ code, message, remedy }) {
  console.log(JSON.stringify({ code, message, remedy }));
}`;

/** Opens a file in a process of its own; returns what came of it. */
function openElsewhere(file: string, names: string, mayBeReadOnly = "yes", user?: number): unknown {
  const args = [join(ROOT, "src", "io", "database.ts"), file, names, mayBeReadOnly];
  const as = user === undefined ? {} : { uid: user, gid: user };
  const run = ["--input-type=module", "--eval", PROGRAM, ...args];
  return JSON.parse(execFileSync(process.execPath, run, { encoding: "utf8", ...as }));
}

/** Returns a file with one paper, written and closed. */
function keptFile(): { folder: string; file: string } {
  const folder = emptyHome();
  const file = join(folder, "papers.sqlite");
  openElsewhere(file, "papers-0001");
  const database = new DatabaseSync(file);
  database.exec("delete from papers; insert into papers values ('a')");
  database.close();
  return { folder, file };
}

test("a file that can't be written is read, and writing it fails with SQLite's own word", () => {
  const { folder, file } = keptFile();
  seal(folder);
  expect(openElsewhere(file, "papers-0001", "yes", NOBODY)).toEqual({
    isReadOnly: true,
    rows: [{ title: "a" }],
    wrote: 8,
    isSpoilt: false,
  });
});

test("an empty log beside a file that can't be written spoils nothing", () => {
  const { folder, file } = keptFile();
  writeFileSync(`${file}-wal`, "");
  seal(folder);
  expect(openElsewhere(file, "papers-0001", "yes", NOBODY)).toMatchObject({
    rows: [{ title: "a" }],
    isSpoilt: false,
  });
});

test("a file that can't be written is refused where nobody has allowed for it", () => {
  const { folder, file } = keptFile();
  seal(folder);
  const refused = openElsewhere(file, "papers-0001", "no", NOBODY);
  expect(refused).toMatchObject({ code: "DATABASE_FAULT" });
});

test("a file that can't be brought up to date says so", () => {
  const { folder, file } = keptFile();
  seal(folder);
  expect(openElsewhere(file, "papers-0001,papers-0002", "yes", NOBODY)).toMatchObject({
    code: "DATABASE_FAULT",
    message: `${file} is read-only, and was last written by an older Paper Round.`,
    remedy: expect.stringContaining("where the home can be written"),
  });
});

test("a file whose last changes stand in its log is not shown without them", () => {
  const { folder, file } = keptFile();
  const torn = join(folder, "torn.sqlite");
  const writer = new DatabaseSync(file);
  writer.exec("insert into papers values ('c')");
  // As a crash leaves it: the log, and not the index of it that a program in use keeps.
  for (const ending of ["", "-wal"]) copyFileSync(file + ending, torn + ending);
  writer.close();
  seal(folder);
  expect(openElsewhere(torn, "papers-0001", "yes", NOBODY)).toMatchObject({
    code: "DATABASE_FAULT",
    message: expect.stringContaining(`${torn}-wal`),
  });
});
