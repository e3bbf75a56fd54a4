/** Each way in which a server can fail one letter, over every kind of conversation. */
import { expect, test } from "vitest";
import { carry, letterTo, singleLetters } from "./carry.ts";
import { startFaultServer, type Fault, type Habits } from "./fault-server.ts";

const SHORT = { connect: 300, command: 300, letter: 300 };
/** What becomes of the letter, whether it may have left by then, and what is told of it. */
type Case = readonly [Fault, state: string, marked: boolean, told: RegExp];

const LOST = /^The connection was lost before the letter was asked for\.$/;
const CLOSED = /closed/;

const cases: readonly Case[] = [
  ["rcpt-450", "deferred", false, /^450 4\.2\.1 Mailbox busy$/],
  ["rcpt-550", "rejected", false, /^550 5\.1\.1 No such user$/],
  ["rcpt-421", "deferred", false, /^421 4\.3\.2 Closing$/],
  ["rcpt-550-yet-354", "rejected", false, /^550 5\.1\.1 No such user$/],
  ["rcpt-garbage", "deferred", false, LOST],
  ["rcpt-silent", "deferred", false, LOST],
  ["data-451", "deferred", false, /^451 4\.3\.0 Not now$/],
  ["data-554", "rejected", false, /^554 5\.7\.1 Not this$/],
  ["data-421", "deferred", false, /^421 4\.3\.2 Closing$/],
  ["data-250", "deferred", false, /^250 2\.0\.0 Ok$/],
  ["dot-451", "deferred", true, /^451 4\.3\.0 Try again later$/],
  ["dot-554", "rejected", true, /^554 5\.7\.1 Message refused$/],
  ["dot-421", "deferred", true, /^421 4\.4\.2 Closing$/],
  ["dot-354", "uncertain", true, /^354 Go ahead$/],
  ["dot-silent", "uncertain", true, /^The server did not answer in time$/],
  ["dot-garbage", "uncertain", true, /^The server said "hello\?"$/],
  ["dot-binary", "uncertain", true, /^The server said "[^\p{Cc}]*"$/u],
  ["dot-endless", "uncertain", true, /^The server's reply has no end$/],
  ["dot-non-ascii", "rejected", true, /^554 5\.7\.1 Zustellung für heute gesperrt – 拒绝$/],
  ["drop-at-rcpt", "deferred", false, LOST],
  ["drop-before-354", "deferred", false, LOST],
  ["drop-in-body", "uncertain", true, CLOSED],
  ["reset-in-body", "uncertain", true, /ECONNRESET|closed/],
  ["drop-after-dot", "uncertain", true, CLOSED],
];

const servers: readonly (readonly [string, Habits])[] = [
  ["that takes commands together", {}],
  ["that takes one command at a time", { unpipelined: true }],
  ["whose replies have several lines", { multiline: true }],
];

for (const [kind, habits] of servers) {
  test.each(cases)(
    `from a server ${kind}, %s is %s, body begun: %s; the letters around it arrive`,
    async (fault, state, marked, told) => {
      const server = await startFaultServer(habits);
      const to = ["before", fault, "after"].map((name) => `${name}@example.org`);
      const [before, letter, after] = await carry(server.url, to.map(letterTo), {
        timeouts: SHORT,
      });
      expect(letter).toMatchObject({ state, marked });
      const words = letter?.reply?.text ?? "";
      // A server that spreads its reply over lines says more, and means the same.
      expect(habits.multiline ? words.replace(/^(\d+)-So,.*well: (?=\1)/, "") : words).toMatch(
        told,
      );
      expect([before?.state, after?.state]).toEqual(["accepted", "accepted"]);
      const others = server.accepted.filter((each) => each !== to[1]);
      expect(others).toEqual(["before@example.org", "after@example.org"]);
      expect(server.trespasses).toEqual([]);
    },
  );
}

/** nodemailer, which carries single letters, goes on after these as a server meant it or not. */
const OTHERWISE_ALONE = new Set<Fault>(["data-250", "dot-endless"]);
const alone = cases.filter(([fault]) => !OTHERWISE_ALONE.has(fault));
test.each(alone)("a single letter that meets %s is %s as well", async (fault, state) => {
  const server = await startFaultServer();
  const way = singleLetters(server.url, SHORT);
  const send = (name: string) => {
    const { to, content } = letterTo(`${name}@example.org`);
    return way.send({ envelope: { from: "letters@example.org", to: [to] }, content });
  };
  expect(await send(fault)).toMatchObject({
    state,
    reply: { text: expect.stringMatching(/\S/) },
  });
  expect(await send("after")).toMatchObject({ state: "accepted" });
});

test("a reply of a megabyte is read without ado", async () => {
  const { replyOf } = await import("../../src/mail/outcome.ts");
  const reply = replyOf(`250 ${"x".repeat(1 << 20)}`, null);
  expect(reply).toMatchObject({ code: 250 });
  expect(reply.text).toHaveLength(500);
});
