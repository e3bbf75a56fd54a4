import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressAsKept, isAddress, mailboxOf, parseAddress } from "../../src/subscribers/address.ts";
import { SHARED } from "../home.ts";
import { DECISIONS } from "./address-decisions.ts";

/** What may stand in an SMTP command and in a header as it is. */
const HARMLESS = /^[\w.'+-]+@[a-z0-9.-]+$/;

function accepted(text: string): string | null {
  const parsed = parseAddress(text);
  return isAddress(parsed) ? parsed.address : null;
}

function refusal(text: string): string | null {
  const parsed = parseAddress(text);
  return isAddress(parsed) ? null : parsed.invalid;
}

/** A domain of exactly `length` characters, in labels of at most 60. */
function domainOf(length: number): string {
  const labels = [];
  let left = length - ".org".length;
  while (left > 0) {
    const label = Math.min(60, left);
    labels.push("d".repeat(label));
    left -= label + 1;
  }
  return `${labels.join(".")}.org`;
}

test("a plain address keeps its local part and gets its domain in lower case", () => {
  expect(parseAddress("Ada.Lovelace+papers@Example.ORG")).toEqual({
    address: "Ada.Lovelace+papers@example.org",
    key: "ada.lovelace+papers@example.org",
  });
});

test("space around an address is no part of it", () => {
  expect(accepted(" \tada@example.org\r\n")).toBe("ada@example.org");
});

test.each([
  ["ada@münchen.de", "ada@xn--mnchen-3ya.de"],
  ["ada@MÜNCHEN.de", "ada@xn--mnchen-3ya.de"],
  ["ada@пример.рф", "ada@xn--e1afmkfd.xn--p1ai"],
  ["ada@xn--e1afmkfd.xn--p1ai", "ada@xn--e1afmkfd.xn--p1ai"],
])("an international domain becomes ASCII: %s", (written, mailed) => {
  expect(accepted(written)).toBe(mailed);
});

test.each([
  ["a header of its own", "b@example.org\r\nBcc: c@example.org"],
  ["a header behind a bare line feed", "b@example.org\nBcc: c@example.org"],
  ["an SMTP command", "b@example.org>\r\nDATA\r\n."],
  ["a line break inside the domain", "b@exam\r\nple.org"],
  ["a tab inside the domain", "b@exam\tple.org"],
  ["a null byte", "b@example.org\u0000"],
  ["a quoted local part", '"b c"@example.org'],
  ["a quoted at sign", '"b@c"@example.org'],
  ["an address in brackets", "<b@example.org>"],
  ["a display name", "Bob <b@example.org>"],
  ["a comment", "b(comment)@example.org"],
  ["two addresses", "b@example.org,c@example.org"],
  ["two addresses with semicolon", "b@example.org;c@example.org"],
  ["a source route", "@relay.example:b@example.org"],
  ["a second at sign", "b@c@example.org"],
  ["a percent-encoded domain", "b@ex%61mple.org"],
  ["a path behind the domain", "b@example.org/c"],
  ["a port behind the domain", "b@example.org:25"],
  ["an address literal", "b@[127.0.0.1]"],
  ["an IP address", "b@127.0.0.1"],
  ["an IP address in disguise", "b@0x7f.1"],
  ["a domain without dot", "b@localhost"],
  ["a local part beyond ASCII", "bjørn@example.org"],
  ["an invisible character in the domain", "b@exam\u00adple.org"],
  ["a dot before the at sign", "b.@example.org"],
  ["two dots in a row", "b..c@example.org"],
  ["a label that ends in a hyphen", "b@example-.org"],
  ["a label that begins with a hyphen", "b@-example.org"],
  ["a domain that ends in a dot", "b@example.org."],
])("%s is refused", (_, text) => {
  expect(refusal(text)).toBe("is not an e-mail address");
});

test.each([
  ["", "is empty"],
  [" \n", "is empty"],
  ["reader", "has no @"],
  ["@example.org", "is not an e-mail address"],
  ["reader@", "is not an e-mail address"],
])("the refusal of %j says why: it %s", (text, why) => {
  expect(refusal(text)).toBe(why);
});

test("a local part of 64 characters is taken, one of 65 is too long", () => {
  expect(accepted(`${"a".repeat(64)}@example.org`)).not.toBeNull();
  expect(refusal(`${"a".repeat(65)}@example.org`)).toBe("is too long");
});

test("an address of 254 characters is taken, one of 255 is too long", () => {
  const longest = `${"a".repeat(64)}@${domainOf(189)}`;
  expect(longest).toHaveLength(254);
  expect(accepted(longest)).toBe(longest);
  expect(refusal(`${"a".repeat(64)}@${domainOf(190)}`)).toBe("is too long");
});

test("a label of 63 characters is taken, one of 64 is not", () => {
  expect(accepted(`a@${"d".repeat(63)}.org`)).not.toBeNull();
  expect(accepted(`a@${"d".repeat(64)}.org`)).toBeNull();
});

test.each([
  ["letters", "a"],
  ["at signs", "@"],
  ["dots", "a."],
  ["umlauts", "ü"],
])("a megabyte of %s is too long", (_, unit) => {
  expect(refusal(unit.repeat(1_000_000))).toBe("is too long");
});

test("whatever is accepted is harmless, and is itself accepted unchanged", () => {
  const plain = fc.stringMatching(/^[a-zA-Z0-9]{1,5}([.+'_-][a-z0-9]{1,4})?@[a-z0-9]{1,5}\.org$/);
  const hostile = fc.constantFrom("", ..."\"<>(),;:@ \t\r\n\0%/[]\\üß。\u200d\u00ad\u2028\ufeff=|`");
  const spoilt = fc
    .tuple(plain, fc.nat(20), hostile)
    .map(([text, at, character]) => text.slice(0, at) + character + text.slice(at));
  let taken = 0;
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), spoilt), (text) => {
      const address = accepted(text);
      if (address === null) return;
      taken++;
      expect(address).toMatch(HARMLESS);
      expect(accepted(address)).toBe(address);
    }),
    { numRuns: 1000 },
  );
  expect(taken).toBeGreaterThan(10);
});

