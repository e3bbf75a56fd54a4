import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { networkOf } from "../../src/subscribers/network.ts";
import { embedPage } from "../../src/web/embed-page.ts";
import { emptyHome } from "../home.ts";
import { DAY_MS, HOUR_MS, openDoor } from "./door.ts";

const LIMITS = { networkHour: 20, neighbourhoodHour: 100, domainHour: 200, day: 2000 };

test("a mailbox under 1,000 requests from 100 addresses gets one letter in a day, three in a month", async () => {
  const { subscribe, attend, later } = await openDoor({ remindHours: 0 });
  const letters: number[] = [];
  for (let asked = 0; asked < 1000; asked++) {
    const from = `198.51.${Math.floor(asked / 250)}.${asked % 100}`;
    const spelled = asked % 2 === 0 ? "ada@example.org" : "ADA@Example.org";
    expect((await subscribe(spelled, {}, from)).status).toBe(200);
  }
  letters.push((await attend()).length);
  for (let day = 1; day < 30; day++) {
    later(DAY_MS);
    await subscribe("ada@example.org");
    letters.push((await attend()).length);
  }
  expect(letters[0]).toBe(1);
  expect(letters.reduce((sum, count) => sum + count, 0)).toBe(3);
  later(2 * DAY_MS);
  await subscribe("ada@example.org");
  expect(await attend()).toHaveLength(1);
});

test.each([
  ["one IPv4 address", () => "198.51.100.7"],
  ["one /64 of IPv6", (at: number) => `2001:db8:1:2:${at.toString(16)}::${at.toString(16)}`],
])("%s may ask so often in an hour, by the form and by the API together", async (_, from) => {
  const world = await openDoor({ limits: { ...LIMITS, networkHour: 4 } });
  const answers: Response[] = [];
  for (let at = 0; at < 6; at++) {
    const email = `r${at}@example.org`;
    const body = { email, form: world.seal() };
    const answer =
      at % 2 === 0
        ? await world.subscribe(email, {}, from(at))
        : await world.postJson("/api/subscribe", body, from(at));
    answers.push(answer);
  }
  expect(answers.map(({ status }) => status)).toEqual([200, 202, 200, 202, 429, 429]);
  expect(answers[4]?.headers.get("retry-after")).toBe("3600");
  expect((await world.subscribe("x@example.org", {}, "203.0.113.9")).status).toBe(200);
  world.later(HOUR_MS);
  expect((await world.subscribe("y@example.org", {}, from(1))).status).toBe(200);
});

test("the networks around one another share a limit of their own", async () => {
  const world = await openDoor({ limits: { ...LIMITS, neighbourhoodHour: 3 } });
  const ask = async (at: number, from: string) =>
    (await world.subscribe(`r${at}@example.org`, {}, from)).status;
  for (let at = 0; at < 3; at++) expect(await ask(at, `2001:db8:1:${at}::1`)).toBe(200);
  expect(await ask(3, "2001:db8:1:ffff::1")).toBe(429);
  expect(await ask(4, "2001:db8:2:1::1")).toBe(200);
});

test("a mailbox is one, however its address is spelled", async () => {
  const { subscribe, attend } = await openDoor();
  const spelled = ["victim@gmail.com", "victim+1@gmail.com", "v.ictim@gmail.com"];
  const other = ["Victim@googlemail.com", "v.i.c.t.i.m+x@googlemail.com"];
  for (const email of [...spelled, ...other]) expect((await subscribe(email)).status).toBe(200);
  expect(await attend()).toMatchObject([{ to: "victim@gmail.com" }]);
  // Elsewhere a dot tells two people apart.
  for (const email of ["a.b@example.org", "ab@example.org", "ab+x@example.org"])
    await subscribe(email);
  expect(await attend()).toMatchObject([{ to: "a.b@example.org" }, { to: "ab@example.org" }]);
});

test("a form is good for one mailbox, however often the button is pressed", async () => {
  const { subscribe, postJson, post, seal, attend } = await openDoor();
  const form = seal();
  for (let times = 0; times < 2; times++) {
    const answer = await subscribe("ada@example.org", { form });
    expect(await answer.text()).toContain("Look into your mailbox");
  }
  expect(await (await subscribe("eve@example.org", { form })).text()).toContain(
    "Press the button once more",
  );
  expect((await postJson("/api/subscribe", { email: "eve@example.org", form })).status).toBe(422);
  const lost = await post("/link", { email: "eve@example.org", form });
  expect(await lost.text()).toContain("Please press the button once more.");
  expect(await attend()).toMatchObject([{ to: "ada@example.org" }]);
});

