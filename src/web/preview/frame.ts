/**
 * A letter's own HTML, made ready for a frame of the preview: in the colours that are asked for, and
 * with no more than it may do. What is exported and sent has none of this.
 */
import type { Context } from "hono";
import type { Scheme } from "./state.ts";

/**
 * A frame can't be told a colour scheme in every browser, and the reader's own would win over it. So
 * the question that the letter asks (`prefers-color-scheme`) is answered in its text.
 */
export function inScheme(letter: string, scheme: Scheme): string {
  const dark = scheme === "dark";
  const answered = letter
    .replace(/\(\s*prefers-color-scheme:\s*dark\s*\)/gi, dark ? "(min-width: 0)" : "(max-width: 0)")
    .replace(
      /\(\s*prefers-color-scheme:\s*light\s*\)/gi,
      dark ? "(max-width: 0)" : "(min-width: 0)",
    )
    .replace(/(color-schemes?"\s+content=")[^"]*"/gi, `$1${dark ? "dark" : "light"}"`)
    .replace(/(color-schemes?:\s*)light dark/gi, `$1${dark ? "dark" : "light"}`);
  return scheme === "inverted" ? withStyle(answered, INVERSION) : answered;
}

/**
 * Imitates programs that turn the colours of a light letter around, such as Gmail on phones: light and
 * dark change places, hues stay, pictures are left alone. Theirs differ in detail.
 */
const INVERSION = `
html { background: #fff; filter: invert(1) hue-rotate(180deg); min-height: 100vh; }
img { filter: invert(1) hue-rotate(180deg); }`;

function withStyle(letter: string, css: string): string {
  return letter.replace(/<\/head>/i, `<style>${css}</style></head>`);
}

/** Returns the letter without the addresses of its pictures, as programs show it before one agrees. */
export function withoutImages(letter: string): string {
  return letter.replace(/(<img\b[^>]*?\s)src="[^"]*"/gi, "$1");
}

/**
 * Answers with a letter for a sandboxed frame: it brings its style along, may run nothing, submit
 * nothing and load nothing but, where `images`, pictures over https.
 */
export function framed(context: Context, letter: string, images: boolean): Response {
  const pictures = images ? "img-src data: https:" : "img-src data:";
  context.header(
    "Content-Security-Policy",
    `default-src 'none'; style-src 'unsafe-inline'; ${pictures}; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox`,
  );
  // A letter shown may hold a reader's links, which say who that is.
  context.header("Referrer-Policy", "no-referrer");
  return context.html(letter.replace(/<head>/i, '<head><base target="_blank">'));
}
