/**
 * The words of LaTeX that titles and abstracts use, as tables: what each stands for in Unicode. Names
 * are those of LaTeX and amssymb. Where TeX has two shapes of one letter (epsilon, phi), the common one
 * stands for both.
 */

/** How a sign stands among others in a formula (The TeXbook, chapter 17): it decides about blanks. */
export type Kind = "plain" | "open" | "close" | "comma" | "binary" | "relation" | "word";

/** What a command does with what follows it. */
export type Form =
  | { readonly does: "text" | "italic" | "formula" | "upright" | "word" | "raise" | "lower" }
  | { readonly does: "fraction" | "choose" | "root" | "above" | "below" | "modulo" | "note" }
  | { readonly does: "link" | "address" | "second" | "drop" | "nothing" | "blank" | "negate" }
  | { readonly does: "accent"; readonly mark: string }
  | { readonly does: "alphabet"; readonly capital: number; readonly small: number };

function pairs(table: string): [string, string][] {
  const words = table.trim().split(/\s+/);
  return words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] ?? ""]] : []));
}

function words(list: string): string[] {
  return list.trim().split(/\s+/);
}

const RELATIONS = pairs(`leq ≤ le ≤ leqslant ≤ geq ≥ ge ≥ geqslant ≥ neq ≠ ne ≠ lt < gt > ll ≪ gg ≫
  sim ∼ simeq ≃ approx ≈ cong ≅ equiv ≡ propto ∝ asymp ≍ doteq ≐ triangleq ≜ coloneqq ≔ in ∈ ni ∋
  notin ∉ subset ⊂ subseteq ⊆ subsetneq ⊊ supset ⊃ supseteq ⊇ sqsubseteq ⊑ mid ∣ nmid ∤ parallel ∥
  perp ⊥ to → rightarrow → longrightarrow ⟶ gets ← leftarrow ← longleftarrow ⟵ leftrightarrow ↔
  Rightarrow ⇒ Longrightarrow ⟹ implies ⟹ Leftarrow ⇐ Leftrightarrow ⇔ iff ⟺ mapsto ↦ hookrightarrow ↪
  rightsquigarrow ⇝ leadsto ⇝ rightharpoonup ⇀ rightleftharpoons ⇌ uparrow ↑ downarrow ↓ updownarrow ↕
  nearrow ↗ searrow ↘ vdash ⊢ models ⊨ vDash ⊨ prec ≺ preceq ⪯ succ ≻ succeq ⪰ lesssim ≲ gtrsim ≳
  nleq ≰ ngeq ≱ bmod mod`);

const BINARY = pairs(`times × cdot · pm ± mp ∓ div ÷ ast ∗ star ⋆ circ ∘ bullet • cup ∪ cap ∩
  setminus ∖ smallsetminus ∖ oplus ⊕ ominus ⊖ otimes ⊗ odot ⊙ wedge ∧ land ∧ vee ∨ lor ∨ sqcup ⊔
  sqcap ⊓ uplus ⊎ diamond ⋄ ltimes ⋉ rtimes ⋊ boxtimes ⊠ ldots … dots … dotsc … cdots ⋯ dotsb ⋯
  vdots ⋮ ddots ⋱`);

const PLAIN = pairs(`alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ
  vartheta ϑ iota ι kappa κ varkappa ϰ lambda λ mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ
  sigma σ varsigma ς tau τ upsilon υ phi φ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ
  Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω infty ∞ partial ∂ nabla ∇ forall ∀
  exists ∃ nexists ∄ neg ¬ lnot ¬ emptyset ∅ varnothing ∅ ell ℓ hbar ℏ Re ℜ Im ℑ aleph ℵ wp ℘ imath ı
  jmath ȷ top ⊤ intercal ⊤ bot ⊥ angle ∠ triangle △ square □ Box □ blacksquare ■ lozenge ◊ prime ′
  dagger † ddagger ‡ dag † ddag ‡ checkmark ✓ cmark ✓ xmark ✗ degree ° celsius ℃ vert | Vert ‖
  therefore ∴ because ∵ surd √ flat ♭ natural ♮ sharp ♯ heartsuit ♡ bigstar ★ complement ∁
  ss ß ae æ AE Æ oe œ OE Œ aa å AA Å o ø O Ø l ł L Ł i ı j ȷ dh ð DH Ð th þ TH Þ ng ŋ S § P ¶
  copyright © pounds £ euro € texteuro € textregistered ® texttrademark ™ textdegree ° textmu µ
  texttimes × textasciitilde ~ textasciicircum ^ textbackslash \\ textbar | textless < textgreater >
  textunderscore _ textdollar $ textbullet • textellipsis … textendash – textemdash —
  textquoteleft ‘ textquoteright ’ textquotedblleft “ textquotedblright ” lq ‘ rq ’ ie i.e. eg e.g.
  item • colon :`);

const WORDS = pairs(`sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ oint ∮ bigcup ⋃ bigcap ⋂ bigoplus ⨁
  bigotimes ⨂ bigwedge ⋀ bigvee ⋁ bigsqcup ⨆ argmax argmax argmin argmin`);
const FUNCTIONS = words(`arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf
  ker lg lim ln log max min Pr sec sin sinh sup tan tanh tr rank sign limsup liminf softmax diag`);

const OPEN = pairs(`langle ⟨ lfloor ⌊ lceil ⌈ lvert | lVert ‖ lbrace { lbrack [ { {`);
const CLOSE = pairs(`rangle ⟩ rfloor ⌋ rceil ⌉ rvert | rVert ‖ rbrace } rbrack ] } }`);
const ESCAPED = pairs(`% % $ $ & & _ _ # # | ‖`);

