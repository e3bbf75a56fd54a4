/**
 * A send of a thousand letters is killed again and again in the middle. Nobody is missed, nobody
 * gets two, and what can't be known is listed: at most one letter per open connection and kill.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { emptyHome, ROOT } from "../home.ts";
import { startFaultServer } from "../mail/fault-server.ts";
import { run, start } from "./program.ts";

const READERS = 1000;
const CONNECTIONS = 5;

interface SendResult {
  recipients: number;
  excluded: number;
  accepted: number;
  uncertain: number;
  owed: number;
}

test("a send that is killed four times and started again misses nobody and sends none twice", async () => {
  const server = await startFaultServer();
  const cwd = emptyHome();
  const env = { SMTP_URL: server.url.href };
  const readers = Array.from({ length: READERS }, (_, index) => `reader.${index}@example.org`);
  writeFileSync(join(cwd, "readers.csv"), ["email", ...readers].join("\n"));
  await run(["gather", "--from", join(ROOT, "data", "sample.jsonl")], { cwd });
  const imported = await run(["subscribers", "import", "readers.csv"], { cwd });
  expect(imported.stdout).toContain("1000 added");

  const send = ["send", "--date", "2026-04-15", "--json"];
  let kills = 0;
  for (const letters of [20, 150, 300, 420]) {
    const before = server.accepted.length;
    const { child, finished } = start(send, { cwd, env });
    // Killed once it has got somewhere, so that it dies in the middle on fast and slow machines.
    while (child.exitCode === null && server.accepted.length < before + letters) await sleep(1);
    child.kill("SIGKILL");
    const { code } = await finished;
    if (code === null) kills++;
  }
  expect(kills).toBeGreaterThanOrEqual(3);
  // What a killed process had handed over may still arrive.
  await sleep(200);

  const last = await run(send, { cwd, env });
  const result = JSON.parse(last.stdout) as SendResult;
  expect(result).toMatchObject({ recipients: READERS, excluded: 0, owed: 0 });
  expect(result.accepted + result.uncertain).toBe(READERS);
  expect(result.uncertain).toBeLessThanOrEqual(kills * CONNECTIONS);
  expect(last.code).toBe(result.uncertain > 0 ? 4 : 0);

  const reached = new Set(server.accepted);
  expect(server.accepted.length).toBe(reached.size);
  expect(reached.size).toBeGreaterThanOrEqual(result.accepted);
  const status = JSON.parse((await run(["status", "--json"], { cwd })).stdout) as {
    attention: { address: string; state: string }[];
  };
  const uncertain = new Set(status.attention.map(({ address }) => address));
  expect(uncertain.size).toBe(result.uncertain);
  expect(readers.filter((reader) => !reached.has(reader) && !uncertain.has(reader))).toEqual([]);

  const again = await run(send, { cwd, env });
  expect(JSON.parse(again.stdout)).toMatchObject({ accepted: result.accepted, acceptedNow: 0 });
  expect(server.accepted.length).toBe(reached.size);
});

test("two sends of one edition at once share the work and send none twice", async () => {
  const server = await startFaultServer();
  const cwd = emptyHome();
  const env = { SMTP_URL: server.url.href };
  const readers = Array.from({ length: 300 }, (_, index) => `reader.${index}@example.org`);
  writeFileSync(join(cwd, "readers.csv"), ["email", ...readers].join("\n"));
  await run(["gather", "--from", join(ROOT, "data", "sample.jsonl")], { cwd });
  await run(["subscribers", "import", "readers.csv"], { cwd });
  const send = ["send", "--date", "2026-04-15", "--json"];
  await Promise.all([run(send, { cwd, env }), run(send, { cwd, env })]);
  const last = await run(send, { cwd, env });
  expect(JSON.parse(last.stdout)).toMatchObject({ accepted: 300, uncertain: 0, owed: 0 });
  expect(server.accepted.toSorted()).toEqual(readers.toSorted());
});

test("an interrupted send finishes what is on its way and says how to go on", async () => {
  const server = await startFaultServer();
  const cwd = emptyHome();
  const env = { SMTP_URL: server.url.href };
  const readers = Array.from({ length: 600 }, (_, index) => `reader.${index}@example.org`);
  writeFileSync(join(cwd, "readers.csv"), ["email", ...readers].join("\n"));
  await run(["gather", "--from", join(ROOT, "data", "sample.jsonl")], { cwd });
  await run(["subscribers", "import", "readers.csv"], { cwd });
  const { child, finished } = start(["send", "--date", "2026-04-15"], { cwd, env });
  while (child.exitCode === null && server.accepted.length < 50) await sleep(1);
  child.kill("SIGINT");
  const { code, stderr, stdout } = await finished;
  expect(code).toBe(4);
  expect(stderr).toMatch(/Still owed: \d+ letters\. To go on: paperround send --date 2026-04-15/);
  expect(stdout).toContain(`${server.accepted.length} accepted`);
});
