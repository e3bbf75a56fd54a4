/** The client among servers that are slow, rude or hostile. */
import { gzipSync, createGzip } from "node:zlib";
import { readdirSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { emptyHome } from "../home.ts";
import type { PaperRoundError } from "../../src/errors.ts";
import { openHosts } from "../../src/io/http-hosts.ts";
import { pause } from "../../src/io/pause.ts";
import { openClient } from "./http-client.ts";
import { reply, startWebServer } from "./web-server.ts";

const BYTES_MAX = 1024 * 1024;
const SOON = { connectMs: 500, firstByteMs: 300, idleMs: 300, totalMs: 900 };

test("an answer is read whole, whatever way it is compressed, and says when it came", async () => {
  const server = await startWebServer((request, response) =>
    request.path === "/gzip"
      ? reply(response, gzipSync("Grüße"), { "content-encoding": "gzip" })
      : reply(response, Buffer.from("Grüße", "latin1"), {
          "content-type": "text/plain; charset=iso-8859-1",
        }),
  );
  const { http } = await openClient({ now: () => new Date("2026-04-15T08:00:00Z") });
  for (const path of ["/gzip", "/latin"]) {
    const answer = await http.ask({ url: server.url + path, bytesMax: BYTES_MAX });
    expect(answer).toMatchObject({ text: "Grüße", at: "2026-04-15T08:00:00.000Z" });
  }
  expect(server.seen[0]?.headers).toMatchObject({
    "user-agent": "PaperRound/test (+mailto:ada@example.org)",
    "accept-encoding": "gzip, deflate, br",
  });
});

test("what has not changed is not fetched again", async () => {
  const server = await startWebServer((request, response) =>
    request.headers["if-none-match"] === '"one"'
      ? reply(response, "", {}, 304)
      : reply(response, "whole", { etag: '"one"' }),
  );
  const { http } = await openClient();
  const request = { url: `${server.url}/x`, bytesMax: BYTES_MAX };
  expect((await http.ask(request)).text).toBe("whole");
  expect(await http.ask(request)).toMatchObject({ text: "whole", status: 200 });
  expect(server.seen.map(({ headers }) => headers["if-none-match"])).toEqual([undefined, '"one"']);
});

test("what a token opened is kept for that token alone, and readable for nobody else", async () => {
  const server = await startWebServer(({ headers }, response) =>
    reply(response, `for ${headers.authorization}`, { etag: '"one"' }),
  );
  const home = emptyHome();
  const { http } = await openClient({}, home);
  const request = { url: `${server.url}/x`, bytesMax: BYTES_MAX };
  for (const authorization of ["Bearer one", "Bearer one", "Bearer two"]) {
    await http.ask({ ...request, headers: { authorization } });
  }
  await http.ask(request);
  expect(server.seen.map(({ headers }) => headers["if-none-match"])).toEqual([
    undefined,
    '"one"',
    undefined,
    undefined,
  ]);
  const folder = join(home, "cache");
  const files = readdirSync(folder).map((name) => join(folder, name));
  const modes = [folder, ...files].map((path) => statSync(path).mode & 0o077);
  expect(modes).toEqual([0, 0, 0, 0]);
});

test("a redirect is no way around the pause between two requests", async () => {
  const server = await startWebServer(({ path }, response) =>
    path === "/there"
      ? reply(response, "there")
      : reply(response, "", { location: `http://localhost:${server.port}/there` }, 302),
  );
  const { http } = await openClient();
  const pace = { name: "slow.example", pauseMs: 300 };
  await http.ask({ url: `${server.url}/here`, bytesMax: BYTES_MAX, pace });
  const [first, second] = server.seen.map(({ at }) => at);
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(300);
});

test("many who want one server wait for each other, and not for one who wants peace", async () => {
  const { db } = await openClient();
  let name = 0;
  const hosts = openHosts(db, Date.now, () => `one ${++name}`);
  const patienceMs = 150;
  const done: number[] = [];
  const queue = [1, 2, 3, 4].map(async (number) => {
    const turn = await hosts.take("papers.example", patienceMs);
    await pause(100);
    done.push(number);
    await turn.end(100);
  });
  await Promise.all(queue);
  expect(done.toSorted()).toEqual([1, 2, 3, 4]);
  await (await hosts.take("papers.example", patienceMs)).end(60_000);
  await expect(hosts.take("papers.example", patienceMs)).rejects.toMatchObject({
    code: "HTTP_REFUSED",
  });
});

test("a server in trouble is asked again, and no more than three times", async () => {
  let troubles = 2;
  const server = await startWebServer((_request, response) =>
    troubles-- > 0 ? reply(response, "", {}, 503) : reply(response, "well"),
  );
  const { http } = await openClient();
  expect((await http.ask({ url: server.url, bytesMax: BYTES_MAX })).text).toBe("well");
  troubles = 99;
  await expect(http.ask({ url: server.url, bytesMax: BYTES_MAX })).rejects.toMatchObject({
    code: "HTTP_UNREACHABLE",
    message: expect.stringContaining("status 503"),
  });
  expect(server.seen).toHaveLength(6);
});

test("Retry-After is obeyed: a short one is waited for, a long one ends the asking for everybody", async () => {
  let after = "1";
  const server = await startWebServer((_request, response) =>
    after ? reply(response, "", { "retry-after": after }, 429) : reply(response, "well"),
  );
  const { http } = await openClient();
  setTimeout(() => {
    after = "";
  }, 500);
  expect((await http.ask({ url: server.url, bytesMax: BYTES_MAX })).text).toBe("well");
  const [first, second] = server.seen;
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1000);

  after = "3600";
  const refused = { code: "HTTP_REFUSED" };
  await expect(http.ask({ url: server.url, bytesMax: BYTES_MAX })).rejects.toMatchObject(refused);
  await expect(http.ask({ url: server.url, bytesMax: BYTES_MAX })).rejects.toMatchObject({
    ...refused,
    message: expect.stringMatching(/not to be asked before \d{4}-/),
  });
  expect(server.seen).toHaveLength(3);
});

