/** What a reader may follow and mute on a page: the fields of the form, and what they say. */
import { html } from "hono/html";
import {
  contradictionsIn,
  readPhrases,
  WORD_LISTS,
  type Interests,
  type WordList,
} from "../papers/interests.ts";
import { TOPICS } from "../papers/topics.ts";
import type { Markup } from "./pages.ts";
import type { Fields, Wrong } from "./visitor.ts";

/** What the choice of topics is called. */
export const TOPICS_LABEL = "Topics to follow";

/** What is said of each list, and what an example of it is. */
export const LISTS: Readonly<Record<WordList, { label: string; hint: string }>> = {
  keywords: {
    label: "Keywords",
    hint: "Words or phrases of titles and abstracts, such as world model",
  },
  authors: { label: "Authors", hint: "One full name a line, such as Yann LeCun" },
  organizations: { label: "Organisations", hint: "One a line, such as Google DeepMind" },
  muted: {
    label: "Never show papers with these words",
    hint: "Whole words: agent also stands for agents, but not for agentic",
  },
};

/**
 * Returns `before` with what the fields choose; a field that is left out changes nothing. `wrong` says
 * what can't be taken.
 */
export function readInterests(fields: Fields, before: Interests): Interests | Wrong {
  const topics = readTopics(fields, before.topics);
  if ("wrong" in topics) return topics;
  const lists: Record<WordList, readonly string[]> = { ...before };
  for (const list of WORD_LISTS) {
    const text = fields.get(list);
    if (text === undefined) continue;
    const phrases = readPhrases(text, list);
    if ("wrong" in phrases) return { ...phrases, field: list, text };
    lists[list] = phrases;
  }
  return { ...lists, topics };
}

/** A form has a box for each topic, and a program a list of their names in one text. */
function readTopics(fields: Fields, before: readonly string[]): readonly string[] | Wrong {
  const text = fields.get("topics");
  if (text === undefined) return before;
  const boxes = TOPICS.flatMap(({ id }) => (fields.has(`topic-${id}`) ? [id] : []));
  const named = new Set([...text.split(/[\s,]+/).filter(Boolean), ...boxes]);
  const chosen = TOPICS.flatMap(({ id }) => (named.has(id) ? [id] : []));
  return chosen.length === named.size
    ? chosen
    : { wrong: "There is no such topic.", field: "topics" };
}

const BY_NAME = TOPICS.toSorted((a, b) => a.name.localeCompare(b.name, "en"));

/** Returns the choice of topics; where it is folded, it opens by itself for what is chosen. */
export function topicFields(
  { topics }: Pick<Interests, "topics">,
  { isFolded = false }: { readonly isFolded?: boolean } = {},
): Markup {
  const boxes = html`<div class="choices">
    ${BY_NAME.map(
      ({ id, name }) =>
        html`<label
          ><input type="checkbox" name="topic-${id}" ${topics.includes(id) ? "checked" : ""} />
          ${name}</label
        >`,
    )}
  </div>`;
  return html`<fieldset>
    <legend>${TOPICS_LABEL}</legend>
    <input type="hidden" name="topics" value="" />
    ${
      isFolded
        ? html`<details ${topics.length > 0 ? "open" : ""}>
            <summary>Choose among ${TOPICS.length}</summary>
            ${boxes}
          </details>`
        : boxes
    }
  </fieldset>`;
}

/** Returns the choice of all that can be followed and muted, and says where it contradicts itself. */
export function interestFields(interests: Interests, wrong: Wrong | null): Markup {
  const contradictions = contradictionsIn(interests);
  return html`${topicFields(interests, { isFolded: true })}
    <fieldset>
      <legend>Follow and mute</legend>
      <p class="meta">
        Papers that match what you follow have a place in your letter, with a word on why. Muted
        words are stronger: a paper that holds one never comes.
      </p>
      ${
        contradictions.length > 0 &&
        html`<p class="note" role="note">
          Followed and muted at once: ${contradictions.map((phrase) => `“${phrase}”`).join(", ")}.
          Muted words win, so these papers don't come.
        </p>`
      }
      ${WORD_LISTS.map((list) => wordField(list, interests[list], wrong?.field === list ? wrong : null))}
    </fieldset>`;
}

function wordField(list: WordList, phrases: readonly string[], wrong: Wrong | null): Markup {
  const { label, hint } = LISTS[list];
  const told = wrong ? `${list}-problem ` : "";
  const isOpen = wrong !== null || phrases.length > 0;
  // A label within a summary would fold the field that it is pressed for.
  return html`<details ${isOpen ? "open" : ""}>
    <summary id="${list}-label">${label}</summary>
    ${wrong && html`<p class="problem" id="${list}-problem">${wrong.wrong}</p>`}
    <textarea
      id="${list}"
      name="${list}"
      rows="3"
      aria-labelledby="${list}-label"
      aria-describedby="${told}${list}-hint"
      ${wrong ? html`aria-invalid="true" autofocus` : ""}
    >
${wrong?.text ?? phrases.join("\n")}</textarea>
    <p class="hint" id="${list}-hint">${hint}</p>
  </details>`;
}
