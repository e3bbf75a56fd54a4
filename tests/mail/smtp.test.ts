import { expect, test } from "vitest";
import { pause } from "../../src/io/pause.ts";
import { smtpTransport } from "../../src/mail/smtp.ts";
import type { Letter } from "../../src/mail/transport.ts";
import { carry, letterTo } from "./carry.ts";
import { startFaultServer, type Fault, type FaultServer } from "./fault-server.ts";

/** Sends letters over one connection and returns what came of each, and whether it was marked. */
async function send(server: FaultServer, ...recipients: string[]) {
  return carry(server.url, recipients.map(letterTo));
}

const cases: [Fault, string, boolean][] = [
  ["rcpt-450", "deferred", false],
  ["rcpt-550", "rejected", false],
  ["data-451", "deferred", false],
  ["drop-at-rcpt", "deferred", false],
  ["drop-before-354", "deferred", false],
  ["dot-451", "deferred", true],
  ["dot-554", "rejected", true],
  ["dot-421", "deferred", true],
  ["drop-in-body", "uncertain", true],
  ["drop-after-dot", "uncertain", true],
];
test.each(cases)("%s ends as %s, and the body had begun: %s", async (fault, state, marked) => {
  const server = await startFaultServer();
  const [outcome] = await send(server, `${fault}@example.org`);
  expect(outcome).toMatchObject({ state, marked });
});

test("an accepted letter keeps the server's code, enhanced code and queue id", async () => {
  const server = await startFaultServer();
  const [outcome] = await send(server, "reader@example.org");
  expect(outcome).toMatchObject({
    state: "accepted",
    reply: { code: 250, enhanced: "2.0.0", text: "250 2.0.0 Ok: queued as 4TESTID" },
  });
});

test("after every kind of failure the lane delivers the next letter", async () => {
  const server = await startFaultServer();
  const recipients = cases.flatMap(([fault], index) => [
    `${fault}@example.org`,
    `fine.${index}@example.org`,
  ]);
  const outcomes = await send(server, ...recipients);
  const fine = outcomes.filter((_, index) => index % 2 === 1);
  expect(fine.map(({ state }) => state)).toEqual(cases.map(() => "accepted"));
});

test("a server that closes after five letters loses none and gets none twice", async () => {
  const server = await startFaultServer({ lettersPerConnection: 5 });
  const recipients = Array.from({ length: 23 }, (_, index) => `reader.${index}@example.org`);
  const outcomes = await send(server, ...recipients);
  expect(outcomes.map(({ state }) => state)).toEqual(recipients.map(() => "accepted"));
  expect(server.accepted).toEqual(recipients);
  expect(server.connections()).toBe(5);
});

test("when the mark can't be written, no byte of the letter leaves", async () => {
  const server = await startFaultServer();
  const full = new Error("database or disk is full");
  const letter = { ...letterTo("reader@example.org"), mark: () => Promise.reject(full) };
  await expect(carry(server.url, [letter])).rejects.toThrow(full);
  expect(server.accepted).toEqual([]);
});

test("a letter that must not leave any more is withdrawn, and the next one goes", async () => {
  const server = await startFaultServer();
  const withdrawn = { ...letterTo("left@example.org"), mark: async () => false };
  const outcomes = await carry(server.url, [
    letterTo("a@example.org"),
    withdrawn,
    letterTo("b@example.org"),
  ]);
  expect(outcomes.map(({ state }) => state)).toEqual(["accepted", "withdrawn", "accepted"]);
  expect(server.accepted).toEqual(["a@example.org", "b@example.org"]);
});

test("a server that hangs up after a refusal does not hold the program for ever", async () => {
  const server = await startFaultServer({ dropAtReset: true });
  const outcomes = await send(server, "rcpt-550@example.org", "reader@example.org");
  expect(outcomes.map(({ state }) => state)).toEqual(["rejected", "accepted"]);
});

test("a server that hangs up during the login is out of reach", async () => {
  const server = await startFaultServer({ dropAtLogin: true });
  server.url.username = "me";
  server.url.password = "secret";
  const [outcome] = await send(server, "reader@example.org");
  expect(outcome).toMatchObject({ state: "untried", lasting: false });
});

