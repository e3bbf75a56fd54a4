/** Foreign text becomes one clean, bounded line, and titles can be compared. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cleanText, titleId, titleKey } from "../../src/papers/text.ts";

/** Said here by Unicode's own categories, not by the list that the program uses. */
const CONTROLS = /\p{Cc}|\p{Bidi_Control}|[\u{e0000}-\u{e007f}\u200b\u2028\u2029\u2060\ufeff]/u;

/** Text as a hostile source might write it: any code units, and the troublesome ones often. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 5 }),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom("\u202e", "\u200b", "\ud83d", "\ude00", "\u0301", "e", "\u00a0", "\n", "😀"),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(""));

test("control characters are gone and line breaks become spaces", () => {
  expect(cleanText("A\u0000B\u0007C\u001b[31m\u007f\u0090", 100)).toBe("ABC[31m");
  expect(cleanText("one\r\n\ttwo\u2028three\u2029four\u00a0five", 100)).toBe(
    "one two three four five",
  );
});

test("a title can't turn the text around it with bidi characters", () => {
  for (const sign of "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") {
    expect(cleanText(`safe${sign}title`, 100)).toBe("safetitle");
  }
});

test("invisible characters that could hide words are gone", () => {
  const invisible = "\u00ad\u180e\u200b\u2060\u2064\ufeff\ufff9\ufffb\u{e0001}\u{e0041}\u{e007f}";
  expect(cleanText(`pa${invisible}per`, 100)).toBe("paper");
});

test("joiners stay, because Persian and Hindi are written with them", () => {
  expect(cleanText("می\u200cخواهم क्\u200dष", 100)).toBe("می\u200cخواهم क्\u200dष");
});

test("a lone surrogate becomes the replacement character", () => {
  expect(cleanText("a\ud83dz", 10)).toBe("a\ufffdz");
  expect(cleanText("a\ude00z", 10)).toBe("a\ufffdz");
  expect(cleanText("a😀z", 10)).toBe("a😀z");
});

test("text comes out composed, also where an invisible character stood between", () => {
  expect(cleanText("Cafe\u0301", 10)).toBe("Caf\u00e9");
  expect(cleanText("Cafe\u200b\u0301", 10)).toBe("Caf\u00e9");
});

test("what is not text is empty", () => {
  for (const value of [undefined, null, 7, true, {}, ["title"]]) {
    expect(cleanText(value, 100)).toBe("");
  }
});

test("text at the cap is whole, and one character more ends in an ellipsis", () => {
  expect(cleanText("x".repeat(500), 500)).toBe("x".repeat(500));
  expect(cleanText("x".repeat(501), 500)).toBe(`${"x".repeat(499)}…`);
  expect(cleanText("one two three", 9)).toBe("one two…");
});

test("an abstract of more than 10,000 characters is cut to 10,000", () => {
  const cut = cleanText("word ".repeat(50_000), 10_000);
  expect(cut.length).toBeLessThanOrEqual(10_000);
  expect(cut.length).toBeGreaterThan(9990);
  expect(cut).toMatch(/word…$/);
});

test("a cut never splits a pair of surrogates", () => {
  for (const offset of ["", "x"]) {
    const cut = cleanText(offset + "😀".repeat(9000), 10_000);
    expect(cut.isWellFormed()).toBe(true);
    expect(cut).not.toContain("\ufffd");
    expect(cut).toMatch(/😀…$/u);
  }
});

test("cleaned text is safe, composed, on one line and never longer than allowed", () => {
  fc.assert(
    fc.property(hostileText, fc.integer({ min: 1, max: 120 }), (text, max) => {
      const clean = cleanText(text, max);
      expect(clean.length).toBeLessThanOrEqual(max);
      expect(clean).not.toMatch(CONTROLS);
      expect(clean.isWellFormed()).toBe(true);
      expect(clean.normalize("NFC")).toBe(clean);
      expect(clean.trim()).toBe(clean);
    }),
    { numRuns: 500 },
  );
});

test("cleaning twice is cleaning once", () => {
  fc.assert(
    fc.property(hostileText, fc.integer({ min: 1, max: 120 }), (text, max) => {
      const once = cleanText(text, max);
      expect(cleanText(once, max)).toBe(once);
    }),
    { numRuns: 500 },
  );
});

test("titles are compared without case, accents, spaces and punctuation", () => {
  const key = titleKey("CodeT5+: Open Code Large Language Models");
  expect(titleKey("codet5 — open code  large-language MODELS!")).toBe(key);
  expect(titleKey("Poincaré Naïveté")).toBe(titleKey("Poincare Naivete"));
  expect(titleKey("Poincare\u0301")).toBe(titleKey("Poincaré"));
  expect(titleKey("ＦＵＬＬ ｗｉｄｔｈ ２")).toBe(titleKey("full width 2"));
});

test("titles that differ in a letter or a digit have different keys", () => {
  expect(titleKey("Llama 2")).not.toBe(titleKey("Llama 3"));
  expect(titleKey("Attention")).not.toBe(titleKey("Intention"));
});

test("titles in other scripts keep their letters", () => {
  expect(titleKey("深度学习：综述")).toBe("深度学习综述");
  expect(titleKey("深度学习")).not.toBe(titleKey("机器学习"));
  expect(titleKey("Обучение, с нуля")).toBe(titleKey("обучение с нуля"));
});

test("titles of signs alone are told apart too", () => {
  expect(titleKey("???")).not.toBe("");
  expect(titleKey("???")).not.toBe(titleKey("!!!"));
});

test("a work without identifier has the same short name whenever it is read", () => {
  const name = titleId(titleKey("A Title"));
  expect(name).toMatch(/^title-[0-9a-f]{12}$/);
  expect(titleId(titleKey("a title."))).toBe(name);
  expect(titleId(titleKey("Another Title"))).not.toBe(name);
});

test("a heap of marks on one letter is cut to what scripts need", () => {
  expect(cleanText(`H${"\u0335\u0321\u031b".repeat(40)}i`, 1000)).toMatch(/^H\p{Mn}{5}i$/u);
  const pointed = "בְּרֵאשִׁ֖ית";
  expect(cleanText(pointed, 100)).toBe(pointed.normalize("NFC"));
});
