import * as crypto from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { PaperRoundError } from "../../src/errors.ts";
import {
  bodyHash,
  dnsRecord,
  loadSigningKey,
  openSigner,
  type Field,
  type SigningKey,
} from "../../src/mail/dkim.ts";

const PKCS8 = { type: "pkcs8", format: "pem" } as const;
const rsaPair = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
const rsa = loadSigningKey(rsaPair.privateKey.export(PKCS8), {
  selector: "pr2026",
  domain: "papers.example.org",
});
const ed25519 = loadSigningKey(
  crypto.generateKeyPairSync("ed25519").privateKey.export(PKCS8).toString(),
  { selector: "pr2026e", domain: "papers.example.org" },
);
const keys = [ed25519, rsa];
const at = new Date("2026-04-15T07:00:00.900Z");

const FIXED: readonly Field[] = [
  ["From", '"Paper Round" <letters@papers.example.org>'],
  ["Reply-To", '"Paper Round" <desk@papers.example.org>'],
  ["Subject", "Alpha \t and  9 more"],
  ["MIME-Version", "1.0"],
  ["Content-Type", "multipart/alternative;\r\n\tboundary=x"],
  ["List-Id", '"Paper Round" <paper-round.papers.example.org>'],
  ["List-Unsubscribe-Post", "List-Unsubscribe=One-Click"],
  ["List-Archive", "<https://papers.example.org/archive/daily/2026-04-15>"],
  ["Feedback-ID", "daily-2026-04-15:letter:paper-round:paperround"],
  ["Auto-Submitted", "auto-generated"],
  ["Precedence", "bulk"],
];
const VALUES = {
  To: "reader@example.net",
  "Message-ID": "<daily-2026-04-15.abc@papers.example.org>",
  Date: "Wed, 15 Apr 2026 07:00:00 +0000",
  "List-Unsubscribe": "<https://papers.example.org/unsubscribe/1-RLBoVthnycOFVxI7Q-8eOw>",
};
const VARYING = Object.keys(VALUES) as (keyof typeof VALUES)[];
const HEADER: readonly Field[] = [...FIXED, ...Object.entries(VALUES)];
const BODY = "Hello,  reader \r\n\r\nGoodbye.\t\r\n\r\n";

/** Returns a letter as it goes over the wire; the header stands in another order than was signed. */
function letterOf(signature: string, header: readonly Field[] = HEADER, body = BODY): string {
  const fields = header.toReversed().map(([name, value]) => `${name}: ${value}\r\n`);
  return `${signature}${fields.join("")}\r\n${body}`;
}

function signed(changes: { header?: readonly Field[]; body?: string; by?: SigningKey[] } = {}) {
  const { header = HEADER, body = BODY, by = keys } = changes;
  const hash = bodyHash(Buffer.from(body, "latin1"));
  return letterOf(openSigner(by).sign(header, hash, at), header, body);
}

/**
 * A verifier that shares nothing with the signer, neither code nor way: it takes the letter apart
 * line by line, walks the bytes, and knows keys by their published records alone. Returns a verdict
 * for each signature, from the top.
 */
function verdicts(letter: string, records = recordsOf(keys)): boolean[] {
  const end = letter.indexOf("\r\n\r\n") + 2;
  const fields: { name: string; raw: string }[] = [];
  for (const line of letter.slice(0, end).split("\r\n").slice(0, -1)) {
    const last = fields.at(-1);
    if (last && (line.startsWith(" ") || line.startsWith("\t"))) last.raw += line;
    else fields.push({ name: line.slice(0, line.indexOf(":")).toLowerCase(), raw: line });
  }
  const body = relaxedLines(letter.slice(end + 2));
  return fields
    .filter(({ name }) => name === "dkim-signature")
    .map(({ raw }) => {
      const tags = tagsOf(raw.slice(raw.indexOf(":") + 1));
      if (crypto.createHash("sha256").update(body, "latin1").digest("base64") !== tags["bh"]) {
        return false;
      }
      const unused = fields.toReversed();
      const chosen = (tags["h"] ?? "").split(":").flatMap((name) => {
        const index = unused.findIndex((field) => field.name === name);
        return index === -1 ? [] : unused.splice(index, 1).map((field) => relaxedField(field.raw));
      });
      const bare = relaxedField(raw.replace(/(;\s*b=)[^;]*$/, "$1"));
      const data = Buffer.from([...chosen, bare].join("\r\n"), "latin1");
      const record = records[`${tags["s"]}._domainkey.${tags["d"]}`] ?? "";
      return isSignedBy(tagsOf(record), tags, data);
    });
}

