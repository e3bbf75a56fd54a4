/**
 * In which words a letter says what is not of a paper: one file a language, found by its tag. A new one
 * is a file beside the others, and a line here and in `config/language.ts`.
 */
import type { Language } from "../config/language.ts";
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

/** Returns the words of a language. */
export function wordingIn(language: Language): Wording {
  return WORDINGS[language];
}
