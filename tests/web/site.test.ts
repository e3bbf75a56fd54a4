import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { App } from "../../src/assemble.ts";
import type { LinkPurpose } from "../../src/subscribers/links.ts";
import type { Subscriber } from "../../src/subscribers/subscriber.ts";
import { openSite } from "../../src/web/site.ts";
import { addressOf, openApp, ROOT } from "../home.ts";

const ignore = () => {};

const NOW = "2026-04-15T08:00:00.000Z";
const FORM = { "Content-Type": "application/x-www-form-urlencoded" };

interface World {
  readonly app: App;
  readonly site: ReturnType<typeof openSite>;
  readonly ada: Subscriber;
  readonly link: (purpose: LinkPurpose) => string;
}

async function openWorld(): Promise<World> {
  const app = await openApp();
  const consent = { how: "added", detail: "test", at: NOW } as const;
  const address = addressOf("ada@example.org");
  await app.subscribers.admit([{ address, cadence: "daily", textOnly: false, consent }]);
  const ada = await app.subscribers.find(address);
  if (!ada) throw new Error("not admitted");
  const link = (purpose: LinkPurpose) => `/${purpose}/${app.links.token(purpose, ada)}`;
  return { app, site: openSite({ ...app, report: ignore }), ada, link };
}

let world: World;
beforeEach(async () => {
  world = await openWorld();
});

const post = (path: string, body?: string | FormData, headers?: Record<string, string>) =>
  world.site.request(path, {
    method: "POST",
    ...(body === undefined ? {} : { body }),
    ...(headers ? { headers } : {}),
  });
const adaNow = () => world.app.subscribers.get(world.ada.key);

function oneClickForm(): FormData {
  const form = new FormData();
  form.set("List-Unsubscribe", "One-Click");
  return form;
}

describe("one-click unsubscribing (RFC 8058)", () => {
  test.each([
    ["a form", () => "List-Unsubscribe=One-Click", FORM],
    ["a multipart form", oneClickForm, undefined],
    ["an empty body", () => undefined, undefined],
    ["an empty form", () => "", FORM],
    [
      "a body that is no form at all",
      () => "\u0000\u0001",
      { "Content-Type": "multipart/form-data" },
    ],
  ])("works with %s: at once, without redirect or cookie", async (_, body, headers) => {
    const answer = await post(world.link("unsubscribe"), body(), headers);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(answer.headers.get("location")).toBeNull();
    expect(await answer.text()).toContain("You are unsubscribed");
    expect(await world.app.subscribers.standing(world.ada.key)).toEqual({
      mail: null,
      because: "left",
    });
    expect(await world.app.subscribers.isSuppressed(addressOf("ada@example.org"))).toBe(true);
  });

  test("may be repeated, and keeps the time of the first", async () => {
    await post(world.link("unsubscribe"));
    const first = await adaNow();
    const again = await post(world.link("unsubscribe"));
    expect(again.status).toBe(200);
    expect(await adaNow()).toEqual(first);
    expect(first).toMatchObject({ state: "unsubscribed", endedAt: NOW });
  });

  test("needs no cookie, referrer or origin, and minds none", async () => {
    const headers = { ...FORM, Origin: "https://mail.example", Cookie: "a=b" };
    const answer = await post(world.link("unsubscribe"), "List-Unsubscribe=One-Click", headers);
    expect(answer.status).toBe(200);
    expect(await adaNow()).toMatchObject({ state: "unsubscribed" });
  });
});

test("the page behind the link asks first, and its form leads to the same place", async () => {
  const asked = await (await world.site.request(world.link("unsubscribe"))).text();
  expect(asked).toContain("Unsubscribe?");
  expect(asked).toContain("ada@example.org");
  expect(asked).toMatch(/<form method="post"><button>/);
  await post(world.link("unsubscribe"));
  const after = await (await world.site.request(world.link("unsubscribe"))).text();
  expect(after).toContain("You are unsubscribed");
  expect(after).toContain("keep me on the list");
});

test.each(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])(
  "%s on a reader's links changes nothing (mail scanners open them all)",
  async (method) => {
    for (const purpose of ["unsubscribe", "preferences"] as const) {
      await world.site.request(`${world.link(purpose)}?format=text&List-Unsubscribe=One-Click`, {
        method,
      });
    }
    expect(await adaNow()).toEqual(world.ada);
  },
);

test("preferences are shown, saved, and shown as saved", async () => {
  const path = world.link("preferences");
  const before = await (await world.site.request(path)).text();
  expect(before).toMatch(/value="html" checked/);
  expect(before).toContain(world.link("unsubscribe"));
  const saved = await (await post(path, "format=text", FORM)).text();
  expect(saved).toContain("Saved.");
  expect(saved).toMatch(/value="text" checked/);
  expect(await adaNow()).toEqual({ ...world.ada, textOnly: true });
  expect(await (await world.site.request(path)).text()).toMatch(/value="text" checked/);
  await post(path, "format=html", FORM);
  expect(await adaNow()).toEqual(world.ada);
});

