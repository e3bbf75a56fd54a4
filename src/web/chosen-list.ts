/** What was chosen along with an address, shown to whoever reads there: somebody else may have asked. */
import { html } from "hono/html";
import { LANGUAGES } from "../config/language.ts";
import { WORD_LISTS } from "../papers/interests.ts";
import { TOPICS } from "../papers/topics.ts";
import type { FirstChoices } from "../subscribers/request-asking.ts";
import { CHOICE_LABELS, WEEKDAYS } from "./choices.ts";
import { LISTS, TOPICS_LABEL } from "./interest-fields.ts";
import type { Markup } from "./pages.ts";

/** Returns the list of what was chosen beside the cadence; nothing where that was all. */
export function chosenList(chosen: FirstChoices): Markup | "" {
  const lines = linesOf(chosen).filter(([, told]) => told !== "");
  if (lines.length === 0) return "";
  return html`<p>This was chosen with it, and can be changed later:</p>
    <ul class="plain">
      ${lines.map(([label, told]) => html`<li>${label}: <bdi>${told}</bdi></li>`)}
    </ul>`;
}

function linesOf({ textOnly, language, interests, ...clock }: FirstChoices): [string, string][] {
  const topics = TOPICS.filter(({ id }) => interests.topics.includes(id));
  return [
    [CHOICE_LABELS.clock, clockText(clock)],
    [CHOICE_LABELS.form, textOnly ? "plain text" : ""],
    [CHOICE_LABELS.language, language === null ? "" : LANGUAGES[language]],
    [TOPICS_LABEL, topics.map(({ name }) => name).join(", ")],
    ...WORD_LISTS.map((list): [string, string] => [LISTS[list].label, interests[list].join(", ")]),
  ];
}

function clockText({
  hour,
  weekday,
  timeZone,
}: Pick<FirstChoices, "hour" | "weekday" | "timeZone">) {
  if (hour === null && weekday === null) return "";
  const day = weekday === null ? "" : `${WEEKDAYS[weekday - 1] ?? ""},`;
  const time = hour === null ? "" : `from ${String(hour).padStart(2, "0")}:00`;
  return [day, time, `in the zone ${timeZone ?? "UTC"}`].filter(Boolean).join(" ");
}
