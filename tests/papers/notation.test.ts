/** LaTeX in titles and abstracts is shown as it is meant, and nothing else is touched. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { latexText, readLatex } from "../../src/papers/latex/reader.ts";
import { beginningOf, notationHtml, notationText, wordsOf } from "../../src/papers/notation.ts";
import { cleanText } from "../../src/papers/text.ts";
import { SHARED } from "../home.ts";

const latex = String.raw;
const htmlOf = (source: string) => notationHtml(readLatex(source));

test.each([
  [
    latex`Schr\"odinger, Poincar\'{e}, Gar\c{c}on, \v{S}koda, Erd\H{o}s`,
    "Schrödinger, Poincaré, Garçon, Škoda, Erdős",
  ],
  [
    latex`{\"U}ber, na\"{\i}ve, S\o ren, Stra\ss e, \AA{}ngstr\"om`,
    "Über, naïve, Søren, Straße, Ångström",
  ],
  [latex`\r{ho} = 0.94 and \k{appa}`, "ρ = 0.94 and κ"],
])("accents make letters: %s", (source, text) => {
  expect(latexText(source)).toBe(text);
});

test.each([
  [latex`$\alpha$-fair, $\varepsilon$-greedy, $\Delta t$`, "α-fair, ε-greedy, Δt"],
  [latex`$x \in \mathbb{R}^n$`, "x ∈ ℝⁿ"],
  [
    latex`$\mathcal{O}(n\log n)$, $\mathcal L$, $\mathfrak{g}$, $\mathbb{1}$`,
    "𝒪(n log n), ℒ, 𝔤, 𝟙",
  ],
  [latex`$a\leq b \times c\to\infty$`, "a ≤ b × c → ∞"],
  [
    latex`$0.83 \pm 0.05$, $5\times$, ($\times$4), $\sim$10%, $\geq 3$, $-1$`,
    "0.83 ± 0.05, 5×, (×4), ∼10%, ≥3, −1",
  ],
  [latex`$\max_{i} x_i$ and $\sum_{i=1}^{n} x_i^2$`, "maxᵢ xᵢ and ∑ᵢ₌₁ⁿ xᵢ²"],
  [latex`$\operatorname*{arg\,max}_\theta f(x)$`, "arg max_(θ) f(x)"],
  [latex`$x \not= y$, $x \not\in Y$`, "x ≠ y, x ∉ Y"],
  [latex`$\hat{x}$, $\bar\rho$, $f'(x)$, 90$^\circ$, $A^\top$`, "x̂, ρ̄, f′(x), 90°, Aᵀ"],
  [latex`\(a+b\), \[E=mc^2\], $$a<b$$`, "a+b, E = mc², a < b"],
  [latex`$\left|\langle a, b\rangle\right|^2$, $\{0,1\}$, $\|w\|_2$`, "|⟨a, b⟩|², {0,1}, ‖w‖₂"],
])("formulas read as they are written by hand: %s", (source, text) => {
  expect(latexText(source)).toBe(text);
});

test.each([
  [latex`$10^{-3}$, $2^k$, H$_2$O, $x^{n+1}$`, "10⁻³, 2ᵏ, H₂O, xⁿ⁺¹"],
  [latex`$x^{3q-2}$, $A_{i,j}$, $L_\infty$`, "x^(3q−2), A_(i,j), L_(∞)"],
  [latex`$2^{O(s^2 \log s)}$`, "2^(O(s² log s))"],
])("scripts are Unicode's where it has them all, else in parentheses: %s", (source, text) => {
  expect(latexText(source)).toBe(text);
});

test.each([
  [latex`$\frac{1}{2}$, $\frac{a+b}{2n}$, $\frac{O(1)}{n-1}$`, "1/2, (a+b)/(2n), O(1)/(n−1)"],
  [latex`$\frac{\partial L}{\partial\theta_i}$`, "∂L/∂θᵢ"],
  [latex`$\sqrt{x}$, $\sqrt{n+1}$, $\sqrt[3]{2n}$, $\sqrt{\log n}$`, "√x, √(n+1), ∛(2n), √(log n)"],
  [latex`$\binom{n}{k}$, $a \equiv b \pmod{n}$`, "(n choose k), a ≡ b (mod n)"],
])("fractions and roots have parentheses where they need them: %s", (source, text) => {
  expect(latexText(source)).toBe(text);
});

test.each([
  [
    latex`\textbf{Bold}, \texttt{mono}, \textsc{Small}, \emph{so}, {\em so}`,
    "Bold, mono, Small, so, so",
  ],
  [
    latex`\href{https://a.example/x_y}{code} at \url{https://b.example/~me/a\_b}`,
    "code at https://b.example/~me/a_b",
  ],
  [latex`44\% of R\&D for \$5, a\_b \#1`, "44% of R&D for $5, a_b #1"],
  [latex`Fig.~3, 20\,dB, 5~10, ~40%, vs.\ 3`, "Fig. 3, 20 dB, 5~10, ~40%, vs. 3"],
  [
    latex`train--test, this -- that, so---what, --help, e-mail`,
    "train–test, this – that, so—what, --help, e-mail",
  ],
  ["``quoted'' and ``half\" and `single', don't", "“quoted” and “half” and ‘single’, don't"],
  [latex`1{,}879 and {B}ayes`, "1,879 and Bayes"],
])("marks of text become what they stand for: %s", (source, text) => {
  expect(latexText(source)).toBe(text);
});

test.each([
  [
    "DR^{3}-Eval with R^2 = .68, π_{0} and θ_t, p < 10^{-20}",
    "DR³-Eval with R² = .68, π₀ and θₜ, p < 10⁻²⁰",
  ],
  ["2.1times faster, sim10% of 256 times 256, 3 times", "2.1× faster, ∼10% of 256 × 256, 3 times"],
  [
    "https://a.example/x_y{https://a.example/x_y}. https://b.example/{here}",
    "https://a.example/x_y. https://b.example/ (here)",
  ],
])("what a source left of formulas and links is mended: %s", (source, text) => {
  expect(latexText(source)).toBe(text);
});

test.each([
  "$5 million to $10 million",
  "US$200 or US$300",
  "$0.15/M tokens in, $0.60/M tokens out",
  "costs $3 and $4",
  "from $5-$10 to ($3/$15)",
  "sim2real, my_file.py, cognitive_core, {{x}} {{{x}}}, {a, b}, C:\\Users\\me, \\d+",
  "Caf\u00e9 — 深度学习 (2^) a_ $ } { ~ \\n",
])("what is no LaTeX stays as it is: %s", (source) => {
  expect(latexText(source)).toBe(source);
});

test("money beside formulas is still money", () => {
  expect(latexText(latex`We pay $5 for $n$ tokens and $7 for $\alpha$-fair ones`)).toBe(
    "We pay $5 for n tokens and $7 for α-fair ones",
  );
});

test.each([
  [latex`\method{} beats \ours and \foo{this}{that}`, "method beats ours and this that"],
  [latex`\textbf{never closed, $x^{2$ and \frac{1}`, "never closed, x² and 1/"],
  [latex`a } b \emph{c}} d {\bf e`, "a } b c} d e"],
])("what is unknown or unbalanced stays readable: %s", (source, text) => {
  expect(latexText(source)).toBe(text);
});

test("HTML raises, lowers and slants, and knows no other tag", () => {
  expect(htmlOf(latex`\emph{On} $x_i^{2}$ \textbf{and} $\mathrm{KL}$`)).toBe(
    "<em>On</em> <em>x</em><sub><em>i</em></sub><sup>2</sup> and KL",
  );
  expect(htmlOf(`$a<b$ <script>alert("1")</script> & '`)).toBe(
    "<em>a</em> &lt; <em>b</em> &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;",
  );
});

test("a beginning is cut in both forms alike", () => {
  const beginning = beginningOf(readLatex(latex`Up to $10^{-3}$ less`), 9);
  expect(notationText(beginning)).toBe("Up to 10⁻");
  expect(notationHtml(beginning)).toBe("Up to 10<sup>−</sup>");
});

/** Sources as a hostile author might write them: LaTeX, markup and money in any order. */
const hostileLatex = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.constantFrom(
        "word",
        "x",
        "n",
        "5",
        " ",
        "  ",
        "$",
        "$$",
        "{",
        "}",
        "\\",
        "^",
        "_",
        "~",
        "'",
      ),
      fc.constantFrom("``", "''", '"', "--", "[", "]", "(", ")", "=", "<", "-", "&", "\u0301", "|"),
      fc.constantFrom(
        ..."frac sqrt text emph href url mathcal mathbb hat left right not log"
          .split(" ")
          .map((name) => `\\${name}`),
      ),
      fc.constantFrom(
        "\\(",
        "\\)",
        "\\'",
        "\\c ",
        "\\%",
        "\\\\",
        "\\,",
        "\\foo",
        "\\begin{x}",
        "{sim}",
      ),
      fc.constantFrom(
        "<script>",
        "</em>",
        "<img src=x>",
        "&lt;",
        "https://a.example/_",
        "times",
        "''>",
      ),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(""));

