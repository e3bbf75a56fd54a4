/** A real server on this machine that answers as a model would, well or badly. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";

/** What the server was asked: the headers and the body as JSON. */
export interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: {
    readonly model: string;
    readonly messages: readonly { readonly role: string; readonly content: string }[];
  };
}

type Behaviour = (response: ServerResponse, asked: Asked) => void | Promise<void>;

/** Returns a running server whose answers come from `behaviour`, which may be changed. */
export async function modelServer(behaviour: Behaviour) {
  const asked: Asked[] = [];
  const state = { behaviour };
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const question: Asked = {
        path: request.url ?? "",
        authorization: request.headers.authorization,
        body: JSON.parse(body || "{}"),
      };
      asked.push(question);
      return state.behaviour(response, question);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1`, asked, state };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Answers with `text`, or with what it makes of the abstract. */
export function answering(
  text: string | ((abstract: string) => string),
  tokens: number | null = 300,
): Behaviour {
  return (response, { body }) => {
    const { abstract } = JSON.parse(body.messages.at(-1)?.content ?? "{}") as { abstract: string };
    const content = typeof text === "string" ? text : text(abstract);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      JSON.stringify({
        choices: [{ message: { role: "assistant", content } }],
        ...(tokens !== null && { usage: { total_tokens: tokens } }),
      }),
    );
  };
}

/** Answers as asked for: the beginning of the abstract in other words. */
export const well = answering(
  (abstract) => `${abstract.split(" ").slice(0, 44).join(" ")} indeed.`,
);

export const slowly: Behaviour = async (response) => {
  await sleep(5000, undefined, { ref: false });
  response.end();
};

export const withStatus =
  (status: number): Behaviour =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: { message: "Overloaded." } }));
  };

export const withBody =
  (body: string): Behaviour =>
  (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(body);
  };

export const redirecting =
  (to: string): Behaviour =>
  (response) => {
    response.writeHead(307, { location: to });
    response.end();
  };
