/** A web server of the test's own on loopback, which answers or misbehaves as it is told. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export type Answering = (request: SeenRequest, response: ServerResponse) => void;

/** Returns a server that answers with `answer`, and what it was asked; it ends with the test. */
export async function startWebServer(answer: Answering) {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const at = Date.now();
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const asked = { method, path: url, headers, body: Buffer.concat(chunks).toString(), at };
      seen.push(asked);
      answer(asked, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return { url: `http://127.0.0.1:${port}`, port, seen };
}

/** Answers with a status, headers and a body. */
export function reply(
  response: ServerResponse,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): void {
  response.writeHead(status, headers).end(body);
}
