/** The languages that the frame of a letter is written in, each under its name in itself. */

/** By BCP 47 tag. */
export const LANGUAGES = {
  en: "English",
  de: "Deutsch",
  fr: "Français",
  es: "Español",
  zh: "简体中文",
  ar: "العربية",
} as const;
export type Language = keyof typeof LANGUAGES;

/** The tags of the languages, for where one is chosen. */
export const LANGUAGE_TAGS = Object.keys(LANGUAGES) as [Language, ...Language[]];

/** Returns the language that was stored as `tag`; null where none was, or one that is no more. */
export function storedLanguage(tag: string | null): Language | null {
  return isLanguage(tag) ? tag : null;
}

/** Whether `tag` is one of the languages. */
export function isLanguage(tag: unknown): tag is Language {
  return typeof tag === "string" && Object.hasOwn(LANGUAGES, tag);
}
