/** The server over real sockets: its quick lane, its stop, and requests that nobody should send. */
import { connect, type Socket } from "node:net";
import { Hono } from "hono";
import { expect, onTestFinished, test } from "vitest";
import { startServer } from "../../src/web/server.ts";

const PAGE = "Hello from the lane.";
const IN_LANE = `HTTP/1.1 200 OK\r\ncontent-length: ${PAGE.length}\r\n\r\n${PAGE}`;

/** A server whose lane holds one page, and which tells what reached the application. */
async function openWorld() {
  const reached: string[] = [];
  const app = new Hono();
  app.all("*", async (context) => {
    reached.push(`${context.req.method} ${context.req.path} ${await context.req.text()}`.trim());
    return context.text("Hello from the application.");
  });
  const asked: string[] = [];
  const ready = (target: string) => {
    asked.push(target);
    if (target === "/broken") throw new Error("out of reach");
    return target === "/page" ? ([Buffer.from(IN_LANE), Buffer.alloc(0)] as const) : null;
  };
  const server = await startServer({ host: "127.0.0.1", port: 0 });
  server.show(app, ready);
  onTestFinished(() => server.close());
  return { server, reached, asked };
}

async function open(port: number) {
  const socket = connect({ port, host: "127.0.0.1" });
  onTestFinished(() => void socket.destroy());
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  let said = "";
  socket.on("data", (piece: Buffer) => (said += piece.toString("latin1")));
  return { socket, said: () => said };
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let turns = 0; !isTrue() && turns < 2000; turns++)
    await new Promise((resolve) => setTimeout(resolve, 2));
  if (!isTrue()) throw new Error("It did not come to pass.");
}

const request = (target: string, ...headers: string[]) =>
  `${[`GET ${target} HTTP/1.1`, "Host: papers.example", ...headers].join("\r\n")}\r\n\r\n`;
const closed = (socket: Socket) =>
  new Promise<void>((resolve) => socket.once("close", () => resolve()));

test("plain requests are answered in the lane, one after the other on one connection", async () => {
  const { server, reached } = await openWorld();
  const { socket, said } = await open(server.port);
  for (let times = 1; times <= 3; times++) {
    socket.write(request("/page", "Connection: keep-alive", "X-Forwarded-Proto: https"));
    await until(() => said().length === IN_LANE.length * times);
  }
  expect(said()).toBe(IN_LANE.repeat(3));
  expect(reached).toEqual([]);
});

test("what the lane does not hold goes on to the application, and the connection with it", async () => {
  const { server, reached } = await openWorld();
  const { socket, said } = await open(server.port);
  socket.write(request("/page"));
  await until(() => said() === IN_LANE);
  socket.write(request("/other"));
  await until(() => said().includes("application"));
  socket.write(request("/page"));
  await until(() => reached.length === 2);
  expect(reached).toEqual(["GET /other", "GET /page"]);
});

test("a fault in the lane is the application's to tell", async () => {
  const { server, reached } = await openWorld();
  const { socket } = await open(server.port);
  socket.write(request("/broken"));
  await until(() => reached.length === 1);
  expect(reached).toEqual(["GET /broken"]);
});

test.each([
  ["another method", "HEAD /page HTTP/1.1\r\nHost: a\r\n\r\n", ["HEAD /page"]],
  ["HTTP/1.0", "GET /page HTTP/1.0\r\nHost: a\r\n\r\n", ["GET /page"]],
  ["a body", "GET /page HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", ["GET /page"]],
  ["a wish to close", request("/page", "Connection: close"), ["GET /page"]],
  ["a range", request("/page", "Range: bytes=0-1"), ["GET /page"]],
  ["two at once", request("/page") + request("/page"), ["GET /page", "GET /page"]],
  [
    "one hidden in the body of another",
    `POST /page HTTP/1.1\r\nHost: a\r\nContent-Length: ${request("/page").length}\r\n\r\n${request("/page")}`,
    [`POST /page ${request("/page").trim()}`],
  ],
  ["an unencrypted way to a proxy", request("/page", "X-Forwarded-Proto: http"), ["GET /page"]],
  ["a head too long to be plain", request("/page", `X: ${"x".repeat(5000)}`), ["GET /page"]],
])("with %s the application answers", async (_, bytes, expected) => {
  const { server, reached, asked } = await openWorld();
  const { socket } = await open(server.port);
  socket.write(bytes);
  await until(() => reached.length === expected.length);
  expect(reached).toEqual(expected);
  expect(asked).toEqual([]);
});

test("a head in two pieces is put together", async () => {
  const { server, reached } = await openWorld();
  const { socket, said } = await open(server.port);
  socket.setNoDelay(true);
  socket.write("GET /page HTTP/1.1\r\nHo");
  await new Promise((resolve) => setTimeout(resolve, 30));
  socket.write("st: papers.example\r\n\r\n");
  await until(() => said().includes("application"));
  expect(reached).toEqual(["GET /page"]);
});

test.each([
  ["no host", "GET /page HTTP/1.1\r\n\r\n"],
  ["a bare line end", "GET /page HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"],
  ["a blank before the colon", "GET /page HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n"],
  [
    "both lengths",
    "POST /page HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ],
  ["a zero byte", "GET /page HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n"],
  ["no HTTP at all", "\u0016\u0003\u0001 hello\r\n\r\n"],
])("%s is a 400", async (_, bytes) => {
  const { server, reached, asked } = await openWorld();
  const { socket, said } = await open(server.port);
  socket.write(bytes, "latin1");
  await closed(socket);
  expect(said()).toMatch(/^HTTP\/1\.1 400 /);
  expect(reached).toEqual([]);
  expect(asked).toEqual([]);
});

test("a stop ends idle connections of the lane and of the server at once", async () => {
  const { server } = await openWorld();
  const inLane = await open(server.port);
  inLane.socket.write(request("/page"));
  await until(() => inLane.said() === IN_LANE);
  const beyond = await open(server.port);
  beyond.socket.write(request("/other"));
  await until(() => beyond.said().includes("application"));
  const silent = await open(server.port);
  const gone = Promise.all([inLane, beyond, silent].map(({ socket }) => closed(socket)));
  await server.close();
  expect(await gone).toHaveLength(3);
});

test("before the pages are there, a request is told to come back", async () => {
  const server = await startServer({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => server.close());
  const answer = await fetch(server.url);
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("1");
});
