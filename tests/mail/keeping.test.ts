/** What is kept, and what goes where there is no room. */
import { expect, test } from "vitest";
import { keep } from "../../src/mail/keeping.ts";

test("what is used again stays, what was used least lately goes", async () => {
  const known = new Map<string, Promise<string>>();
  const made: string[] = [];
  const use = (key: string) =>
    keep(known, key, 2, async () => {
      made.push(key);
      return key;
    });
  for (const key of ["a", "b", "a", "c", "a", "b"]) expect(await use(key)).toBe(key);
  expect(made).toEqual(["a", "b", "c", "b"]);
  expect([...known.keys()]).toEqual(["a", "b"]);
});

test("what could not be made is tried again", async () => {
  const known = new Map<string, Promise<number>>();
  const fails = () => Promise.reject(new Error("no"));
  await expect(keep(known, "a", 2, fails)).rejects.toThrow("no");
  expect(await keep(known, "a", 2, async () => 1)).toBe(1);
});
