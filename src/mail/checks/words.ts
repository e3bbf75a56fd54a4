/** What the letter says: its links, subject and preheader, and that both parts say the same. */
import { quoted, type CheckedLetter, type Tell } from "./finding.ts";
import { plain, wordsShown, type Link, type Page } from "./page.ts";

/** Phones show 33 to 48 characters of a subject, desktops about 60. */
const SUBJECT_MAX = 60;
const PREHEADER_MAX = 100;
/** Words of the HTML that must be in the text as well. */
const PARITY_WANTED = 0.99;
/** Below this, the parts are two different letters. */
const PARITY_MIN = 0.9;

/** Services that hide where a link goes, which providers hold against a letter. */
const SHORTENERS = new Set(
  "bit.ly t.co tinyurl.com goo.gl ow.ly is.gd buff.ly rb.gy cutt.ly lnkd.in".split(" "),
);
/** What our templates fence values in; none may be left in a printed letter. */
// oxlint-disable-next-line no-control-regex -- it is the character that is looked for
const PLACEHOLDER = /\u0001/;
const SHOUTED_MIN = 8;

/** Looks at every link: where it leads, and what is said of it. */
export function checkLinks({ links }: Page, letter: CheckedLetter, tell: Tell): void {
  const names = new Map<string, string>();
  for (const link of links) {
    const shown = quoted(link.name || link.url);
    const fault = faultOfUrl(link.url, letter.siteUrl);
    if (fault) tell("error", `The link ${shown} ${fault}.`, "Link to a page by https.");
    if (link.name === "") {
      const message = `The link to ${quoted(link.url)} has no name.`;
      tell("error", message, "Put words inside of it, or an aria-label on it.");
    }
    if (isShortened(link.url)) {
      const message = `The link ${shown} hides where it leads.`;
      tell("warning", message, "Link to the page itself.");
    }
    const posed = poses(link);
    // A paper may be titled like an address, so this can't be what stops a letter.
    if (posed)
      tell("warning", `A link shows ${quoted(posed)} and leads elsewhere.`, "Name the page.");
    const before = names.get(link.name.toLowerCase());
    if (before !== undefined && before !== link.url && link.name !== "") {
      const message = `Two links are called ${shown} and lead to different pages.`;
      tell("warning", message, "Give each an aria-label that tells them apart.");
    }
    names.set(link.name.toLowerCase(), link.url);
  }
}

/** Finds places that nothing was put into, in any form of the letter. */
export function checkPlaceholders(letter: CheckedLetter, tell: Tell): void {
  const forms = [letter.subject, letter.preheader, letter.text, letter.html ?? ""];
  if (forms.some((form) => PLACEHOLDER.test(form))) {
    const message = "A place for a reader's own values was left empty.";
    tell("error", message, "Print the letter for a reader before it is sent.");
  }
}

/** Looks at the subject as an inbox shows it. */
export function checkSubject({ subject }: CheckedLetter, tell: Tell): void {
  if (subject.trim() === "") return tell("error", "The letter has no subject.", "Write one.");
  if (subject.length > SUBJECT_MAX) {
    const message = `The subject has ${subject.length} characters; inboxes show about ${SUBJECT_MAX}.`;
    tell("warning", message, "Say the news in fewer words.");
  }
  if (/^(?:re|fwd?|aw|sv|tr|wg)\s*:/i.test(subject)) {
    const message = "The subject looks like an answer to somebody.";
    tell("warning", message, "Begin with something else than Re: or Fwd:.");
  }
  const letters = subject.match(/\p{L}/gu) ?? [];
  if (
    letters.length >= SHOUTED_MIN &&
    letters.every((each) => each === each.toUpperCase() && each !== each.toLowerCase())
  ) {
    tell("warning", "The subject is in capitals only.", "Write it in small letters.");
  }
}

/** Looks at what an inbox shows beside the subject. */
export function checkPreheader(page: Page | null, letter: CheckedLetter, tell: Tell): void {
  const { subject, preheader } = letter;
  if (preheader.trim() === "") {
    const message = "There is no preheader; an inbox shows the letter's first words.";
    return tell("note", message, "That is right for a letter of one paper or of none.");
  }
  if (preheader.trim().toLowerCase() === subject.trim().toLowerCase()) {
    tell("warning", "The preheader repeats the subject.", "Say something else in it.");
  }
  if (preheader.length > PREHEADER_MAX) {
    const message = `The preheader has ${preheader.length} characters; inboxes show up to ${PREHEADER_MAX}.`;
    tell("warning", message, "Say it in fewer words.");
  }
  if (page && !wordsShown(page).startsWith(plain(preheader))) {
    const message = "The preheader is not what the letter begins with.";
    tell("warning", message, "Show it first; hidden text is taken for a trick of spammers.");
  }
}

