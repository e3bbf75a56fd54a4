import { expect, onTestFinished, test } from "vitest";
import { groupCommits } from "../../src/io/group-commit.ts";
import { openDatabase } from "../../src/io/database.ts";

interface Tables {
  notes: { text: string };
}

async function openNotes() {
  const { db, close } = await openDatabase<Tables>({
    file: ":memory:",
    migrations: {
      "notes-0001": {
        up: async (schema) => {
          await schema.schema
            .createTable("notes")
            .addColumn("text", "text", (column) => column.unique())
            .execute();
        },
      },
    },
  });
  onTestFinished(close);
  const commit = groupCommits(db);
  const write = (text: string) =>
    commit(async (tx) => {
      await tx.insertInto("notes").values({ text }).execute();
      return text;
    });
  const all = async () =>
    (await db.selectFrom("notes").select("text").execute()).map(({ text }) => text);
  return { commit, write, all };
}

test("every write gets its own result, in the order in which they came", async () => {
  const { write, all } = await openNotes();
  const texts = Array.from({ length: 50 }, (_, index) => `note ${index}`);
  expect(await Promise.all(texts.map(write))).toEqual(texts);
  expect(await all()).toEqual(texts);
});

test("a write that fails does not take the others of its group with it", async () => {
  const { write, all } = await openNotes();
  await write("a");
  const group = await Promise.allSettled([write("b"), write("a"), write("c")]);
  expect(group.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  await write("d");
  expect(await all()).toEqual(["a", "b", "c", "d"]);
});

test("what comes up while a group is written is in the next one", async () => {
  const { commit, write, all } = await openNotes();
  const first = commit(async (tx) => {
    void write("second");
    await tx.insertInto("notes").values({ text: "first" }).execute();
  });
  await first;
  await write("third");
  expect(await all()).toEqual(["first", "second", "third"]);
});
