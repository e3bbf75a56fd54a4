/**
 * Tells how much of a letter's HTML and CSS the common mail programs understand, from the tests of
 * caniemail.com as its package carries them; nothing is asked of the network. The package is optional
 * and heavy: only who asks loads it.
 */

/** One family of mail programs. */
export interface FamilySupport {
  readonly name: string;
  /** Of what the letter's core uses, the share that the family understands; partly counts half. */
  readonly percent: number;
  /** The share that is asked for. */
  readonly wanted: number;
  /** What it does not understand and is not on the list of what a letter can do without. */
  readonly unsupported: readonly string[];
}

export interface ClientSupport {
  readonly families: readonly FamilySupport[];
  /** The day of the data. */
  readonly asOf: string;
  /** What some program does not understand, and why a letter may use it all the same. */
  readonly accepted: readonly { readonly feature: string; readonly reason: string }[];
}

type Stats = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;

interface Family {
  readonly name: string;
  readonly wanted: number;
  readonly clients: readonly `${string}.${string}`[];
}

const FAMILIES: readonly Family[] = [
  {
    name: "Gmail",
    wanted: 94,
    clients: ["gmail.desktop-webmail", "gmail.ios", "gmail.android", "gmail.mobile-webmail"],
  },
  {
    name: "Outlook (new, web, phone, Mac)",
    wanted: 94,
    clients: ["outlook.outlook-com", "outlook.ios", "outlook.android", "outlook.macos"],
  },
  { name: "Apple Mail", wanted: 97, clients: ["apple-mail.macos", "apple-mail.ios"] },
  { name: "Outlook (classic, Windows)", wanted: 78, clients: ["outlook.windows"] },
  {
    name: "Yahoo",
    wanted: 78,
    clients: ["yahoo.desktop-webmail", "yahoo.ios", "yahoo.android"],
  },
];

const STYLES =
  "Styles refine a letter that is whole without them: every colour and size stands inline.";
const UNDERLINE = "A link without it has the program's own underline.";
const WRAP = "A long word is broken in one program and may stick out in another.";

/** What a letter uses although some program lacks it, by its title at caniemail.com. */
const ACCEPTED: Readonly<Record<string, string>> = {
  "<style> element": STYLES,
  "@media": STYLES,
  ":hover": "A pointer over a link changes its underline and nothing else.",
  "Attribute selector": "Outlook's dark mode is told apart by it; others have no use for the rule.",
  "Chaining selectors": STYLES,
  "Child combinator": STYLES,
  "Class selector": STYLES,
  "Descendant combinator": STYLES,
  "ID selector": STYLES,
  "Type selector": STYLES,
  "color-scheme CSS property": "It keeps Apple Mail from inverting colours that we have chosen.",
  "color-scheme meta tag": "It keeps Apple Mail from inverting colours that we have chosen.",
  "text-decoration-color": UNDERLINE,
  "text-decoration-thickness": UNDERLINE,
  "text-underline-offset": UNDERLINE,
  "overflow-wrap": WRAP,
  "word-break": WRAP,
  "white-space": "Without it a number may stand on the next line.",
  "word-spacing": "MJML resets it for one program.",
  "border-radius": "Corners are square without it.",
  "table-layout": "Columns are as wide as their text without it; there is one.",
  "<body> element": "Its colour stands on the element inside of it as well.",
  "aria-label attribute": "Without it the link is called by its text.",
  outline: "MJML resets it on pictures, of which there are none by default.",
  overflow: "MJML has it for Thunderbird's side; nothing overflows.",
  "height property": "MJML resets it on pictures, of which there are none by default.",
};

/**
 * A program that no family holds. We say of it that it understands nothing, for the package names only
 * what a program lacks, and so it names everything that a letter uses.
 */
const KNOWS_NOTHING = { family: "sfr", platform: "ios", client: "sfr.ios" } as const;

/** Returns what mail programs make of `html`, or null where the package is not installed. */
export async function clientSupport(html: string): Promise<ClientSupport | null> {
  const library = await load();
  if (!library) return null;
  const { caniemail, rawData } = library;
  const statsOf = new Map<string, Stats>();
  for (const feature of rawData.data) {
    const stats = feature.stats as Record<string, Record<string, Record<string, string>>>;
    stats[KNOWS_NOTHING.family] = { [KNOWS_NOTHING.platform]: { "1": "n" } };
    statsOf.set(feature.title, stats);
  }
  const usedIn = (code: string): string[] => {
    const { issues } = caniemail({ clients: [KNOWS_NOTHING.client], html: code });
    const found = issues.errors.get(KNOWS_NOTHING.client) ?? [];
    return [...new Set(found.map(({ title }) => title))].toSorted();
  };
  const core = usedIn(coreOf(html));
  const all = usedIn(withoutComments(html));
  const families = FAMILIES.map(({ name, wanted, clients }): FamilySupport => {
    const lacks = (title: string) =>
      clients.some((client) => shareOf(statsOf.get(title), client) === 0);
    const unsupported = all.filter((title) => lacks(title) && !Object.hasOwn(ACCEPTED, title));
    return { name, wanted, percent: percentOf(core, clients, statsOf), unsupported };
  });
  const isLacked = (title: string) =>
    FAMILIES.some(({ clients }) =>
      clients.some((client) => shareOf(statsOf.get(title), client) === 0),
    );
  const accepted = all.flatMap((feature) => {
    const reason = ACCEPTED[feature];
    return reason !== undefined && isLacked(feature) ? [{ feature, reason }] : [];
  });
  return { families, asOf: rawData.last_update_date.slice(0, 10), accepted };
}

async function load(): Promise<typeof import("caniemail") | null> {
  try {
    return await import("caniemail");
  } catch (fault) {
    if ((fault as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND") return null;
    throw fault;
  }
}

/** Returns what all programs need: the layout without what only some of them read. */
function coreOf(html: string): string {
  return withoutComments(html).replace(/<style\b[\s\S]*?<\/style>/gi, "");
}

/** Conditional comments are for one program alone, and comments are no feature to lack. */
function withoutComments(html: string): string {
  return html.replace(/<!--[\s\S]*?-->/g, "");
}

function percentOf(
  features: readonly string[],
  clients: readonly string[],
  statsOf: ReadonlyMap<string, Stats>,
): number {
  const shares = features
    .flatMap((title) => clients.map((client) => shareOf(statsOf.get(title), client)))
    .filter((share) => share !== null);
  if (shares.length === 0) return 100;
  const total = shares.reduce((sum, share) => sum + share, 0);
  return Math.round((total / shares.length) * 1000) / 10;
}

/** Returns how well a program's newest tested version does: 1, 0.5 or 0; null where nobody knows. */
function shareOf(stats: Stats | undefined, client: string): number | null {
  const [family = "", platform = ""] = client.split(".");
  const versions = Object.entries(stats?.[family]?.[platform] ?? {});
  const [, verdict = "u"] =
    versions.toSorted(([a], [b]) => a.localeCompare(b, "en", { numeric: true })).at(-1) ?? [];
  switch (verdict[0]) {
    case "y":
      return 1;
    case "a":
      return 0.5;
    case "n":
      return 0;
    default:
      return null;
  }
}
