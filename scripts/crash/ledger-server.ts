/**
 * A mail server that keeps the other ledger: every recipient whose letter it took, one a line, in
 * the file that the command line names. A line is written when the whole letter is there, before
 * the client hears of it, so the ledger holds whatever the client may have been told. Runs as a
 * process of its own, prints its port, and ends with its standard input.
 */
import { openSync, writeSync } from "node:fs";
import { createServer, type Socket } from "node:net";

/** The dot on a line of its own, with the line end before it (RFC 5321 section 4.5.2). */
const END_OF_DATA = Buffer.from("\r\n.\r\n");
const LINE_END = Buffer.from("\r\n");
/** RFC 5321 section 4.5.3.1.4 asks for 512; whoever sends more without a line end is no client. */
const LINE_MAX_BYTES = 4096;

const ledger = openSync(process.argv[2] ?? "", "a", 0o600);

/** Holds one conversation. Whatever part of it has not come when the client dies never counts. */
function converse(socket: Socket): void {
  let rest: Buffer = Buffer.alloc(0);
  let inBody = false;
  let hasSender = false;
  let recipients: string[] = [];

  /** Obeys one line and returns the reply. */
  function command(line: string): string {
    switch (line.slice(0, 4).toUpperCase()) {
      case "EHLO":
      case "HELO":
        forget();
        return "250-ledger.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n";
      case "MAIL":
        forget();
        hasSender = true;
        return "250 2.1.0 Ok\r\n";
      case "RCPT": {
        const address = /<([^<>\s]+)>/.exec(line)?.[1];
        if (!hasSender || !address) return "503 5.5.1 Not now\r\n";
        recipients.push(address);
        return "250 2.1.5 Ok\r\n";
      }
      case "DATA":
        if (recipients.length === 0) return "554 5.5.1 No valid recipients\r\n";
        inBody = true;
        return "354 Go ahead\r\n";
      case "RSET":
        forget();
        return "250 2.0.0 Ok\r\n";
      case "NOOP":
        return "250 2.0.0 Ok\r\n";
      case "QUIT":
        return "221 2.0.0 Bye\r\n";
      default:
        return "502 5.5.2 Unknown\r\n";
    }
  }

  function forget(): void {
    hasSender = false;
    recipients = [];
  }

  function accept(): string {
    writeSync(ledger, recipients.map((recipient) => `${recipient}\n`).join(""));
    forget();
    inBody = false;
    return "250 2.0.0 Ok\r\n";
  }

  /** Works off what has come, which may be parts of several commands and letters. */
  function read(): string {
    let replies = "";
    for (;;) {
      const mark = inBody ? END_OF_DATA : LINE_END;
      const at = rest.indexOf(mark);
      if (at === -1) {
        // Of a body nothing is kept but what may be the beginning of its end.
        if (inBody) rest = rest.subarray(Math.max(0, rest.length - END_OF_DATA.length + 1));
        return replies;
      }
      if (inBody) {
        replies += accept();
        rest = rest.subarray(at + mark.length);
        continue;
      }
      replies += command(rest.toString("latin1", 0, at));
      // The line end of DATA is also the one before the dot of an empty letter.
      rest = rest.subarray(inBody ? at : at + mark.length);
    }
  }

  socket.setNoDelay(true);
  // The client is killed again and again: a line that breaks is nothing to speak of.
  socket.on("error", () => socket.destroy());
  socket.write("220 ledger.example ESMTP\r\n");
  socket.on("data", (chunk: Buffer) => {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const replies = read();
    if (!inBody && rest.length > LINE_MAX_BYTES) return void socket.destroy();
    if (replies.endsWith("221 2.0.0 Bye\r\n")) socket.end(replies);
    else if (replies) socket.write(replies);
  });
}

const server = createServer(converse);
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${(server.address() as { port: number }).port}\n`);
});
process.stdin.resume().on("end", () => process.exit(0));
