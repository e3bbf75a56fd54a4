/** The frame of a letter in German. */
import { conventionsOf, joined, type Wording } from "./wording.ts";

const its = conventionsOf("de", {
  paper: { none: "keine Artikel", one: "# Artikel", other: "# Artikel" },
  minute: { none: "keine Minuten", one: "# Minute", other: "# Minuten" },
  vote: { none: "keine Stimmen", one: "# Stimme", other: "# Stimmen" },
  comment: { none: "keine Kommentare", one: "# Kommentar", other: "# Kommentare" },
  star: { none: "keine Sterne", one: "# Stern", other: "# Sterne" },
  author: { none: "niemand", one: "# Person", other: "# Personen" },
  other: { none: "niemand sonst", one: "# weitere Person", other: "# weitere" },
});
const { counted } = its;

const NEXT_ONE = "Der nächste Brief kommt, sobald es etwas zu berichten gibt.";

export const german: Wording = {
  language: "de",
  dir: "ltr",
  fixed: {
    readOnWeb: "Im Web lesen",
    why: "Warum hier:",
    moreLikeThis: "Mehr davon",
    less: "Weniger",
    save: "Merken",
    paper: "Artikel",
    unsubscribe: "Abbestellen",
    change: "Einstellungen ändern",
    allEditions: "Alle Ausgaben",
  },

  ...its.shared,
  length: (papers, minutes) => `${papers}, ${minutes}`,

  dateline: (cadence, days) =>
    ({
      daily: its.day(days.last),
      weekly: `Diese Woche, ${its.span(days)}`,
      monthly: `Die Artikel des Monats, ${its.monthOfYear(days.first)}`,
    })[cadence],
  andWeekBefore: " und das Beste der Woche davor",
  label: (cadence, number) => {
    const edition = `${{ daily: "Tages", weekly: "Wochen", monthly: "Monats" }[cadence]}ausgabe`;
    return number === null ? `${edition}, noch nicht erschienen` : `${edition} Nr. ${number}`;
  },
  tailTitle: {
    daily: "Heute außerdem",
    weekly: "Diese Woche außerdem",
    monthly: "Diesen Monat außerdem",
  },
  more: (count, cadence, { first }) => {
    const span = { daily: "", weekly: " diese Woche", monthly: ` im ${its.month(first)}` };
    return ` und ${its.number(count)} ${count === 1 ? "weiterer" : "weitere"}${span[cadence]}`;
  },
  also: "Außerdem: ",
  quiet: (cadence, { first }, papers) => {
    const when = {
      daily: `Ein ruhiger ${its.weekday(first)}`,
      weekly: "Eine ruhige Woche",
      monthly: `Ein ruhiger ${its.month(first)}`,
    };
    return `${when[cadence]}: ${papers}.`;
  },
  ofDaysBefore: "Von heute gibt es keine Liste: das Beste der Tage davor.",
  empty: `Keine Quelle nennt einen Artikel, der nicht schon in einem früheren Brief stand. ${NEXT_ONE}`,
  belowBar: `Kein Artikel ist so viel im Gespräch, wie es dieser Brief verlangt. ${NEXT_ONE}`,
  cut: ({ isShort, titles, noRunnersUp, onWebOnly }) => {
    const left = joined("; ", [
      isShort && "Zusammenfassungen sind kurz",
      titles &&
        (titles[0] > 1
          ? `von Artikel ${titles[0]} bis ${titles[1]} nur die Titel`
          : "von den Artikeln nur die Titel"),
      noRunnersUp && "ohne die Titel am Ende",
      onWebOnly > 0 && `${its.number(onWebOnly)} weitere nur im Web`,
    ]);
    return left && `Damit der Brief in eine Mail passt: ${left}.`;
  },

  moved: (by, since) => `${its.signed(by)}${since && ` seit ${since}`}`,
  code: (stars) => (stars ? `Code (${stars})` : "Code"),
  project: "Projekt",
  discussion: "Diskussion",
  pictureOf: (title) => `Bild zu „${title}“`,
  writtenBy: (model) => `Von ${model} aus dem Abstract geschrieben`,
  summaryBy: (source) => `Zusammenfassung von ${source}`,
  extract: "Auszug aus dem Abstract",
  fromAbstract: "Aus dem Abstract",

  own: (kind, what) =>
    ({
      authors: `Sie folgen ${what}.`,
      organizations: `Sie folgen ${what}.`,
      keywords: `Ihr Stichwort: ${what}.`,
      topics: `Ihr Thema: ${what}.`,
      liked: `Weil Ihnen „${what}“ gefiel.`,
    })[kind],
  chosen: (followed, liked) => {
    const parts = joined("; ", [
      followed > 0 && `${counted(followed, "paper")} nach Ihren Vorgaben`,
      liked > 0 && `${counted(liked, "paper")} nach Ihrem Geschmack`,
    ]);
    return parts ? `Für Sie ausgewählt: ${parts}.` : "Für Sie ausgewählt.";
  },
  away: (date) => `Während Ihrer Pause: ${date}`,
  caughtUp: (papers) => `Willkommen zurück. Aus Ihrer Pause, am Ende: ${papers}.`,
  allMuted: "Ohne Ihre stummgeschalteten Wörter bleibt von dieser Ausgabe nichts übrig.",
  noneLeft: "Von dieser Ausgabe ist nichts übrig, was Sie nicht schon hatten.",

  subscribed: (address, newsletter) =>
    `Sie erhalten diesen Brief, weil ${address} ${newsletter} abonniert hat.`,
  oneOff: (newsletter) =>
    `Jemand, der ${newsletter} betreibt, hat Ihnen diesen einen Brief geschickt. Sie haben nichts abonniert, und es folgt nichts weiter.`,
  questions: (contact) => `Fragen oder Ideen? Schreiben Sie an ${contact}.`,
};
