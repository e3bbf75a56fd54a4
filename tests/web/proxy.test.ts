/** Whose word on a request's way counts. */
import { Hono } from "hono";
import { expect, test } from "vitest";
import { clientAddress, isUnencrypted, knowVisitors } from "../../src/web/proxy.ts";

const TRUSTED = ["10.0.0.0/8", "192.0.2.7", "2001:db8:1::/48"];

/** What the site makes of a request from `remoteAddress` with `headers`. */
async function wayOf(remoteAddress: string, headers: Record<string, string>, trusted = TRUSTED) {
  const app = new Hono();
  knowVisitors(app, trusted);
  app.get("/", (context) =>
    context.json({
      address: clientAddress(context),
      unencrypted: isUnencrypted(context),
    }),
  );
  const incoming = { socket: { remoteAddress, remotePort: 1, remoteFamily: "IPv4" } };
  const answer = await app.request("/", { headers }, { incoming });
  return (await answer.json()) as { address: string; unencrypted: boolean };
}
const addressOf = async (remote: string, chain: string) =>
  (await wayOf(remote, { "X-Forwarded-For": chain })).address;

const HEADERS = {
  "X-Forwarded-For": "198.51.100.1",
  "X-Forwarded-Proto": "http",
  Forwarded: "for=198.51.100.2;proto=http",
};

test("a stranger is who connects, whatever the request claims", async () => {
  const way = { address: "203.0.113.9", unencrypted: false };
  expect(await wayOf("203.0.113.9", HEADERS)).toEqual(way);
  expect(await wayOf("203.0.113.9", HEADERS, [])).toEqual(way);
});

test.each(["10.1.2.3", "192.0.2.7", "::ffff:10.1.2.3", "2001:db8:1::5"])(
  "a trusted proxy at %s tells who asked, and how",
  async (proxy) => {
    const way = { address: "198.51.100.1", unencrypted: true };
    expect(await wayOf(proxy, HEADERS)).toEqual(way);
    const secure = { ...HEADERS, "X-Forwarded-Proto": "https" };
    expect(await wayOf(proxy, secure)).toEqual({ ...way, unencrypted: false });
  },
);

test.each([
  ["a name that the visitor put in front", "1.1.1.1, 198.51.100.1", "198.51.100.1"],
  ["a chain of trusted proxies", "198.51.100.1, 10.9.9.9, 192.0.2.7", "198.51.100.1"],
  ["trusted proxies alone", "10.9.9.9", "10.9.9.9"],
  ["nothing", "", "10.1.2.3"],
  ["what is no address", "unknown", "10.1.2.3"],
  ["what is no address behind a proxy", "evil, 10.9.9.9", "10.9.9.9"],
  ["an address with a port", "198.51.100.1:4711", "198.51.100.1"],
  ["IPv6 in brackets with a port", "[2001:DB8::1]:4711", "2001:db8::1"],
  ["IPv4 written as IPv6", "::ffff:198.51.100.1", "198.51.100.1"],
  ["markup", "<script>", "10.1.2.3"],
])("of the chain counts what trusted proxies wrote: %s", async (_, chain, address) => {
  expect(await addressOf("10.1.2.3", chain)).toBe(address);
});

test("a chain without end costs no more than a few looks", async () => {
  expect(await addressOf("10.1.2.3", `198.51.100.1${", 10.0.0.1".repeat(500)}`)).toBe("10.0.0.1");
});

test("without a connection nobody is known", async () => {
  const app = new Hono();
  knowVisitors(app, TRUSTED);
  app.get("/", (context) => context.json(clientAddress(context)));
  const answer = await app.request("/", { headers: { "X-Forwarded-For": "198.51.100.1" } });
  expect(await answer.json()).toBeNull();
});
