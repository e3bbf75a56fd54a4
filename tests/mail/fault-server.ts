/**
 * A mail server that misbehaves on request: the local part of a recipient says how, habits say what
 * it does to everybody. It counts what it accepted, which is the other half of the ledger.
 */
import { createServer, type AddressInfo, type Socket } from "node:net";
import { TLSSocket, type SecureContextOptions } from "node:tls";
import { onTestFinished } from "vitest";

/** What the server does instead of answering. */
const DROP = "drop";
const RESET = "reset";
const SILENCE = "silence";
/** Half a line, and silence. */
const HALF = "half";

/** What befalls a recipient at each stage: a reply, or one of the above. */
interface Deeds {
  readonly rcpt?: string;
  readonly data?: string;
  /** At once behind the reply to DATA. */
  readonly early?: string;
  /** When the first bytes of the body have come. */
  readonly body?: string;
  readonly dot?: string;
  /** The letter was accepted for all that. */
  readonly accepts?: true;
}

const GO_AHEAD = "354 Go ahead";
const QUEUED = "250 2.0.0 Ok: queued as 4TESTID";

const DEEDS = {
  "rcpt-450": { rcpt: "450 4.2.1 Mailbox busy" },
  "rcpt-550": { rcpt: "550 5.1.1 No such user" },
  "rcpt-421": { rcpt: "421 4.3.2 Closing" },
  "rcpt-550-yet-354": {
    rcpt: "550 5.1.1 No such user",
    data: GO_AHEAD,
    dot: "554 5.5.1 For whom?",
  },
  "rcpt-garbage": { rcpt: "hello?" },
  "data-451": { data: "451 4.3.0 Not now" },
  "data-554": { data: "554 5.7.1 Not this" },
  "data-421": { data: "421 4.3.2 Closing" },
  "data-250": { data: "250 2.0.0 Ok" },
  "dot-451": { dot: "451 4.3.0 Try again later" },
  "dot-554": { dot: "554 5.7.1 Message refused" },
  "dot-421": { dot: "421 4.4.2 Closing" },
  "drop-at-rcpt": { rcpt: DROP },
  "drop-before-354": { data: DROP },
  "drop-after-354": { early: DROP },
  "refuse-after-354": { early: "554 5.7.1 On second thoughts, no", dot: SILENCE },
  "drop-in-body": { body: DROP },
  "reset-in-body": { body: RESET },
  "drop-after-dot": { dot: DROP, accepts: true },
  "dot-354": { dot: GO_AHEAD },
  "dot-garbage": { dot: "hello?", accepts: true },
  "dot-binary": { dot: "\u0000\u00ff\u0016\u0003 \u0001", accepts: true },
  "dot-endless": { dot: `250 ${"x".repeat(1 << 20)}`, accepts: true },
  "dot-non-ascii": { dot: "554 5.7.1 Zustellung für heute gesperrt – 拒绝" },
} as const satisfies Record<string, Deeds>;
/** These take a client's patience, so its timeouts have to be short. */
const SILENT_DEEDS = {
  "rcpt-silent": { rcpt: SILENCE },
  "dot-silent": { dot: SILENCE, accepts: true },
} as const satisfies Record<string, Deeds>;
/** What it says it accepted can't be held against the ledger. */
const LIES = {
  "accept-after-354": { early: "250 2.0.0 Ok already" },
  "half-a-line": { early: HALF },
} as const;

type Named<Table> = Extract<keyof Table, string>;
export const FAULTS = Object.keys(DEEDS) as readonly Named<typeof DEEDS>[];
export const SILENT_FAULTS = Object.keys(SILENT_DEEDS) as readonly Named<typeof SILENT_DEEDS>[];
export type Fault = Named<typeof DEEDS & typeof SILENT_DEEDS & typeof LIES>;

export interface FaultServer {
  readonly url: URL;
  /** Every recipient whose letter was accepted, as often as it was. */
  readonly accepted: string[];
  /** What the client sent before it was asked or allowed to. */
  readonly trespasses: string[];
  /** How many connections were opened. */
  connections(): number;
  /** How many of them the client has not closed. */
  open(): number;
}

