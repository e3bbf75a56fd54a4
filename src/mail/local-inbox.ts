/**
 * A mail server on this machine that keeps what it receives in memory and delivers nothing: for the
 * demo, and for looking at letters as a mail program gets them.
 */
import { SMTPServer } from "smtp-server";

export interface ReceivedLetter {
  readonly number: number;
  readonly receivedAt: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** The whole message as it came, RFC 5322. */
  readonly source: string;
}

export interface LocalInbox {
  readonly port: number;
  /** All letters, newest first. */
  letters(): readonly ReceivedLetter[];
  letter(number: number): ReceivedLetter | undefined;
  close(): Promise<void>;
}

/** Older letters make room, so that a long demo can't fill the memory. */
const LETTERS_MAX = 1000;
const LETTER_BYTES_MAX = 5 * 1024 * 1024;

/** Starts the server on a free port of the loopback interface. */
export async function startLocalInbox(now: () => Date): Promise<LocalInbox> {
  const { simpleParser } = await import("mailparser");
  const letters: ReceivedLetter[] = [];
  let received = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    disableReverseLookup: true,
    size: LETTER_BYTES_MAX,
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const source = Buffer.concat(chunks);
        const { mailFrom, rcptTo } = session.envelope;
        simpleParser(source).then(
          (mail) => {
            letters.unshift({
              number: ++received,
              receivedAt: now().toISOString(),
              from: mailFrom ? mailFrom.address : "",
              to: rcptTo.map(({ address }) => address).join(", "),
              subject: mail.subject ?? "",
              html: mail.html || "",
              text: mail.text ?? "",
              source: source.toString("utf8"),
            });
            letters.length = Math.min(letters.length, LETTERS_MAX);
            done();
          },
          (error: Error) => done(error),
        );
      });
    },
  });
  const address = await new Promise<{ port: number }>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server.server.address() as { port: number }));
  });
  // After the start an error concerns one client's connection, which the client sees itself.
  server.on("error", () => {});
  return {
    port: address.port,
    letters: () => letters,
    letter: (number) => letters.find((letter) => letter.number === number),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