function isSignedBy(
  record: Record<string, string>,
  tags: Record<string, string>,
  data: Buffer,
): boolean {
  const published = Buffer.from(record["p"] ?? "", "base64");
  const signature = Buffer.from(tags["b"] ?? "", "base64");
  if (`${record["k"]}-sha256` !== tags["a"] || tags["c"] !== "relaxed/relaxed") return false;
  if (record["k"] === "rsa") {
    const key = crypto.createPublicKey({ key: published, type: "spki", format: "der" });
    return crypto.createVerify("RSA-SHA256").update(data).verify(key, signature);
  }
  const x = published.toString("base64url");
  const key = crypto.createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return crypto.verify(null, crypto.createHash("sha256").update(data).digest(), key, signature);
}

function recordsOf(keys: readonly SigningKey[]): Record<string, string> {
  return Object.fromEntries(
    keys.map((key) => [`${key.selector}._domainkey.${key.domain}`, dnsRecord(key)]),
  );
}

function tagsOf(text: string): Record<string, string> {
  const pairs = text.split(";").filter((tag) => tag.includes("="));
  return Object.fromEntries(
    pairs.map((tag) => {
      const equals = tag.indexOf("=");
      return [tag.slice(0, equals).trim(), tag.slice(equals + 1).replace(/\s/g, "")];
    }),
  );
}

function squeezed(text: string): string {
  return text.split(/[\t ]/).filter(Boolean).join(" ");
}

function relaxedField(raw: string): string {
  const colon = raw.indexOf(":");
  return `${raw.slice(0, colon).toLowerCase()}:${squeezed(raw.slice(colon + 1))}`;
}

function relaxedLines(body: string): string {
  const lines = body.split("\r\n").map((line) => {
    const indent = line.startsWith(" ") || line.startsWith("\t") ? " " : "";
    return `${indent}${squeezed(line)}`.trimEnd();
  });
  while (lines.at(-1) === "") lines.pop();
  return lines.map((line) => `${line}\r\n`).join("");
}

function sha256(text: string): string {
  return crypto.createHash("sha256").update(text, "latin1").digest("base64");
}

/** Returns the code and the remedy of what `work` throws. */
function faultOf(work: () => unknown): { code: string; message: string; remedy: string } {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof PaperRoundError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was thrown");
}

test("a letter carries a valid signature for each key, RSA first", () => {
  const letter = signed();
  expect(letter.match(/\ba=[^;]+/g)).toEqual(["a=rsa-sha256", "a=ed25519-sha256"]);
  expect(verdicts(letter)).toEqual([true, true]);
  expect(verdicts(signed({ by: [rsa] }))).toEqual([true]);
  expect(verdicts(signed({ by: [ed25519] }))).toEqual([true]);
});

test("the example of RFC 6376 section 3.4.5 has the hash of its relaxed form", () => {
  expect(bodyHash(Buffer.from(" C \r\nD \t E\r\n\r\n\r\n"))).toBe(sha256(" C\r\nD E\r\n"));
});

test.each([
  ["an empty body", "", ""],
  ["empty lines alone", "\r\n\r\n", ""],
  ["white space alone", " \t\r\n \r\n", ""],
  ["white space alone without a line's end", " \t", ""],
  ["a last line without its end", "a", "a\r\n"],
  ["a last line that ends in white space", "a \t", "a\r\n"],
  ["white space before a line", "\t a\r\n", " a\r\n"],
  ["empty lines in the middle", "a\r\n \r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n"],
  ["bytes beyond ASCII", "\xa0\xe9 \x85\r\n", "\xa0\xe9 \x85\r\n"],
])("relaxed form: %s", (_, body, relaxed) => {
  expect(bodyHash(Buffer.from(body, "latin1"))).toBe(sha256(relaxed));
});

const bodies = fc
  .array(fc.constantFrom("a", "b=20", " ", "  ", "\t", "\r\n", "\r\n\r\n", ".", "\xe9"), {
    maxLength: 40,
  })
  .map((parts) => parts.join(""));

test("any body has the hash of its relaxed form, and that form has it unseen", () => {
  fc.assert(
    fc.property(bodies, (body) => {
      const relaxed = relaxedLines(body);
      expect(bodyHash(Buffer.from(body, "latin1"))).toBe(sha256(relaxed));
      const isCanonical = { isCanonical: true };
      expect(bodyHash(Buffer.from(relaxed, "latin1"), isCanonical)).toBe(sha256(relaxed));
    }),
  );
});

