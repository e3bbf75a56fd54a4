/**
 * Single letters over nodemailer's connection, one after the other: what somebody sends by hand and
 * waits for.
 */
import { Readable } from "node:stream";
import type SMTPConnection from "nodemailer/lib/smtp-connection";
import type { Message } from "./message.ts";
import { judgeConnection, judgeFailure, replyOf, type Outcome } from "./outcome.ts";
import {
  newConnection,
  openConnection,
  QUIT_TIMEOUT_MS,
  step,
  type SmtpOptions,
} from "./session.ts";
import type { SingleLetters } from "./transport.ts";

/** Returns a way for single letters. A connection is opened with the first of them. */
export function openSingleLetters(options: SmtpOptions): SingleLetters {
  const server = options.url.host;
  let connection: SMTPConnection | null = null;

  async function open(): Promise<SMTPConnection> {
    const opening = newConnection(options);
    await openConnection(opening, options);
    // While nobody waits, an error means that the server hung up, which the next letter finds out.
    opening.on("error", () => {});
    return opening;
  }

  return {
    send: async (message) => {
      try {
        connection ??= await open();
      } catch (error) {
        return judgeConnection(error as Error, server);
      }
      const outcome = await sendOn(connection, message, server);
      // After anything but a yes a fresh connection is the only state that is certain.
      if (outcome.state !== "accepted") {
        connection.close();
        connection = null;
      }
      return outcome;
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

async function sendOn(
  connection: SMTPConnection,
  message: Message,
  server: string,
): Promise<Outcome> {
  // nodemailer begins to read the message once the server has asked for it: from then on an error
  // may hide that the letter was accepted.
  let begun = false;
  const content = new Readable({
    read() {
      begun = true;
      this.push(message.content);
      this.push(null);
    },
  });
  try {
    const info = await step<{ response: string }>(connection, (done) =>
      connection.send(message.envelope, content, done),
    );
    return { state: "accepted", reply: replyOf(info?.response ?? "", 250) };
  } catch (error) {
    return judgeFailure(error as Error, begun, server);
  }
}
