import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openStage } from "../../src/cli/preview-stage.ts";
import { readConfig } from "../../src/config.ts";
import { openPreview } from "../../src/web/preview/preview.ts";
import { addressOf, emptyHome, openApp, ROOT } from "../home.ts";

function stageOver(yaml: string) {
  const home = emptyHome();
  const file = join(home, "paperround.yaml");
  writeFileSync(file, yaml);
  const read = () => readConfig(home, {});
  const stage = openStage(read(), read, []);
  onTestFinished(() => stage.close());
  const nameOf = () => stage.lend(async ({ masthead }) => masthead.name);
  return { stage, file, nameOf };
}

test("the program goes with the configuration", async () => {
  const { stage, file, nameOf } = stageOver("newsletter:\n  name: First\n");
  expect(await nameOf()).toBe("First");
  writeFileSync(
    file,
    "newsletter:\n  name: The Second\n  contact: me@example.org\npreview:\n  testAddresses: [you@example.org, me@example.org]\n",
  );
  expect(await nameOf()).toBe("The Second");
  expect(await stage.lend(async ({ testAddresses }) => testAddresses)).toEqual([
    "me@example.org",
    "you@example.org",
  ]);
});

test("while the configuration is wrong the program before stays, and the fault names the line", async () => {
  const { stage, file, nameOf } = stageOver("newsletter:\n  name: First\n");
  await nameOf();
  writeFileSync(file, "newsletter:\n  name: Second\n  accent: yellow\n");
  expect(await nameOf()).toBe("First");
  expect(stage.fault()?.message).toContain("paperround.yaml:3:3: newsletter.accent");
  writeFileSync(file, "newsletter:\n  name: The Third\n");
  expect(await nameOf()).toBe("The Third");
  expect(stage.fault()).toBeNull();
});

test("whoever works with the program keeps it open until done", async () => {
  const { stage, file, nameOf } = stageOver("newsletter:\n  name: First\n");
  await stage.lend(async ({ newsletter }) => {
    writeFileSync(file, "newsletter:\n  name: The Second\n");
    expect(await nameOf()).toBe("The Second");
    expect((await newsletter.status()).papers.count).toBe(0);
  });
});

test("after a first opening that failed the next request tries again", async () => {
  const home = emptyHome();
  let broken = true;
  const read = () => {
    if (broken) throw new Error("the disk is full");
    return readConfig(home, {});
  };
  const stage = openStage(readConfig(home, {}), read, []);
  onTestFinished(() => stage.close());
  const nameOf = () => stage.lend(async ({ masthead }) => masthead.name);
  const both = await Promise.allSettled([nameOf(), nameOf()]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  broken = false;
  expect(await nameOf()).toBe("Paper Round");
});

test("a later opening that failed for a reason outside the configuration is tried again too", async () => {
  const home = emptyHome();
  const file = join(home, "paperround.yaml");
  let broken = false;
  const read = () => {
    if (broken) throw new Error("the disk is full");
    return readConfig(home, {});
  };
  writeFileSync(file, "newsletter:\n  name: First\n");
  const stage = openStage(read(), read, []);
  onTestFinished(() => stage.close());
  const nameOf = () => stage.lend(async ({ masthead }) => masthead.name);
  expect(await nameOf()).toBe("First");
  broken = true;
  writeFileSync(file, "newsletter:\n  name: The Second\n");
  expect(await nameOf()).toBe("First");
  expect(stage.fault()?.message).toContain("the disk is full");
  broken = false;
  expect(await nameOf()).toBe("The Second");
  expect(stage.fault()).toBeNull();
});

test("papers that come change the stamp; readers and deliveries do not", async () => {
  const { stage, file, nameOf } = stageOver("newsletter:\n  name: First\n");
  await nameOf();
  const before = stage.stamp();
  await stage.lend(({ subscribers }) => {
    const consent = { how: "added", detail: "test", at: "2026-04-15T08:00:00.000Z" } as const;
    const address = addressOf("ada@example.org");
    return subscribers.admit([{ address, cadence: "daily", textOnly: false, consent }]);
  });
  expect(stage.stamp()).toBe(before);
  const { newsletter, files } = await openApp({}, { home: dirname(file) });
  await newsletter.gather([files([join(ROOT, "data", "sample.jsonl")], null)], () => {});
  expect(stage.stamp()).not.toBe(before);
});

test("the first page shows the state that opening the program has left, and need not load again", async () => {
  const { stage } = stageOver("newsletter:\n  name: First\n");
  const closing = new AbortController();
  onTestFinished(() => closing.abort());
  const pages = openPreview({
    stage,
    first: { cadence: "daily", reader: "", date: null },
    files: { css: () => "", script: () => "" },
    fixtures: join(ROOT, "data", "preview"),
    token: "token",
    signal: closing.signal,
    now: () => new Date(),
  });
  const closed = stage.stamp();
  const answer = await pages.request("/?letter=none", { headers: { host: "127.0.0.1:8026" } });
  const [, stamp] = /<data id="stamp" value="(\w+)"/.exec(await answer.text()) ?? [];
  expect(stamp).toBe(stage.stamp());
  expect(stamp).not.toBe(closed);
});
