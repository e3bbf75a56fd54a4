/**
 * One request and its answer over HTTP/1.1, with a bound on everything: time to connect, to the first
 * byte, between two, and in all; bytes as they come and as they are after decompression. An answer that
 * ends early is no answer.
 */
import { request as httpRequest, Agent as HttpAgent, type IncomingMessage } from "node:http";
import { request as httpsRequest, Agent as HttpsAgent } from "node:https";
import type { LookupFunction } from "node:net";
import type { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { PaperRoundError, reasonOf } from "../errors.ts";
import type { ResolvedAddress } from "./http-guard.ts";

export interface Timeouts {
  readonly connectMs: number;
  readonly firstByteMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
}

export interface ExchangeRequest {
  readonly url: URL;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** After decompression. */
  readonly bytesMax: number;
  readonly timeouts: Timeouts;
  /** Where to connect: to one of these, which were checked, or to a proxy. */
  readonly way: readonly ResolvedAddress[] | { readonly proxy: string };
  readonly signal: AbortSignal | null;
}

export interface RawAnswer {
  readonly status: number;
  /** In lower case; of a field that comes more than once, its values joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Returns the answer, whatever its status. Throws HTTP_UNREACHABLE for a server that does not answer in
 * time, HTTP_ANSWER_REFUSED for an answer that is cut short, too large or can't be decompressed.
 */
export async function exchange(asked: ExchangeRequest): Promise<RawAnswer> {
  const ending = new AbortController();
  const { host } = asked.url;
  const giveUp = (why: string) =>
    ending.abort(new PaperRoundError("HTTP_UNREACHABLE", `${host} ${why}.`));
  const total = setTimeout(
    () => giveUp(`did not finish its answer within ${seconds(asked.timeouts.totalMs)}`),
    asked.timeouts.totalMs,
  );
  const stop = () => giveUp("was not waited for any longer");
  asked.signal?.addEventListener("abort", stop);
  if (asked.signal?.aborted) stop();
  const agent = agentFor(asked);
  try {
    const response = await answerTo(asked, agent, ending.signal, giveUp);
    return {
      status: response.statusCode ?? 0,
      headers: headersOf(response),
      body: await bodyOf(response, asked, giveUp),
    };
  } catch (thrown) {
    if (ending.signal.aborted) throw ending.signal.reason;
    throw thrown instanceof PaperRoundError ? thrown : unreachable(host, thrown);
  } finally {
    clearTimeout(total);
    asked.signal?.removeEventListener("abort", stop);
    agent.destroy();
  }
}

function agentFor({ url, way }: ExchangeRequest): HttpAgent {
  const Agent = url.protocol === "https:" ? HttpsAgent : HttpAgent;
  if (!("proxy" in way)) return new Agent();
  return new Agent({ proxyEnv: { HTTP_PROXY: way.proxy, HTTPS_PROXY: way.proxy } });
}

/** Hands the addresses that were checked to the connection, in place of another look-up. */
function pinned(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_hostname, { all }, answer) => {
    const [first] = addresses;
    if (all) answer(null, [...addresses]);
    else if (first) answer(null, first.address, first.family);
  };
}

function answerTo(
  { url, method, headers, body, timeouts, way }: ExchangeRequest,
  agent: HttpAgent,
  signal: AbortSignal,
  giveUp: (why: string) => void,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
      agent,
      method,
      headers: { ...headers, "accept-encoding": "gzip, deflate, br" },
      signal,
      ...("proxy" in way ? {} : { lookup: pinned(way) }),
    });
    const late = (why: string, ms: number) =>
      setTimeout(() => giveUp(`${why} within ${seconds(ms)}`), ms);
    // A proxy connects out of sight, so that both phases are one.
    let phase =
      "proxy" in way
        ? late("did not answer", timeouts.connectMs + timeouts.firstByteMs)
        : late("could not be connected to", timeouts.connectMs);
    const answering = () => {
      clearTimeout(phase);
      phase = late("did not answer", timeouts.firstByteMs);
    };
    if (!("proxy" in way)) {
      const connected = url.protocol === "https:" ? "secureConnect" : "connect";
      request.on("socket", (socket) => socket.once(connected, answering));
    }
    request.on("response", (response) => {
      clearTimeout(phase);
      resolve(response);
    });
    request.on("error", (error) => {
      clearTimeout(phase);
      reject(error);
    });
    request.end(body ?? undefined);
  });
}

async function bodyOf(
  response: IncomingMessage,
  { url, bytesMax, timeouts }: ExchangeRequest,
  giveUp: (why: string) => void,
): Promise<Buffer> {
  const { host } = url;
  const tooLarge = () => refused(host, `is larger than ${Math.round(bytesMax / 1024)} KB`);
  const declared = Number(response.headers["content-length"] ?? 0);
  if (declared > bytesMax) {
    response.destroy();
    throw tooLarge();
  }
  const plain = decompressed(response, host);
  const chunks: Buffer[] = [];
  let bytes = 0;
  const late = () => giveUp(`sent nothing for ${seconds(timeouts.idleMs)}`);
  let idle = setTimeout(late, timeouts.idleMs);
  try {
    // Leaving the loop ends the connection.
    for await (const chunk of plain) {
      clearTimeout(idle);
      idle = setTimeout(late, timeouts.idleMs);
      bytes += chunk.length;
      if (bytes > bytesMax) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (thrown) {
    if (thrown instanceof PaperRoundError) throw thrown;
    throw refused(host, `can't be read to its end (${cutShort(thrown)})`, thrown);
  } finally {
    clearTimeout(idle);
    response.destroy();
  }
  if (!response.complete) throw refused(host, "ends before its end");
  return Buffer.concat(chunks);
}

function decompressed(response: IncomingMessage, host: string): Readable {
  const coding = (response.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  const through = {
    gzip: createGunzip,
    "x-gzip": createGunzip,
    deflate: createInflate,
    br: createBrotliDecompress,
  }[coding];
  if (through) {
    const plain = through();
    // `pipe` passes no error on: one of the connection must not leave the reader waiting.
    response.on("error", (error) => plain.destroy(error));
    response.on("aborted", () => plain.destroy(new Error("the connection was closed")));
    plain.on("close", () => response.destroy());
    return response.pipe(plain);
  }
  if (coding === "identity" || coding === "") return response;
  response.destroy();
  throw refused(host, "is compressed in a way that was not offered");
}

function cutShort(thrown: unknown): string {
  const code = (thrown as { code?: unknown } | null)?.code;
  return code === "Z_BUF_ERROR" || code === "ECONNRESET" ? "it is cut short" : reasonOf(thrown);
}

function headersOf(response: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(response.headersDistinct).map(([name, values]) => [
      name,
      (values ?? []).join(", "),
    ]),
  );
}

function refused(host: string, why: string, cause?: unknown): PaperRoundError {
  return new PaperRoundError("HTTP_ANSWER_REFUSED", `The answer of ${host} ${why}.`, { cause });
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refuses connections",
  ECONNRESET: "closed the connection",
  EHOSTUNREACH: "can't be reached",
  ENETUNREACH: "can't be reached: there is no network",
};

function unreachable(host: string, cause: unknown): PaperRoundError {
  const code = String((cause as { code?: unknown } | null)?.code);
  const why = REASONS[code] ?? `can't be asked: ${reasonOf(cause)}`;
  return new PaperRoundError("HTTP_UNREACHABLE", `${host} ${why}.`, { cause });
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1000} s`;
}