/** Text without the difference between a raised sign and one in parentheses after "^". */
function flat(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\^_()]/g, "")
    .replaceAll("-", "−")
    .normalize("NFKD");
}

test("whatever is read, HTML holds the plain text's words and no tag but sup, sub and em", () => {
  fc.assert(
    fc.property(hostileLatex, (source) => {
      const notation = readLatex(source);
      const html = notationHtml(notation);
      const bare = html.replace(/<\/?(?:sup|sub|em)>/g, "");
      expect(bare).not.toMatch(/[<>"']/);
      const text = bare.replace(
        /&(amp|lt|gt|quot|#39);/g,
        (_, name: string) => ({ amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" })[name] ?? "",
      );
      expect(text).toBe(wordsOf(notation));
      expect(flat(text)).toBe(flat(notationText(notation)));
      // Tags are closed in the order in which they were opened.
      expect(
        html.replace(/<em>[^<]*<\/em>/g, "").replace(/<(su[pb])>[^<]*<\/\1>/g, ""),
      ).not.toMatch(/<\/?[es]/);
    }),
    { numRuns: 2000 },
  );
});

test("no word of plain text is lost or changed", () => {
  const words = fc.array(fc.stringMatching(/^[A-Za-z0-9,.;:()?!é深]{1,12}$/), { maxLength: 30 });
  fc.assert(
    fc.property(words, (list) => {
      const text = list
        .map((word) => word.replace(/times|sim|approx/g, ""))
        .join(" ")
        .replace(/ +/g, " ")
        .trim();
      expect(latexText(text)).toBe(text);
    }),
  );
});

test.each([
  "\\",
  "{",
  "}",
  "$",
  "$$ ",
  "$x",
  "\\(",
  "\\[",
  "^{",
  "$^{",
  "\\frac{",
  "$\\frac{a}{",
  "\\sqrt",
  "\\emph{",
  "\\'",
  "``",
  "`a",
  "''",
  "~",
  "--",
  "_",
  "\\href{",
  "x_{a",
  "$x^{\\sqrt{",
  "{\\em ",
  "\\foo{}",
  "$5 and ",
  "\\text{$",
  "https://",
  "{{x}}",
  "\\left(",
  "h",
  "$a_",
  " $ ",
  // Whatever looks back over what it has read would not come to an end within the test's time.
])("100,000 times %j is read to its end", (part) => {
  const notation = readLatex(part.repeat(100_000));
  expect(notationText(notation).length).toBeLessThanOrEqual(part.length * 100_000);
  expect(notationHtml(notation)).not.toMatch(/<(?!\/?(?:sup|sub|em)>)/);
});

test("braces and commands nested 10,000 deep are read, and their words kept", () => {
  for (const open of ["{", "\\emph{", "\\frac{1}{", "\\text{", "^{"]) {
    const deep = `${open.repeat(10_000)}word${"}".repeat(10_000)}`;
    expect(latexText(deep)).toContain("word");
    expect(latexText(`$${deep}$`)).toContain("word");
  }
});

const CORPUS = join(SHARED, "corpus");
const LEFTOVERS_MAX = 0.005;

test.skipIf(!existsSync(CORPUS))(
  "of real papers fewer than 1 in 200 keep a backslash or a dollar that is no money (needs ../shared)",
  async ({ annotate }) => {
    const papers = [...huggingFacePapers(), ...arxivPapers()];
    expect(papers.length).toBeGreaterThan(1000);
    const leftovers = papers.flatMap(({ id, texts }) => {
      const plain = texts.map((text) => latexText(cleanText(text, 10_000))).join(" ¦ ");
      const found = [...plain.matchAll(/\\|\$(?!\d)/g)];
      return found.length > 0
        ? [
            `${id}: ${found.map(({ index }) => plain.slice(Math.max(0, index - 30), index + 30)).join(" … ")}`,
          ]
        : [];
    });
    await annotate(`left in ${leftovers.length} of ${papers.length}: ${leftovers.join("; ")}`);
    const few = leftovers.length < papers.length * LEFTOVERS_MAX;
    expect(few ? [] : leftovers).toEqual([]);
  },
);

interface Texts {
  readonly id: string;
  readonly texts: readonly string[];
}

function huggingFacePapers(): Texts[] {
  const folder = join(CORPUS, "huggingface");
  return readdirSync(folder).flatMap((name) => {
    const day = JSON.parse(readFileSync(join(folder, name), "utf8")) as {
      paper: { id: string; title: string; summary: string; ai_summary?: string };
    }[];
    return day.map(({ paper: { id, title, summary, ai_summary } }) => ({
      id,
      texts: [title, summary, ai_summary ?? ""],
    }));
  });
}

function arxivPapers(): Texts[] {
  const folder = join(CORPUS, "arxiv");
  return readdirSync(folder).flatMap((name) =>
    readFileSync(join(folder, name), "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => {
        const { id, title, summary } = JSON.parse(line) as {
          id: string;
          title: string;
          summary: string;
        };
        return { id, texts: [title, summary] };
      }),
  );
}
