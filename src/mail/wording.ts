/**
 * In which words a letter says what is not of a paper: one file a language, found by its tag. A new one
 * is a file beside the others, and a line here and in `config/language.ts`.
 */
import type { Language } from "../config/language.ts";
import { isolatedIn } from "./headline.ts";
import { arabic } from "./wording/arabic.ts";
import { chinese } from "./wording/chinese.ts";
import { english } from "./wording/english.ts";
import { french } from "./wording/french.ts";
import { german } from "./wording/german.ts";
import { spanish } from "./wording/spanish.ts";
import type { Wording } from "./wording/wording.ts";

const WORDINGS: Readonly<Record<Language, Wording>> = {
  en: english,
  de: german,
  fr: french,
  es: spanish,
  zh: chinese,
  ar: arabic,
};

const ISOLATING = Object.fromEntries(
  Object.entries(WORDINGS).map(([language, wording]) => [language, isolating(wording)]),
) as Record<Language, Wording>;

/** Returns the words of a language. */
export function wordingIn(language: Language): Wording {
  return ISOLATING[language];
}

/** Of pages, of the reasons that the ranking gives, and of letters where nothing else is chosen. */
export const ENGLISH = wordingIn("en");

/** Keeps what sentences tell of, which may be of another script, from turning them around. */
function isolating(wording: Wording): Wording {
  const isolated = (text: string) => isolatedIn(wording, text);
  return {
    ...wording,
    pictureOf: (title) => wording.pictureOf(isolated(title)),
    writtenBy: (model) => wording.writtenBy(isolated(model)),
    summaryBy: (source) => wording.summaryBy(isolated(source)),
    own: (kind, what) => wording.own(kind, isolated(what)),
    subscribed: (address, newsletter) =>
      wording.subscribed(isolated(address), isolated(newsletter)),
    oneOff: (newsletter) => wording.oneOff(isolated(newsletter)),
    questions: (contact) => wording.questions(isolated(contact)),
  };
}