test("an answer that is too large is refused: told, untold, compressed, or without end", async () => {
  const server = await startWebServer(({ path }, response) => {
    if (path === "/told") return reply(response, "x", { "content-length": "99999999" });
    if (path === "/bomb") {
      response.writeHead(200, { "content-encoding": "gzip" });
      const gzip = createGzip();
      gzip.pipe(response);
      const zeros = Buffer.alloc(1024 * 1024);
      const more = () => {
        while (!response.destroyed && gzip.write(zeros));
        if (!response.destroyed) gzip.once("drain", more);
      };
      return more();
    }
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && response.write("x".repeat(65_536)));
      if (!response.destroyed) response.once("drain", more);
    };
    more();
  });
  const { http } = await openClient();
  for (const path of ["/told", "/bomb", "/endless"]) {
    await expect(http.ask({ url: server.url + path, bytesMax: BYTES_MAX })).rejects.toMatchObject({
      code: "HTTP_ANSWER_REFUSED",
      message: expect.stringContaining("larger than 1024 KB"),
    });
  }
});

test("an answer that ends early is refused, plain and compressed", async () => {
  const whole = gzipSync("x".repeat(100_000));
  const server = await startWebServer(({ path }, response) => {
    if (path === "/gzip") {
      return reply(response, whole.subarray(0, whole.length - 20), { "content-encoding": "gzip" });
    }
    response.writeHead(200, path === "/length" ? { "content-length": "1000" } : {});
    response.write("begun");
    setTimeout(() => response.destroy(), 20);
  });
  const { http } = await openClient();
  for (const path of ["/length", "/chunked", "/gzip"]) {
    await expect(http.ask({ url: server.url + path, bytesMax: BYTES_MAX })).rejects.toMatchObject({
      code: "HTTP_ANSWER_REFUSED",
    });
  }
});

test("a server that is silent, or stops in the middle, is not waited for", async () => {
  const server = await startWebServer(({ path }, response) => {
    if (path === "/silent") return;
    response.writeHead(200).write("begun");
    if (path === "/dribble") {
      const timer = setInterval(() => response.write("."), 100);
      response.on("close", () => clearInterval(timer));
    }
  });
  const { http } = await openClient({ timeouts: SOON });
  for (const [path, why] of [
    ["/silent", "did not answer"],
    ["/stops", "sent nothing for"],
    ["/dribble", "did not finish its answer"],
  ]) {
    await expect(http.ask({ url: server.url + path, bytesMax: BYTES_MAX })).rejects.toMatchObject({
      code: "HTTP_UNREACHABLE",
      message: expect.stringContaining(why ?? ""),
    });
  }
});

test("a server that is down is said to be", async () => {
  const { http } = await openClient();
  await expect(http.ask({ url: "http://127.0.0.1:1/", bytesMax: BYTES_MAX })).rejects.toMatchObject(
    { code: "HTTP_UNREACHABLE", message: "127.0.0.1:1 refuses connections." },
  );
});

