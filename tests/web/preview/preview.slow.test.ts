import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addDays } from "../../../src/editions/period.ts";
import { PaperRoundError } from "../../../src/errors.ts";
import { NOTICES } from "../../../src/mail/notices.ts";
import { FIXTURES } from "../../../src/web/preview/fixtures.ts";
import { shelfPane } from "../../../src/web/preview/pages.ts";
import { readState } from "../../../src/web/preview/state.ts";
import { addressOf } from "../../home.ts";
import { DAY, openPages } from "./opened.ts";

const ALL = [...Object.keys(FIXTURES), ...NOTICES];
const VIEWS = ["letter", "text", "inbox", "headers", "source", "checks", "why", "send"];

test("the list holds every edition, fixture and notice, and marks the one shown", async () => {
  const { page } = await openPages();
  const shown = await page("/");
  for (const name of ALL) expect(shown).toContain(`letter=${name}&amp;`);
  expect(shown).toContain("Week 16, 2026");
  expect(shown).toContain("Thursday, 30 October 2025 <small>draft</small>");
  expect(shown.match(/<a [^>]*aria-current="page"/g)).toHaveLength(1);
  expect(shown.match(/<\/html>/g)).toHaveLength(1);
  expect(shown).toMatch(/<div class="preview"><nav/);
  expect(await page("/?letter=hostile")).toMatch(/aria-current="page"\s*>Hostile</);
});

test("where the list leaves out older letters, it says how they are reached", async () => {
  const { page } = await openPages();
  expect(await page("/")).not.toContain("Older ones");
  const days = Array.from({ length: 15 }, (_, index) => addDays("2026-04-01", index));
  const state = readState({}, { cadence: "daily", date: DAY, reader: "" });
  const shelf = shelfPane({ headings: [], days, readers: [] }, state).toString();
  expect(shelf.match(/Older ones: choose a day above/g)).toHaveLength(1);
});

test("fixtures and notices are called in plain words, in the list and in the title", async () => {
  const { page } = await openPages();
  for (const [name, title] of [
    ["move", "New address"],
    ["links", "Lost links"],
    ["moved", "Farewell to an old address"],
    ["hostile", "Hostile"],
  ]) {
    const shown = await page(`/?letter=${name}`);
    expect(shown).toContain(`<title>${title} · Preview</title>`);
    expect(shown).toMatch(new RegExp(`aria-current="page"\\s*>${title}<`));
  }
  expect(await page("/")).toContain("<title>Preview</title>");
});

test("the letter is framed for a desktop and a phone, without scripts", async () => {
  const { page } = await openPages();
  const shown = await page("/");
  expect(shown).toContain("as it would be published now; 10 of 40 candidates");
  expect(
    shown.match(/<iframe[^>]*sandbox="allow-popups allow-popups-to-escape-sandbox"[^>]*>/g),
  ).toHaveLength(2);
  expect(shown).toContain(`src="/letter.html?date=${DAY}`);
  expect(shown.match(/<script/g)).toHaveLength(1);
});

test("a reader's letter is in the language that they chose last", async () => {
  const { app, get } = await openPages();
  const address = addressOf("ada@example.org");
  const consent = { how: "added", detail: "test", at: "2026-04-01T00:00:00.000Z" } as const;
  await app.subscribers.admit([{ address, cadence: "daily", textOnly: false, consent }]);
  const shown = async () => (await get(`/letter.html?as=${address.address}`)).text();
  expect(await shown()).toContain("Unsubscribe");
  const reader = await app.subscribers.find(address);
  if (!reader) throw new Error("She is on the list.");
  await app.readers.save(reader, { ...reader, language: "de" });
  expect(await shown()).toContain("Abbestellen");
});

test("the framed letter may run nothing, load nothing and send nothing", async () => {
  const { get } = await openPages();
  const answer = await get("/letter.html");
  const policy = answer.headers.get("content-security-policy") ?? "";
  expect(policy).toMatch(/^default-src 'none';/);
  expect(policy).toMatch(/; sandbox allow-popups allow-popups-to-escape-sandbox$/);
  expect(policy).not.toMatch(/allow-scripts|allow-same-origin|allow-forms|script-src|https/);
  expect(await answer.text()).toContain('<head><base target="_blank">');
});

/** What only the view itself can have put on the page. */
const MARKS: Readonly<Record<string, RegExp>> = {
  letter: /<iframe\b/,
  text: /aria-label="Text part"/,
  inbox: /<div class="row narrow">/,
  headers: /<dl class="headers">/,
  source: /aria-label="Message"/,
  checks: /<ul class="passed">\s*<li>/,
  why: /<ol class="why"|No paper leads this letter/,
  send: /No address may get a test letter yet/,
};

