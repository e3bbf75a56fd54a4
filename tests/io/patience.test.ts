/** Waiting for a database that another program holds: nobody else waits with whoever waits. */
import { join } from "node:path";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { openDatabase } from "../../src/io/database.ts";
import { hastily } from "../../src/io/patience.ts";
import { emptyHome } from "../home.ts";

const migrations = {};

test("SQLite itself waits for nobody, since everybody waits with it", async () => {
  const opened = vi.spyOn(DatabaseSync.prototype, "exec");
  const { close } = await openDatabase({ file: join(emptyHome(), "some.sqlite"), migrations });
  onTestFinished(close);
  const [handle] = opened.mock.contexts as DatabaseSync[];
  opened.mockRestore();
  expect(handle?.prepare("pragma busy_timeout").get()).toEqual({ timeout: 0 });
});

test("whoever finds the database locked, and has no patience, has tried once", async () => {
  const file = join(emptyHome(), "some.sqlite");
  const { db, close } = await openDatabase({ file, migrations });
  onTestFinished(close);
  const other = new DatabaseSync(file);
  onTestFinished(() => other.close());
  other.exec("begin immediate");
  const tries = vi.spyOn(StatementSync.prototype, "run");
  onTestFinished(() => void tries.mockRestore());
  const writing = hastily(0, () => db.transaction().execute(async () => {}));
  await expect(writing).rejects.toMatchObject({ errcode: 5 });
  expect(tries).toHaveBeenCalledTimes(1);
});

test("all who wait for a lock get their turn once it is free", async () => {
  const file = join(emptyHome(), "some.sqlite");
  const { db, close } = await openDatabase({ file, migrations });
  onTestFinished(close);
  const other = new DatabaseSync(file);
  onTestFinished(() => other.close());
  other.exec("begin immediate");
  let isFree = false;
  const writers = Array.from({ length: 100 }, () => db.transaction().execute(async () => isFree));
  const beats = async () => {
    for (let beat = 0; beat < 20; beat++) await new Promise((resume) => setImmediate(resume));
  };
  await beats();
  isFree = true;
  other.exec("rollback");
  expect(new Set(await Promise.all(writers))).toEqual(new Set([true]));
});
