/** A profile in bytes is the profile in words. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { packProfile, storedProfile, unpackProfile } from "../../src/papers/packed-profile.ts";
import type { Profile } from "../../src/papers/profile.ts";
import { countTerms } from "../../src/papers/terms.ts";
import { indexTerms, numberOf } from "../../src/papers/term-index.ts";

const profiles: fc.Arbitrary<Profile> = fc
  .record({
    terms: fc.array(
      fc.record({
        term: fc.string({ unit: "grapheme", minLength: 1 }).filter((term) => !/[\r\n]/.test(term)),
        weight: fc.integer({ min: -10_000, max: 10_000 }).map((weight) => weight / 10_000),
      }),
      { maxLength: 64 },
    ),
    titles: fc.array(
      fc.string({ unit: "grapheme", minLength: 1 }).filter((title) => !/[\r\n]/.test(title)),
      {
        minLength: 1,
        maxLength: 64,
      },
    ),
    opinions: fc.nat(1000),
  })
  .map(({ terms, titles, opinions }) => ({
    terms: terms.map((each, at) => ({
      ...each,
      from: each.weight > 0 ? at % titles.length : null,
    })),
    liked: titles,
    opinions,
  }));

test("whatever was learned, it comes back as it was, but for liked papers that nothing is from", () => {
  fc.assert(
    fc.property(profiles, (profile) => {
      const { terms, liked, opinions } = unpackProfile(packProfile(profile));
      expect(opinions).toBe(profile.opinions);
      const told = (of: Profile) =>
        of.terms.map(({ term, weight, from }) => [
          term,
          weight,
          from === null ? null : of.liked[from],
        ]);
      expect(told({ terms, liked, opinions })).toEqual(told(profile));
      expect(new Set(terms.flatMap(({ from }) => from ?? [])).size).toBe(liked.length);
    }),
  );
});

test("terms of any length leave a profile that can be read, with all those that may be words", () => {
  const term = fc.tuple(fc.constantFrom("a", "ก", "𠮷", "é x"), fc.integer({ min: 1, max: 3000 }));
  const lengths = fc.array(term, { minLength: 1, maxLength: 64 });
  fc.assert(
    fc.property(lengths, (drawn) => {
      const terms = drawn.map(([sign, times], at) => {
        return { term: `${at}${sign.repeat(times)}`, weight: 0.5, from: 0 };
      });
      const stored = storedProfile(packProfile({ terms, liked: ["Liked"], opinions: 1 }));
      const kept = terms.filter((each) => Buffer.byteLength(each.term) <= 1000);
      expect(stored && unpackProfile(stored).terms.map((each) => each.term)).toEqual(
        kept.map((each) => each.term),
      );
      expect(stored && unpackProfile(stored).liked).toEqual(kept.length > 0 ? ["Liked"] : []);
    }),
    { numRuns: 50, examples: [[Array.from({ length: 64 }, () => ["ก", 400])]] },
  );
});

test("what is too long for a word is no term, and parts what stands beside it", () => {
  const sentence = "การเรียนรู้เชิงลึกสำหรับภาษาไทย".repeat(5).normalize("NFKD").replace(/\p{M}/gu, "");
  const terms = countTerms({ title: `Sparse ${sentence} agents`, abstract: null });
  expect([...terms.keys()]).toEqual(["sparse", "agent"]);
});

test("bytes that are no profile are taken for none, however they were cut", () => {
  const packed = packProfile({
    terms: [{ term: "agent", weight: 0.5, from: 0 }],
    liked: ["On agents"],
    opinions: 3,
  });
  const numbersAndTerms = packed.length - "On agents".length;
  expect(storedProfile(null)).toBeNull();
  for (let length = 0; length < numbersAndTerms; length++) {
    expect(storedProfile(packed.slice(0, length))).toBeNull();
  }
  expect(storedProfile(Uint8Array.from([9, ...packed.slice(1)]))).toBeNull();
  expect(storedProfile(packed)).toEqual(packed);
});

test("a term's number stays what it was when profiles were stored, on every machine", () => {
  expect(["agent", "diffusion model", "模型"].map(numberOf)).toEqual([
    { low: 2232897668, high: 2924576174 },
    { low: 901150855, high: 1148121098 },
    { low: 818164167, high: 3129647050 },
  ]);
});

test("no two of many terms have one number, and each is found where it was put", () => {
  const terms = Array.from({ length: 50_000 }, (_, at) =>
    at % 2 ? `w${at}x` : `w${at} w${at * 7}x`,
  );
  const names = new Set(terms.map((term) => Object.values(numberOf(term)).join(" ")));
  expect(names.size).toBe(terms.length);
  const some = terms.slice(0, 5000);
  const index = indexTerms(some.length, (place) => new Map([[some[place] ?? "", place]]));
  for (const [place, term] of some.entries()) {
    const { low, high } = numberOf(term);
    expect(index.find(low, high)).toBe(place);
  }
  const { low, high } = numberOf("nobody says it");
  expect(index.find(low, high)).toBe(-1);
});
