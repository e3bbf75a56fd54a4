/** A letter's frame in every language: whole, in its own direction, and not mixed with another one. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Cadence } from "../../src/editions/period.ts";
import { CADENCES, daysOf, periodOf, shortDate } from "../../src/editions/period.ts";
import { LANGUAGE_TAGS, type Language } from "../../src/config/language.ts";
import { wordingIn } from "../../src/mail/wording.ts";
import type { Noun, Wording } from "../../src/mail/wording/wording.ts";

const NOUNS: readonly Noun[] = ["paper", "minute", "vote", "comment", "star", "author", "other"];
const english = wordingIn("en");
const daysIn = (cadence: Cadence) => daysOf(cadence, periodOf(cadence, "2026-04-15"));

/** Returns all that a wording can say, each under its name. */
function saidBy(wording: Wording): Record<string, string> {
  const said: Record<string, string> = { ...wording.fixed };
  for (const name of [
    "also",
    "ofDaysBefore",
    "empty",
    "belowBar",
    "extract",
    "fromAbstract",
    "andWeekBefore",
  ] as const)
    said[name] = wording[name];
  said["allMuted"] = wording.allMuted;
  said["noneLeft"] = wording.noneLeft;
  said["away"] = wording.away("DATE");
  said["caught up"] = wording.caughtUp(wording.counted(2, "paper"));
  said["length"] = wording.length(wording.counted(3, "paper"), wording.counted(2, "minute"));
  said["code"] = wording.code(wording.counted(120, "star"));
  said["links"] = `${wording.project} ${wording.discussion}`;
  for (const cadence of CADENCES) {
    const days = daysIn(cadence);
    said[`dateline ${cadence}`] = wording.dateline(cadence, days);
    said[`label ${cadence}`] = wording.label(cadence, "7");
    said[`draft ${cadence}`] = wording.label(cadence, null);
    said[`tail ${cadence}`] = wording.tailTitle[cadence];
    said[`more ${cadence}`] = wording.more(11, cadence, days);
    said[`quiet ${cadence}`] = wording.quiet(cadence, days, wording.counted(3, "paper"));
  }
  for (const kind of ["authors", "organizations", "keywords", "topics", "liked"] as const)
    said[`own ${kind}`] = wording.own(kind, "WHAT");
  const short = { isShort: true, titles: [6, 12], noRunnersUp: true, onWebOnly: 13 } as const;
  said["cut"] = wording.cut(short);
  said["titles"] = wording.cut({ ...short, titles: [1, 12] });
  said["chosen"] = wording.chosen(2, 1);
  said["chosen, one each"] = wording.chosen(1, 1);
  said["subscribed"] = wording.subscribed("ADDRESS", "NAME");
  said["one-off"] = wording.oneOff("NAME");
  said["questions"] = wording.questions("ADDRESS");
  said["up"] = wording.moved(21, "06:00");
  said["down"] = wording.moved(-2, "");
  said["written"] = wording.writtenBy("MODEL");
  said["summary"] = wording.summaryBy("SOURCE");
  said["picture"] = wording.pictureOf("TITLE");
  return said;
}

