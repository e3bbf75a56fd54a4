/**
 * A session with a mail server, opened by nodemailer: TLS, login and what the server can do. After
 * that it is a line over which commands go and replies come.
 */
import type { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { isLoopback } from "../config.ts";

export interface SmtpOptions {
  /** smtp:// or smtps://, with credentials. */
  readonly url: URL;
  readonly connections: number;
  /** How many letters may be under way on one connection, where the server takes chunks. */
  readonly lettersInFlight: number;
  /** Permit an unencrypted connection to another machine. */
  readonly allowPlaintext: boolean;
  readonly timeouts?: Partial<Timeouts>;
}

/** In milliseconds; those for replies after RFC 5321 section 4.5.3.2. */
export interface Timeouts {
  /** For the connection, encryption and the greeting: a wrong address shall be noticed. */
  readonly connect: number;
  /** For the reply to a command. */
  readonly command: number;
  /** For the reply to the end of a letter: a server may take its time to store it. */
  readonly letter: number;
  /** For the next letter to come, before a session makes room for others. */
  readonly idle: number;
}

const TIMEOUTS: Timeouts = { connect: 30_000, command: 300_000, letter: 600_000, idle: 2000 };
/** Longest reply that is read; RFC 5321 section 4.5.3.1.5 allows 512 bytes a line. */
const REPLY_MAX = 65_536;

/** Most replies that may lie unread: those to all that can be under way on one session. */
const REPLIES_MAX = 100;

/** A reply as it came: its code, and all its lines. */
export interface RawReply {
  readonly code: number;
  readonly text: string;
}

export interface Session {
  /** What the server offered: "PIPELINING", "CHUNKING". */
  offers(extension: string): boolean;
  readonly timeouts: Timeouts;
  /** Writes; `written` is called once the data has left this program. */
  write(data: Buffer | string, written?: () => void): void;
  /** Returns the next reply. Throws when none comes within `milliseconds`, or ever. */
  reply(milliseconds: number): Promise<RawReply>;
  /** Whether the line is open and the server has said nothing that was not asked for. */
  isQuiet(): boolean;
  /** Returns whether everything that was written has left this program. */
  isFlushed(): Promise<boolean>;
  /** Ends the session without a word. */
  drop(): void;
  /** Ends the session by the rules. */
  quit(): void;
}

/** How long a server may take to answer QUIT before the line is just closed. */
export const QUIT_TIMEOUT_MS = 2000;

/** Opens a session, until `signal` is aborted. Throws what nodemailer's connection does. */
export async function openSession(options: SmtpOptions, signal: AbortSignal): Promise<Session> {
  const connection = newConnection(options);
  const stop = () => connection.close();
  signal.addEventListener("abort", stop);
  const ehlo = await openConnection(connection, options).finally(() =>
    signal.removeEventListener("abort", stop),
  );
  // nodemailer has no other name for it; tests/mail would notice if it had none at all.
  // oxlint-disable-next-line no-underscore-dangle
  const socket = connection._socket;
  if (!socket) throw new Error("The connection was closed");
  // What nodemailer finds out about the line from here on, the session finds out as well.
  connection.on("error", () => {});
  return sessionOver(socket, ehlo, { ...TIMEOUTS, ...options.timeouts });
}

/** Returns nodemailer's connection, not opened yet. */
export function newConnection({ url, allowPlaintext, timeouts }: SmtpOptions): SMTPConnection {
  const secure = url.protocol === "smtps:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const local = isLoopback(host);
  const { connect, letter } = { ...TIMEOUTS, ...timeouts };
  return new SMTPConnection({
    host,
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    // Without this nodemailer goes on in plaintext where a server offers no STARTTLS.
    requireTLS: !secure && !local && !allowPlaintext,
    // A server on this machine seldom has a certificate that names it.
    tls: local ? { rejectUnauthorized: false } : {},
    connectionTimeout: connect,
    greetingTimeout: connect,
    socketTimeout: letter,
    logger: false,
  });
}

/** Connects, encrypts and logs in; returns the server's reply to EHLO. */
export async function openConnection(
  connection: SMTPConnection,
  { url }: SmtpOptions,
): Promise<string> {
  try {
    await step(connection, (done) => connection.connect((error) => done(error ?? null)));
    const ehlo = String(connection.lastServerResponse);
    if (url.username) {
      const user = decodeURIComponent(url.username);
      const pass = decodeURIComponent(url.password);
      await step(connection, (done) => connection.login({ credentials: { user, pass } }, done));
    }
    return ehlo;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/**
 * Runs one step of nodemailer's conversation. It forgets the callbacks of commands in flight when the
 * connection ends, so its end or error ends the step as well.
 */
export function step<Result>(
  connection: SMTPConnection,
  begin: (done: (error: Error | null, result?: Result) => void) => void,
): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => finish(() => reject(error));
    // Later than a callback that the same event also calls, which knows more.
    const ended = () => setImmediate(() => failed(new Error("The connection was closed")));
    const finish = (settle: () => void) => {
      connection.removeListener("error", failed);
      connection.removeListener("end", ended);
      settle();
    };
    connection.on("error", failed);
    connection.on("end", ended);
    begin((error, result) => finish(() => (error ? reject(error) : resolve(result))));
  });
}

