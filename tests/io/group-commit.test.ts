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
  let groups = 0;
  let during: (() => void) | null = null;
  const write = groupCommits<string, string>(async (texts) => {
    groups++;
    during?.();
    during = null;
    await db.transaction().execute(async (tx) => {
      for (const text of texts) await tx.insertInto("notes").values({ text }).execute();
    });
    return texts;
  });
  const all = async () =>
    (await db.selectFrom("notes").select("text").execute()).map(({ text }) => text);
  const onNextGroup = (act: () => void) => {
    during = act;
  };
  return { write, all, onNextGroup, groups: () => groups };
}

test("every write gets its own result, in the order in which they came", async () => {
  const { write, all } = await openNotes();
  const texts = Array.from({ length: 50 }, (_, index) => `note ${index}`);
  expect(await Promise.all(texts.map(write))).toEqual(texts);
  expect(await all()).toEqual(texts);
});

test("what comes up together is committed together", async () => {
  const { write, groups } = await openNotes();
  await Promise.all(["a", "b", "c"].map(write));
  expect(groups()).toBe(1);
});

test("a group that can't be written is told so, whole, and leaves nothing behind", async () => {
  const { write, all } = await openNotes();
  await write("a");
  const group = await Promise.allSettled([write("b"), write("a"), write("c")]);
  expect(group.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  await write("d");
  expect(await all()).toEqual(["a", "d"]);
});

test("what comes up while a group is written is in the next one", async () => {
  const { write, all, onNextGroup, groups } = await openNotes();
  const second = Promise.withResolvers<string>();
  onNextGroup(() => void write("second").then(second.resolve));
  await write("first");
  await second.promise;
  expect(await all()).toEqual(["first", "second"]);
  expect(groups()).toBe(2);
});
