import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openStage } from "../../src/cli/preview-stage.ts";
import { readConfig } from "../../src/config.ts";
import { emptyHome } from "../home.ts";

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
  expect(stage.fault()?.message).toContain("paperround.yaml:3: newsletter.accent");
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