/** Compares both parts: filters count a difference against a letter, and readers of text miss it. */
export function checkParity(page: Page, { text }: CheckedLetter, tell: Tell): void {
  const inText = counts(wordsIn(text.replaceAll(URLS, " ")));
  const inHtml = wordsIn(wordsShown(page).replaceAll(URLS, " "));
  const missing = inHtml.filter((word) => !take(inText, word));
  const share = inHtml.length === 0 ? 1 : 1 - missing.length / inHtml.length;
  if (share < PARITY_WANTED) {
    const sample = quoted([...new Set(missing)].slice(0, 8).join(" "));
    const percent = Math.floor(share * 1000) / 10;
    tell(
      share < PARITY_MIN ? "error" : "warning",
      `The text part has ${percent} % of the words of the HTML; missing are ${sample}.`,
      "Say the same in both templates.",
    );
  }
  const linked = page.links.map(({ url }) => url).filter((url) => /^https?:/i.test(url));
  const written = counts(text.match(URLS) ?? []);
  const lost = linked.filter((url) => !take(written, url));
  // An address may be words of a paper, which no template can make a link of.
  const spoken = counts(wordsShown(page).match(URLS) ?? []);
  const extra = [...written].flatMap(([url, count]) => (count > (spoken.get(url) ?? 0) ? url : []));
  if (lost.length + extra.length > 0) {
    const message = `The parts do not link to the same pages: ${lost.length} only in HTML, ${extra.length} only in text, such as ${quoted(lost[0] ?? extra[0] ?? "")}.`;
    tell("warning", message, "Write every link of the one template in the other.");
  }
}

const RAISED = /[\u00b2\u00b3\u00b9\u2070-\u209c\u02b0-\u02b8\u1d2c-\u1d6a]+/g;
/** Where a script has no blanks, text may be broken between any two characters. */
const WIDE =
  "[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}]";
const WORDS = new RegExp(`${WIDE}|(?:(?!${WIDE})[\\p{L}\\p{N}])+`, "gu");
const URLS = /https?:\/\/[^\s<>]+/gi;

/** Returns the words; what HTML raises and lowers, plain text writes in characters of their own. */
function wordsIn(text: string): string[] {
  const level = text.replace(RAISED, (run) => ` ${run.normalize("NFKC")} `);
  return level.toLowerCase().match(WORDS) ?? [];
}

function counts(words: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const word of words) found.set(word, (found.get(word) ?? 0) + 1);
  return found;
}

function take(from: Map<string, number>, word: string): boolean {
  const left = from.get(word) ?? 0;
  from.set(word, left - 1);
  return left > 0;
}

/** Returns what is wrong with where a link leads, or null. */
function faultOfUrl(url: string, siteUrl: string): string | null {
  if (/^mailto:[^\s]+@/i.test(url)) return null;
  const parsed = URL.parse(url);
  if (!parsed) return "leads nowhere";
  if (parsed.protocol !== "https:" && parsed.protocol !== "http:") {
    return `leads to ${quoted(parsed.protocol)} instead of a page`;
  }
  if (parsed.username !== "" || parsed.password !== "") return "holds a user name or password";
  // The pages of a newsletter that is tried on one machine are there as well.
  if (parsed.origin === URL.parse(siteUrl)?.origin) return null;
  if (/^\[|^\d+(?:\.\d+){3}$/.test(parsed.hostname)) return "leads to a bare IP address";
  return null;
}

function isShortened(url: string): boolean {
  return SHORTENERS.has(URL.parse(url)?.hostname.toLowerCase() ?? "");
}

/** Returns the address that a link's text shows, if it is not the one that it leads to. */
function poses({ url, text }: Link): string | null {
  if (!/^(?:https?:\/\/|www\.)\S+$/i.test(text)) return null;
  const shown = URL.parse(/^www\./i.test(text) ? `https://${text}` : text);
  return shown && shown.href === URL.parse(url)?.href ? null : text;
}
