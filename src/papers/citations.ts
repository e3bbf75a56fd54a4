/** Writes papers as reference managers read them: BibTeX and RIS. */
import { latexText } from "./latex/reader.ts";
import type { Paper } from "./paper.ts";

/** What TeX would take for a sign of its own. */
const SPECIAL: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  "%": "\\%",
  "&": "\\&",
  $: "\\$",
  "#": "\\#",
  _: "\\_",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
};

/** Returns papers as BibTeX, each under a key of its own. */
export function writeBibtex(papers: readonly Paper[]): string {
  return papers.map((paper) => `${bibtexEntry(paper)}\n`).join("\n");
}

function bibtexEntry(paper: Paper): string {
  const fields = [
    // Double braces keep the title's capitals.
    ["title", `{${tex(latexText(paper.title))}}`],
    ["author", paper.authors.map((name) => tex(latexText(name))).join(" and ")],
    ["year", yearOf(paper)],
    ["eprint", paper.arxivId ?? ""],
    ["archivePrefix", paper.arxivId === null ? "" : "arXiv"],
    ["url", urlOf(paper)],
    ["abstract", tex(latexText(paper.abstract ?? ""))],
  ].filter(([, value]) => value !== "");
  const lines = fields.map(([name, value]) => `  ${name} = {${value}},`);
  return [`@misc{${keyOf(paper)},`, ...lines, "}"].join("\n");
}

/** Returns papers as RIS. */
export function writeRis(papers: readonly Paper[]): string {
  return papers.map((paper) => `${risEntry(paper)}\r\n`).join("");
}

function risEntry(paper: Paper): string {
  const fields: (readonly [string, string])[] = [
    ["TY", "PREPRINT"],
    ["TI", latexText(paper.title)],
    ...paper.authors.map((name) => ["AU", lastNameFirst(latexText(name))] as const),
    ["PY", yearOf(paper)],
    ["AN", paper.arxivId === null ? "" : `arXiv:${paper.arxivId}`],
    ["UR", urlOf(paper)],
    ["AB", latexText(paper.abstract ?? "")],
  ];
  const written = fields
    .map(([tag, value]) => [tag, value.replace(/[\p{Cc}\s]+/gu, " ").trim()] as const)
    .filter(([, value]) => value !== "");
  return [...written.map(([tag, value]) => `${tag}  - ${value}`), "ER  - "].join("\r\n");
}

function tex(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, " ").trim();
  return line.replace(/[\\{}%&$#_~^]/g, (sign) => SPECIAL[sign] ?? sign);
}

function keyOf({ authors, arxivId, key, ...paper }: Paper): string {
  const last = (authors[0] ?? "").split(" ").at(-1) ?? "";
  const name = last
    .normalize("NFKD")
    .replace(/[^A-Za-z]/g, "")
    .toLowerCase();
  const number = (arxivId ?? String(key)).replace(/[^\w.]/g, "-");
  return `${name || "paper"}${yearOf(paper)}-${number}`;
}

function yearOf(paper: Pick<Paper, "publishedOn" | "day">): string {
  return (paper.publishedOn ?? paper.day ?? "").slice(0, 4);
}

function urlOf({ links }: Pick<Paper, "links">): string {
  return links.abstract ?? links.discussion ?? links.project ?? links.pdf ?? "";
}

function lastNameFirst(name: string): string {
  const parts = name.split(" ");
  return parts.length < 2 ? name : `${parts.at(-1)}, ${parts.slice(0, -1).join(" ")}`;
}
