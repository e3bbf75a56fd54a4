/** Time zones as a reader looks for one: by region, and by the name of a city. */
import { html } from "hono/html";
import type { Markup } from "./pages.ts";

const NAMES = Intl.supportedValuesOf("timeZone");
/** What no region of the world has. */
const ELSEWHERE = "Elsewhere";
const REGIONS = regionsOf(NAMES);

/** Whether a reader may choose the zone. */
export function isZone(name: string): boolean {
  return name === "UTC" || NAMES.includes(name);
}

/** Returns the options of all zones, with `chosen` among them whatever it is called. */
export function zoneOptions(chosen: string): Markup {
  const option = (name: string, label: string) =>
    html`<option value="${name}" ${name === chosen ? "selected" : ""}>${label}</option>`;
  const isKnown = NAMES.includes(chosen) || chosen === "UTC";
  return html`${!isKnown && option(chosen, chosen)}${option("UTC", "UTC")}${REGIONS.map(
    ([region, zones]) =>
      html`<optgroup label="${region}">
        ${zones.map(([name, city]) => option(name, city))}
      </optgroup>`,
  )}`;
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