test("those who say that it was not them close the door to nobody else", async () => {
  const world = await openDoor({ limits: { ...LIMITS, domainHour: 3, day: 3 } });
  await world.subscribe("a@example.org");
  await world.attend();
  expect((await world.post(world.linkIn("a@example.org", "refuse"))).status).toBe(200);
  expect((await world.subscribe("b@example.org")).status).toBe(200);
  expect((await world.subscribe("c@example.org")).status).toBe(200);
});

test("limits, refusals and forms outlive a change of the secret", async () => {
  const old = "an old secret of more than thirty-two characters";
  const home = emptyHome();
  const before = await openDoor({}, { secret: old }, undefined, home);
  await before.subscribe("ada@example.org");
  await before.subscribe("eve@example.org");
  await before.attend();
  await before.post(before.linkIn("eve@example.org", "refuse"));
  const form = before.seal();
  const secret = "a new secret of more than thirty-two characters";
  const world = await openDoor({}, { secret, oldSecrets: [old] }, undefined, home);
  await world.subscribe("ada@example.org");
  world.later(2 * DAY_MS);
  await world.subscribe("eve@example.org");
  const isAsked = (await world.attend()).filter(({ subject }) => subject.startsWith("Do you"));
  expect(isAsked).toEqual([]);
  world.later(-2 * DAY_MS);
  const answer = await world.subscribe("bob@example.org", { form });
  expect(await answer.text()).toContain("Look into your mailbox");
});

test("one domain, and everybody together, get so many letters in their span", async () => {
  const world = await openDoor({
    limits: { networkHour: 100, neighbourhoodHour: 100, domainHour: 2, day: 3 },
  });
  const ask = async (email: string) => (await world.subscribe(email)).status;
  expect(await ask("a@example.org")).toBe(200);
  expect(await ask("b@example.org")).toBe(200);
  expect(await ask("c@example.org")).toBe(429);
  expect(await ask("c@example.com")).toBe(200);
  expect(await ask("d@example.net")).toBe(429);
  world.later(DAY_MS);
  expect(await ask("d@example.net")).toBe(200);
});

test("who may not move now is told when to come back, as whoever joins is", async () => {
  const world = await openDoor({
    limits: { networkHour: 100, neighbourhoodHour: 100, domainHour: 100, day: 1 },
  });
  await world.subscribe("ada@example.org");
  await world.attend();
  await world.post(world.linkIn("ada@example.org", "confirm"));
  const ada = await world.app.subscribers.find({ address: "", key: "ada@example.org" });
  const path = `/preferences/${ada && world.app.links.token("preferences", ada)}/address`;
  const answers = [
    await world.post(path, { email: "ada@example.com" }),
    await world.subscribe("eve@example.org"),
    await world.postJson("/api/subscribe", { email: "eve@example.org", form: world.seal() }),
  ];
  for (const { status, headers } of answers) {
    expect([status, headers.get("retry-after")]).toEqual([429, "3600"]);
  }
});

test("limits outlive the program, and hold no address of mail or of the network", async () => {
  const world = await openDoor({}, {});
  await world.subscribe("ada@example.org", {}, "198.51.100.77");
  await world.attend();
  await world.app.readers.refuse(1 as never);
  await world.app.subscribers.erase({ address: "ada@example.org", key: "ada@example.org" }, "x");
  for (const suffix of ["", "-wal"]) {
    const file = join(world.home, "subscribers", `subscribers.sqlite${suffix}`);
    const bytes = existsSync(file) ? readFileSync(file, "latin1") : "";
    expect(bytes).not.toContain("198.51.100");
    expect(bytes).not.toContain("ada@example");
  }
});

