/** Letters in chunks (RFC 3030), several under way on one connection. */
import { createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { carry, letterTo } from "./carry.ts";

/** Starts a server that takes chunks and holds its answers to so many letters back at once. */
async function startChunkServer(answersHeldBack: number, farewellAfter = Number.POSITIVE_INFINITY) {
  const accepted: string[] = [];
  const sockets = new Set<Socket>();
  const mostUnanswered = { letters: 0 };
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    let rest = Buffer.alloc(0);
    let body = -1;
    let recipient = "";
    let refused = false;
    let held: string[] = [];
    const say = (line: string) => held.push(line);
    const answer = () => {
      socket.write(held.map((line) => `${line}\r\n`).join(""));
      held = [];
    };
    const endOfLetter = () => {
      const local = recipient.split("@")[0]?.split(".")[0];
      if (local === "drop") return void socket.destroy();
      if (refused) say("503 5.5.1 No recipient");
      else if (local === "refused") say("554 5.7.1 No");
      else {
        accepted.push(recipient);
        say(`250 2.0.0 Ok: queued as ${recipient.replace(/\W/g, "")}`);
      }
      const letters = held.filter((line) => /queued|No/.test(line)).length;
      mostUnanswered.letters = Math.max(mostUnanswered.letters, letters);
      if (letters >= answersHeldBack) answer();
      // Whoever has fewer under way is answered all the same, a little later.
      else setTimeout(answer, 20);
      if (accepted.length === farewellAfter) setTimeout(() => socket.end("421 4.4.2 Idle\r\n"), 40);
    };
    const command = (line: string) => {
      const verb = line.slice(0, 4);
      if (verb === "EHLO") say("250-sink\r\n250-PIPELINING\r\n250 CHUNKING");
      else if (verb === "RCPT") {
        recipient = /<(.*)>/.exec(line)?.[1] ?? "";
        refused = recipient.startsWith("unknown");
        say(refused ? "550 5.1.1 Unknown" : "250 2.1.5 Ok");
      } else if (verb === "BDAT") {
        body = Number(line.split(" ")[1]);
        return;
      } else say("250 2.0.0 Ok");
      if (!["RSET", "MAIL", "RCPT"].includes(verb)) answer();
    };
    socket.write("220 sink\r\n");
    socket.on("data", (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (;;) {
        if (body >= 0) {
          if (rest.length < body) return;
          rest = rest.subarray(body);
          body = -1;
          endOfLetter();
          continue;
        }
        const end = rest.indexOf("\r\n");
        if (end === -1 || socket.destroyed) return;
        const line = rest.toString("latin1", 0, end);
        rest = rest.subarray(end + 2);
        command(line);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return { url: new URL(`smtp://127.0.0.1:${port}`), accepted, mostUnanswered };
}

const readers = (count: number) =>
  Array.from({ length: count }, (_, index) => `reader.${index}@example.org`);

test("as many letters as allowed are under way before the first is answered", async () => {
  const server = await startChunkServer(4);
  const outcomes = await carry(server.url, readers(22).map(letterTo), { lettersInFlight: 4 });
  expect(outcomes.map(({ state }) => state)).toEqual(outcomes.map(() => "accepted"));
  expect(server.accepted).toEqual(readers(22));
  expect(server.mostUnanswered.letters).toBe(4);
});

test("each refusal is its own reader's, and the others are accepted once", async () => {
  const server = await startChunkServer(4);
  const to = ["a", "unknown", "b", "refused", "c", "d"].map((name) => `${name}@example.org`);
  const outcomes = await carry(server.url, to.map(letterTo), { lettersInFlight: 4 });
  expect(outcomes.map(({ state, reply }) => [state, reply?.enhanced])).toEqual([
    ["accepted", "2.0.0"],
    ["rejected", "5.1.1"],
    ["accepted", "2.0.0"],
    ["rejected", "5.7.1"],
    ["accepted", "2.0.0"],
    ["accepted", "2.0.0"],
  ]);
  expect(server.accepted).toEqual(["a", "b", "c", "d"].map((name) => `${name}@example.org`));
});

test("when the session breaks, what was under way is uncertain and the rest goes anew", async () => {
  const server = await startChunkServer(9);
  const to = ["a", "b", "drop", "c", "d", "e"].map((name) => `${name}@example.org`);
  const outcomes = await carry(server.url, to.map(letterTo), { lettersInFlight: 3 });
  const uncertain = outcomes.filter(({ state }) => state === "uncertain");
  expect(uncertain.length).toBeGreaterThanOrEqual(1);
  expect(uncertain.length).toBeLessThanOrEqual(3);
  const recorded = to.filter((_, index) => outcomes[index]?.state === "accepted");
  expect(recorded.filter((each) => !server.accepted.includes(each))).toEqual([]);
  expect(new Set(server.accepted).size).toBe(server.accepted.length);
  expect(outcomes.every(({ state }) => state === "accepted" || state === "uncertain")).toBe(true);
});

test("when the mark can't be written, what is under way is settled and nothing more leaves", async () => {
  const server = await startChunkServer(3);
  const full = new Error("database or disk is full");
  const letters = readers(6).map(letterTo);
  const broken = letters.map((letter, index) =>
    index === 3 ? { ...letter, mark: () => Promise.reject(full) } : letter,
  );
  await expect(carry(server.url, broken, { lettersInFlight: 2 })).rejects.toThrow(full);
  expect(server.accepted).toEqual(readers(3));
});

test("a farewell while nobody writes is no answer, and the next letter goes over a new connection", async () => {
  const server = await startChunkServer(1, 1);
  const letters = readers(2).map(letterTo);
  const outcomes = await carry(server.url, letters, { lettersInFlight: 2 }, async () => {
    await new Promise((resolve) => setTimeout(resolve, 150));
  });
  expect(outcomes.map(({ state }) => state)).toEqual(["accepted", "accepted"]);
  expect(server.accepted).toEqual(readers(2));
});

test.each(["mail", "greeting"] as const)(
  "a server that hangs up at the %s leaves one letter in doubt at a time, and the run gives up",
  async (moment) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.write("220 sink\r\n");
      socket.on("data", (chunk: Buffer) => {
        const text = chunk.toString("latin1");
        if (text.startsWith("EHLO")) {
          socket.write("250-sink\r\n250-PIPELINING\r\n250 CHUNKING\r\n");
          if (moment === "greeting") socket.destroy();
        } else if (text.includes("MAIL")) socket.end("250 Ok\r\n421 4.3.2 Closing\r\n");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const url = new URL(`smtp://127.0.0.1:${port}`);
    const outcomes = await carry(url, readers(40).map(letterTo), { lettersInFlight: 4 });
    const touched = outcomes.filter(({ state }) => state !== "untried" && state !== "givenBack");
    expect(touched.length).toBeLessThanOrEqual(5);
  },
);

test("a server that offers chunks and does not know them gets letters the usual way, and nobody is refused", async () => {
  const accepted: string[] = [];
  const server = createServer((socket) => {
    let rest = "";
    let recipient = "";
    let isBody = false;
    socket.on("error", () => {});
    socket.write("220 sink\r\n");
    socket.on("data", (chunk: Buffer) => {
      rest += chunk.toString("latin1");
      for (let end = rest.indexOf("\r\n"); end !== -1; end = rest.indexOf("\r\n")) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (isBody) {
          if (line !== ".") continue;
          isBody = false;
          accepted.push(recipient);
        }
        recipient = /^RCPT TO:<(.*)>/.exec(line)?.[1] ?? recipient;
        isBody = line === "DATA";
        if (line.startsWith("EHLO")) socket.write("250-sink\r\n250-PIPELINING\r\n250 CHUNKING\r\n");
        else if (isBody) socket.write("354 Go ahead\r\n");
        else if (/^(?:RSET|MAIL|RCPT|QUIT|\.$)/.test(line)) socket.write("250 Ok\r\n");
        else socket.write("500 what\r\n");
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  const url = new URL(`smtp://127.0.0.1:${port}`);
  const outcomes = await carry(url, readers(12).map(letterTo), { lettersInFlight: 4 });
  const states = outcomes.map(({ state }) => state);
  expect(states).toEqual(["deferred", ...Array.from({ length: 11 }, () => "accepted")]);
  expect(accepted).toEqual(readers(12).slice(1));
});
