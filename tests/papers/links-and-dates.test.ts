/** Foreign links, identifiers, dates and counts become values to trust, or nothing. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arxivId,
  calendarDate,
  count,
  instant,
  namedDate,
  webLink,
} from "../../src/papers/text.ts";

describe("a link", () => {
  test("is kept when it leads to http or https", () => {
    expect(webLink("https://github.com/a/b?c=d#e")).toBe("https://github.com/a/b?c=d#e");
    expect(webLink("  http://example.org  ")).toBe("http://example.org/");
  });

  test.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "  javascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "\u0001javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "ftp://example.org/",
    "mailto:a@example.org",
  ])("with another scheme is none: %j", (link) => expect(webLink(link)).toBeNull());

  test.each([
    "//example.org/a",
    "/a",
    "example.org",
    "https://",
    "https://user@example.org/",
    "https://user:secret@example.org/",
    "https://github.com@evil.example/",
    "https://exam ple.org/",
    `https://example.org/${"a".repeat(2000)}`,
    "",
  ])("that leads nowhere, or elsewhere than it shows, is none: %j", (link) =>
    expect(webLink(link)).toBeNull(),
  );

  test("can't carry a line break, a space or a quotation mark into a page or a header", () => {
    const link = webLink('https://example.org/a\r\nBcc: b\t"><script>\u202e');
    expect(link).toMatch(/^https:\/\/example\.org\/[!-~]+$/);
    expect(link).not.toMatch(/["<>]/);
  });

  test("is http(s) without blanks, whatever the source wrote", () => {
    const written = fc.oneof(fc.domain(), fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(written, fc.constantFrom("", "https://", "javascript:"), (text, scheme) => {
        expect(webLink(scheme + text) ?? "https://none").toMatch(/^https?:\/\/\S+$/);
      }),
    );
  });

  test("is none when it is not text", () => {
    for (const value of [undefined, null, 5, {}, ["https://example.org"]]) {
      expect(webLink(value)).toBeNull();
    }
  });
});

describe("an arXiv id", () => {
  test.each([
    ["2604.05072", "2604.05072"],
    ["2604.05072v3", "2604.05072"],
    [" 2604.05072v12 ", "2604.05072"],
    ["0704.0001", "0704.0001"],
    ["arXiv:2604.05072v1", "2604.05072"],
    ["https://arxiv.org/abs/2604.05072v2", "2604.05072"],
    ["http://www.arxiv.org/pdf/2604.05072v2.pdf", "2604.05072"],
    ["https://arxiv.org/html/2604.05072", "2604.05072"],
    ["https://export.arxiv.org/abs/hep-th/9901001v1", "hep-th/9901001"],
    ["hep-th/9901001", "hep-th/9901001"],
    ["math.GT/0309136v2", "math.GT/0309136"],
    ["cond-mat/0207270", "cond-mat/0207270"],
  ])("is read from %j without its version", (written, id) => expect(arxivId(written)).toBe(id));

  test.each([
    "",
    "2604",
    "2604.123",
    "2604.123456",
    "2604.05072 v2",
    "2604.05072/../../etc",
    "2604.05072\n2604.05073",
    "https://example.org/abs/2604.05072",
    "https://arxiv.org/abs/",
    "foo/1234567",
    "hep-th/9913001",
    "hep-th/99010011",
    "hep-th/<script>",
    "10.48550/arXiv.2604.05072",
    "2604.05072".repeat(30),
    null,
    2604.05072,
    { id: "2604.05072" },
  ])("is not read from %j", (written) => expect(arxivId(written)).toBeNull());

  test("is read the same a second time", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{2,8}\/\d{7}(v\d)?$/), (written) => {
        const id = arxivId(written);
        expect(arxivId(id)).toBe(id);
      }),
    );
  });
});

describe("a date", () => {
  test("is the day of an ISO date or instant, as it is written", () => {
    expect(calendarDate("2026-04-15")).toBe("2026-04-15");
    expect(calendarDate("2026-04-15T23:59:59.000Z")).toBe("2026-04-15");
    expect(calendarDate("2026-04-15T00:30:00+14:00")).toBe("2026-04-15");
    expect(calendarDate("2026-04-15 10:00:00")).toBe("2026-04-15");
  });

  test("may lack leading zeros", () => {
    expect(calendarDate("2026-6-30")).toBe("2026-06-30");
    expect(calendarDate("2026-6-3")).toBe("2026-06-03");
  });

  test.each(["2026-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-04-00", "2026-04-150"])(
    "that the calendar lacks is none: %s",
    (day) => expect(calendarDate(day)).toBeNull(),
  );

  test.each(["15 April 2026", "2026/04/15", "20260415", "2026-04", "x2026-04-15", "", null, 2026])(
    "in another form is none: %j",
    (text) => expect(calendarDate(text)).toBeNull(),
  );

  test("of a page is read with its year, or with the page's", () => {
    expect(namedDate("Mar 15, 2023", 2025)).toBe("2023-03-15");
    expect(namedDate("Sep 5", 2025)).toBe("2025-09-05");
    expect(namedDate("Feb 29", 2024)).toBe("2024-02-29");
    expect(namedDate("Feb 29", 2025)).toBeNull();
    expect(namedDate("Apr 31, 2024", 2025)).toBeNull();
    expect(namedDate("Foo 3, 2024", 2025)).toBeNull();
  });

  test("is every day of the calendar, and comes back as it was written", () => {
    const days = fc.date({
      min: new Date("1991-01-01T00:00:00Z"),
      max: new Date("2099-12-31T00:00:00Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(days, (date) => {
        const day = date.toISOString().slice(0, 10);
        expect(calendarDate(day)).toBe(day);
        expect(calendarDate(date.toISOString())).toBe(day);
      }),
    );
  });
});

describe("an instant", () => {
  test("is told in UTC", () => {
    expect(instant("2026-04-15T10:00:00+02:00")).toBe("2026-04-15T08:00:00.000Z");
    expect(instant("2026-04-15T10:00:00.5Z")).toBe("2026-04-15T10:00:00.500Z");
    expect(instant("2026-04-15 10:00-0730")).toBe("2026-04-15T17:30:00.000Z");
  });

  test("without a zone or without a time is one of UTC", () => {
    expect(instant("2026-04-15T10:00:00")).toBe("2026-04-15T10:00:00.000Z");
    expect(instant("2026-04-15")).toBe("2026-04-15T00:00:00.000Z");
  });

  test.each(["2026-02-30", "2026-04-15T25:00:00Z", "2026-04-15Tnoon", "now", "", null, 1776240000])(
    "that is none: %j",
    (value) => expect(instant(value)).toBeNull(),
  );
});

test("a count is a whole number of at least 0", () => {
  expect([0, 7, 1204].map(count)).toEqual([0, 7, 1204]);
  for (const value of [-1, 1.5, Number.NaN, Infinity, 2 ** 53, "7", null, undefined, [7], true]) {
    expect(count(value)).toBeNull();
  }
});