/** Takes an open socket over from nodemailer, which goes on to watch over its end. */
function sessionOver(socket: Socket, ehlo: string, timeouts: Timeouts): Session {
  const offered = new Set(
    ehlo.split(/\r?\n/).map((line) => line.slice(4).split(" ")[0]?.toUpperCase()),
  );
  const replies: RawReply[] = [];
  let waiting: { resolve: (reply: RawReply) => void; reject: (error: Error) => void } | null = null;
  let failure: Error | null = null;
  let rest = "";
  let begun = "";

  function fail(error: Error): void {
    if (failure) return;
    failure = error;
    socket.destroy();
    waiting?.reject(error);
    waiting = null;
  }

  function take(line: string): void {
    // What follows a line that is no reply answers nobody knows what.
    if (failure) return;
    // RFC 5321 section 4.2: a code, and a hyphen behind it as long as more lines follow.
    if (!/^[2-5]\d\d(?:[ -]|$)/.test(line)) return fail(new Error(`The server said "${line}"`));
    begun += begun ? `\n${line}` : line;
    if (line[3] === "-") return;
    const reply = { code: Number(line.slice(0, 3)), text: asUtf8(begun) };
    begun = "";
    if (!waiting) {
      replies.push(reply);
      if (replies.length > REPLIES_MAX) fail(new Error("The server says more than it was asked"));
      return;
    }
    waiting.resolve(reply);
    waiting = null;
  }

  socket.removeAllListeners("data");
  socket.setTimeout(0);
  socket.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line.endsWith("\r") ? line.slice(0, -1) : line);
    if (rest.length + begun.length > REPLY_MAX) fail(new Error("The server's reply has no end"));
  });
  socket.on("error", fail);
  socket.on("timeout", () => fail(new Error("The server did not answer in time")));
  for (const event of ["end", "close"]) {
    socket.on(event, () => fail(new Error("The connection was closed")));
  }

  return {
    offers: (extension) => offered.has(extension),
    timeouts,
    write: (data, written) => {
      if (!failure) socket.write(data, written && ((error) => void (error ?? written())));
    },
    reply: (milliseconds) => {
      const reply = replies.shift();
      if (reply) return Promise.resolve(reply);
      if (failure) return Promise.reject(failure);
      socket.setTimeout(milliseconds);
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
      });
    },
    isQuiet: () => failure === null && replies.length === 0 && rest === "" && begun === "",
    isFlushed: async () => {
      // Of what went over TLS it is known a turn of the event loop later, often behind the answer.
      if (socket.writableLength > 0) await nextTurn();
      return socket.writableLength === 0;
    },
    drop: () => fail(new Error("The connection was closed by us")),
    quit: () => {
      if (failure) return;
      // A server that does not answer must not keep the program from ending.
      setTimeout(() => socket.destroy(), QUIT_TIMEOUT_MS).unref();
      socket.end("QUIT\r\n");
    },
  };
}

/** Bytes are read as Latin-1, of which every cut is whole; what is not ASCII is meant as UTF-8. */
function asUtf8(text: string): string {
  return /^[\t-~]*$/.test(text) ? text : Buffer.from(text, "latin1").toString();
}
