/**
 * Runs every command that the README shows with its output, in the order in which they stand, in one
 * fresh home, and compares: `…` stands for what may differ.
 */
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startLocalInbox } from "../../src/mail/local-inbox.ts";
import { emptyHome, ROOT } from "../home.ts";
import { run } from "./program.ts";

interface Shown {
  readonly command: string;
  readonly output: string;
}

/** Returns the commands of all console blocks, each with the lines below it. */
function shownCommands(): Shown[] {
  const blocks = [
    ...readFileSync(join(ROOT, "README.md"), "utf8").matchAll(/```console\n([\s\S]*?)```/g),
  ];
  return blocks.flatMap(([, block = ""]) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [command = "", ...output] = part.split("\n");
        return { command, output: output.join("\n").trimEnd() };
      }),
  );
}

function asPattern(output: string): RegExp {
  const escaped = output
    .split("…")
    // The letter's own ellipsis is also matched by "anything".
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("[\\s\\S]*?");
  return new RegExp(`^${escaped}\\s*$`);
}

test("the README's commands print what it shows", async () => {
  const inbox = await startLocalInbox(() => new Date());
  try {
    const cwd = emptyHome();
    for (const path of ["data/sample.jsonl", "subscribers/example.csv"]) {
      cpSync(join(ROOT, path), join(cwd, path));
    }
    const env = { SMTP_URL: `smtp://127.0.0.1:${inbox.port}` };
    const commands = shownCommands();
    expect(commands.length).toBeGreaterThan(7);
    for (const { command, output } of commands) {
      const [program, ...args] = command.split(" ");
      expect(program).toBe("paperround");
      // oxlint-disable-next-line no-await-in-loop -- each goes on from what the one before left
      const { code, stdout } = await run(args, { cwd, env });
      expect([command, code]).toEqual([command, 0]);
      expect(stdout).toMatch(asPattern(output));
    }
    expect(inbox.letters()).toHaveLength(5);
  } finally {
    await inbox.close();
  }
});
