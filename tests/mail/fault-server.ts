/**
 * A mail server that misbehaves on request: the local part of a recipient says how. It counts what
 * it accepted, which is the other half of the ledger.
 */
import { createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** What the server does to a recipient of that name, instead of accepting the letter. */
export const FAULTS = [
  "rcpt-450",
  "rcpt-550",
  "data-451",
  "dot-451",
  "dot-554",
  "drop-at-rcpt",
  "drop-before-354",
  "drop-after-354",
  "refuse-after-354",
  "drop-in-body",
  "drop-after-dot",
  "close-421-after-dot",
] as const;
/** The last one lies, so what it says it accepted can't be held against the ledger. */
export type Fault = (typeof FAULTS)[number] | "accept-after-354";

export interface FaultServer {
  readonly url: URL;
  /** Every recipient whose letter was accepted, as often as it was. */
  readonly accepted: string[];
  /** How many connections were opened. */
  connections(): number;
}

export interface Habits {
  readonly greeting?: string;
  readonly mailReply?: string;
  /** Hangs up at RSET, as some do after a refusal. */
  readonly dropAtReset?: boolean;
  /** Hangs up in the middle of a login. */
  readonly dropAtLogin?: boolean;
  /** Never answers QUIT. */
  readonly ignoreQuit?: boolean;
  /** Refuses every recipient once for now, as greylisting does. */
  readonly greylists?: boolean;
  /** Closes the connection without a word after so many letters, as some providers do. */
  readonly lettersPerConnection?: number;
}

/** Starts a server that is stopped when the test ends. */
export async function startFaultServer(habits: Habits = {}): Promise<FaultServer> {
  const accepted: string[] = [];
  const strangers = new Set<string>();
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
    converse(socket, habits, accepted, strangers);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const { port } = server.address() as { port: number };
  return { url: new URL(`smtp://127.0.0.1:${port}`), accepted, connections: () => connections };
}

function converse(
  socket: Socket,
  habits: Habits,
  accepted: string[],
  strangers: Set<string>,
): void {
  let rest = "";
  let inBody = false;
  let recipient = "";
  let letters = 0;
  const say = (line: string) => socket.write(`${line}\r\n`);
  const fault = () => recipient.slice(0, recipient.indexOf("@")).replace(/\.\d+$/, "") as Fault;

  function endOfBody(): void {
    inBody = false;
    switch (fault()) {
      case "dot-451":
        return void say("451 4.3.0 Try again later");
      case "refuse-after-354":
        // It has answered already.
        return;
      case "dot-554":
        return void say("554 5.7.1 Message refused");
      case "drop-after-dot":
        accepted.push(recipient);
        return void socket.destroy();
      case "close-421-after-dot":
        return void socket.end("421 4.4.2 Closing\r\n");
      default:
        accepted.push(recipient);
        say("250 2.0.0 Ok: queued as 4TESTID");
        if (++letters === habits.lettersPerConnection) socket.end();
    }
  }

  function command(line: string): void {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === "EHLO") {
      return void say("250-fault.example\r\n250-PIPELINING\r\n250-AUTH PLAIN\r\n250 8BITMIME");
    }
    if (verb === "AUTH") {
      if (habits.dropAtLogin) return void socket.destroy();
      return void say("535 5.7.8 Wrong password");
    }
    if (verb === "MAIL") return void say(habits.mailReply ?? "250 2.1.0 Ok");
    if (verb === "RSET") {
      if (habits.dropAtReset) return void socket.destroy();
      return void say("250 2.0.0 Ok");
    }
    if (verb === "QUIT") {
      if (habits.ignoreQuit) return;
      return void socket.end("221 2.0.0 Bye\r\n");
    }
    if (verb === "RCPT") {
      recipient = /<([^>]*)>/.exec(line)?.[1] ?? "";
      if (habits.greylists && !strangers.has(recipient)) {
        strangers.add(recipient);
        recipient = "";
        return void say("450 4.2.0 Greylisted, come back");
      }
      if (fault() === "rcpt-450") return void say("450 4.2.1 Mailbox busy");
      if (fault() === "rcpt-550") return void say("550 5.1.1 No such user");
      if (fault() === "drop-at-rcpt") return void socket.destroy();
      return void say("250 2.1.5 Ok");
    }
    if (verb === "DATA") {
      if (recipient === "" || fault().startsWith("rcpt-"))
        return void say("554 5.5.1 No valid recipients");
      if (fault() === "data-451") return void say("451 4.3.0 Not now");
      if (fault() === "drop-before-354") return void socket.destroy();
      inBody = true;
      say("354 Go ahead");
      if (fault() === "drop-after-354") socket.destroy();
      if (fault() === "accept-after-354") say("250 2.0.0 Ok already");
      if (fault() === "refuse-after-354") say("554 5.7.1 On second thoughts, no");
      return;
    }
    say("502 5.5.2 Unknown");
  }

  say(habits.greeting ?? "220 fault.example ESMTP");
  socket.on("data", (chunk: Buffer) => {
    rest += chunk.toString("latin1");
    for (;;) {
      if (inBody && fault() === "drop-in-body" && rest) return void socket.destroy();
      const end = rest.indexOf("\r\n");
      if (end === -1 || socket.destroyed) return;
      const line = rest.slice(0, end);
      rest = rest.slice(end + 2);
      if (!inBody) command(line);
      else if (line === ".") endOfBody();
    }
  });
}