test("a long body of nothing but line ends or spaces is read to its end", () => {
  // Whatever looks back over what it has read would not come to one within the test's time.
  for (const unit of ["\r\n", " ", "\t", " \r\n", "\r\na"]) {
    const body = `${unit.repeat(300_000)}x`;
    expect(bodyHash(Buffer.from(body))).toBe(sha256(relaxedLines(body)));
  }
});

test.each(["a\nb\r\n", "a\rb\r\n", "a\r", "\n", "\r\r\n"])(
  "half a line break is refused: %j",
  (body) => {
    expect(faultOf(() => bodyHash(Buffer.from(body))).code).toBe("INTERNAL");
  },
);

test("the fields that matter are named once more than they occur, what is shared first", () => {
  const { h = "" } = tagsOf(signed({ by: [rsa] }).split(" b=")[0] ?? "");
  const oversigned = (names: string) => names.split(" ").flatMap((name) => [name, name]);
  expect(h.split(":")).toEqual([
    ...oversigned("from reply-to subject"),
    "mime-version",
    ...oversigned("content-type list-id list-unsubscribe-post"),
    "list-archive",
    "feedback-id",
    "auto-submitted",
    ...oversigned("to"),
    "message-id",
    ...oversigned("date list-unsubscribe"),
    "cc",
  ]);
});

test("a one-off letter names the list's fields too, so that none can be added", () => {
  const header = HEADER.filter(([name]) => !name.startsWith("List-"));
  const letter = signed({ header });
  expect(verdicts(letter)).toEqual([true, true]);
  expect(verdicts(`List-Unsubscribe: <https://evil.example/>\r\n${letter}`)).toEqual([
    false,
    false,
  ]);
});

test("the signature says when, and neither how long the body is nor when it ends to hold", () => {
  const tags = tagsOf(signed({ by: [rsa] }).slice("DKIM-Signature:".length));
  expect(tags).toMatchObject({ v: "1", t: "1776236400", d: "papers.example.org", s: "pr2026" });
  expect(Object.keys(tags)).not.toContain("l");
  expect(Object.keys(tags)).not.toContain("x");
});

test("lines are whole, ASCII and at most 78 columns, with long names as well", () => {
  const long = `${"a".repeat(60)}.${"b".repeat(40)}`;
  const by = loadSigningKey(rsaPair.privateKey.export(PKCS8), {
    selector: "a-selector-of-some-length.2026",
    domain: `${"mail.".repeat(8)}example.org`,
  });
  const longer = loadSigningKey(rsaPair.privateKey.export(PKCS8), {
    selector: "s",
    domain: `${long}.example.org`,
  });
  for (const key of [rsa, ed25519, by, longer]) {
    const field = openSigner([key]).sign(HEADER, sha256(""), at);
    expect(field).toMatch(/^DKIM-Signature: [ -~]+\r\n(?: [!-~][ -~]*\r\n)+$/);
    const columns = field.split("\r\n").map((line) => line.length);
    // A tag that is longer than a line stands on one of its own.
    const limit = key === longer ? ` d=${key.domain};`.length : 78;
    expect(Math.max(...columns)).toBeLessThanOrEqual(limit);
    const letter = letterOf(openSigner([key]).sign(HEADER, bodyHash(Buffer.from(BODY)), at));
    expect(verdicts(letter, recordsOf([key]))).toEqual([true]);
  }
});

const values = fc.string({ unit: fc.constantFrom(...'aZ0<>@:;="\\. \t'), maxLength: 60 });

test("an edition is prepared once and its letters are signed by what differs", async () => {
  const edition = openSigner(keys).prepare(FIXED, VARYING);
  await fc.assert(
    fc.asyncProperty(fc.tuple(values, values, values, values), bodies, async (four, body) => {
      const own = Object.fromEntries(
        VARYING.map((name, index) => [name, four[index] ?? ""]),
      ) as typeof VALUES;
      const hash = bodyHash(Buffer.from(body, "latin1"));
      const field = edition.sign(own, hash, at);
      const header = [...FIXED, ...Object.entries(own)];
      expect(verdicts(letterOf(field, header, body))).toEqual([true, true]);
      expect(field).toBe(openSigner(keys).sign(header, hash, at));
      expect(await edition.signAsync(own, hash, at)).toBe(field);
    }),
    { numRuns: 50 },
  );
});

test("many letters may be signed at once, each by its own values", async () => {
  const edition = openSigner(keys).prepare(FIXED, VARYING);
  const hash = bodyHash(Buffer.from(BODY));
  const readers = Array.from({ length: 64 }, (_, index) => `reader-${index}@example.net`);
  const letters = await Promise.all(
    readers.map(async (To) =>
      letterOf(await edition.signAsync({ ...VALUES, To }, hash, at), [
        ...FIXED,
        ...Object.entries({ ...VALUES, To }),
      ]),
    ),
  );
  expect(letters.flatMap((letter) => verdicts(letter))).toEqual(Array(128).fill(true));
});