test("a redirect is followed, a key is not taken along to another server, and circles end", async () => {
  const other = await startWebServer((_request, response) => reply(response, "there"));
  const server = await startWebServer(({ path }, response) =>
    reply(response, "", { location: path === "/circle" ? "/circle" : `${other.url}/there` }, 302),
  );
  const { http } = await openClient();
  const headers = { authorization: "Bearer secret", accept: "text/plain" };
  const answer = await http.ask({ url: `${server.url}/a`, headers, bytesMax: BYTES_MAX });
  expect(answer).toMatchObject({ text: "there", url: `${other.url}/there` });
  expect(server.seen[0]?.headers.authorization).toBe("Bearer secret");
  expect(other.seen[0]?.headers).toMatchObject({ accept: "text/plain" });
  expect(other.seen[0]?.headers.authorization).toBeUndefined();
  await expect(
    http.ask({ url: `${server.url}/circle`, bytesMax: BYTES_MAX }),
  ).rejects.toMatchObject({ code: "HTTP_REFUSED" });
});

test("nothing but public addresses is asked, not by a redirect nor by a name either", async () => {
  const server = await startWebServer((_request, response) =>
    reply(response, "", { location: "http://169.254.169.254/latest/meta-data/" }, 302),
  );
  const { http } = await openClient();
  const forbidden = { code: "HTTP_FORBIDDEN" };
  const redirected = http.ask({ url: server.url, bytesMax: BYTES_MAX });
  await expect(redirected).rejects.toMatchObject(forbidden);
  const guarded = await openClient({
    allowedHosts: new Set(),
    lookup: async () => [
      { address: "93.184.215.14", family: 4 },
      { address: "10.0.0.7", family: 4 },
    ],
  });
  for (const url of [
    server.url,
    "http://papers.example.org/",
    "http://printer.local/",
    "http://[::ffff:127.0.0.1]/",
    "http://0x7f000001/",
    "ftp://papers.example.org/",
    "http://ada:secret@papers.example.org/",
  ]) {
    await expect(guarded.http.ask({ url, bytesMax: BYTES_MAX })).rejects.toMatchObject(forbidden);
  }
  expect(server.seen).toHaveLength(1);
});

test("the connection goes to the address that was checked, not to what a name says later", async () => {
  const server = await startWebServer((request, response) =>
    reply(response, request.headers.host ?? ""),
  );
  let lookups = 0;
  const { http } = await openClient({
    allowedHosts: new Set(["papers.example.org"]),
    lookup: async () => {
      lookups++;
      return [{ address: "127.0.0.1", family: 4 }];
    },
  });
  const url = `http://papers.example.org:${server.port}/`;
  const { text } = await http.ask({ url, bytesMax: BYTES_MAX });
  expect([text, lookups]).toEqual([`papers.example.org:${server.port}`, 1]);
});

test.each([
  ["EAI_AGAIN", 2],
  ["ENOTFOUND", 1],
])("a name server that answers %s is asked %i times", async (code, times) => {
  const server = await startWebServer((_request, response) => reply(response, "there"));
  let lookups = 0;
  const { http } = await openClient({
    allowedHosts: new Set(["papers.example.org"]),
    lookup: async () => {
      if (++lookups === 1) throw Object.assign(new Error("later"), { code });
      return [{ address: "127.0.0.1", family: 4 }];
    },
  });
  const url = `http://papers.example.org:${server.port}/`;
  const text = await http.ask({ url, bytesMax: BYTES_MAX }).then(
    (answer) => answer.text,
    (fault: unknown) => (fault as PaperRoundError).code,
  );
  expect([text, lookups]).toEqual([times === 1 ? "HTTP_UNREACHABLE" : "there", times]);
});

test("requests go through a proxy where there is one, and past it where they need not", async () => {
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end("by proxy");
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void proxy.close());
  const server = await startWebServer((_request, response) => reply(response, "directly"));
  const { port } = proxy.address() as AddressInfo;
  const { http } = await openClient({
    proxies: { http: `http://127.0.0.1:${port}`, https: null, no: ["127.0.0.1"] },
  });
  const far = await http.ask({ url: "http://papers.example.org/x", bytesMax: BYTES_MAX });
  const near = await http.ask({ url: server.url, bytesMax: BYTES_MAX });
  expect([far.text, near.text]).toEqual(["by proxy", "directly"]);
  expect(asked).toEqual(["http://papers.example.org/x"]);
  await expect(
    http.ask({ url: "http://localhost.localdomain.internal/", bytesMax: BYTES_MAX }),
  ).rejects.toMatchObject({ code: "HTTP_FORBIDDEN" });
});
