/**
 * Delivers over SMTP, on nodemailer's connections. Not its pool: the pool reports a drop after the
 * final dot like one before the envelope, and this program lives by telling the two apart. Here the
 * message is a stream that nodemailer begins to read only after the server's 354, so the first read
 * is the moment at which the outcome stops being known.
 */
import { Readable } from "node:stream";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { isLoopback } from "../config.ts";
import type { Message } from "./message.ts";
import { judgeConnection, judgeFailure, replyOf, type Outcome, type Reply } from "./outcome.ts";
import type { Lane, Transport } from "./transport.ts";

export interface SmtpOptions {
  /** smtp:// or smtps://, with credentials. */
  readonly url: URL;
  readonly connections: number;
  /** Permit an unencrypted connection to another machine. */
  readonly allowPlaintext: boolean;
}

/** Long enough for a slow relay, short enough for a wrong address to be noticed. */
const CONNECT_TIMEOUT_MS = 30_000;
/** RFC 5321 section 4.5.3.2 asks a client to wait ten minutes for the reply to the final dot. */
const REPLY_TIMEOUT_MS = 600_000;
/** How long a server may take to answer QUIT before the connection is just closed. */
const QUIT_TIMEOUT_MS = 2000;

/** Returns a transport to the server that `url` names. Nothing is opened yet. */
export function smtpTransport(options: SmtpOptions): Transport {
  return { lanes: options.connections, openLane: () => openLane(options) };
}

function openLane(options: SmtpOptions): Lane {
  const server = options.url.host;
  let connection: SMTPConnection | null = null;

  async function attempt(message: Message, beforeBody: () => Promise<void>): Promise<Outcome> {
    try {
      connection ??= await connect(options);
    } catch (error) {
      return judgeConnection(error as Error, server);
    }
    const outcome = await sendOn(connection, message, beforeBody, server);
    // After a refusal of this one letter the session is sound once reset; after anything
    // unexpected a fresh connection is the only state that is certain.
    const refused = outcome.state === "rejected" || outcome.state === "deferred";
    const sound =
      outcome.state === "accepted" ||
      (refused && !lostConnection(outcome.reply) && (await reset(connection)));
    if (!sound) {
      connection.close();
      connection = null;
    }
    return outcome;
  }

  return {
    send: async (message, beforeBody) => {
      const reused = connection !== null;
      let asked = false;
      const noteAsked = () => {
        asked = true;
        return beforeBody();
      };
      const outcome = await attempt(message, noteAsked);
      // Servers close a connection after so many letters or so much silence, without a word. That
      // shows only at the next letter, which then begins anew on a fresh connection.
      const lost = outcome.state === "deferred" && lostConnection(outcome.reply);
      return reused && lost && !asked ? attempt(message, noteAsked) : outcome;
    },
    close: () => {
      const open = connection;
      connection = null;
      open?.quit();
      // A server that does not answer must not keep the program from ending.
      setTimeout(() => open?.close(), QUIT_TIMEOUT_MS).unref();
    },
  };
}

/** A reply without a code is no reply: the connection was gone. 421 announces the same. */
function lostConnection({ code }: Reply): boolean {
  return code === null || code === 421;
}

async function connect({ url, allowPlaintext }: SmtpOptions): Promise<SMTPConnection> {
  const secure = url.protocol === "smtps:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const local = isLoopback(host);
  const connection = new SMTPConnection({
    host,
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    // Without this nodemailer goes on in plaintext where a server offers no STARTTLS.
    requireTLS: !secure && !local && !allowPlaintext,
    // A server on this machine seldom has a certificate that names it.
    tls: local ? { rejectUnauthorized: false } : {},
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: REPLY_TIMEOUT_MS,
    logger: false,
  });
  try {
    await step(connection, (done) => connection.connect((error) => done(error ?? null)));
    if (url.username) {
      const user = decodeURIComponent(url.username);
      const pass = decodeURIComponent(url.password);
      await step(connection, (done) => connection.login({ credentials: { user, pass } }, done));
    }
  } catch (error) {
    connection.close();
    throw error;
  }
  // While nobody waits, an error means that the server hung up, which the next letter finds out.
  connection.on("error", () => {});
  return connection;
}

/**
 * Runs one step of the conversation. nodemailer forgets the callbacks of commands in flight when the
 * connection ends, so its end or error ends the step as well.
 */
function step<Result>(
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

async function sendOn(
  connection: SMTPConnection,
  message: Message,
  beforeBody: () => Promise<void>,
  server: string,
): Promise<Outcome> {
  let asked = false;
  let bodyBegun = false;
  let over = false;
  let unmarked: unknown = null;
  const body = new Readable({
    read() {
      if (asked) return;
      asked = true;
      beforeBody().then(
        () => {
          // The connection may have ended, or the server have spoken out of turn, in the meantime.
          if (over) return;
          bodyBegun = true;
          this.push(message.content);
          this.push(null);
        },
        (error: unknown) => {
          unmarked = error;
          this.destroy(error as Error);
        },
      );
    },
  });
  try {
    const info = await step<{ response: string }>(connection, (done) =>
      connection.send(message.envelope, body, done),
    );
    // A yes to a letter that the server has not got yet is none.
    if (!bodyBegun) {
      return judgeFailure(new Error("The server answered before it had the letter"), false, server);
    }
    return { state: "accepted", reply: replyOf(info?.response ?? "", 250) };
  } catch (error) {
    // What could not be marked did not leave, and nothing else may leave either.
    if (unmarked) throw unmarked;
    return judgeFailure(error as Error, bodyBegun, server);
  } finally {
    over = true;
    // The server still waits for a body that is not going to come.
    if (asked && !bodyBegun) connection.close();
  }
}

async function reset(connection: SMTPConnection): Promise<boolean> {
  try {
    await step(connection, (done) => connection.reset(done));
    return true;
  } catch {
    return false;
  }
}
