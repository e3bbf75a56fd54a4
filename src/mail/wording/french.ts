/** The frame of a letter in French. */
import { conventionsOf, joined, type Wording } from "./wording.ts";

const its = conventionsOf("fr", {
  paper: { none: "aucun article", one: "# article", other: "# articles" },
  minute: { none: "aucune minute", one: "# minute", other: "# minutes" },
  vote: { none: "aucun vote", one: "# vote", other: "# votes" },
  comment: { none: "aucun commentaire", one: "# commentaire", other: "# commentaires" },
  star: { none: "aucune étoile", one: "# étoile", other: "# étoiles" },
  author: { none: "aucun auteur", one: "# auteur", other: "# auteurs" },
  other: { none: "personne d’autre", one: "# autre", other: "# autres" },
});
const { counted } = its;

const NEXT_ONE = "La prochaine viendra dès qu’il y aura quelque chose à raconter.";

export const french: Wording = {
  language: "fr",
  dir: "ltr",
  fixed: {
    readOnWeb: "Lire en ligne",
    why: "Pourquoi ici :",
    moreLikeThis: "Plus du même genre",
    less: "Moins",
    save: "Garder",
    paper: "article",
    unsubscribe: "Se désabonner",
    change: "Changer mes préférences",
    allEditions: "Toutes les éditions",
  },

  ...its.shared,
  length: (papers, minutes) => `${papers}, ${minutes}`,

  dateline: (cadence, days) =>
    ({
      daily: beginning(its.day(days.last)),
      weekly: `Cette semaine, ${its.span(days)}`,
      monthly: `Les articles du mois, ${its.monthOfYear(days.first)}`,
    })[cadence],
  andWeekBefore: ", et le meilleur de la semaine précédente",
  label: (cadence, number) => {
    const kind = { daily: "quotidienne", weekly: "hebdomadaire", monthly: "mensuelle" }[cadence];
    return number === null ? `Édition ${kind}, pas encore publiée` : `Édition ${kind} nº ${number}`;
  },
  tailTitle: {
    daily: "Aussi aujourd’hui",
    weekly: "Aussi cette semaine",
    monthly: "Aussi ce mois-ci",
  },
  more: (count, cadence, { first }) => {
    const span = { daily: "", weekly: " cette semaine", monthly: ` en ${its.month(first)}` };
    return ` et ${counted(count, "other")}${span[cadence]}`;
  },
  also: "Aussi : ",
  quiet: (cadence, { first }, papers) => {
    const when = {
      daily: `Un ${its.weekday(first)} calme`,
      weekly: "Une semaine calme",
      monthly: "Un mois calme",
    };
    return `${when[cadence]} : ${papers}.`;
  },
  ofDaysBefore: "Pas de liste aujourd’hui : le meilleur des jours précédents.",
  empty: `Aucune source ne signale d’article qui n’ait déjà été dans une lettre. ${NEXT_ONE}`,
  belowBar: `Aucun article ne fait assez parler de lui pour cette lettre. ${NEXT_ONE}`,
  cut: ({ isShort, titles, noRunnersUp, onWebOnly }) => {
    const left = joined(" ; ", [
      isShort && "les résumés sont courts",
      titles &&
        (titles[0] > 1
          ? `les articles ${titles[0]} à ${titles[1]} sont réduits au titre`
          : "les articles sont réduits au titre"),
      noRunnersUp && "sans les titres de la fin",
      onWebOnly > 0 && `${counted(onWebOnly, "paper")} de plus en ligne seulement`,
    ]);
    return left && `Pour tenir dans un message : ${left}.`;
  },

  moved: (by, since) => `${its.signed(by)}${since && ` depuis ${since}`}`,
  code: (stars) => (stars ? `Code (${stars})` : "Code"),
  project: "Projet",
  discussion: "Discussion",
  pictureOf: (title) => `Image de « ${title} »`,
  writtenBy: (model) => `Écrit par ${model} d’après le résumé des auteurs`,
  summaryBy: (source) => `Résumé de ${source}`,
  extract: "Extrait du résumé des auteurs",
  fromAbstract: "Tiré du résumé des auteurs",

  own: (kind, what) =>
    ({
      authors: `Vous suivez ${what}.`,
      organizations: `Vous suivez ${what}.`,
      keywords: `Votre mot-clé : ${what}.`,
      topics: `Votre sujet : ${what}.`,
      liked: `Parce que vous avez aimé « ${what} ».`,
    })[kind],
  chosen: (followed, liked) => {
    const parts = joined(", ", [
      followed > 0 && `${counted(followed, "paper")} que vous suivez`,
      liked > 0 && `${counted(liked, "paper")} selon vos goûts`,
    ]);
    return parts ? `Choisis pour vous : ${parts}.` : "Choisis pour vous.";
  },
  away: (date) => `Pendant votre pause : ${date}`,
  caughtUp: (papers) => `Heureux de vous retrouver. De votre pause, à la fin : ${papers}.`,
  allMuted: "Sans vos mots masqués, il ne reste rien de cette édition.",
  noneLeft: "Il ne reste rien de cette édition que vous n’ayez déjà reçu.",

  subscribed: (address, newsletter) =>
    `Vous recevez cette lettre parce que ${address} est abonnée à ${newsletter}.`,
  oneOff: (newsletter) =>
    `La personne qui gère ${newsletter} vous a envoyé cette seule lettre. Vous n’êtes pas abonné et rien d’autre ne suivra.`,
  questions: (contact) => `Des questions, des idées ? Écrivez à ${contact}.`,
};

/** Weekdays are written small, but for the beginning of a line. */
function beginning(line: string): string {
  return line.slice(0, 1).toLocaleUpperCase("fr") + line.slice(1);
}