test.each([
  ["nothing", undefined, undefined, 415],
  ["another word", "format=pdf", FORM, 422],
  ["a mail program's one-click body", "List-Unsubscribe=One-Click", FORM, 400],
  ["bytes that are no UTF-8", "format=text&papers=%FF", FORM, 400],
  ["an hour that no day has", "format=text&hour=24", FORM, 422],
  ["a zone that is none", "format=text&hour=7&timeZone=../etc", FORM, 422],
  ["a number of papers out of the blue", "format=text&papers=4", FORM, 422],
  ["a pause of years", "format=text&pause=2036-01-01", FORM, 422],
  ["a pause until no date", "format=text&pause=2026-13-01", FORM, 422],
  ["a cadence that is not kept", "format=text&cadence=hourly", FORM, 422],
  ["a broken multipart form", "x", { "Content-Type": "multipart/form-data; boundary=x" }, 400],
] as const)("preferences are left alone by a form with %s", async (_, body, headers, status) => {
  await world.app.readers.save(world.ada, { ...world.ada, textOnly: true });
  const answer = await post(world.link("preferences"), body, headers);
  expect(answer.status).toBe(status);
  expect(await answer.text()).not.toContain("Saved.");
  expect(await adaNow()).toEqual({ ...world.ada, textOnly: true });
});

test("a reader who has left is told so on the preferences page, without the form", async () => {
  await post(world.link("unsubscribe"));
  const page = await (await world.site.request(world.link("preferences"))).text();
  expect(page).toContain("You are unsubscribed");
  expect(page).not.toContain("<form");
});

test("a link that is unknown, tampered with or meant for something else shows a 404 page", async () => {
  const { app, ada } = world;
  const token = app.links.token("unsubscribe", ada);
  const wrong = [
    "x",
    token.slice(0, -1),
    `${token}A`,
    token.replace(/^./, "2"),
    app.links.token("preferences", ada),
    "%E0%A4%A",
    "%3Cscript%3E",
    "..%2f..",
  ];
  for (const text of wrong) {
    for (const method of ["GET", "POST"]) {
      const answer = await world.site.request(`/unsubscribe/${text}`, { method });
      expect(answer.status).toBe(404);
      expect(await answer.text()).toContain("This link is not known");
    }
  }
  expect(await adaNow()).toEqual(ada);
});

test("the links of an erased reader are no longer good", async () => {
  await world.app.subscribers.erase(addressOf("ada@example.org"), NOW);
  expect((await world.site.request(world.link("unsubscribe"))).status).toBe(410);
  expect((await post(world.link("unsubscribe"))).status).toBe(410);
});

test("a reader's pages are guarded, kept out of caches and search engines, also when they fail", async () => {
  const tooMuch = "x".repeat(1024 * 1024 + 1);
  const answers = [
    await world.site.request(world.link("unsubscribe")),
    await world.site.request(world.link("preferences")),
    await world.site.request("/unsubscribe/x"),
    await post(world.link("unsubscribe")),
    await post(world.link("preferences"), tooMuch, FORM),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 200, 413]);
  for (const { headers } of answers) {
    expect(headers.get("content-security-policy")).toMatch(/^default-src 'none';.*base-uri 'none'/);
    expect(headers.get("content-security-policy")).not.toMatch(/script-src|unsafe/);
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("SAMEORIGIN");
    expect(headers.get("cache-control")).toMatch(/^no-store/);
    expect(headers.get("x-robots-tag")).toBe("noindex");
  }
});

test("a body over the limit is refused and changes nothing, announced or not", async () => {
  const body = `format=text&x=${"x".repeat(1024 * 1024)}`;
  const announced = { ...FORM, "Content-Length": String(body.length) };
  for (const headers of [FORM, announced]) {
    expect((await post(world.link("preferences"), body, headers)).status).toBe(413);
  }
  expect(await adaNow()).toEqual(world.ada);
});

test("the health check answers without touching anybody", async () => {
  const answer = await world.site.request("/healthz");
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe("ok\n");
});

test("no public page names a reader or holds a reader's link", async () => {
  const { app, ada, site } = world;
  await app.newsletter.gather([app.files([join(ROOT, "data", "sample.jsonl")], null)], () => {});
  await app.newsletter.publish("daily", "2026-04-15");
  await app.newsletter.set(await app.newsletter.edition("daily", "2026-04-15"));
  for (const path of ["/", "/archive/daily/2026-04-15", "/style.css", "/healthz", "/nowhere"]) {
    const text = await (await site.request(path)).text();
    expect(text).not.toContain("ada@example.org");
    expect(text).not.toContain(app.links.token("unsubscribe", ada));
    expect(text).not.toContain(app.links.token("preferences", ada));
    expect(text).not.toContain("/unsubscribe/");
  }
});
