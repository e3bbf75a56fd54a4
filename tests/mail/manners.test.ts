import { expect, test } from "vitest";
import { hintOf } from "../../src/mail/deliver.ts";
import { openManners } from "../../src/mail/manners.ts";
import { replyOf, type Settled } from "../../src/mail/outcome.ts";
import { openProviders, type DomainRule } from "../../src/mail/providers.ts";

/** Manners with a clock that the test sets, and a way to send letters that end at once. */
function open(rules: readonly DomainRule[] = [], capacity = 10) {
  const clock = { now: 1_000_000 };
  const manners = openManners(openProviders(rules), capacity, () => clock.now);
  const outcomes = {
    accepted: "250 2.0.0 Ok",
    complaint: "421 4.7.0 Too many messages, slow down",
    unknown: "550 5.1.1 No such user",
    policy: "554 5.7.1 Blocked",
  };
  const ended = (provider: string, kind: keyof typeof outcomes) => {
    const reply = replyOf(outcomes[kind], null);
    const code = reply.code ?? 0;
    const state = code >= 500 ? "rejected" : code >= 400 ? "deferred" : "accepted";
    return manners.ended(provider, clock.now, { state, reply } as Settled);
  };
  const send = (provider: string, kind: keyof typeof outcomes = "accepted") => {
    manners.begun(provider);
    return ended(provider, kind);
  };
  /** Returns how many letters may begin within so many milliseconds, each ending at once. */
  const countWithin = (provider: string, milliseconds: number) => {
    let count = 0;
    for (const end = clock.now + milliseconds; clock.now < end; clock.now++) {
      if (!manners.mayBegin(provider, false)) continue;
      send(provider);
      count++;
    }
    return count;
  };
  return { manners, clock, ended, send, countWithin };
}

test("domains of one provider count as one, and others stand for themselves", () => {
  const { nameOf, domainsOf } = openProviders([{ domains: ["lab.example", "campus.example"] }]);
  expect(nameOf("a@googlemail.com")).toBe(nameOf("b@GMAIL.com"));
  expect(nameOf("a@campus.example")).toBe(nameOf("b@lab.example"));
  expect(nameOf("a@example.org")).not.toBe(nameOf("b@example.net"));
  expect(domainsOf("gmail.com")).toEqual(["gmail.com", "googlemail.com"]);
  expect(domainsOf("example.org")).toEqual(["example.org"]);
});

test("a domain that a rule names leaves its provider, and every name is its own", () => {
  const { nameOf, domainsOf, ruleOf } = openProviders([
    { domains: ["lab.example", "gmail.com"] },
    { domains: ["gmail.com", "campus.example"], second: 1 },
  ]);
  expect(domainsOf("lab.example")).toEqual(["lab.example", "gmail.com"]);
  expect(nameOf("a@googlemail.com")).toBe("googlemail.com");
  expect(ruleOf("campus.example")).toMatchObject({ second: 1 });
  expect(nameOf(nameOf("a@gmail.com"))).toBe("lab.example");
});

test("without a rule or a complaint nothing is held back", () => {
  const { countWithin } = open();
  expect(countWithin("example.org", 50)).toBe(50);
});

test("a rule for a second spreads letters evenly over it", () => {
  const { countWithin } = open([{ domains: ["slow.example"], second: 10 }]);
  expect(countWithin("slow.example", 1000)).toBe(10);
  expect(countWithin("example.org", 50)).toBe(50);
});

test("a rule for connections binds letters that are under way at once", () => {
  const { manners, ended } = open([{ domains: ["slow.example"], connections: 2 }]);
  manners.begun("slow.example");
  expect(manners.mayBegin("slow.example", true)).toBe(true);
  manners.begun("slow.example");
  expect(manners.mayBegin("slow.example", true)).toBe(false);
  ended("slow.example", "accepted");
  expect(manners.mayBegin("slow.example", true)).toBe(true);
});

test("a complaint halves the pace to that provider alone, and time gives it back", () => {
  const { manners, clock, send, countWithin } = open([{ domains: ["slow.example"], second: 100 }]);
  expect(countWithin("slow.example", 1000)).toBe(100);
  send("slow.example", "complaint");
  clock.now += 50;
  const halved = countWithin("slow.example", 1000);
  expect(halved).toBeLessThanOrEqual(51);
  expect(halved).toBeGreaterThanOrEqual(48);
  expect(countWithin("example.org", 50)).toBe(50);
  // A twentieth a minute: after a quarter of an hour it is whole again.
  clock.now += 15 * 60_000;
  expect(manners.mayBegin("slow.example", false)).toBe(true);
  const whole = countWithin("slow.example", 1000);
  expect(whole).toBeGreaterThanOrEqual(99);
});

