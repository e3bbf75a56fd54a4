/**
 * The quick lane: plain requests for kept pages are answered from the socket itself, which costs a third
 * of what Node's HTTP server takes for each. Whatever is not the plainest GET, whole and alone in one
 * piece, is handed to that server with its connection, byte for byte as it came.
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";

/** Returns head and body of the answer to a GET of `target`, or null. They are never written to again. */
export type Ready = (target: string, head: string) => readonly [Buffer, Buffer] | null;

export interface QuickLane {
  /** From now on answers what `ready` holds. */
  open(ready: Ready): void;
  /** Ends the connections in the lane when their last answers are out, and cuts off what stays. */
  close(graceMs: number): void;
}

/** A browser's head has a few hundred bytes; longer ones can wait. */
const HEAD_MAX = 4096;
/** As long as browsers keep connections that they do not use. */
const IDLE_MS = 60_000;

/** Heads that are known again; with these few they take two megabytes at most. */
const HEADS_MAX = 500;

const REQUEST_LINE = /^GET (\/[!-~]*) HTTP\/1\.1\r\n/;
/** One header after the other, without the folding and bare line ends that hide a second request. */
const HEADERS = /^(?:[A-Za-z0-9-]+:[\t -~]*\r\n)+\r\n$/;
/** What asks for more than a page, or for another way of answering; and a request without a host. */
const NOT_PLAIN =
  /\r\n(?:content-length|transfer-encoding|expect|upgrade|connection:(?! *keep-alive\r)|range|if-match|if-unmodified-since|x-forwarded-proto:(?! *https\r))/i;
const ONE_HOST = /\r\nhost: *[^\r\n]+\r\n(?![^]*\r\nhost:)/i;

/** Puts the lane before `server`, closed until it is opened. */
export function addQuickLane(server: Server): QuickLane {
  const [serve] = server.listeners("connection") as ((this: Server, socket: Socket) => void)[];
  const waiting = new Set<Socket>();
  const isPlain = lookAtHeads();
  let ready: Ready | null = null;

  const enter = (socket: Socket) => {
    if (!ready) return serve?.call(server, socket);
    waiting.add(socket);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    const leave = () => {
      waiting.delete(socket);
      socket.setTimeout(0);
      for (const [event, listener] of Object.entries(listeners)) socket.off(event, listener);
      socket.removeAllListeners("timeout");
    };
    const listeners = {
      data: (piece: Buffer) => {
        const answer = answerTo(piece, ready, isPlain);
        if (answer === null) {
          leave();
          socket.pause();
          socket.unshift(piece);
          serve?.call(server, socket);
          process.nextTick(() => socket.resume());
        } else if (!send(socket, answer)) {
          // A reader that does not take its answers gets to ask nothing more.
          socket.pause();
          socket.once("drain", () => socket.resume());
        }
      },
      end: () => socket.end(),
      error: () => socket.destroy(),
      close: leave,
    };
    for (const [event, listener] of Object.entries(listeners)) socket.on(event, listener);
    return undefined;
  };
  server.removeAllListeners("connection");
  server.on("connection", enter);

  return {
    open: (how) => {
      ready = how;
    },
    close: (graceMs) => {
      ready = null;
      for (const socket of waiting) socket.end();
      setTimeout(() => {
        for (const socket of waiting) socket.destroy();
      }, graceMs).unref();
    },
  };
}

/** Writes both in one call of the system; returns false when the reader is behind. */
function send(socket: Socket, [head, body]: readonly [Buffer, Buffer]): boolean {
  socket.cork();
  let isTaken = socket.write(head);
  if (body.length > 0) isTaken = socket.write(body);
  socket.uncork();
  return isTaken;
}

function answerTo(
  piece: Buffer,
  ready: Ready | null,
  isPlain: (head: string) => boolean,
): ReturnType<Ready> {
  if (!ready || piece.length > HEAD_MAX) return null;
  const text = piece.toString("latin1");
  const [line, target] = REQUEST_LINE.exec(text) ?? [];
  if (line === undefined || target === undefined) return null;
  const head = text.slice(line.length - 2);
  if (!isPlain(head)) return null;
  try {
    return ready(target, head);
  } catch {
    // A database out of reach: the server's own answer says so.
    return null;
  }
}

/** Returns what tells plain heads. It knows those again that it has seen: most come many times. */
function lookAtHeads(): (head: string) => boolean {
  const seen = new Map<string, boolean>();
  return (head) => {
    const known = seen.get(head);
    if (known !== undefined) return known;
    if (seen.size >= HEADS_MAX) seen.clear();
    const plain = HEADERS.test(head.slice(2)) && !NOT_PLAIN.test(head) && ONE_HOST.test(head);
    seen.set(head, plain);
    return plain;
  };
}