export interface Habits {
  /** Null for a server that never speaks. */
  readonly greeting?: string | null;
  /** Replies to commands by verb, in place of its own; a 421 ends the connection. */
  readonly replies?: Readonly<Record<string, string>>;
  readonly mailReply?: string;
  /** Does not offer PIPELINING, and refuses commands that come together. */
  readonly unpipelined?: boolean;
  /** Spreads every reply over several lines. */
  readonly multiline?: boolean;
  /** Sends every byte by itself. */
  readonly byteByByte?: boolean;
  /** Milliseconds between DATA and its answer. */
  readonly slow354?: number;
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
  /** Greets whoever comes beyond so many connections at once with 421. */
  readonly connectionsMax?: number;
  /** Encrypts at once, or offers to, and keeps its word or breaks the handshake. */
  readonly tls?: "at once" | "offered" | "broken" | "dropped";
  readonly certificate?: SecureContextOptions;
}

/** Starts a server that is stopped when the test ends. `host` is the name it is reached by. */
export async function startFaultServer(
  habits: Habits = {},
  host = "127.0.0.1",
): Promise<FaultServer> {
  const accepted: string[] = [];
  const trespasses: string[] = [];
  const strangers = new Set<string>();
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((plain) => {
    connections++;
    sockets.add(plain);
    plain.on("close", () => sockets.delete(plain)).on("error", () => {});
    plain.setNoDelay(true);
    const secure = habits.tls === "at once";
    const line = secure ? encrypted(plain, habits) : plain;
    const tooMany = sockets.size > (habits.connectionsMax ?? Number.POSITIVE_INFINITY);
    converse(line, { habits, accepted, trespasses, strangers, tooMany });
  });
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const { port } = server.address() as AddressInfo;
  const scheme = habits.tls === "at once" ? "smtps" : "smtp";
  return {
    url: new URL(`${scheme}://${host}:${port}`),
    accepted,
    trespasses,
    connections: () => connections,
    open: () => sockets.size,
  };
}

function encrypted(socket: Socket, { certificate }: Habits): TLSSocket {
  return new TLSSocket(socket, { isServer: true, ...certificate }).on("error", () => {});
}

/** What a conversation shares with its server. */
interface Surroundings {
  readonly habits: Habits;
  readonly accepted: string[];
  readonly trespasses: string[];
  /** Recipients whom a server that greylists has turned away once. */
  readonly strangers: Set<string>;
  readonly tooMany: boolean;
}

