/** Time zones as a reader looks for one: by region, and by the name of a city. */
import { html } from "hono/html";
import { isTimeZone } from "../config/schema.ts";
import type { Markup } from "./pages.ts";

/** What Intl still lists under the names of former times, and as they are called today. */
const RENAMED: Readonly<Record<string, string>> = {
  "Africa/Asmera": "Africa/Asmara",
  "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
  "America/Catamarca": "America/Argentina/Catamarca",
  "America/Coral_Harbour": "America/Atikokan",
  "America/Cordoba": "America/Argentina/Cordoba",
  "America/Godthab": "America/Nuuk",
  "America/Indianapolis": "America/Indiana/Indianapolis",
  "America/Jujuy": "America/Argentina/Jujuy",
  "America/Louisville": "America/Kentucky/Louisville",
  "America/Mendoza": "America/Argentina/Mendoza",
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Atlantic/Faeroe": "Atlantic/Faroe",
  "Europe/Kiev": "Europe/Kyiv",
  "Pacific/Enderbury": "Pacific/Kanton",
  "Pacific/Ponape": "Pacific/Pohnpei",
  "Pacific/Truk": "Pacific/Chuuk",
};
/** No zone has a longer name, and none is an offset. */
const SHAPE = /^[A-Za-z][\w+-]{0,31}(?:\/[\w+-]{1,31}){0,2}$/;
const NAMES = Intl.supportedValuesOf("timeZone").map(nameOf);
/** What no region of the world has. */
const ELSEWHERE = "Elsewhere";
const REGIONS = regionsOf(NAMES);

/** Whether a reader may choose the zone: each that the configuration may name as well. */
export function isZone(name: string): boolean {
  return SHAPE.test(name) && isTimeZone(name);
}

/** Returns the options of all zones, with `chosen` among them whatever it is called. */
export function zoneOptions(chosen: string): Markup {
  const known = nameOf(chosen);
  const option = (name: string, label: string) =>
    html`<option value="${name}" ${name === known ? "selected" : ""}>${label}</option>`;
  const isKnown = NAMES.includes(known) || known === "UTC";
  return html`${!isKnown && option(known, known)}${option("UTC", "UTC")}${REGIONS.map(
    ([region, zones]) =>
      html`<optgroup label="${region}">
        ${zones.map(([name, city]) => option(name, city))}
      </optgroup>`,
  )}`;
}

function nameOf(name: string): string {
  return RENAMED[name] ?? name;
}

function regionsOf(names: readonly string[]): [string, [string, string][]][] {
  const regions = new Map<string, [string, string][]>();
  for (const name of names) {
    if (name === "UTC") continue;
    const [region, ...place] = name.replaceAll("_", " ").split("/");
    const [first = name, ...within] = place.toReversed();
    // "America/Argentina/Salta" is looked for under S.
    const city = [first, ...within].join(", ");
    const known = place.length > 0 && region !== "Etc" ? (region ?? ELSEWHERE) : ELSEWHERE;
    regions.set(known, [...(regions.get(known) ?? []), [name, city]]);
  }
  return [...regions].map(([region, zones]) => [
    region,
    zones.toSorted(([, a], [, b]) => a.localeCompare(b, "en")),
  ]);
}
