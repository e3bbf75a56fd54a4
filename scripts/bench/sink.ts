/**
 * A mail server that takes everything, fast enough not to be what is measured: a process of its own,
 * started with `fork`. It listens on one port for each kind of server (`Ports`), keeps the letters to
 * readers named `sample.` for the judges, and answers any message with a `Taken` since the last one.
 *
 * What makes it fast: all connections read into one buffer; a client that may not send a second body
 * before it was asked has nothing but an envelope behind the first one, so that its end is looked for
 * in the last bytes of what came; and no line is turned into text but those of sampled letters.
 */
import { createServer, Socket, type Server } from "node:net";

/** near and far: how long a reply takes. Chunks: with CHUNKING (RFC 3030). */
export type Ports = Readonly<Record<"near" | "nearChunks" | "far" | "farChunks", number>>;

/** What the sink took in since it was last asked. */
export interface Taken {
  readonly letters: number;
  /** From each connection's first letter to its last: letters after the first, and seconds. */
  readonly steady: { readonly letters: number; readonly seconds: number };
  /** Milliseconds that a far reply took, on average. */
  readonly roundTripMs: number;
  /** Sampled letters as they were on the wire. */
  readonly kept: readonly { readonly to: string; readonly base64: string }[];
}

/** How long a far server's reply is under way, there and back. */
const ROUND_TRIP_MS = 40;
const READ_BYTES = 1 << 18;
const END = Buffer.from("\r\n.\r\n");
/** Longer than any envelope that may follow a letter. */
const BEHIND_MAX = 4096;
const LF = 10;
const SAMPLED = Buffer.from("<sample.");
const OK = "250 2.0.0 Ok\r\n";

const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
let letters = 0;
/** Connections that brought letters. */
let busy: Progress[] = [];
let farReplies = { count: 0, milliseconds: 0 };
let kept: { to: string; base64: string }[] = [];

/** How far a connection has come. */
interface Progress {
  in: "commands" | "data" | "chunk";
  /** A command whose end has not come yet. */
  line: string;
  /** The last bytes of a body so far, which may be the beginning of its end. */
  tail: string;
  /** Bytes of a chunk that are still to come, and whether it is a letter's last. */
  left: number;
  isLast: boolean;
  /** Who a sampled letter is to, and what has come of it. */
  to: string | null;
  body: Buffer[];
  firstAt: number;
  lastAt: number;
  letters: number;
}

function serve(greeting: string, roundTripMs: number): Server {
  return createServer({ noDelay: true }, (accepted) => {
    const progress: Progress = {
      in: "commands",
      line: "",
      tail: "",
      left: 0,
      isLast: false,
      to: null,
      body: [],
      firstAt: 0,
      lastAt: 0,
      letters: 0,
    };
    const socket = ontoBuffer(accepted, (bytes) => {
      const replies = take(progress, bytes, greeting);
      if (replies !== "") reply(replies);
    });
    const reply = (replies: string) => {
      if (roundTripMs === 0) return void socket.write(replies, "latin1");
      const at = performance.now();
      setTimeout(() => {
        farReplies.count++;
        farReplies.milliseconds += performance.now() - at;
        socket.write(replies, "latin1");
      }, roundTripMs);
    };
    socket.on("error", () => socket.destroy());
    socket.on("end", () => socket.end());
    reply("220 sink ESMTP\r\n");
  });
}

/** Returns a socket that goes on with the connection of `accepted`, reading into the one buffer. */
function ontoBuffer(accepted: Socket, take: (bytes: Buffer) => void): Socket {
  // Of connections that are accepted Node allocates each read anew, unless they are taken over so.
  // oxlint-disable-next-line no-underscore-dangle
  const { _handle: handle } = accepted as unknown as { _handle: object };
  const onread = {
    buffer,
    callback: (length: number) => {
      take(buffer.subarray(0, length));
      return true;
    },
  };
  const socket = new Socket({ handle, onread } as object);
  socket.resume();
  return socket;
}