test("complaints of letters that are under way together count once", () => {
  const { send, clock, countWithin } = open([{ domains: ["slow.example"], second: 100 }]);
  for (let letter = 0; letter < 5; letter++) send("slow.example", "complaint");
  clock.now += 200;
  expect(countWithin("slow.example", 1000)).toBeGreaterThanOrEqual(48);
});

test("complaint upon complaint, a provider still gets a letter now and then", () => {
  const { send, clock, countWithin } = open();
  for (let letter = 0; letter < 40; letter++) {
    send("slow.example", "complaint");
    clock.now += 11_000;
  }
  clock.now += 20_000;
  expect(countWithin("slow.example", 60_000)).toBeGreaterThanOrEqual(6);
});

test("the same refusal for more than a fifth of a domain's letters is an objection", () => {
  const { manners, send } = open();
  for (let letter = 0; letter < 30; letter++) send("example.org");
  for (let letter = 0; letter < 9; letter++) expect(send("example.org", "policy")).toBeNull();
  expect(send("example.org", "policy")).toEqual({
    domain: "example.org",
    refusal: "554 5.7.1",
    refused: 10,
    tried: 40,
    reply: "554 5.7.1 Blocked",
  });
  expect(manners.mayBegin("example.org", true)).toBe(false);
  expect(manners.stockMax("example.org")).toBe(0);
  expect(manners.mayBegin("example.net", true)).toBe(true);
});

test("a provider that objected says so once, and begins anew when it is forgiven", () => {
  const { manners, send } = open();
  for (let letter = 0; letter < 9; letter++) send("example.org", "policy");
  expect(send("example.org", "policy")).not.toBeNull();
  // Letters that were under way still come back.
  expect(send("example.org", "policy")).toBeNull();
  manners.forgive("example.org");
  expect(manners.mayBegin("example.org", true)).toBe(true);
  expect(manners.stockMax("example.org")).toBeGreaterThan(0);
  for (let letter = 0; letter < 9; letter++) expect(send("example.org", "policy")).toBeNull();
  expect(send("example.org", "policy")).toMatchObject({ refused: 10, tried: 10 });
});

test("a refusal that is tolerated is no objection any more, and another one is", () => {
  const { manners, send } = open();
  for (let letter = 0; letter < 9; letter++) send("example.org", "policy");
  const objection = send("example.org", "policy");
  expect(objection).toMatchObject({ refusal: "554 5.7.1" });
  if (objection) manners.tolerate(objection);
  for (let letter = 0; letter < 40; letter++) expect(send("example.org", "policy")).toBeNull();
  expect(manners.mayBegin("example.org", true)).toBe(true);
  const others = Array.from({ length: 20 }, () => send("example.org", "unknown"));
  expect(others.find((each) => each !== null)).toMatchObject({ refused: 13, tried: 63 });
});

test("a few unknown readers among many are no objection", () => {
  const { manners, send } = open();
  for (let letter = 0; letter < 200; letter++) {
    expect(send("example.org", letter % 10 === 0 ? "unknown" : "accepted")).toBeNull();
  }
  expect(manners.mayBegin("example.org", true)).toBe(true);
});

test("a provider whose letters take long may not have all that is under way, unless alone", () => {
  const { manners, clock } = open([], 10);
  const begun = Array.from({ length: 10 }, () => manners.begun("slow.example"));
  clock.now += 2000;
  const reply = replyOf("250 Ok", null);
  for (const at of begun.slice(0, 4))
    manners.ended("slow.example", at, { state: "accepted", reply });
  expect(manners.mayBegin("slow.example", false)).toBe(false);
  expect(manners.mayBegin("slow.example", true)).toBe(true);
  expect(manners.mayBegin("example.org", false)).toBe(true);
});

test("a list with a million domains is not remembered domain by domain", () => {
  const { manners, send } = open();
  for (let domain = 0; domain < 20_000; domain++) send(`d${domain}.example`);
  expect(manners.mayBegin("d1.example", false)).toBe(true);
});

test.each([
  ["451 4.7.1 Greylisted, please try again in 5 minutes", 300_000],
  ["450 4.2.0 Try again after 120 seconds", 120_000],
  ["421 4.7.0 Rate limited; retry in 1 hour", 3_600_000],
  ["451 Please wait 30s before retrying", 30_000],
  ["451 4.3.0 Try again later", 0],
  ["452 4.5.3 Too many recipients (limit 100)", 0],
  ["450 4.7.1 try again in 99999 hours", 4 * 3_600_000],
])("%s asks for a pause of %i ms", (text, milliseconds) => {
  expect(hintOf(replyOf(text, null))).toBe(milliseconds);
});
