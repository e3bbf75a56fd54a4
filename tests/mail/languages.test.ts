/** Letters in the language that their readers chose for the frame, out of one send. */
import { join } from "node:path";
import { simpleParser } from "mailparser";
import { expect, onTestFinished, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { LANGUAGE_TAGS, type Language } from "../../src/config/language.ts";
import { checkLetter } from "../../src/mail/checks.ts";
import { startLocalInbox } from "../../src/mail/local-inbox.ts";
import { wordingIn } from "../../src/mail/wording.ts";
import { NO_INTERESTS } from "../../src/papers/interests.ts";
import { NO_CHOICE } from "../../src/subscribers/subscriber.ts";
import { addressOf, emptyHome, openApp, ROOT } from "../home.ts";

const DAY = "2026-04-15";
const CONSENT = { how: "added", detail: "test", at: "2026-04-01T00:00:00.000Z" } as const;

interface Choice {
  readonly language: Language | null;
  readonly follows?: string;
}

async function openWith(readers: Readonly<Record<string, Choice>>, language: Language = "en") {
  const now = () => new Date(`${DAY}T20:00:00Z`);
  const inbox = await startLocalInbox(now);
  onTestFinished(() => inbox.close());
  const home = emptyHome();
  const { newsletter } = readConfig(home, {});
  const smtpUrl = new URL(`smtp://127.0.0.1:${inbox.port}`);
  const app = await openApp({ smtpUrl, newsletter: { ...newsletter, language } }, { home, now });
  await app.newsletter.gather([app.files([join(ROOT, "data", "sample.jsonl")], null)], () => {});
  const admissions = Object.entries(readers).map(([email, { language: own, follows }]) => ({
    ...NO_CHOICE,
    address: addressOf(email),
    cadence: "daily",
    textOnly: false,
    language: own,
    consent: CONSENT,
    interests: follows ? { ...NO_INTERESTS, topics: [follows] } : NO_INTERESTS,
  }));
  await app.subscribers.admit(admissions);
  const letterTo = async (email: string) => {
    const letter = inbox.letters().find(({ to }) => to === email);
    if (!letter) throw new Error(`No letter to ${email}.`);
    return simpleParser(letter.source);
  };
  return { app, letterTo };
}

test("each reader's letter speaks the language chosen, else the newsletter's", async () => {
  const { app, letterTo } = await openWith(
    {
      "none@example.org": { language: null },
      "english@example.org": { language: "en" },
      "arabic@example.org": { language: "ar" },
      "own@example.org": { language: "fr", follows: "agents" },
    },
    "de",
  );
  const { counts } = await app.newsletter.send("daily", DAY, {});
  expect(counts.accepted).toBe(4);
  const headings = {
    "none@example.org": ["de", "Mittwoch, 15. April 2026"],
    "english@example.org": ["en", "Wednesday, 15 April 2026"],
    "arabic@example.org": ["ar", "الأربعاء، 15 أبريل 2026"],
    "own@example.org": ["fr", "Mercredi 15 avril 2026"],
  } as const;
  for (const [email, [language, dateline]] of Object.entries(headings)) {
    const { html, text } = await letterTo(email);
    const { fixed, dir } = wordingIn(language);
    expect(html).toContain(`<html lang="${language}" dir="${dir}"`);
    for (const form of [html, text]) {
      expect(form).toContain(dateline);
      for (const words of [fixed.readOnWeb, fixed.why, fixed.unsubscribe, fixed.change])
        expect(form).toContain(words);
    }
    // Lines that begin with a number or a name of the other direction would be turned around.
    expect(text?.includes("\u2068#1 of 40: ")).toBe(dir === "rtl");
    if (language === "en") continue;
    for (const foreign of ["Unsubscribe", "Why it is here", "Questions or ideas", "Also today"])
      expect(`${String(html)}${text}`).not.toContain(foreign);
  }
  const own = await letterTo("own@example.org");
  expect(own.text).toMatch(/Votre sujet : .+\./);
  expect(own.text).toContain("Choisis pour vous : ");
  expect(own.subject).toMatch(/ et \d+ autres$/);
});

test.each(LANGUAGE_TAGS)("a letter in %s has no fault, and says what is not in it", async (tag) => {
  const { app } = await openWith({ "ada@example.org": { language: tag } });
  const reader = await app.subscribers.find(addressOf("ada@example.org"));
  if (!reader) throw new Error("She is on the list.");
  const edition = await app.newsletter.publish("daily", DAY);
  const letter = await app.newsletter.set(edition, reader);
  const parts = app.newsletter.print(letter, reader);
  const { siteUrl, accent } = app.masthead;
  const findings = checkLetter({
    ...parts,
    preheader: letter.preheader,
    message: null,
    kind: "list",
    siteUrl,
    accent,
    isSigned: true,
    allowsImages: false,
  });
  expect(findings.filter(({ level }) => level === "error")).toEqual([]);
  // WCAG 2.2, 3.1.2: what is of another language than the page says so.
  const isMarked = /<(?:a|span) class="t d"[^>]* lang="en"/.test(String(parts.html));
  expect(isMarked).toBe(tag !== "en");
});

test("what a reader chooses on the page is what the next letter speaks", async () => {
  const { app, letterTo } = await openWith({ "ada@example.org": { language: null } });
  const address = addressOf("ada@example.org");
  const reader = await app.subscribers.find(address);
  if (!reader) throw new Error("She is on the list.");
  await app.readers.save(reader, { ...reader, language: "es" });
  expect((await app.subscribers.find(address))?.language).toBe("es");
  await app.newsletter.send("daily", DAY, {});
  expect((await letterTo("ada@example.org")).text).toContain("Darse de baja");
});

test("a label of the ranking is English in a letter of another language, and turns no line around", async () => {
  const { app } = await openWith({ "ada@example.org": { language: "ar" } });
  const reader = await app.subscribers.find(addressOf("ada@example.org"));
  if (!reader) throw new Error("She is on the list.");
  const edition = await app.newsletter.edition("daily", DAY);
  const label = { kind: "late", text: "Rose since Monday" } as const;
  const entries = edition.entries.map((entry) => ({ ...entry, label }));
  const { html } = await app.newsletter.set({ ...edition, entries }, reader);
  expect(html).toMatch(/<strong class="l" lang="en"[^>]*>\u2068Rose since Monday\u2069/);
  const why = wordingIn("ar").fixed.why;
  const lines = html.split("<p ").filter((line) => line.includes(why));
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines) expect(line).toContain('dir="rtl"');
  // A byline of Latin names ends in words of the language, and keeps its order.
  expect(html).toMatch(/<span dir="rtl">\u2068[^<]*\u2069[^<]*<\/span> &middot; <span dir="auto">/);
});