/** Takes what has come, and returns the replies to it. */
function take(progress: Progress, bytes: Buffer, greeting: string): string {
  let replies = "";
  let at = 0;
  while (at < bytes.length) {
    if (progress.in === "commands") {
      const end = bytes.indexOf(LF, at);
      const upTo = end === -1 ? bytes.length : end + 1;
      // As a rule a command comes whole, and its first letter tells which it is.
      if (end === -1 || progress.line !== "") {
        progress.line += bytes.toString("latin1", at, upTo);
        if (end !== -1) {
          const line = Buffer.from(progress.line, "latin1");
          progress.line = "";
          replies += obey(progress, line, 0, line.length, greeting);
        }
      } else {
        replies += obey(progress, bytes, at, upTo, greeting);
      }
      at = upTo;
      continue;
    }
    const end =
      progress.in === "data" ? endOfData(progress, bytes, at) : endOfChunk(progress, bytes, at);
    const upTo = end === -1 ? bytes.length : end;
    if (progress.to !== null) progress.body.push(Buffer.from(bytes.subarray(at, upTo)));
    at = upTo;
    if (end === -1) continue;
    if (progress.in === "data" || progress.isLast) finish(progress);
    progress.in = "commands";
    replies += OK;
  }
  return replies;
}

/** Returns where the data ends, or -1 when it goes on. */
function endOfData(progress: Progress, bytes: Buffer, from: number): number {
  const joined = progress.tail + bytes.toString("latin1", from, from + END.length);
  const across = joined.indexOf("\r\n.\r\n");
  if (across !== -1) return from + across + END.length - progress.tail.length;
  const end = bytes.indexOf(END, Math.max(from, bytes.length - BEHIND_MAX));
  if (end !== -1) return end + END.length;
  progress.tail = (
    progress.tail + bytes.toString("latin1", Math.max(from, bytes.length - 4))
  ).slice(-4);
  return -1;
}

/** Returns where the chunk ends, or -1 when it goes on. */
function endOfChunk(progress: Progress, bytes: Buffer, from: number): number {
  const there = Math.min(progress.left, bytes.length - from);
  progress.left -= there;
  return progress.left === 0 ? from + there : -1;
}

function finish(progress: Progress): void {
  letters++;
  progress.lastAt = performance.now();
  if (progress.letters++ === 0) {
    progress.firstAt = progress.lastAt;
    busy.push(progress);
  }
  if (progress.to === null) return;
  kept.push({ to: progress.to, base64: Buffer.concat(progress.body).toString("base64") });
  progress.to = null;
  progress.body = [];
}

/** Obeys the command in a line that ends at `end`; returns the reply, if it has one by now. */
function obey(
  progress: Progress,
  bytes: Buffer,
  at: number,
  end: number,
  greeting: string,
): string {
  // A letter in upper case, whatever it was in.
  switch (String.fromCharCode((bytes[at] ?? 0) & 0xdf)) {
    case "M":
      return OK;
    case "R": {
      const sampled = bytes.subarray(at, end).indexOf(SAMPLED);
      if (sampled !== -1)
        progress.to = bytes.toString("latin1", at + sampled + 1, bytes.indexOf(">", at + sampled));
      return OK;
    }
    case "D":
      progress.in = "data";
      progress.tail = "\r\n";
      return "354 Go ahead\r\n";
    case "B": {
      const [, size, last] = bytes.toString("latin1", at, end).trim().split(" ");
      progress.left = Number(size);
      progress.isLast = last !== undefined;
      if (progress.left > 0) progress.in = "chunk";
      else if (progress.isLast) finish(progress);
      return progress.left > 0 ? "" : OK;
    }
    case "E":
    case "H":
      return greeting;
    case "Q":
      return "221 Bye\r\n";
    default:
      return OK;
  }
}

async function listen(extensions: readonly string[], roundTripMs: number): Promise<number> {
  const lines = ["sink", ...extensions];
  const greeting = lines.map(
    (line, index) => `250${index < lines.length - 1 ? "-" : " "}${line}\r\n`,
  );
  const server = serve(greeting.join(""), roundTripMs);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return (server.address() as { port: number }).port;
}

const plain = ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"];
const chunks = [...plain, "CHUNKING"];
const ports: Ports = {
  near: await listen(plain, 0),
  nearChunks: await listen(chunks, 0),
  far: await listen(plain, ROUND_TRIP_MS),
  farChunks: await listen(chunks, ROUND_TRIP_MS),
};
process.on("message", () => {
  process.send?.(taken());
  letters = 0;
  for (const progress of busy) progress.letters = 0;
  busy = [];
  farReplies = { count: 0, milliseconds: 0 };
  kept = [];
});
// Whoever started it may end without a word.
process.on("disconnect", () => process.exit(0));
process.send?.(ports);

function taken(): Taken {
  const steady = { letters: 0, seconds: 0 };
  for (const progress of busy) {
    steady.letters += progress.letters - 1;
    steady.seconds += (progress.lastAt - progress.firstAt) / 1000;
  }
  const roundTripMs = farReplies.count > 0 ? farReplies.milliseconds / farReplies.count : 0;
  return { letters, steady, roundTripMs, kept };
}
