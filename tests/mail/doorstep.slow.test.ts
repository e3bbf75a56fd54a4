/** What a server can do before it takes any letter: nobody's letter is tried, or one is put off. */
import { expect, test } from "vitest";
import { carry, letterTo, singleLetters, type TestLetter } from "./carry.ts";
import { startFaultServer, type FaultServer, type Habits } from "./fault-server.ts";

const SHORT = { connect: 150, command: 300, letter: 300 };
const READER = letterTo("reader@example.org");

function alone(server: FaultServer, { to, content }: TestLetter = READER) {
  const envelope = { from: "letters@example.org", to: [to] };
  return singleLetters(server.url, SHORT).send({ envelope, content });
}

type Case = readonly [string, Habits, code: string, told: string];
const cases: readonly Case[] = [
  [
    "never speaks",
    { greeting: null },
    "SMTP_UNREACHABLE",
    "can't be reached: Greeting never received.",
  ],
  [
    "greets with 421",
    { greeting: "421 4.3.2 Come back later" },
    "SMTP_UNREACHABLE",
    "can't be reached: 421 4.3.2 Come back later.",
  ],
  ["greets with babble", { greeting: "hello?" }, "SMTP_UNREACHABLE", "can't be reached: hello?"],
  [
    "greets without end",
    { greeting: "x".repeat(1 << 20) },
    "SMTP_UNREACHABLE",
    "can't be reached: xxx",
  ],
  [
    "answers EHLO with 421",
    { replies: { EHLO: "421 4.3.2 Closing" } },
    "SMTP_UNREACHABLE",
    "can't be reached: 421 4.3.2 Closing.",
  ],
  [
    "never answers EHLO",
    { replies: { EHLO: "silence" } },
    "SMTP_UNREACHABLE",
    "can't be reached: Timeout.",
  ],
  [
    "refuses the sender for now",
    { mailReply: "451 4.3.2 Not now" },
    "SMTP_UNREACHABLE",
    "takes no letters for now: 451 4.3.2 Not now.",
  ],
  [
    "refuses the sender for good",
    { mailReply: "550 5.7.1 Not you" },
    "SMTP_REFUSED",
    "refuses our sender address: 550 5.7.1 Not you.",
  ],
];

test.each(cases)("a server that %s leaves every letter untried", async (_, habits, code, told) => {
  const server = await startFaultServer(habits);
  const outcomes = await carry(server.url, [READER, READER], { connections: 2, timeouts: SHORT });
  for (const { state, marked, fault } of outcomes) {
    expect({ state, marked }).toEqual({ state: "untried", marked: false });
    expect(fault?.code).toBe(code);
    expect(fault?.message).toContain(`${server.url.host} ${told}`);
    expect(fault?.message.length).toBeLessThan(600);
  }
  const outcome = await alone(server);
  expect(outcome).toMatchObject({ state: "untried", fault: { code } });
});

test.each([
  ["421", { mailReply: "421 4.3.2 Too busy" }, " It said: 421 4.3.2 Too busy"],
  ["babble", { mailReply: "hello?" }, ""],
  ["silence", { replies: { MAIL: "silence" } }, ""],
])("when MAIL is answered with %s, the letter is put off", async (_, habits, said) => {
  const server = await startFaultServer(habits);
  const [outcome] = await carry(server.url, [READER], { timeouts: SHORT });
  const text = `The connection was lost before the letter was asked for.${said}`;
  expect(outcome).toMatchObject({ state: "deferred", marked: false, reply: { text } });
  expect(["deferred", "untried"]).toContain((await alone(server)).state);
});

test("a server that ends every connection at MAIL is out of reach, not every reader's", async () => {
  const server = await startFaultServer({ mailReply: "421 4.3.2 Too busy" });
  const letters = Array.from({ length: 20 }, (_, index) => letterTo(`r.${index}@example.org`));
  const outcomes = await carry(server.url, letters, { connections: 3 });
  const untried = outcomes.filter(({ state }) => state === "untried");
  expect(untried.length).toBeGreaterThanOrEqual(12);
  expect(untried[0]?.fault?.code).toBe("SMTP_UNREACHABLE");
});
