/** Which addresses are public, and that two processes share a host's turns. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { isPublicAddress } from "../../src/io/http-guard.ts";
import { proxyFor } from "../../src/io/http-proxy.ts";
import { emptyHome, ROOT } from "../home.ts";
import { reply, startWebServer } from "./web-server.ts";

test.each([
  "127.0.0.1",
  "10.1.2.3",
  "172.31.0.1",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "0.0.0.0",
  "224.0.0.1",
  "255.255.255.255",
  "198.18.0.1",
  "::1",
  "::",
  "fc00::1",
  "fe80::1",
  "ff02::1",
  "::ffff:10.0.0.1",
  "64:ff9b::a00:1",
  "2002:a00:1::",
  "2001:db8::1",
  "not an address",
])("%s is not public", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(["1.1.1.1", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::1"])(
  "%s is public",
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

test.each([
  ["https://a.example/", "http://proxy:1"],
  ["http://a.example/", null],
  ["https://b.inside.example/", null],
  ["https://inside.example:8443/", null],
  ["https://other.example:444/", "http://proxy:1"],
  ["https://other.example:443/", null],
])("%s goes by %s", (url, proxy) => {
  const proxies = {
    http: null,
    https: "http://proxy:1",
    no: [".inside.example", "other.example:443"],
  };
  expect(proxyFor(new URL(url), proxies)).toBe(proxy);
});

test(
  "two processes ask arXiv no more than once in three seconds between them",
  { timeout: 90_000 },
  async () => {
    const open = { now: 0, most: 0 };
    const server = await startWebServer((_request, response) => {
      open.now++;
      open.most = Math.max(open.most, open.now);
      setTimeout(() => {
        open.now--;
        reply(
          response,
          '<rss version="2.0"><channel><title>cs.LG updates on arXiv.org</title></channel></rss>',
        );
      }, 300);
    });
    const home = emptyHome();
    const run = promisify(execFile);
    const script = join(ROOT, "tests/io/ask-arxiv.ts");
    await Promise.all(
      [1, 2].map(() => run(process.execPath, [script, home, server.url, "2"], { timeout: 80_000 })),
    );
    const times = server.seen.map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(gaps).toHaveLength(3);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(3000);
    expect(open.most).toBe(1);
  },
);