test.each(DECISIONS.map(([address, decision], index) => ({ index, address, decision })))(
  "no. $index, $address: $decision",
  ({ address, decision }) => {
    const taken = accepted(address);
    const found = taken === null ? refusal(address) : taken === address ? "is taken as it is" : taken;
    expect(found).toBe(decision);
  },
);

const DATA = join(SHARED, "addresses", "tests.json");
const absent = existsSync(DATA) ? "" : " (left out: ../shared/addresses is absent)";

describe.skipIf(absent)(`the addresses of the isemail collection${absent}`, () => {
  interface Sample {
    readonly address: string;
    readonly category: string;
    readonly diagnosis: string;
  }
  const samples = (): Sample[] => JSON.parse(readFileSync(DATA, "utf8")) as Sample[];
  /** The collection writes control characters as their pictures, U+2400 to U+241F. */
  const withControls = (text: string) =>
    text.replace(/[\u2400-\u241f]/g, (picture) =>
      String.fromCodePoint((picture.codePointAt(0) ?? 0) - 0x2400),
    );

  test("has those addresses that the table of decisions has, in that order", () => {
    expect(DECISIONS.map(([address]) => address)).toEqual(samples().map(({ address }) => address));
  });

  test("none that is wrong is accepted", () => {
    const wrong = samples().filter(({ category }) => category === "ISEMAIL_ERR");
    expect(wrong).toHaveLength(66);
    expect(wrong.filter(({ address }) => accepted(address) !== null)).toEqual([]);
  });

  test("with real control characters, only space around an address is forgiven", () => {
    const texts = samples().map(({ address }) => withControls(address));
    const changed = texts.filter((text) => {
      const taken = accepted(text);
      return taken !== null && taken.toLowerCase() !== text.trim().toLowerCase();
    });
    expect(texts.join("")).toContain("\u0007");
    expect(changed).toEqual([]);
  });

  test("whatever is accepted is harmless", () => {
    const all = samples();
    const taken = all.map(({ address }) => accepted(address)).filter((each) => each !== null);
    expect(all).toHaveLength(164);
    expect(taken).toHaveLength(19);
    for (const address of taken) expect(address).toMatch(HARMLESS);
  });

  test("of the 14 valid ones 12 are accepted: the rest has no dot, or unusual characters", () => {
    const valid = samples().filter(({ diagnosis }) => diagnosis === "ISEMAIL_VALID");
    expect(valid).toHaveLength(14);
    const refused = valid.filter(({ address }) => accepted(address) === null);
    expect(refused.map(({ address }) => address)).toEqual(["test@io", "!#$%&`*+/=?^`{|}~@iana.org"]);
  });
});

test.each([
  ["ada+papers@example.org", "ada@example.org"],
  ["ada+a+b@example.org", "ada@example.org"],
  ["A.d.a+x@googlemail.com", "ada@gmail.com"],
  ["+ada@example.org", "+ada@example.org"],
  ["+bob@example.org", "+bob@example.org"],
  ["+ada+x@example.org", "+ada@example.org"],
  ["++ada@example.org", "++ada@example.org"],
])("limits count %s under the mailbox %s", (address, mailbox) => {
  expect(mailboxOf(addressAsKept(address))).toBe(mailbox);
});
