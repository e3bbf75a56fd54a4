/**
 * The kill suite runs at a small size and finds every promise kept; and it would find each of them
 * broken, since neither its mail server nor its comparison takes anything on trust.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { compare, type Comparison, type Evidence } from "../../scripts/crash/killed-send.ts";
import { emptyHome, ROOT } from "../home.ts";

test("a send that is killed again and again keeps its promises, by the server's ledger", async () => {
  const suite = join(ROOT, "scripts/crash/crash.ts");
  const size = ["--letters", "3000", "--kills", "6", "--seed", "15"];
  const { stdout } = await promisify(execFile)(process.execPath, [suite, ...size, "--json"]);
  const { about, rows } = JSON.parse(stdout) as {
    about: { letters: number; seed: number };
    rows: Comparison[];
  };
  expect(about).toMatchObject({ letters: 3000, seed: 15 });
  expect(rows.map(({ connections }) => connections)).toEqual([10, 20]);
  for (const row of rows) {
    expect(row).toMatchObject({
      letters: 1500,
      acceptedTwice: 0,
      silentlySkipped: 0,
      recordedAcceptedButNot: 0,
      broken: [],
    });
    expect(row.kills).toBeGreaterThanOrEqual(2);
    expect(row.mostUncertainAfterOneKill).toBeLessThanOrEqual(row.connections);
    expect(row.uncertain).toBeLessThanOrEqual(row.kills * row.connections);
  }
});

const KEPT: Evidence = {
  connections: 2,
  readers: ["ada", "alan", "grace"],
  taken: ["ada", "grace"],
  states: new Map([
    ["ada", "accepted"],
    ["alan", "uncertain"],
    ["grace", "uncertain"],
  ]),
  uncertainByKill: [2],
  listed: ["alan", "grace"],
  takenAgain: 0,
};

test("evidence of promises kept is counted", () => {
  expect(compare(KEPT)).toEqual({
    connections: 2,
    letters: 3,
    kills: 1,
    acceptedTwice: 0,
    silentlySkipped: 0,
    recordedAcceptedButNot: 0,
    uncertain: 2,
    mostUncertainAfterOneKill: 2,
    uncertainReallyAccepted: 1,
    broken: [],
  });
});

const withState = (reader: string, state: string) => new Map([...KEPT.states, [reader, state]]);

test.each<[string, Partial<Evidence>]>([
  ["Never twice", { taken: ["ada", "grace", "ada"] }],
  [
    "Never silently not at all",
    { states: withState("alan", "due"), listed: ["grace"], uncertainByKill: [1] },
  ],
  [
    "Accepted means accepted",
    { states: withState("alan", "accepted"), listed: ["grace"], uncertainByKill: [1] },
  ],
  ["At most one uncertain per open connection", { connections: 1 }],
  ["Uncertain ones are listed", { listed: ["grace"] }],
  ["Uncertain ones are listed", { listed: ["grace", "ada"] }],
  ["Uncertain ones stay uncertain", { uncertainByKill: [2, 1] }],
  ["Run it as often as you like", { takenAgain: 1 }],
])("a broken promise is found: %s", (promise, change) => {
  const { broken } = compare({ ...KEPT, ...change });
  expect(broken.join("\n")).toContain(promise);
});

test("the server's ledger has each letter whose last dot came, however it was cut, and no other", async () => {
  const ledger = join(emptyHome(), "ledger.txt");
  const server = spawn(process.execPath, [join(ROOT, "scripts/crash/ledger-server.ts"), ledger], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void server.stdin.end());
  const [port] = (await once(server.stdout, "data")) as [Buffer];
  const envelope = (to: string) => `MAIL FROM:<a@example.org>\r\nRCPT TO:<${to}>\r\nDATA\r\n`;
  const conversation = [
    `EHLO client\r\n${envelope("never")}`.replace("DATA", "NOOP"),
    `RSET\r\nRCPT TO:<unasked>\r\n${envelope("first")}`,
    `Subject: 1\r\n\r\n..\r\n.\n.\r\n.x\r\n.\r\n${envelope("second")}`,
    `.\r\n${envelope("third")}`,
    "Subject: 3\r\n\r\nthe end of this one never com",
  ].join("");
  for (const size of [conversation.length, 1, 2, 3, 7]) {
    const socket = connect(Number(port), "127.0.0.1").setNoDelay(true).resume();
    await once(socket, "connect");
    for (let at = 0; at < conversation.length; at += size) {
      socket.write(conversation.slice(at, at + size), "latin1");
      await sleep(0);
    }
    // Once the server has read it all, it is gone in the middle of a letter.
    await sleep(50);
    socket.resetAndDestroy();
  }
  expect(readFileSync(ledger, "latin1")).toBe("first\nsecond\n".repeat(5));
});
