import { simpleParser } from "mailparser";
import { expect, test } from "vitest";
import { leadEntries, type Draft, type Entry } from "../../src/editions/edition.ts";
import type { Period } from "../../src/editions/period.ts";
import { openTemplates } from "../../src/io/template.ts";
import { bylineOf } from "../../src/mail/entry-view.ts";
import { preheaderOf } from "../../src/mail/headline.ts";
import {
  blockName,
  letterView,
  printLetter,
  setLetter,
  slotValues,
  type Masthead,
} from "../../src/mail/letter.ts";
import { block, encodeBody } from "../../src/mail/mime.ts";
import { shareMessage } from "../../src/mail/message.ts";
import { ENGLISH } from "../../src/mail/wording.ts";
import type { NotationHtml } from "../../src/papers/notation.ts";
import { NO_FACTS, type Paper, type PaperId, type PaperKey } from "../../src/papers/paper.ts";
import { cleanText } from "../../src/papers/text.ts";
import { ROOT } from "../home.ts";

const templates = openTemplates([`${ROOT}templates`]);
const masthead: Masthead = {
  name: "Paper Round",
  tagline: "Trending research papers",
  accent: "#0b57d0",
  postalAddress: "Example Lab, 1 Main Street",
  contact: "papers@example.org",
  siteUrl: "https://papers.example.org",
  entries: 10,
  bar: 0,
  timeZone: "Europe/Berlin",
  thumbnails: false,
  opinions: true,
};
const reader = {
  address: "o'neil@example.org",
  unsubscribeUrl: "https://papers.example.org/unsubscribe/1-abc",
  preferencesUrl: "https://papers.example.org/preferences/1-def",
  opinionToken: "1-ghi",
};

function entry(rank: number, facts: Partial<Paper>): Entry {
  const id = `2604.0000${rank}` as PaperId;
  const paper: Paper = {
    ...NO_FACTS,
    title: `Title ${rank}`,
    key: rank as PaperKey,
    id,
    day: "2026-04-15",
    links: { abstract: `https://arxiv.org/abs/${id}`, pdf: `https://arxiv.org/pdf/${id}` },
    ...facts,
  };
  const reason = `#${rank} of 40: 12 votes, 1 comment`;
  return {
    rank,
    lead: true,
    paper,
    score: 1,
    signals: { votes: 12, comments: 1 },
    changes: {},
    label: null,
    witnesses: [],
    written: null,
    reason,
  };
}

function draft(...facts: Partial<Paper>[]): Draft {
  return {
    cadence: "daily",
    period: "2026-04-15" as Period,
    window: { after: "2026-04-14", upTo: "2026-04-15" },
    candidates: 40,
    entries: facts.map((each, index) => entry(index + 1, each)),
  };
}

async function print(edition: Draft) {
  return printLetter(await setLetter(edition, masthead, templates, ENGLISH), reader, false);
}

/** Returns the addresses that the HTML links to, in order. */
function links(html: string): string[] {
  return [...html.matchAll(/<a\b[^>]*?href="([^"]*)"/g)].map((match) =>
    (match[1] ?? "").replaceAll("&amp;", "&").replaceAll("&#x3D;", "="),
  );
}

test("a title that is markup or a template stays text", async () => {
  const title = `<script>alert(1)</script> {{footer.unsubscribeUrl}} {{{x}}} & "q" ' \u0001unsubscribe\u0001`;
  const letter = await print(
    draft({ title: cleanText(title, 500), abstract: "<img src=x onerror=y>" }),
  );
  expect(letter.html).not.toMatch(/<script|<img/);
  expect(letter.html).toContain(
    "&lt;script&gt;alert(1)&lt;/script&gt; {{footer.unsubscribeUrl}} {{{x}}}",
  );
  expect(letter.text).toContain("<script>alert(1)</script> {{footer.unsubscribeUrl}}");
  // The reader's secret address stands where the footer puts it, and nowhere else.
  expect(letter.text.split(reader.unsubscribeUrl)).toHaveLength(2);
  expect(links(letter.html ?? "").filter((url) => url === reader.unsubscribeUrl)).toHaveLength(1);
});

