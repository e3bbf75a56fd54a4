/** What a visitor sends, taken in at the border: fields as plain text, and what tells people from machines. */
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import type { Links } from "../subscribers/links.ts";

/** The fields of a form or of a JSON object. Those that are sent twice count once. */
export type Fields = ReadonlyMap<string, string>;

/** What can't be taken, and in which field; with how it was written, it is told beside that field. */
export interface Wrong {
  readonly wrong: string;
  readonly field: string;
  readonly text?: string;
}

/** What a body is that can't be read. */
export type Unreadable = "type" | "text";

const FORM_TYPES = /^(application\/x-www-form-urlencoded|multipart\/form-data)\s*(;|$)/i;
const JSON_TYPE = /^application\/json\s*(;|$)/i;

/** A form that was opened this long ago is asked for once more. */
const SEAL_MAX_MS = 24 * 3_600_000;

/** A field that people don't see. Browsers know no name like it, so that none fills it in for them. */
export const TRAP = "remark";

/** Whether a request comes from a program, which is answered in JSON whatever happens. */
export function isOfProgram(context: Context): boolean {
  return context.req.path.startsWith("/api/");
}

/** Returns the fields of a form, or what is wrong with the body. */
export async function readForm(context: Context): Promise<Fields | Unreadable> {
  const type = context.req.header("content-type") ?? "";
  if (!FORM_TYPES.test(type)) return "type";
  try {
    const bytes = await context.req.arrayBuffer();
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (/^multipart/i.test(type)) {
      // A multipart body says where it ends; the parser refuses one that does not.
      const body = new Response(bytes, { headers: { "Content-Type": type } });
      return plainFields(await body.formData());
    }
    // A percent sign that encodes no UTF-8 would be replaced without a word.
    decodeURIComponent(text.replaceAll("+", " "));
    return plainFields(new URLSearchParams(text));
  } catch (fault) {
    return unreadable(fault);
  }
}

/**
 * Returns the fields of a form and the text of the file in its field `name`, null without one; or what is
 * wrong with the body. A file that is no UTF-8 is read as the text that old programs write.
 */
export async function readFormWithFile(
  context: Context,
  name: string,
): Promise<{ readonly fields: Fields; readonly file: string | null } | Unreadable> {
  if (!/^multipart/i.test(context.req.header("content-type") ?? "")) {
    const fields = await readForm(context);
    return typeof fields === "string" ? fields : { fields, file: null };
  }
  try {
    const form = await context.req.formData();
    const file = form.get(name);
    const isGiven = file instanceof File && file.size > 0;
    const fields = plainFields(form);
    // The body can't be held to UTF-8 where a file need not be; what was none in a field shows there.
    if ([...fields.values()].some((value) => value.includes("\ufffd"))) return "text";
    return { fields, file: isGiven ? decode(await file.arrayBuffer()) : null };
  } catch (fault) {
    return unreadable(fault);
  }
}

function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** Returns the fields of a JSON object: text, numbers, or lists of texts, whose items stand line by line. */
export async function readJson(context: Context): Promise<Fields | Unreadable | Wrong> {
  if (!JSON_TYPE.test(context.req.header("content-type") ?? "")) return "type";
  try {
    const bytes = await context.req.arrayBuffer();
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return "text";
    const fields = new Map<string, string>();
    for (const [field, part] of Object.entries(value)) {
      if (part === null) continue;
      const text = textOf(part);
      const wrong = `"${field.slice(0, 40)}" is neither text nor a number, nor a list of texts.`;
      if (text === null) return { wrong, field };
      fields.set(field, printable(text));
    }
    return fields;
  } catch (fault) {
    return unreadable(fault);
  }
}

function textOf(part: unknown): string | null {
  if (typeof part === "string") return part;
  if (typeof part === "number") return String(part);
  const isList = Array.isArray(part) && part.every((item) => typeof item === "string");
  return isList ? part.join("\n") : null;
}

/** Returns what shows when a form was opened; nobody but us can make one, and no two are the same. */
export function sealForm(links: Pick<Links, "mark">, now: Date): string {
  const opened = `${now.getTime().toString(36)}.${randomBytes(6).toString("hex")}`;
  return `${opened}-${links.mark(`form:${opened}`)}`;
}

/** Whether a seal is ours, and neither too fresh to be of a person nor too old. */
export function isSealGood(
  seal: string,
  { links, now, minimumMs }: { links: Pick<Links, "marks">; now: Date; minimumMs: number },
): boolean {
  const [opened = "", ...rest] = seal.split("-");
  if (!/^[0-9a-z]{1,10}\.[0-9a-f]{12}$/.test(opened)) return false;
  const given = Buffer.from(rest.join("-"));
  const isOurs = links.marks(`form:${opened}`).some((mark) => {
    const expected = Buffer.from(mark);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!isOurs) return false;
  const age = now.getTime() - Number.parseInt(opened, 36);
  return age >= minimumMs && age <= SEAL_MAX_MS;
}

/** A country with more zones than this has no likely one. */
const ZONES_MAX = 2;
const LANGUAGES_MAX = 10;
/** Spoken everywhere, so that without a country they say nothing of where. */
const OF_THE_WORLD: ReadonlySet<string> = new Set(["en", "es", "pt", "fr", "ar"]);

/**
 * Returns a time zone that a visitor with these languages may well live in, or null. The first language
 * decides that names a country or is spoken in one above all; browsers tell nothing better without a
 * script.
 */
export function guessTimeZone(acceptLanguage: string): string | null {
  for (const part of acceptLanguage.slice(0, 200).split(",").slice(0, LANGUAGES_MAX)) {
    const country = countryOf(part.split(";")[0]?.trim() ?? "");
    if (!country) continue;
    const zones = new Intl.Locale("und", { region: country }).getTimeZones();
    return zones?.[0] && zones.length <= ZONES_MAX ? zones[0] : null;
  }
  return null;
}

function countryOf(tag: string): string | null {
  try {
    const locale = new Intl.Locale(tag);
    if (locale.region !== undefined || OF_THE_WORLD.has(locale.language)) {
      return locale.region ?? null;
    }
    return locale.maximize().region ?? null;
  } catch {
    // No language; the next may be one.
    return null;
  }
}

/** Returns text as it may stand on a page: without what controls a terminal, which HTML can't hold. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\t\n\r]/gu, "");
}

function plainFields(entries: Iterable<[string, unknown]>): Fields {
  const fields = new Map<string, string>();
  for (const [name, value] of entries) {
    if (typeof value === "string" && !fields.has(name)) fields.set(name, printable(value));
  }
  return fields;
}

/** What the framework answers by itself, to a body over the limit, goes on its way. */
function unreadable(fault: unknown): Unreadable {
  if (fault instanceof TypeError || fault instanceof SyntaxError || fault instanceof URIError) {
    return "text";
  }
  throw fault;
}