describe("machines", () => {
  test.each([
    ["without a seal", ""],
    ["with a seal that is made up", "mo5k1g00.0123456789ab-AAAAAAAAAAAAAAAAAAAAAA"],
  ])("a form %s is asked for once more, and nothing is mailed", async (_, form) => {
    const { subscribe, attend } = await openDoor();
    const answer = await subscribe("ada@example.org", { form });
    expect(answer.status).toBe(200);
    const page = await answer.text();
    expect(page).toContain("Press the button once more");
    expect(page).toContain('value="ada@example.org"');
    expect(await attend()).toEqual([]);
  });

  test("a form of this moment is too quick for a person, and one of yesterday too old", async () => {
    const { app, get, later, subscribe, attend } = await openDoor();
    const sealOn = (page: string) => /name="form" value="([^"]+)"/.exec(page)?.[1] ?? "";
    const form = sealOn(await (await get("/subscribe")).text());
    expect(await (await subscribe("ada@example.org", { form })).text()).toContain("once more");
    later(2000);
    const answer = await subscribe("ada@example.org", { form });
    expect(await answer.text()).toContain("Look into your mailbox");
    expect(await attend()).toHaveLength(1);
    later(DAY_MS);
    expect(await (await subscribe("eve@example.org", { form })).text()).toContain("once more");
    expect(app.door.minimumSeconds).toBe(2);
  });

  test("who is asked for one more press loses none of the choices", async () => {
    const world = await openDoor();
    const chosen = { cadence: "weekly", format: "text", hour: "6", timeZone: "Asia/Tokyo" };
    const fields = { email: "ada@example.org", ...chosen, x: '"><script>' };
    const page = await (await world.post("/subscribe", { ...fields, form: "x" })).text();
    expect(page).not.toContain("<script");
    const hidden = [...page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)];
    const again = Object.fromEntries(hidden.map(([, name, value]) => [name, value]));
    expect(again).toMatchObject(chosen);
    world.later(60_000);
    await world.post("/subscribe", { ...again, email: "ada@example.org" });
    await world.attend();
    await world.post(world.linkIn("ada@example.org", "confirm"));
    const ada = await world.app.subscribers.find({ address: "", key: "ada@example.org" });
    expect(ada).toMatchObject({ cadence: "weekly", textOnly: true, hour: 6 });
  });

  test("a lost link is asked for by one more press too, which is no mistake of the address", async () => {
    const { post, attend } = await openDoor();
    const answer = await post("/link", { email: "ada@example.org", form: "x" });
    expect(answer.status).toBe(200);
    const page = await answer.text();
    expect(page).toContain("Please press the button once more.");
    expect(page).not.toContain("aria-invalid");
    expect(await attend()).toEqual([]);
  });

  test("who wants to choose more takes the typed address along", async () => {
    const world = await openDoor();
    const answer = await world.post("/subscribe", { email: "ada@example.org", more: "yes" });
    expect(answer.status).toBe(200);
    const page = await answer.text();
    expect(page).toContain("How often");
    expect(page).toMatch(/<input\s+id="email"[^>]*value="ada@example.org"/);
    expect(await world.attend()).toEqual([]);
  });

  test("a field that people can't see is a trap, which looks like success", async () => {
    const { subscribe, postJson, seal, attend } = await openDoor();
    const answer = await subscribe("ada@example.org", { remark: "https://spam.example" });
    expect(await answer.text()).toContain("Look into your mailbox");
    const body = { email: "ada@example.org", form: seal(), remark: "x" };
    expect((await postJson("/api/subscribe", body)).status).toBe(202);
    expect(await attend()).toEqual([]);
  });

  test.each([
    "postmaster@example.org",
    "NoReply+x@example.org",
    "ada@bin.example",
    "a@x.bin.example",
  ])("%s is not taken, where the operator says so, by form or API", async (email) => {
    const { subscribe, postJson, seal, attend } = await openDoor({
      refuseDomains: ["bin.example"],
    });
    const answer = await subscribe(email);
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain("not taken");
    const refused = await postJson("/api/subscribe", { email, form: seal() });
    expect(refused.status).toBe(422);
    expect(await attend()).toEqual([]);
  });

  test("where nobody may subscribe, the form, the API and the front page say so", async () => {
    const { subscribe, postJson, get, seal } = await openDoor({ open: false });
    expect((await get("/subscribe")).status).toBe(403);
    expect((await get("/embed")).status).toBe(403);
    expect((await subscribe("ada@example.org")).status).toBe(403);
    const body = { email: "ada@example.org", form: seal() };
    expect((await postJson("/api/subscribe", body)).status).toBe(403);
    expect(await (await get("/")).text()).not.toContain("<form");
  });
});

