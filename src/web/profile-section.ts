/**
 * What was learned of a reader, in words: what lets a paper rise, by the liked papers it is from, and what
 * lets one fall.
 */
import { html } from "hono/html";
import { counted } from "../io/plural.ts";
import { latexText } from "../papers/latex/reader.ts";
import type { Profile, ProfileTerm } from "../papers/profile.ts";
import type { Opinion } from "../subscribers/opinions.ts";
import type { Markup } from "./pages.ts";

/** Liked papers that are shown with their words, those that say most first; the others stand in the table. */
const PAPERS_SHOWN = 6;
const WORDS_SHOWN = 12;
/** Of the weight of the strongest term on its side: terms above it stand out. */
const STRONG = 0.5;

/** Returns the part of a page that tells what was learned from `opinions`. */
export function profileSection(
  profile: Profile | null,
  opinions: readonly Pick<Opinion, "verdict">[],
): Markup {
  if (!profile) {
    return html`<p>Nothing yet: your letters hold what trends, and what you follow.</p>`;
  }
  const { terms } = profile;
  const groups = groupsOf(profile);
  const falling = terms.filter(({ weight }) => weight < 0);
  const most = Math.max(0, ...terms.map(({ weight }) => weight));
  const left = groups.length - PAPERS_SHOWN;
  return html`<p>
      From ${counted(profile.opinions, "paper")}. These words are looked for in the papers of the
      day, and nothing else is known of you here. Those in bold count most.
    </p>
    ${
      groups.length > 0 &&
      html`<h2>What lets a paper rise</h2>
        <p>
          Words that the papers you like say more often than others do, under the paper that says
          them most.
        </p>
        ${groups.slice(0, PAPERS_SHOWN).map(
          ({ title, terms: own }) =>
            html`<h3 dir="auto">${title}</h3>
              ${wordList(own, most)}`,
        )}
        ${left > 0 && html`<p class="meta">${counted(left, "further paper")} in the table below.</p>`}`
    }
    ${
      falling.length > 0 &&
      html`<h2>What lets a paper fall</h2>
        <p>${whyFalling(opinions, groups.length > 0)}</p>
        ${wordList(falling, Math.max(...falling.map(({ weight }) => -weight)))}`
    }
    ${allTerms(profile)}`;
}

interface Group {
  readonly title: string;
  readonly terms: readonly ProfileTerm[];
}

/** Returns the liked papers that terms are from, those first whose terms weigh most together. */
function groupsOf({ terms, liked }: Profile): Group[] {
  const groups = new Map<number, ProfileTerm[]>();
  for (const term of terms) {
    if (term.from !== null) groups.set(term.from, [...(groups.get(term.from) ?? []), term]);
  }
  const weightOf = (some: readonly ProfileTerm[]) =>
    some.reduce((sum, { weight }) => sum + weight, 0);
  return [...groups]
    .toSorted((a, b) => weightOf(b[1]) - weightOf(a[1]))
    .map(([from, own]) => ({ title: latexText(liked[from] ?? ""), terms: own }));
}

function whyFalling(opinions: readonly Pick<Opinion, "verdict">[], isAnyLiked: boolean): string {
  const isUnwanted = opinions.some(({ verdict }) => verdict === "less");
  const unwanted = "Words of papers that you want less of";
  const unsaid = "words that are frequent elsewhere and that the papers you like hardly say";
  if (!isAnyLiked) return `${unwanted}.`;
  return isUnwanted ? `${unwanted}, and ${unsaid}.` : `W${unsaid.slice(1)}.`;
}

function wordList(terms: readonly ProfileTerm[], most: number): Markup {
  const isStrong = (weight: number) => Math.abs(weight) >= STRONG * most;
  return html`<ul class="words">
    ${terms
      .slice(0, WORDS_SHOWN)
      .map(
        ({ term, weight }) =>
          html`<li>${isStrong(weight) ? html`<strong>${term}</strong>` : term}</li>`,
      )}
  </ul>`;
}

function allTerms({ terms, liked }: Profile): Markup {
  const from = (place: number | null) => (place === null ? "" : latexText(liked[place] ?? ""));
  return html`<details>
    <summary>All ${counted(terms.length, "word")} with their weights</summary>
    <p>
      A paper's likeness is the sum of the weights of the words that it says, each times how much it
      says that word. Below zero it speaks against the paper.
    </p>
    <table class="terms">
      <thead>
        <tr>
          <th scope="col">Words</th>
          <th scope="col">Weight</th>
          <th scope="col">From</th>
        </tr>
      </thead>
      <tbody>
        ${terms.map(
          ({ term, weight, from: place }) =>
            html`<tr>
              <td>${term}</td>
              <td>${weight.toFixed(2)}</td>
              <td dir="auto">${from(place)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}
