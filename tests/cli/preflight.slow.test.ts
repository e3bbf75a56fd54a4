/** A letter with a fault in it, on the command line. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Finding } from "../../src/mail/checks/finding.ts";
import { ROOT } from "../home.ts";
import { startFaultServer } from "../mail/fault-server.ts";
import { DAY, paperround, sampleHome } from "./program.ts";

test("on the command line, a fault ends with 1, a dry run shows it, and --force goes on", async () => {
  const home = await sampleHome(["ada@example.org"]);
  const template = readFileSync(join(ROOT, "templates", "letter.mjml.hbs"), "utf8");
  mkdirSync(join(home, "templates"), { recursive: true });
  const hidden = '<p style="display:none">Text is hidden</p><h1';
  writeFileSync(join(home, "templates", "letter.mjml.hbs"), template.replace("<h1", hidden));
  const server = await startFaultServer();
  const smtp = { SMTP_URL: server.url.href };
  const stopped = await paperround(home, ["send", "--date", DAY], smtp);
  expect(stopped).toMatchObject({ exit: 1, out: "" });
  expect(stopped.said).toContain("[LETTER_FAULTY]");
  const dry = await paperround(home, ["send", "--date", DAY, "--dry-run", "--json"], smtp);
  expect(dry.exit).toBe(1);
  const { findings, wouldSend } = JSON.parse(dry.out) as {
    findings: Finding[];
    wouldSend: boolean;
  };
  expect(wouldSend).toBe(false);
  expect(findings).toContainEqual(expect.objectContaining({ check: "hidden", level: "error" }));
  const forced = await paperround(home, ["send", "--date", DAY, "--force", "--json"], smtp);
  expect(forced.exit).toBe(0);
  expect(JSON.parse(forced.out)).toMatchObject({ accepted: 1, findings });
  expect(forced.said).toContain("Text is hidden");
});