test("LaTeX is set: raised and slanted in HTML, in Unicode in text, subject and preheader", async () => {
  const { subject, html, text } = await print(
    draft(
      {
        title: "MARS$^2$ & $O(n^{q})$",
        abstract: String.raw`We use \emph{less} than $10^{-3}$ of \$5 in $\mathbb{R}^n$.`,
        authors: [String.raw`Erwin Schr\"odinger`],
      },
      { title: String.raw`A $\times$4 Model` },
    ),
  );
  expect(html).toContain("MARS<sup>2</sup> &amp; <em>O</em>(<em>n</em><sup><em>q</em></sup>)</a>");
  expect(html).toContain(
    "We use <em>less</em> than 10<sup>−3</sup> of $5 in ℝ<sup><em>n</em></sup>.",
  );
  expect(html).toContain('aria-label="PDF, paper 1"');
  expect(text).toContain("MARS² & O(n^(q))");
  expect(text).toContain("We use less than 10⁻³ of $5 in ℝⁿ.");
  for (const part of [html, text]) expect(part).toContain("Erwin Schrödinger");
  expect(subject).toBe("MARS² & O(n^(q)) and 1 more");
  expect(text.split("\n")[0]).toBe("Also: A ×4 Model");
});

test("what a view offers to be printed unescaped is escaped already", () => {
  const hostile = String.raw`$a<b$ <script>"x"</script> \textbf{<img src=x>} \href{javascript:y}{<b>z</b>}`;
  const { entries } = letterView(draft({ title: hostile, abstract: hostile }), masthead);
  for (const entry of entries) {
    const raw: readonly NotationHtml[] = [entry.titleHtml, entry.summaryHtml];
    for (const html of raw) {
      expect(html.replace(/<\/?(?:sup|sub|em)>/g, "")).not.toMatch(/[<>"']/);
      expect(html).toContain("&lt;script&gt;");
    }
  }
});

test("no control character is left in a printed letter, the slots included", async () => {
  const { html, text } = await print(draft({ title: cleanText("a\u0000b\u202ec\u0001", 500) }, {}));
  // oxlint-disable-next-line no-control-regex -- these are the characters that must be gone
  expect(`${html}${text}`).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
});

test("HTML and text hold the same links in the same order", async () => {
  const facts = { links: { abstract: "https://a.example/1", code: "https://c.example/?a=1&b=2" } };
  const { html, text } = await print(draft({}, facts, { links: {} }));
  const inText = [...text.matchAll(/https?:\/\/\S+/g)].map(([url]) => url);
  expect(inText.length).toBeGreaterThan(5);
  expect(links(html ?? "")).toEqual(inText);
});

test("every line of text has at most 72 columns, addresses aside", async () => {
  const abstract = "One sentence that goes on for quite a while and then some more. ".repeat(20);
  const { text } = await print(draft({ title: "Long ".repeat(60), abstract }));
  const long = text.split("\n").filter((line) => line.length > 72 && !/https?:|@/.test(line));
  expect(long).toEqual([]);
});

test("the letter asks for nothing from outside", async () => {
  const { html } = await print(draft({}));
  expect(html).not.toMatch(/<(img|link|script|iframe)\b|url\(|@import/i);
});

test("the reason, the source of the summary and the footer's duties are shown", async () => {
  const summary = { text: "What they found.", by: "Hugging Face AI" };
  for (const part of Object.values(await print(draft({ summary })))) {
    if (part === "Title 1") continue;
    expect(part).toContain("What they found.");
    expect(part).toContain("Summary by Hugging Face AI");
    expect(part).toContain("#1 of 40: 12 votes, 1 comment");
    expect(part).toContain("Example Lab, 1 Main Street");
    expect(part).toMatch(/o(&#39;|')neil@example\.org subscribed/);
  }
});

test("without a summary an extract of the abstract stands in, and says so", async () => {
  const abstract = `${"First words here. ".repeat(10)}${"A later sentence follows. ".repeat(30)}`;
  const { text } = await print(draft({ abstract }));
  expect(text).toContain("Extract from the abstract");
  expect(text.split("A later sentence").length).toBeLessThan(15);
});

test("a title from right to left does not turn the preheader around it", () => {
  expect(preheaderOf(["First", "מילים 2 words", "Third"], ENGLISH)).toBe(
    "Also: \u2068מילים 2 words\u2069 · Third",
  );
});

test("the subject is the news, and the preheader says something else", async () => {
  const titles = [{ title: "Alpha: a short one" }, { title: "Beta" }, { title: "Gamma" }];
  const { subject, text } = await print(draft(...titles));
  expect(subject).toBe("Alpha: a short one and 2 more");
  expect(text.split("\n")[0]).toBe("Also: Beta · Gamma");
});

test("a subject is at most 60 characters and breaks no character", async () => {
  const { subject } = await print(draft({ title: "𝔸".repeat(200) }, {}));
  expect(subject.length).toBeLessThanOrEqual(60);
  expect(subject.isWellFormed()).toBe(true);
});

test("a subject ends on no word that promises another", async () => {
  const { subject } = await print(
    draft({ title: "A Unified Framework for the Evaluation of Agents" }, {}),
  );
  expect(subject).toBe("A Unified Framework… and 1 more");
});

test("a quiet day is named", async () => {
  expect((await print(draft({}, {}))).text).toContain("A quiet Wednesday: 2 papers.");
});

test.each([
  ["daily", "2026-04-15", "Title 1 and 1 more", "Wednesday, 15 April 2026", "Also today"],
  [
    "weekly",
    "2026-W14",
    "Title 1 and 1 more this week",
    "This week, 30 March – 5 April 2026",
    "Also this week",
  ],
  [
    "weekly",
    "2026-W16",
    "Title 1 and 1 more this week",
    "This week, 13–19 April 2026",
    "Also this week",
  ],
  [
    "monthly",
    "2026-04",
    "Title 1 and 1 more in April",
    "The month’s papers, April 2026",
    "Also this month",
  ],
] as const)("a %s letter of %s says its span", async (cadence, period, subject, dateline, tail) => {
  const { entries, ...rest } = draft({}, {}, { title: "A runner-up" });
  const third = entries.map((entry, index) => ({ ...entry, lead: index < 2 }));
  const letter = await print({ ...rest, entries: third, cadence, period: period as Period });
  expect(letter.subject).toBe(subject);
  for (const part of [letter.html, letter.text]) {
    expect(part).toContain(dateline);
    expect(part?.indexOf(tail)).toBeLessThan(part?.indexOf("A runner-up") ?? -1);
  }
});

test("a letter of a widened edition says so, whatever else it says", async () => {
  const today = draft({ title: "Of today" });
  for (const widened of [
    { ...today, widened: true as const },
    { ...today, widened: true as const, note: "Chosen for you." },
  ]) {
    const { html, text } = await print(widened);
    for (const part of [html, text])
      expect(part).toContain("Wednesday, 15 April 2026, and the best of the week before");
  }
});

test("an edition without papers is a letter that says so", async () => {
  const { subject, html, text } = await print(draft());
  expect(subject).toBe("A quiet Wednesday: no papers");
  for (const part of [html, text]) expect(part).toContain("A quiet Wednesday: no papers.");
  expect(html).not.toMatch(/<h2|no minutes/);
});

test("signals tell what has changed, since when on the newsletter's clock", async () => {
  const edition = draft({ links: { abstract: "https://a.example/", code: "https://c.example/" } });
  const since = "2026-04-15T04:00:00.000Z";
  const [first] = edition.entries;
  const entries = first
    ? [
        {
          ...first,
          signals: { ...first.signals, stars: 1204 },
          changes: {
            votes: { by: 21, since },
            comments: { by: -1, since },
            stars: { by: 30, since: "2026-04-13T22:30:00.000Z" },
          },
        },
      ]
    : [];
  const { text } = await print({ ...edition, entries });
  expect(text.replaceAll(/\s+/g, " ")).toContain(
    "#1 of 40: 12 votes (up 21 since 06:00), 1 comment (down 1)",
  );
  expect(text).toContain("Code (1,204 stars, up 30 since 14 Apr): https://c.example/");
});

test("a picture is shown only where it is wished for, over https, with its words and size", async () => {
  const facts = [
    { thumbnail: "https://cdn.example/1.png" },
    { thumbnail: "http://cdn.example/2.png" },
  ];
  expect((await print(draft(...facts))).html).not.toContain("<img");
  const { html } = await setLetter(
    draft(...facts),
    { ...masthead, thumbnails: true },
    templates,
    ENGLISH,
  );
  // The words are read where pictures are kept from loading, so they are set like others.
  expect(html).toMatch(/<img class="m"[^>]*font-size:14px;line-height:22px;color:#625f59">/);
  expect(html.match(/<img[^>]*>/g)).toEqual([
    expect.stringMatching(
      /src="https:\/\/cdn\.example\/1\.png" alt="Picture of “Title 1”" width="240" height="126"/,
    ),
  ]);
});

test("all links of a letter have names of their own", async () => {
  const links = {
    abstract: "https://a.example",
    pdf: "https://p.example",
    code: "https://c.example",
  };
  const { html } = await print(draft({ links }, { links }, { links }));
  const names = [...(html ?? "").matchAll(/<a\b([^>]*)>(.*?)<\/a>/g)].map(
    ([, attributes = "", content]) => /aria-label="([^"]*)"/.exec(attributes)?.[1] ?? content,
  );
  expect(names.length).toBeGreaterThan(10);
  expect(new Set(names).size).toBe(names.length);
});

test("a one-off letter has no link to leave by", async () => {
  const { unaddressed } = await setLetter(draft({}), masthead, templates, ENGLISH);
  expect(`${unaddressed.html}${unaddressed.text}`.includes("\u0001")).toBe(false);
  expect(`${unaddressed.html}${unaddressed.text}`).not.toMatch(/unsubscribe/i);
});

test("a reader of text only gets no HTML", async () => {
  const letter = await setLetter(draft({}), masthead, templates, ENGLISH);
  expect(printLetter(letter, reader, true).html).toBeNull();
});

test.each([0, 1, 25])("an edition of %i papers can be set", async (papers) => {
  const { html } = await print(draft(...Array.from({ length: papers }, () => ({}))));
  expect((html ?? "").match(/<h2/g)?.length ?? 0).toBe(papers);
});

/** Bytes of the HTML part as it is sent. */
function encodedBytes(html: string | null): number {
  return encodeBody({ text: "", html: html ?? "" }).size;
}

const SENTENCE =
  "They find that models with shared memory need 3.1% fewer steps, as expected here. ";

/** A paper of which everything is known. */
const TALKATIVE: Partial<Paper> = {
  title: "Learning to Forget: A Unified View of Memory in Agents That Plan Over Long Horizons",
  authors: ["Ada Lovelace", "Alan Turing", "Grace Hopper"],
  authorCount: 17,
  organization: "Department of Computer Science, Example University",
  publishedOn: "2026-04-14",
  categories: ["cs.CL", "cs.LG"],
  keywords: ["agents", "reinforcement learning"],
  summary: { text: SENTENCE.repeat(8), by: "Hugging Face AI" },
  links: {
    abstract: "https://arxiv.org/abs/2604.00001",
    pdf: "https://arxiv.org/pdf/2604.00001",
    code: "https://github.com/example-university/learning-to-forget",
    project: "https://example-university.github.io/learning-to-forget/",
    discussion: "https://huggingface.co/papers/2604.00001",
  },
};

/** An edition of so many leading papers and as many runners-up as an edition keeps. */
function edition(leads: number, facts: Partial<Paper>, papers = Math.max(60, leads)): Draft {
  const whole = draft(...Array.from({ length: papers }, () => facts));
  return {
    ...whole,
    entries: whole.entries.map((each, index) => ({ ...each, lead: index < leads })),
  };
}

test("twelve papers with all there is to say of them, and the tail, take 50 KB at most", async () => {
  const { html, text } = await print(edition(12, TALKATIVE));
  expect(encodedBytes(html)).toBeLessThanOrEqual(50_000);
  expect(text).not.toContain("To fit a mail");
  expect(text.match(/^\d+\./gm)).toHaveLength(24);
});

const WIDE = "大規模言語モデルの研究".repeat(900);
const HUGE: Partial<Paper> = {
  title: cleanText(WIDE, 500),
  authors: [WIDE, WIDE, WIDE],
  organization: cleanText(WIDE, 300),
  abstract: WIDE,
  keywords: Array.from({ length: 20 }, () => WIDE),
  links: {
    abstract: `https://example.org/${"=".repeat(230)}`,
    pdf: `https://example.org/1${"=".repeat(228)}`,
    code: `https://example.org/2${"=".repeat(228)}`,
    project: `https://example.org/3${"=".repeat(228)}`,
    discussion: `https://example.org/${"=".repeat(1900)}`,
  },
};

const FORMULAS: Partial<Paper> = {
  ...HUGE,
  title: "$x^y_z$".repeat(70),
  abstract: "$x^y_z$ ".repeat(200),
};

test.each([
  ["25 papers of a hostile size", edition(25, HUGE), 25],
  ["25 papers that are all formulas", edition(25, FORMULAS), 25],
  ["500 papers", edition(500, TALKATIVE), 60],
  ["500 papers of a hostile size", edition(500, HUGE), 25],
])("a letter of %s stays below 90 KB, and says what it leaves out", async (_, draft, shown) => {
  const { html, text } = await print(draft);
  expect(encodedBytes(html)).toBeLessThanOrEqual(90_000);
  expect((html ?? "").match(/<h2/g)?.length).toBeLessThanOrEqual(shown + 1);
  for (const part of [html, text]) expect(part).toContain("To fit a mail:");
});

test("what does not fit is given up in order, and every lead keeps its block", async () => {
  const whole = edition(25, HUGE);
  const { html } = await setLetter(whole, masthead, templates, ENGLISH);
  for (const each of leadEntries(whole)) expect(html).toContain(block(blockName(each)));
  expect(html).not.toContain("Also today");
});

test("HTML and text say the same words", async () => {
  const abstract = String.raw`We use $10^{-3}$ of \$5 & \emph{less} <b> than "half" in $\mathbb{R}^n$.`;
  const { html, text } = await print(edition(12, { ...TALKATIVE, summary: null, abstract }, 30));
  const plain = (html ?? "")
    .replace(/<head>[\s\S]*?<\/head>|<!--[\s\S]*?-->/g, "")
    .replace(/<\/?(?:sup|sub|em)>/g, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/&(?:lt|gt|quot|amp|middot|emsp|nbsp|#\d+|#x\w+);/g, " ");
  const words = (part: string) =>
    part
      .normalize("NFKC")
      .replace(/https?:\/\/\S+/g, "")
      .match(/[\p{L}\p{N}]+/gu)
      ?.toSorted();
  expect(words(plain)).toEqual(words(text.replace(/['&]/g, " ")));
});

test.each([
  [[], null, ""],
  [[], 1, "1 author"],
  [[], 5, "5 authors"],
  [["A"], 1, "A"],
  [["A"], 2, "A and 1 other"],
  [["A", "B"], 2, "A and B"],
  [["A", "B"], 3, "A, B and 1 other"],
  [["A", "B", "C"], 3, "A, B and C"],
  [["A", "B", "C", "D"], null, "A, B and 2 others"],
  [["A", "B"], 14, "A, B and 12 others"],
  // A name that is written from right to left is kept from turning the line around it.
  [["نور", "B"], 2, "\u2068نور\u2069 and B"],
  [["نور"], 1, "نور"],
])("authors %j of %s are shown as %j", (authors, authorCount, byline) => {
  expect(bylineOf({ authors, authorCount }, ENGLISH)).toBe(byline);
});

test("a template with a mistake is named with its place", async () => {
  const broken = openTemplates([`${ROOT}tests/mail/broken-templates`, `${ROOT}templates`]);
  await expect(setLetter(draft({}), masthead, broken, ENGLISH)).rejects.toMatchObject({
    code: "TEMPLATE_BROKEN",
    message: expect.stringMatching(/\/letter\.mjml\.hbs: line 2, column \d+: /),
  });
});

test("a reader's own choice of entries makes both parts of the letter, in that order", async () => {
  const edition = draft({ title: "Alpha" }, { title: "Beta" }, { title: "Gamma" });
  const [alpha, , gamma] = edition.entries.map(blockName);
  const sender = { name: "Paper Round", address: "letters@example.org", contact: "a@example.org" };
  const parts = await setLetter(edition, masthead, templates, ENGLISH);
  const { content } = await shareMessage({ sender, parts, list: null, signer: null }).for({
    from: sender.address,
    to: reader.address,
    messageId: "1@example.org",
    date: new Date("2026-04-15T07:00:00Z"),
    unsubscribeUrl: null,
    slots: slotValues(reader),
    blocks: [{ name: gamma ?? "" }, { name: alpha ?? "" }],
  });
  const mail = await simpleParser(content);
  for (const part of [mail.text ?? "", mail.html || ""]) {
    const body = part.slice(part.indexOf("edition"));
    expect([...body.matchAll(/\b(?:Alpha|Beta|Gamma)(?=[\n<])/g)].map(String)).toEqual([
      "Gamma",
      "Alpha",
    ]);
    expect(part).toContain("unsubscribe/1-abc");
  }
});