function converse(plain: Socket, surroundings: Surroundings): void {
  const { habits, accepted, trespasses, strangers, tooMany } = surroundings;
  let socket = plain;
  let speak = speakerOn(socket, habits);
  let rest = "";
  let state: "commands" | "deaf" | "body" | "mute" = "commands";
  let recipient = "";
  let letters = 0;

  function deeds(): Deeds {
    const name = recipient.slice(0, recipient.indexOf("@")).replace(/\.\d+$/, "");
    return { ...DEEDS, ...SILENT_DEEDS, ...LIES }[name as Fault] ?? {};
  }

  /** Answers, or does what stands in place of an answer. */
  function say(reply: string): void {
    if (reply === DROP) socket.destroy();
    else if (reply === RESET) plain.resetAndDestroy();
    else if (reply === HALF) socket.write("250 2.0");
    else if (reply === SILENCE) state = "mute";
    else speak(reply, reply.startsWith("421"));
  }

  function endOfBody(): void {
    state = "commands";
    const { dot, accepts } = deeds();
    if (!dot || accepts) accepted.push(recipient);
    say(dot ?? QUEUED);
    if (!dot && ++letters === habits.lettersPerConnection) socket.end();
  }

  function data(): void {
    const { rcpt, data: reply, early } = deeds();
    if (reply && reply !== GO_AHEAD) return say(reply);
    if ((rcpt && !reply) || recipient === "") return say("554 5.5.1 No valid recipients");
    // Whatever comes before it was asked for trespasses.
    state = "deaf";
    const goAhead = () => {
      state = "body";
      say(GO_AHEAD);
      if (early) say(early);
    };
    if (habits.slow354) setTimeout(goAhead, habits.slow354);
    else goAhead();
  }

  function startTls(): void {
    speak("220 2.0.0 Go ahead", habits.tls === "dropped");
    if (habits.tls === "dropped") return;
    plain.removeAllListeners("data");
    if (habits.tls === "broken") {
      return void plain.on("data", () => plain.write("This is no handshake.\r\n"));
    }
    socket = encrypted(plain, habits);
    speak = speakerOn(socket, habits);
    socket.on("data", hear);
  }

  function command(line: string): void {
    const verb = line.slice(0, 4).toUpperCase();
    const reply = habits.replies?.[verb];
    if (reply) return say(reply);
    switch (verb) {
      case "EHLO":
        return say(extensions(habits, socket !== plain));
      case "STAR":
        return habits.tls === undefined ? say("502 5.5.1 Not here") : startTls();
      case "AUTH":
        return say(habits.dropAtLogin ? DROP : "535 5.7.8 Wrong password");
      case "MAIL":
        return say(habits.mailReply ?? "250 2.1.0 Ok");
      case "RSET":
        return say(habits.dropAtReset ? DROP : "250 2.0.0 Ok");
      case "RCPT":
        recipient = /<([^>]*)>/.exec(line)?.[1] ?? "";
        if (habits.greylists && !strangers.has(recipient)) {
          strangers.add(recipient);
          recipient = "";
          return say("450 4.2.0 Greylisted, come back");
        }
        return say(deeds().rcpt ?? "250 2.1.5 Ok");
      case "DATA":
        return data();
      case "QUIT":
        return habits.ignoreQuit ? undefined : speak("221 2.0.0 Bye", true);
      default:
        return say("502 5.5.2 Unknown");
    }
  }

  function hear(chunk: Buffer): void {
    rest += chunk.toString("latin1");
    for (;;) {
      if (state === "mute") return;
      if (state === "deaf") return void (rest && trespasses.push(`before 354: ${rest}`));
      const { body } = deeds();
      if (state === "body" && body && rest) return say(body);
      const end = rest.indexOf("\r\n");
      if (end === -1 || socket.destroyed) return;
      const line = rest.slice(0, end);
      rest = rest.slice(end + 2);
      if (state === "commands") command(line);
      else if (line === ".") endOfBody();
      else continue;
      if (habits.unpipelined && rest && !deeds().early) {
        trespasses.push(`together: ${rest}`);
        return speak("503 5.5.0 One at a time", true);
      }
    }
  }

  if (habits.greeting === null) return;
  say(tooMany ? "421 4.7.0 Too many connections" : (habits.greeting ?? "220 fault.example ESMTP"));
  socket.on("data", hear);
}

function extensions({ unpipelined, tls }: Habits, isEncrypted: boolean): string {
  const offered = ["AUTH PLAIN", "8BITMIME"];
  if (!unpipelined) offered.unshift("PIPELINING");
  if (tls && tls !== "at once" && !isEncrypted) offered.unshift("STARTTLS");
  return [...offered.map((line) => `250-${line}`), "250 fault.example"].join("\r\n");
}

/** Returns what sends replies over a socket, one after the other, and may end it behind one. */
function speakerOn(socket: Socket, { multiline, byteByByte }: Habits) {
  let waiting: (number | "end")[] | null = null;
  const sendNext = () => {
    const next = waiting?.shift();
    if (next === undefined) waiting = null;
    else if (next === "end") socket.end();
    else socket.write(Buffer.of(next), () => setImmediate(sendNext));
  };
  return (reply: string, isLast: boolean): void => {
    const code = reply.slice(0, 3);
    const text =
      multiline && /^\d{3} /.test(reply) ? `${code}-So,\r\n${code}-well:\r\n${reply}` : reply;
    const bytes = Buffer.from(`${text}\r\n`);
    if (!byteByByte) {
      socket.write(bytes);
      if (isLast) socket.end();
      return;
    }
    const more = [...bytes, ...(isLast ? (["end"] as const) : [])];
    if (waiting) return void waiting.push(...more);
    waiting = more;
    sendNext();
  };
}