test("another order of the header, other case and folding leave a signature valid", () => {
  const letter = signed();
  const refolded = letter
    .replace("Subject: Alpha \t and  9 more", "SUBJECT:Alpha and\r\n 9\t\tmore  ")
    .replace("Goodbye.\t\r\n\r\n", "Goodbye. \r\n");
  expect(refolded).not.toBe(letter);
  expect(verdicts(refolded)).toEqual([true, true]);
});

const signedNames = HEADER.map(([name]) => name).filter((name) => name !== "Precedence");

test("any change of a signed field breaks every signature", () => {
  const field = openSigner(keys).sign(HEADER, bodyHash(Buffer.from(BODY)), at);
  const puts = fc.constantFrom("", "x", "é", "0", ";");
  fc.assert(
    fc.property(fc.constantFrom(...signedNames), fc.nat(99), puts, (name, where, put) => {
      const header = HEADER.map(([each, value]): Field => {
        const position = where % value.length;
        const changed = value.slice(0, position) + put + value.slice(position + 1);
        fc.pre(each !== name || squeezed(changed) !== squeezed(value));
        return [each, each === name ? changed : value];
      });
      expect(verdicts(letterOf(field, header))).toEqual([false, false]);
    }),
  );
});

test.each(signedNames)("a letter without its %s breaks every signature", (name) => {
  const hash = bodyHash(Buffer.from(BODY));
  const field = openSigner(keys).sign(HEADER, hash, at);
  const stripped = HEADER.filter(([each]) => each !== name);
  expect(verdicts(letterOf(field, stripped))).toEqual([false, false]);
});

const oversignedNames =
  "From To Cc Reply-To Subject Date Content-Type List-Id List-Unsubscribe List-Unsubscribe-Post";

test.each(oversignedNames.split(" "))(
  "another %s on top or below breaks every signature",
  (name) => {
    const letter = signed();
    const added = `${name}: evil@evil.example\r\n`;
    expect(verdicts(added + letter)).toEqual([false, false]);
    expect(verdicts(letter.replace("\r\n\r\n", `\r\n${added}\r\n`))).toEqual([false, false]);
  },
);

test("any change of the body breaks every signature", () => {
  const letter = signed();
  const start = letter.indexOf("\r\n\r\n") + 4;
  fc.assert(
    fc.property(fc.nat(BODY.length), fc.constantFrom("x", "0", "é", "\r\nx"), (where, put) => {
      const position = start + where;
      const tampered = letter.slice(0, position) + put + letter.slice(position);
      expect(verdicts(tampered)).toEqual([false, false]);
    }),
  );
});

test("any change of the signature itself breaks it", () => {
  const letter = signed({ by: [rsa] });
  const tags: [string, string][] = [
    ["t=1776236400", "t=1776236401"],
    ["s=pr2026;", "s=pr2026; l=0;"],
    ["h=from:", "h="],
    [":date:date", ":date"],
  ];
  for (const [before, after] of tags) {
    expect(letter).toContain(before);
    expect(verdicts(letter.replace(before, after))).toEqual([false]);
  }
});

test.each([
  ["a line break", { To: "a@example.net\r\nBcc: victim@evil.example" }],
  ["half a line break", { To: "a@example.net\n b" }],
  ["a line break at the end", { To: "a@example.net\r\n" }],
  ["a NUL", { To: "a@example.net\0" }],
  ["more than ASCII", { To: "ä@example.net" }],
  ["nothing at all", { To: undefined as unknown as string }],
])("a value with %s throws, with nobody's address in the message", async (_, evil) => {
  const edition = openSigner(keys).prepare(FIXED, VARYING);
  const letter = [{ ...VALUES, ...evil }, sha256(""), at] as const;
  const fault = faultOf(() => edition.sign(...letter));
  expect(fault.code).toBe("INTERNAL");
  expect(fault.message).toContain("the To field");
  expect(fault.message).not.toContain("example.net");
  await expect(edition.signAsync(...letter)).rejects.toThrow("the To field");
});

