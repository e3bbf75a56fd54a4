import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { keptSecret, openLinks, type LinkPurpose } from "../../src/subscribers/links.ts";
import type { RequestKey } from "../../src/subscribers/requests.ts";
import type { SubscriberKey } from "../../src/subscribers/subscriber.ts";
import { emptyHome } from "../home.ts";

const links = openLinks("a secret of more than thirty-two characters");
const others = openLinks("another secret of more than thirty-two characters");

const keys = fc.integer({ min: 1, max: 1e12 }).map((key) => key as SubscriberKey);
const bearers = fc.record({ key: keys, moves: fc.nat({ max: 1000 }) });
const purposes = fc.constantFrom<LinkPurpose>("unsubscribe", "preferences");
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

test("a token verifies for its purpose and nobody else's", () => {
  fc.assert(
    fc.property(bearers, bearers, purposes, (bearer, other, purpose) => {
      const wrong = purpose === "unsubscribe" ? "preferences" : "unsubscribe";
      const token = links.token(purpose, bearer);
      expect(links.verify(purpose, token)).toEqual(bearer);
      expect(links.verify(wrong, token)).toBeNull();
      expect(others.verify(purpose, token)).toBeNull();
      const isSame = other.key === bearer.key && other.moves === bearer.moves;
      expect(links.token(purpose, other) === token).toBe(isSame);
    }),
  );
});

test("a link that an old secret has signed goes on working, and new ones are signed anew", () => {
  const rotated = openLinks("a new secret of more than thirty-two characters", [
    "another secret of more than thirty-two characters",
    "a secret of more than thirty-two characters",
  ]);
  const bearer = { key: 7 as SubscriberKey, moves: 0 };
  const old = links.token("unsubscribe", bearer);
  expect(rotated.verify("unsubscribe", old)).toEqual(bearer);
  expect(rotated.verify("preferences", old)).toBeNull();
  const fresh = rotated.token("unsubscribe", bearer);
  expect(fresh).not.toBe(old);
  expect(rotated.verify("unsubscribe", fresh)).toEqual(bearer);
  expect(links.verify("unsubscribe", fresh)).toBeNull();
});

test("a reader's token is none of a request of the same number", () => {
  const request = 7 as RequestKey;
  const reader = { key: 7 as SubscriberKey, moves: 0 };
  const tokens = [
    ["confirm", links.token("confirm", request)],
    ["refuse", links.token("refuse", request)],
    ["unsubscribe", links.token("unsubscribe", reader)],
    ["preferences", links.token("preferences", reader)],
  ] as const;
  for (const [purpose] of tokens) {
    for (const [made, token] of tokens) {
      const about = purpose === "confirm" || purpose === "refuse" ? request : reader;
      expect(links.verify(purpose, token)).toEqual(purpose === made ? about : null);
    }
  }
});

test("a token needs no escaping in an address", () => {
  fc.assert(
    fc.property(bearers, purposes, (bearer, purpose) => {
      expect(links.token(purpose, bearer)).toMatch(/^[0-9a-z]+(_[0-9a-z]+)?-[\w-]{22}$/);
    }),
  );
});

test("a token with any one character changed verifies no more", () => {
  const changes = fc.tuple(bearers, purposes, fc.nat(), fc.constantFrom(...ALPHABET));
  fc.assert(
    fc.property(changes, ([bearer, purpose, at, character]) => {
      const token = links.token(purpose, bearer);
      const place = at % token.length;
      fc.pre(token[place] !== character);
      const tampered = `${token.slice(0, place)}${character}${token.slice(place + 1)}`;
      expect(links.verify(purpose, tampered)).toBeNull();
    }),
    { numRuns: 2000 },
  );
});

test("a token has one way to be written", () => {
  const token = links.token("unsubscribe", { key: 7 as SubscriberKey, moves: 0 });
  // The last of 22 base64 characters carries two bits of the signature and four of nothing.
  const last = [...ALPHABET].filter((character) =>
    links.verify("unsubscribe", token.slice(0, -1) + character),
  );
  expect(last).toEqual([token.at(-1)]);
  expect(links.verify("unsubscribe", `0${token}`)).toBeNull();
});

test("a token that is cut off, lengthened or made up does not verify", () => {
  const token = links.token("unsubscribe", { key: 7 as SubscriberKey, moves: 0 });
  const wrong = ["", "-", token.slice(0, -1), `${token}A`, `${token}\n`, `${token}=`, ` ${token}`];
  for (const text of [...wrong, token.toUpperCase(), "7-", `7-${"A".repeat(22)}`, "é".repeat(24)]) {
    expect(links.verify("unsubscribe", text)).toBeNull();
  }
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => links.verify("unsubscribe", text) === null),
  );
});

test("a mark depends on the text and the secret, and is no token", () => {
  expect(links.mark("a")).toBe(links.mark("a"));
  expect(links.mark("a")).not.toBe(links.mark("b"));
  expect(links.mark("a")).not.toBe(others.mark("a"));
  expect(links.verify("unsubscribe", `7-${links.mark("unsubscribe:7")}`)).toBeNull();
});

test("the kept secret is made once, for its owner alone, and stays", () => {
  const folder = join(emptyHome(), "subscribers");
  const file = join(folder, "secret");
  const secret = keptSecret(file);
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
  expect(keptSecret(file)).toBe(secret);
  expect(readFileSync(file, "utf8")).toBe(`${secret}\n`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["secret"]);
});

test("two homes have two secrets", () => {
  expect(keptSecret(join(emptyHome(), "secret"))).not.toBe(keptSecret(join(emptyHome(), "secret")));
});

test.each(["", "\n", "short\n"])("a kept secret that was lost to %j signs nothing", (left) => {
  const file = join(emptyHome(), "secret");
  writeFileSync(file, left);
  expect(() => keptSecret(file)).toThrow(
    expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(file) }),
  );
  expect(readFileSync(file, "utf8")).toBe(left);
});