test("the form for other sites names the newsletter, whatever signs its name holds", async () => {
  const masthead = { name: "R&D <weekly>", siteUrl: "https://papers.example" };
  const door = { cadences: ["daily"], minimumSeconds: 2, proofOfWork: 0 } as const;
  const shown = String(await embedPage(masthead, door));
  // The page shows it as it is to be copied.
  expect(shown).toContain("Subscribe to R&amp;amp;D &amp;lt;weekly&amp;gt;&lt;/button&gt;");
});

describe("the API", () => {
  test("tells what to send back, asks, and is open to scripts of other sites", async () => {
    const world = await openDoor();
    const told = await world.get("/api/subscribe");
    expect(told.headers.get("access-control-allow-origin")).toBe("*");
    const { form, minimumSeconds, wording } = (await told.json()) as {
      form: string;
      minimumSeconds: number;
      wording: string;
    };
    expect(wording).toContain("I can leave at any time");
    world.later(minimumSeconds * 1000);
    const body = { email: "ada@example.org", form, hour: 7, timeZone: "Europe/Berlin" };
    const asked = await world.postJson("/api/subscribe", body);
    expect(asked.status).toBe(202);
    expect(await asked.json()).toEqual({ status: "asked" });
    expect(await world.attend()).toHaveLength(1);
    await world.post(world.linkIn("ada@example.org", "confirm"));
    const ada = await world.app.subscribers.find({ address: "", key: "ada@example.org" });
    expect(ada).toMatchObject({
      hour: 7,
      timeZone: "Europe/Berlin",
      consent: { how: "api", wording },
    });
  });

  test.each([
    ["no JSON", "{", 400],
    ["a list", "[]", 400],
    ["nothing", "null", 400],
    ["an object in a field", '{"email":{"a":1}}', 422],
    ["no address", "{}", 422],
    ["a header in the address", '{"email":"a@example.org\\r\\nBcc: b@example.org"}', 422],
    ["SQL in the address", `{"email":"a'; drop table requests;--@example.org"}`, 422],
    ["an hour that is none", '{"email":"a@example.org","hour":99}', 422],
    ["too much", JSON.stringify({ email: "x".repeat(20_000) }), 413],
  ])("refuses %s", async (_, body, status) => {
    const { postJson, attend } = await openDoor();
    expect((await postJson("/api/subscribe", body)).status).toBe(status);
    expect(await attend()).toEqual([]);
  });
});

test.each([
  ["an address of a megabyte", "a".repeat(1_000_000) + "@example.org", 413],
  ["HTML", "<script>alert(1)</script>@example.org", 422],
  ["a header", "ada@example.org\r\nBcc: eve@example.org", 422],
  ["two addresses", "ada@example.org,eve@example.org", 422],
  ["nothing", "", 422],
])("the form answers %s with a clear page, and shows it as text", async (_, email, status) => {
  const { subscribe, attend } = await openDoor();
  const answer = await subscribe(email);
  expect(answer.status).toBe(status);
  const page = await answer.text();
  expect(page).not.toContain("<script");
  expect(page.includes('role="alert"')).toBe(status === 422);
  expect(await attend()).toEqual([]);
});

test.each([
  ["bytes that are no UTF-8", "email=%FF%FE@example.org", 400],
  ["a percent sign alone", "email=ada%", 400],
])("the form refuses %s", async (_, body, status) => {
  const { post } = await openDoor();
  expect((await post("/subscribe", body)).status).toBe(status);
  expect((await post("/link", body)).status).toBe(status);
});

test("a network is an IPv4 address, or the first half of an IPv6 one, however it is written", () => {
  expect(networkOf("192.0.2.1")).toBe("192.0.2.1");
  expect(networkOf("::ffff:192.0.2.1")).toBe("192.0.2.1");
  const same = ["2001:db8::1", "2001:0DB8:0:0:1::", "2001:db8::ffff:1:2:3", "2001:db8:0:0::%eth0"];
  for (const written of same) expect(networkOf(written)).toBe("2001:db8:0:0::/64");
  expect(networkOf("2001:db8:0:1::1")).not.toBe("2001:db8:0:0::/64");
  expect(networkOf("::1")).toBe("0:0:0:0::/64");
});