test("a letter that can't be signed as it should throws", () => {
  const signer = openSigner(keys);
  const hash = sha256("");
  const faults = [
    () => signer.sign(HEADER.slice(1), hash, at),
    () => signer.sign([...HEADER, ["subject", "again"]], hash, at),
    () => signer.prepare(FIXED, ["To", "SUBJECT"]),
    () => signer.prepare([...FIXED, ["List-Unsubscribe", "a\r\nb"]], ["To"]),
    () => signer.sign(HEADER, "", at),
    () => signer.sign(HEADER, `${hash}; l=0`, at),
    () => signer.sign(HEADER, hash, new Date(Number.NaN)),
  ];
  expect(faults.map((work) => faultOf(work).code)).toEqual(faults.map(() => "INTERNAL"));
});

test("a key that fails throws, and no part of a signature comes back", async () => {
  const broken = { ...rsa, selector: "broken", privateKey: rsaPair.publicKey };
  const edition = openSigner([rsa, broken]).prepare(FIXED, VARYING);
  expect(() => edition.sign(VALUES, sha256(""), at)).toThrow("private");
  await expect(edition.signAsync(VALUES, sha256(""), at)).rejects.toThrow("private");
});

test("without a key, or with two under one name, there is no signer", () => {
  expect(faultOf(() => openSigner([])).code).toBe("CONFIG_INVALID");
  const twin = { ...ed25519, selector: "PR2026" };
  expect(faultOf(() => openSigner([rsa, twin])).message).toContain("pr2026._domainkey");
});

test("a key may be PKCS#1 or PKCS#8, and its record is that of its public half", () => {
  const pem = rsaPair.privateKey.export({ type: "pkcs1", format: "pem" });
  const same = loadSigningKey(pem, { selector: "a", domain: "example.org" });
  expect(dnsRecord(same)).toBe(dnsRecord(rsa));
  expect(dnsRecord(rsa)).toMatch(/^v=DKIM1; k=rsa; p=MII[A-Za-z0-9+/]{386,}={0,2}$/);
});

test("the key of RFC 8463 appendix A has the record that is printed there", () => {
  const seed = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
  const der = Buffer.concat([
    Buffer.from("302e020100300506032b657004220420", "hex"),
    Buffer.from(seed, "base64"),
  ]);
  const pem = `-----BEGIN PRIVATE KEY-----\n${der.toString("base64")}\n-----END PRIVATE KEY-----\n`;
  const key = loadSigningKey(pem, { selector: "brisbane", domain: "football.example.com" });
  expect(dnsRecord(key)).toBe("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
});

test("a key is refused with a reason and a remedy, and not repeated", () => {
  const place = { selector: "pr2026", domain: "example.org" };
  const pemOf = (pair: { privateKey: crypto.KeyObject }) =>
    pair.privateKey.export(PKCS8).toString();
  const { privateKey } = rsaPair;
  const refusals: [pem: string, reason: RegExp][] = [
    [pemOf(crypto.generateKeyPairSync("rsa", { modulusLength: 1024 })), /1024 bits/],
    [pemOf(crypto.generateKeyPairSync("rsa", { modulusLength: 2040 })), /2040 bits/],
    [pemOf(crypto.generateKeyPairSync("rsa", { modulusLength: 4104 })), /4104 bits/],
    [pemOf(crypto.generateKeyPairSync("ec", { namedCurve: "P-256" })), /ec, not RSA/],
    [pemOf(crypto.generateKeyPairSync("rsa-pss", { modulusLength: 2048 })), /rsa-pss, not RSA/],
    [rsaPair.publicKey.export({ type: "spki", format: "pem" }).toString(), /can't be read/],
    [privateKey.export({ ...PKCS8, cipher: "aes-256-cbc", passphrase: "x" }).toString(), /read/],
    [pemOf(rsaPair).slice(0, 800), /can't be read/],
    ["", /can't be read/],
  ];
  for (const [pem, reason] of refusals) {
    const fault = faultOf(() => loadSigningKey(pem, place));
    expect(fault.code).toBe("CONFIG_INVALID");
    expect(fault.message).toMatch(reason);
    expect(fault.remedy).toContain("openssl genrsa");
    for (const line of pem.split("\n").slice(1, -2)) expect(fault.message).not.toContain(line);
  }
});

test.each(["", "a b", "a; l=0", "a\r\n", "-a", "a..b", "ä", "a".repeat(64), "a_b"])(
  "%j is neither a selector nor a domain",
  (name) => {
    const pem = rsaPair.privateKey.export(PKCS8);
    const load = (selector: string, domain: string) => loadSigningKey(pem, { selector, domain });
    expect(faultOf(() => load(name, "example.org")).code).toBe("CONFIG_INVALID");
    expect(faultOf(() => load("pr2026", `${name}.org`)).code).toBe("CONFIG_INVALID");
    expect(faultOf(() => load("pr2026", "org")).code).toBe("CONFIG_INVALID");
  },
);