test("a refused login is lasting and names no password", async () => {
  const server = await startFaultServer();
  server.url.username = "me";
  server.url.password = "hunter2";
  const [outcome] = await send(server, "reader@example.org");
  expect(outcome).toMatchObject({
    state: "untried",
    lasting: true,
    fault: { code: "SMTP_REFUSED", message: expect.stringContaining("535 5.7.8 Wrong password") },
  });
  expect(JSON.stringify(outcome)).not.toContain("hunter2");
});

test("a reply that repeats the recipient is kept without the address", async () => {
  const { replyOf } = await import("../../src/mail/outcome.ts");
  const reply = replyOf("550 5.1.1 <zorro@example.org>: unknown (zorro@example.org)", null);
  expect(reply.text).toBe("550 5.1.1 <address>: unknown (address)");
});

test.each(["drop-after-354", "refuse-after-354", "accept-after-354"])(
  "%s, while the mark is being written, leaves the letter unsent and the lane in order",
  async (fault) => {
    const server = await startFaultServer();
    let marks = 0;
    const slow = {
      ...letterTo(`${fault}@example.org`),
      mark: async () => {
        marks++;
        await new Promise((resolve) => setTimeout(resolve, 100));
        return true;
      },
    };
    const [first, outcome, next] = await carry(server.url, [
      letterTo("first@example.org"),
      slow,
      letterTo("next@example.org"),
    ]);
    expect(["deferred", "rejected"]).toContain(outcome?.state);
    expect(marks).toBe(1);
    expect([first?.state, next?.state]).toEqual(["accepted", "accepted"]);
    expect(server.accepted).toEqual(["first@example.org", "next@example.org"]);
  },
);

test("a refused sender is our fault and lasting, not the reader's", async () => {
  const server = await startFaultServer({ mailReply: "550 5.7.1 Sender not allowed" });
  const [outcome] = await send(server, "reader@example.org");
  expect(outcome).toMatchObject({
    state: "untried",
    lasting: true,
    fault: { code: "SMTP_REFUSED" },
  });
});

test("a server that greets with 554 is out of reach, and nobody's letter was tried", async () => {
  const server = await startFaultServer({ greeting: "554 5.3.2 Not today" });
  const [outcome] = await send(server, "reader@example.org");
  expect(outcome).toMatchObject({ state: "untried", fault: { code: "SMTP_UNREACHABLE" } });
});

test("a port where nobody listens is reported by name", async () => {
  const [outcome] = await carry(new URL("smtp://127.0.0.1:1"), [letterTo("reader@example.org")]);
  expect(outcome).toMatchObject({ state: "untried", lasting: false });
  expect(outcome?.fault?.message).toContain("127.0.0.1:1");
});

test("an idle connection leaves its place to a letter that waits for one", async () => {
  const server = await startFaultServer({ connectionsMax: 1 });
  const options = { lettersInFlight: 1, allowPlaintext: false, connections: 3 };
  const timeouts = { idle: 100 };
  const transport = smtpTransport({ url: server.url, timeouts, ...options }, pause);
  const waiting = Array.from({ length: 12 }, (_, index) => `reader.${index}@example.org`);
  let open = waiting.length;
  const atHand = (): Letter | null => {
    const to = waiting.shift();
    if (!to) return null;
    return {
      from: "letters@example.org",
      to,
      print: (sheet) => {
        sheet.bytes = Buffer.alloc(4096);
        sheet.start = 0;
        sheet.end = sheet.bytes.write("Subject: x\r\n\r\nBody\r\n", "latin1");
      },
      mayLeave: async () => true,
      settle: () => {
        open--;
      },
      giveBack: () => {},
    };
  };
  /** Nobody ends before all is settled, as in a send that waits. */
  const next = async () => {
    for (;;) {
      const letter = atHand();
      if (letter || open === 0) return letter;
      await pause(20);
    }
  };
  const signal = new AbortController().signal;
  expect(await transport.carry({ atHand, next }, { signal, patient: true })).toBeNull();
  expect(server.accepted).toHaveLength(12);
}, 30_000);
