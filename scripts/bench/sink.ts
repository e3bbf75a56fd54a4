/**
 * A mail server that takes everything and keeps nothing, fast enough not to be what is measured. Runs
 * as a process of its own; prints its port, and on SIGTERM how many letters it took.
 */
import { createServer } from "node:net";

const END = Buffer.from("\r\n.\r\n");
const OVERLAP = END.length - 1;
let letters = 0;

const server = createServer((socket) => {
  let inBody = false;
  let rest: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.write("220 sink ESMTP\r\n");
  socket.on("data", (chunk: Buffer) => {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let replies = "";
    while (rest.length > 0) {
      if (inBody) {
        const end = rest.indexOf(END);
        if (end === -1) {
          rest = rest.subarray(Math.max(0, rest.length - OVERLAP));
          break;
        }
        inBody = false;
        letters++;
        replies += "250 2.0.0 Ok\r\n";
        rest = rest.subarray(end + END.length);
        continue;
      }
      const end = rest.indexOf("\r\n");
      if (end === -1) break;
      const verb = rest.toString("latin1", 0, 4).toUpperCase();
      rest = rest.subarray(end + 2);
      if (verb === "EHLO") replies += "250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n";
      else if (verb === "DATA") {
        inBody = true;
        replies += "354 Go ahead\r\n";
      } else if (verb === "QUIT") replies += "221 Bye\r\n";
      else replies += "250 Ok\r\n";
    }
    if (replies) socket.write(replies);
  });
});

server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${(server.address() as { port: number }).port}\n`);
});
process.on("SIGTERM", () => {
  process.stdout.write(`${letters}\n`);
  process.exit(0);
});
