/**
 * What a preview shows stands whole in its address, so that it can be shared, reloaded and compared:
 * which letter, of which day, for which reader, in which view.
 */
import { CADENCES, parseDate, type Cadence } from "../../editions/period.ts";
import type { CalendarDate } from "../../papers/text.ts";

/** The views, with the words on their tabs. */
export const VIEWS = {
  letter: "Letter",
  text: "Text",
  inbox: "Inbox",
  headers: "Headers",
  source: "Source",
  checks: "Checks",
  why: "Why these",
  send: "Send a test",
} as const;
export type View = keyof typeof VIEWS;

/** How the letter is coloured. The last is what some programs do to letters, as we imitate it. */
export const SCHEMES = {
  light: "Light",
  dark: "Dark",
  inverted: "Inverted (simulated)",
} as const;
export type Scheme = keyof typeof SCHEMES;

export const WIDTHS = {
  both: "Side by side",
  desktop: "Desktop",
  phone: "Phone, 390",
  small: "Small, 320",
} as const;
export type Width = keyof typeof WIDTHS;

export interface PreviewState {
  /** "edition", or the name of a fixture or notice. */
  readonly letter: string;
  readonly cadence: Cadence;
  readonly date: CalendarDate;
  /** The address of a subscriber; empty for a one-off letter. */
  readonly reader: string;
  readonly view: View;
  readonly scheme: Scheme;
  readonly width: Width;
  readonly images: boolean;
}

/** What holds where an address says nothing. */
export type Defaults = Pick<PreviewState, "cadence" | "date" | "reader">;

const EDITION = "edition";

/** Returns what the query of an address says. Throws DATE_INVALID; other nonsense counts as nothing. */
export function readState(
  query: Readonly<Record<string, string | undefined>>,
  defaults: Defaults,
): PreviewState {
  const { letter, cadence, date, as, view, scheme, width, images } = query;
  return {
    letter: letter && /^[a-z0-9-]{1,40}$/.test(letter) ? letter : EDITION,
    cadence: CADENCES.find((known) => known === cadence) ?? defaults.cadence,
    date: date === undefined ? defaults.date : parseDate(date),
    reader: (as ?? defaults.reader).trim().slice(0, 320),
    view: nameIn(VIEWS, view) ?? "letter",
    scheme: nameIn(SCHEMES, scheme) ?? "light",
    width: nameIn(WIDTHS, width) ?? "both",
    images: images !== "off",
  };
}

function nameIn<Names extends object>(
  names: Names,
  name: string | undefined,
): keyof Names | undefined {
  return name !== undefined && Object.hasOwn(names, name) ? (name as keyof Names) : undefined;
}

/** Returns the address of `path` for a state with some `changes`; what goes without saying is left out. */
export function linkTo(
  path: string,
  state: PreviewState,
  changes: Partial<PreviewState> = {},
): string {
  const { letter, cadence, date, reader, view, scheme, width, images } = { ...state, ...changes };
  const query = new URLSearchParams();
  if (letter !== EDITION) query.set("letter", letter);
  query.set("date", date);
  query.set("cadence", cadence);
  query.set("as", reader);
  if (view !== "letter") query.set("view", view);
  if (scheme !== "light") query.set("scheme", scheme);
  if (width !== "both") query.set("width", width);
  if (!images) query.set("images", "off");
  return `${path}?${query}`;
}
