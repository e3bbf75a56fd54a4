import { readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { takePicture } from "../../src/io/browser.ts";
import { emptyHome } from "../home.ts";

test("the browser learns nothing of the program's environment, and keeps its sandbox unless root", async () => {
  vi.stubEnv("SMTP_URL", "smtp://user:secret@mail.example.org");
  const browser = join(emptyHome(), "browser");
  writeFileSync(browser, `#!/bin/sh\nenv > "$0.env"\necho "$@" > "$0.args"\nexit 1\n`, {
    mode: 0o700,
  });
  const picture = { html: "<p>Hello</p>", width: 320, scheme: "light" } as const;
  await expect(takePicture(picture, browser)).rejects.toMatchObject({ code: "BROWSER_MISSING" });
  const environment = readFileSync(`${browser}.env`, "utf8");
  expect(environment).toContain(`HOME=${homedir()}\n`);
  expect(environment).not.toContain("secret");
  // The shell adds some of its own.
  const names = environment
    .match(/^\w+(?==)/gm)
    ?.filter((name) => !/^(?:PWD|_|SHLVL|OLDPWD)$/.test(name));
  expect(names?.toSorted()).toEqual(["HOME", "PATH"]);
  const bare = readFileSync(`${browser}.args`, "utf8").includes("--no-sandbox");
  expect(bare).toBe(process.getuid?.() === 0);
});

test("a browser that is not there is named with the key that names it", async () => {
  const picture = { html: "<p>Hello</p>", width: 320, scheme: "light" } as const;
  await expect(takePicture(picture, "/nowhere/chromium")).rejects.toMatchObject({
    code: "BROWSER_MISSING",
    message: "There is no Chromium at /nowhere/chromium (preview.browser).",
  });
});