describe.each(LANGUAGE_TAGS)("in %s", (language) => {
  const wording = wordingIn(language);

  test("everything is said, and what is told is in it", () => {
    const said = saidBy(wording);
    expect(Object.keys(said)).toEqual(Object.keys(saidBy(english)));
    for (const text of Object.values(said)) {
      expect(text.trim()).not.toBe("");
      expect(text).not.toMatch(/[#\n]|undefined|null|NaN/);
    }
    for (const kind of ["authors", "organizations", "keywords", "topics", "liked"])
      expect(said[`own ${kind}`]).toContain("WHAT");
    expect(said["subscribed"]).toMatch(/ADDRESS.*NAME|NAME.*ADDRESS/);
    expect(said["questions"]).toContain("ADDRESS");
    for (const number of ["6", "12", "13"]) expect(said["cut"]).toContain(number);
    for (const number of ["21", "06:00"]) expect(said["up"]).toContain(number);
  });

  test("any number of anything has a form", () => {
    // Up to two may be words.
    const many = fc.integer({ min: 3, max: 1e9 });
    fc.assert(
      fc.property(many, fc.constantFrom(...NOUNS), (value, noun) => {
        expect(wording.counted(value, noun)).toMatch(/^[^#]*\d[^#]*$/);
      }),
    );
    const few = [0, 1, 2].flatMap((value) => NOUNS.map((noun) => wording.counted(value, noun)));
    for (const text of few) expect(text).toMatch(/^[^#]+$/);
  });

  test("a letter that is whole says nothing of what it leaves out", () => {
    const whole = { isShort: false, titles: null, noRunnersUp: false, onWebOnly: 0 };
    expect(wording.cut(whole)).toBe("");
  });

  test("subjects and days differ by cadence", () => {
    for (const name of ["dateline", "label", "tail", "quiet"] as const) {
      const said = saidBy(wording);
      expect(new Set(CADENCES.map((cadence) => said[`${name} ${cadence}`])).size).toBe(3);
    }
  });
});

test("no language borrows the sentences of another", () => {
  const known = Object.entries(saidBy(english)).filter(([, text]) =>
    /\p{L}{4}.*\s.*\p{L}{4}/u.test(text),
  );
  expect(known.length).toBeGreaterThan(25);
  for (const language of LANGUAGE_TAGS.filter((tag) => tag !== "en")) {
    const said = saidBy(wordingIn(language));
    for (const [name, text] of known) expect(said[name], `${language}: ${name}`).not.toBe(text);
  }
});

test.each<[Language, string, string]>([
  ["en", "Wednesday, 15 April 2026", "This week, 13–19 April 2026"],
  ["de", "Mittwoch, 15. April 2026", "Diese Woche, 13.–19. April 2026"],
  ["fr", "Mercredi 15 avril 2026", "Cette semaine, 13–19 avril 2026"],
  ["es", "Miércoles, 15 de abril de 2026", "Esta semana, 13–19 de abril de 2026"],
  ["zh", "2026年4月15日星期三", "本周，2026年4月13日至19日"],
  ["ar", "الأربعاء، 15 أبريل 2026", "هذا الأسبوع، 13–19 أبريل 2026"],
])("%s writes days as its readers do", (language, daily, weekly) => {
  const { dateline } = wordingIn(language);
  expect(dateline("daily", daysIn("daily"))).toBe(daily);
  expect(dateline("weekly", daysIn("weekly"))).toBe(weekly);
});

test.each<[string, string]>([
  ["2026-W14", "This week, 30 March – 5 April 2026"],
  ["2026-W53", "This week, 28 December 2026 – 3 January 2027"],
])("the days of %s are those of two months", (period, text) => {
  const { dateline } = english;
  expect(dateline("weekly", daysOf("weekly", period as never))).toBe(text);
});

test("every month is short as it is on pages", () => {
  for (let month = 1; month <= 12; month++) {
    const date = `2026-${String(month).padStart(2, "0")}-15`;
    expect(english.shortDate(date)).toBe(shortDate(date));
    expect(`${english.dayOfMonth(date)} 2026`).toBe(shortDate(date));
  }
});

test.each<[Language, string]>([
  ["en", " and 1 more"],
  ["de", " und 1 weiterer"],
  ["fr", " et 1 autre"],
  ["es", " y otro"],
  ["zh", "，另有 1 篇"],
  ["ar", " وورقة واحدة غيرها"],
])("%s counts one more paper as one", (language, text) => {
  expect(wordingIn(language).more(1, "daily", daysIn("daily"))).toBe(text);
});

test.each<[string, string]>([
  ["2026-W16", "2026年4月13日至19日"],
  ["2026-W14", "2026年3月30日至4月5日"],
  ["2026-W53", "2026年12月28日至2027年1月3日"],
])("the days of %s have their year in Chinese", (period, text) => {
  const { dateline } = wordingIn("zh");
  expect(dateline("weekly", daysOf("weekly", period as never))).toBe(`本周，${text}`);
});

test("what a sentence tells of is kept apart in it where it may be of another script", () => {
  const arabic = wordingIn("ar");
  const said = [
    arabic.own("authors", "WHAT"),
    arabic.own("liked", "WHAT"),
    arabic.pictureOf("WHAT"),
    arabic.writtenBy("WHAT"),
    arabic.summaryBy("WHAT"),
    arabic.oneOff("WHAT"),
    arabic.subscribed("WHAT", "WHAT"),
    arabic.questions("WHAT"),
    english.own("liked", "عنوان"),
  ];
  for (const text of said) {
    expect(text).toMatch(/\u2068(WHAT|عنوان)\u2069/);
    expect(text.replace(/\u2068[^\u2069]+\u2069/g, "")).not.toMatch(/WHAT|عنوان/);
  }
  expect(english.own("liked", "WHAT")).toBe("Because you liked “WHAT”.");
});