test("every letter can be seen in every view", async () => {
  const { page } = await openPages();
  for (const letter of ALL) {
    for (const [view, mark] of Object.entries(MARKS)) {
      const shown = await page(`/?letter=${letter}&view=${view}`);
      expect(shown).toMatch(/<h1[^>]*>[^<]+<\/h1>/);
      expect(shown).not.toMatch(/class="fault"|No letter to show/);
      // A notice is chosen from nothing, so there is nothing to explain.
      const explained = view !== "why" || letter in FIXTURES;
      expect([letter, view, mark.test(shown)]).toEqual([letter, view, explained]);
      expect(shown).toMatch(/<\/html>\s*$/);
    }
  }
});

test("markup in titles, authors and links stays text in every view", async () => {
  const { page } = await openPages();
  for (const view of VIEWS) {
    const shown = await page(`/?letter=hostile&view=${view}`);
    expect(shown.match(/<script/g)).toHaveLength(1);
    expect(shown).not.toMatch(/<img|<svg onload|<iframe src="javascript|href="javascript/);
  }
  expect(await page("/letter.html?letter=hostile")).not.toMatch(/<script|<img|="javascript:/i);
});

test("the dark view answers the question for the reader's colours with dark, the light one with light", async () => {
  const { page } = await openPages();
  const dark = await page("/letter.html?scheme=dark");
  const light = await page("/letter.html?scheme=light");
  for (const letter of [dark, light]) expect(letter).not.toContain("prefers-color-scheme");
  expect(dark).toContain("@media (min-width: 0)");
  expect(light).toContain("@media (max-width: 0)");
  expect(dark).toContain(":root { color-scheme: dark;");
});

test("the forced inversion says that it is a simulation", async () => {
  const { page } = await openPages();
  expect(await page("/letter.html?scheme=inverted")).toContain("filter: invert(1)");
  expect(await page("/?scheme=inverted")).toContain("A simulation:");
});

test("the text part stands as text", async () => {
  const { page } = await openPages();
  expect(await page("/?view=text")).toMatch(/<pre[^>]*>[^<]*Why it is here:/);
});

test("headers are shown with what they are for", async () => {
  const { app, page } = await openPages();
  await admit(app, "ada@example.org");
  const shown = await page("/?view=headers&as=ada@example.org");
  expect(shown).toContain("List-Unsubscribe-Post");
  expect(shown).toContain("Makes that one click (RFC 8058).");
  expect(await page("/?view=headers")).not.toContain("List-Unsubscribe");
});

test("as a subscriber the letter holds that subscriber's own links", async () => {
  const { app, page } = await openPages();
  const reader = await admit(app, "ada@example.org");
  const text = await page("/save/text?as=ada@example.org");
  expect(text).toContain(`/unsubscribe/${app.links.token("unsubscribe", reader)}`);
  expect(await page("/")).toContain('<option value="ada@example.org"></option>');
});

test("for a reader of plain text there is no HTML to show", async () => {
  const { app, page } = await openPages();
  await admit(app, "ada@example.org", true);
  expect(await page("/letter.html?as=ada@example.org")).toBe("This reader gets plain text only.");
  expect(await page("/?as=ada@example.org")).toContain("This reader gets plain text only.");
});

test("a reader who is not on the list is named, and the letter is shown as a one-off", async () => {
  const { page } = await openPages();
  const shown = await page("/?as=nobody@example.org");
  expect(shown).toContain("nobody@example.org is not on the list.");
  expect(shown).toContain("<iframe");
});

test("why these papers: each score is taken apart, the runners-up behind", async () => {
  const { page } = await openPages();
  const shown = (await page("/?letter=typical&view=why")).replace(/\s+/g, " ");
  expect(shown).toMatch(/its votes foretell [\d.]+ \([\d.]+ %\) · the paper itself foretells \d/);
  expect(shown).toContain("+44 votes since 14 Apr 18:00 UTC");
  expect(shown.indexOf("Runners-up")).toBeGreaterThan(shown.indexOf("#10 of 14"));
  expect(shown.indexOf("#11 of 14")).toBeGreaterThan(shown.indexOf("Runners-up"));
});

test.each(["daily", "weekly"])(
  "the score of a %s letter's paper can be worked out from what is shown of it",
  async (cadence) => {
    const { page } = await openPages();
    const sums = [];
    for (const query of ["letter=typical", "date=2025-10-30", `date=${DAY}`]) {
      const shown = await page(`/?${query}&cadence=${cadence}&view=why`);
      sums.push(...shown.replace(/\s+/g, " ").matchAll(/<li value="\d+">.*?<\/li>/g));
    }
    expect(sums.length).toBeGreaterThan(20);
    for (const [item] of sums) {
      const [, score = ""] = /<span>([\d.e+]+)<\/span>/.exec(item) ?? [];
      const [, sum = ""] = /<p class="reason sum">(.*?)<\/p>/.exec(item) ?? [];
      expect(Math.abs(worked(sum) / Number(score) - 1)).toBeLessThan(0.02);
    }
  },
);

/** Returns what a reader with a calculator makes of a sum. */
function worked(sum: string): number {
  const factors = [...sum.matchAll(/\(1 \+ ([\d.]+)\)<sup>([\d.]+)<\/sup>/g)];
  const foretold =
    factors.length > 0
      ? factors.reduce((all, [, votes, weight]) => all * (1 + Number(votes)) ** Number(weight), 1) -
        1
      : Number(/^[\d.]+/.exec(sum.trim())?.[0]);
  const already = Number(/and it has ([\d.]+) already/.exec(sum)?.[1] ?? 0);
  const left = Number(/; × ([\d.]+) for/.exec(sum)?.[1] ?? 1);
  return Math.max(foretold, already) * left;
}

test("why these papers: no count is said twice", async () => {
  const { page } = await openPages();
  const shown = await page("/?letter=typical&view=why");
  const items = shown.match(/<li value="\d+">[^]*?<\/li>/g) ?? [];
  expect(items.length).toBeGreaterThan(10);
  for (const item of items) {
    const comments = item.match(/(?<![+−\d,])[\d,]+ comments?\b/g) ?? [];
    expect(comments).toEqual([...new Set(comments)]);
    expect(item.match(/#\d+ of \d+: [\d,]+ votes/g)).toHaveLength(1);
    expect(item).not.toMatch(/<p>\s*[\d,]+ votes/);
  }
});

test("the panel of checks shows what a send would find, and what is in order too", async () => {
  const { page } = await openPages();
  const shown = await page("/?view=checks");
  expect(shown).toContain("KB of the 102 KB that Gmail shows");
  expect(shown).toContain("as the list gets it");
  expect(inOrder(shown)).toContain("Contrast of text");
  // Only a letter to the list has to say how to leave it, and http is allowed on this machine alone.
  expect(shown).toContain("The link to unsubscribe is not https");
});

test("the size shown and the size checked are told apart", async () => {
  const { app, page } = await openPages();
  await admit(app, "ada@example.org");
  const oneOff = /as a one-off; a reader&#39;s own links add to that/;
  expect(await page("/?letter=many")).toMatch(oneOff);
  const checks = await page("/?letter=many&view=checks");
  expect(checks).toMatch(oneOff);
  expect(checks).toContain("KB as it is sent with a reader&#39;s own links");
  expect(await page("/?letter=many&as=ada@example.org")).not.toMatch(oneOff);
  expect(await page("/?letter=welcome")).not.toMatch(oneOff);
});

test("an address in a paper's words is not taken for a link of the text part alone", async () => {
  const { page } = await openPages();
  expect(inOrder(await page("/?letter=hostile&view=checks"))).toContain("Text part says the same");
});

test("only checks that ran are in order", async () => {
  const { app, page } = await openPages();
  await admit(app, "ada@example.org", true);
  const textOnly = inOrder(await page("/?view=checks&as=ada@example.org"));
  expect(textOnly).toContain("Subject");
  expect(textOnly).not.toContain("Contrast of text");
  expect(textOnly).not.toContain("Pictures");
  expect(inOrder(await page("/?letter=welcome&view=checks"))).not.toContain(
    "Unsubscribing in one click",
  );
});

function inOrder(shown: string): string[] {
  const [, list = ""] = /<ul class="passed">(.*?)<\/ul>/s.exec(shown) ?? [];
  return [...list.matchAll(/<li>([^<]*)<\/li>/g)].map(([, title = ""]) => title);
}

test("what is saved is the letter as it is sent, and not as it is framed", async () => {
  const { get } = await openPages();
  const saved = async (form: string) => {
    const answer = await get(`/save/${form}?scheme=dark`);
    return [answer.headers.get("content-disposition"), await answer.text()] as const;
  };
  const [htmlName, html] = await saved("html");
  expect(htmlName).toBe(`attachment; filename="daily-${DAY}.html"`);
  expect(html).toContain("prefers-color-scheme: dark");
  expect(html).not.toContain("<base");
  expect((await saved("eml"))[1]).toMatch(/^From: /);
});

test("looking publishes nothing and gathers nothing", async () => {
  const { app, page } = await openPages();
  const before = await app.newsletter.status();
  for (const view of VIEWS) await page(`/?view=${view}`);
  for (const path of ["/?date=2025-10-30", "/?date=2020-01-01", "/?cadence=weekly"])
    await page(path);
  expect(await app.newsletter.headings(10)).toEqual([]);
  expect(await app.newsletter.status()).toEqual(before);
});

test("a published edition is shown as such", async () => {
  const { app, page } = await openPages();
  await app.newsletter.publish("daily", DAY);
  const shown = await page("/");
  expect(shown).toContain("published as no. 1, frozen");
  expect(shown).toContain("Wednesday, 15 April 2026 <small>no. 1</small>");
});

test("without papers the page names the next command", async () => {
  const { page } = await openPages({}, { empty: true });
  const shown = await page("/");
  expect(shown).toContain("the corpus is empty");
  expect(shown).toContain("paperround gather --from FILES");
});

test("a date that is none is answered with a sentence, not with a fault", async () => {
  const { get } = await openPages();
  const wrong = ["yesterday", "2026-02-30", "2026-4-15", "", "<script>alert(1)</script>"];
  for (const date of [...wrong, "9".repeat(5000)]) {
    for (const path of ["/", "/letter.html", "/save/text"]) {
      const answer = await get(`${path}?date=${encodeURIComponent(date)}`);
      const page = await answer.text();
      expect([date, answer.status]).toEqual([date, 400]);
      expect(page).toContain("is not a date of the calendar.");
      expect(page).not.toMatch(/<script|at .*\.ts:/);
    }
  }
});

test("a letter that there is not is said not to be there", async () => {
  const { get } = await openPages();
  for (const name of ["nothing", "constructor", "__proto__", "../../etc/passwd"]) {
    expect((await get(`/?letter=${encodeURIComponent(name)}`)).status).toBe(404);
  }
});

test("a template that breaks is named with its place above the last good letter, until it is mended", async () => {
  const { home, page, change } = await openPages();
  expect(await page("/?letter=typical")).not.toContain('class="fault"');
  const file = join(home, "templates", "letter.mjml.hbs");
  mkdirSync(join(home, "templates"));
  writeFileSync(file, "<mjml><mj-body>\n  {{#if subject}\n</mj-body></mjml>");
  change();
  const broken = await page("/?letter=typical");
  expect(broken).toMatch(/letter\.mjml\.hbs: line 2, column \d+: /);
  expect(broken).toContain("Below is the letter as it could last be set");
  expect(await page("/letter.html?letter=typical")).toContain("Small Teachers");
  // A letter that could never be set has nothing to be shown instead.
  expect(await page("/?letter=latex")).toContain("No letter to show");
  writeFileSync(
    file,
    "<mjml><mj-body><mj-section><mj-column><mj-text>mended</mj-text></mj-column></mj-section></mj-body></mjml>",
  );
  change();
  expect(await page("/?letter=typical")).not.toContain('class="fault"');
  expect(await page("/letter.html?letter=typical")).toContain("mended");
});

test("a configuration that can't be used is named above the letter", async () => {
  const { page, change } = await openPages();
  change(new PaperRoundError("CONFIG_INVALID", "paperround.yaml:3:3: newsletter.accent: is wrong"));
  const shown = await page("/");
  expect(shown).toContain("paperround.yaml:3:3: newsletter.accent: is wrong");
  expect(shown).toContain("<iframe");
});

test("what goes wrong after a page has begun is said on it", async () => {
  const { page, app } = await openPages();
  await app.close();
  const shown = await page("/");
  expect(shown).toContain("No letter to show");
  expect(shown).toMatch(/<\/html>\s*$/);
});

test("whoever listens is told of the state now and of every change", async () => {
  const { get, change } = await openPages();
  const reader = (await get("/changes")).body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toBe("event: stamp\ndata: 1\n\n");
  change();
  expect((await reader?.read())?.value).toBe("event: stamp\ndata: 2\n\n");
  await reader?.cancel();
});

async function admit(
  app: Awaited<ReturnType<typeof openPages>>["app"],
  email: string,
  textOnly = false,
) {
  const consent = { how: "added", detail: "test", at: `${DAY}T08:00:00.000Z` } as const;
  const address = addressOf(email);
  await app.subscribers.admit([{ address, cadence: "daily", textOnly, consent }]);
  const reader = await app.subscribers.find(address);
  if (!reader) throw new Error("not admitted");
  return reader;
}
