/** `outbox`, and what `send` and `status` say of letters that are held back, deferred or called off. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { progressText } from "../../src/cli/terminal.ts";
import { startFaultServer } from "../mail/fault-server.ts";
import { DAY, paperround, sampleHome, statusOf } from "../cli/program.ts";

const TITLE = "Wednesday, 15 April 2026";

function readersAt(domain: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `reader.${index}@${domain}`);
}

// Once in some ten runs on a busy machine the send ended with a fault; which one is not known yet.
test(
  "another program's pause ends a send that runs, and a send after resume goes on",
  {
    retry: 1,
  },
  async () => {
    const server = await startFaultServer();
    const readers = readersAt("example.org", 60);
    const home = await sampleHome(readers);
    const smtp = { SMTP_URL: server.url.href };
    // Slow enough to be paused long before its end.
    writeFileSync(join(home, "paperround.yaml"), "smtp:\n  limits:\n    second: 2\n");
    const running = paperround(home, ["send", "--date", DAY, "--json"], smtp);
    while (server.accepted.length === 0) await sleep(5);
    const paused = await paperround(home, ["outbox", "pause", "--date", DAY]);
    expect(paused.out).toMatch(new RegExp(`^held back: ${TITLE}, \\d+ letters owed\n$`));
    expect(paused.said).toContain(`To go on: paperround outbox resume --date ${DAY}\n`);

    const ended = await running;
    const report = JSON.parse(ended.out) as { accepted: number; owed: number; held: object[] };
    expect(ended.exit).toBe(4);
    expect(report.accepted + report.owed).toBe(60);
    expect(report.accepted).toBe(server.accepted.length);
    expect(report.held).toMatchObject([{ kind: "edition", period: DAY, letters: report.owed }]);
    expect(ended.said).toContain(
      `${TITLE} is held back: paused by the operator. To go on: paperround outbox resume --date ${DAY}\n`,
    );

    rmSync(join(home, "paperround.yaml"));
    const resumed = await paperround(home, ["outbox", "resume", "--date", DAY]);
    expect(resumed).toMatchObject({
      exit: 0,
      out: `goes on: ${TITLE}, ${report.owed} letters owed\n`,
      said: expect.stringContaining(`  paperround send --date ${DAY}\n`),
    });
    expect((await paperround(home, ["send", "--date", DAY], smtp)).exit).toBe(0);
    expect(server.accepted.toSorted()).toEqual(readers.toSorted());
  },
);

test("a hold can be put and lifted again and again, and says what it found", async () => {
  const home = await sampleHome();
  const domain = ["--domain", "hotmail.com", "--json"];
  const [first, second] = [
    await paperround(home, ["outbox", "pause", ...domain]),
    await paperround(home, ["outbox", "pause", ...domain]),
  ];
  expect(JSON.parse(first.out)).toMatchObject({
    kind: "domain",
    domain: "outlook.com",
    domains: expect.arrayContaining(["hotmail.com", "live.com"]),
    why: "paused by the operator",
    letters: 0,
    isNew: true,
  });
  expect(JSON.parse(second.out)).toMatchObject({ isNew: false });
  const status = await paperround(home, ["status"]);
  expect(status.out).toMatch(/^Held back {5}letters to outlook\.com, hotmail\.com, .*no letters/m);
  expect(status.out).toContain("to go on: paperround outbox resume --domain outlook.com\n");
  const resumed = await paperround(home, ["outbox", "resume", "--domain", "live.com", "--json"]);
  expect(JSON.parse(resumed.out)).toMatchObject({ resumed: [{ domain: "outlook.com" }] });
  expect(await paperround(home, ["outbox", "resume", "--domain", "live.com"])).toEqual({
    exit: 0,
    out: "",
    said: "Letters to live.com were not held back.\n",
  });
});

test("a provider that keeps refusing is told by send and status, with the way on", async () => {
  const server = await startFaultServer();
  const readers = Array.from({ length: 36 }, (_, index) =>
    index % 3 === 0 ? `dot-554.${index}@bad.example` : `reader.${index}@bad.example`,
  );
  const home = await sampleHome([...readers, "ada@example.org"]);
  const ended = await paperround(home, ["send", "--date", DAY, "--json"], {
    SMTP_URL: server.url.href,
  });
  expect(ended.exit).toBe(4);
  expect(ended.said).toMatch(
    /^Letters to bad\.example are held back: 10 of \d+ letters were refused alike \(554 5\.7\.1 Message refused\)\. Look into it, then: paperround outbox resume --domain bad\.example$/m,
  );
  const { held, owed } = JSON.parse(ended.out) as { held: object[]; owed: number };
  expect(held).toMatchObject([{ kind: "domain", domain: "bad.example", letters: owed }]);
  expect(server.accepted).toContain("ada@example.org");
  const status = JSON.parse((await paperround(home, ["status", "--json"])).out) as object;
  expect(status).toMatchObject({ held });
});

test("cancelling tells how many, keeps a later send from them, and retry brings them back", async () => {
  const server = await startFaultServer();
  const smtp = { SMTP_URL: server.url.href };
  const home = await sampleHome(["ada@example.org", "rcpt-450@example.org"]);
  await paperround(home, ["send", "--date", DAY], smtp);
  const cancelled = await paperround(home, ["outbox", "cancel", "--date", DAY]);
  expect(cancelled).toEqual({
    exit: 0,
    out: `1 letter of ${TITLE} cancelled\n`,
    said: `To bring them back: paperround outbox retry --state cancelled --date ${DAY} --all\n`,
  });
  const again = await paperround(home, ["outbox", "cancel", "--date", DAY, "--yes", "--json"]);
  expect(JSON.parse(again.out)).toMatchObject({ period: DAY, cancelled: 0, underWay: 0 });
  const sent = await paperround(home, ["send", "--date", DAY, "--wait", "--json"], smtp);
  expect(sent.exit).toBe(0);
  expect(JSON.parse(sent.out)).toMatchObject({ accepted: 1, cancelled: 1, owed: 0, held: [] });
  const retry = ["outbox", "retry", "--state", "cancelled", "--date", DAY, "--all"];
  expect((await paperround(home, retry)).out).toBe("1 made due again\n");
  expect((await statusOf(home)).latest?.deliveries).toMatchObject({ due: 1, cancelled: 0 });
});

test("the list shows the server's queue id, and as many as were asked for", async () => {
  const server = await startFaultServer();
  const home = await sampleHome(["ada@example.org", "grace@example.org"]);
  await paperround(home, ["send", "--date", DAY], { SMTP_URL: server.url.href });
  const accepted = ["outbox", "list", "--state", "accepted", "--limit", "1"];
  const [text, json] = await Promise.all([
    paperround(home, accepted),
    paperround(home, [...accepted, "--json"]),
  ]);
  expect(text.out).toMatch(
    /^STATE .* CODE +WHAT IS KNOWN\naccepted .* 250 2\.0\.0 +Ok: queued as 4TESTID\n$/,
  );
  expect(text.said).toContain("These are the newest 1;");
  expect(JSON.parse(json.out)).toMatchObject([
    { state: "accepted", code: 250, enhanced: "2.0.0", queueId: "4TESTID" },
  ]);
});

test("an act that changes nothing says why, and exits with 3", async () => {
  const server = await startFaultServer();
  const home = await sampleHome(["ada@example.org", "rcpt-550@example.org"]);
  await paperround(home, ["send", "--date", DAY], { SMTP_URL: server.url.href });
  expect(await paperround(home, ["outbox", "retry", "--all"])).toEqual({
    exit: 3,
    out: "0 made due again\n",
    said: "None of these deliveries is deferred: there are 1 accepted, 1 rejected. Name another --state, where it helps.\n",
  });
  const resolved = await paperround(home, ["outbox", "resolve", "--accept", "--all"]);
  expect(resolved).toMatchObject({ exit: 3, out: "0 uncertain taken for accepted\n" });
  const nowhere = ["outbox", "resolve", "--resend", "--all", "--date", "2026-04-14"];
  expect((await paperround(home, nowhere)).said).toBe("No such delivery is in the outbox.\n");
});

test("what is named by mistake is told, though it can be held back in advance", async () => {
  const home = await sampleHome(["ada@example.org"]);
  const early = await paperround(home, ["outbox", "pause", "--date", "2026-04-14"]);
  expect(early.said).toContain("It has not been published yet; once it is, its letters wait.");
  const nobody = await paperround(home, ["outbox", "pause", "--domain", "exmaple.org"]);
  expect(nobody.said).toContain("Nobody on the list has a mailbox at exmaple.org.");
  const somebody = await paperround(home, ["outbox", "pause", "--domain", "example.org"]);
  expect(somebody.said).toContain("Nothing is owed to it now; letters of coming editions wait.");
  const cancelled = await paperround(home, ["outbox", "cancel", "--date", "2026-04-14"]);
  expect(cancelled.said).toContain("It has not been published.");
});

test("what is to be held back, and how much listed, must be said right", async () => {
  const home = await sampleHome();
  const slips = [
    [["outbox", "pause"], "Name an edition by its --date, or a --domain."],
    [["outbox", "pause", "--date", DAY, "--domain", "example.org"], "or a --domain."],
    [["outbox", "resume", "--domain", "nobody"], "Write one domain such as example.org."],
    [["outbox", "resolve", "--accept", "--resend", "--all"], "Only one of --resend and --accept"],
    [["outbox", "cancel"], "Name an edition by its --date."],
    [["outbox", "list", "--limit", "0"], "A limit is a number from 1 to 100000."],
  ] as const;
  const ended = await Promise.all(slips.map(([argv]) => paperround(home, argv)));
  for (const [index, [, sentence]] of slips.entries()) {
    expect(ended[index]).toMatchObject({ exit: 2, out: "" });
    expect(ended[index]?.said).toContain(sentence);
  }
});

test.each([
  [0, 20_000, 0, "0 of 20,000 settled"],
  [1234, 20_000, 309, "1,234 of 20,000 settled, 309/s, 1 min left"],
  [19_990, 20_000, 1999, "19,990 of 20,000 settled, 1,999/s, 1 s left"],
  [10, 100, 1 / 60, "10 of 100 settled, 1/min, 1 h 30 min left"],
  [21, 20, 21, "21 of 20 settled, 21/s, 0 s left"],
  [5, 20, 0, "5 of 20 settled, waiting"],
])("%i of %i letters at %d a second: %s", (count, total, rate, text) => {
  expect(progressText("settled", count, total, rate)).toBe(text);
});