function kind(
  name: Kind,
  table: readonly [string, string][],
): [string, { kind: Kind; text: string }][] {
  return table.map(([command, text]) => [command, { kind: name, text }]);
}

/** Commands that stand for a sign, by name. */
export const SIGNS: ReadonlyMap<string, { readonly kind: Kind; readonly text: string }> = new Map([
  ...kind("relation", RELATIONS),
  ...kind("binary", BINARY),
  ...kind("plain", [...PLAIN, ...ESCAPED]),
  ...kind("word", [...WORDS, ...FUNCTIONS.map((name): [string, string] => [name, name])]),
  ...kind("open", OPEN),
  ...kind("close", CLOSE),
]);

/** Characters of a formula that are not plain, whether typed as they are or by a command. */
export const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...[...SIGNS.values()].map(({ kind: of, text }): [string, Kind] => [text, of]),
  ...[..."=<>≔"].map((char): [string, Kind] => [char, "relation"]),
  ...[..."+-−*/"].map((char): [string, Kind] => [char, "binary"]),
  ...[..."(["].map((char): [string, Kind] => [char, "open"]),
  ...[...")]!"].map((char): [string, Kind] => [char, "close"]),
  ...[...",;:"].map((char): [string, Kind] => [char, "comma"]),
  ...[..."|‖"].map((char): [string, Kind] => [char, "plain"]),
]);

function all<F extends Form>(form: F, names: string): [string, F][] {
  return words(names).map((name) => [name, form]);
}

/** The first capital of the alphabet in which indicators and sets are written. */
export const BLACKBOARD = 0x1d538;
/** Combining characters for accents: in text the first row, in formulas the others. */
export const TEXT_ACCENTS: ReadonlyMap<string, string> = new Map(
  pairs(
    "' \u0301 ` \u0300 ^ \u0302 \" \u0308 ~ \u0303 = \u0304 . \u0307 u \u0306 v \u030c H \u030b c \u0327 k \u0328 r \u030a d \u0323 b \u0331",
  ),
);
const FORMULA_ACCENTS = pairs(`hat \u0302 widehat \u0302 bar \u0304 overline \u0304 tilde \u0303
  widetilde \u0303 vec \u20d7 dot \u0307 ddot \u0308 breve \u0306 check \u030c acute \u0301 grave \u0300
  mathring \u030a underline \u0332`);

/** Commands that do something with what follows, by name. */
export const FORMS: ReadonlyMap<string, Form> = new Map<string, Form>([
  ...all(
    { does: "text" },
    "text textrm textup textmd textnormal textbf textsf textsc texttt mbox hbox",
  ),
  ...all({ does: "italic" }, "emph textit textsl"),
  ...all(
    { does: "formula" },
    "ensuremath bm boldsymbol pmb mathit mathnormal mathop underbrace overbrace",
  ),
  ...all({ does: "upright" }, "mathrm mathbf mathsf mathtt"),
  ...all({ does: "word" }, "operatorname"),
  ...all({ does: "raise" }, "textsuperscript"),
  ...all({ does: "lower" }, "textsubscript"),
  ...all({ does: "fraction" }, "frac dfrac tfrac cfrac nicefrac sfrac"),
  ...all({ does: "choose" }, "binom dbinom tbinom"),
  ...all({ does: "root" }, "sqrt"),
  ...all({ does: "above" }, "overset stackrel"),
  ...all({ does: "below" }, "underset"),
  ...all({ does: "modulo" }, "pmod"),
  ...all({ does: "note" }, "footnote thanks"),
  ...all({ does: "link" }, "href"),
  ...all({ does: "address" }, "url path nolinkurl"),
  ...all({ does: "second" }, "textcolor colorbox"),
  ...all({ does: "drop" }, "color begin end hspace vspace label vphantom hphantom phantom"),
  ...all(
    { does: "nothing" },
    `left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr limits nolimits
    displaystyle textstyle scriptstyle nonumber notag noindent centering xspace protect relax rm bf it em
    sf tt sc sl bfseries itshape scshape ttfamily upshape normalfont small large tiny ! / - @`,
  ),
  ...all(
    { does: "blank" },
    "quad qquad enspace thinspace space par newline linebreak hfill , : ; > \\",
  ),
  [" ", { does: "blank" }],
  ["not", { does: "negate" }],
  ...FORMULA_ACCENTS.map(([name, mark]): [string, Form] => [name, { does: "accent", mark }]),
  ...all({ does: "alphabet", capital: BLACKBOARD, small: 0x1d552 }, "mathbb Bbb mathds"),
  ...all({ does: "alphabet", capital: 0x1d49c, small: 0x1d4b6 }, "mathcal mathscr cal"),
  ...all({ does: "alphabet", capital: 0x1d504, small: 0x1d51e }, "mathfrak frak"),
]);

/** Letters that Unicode had before the alphabets of U+1D400, which leave a hole in their place. */
export const OLDER_LETTERS: ReadonlyMap<number, string> = new Map(
  pairs(`1d49d ℬ 1d4a0 ℰ 1d4a1 ℱ 1d4a3 ℋ 1d4a4 ℐ 1d4a7 ℒ 1d4a8 ℳ 1d4ad ℛ 1d4ba ℯ 1d4bc ℊ 1d4c4 ℴ
    1d506 ℭ 1d50b ℌ 1d50c ℑ 1d515 ℜ 1d51d ℨ 1d53a ℂ 1d53f ℍ 1d545 ℕ 1d547 ℙ 1d548 ℚ 1d549 ℝ
    1d551 ℤ`).map(([code, letter]) => [Number.parseInt(code, 16), letter]),
);
