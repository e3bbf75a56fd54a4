/** The frame of a letter in Spanish. */
import { conventionsOf, joined, type Wording } from "./wording.ts";

const its = conventionsOf("es", {
  paper: { none: "ningún artículo", one: "# artículo", other: "# artículos" },
  minute: { none: "ningún minuto", one: "# minuto", other: "# minutos" },
  vote: { none: "ningún voto", one: "# voto", other: "# votos" },
  comment: { none: "ningún comentario", one: "# comentario", other: "# comentarios" },
  star: { none: "ninguna estrella", one: "# estrella", other: "# estrellas" },
  author: { none: "ningún autor", one: "# autor", other: "# autores" },
  other: { none: "nadie más", one: "# más", other: "# más" },
});
const { counted } = its;

const NEXT_ONE = "La próxima llegará cuando haya algo que contar.";

export const spanish: Wording = {
  language: "es",
  dir: "ltr",
  fixed: {
    readOnWeb: "Leer en la web",
    why: "Por qué está aquí:",
    moreLikeThis: "Más como este",
    less: "Menos",
    save: "Guardar",
    paper: "artículo",
    unsubscribe: "Darse de baja",
    change: "Cambiar lo que recibo",
    allEditions: "Todas las ediciones",
  },

  ...its.shared,
  length: (papers, minutes) => `${papers}, ${minutes}`,

  dateline: (cadence, days) =>
    ({
      daily: beginning(its.day(days.last)),
      weekly: `Esta semana, ${its.span(days)}`,
      monthly: `Los artículos del mes, ${its.monthOfYear(days.first)}`,
    })[cadence],
  andWeekBefore: ", y lo mejor de la semana anterior",
  label: (cadence, number) => {
    const kind = { daily: "diaria", weekly: "semanal", monthly: "mensual" }[cadence];
    return number === null ? `Edición ${kind}, aún sin publicar` : `Edición ${kind} n.º ${number}`;
  },
  tailTitle: { daily: "También hoy", weekly: "También esta semana", monthly: "También este mes" },
  more: (count, cadence, { first }) => {
    const span = { daily: "", weekly: " esta semana", monthly: ` en ${its.month(first)}` };
    return ` y ${count === 1 ? "otro" : `otros ${its.number(count)}`}${span[cadence]}`;
  },
  also: "También: ",
  quiet: (cadence, { first }, papers) => {
    const when = {
      daily: `Un ${its.weekday(first)} tranquilo`,
      weekly: "Una semana tranquila",
      monthly: "Un mes tranquilo",
    };
    return `${when[cadence]}: ${papers}.`;
  },
  ofDaysBefore: "Hoy no hay lista: lo mejor de los días anteriores.",
  empty: `Ninguna fuente trae un artículo que no haya estado ya en una carta. ${NEXT_ONE}`,
  belowBar: `Ningún artículo da tanto que hablar como pide esta carta. ${NEXT_ONE}`,
  cut: ({ isShort, titles, noRunnersUp, onWebOnly }) => {
    const left = joined("; ", [
      isShort && "los resúmenes son breves",
      titles &&
        (titles[0] > 1
          ? `de los artículos ${titles[0]} a ${titles[1]} solo va el título`
          : "de los artículos solo va el título"),
      noRunnersUp && "sin los títulos del final",
      onWebOnly > 0 && `${counted(onWebOnly, "paper")} más solo en la web`,
    ]);
    return left && `Para caber en un correo: ${left}.`;
  },

  moved: (by, since) => `${its.signed(by)}${since && ` desde ${since}`}`,
  code: (stars) => (stars ? `Código (${stars})` : "Código"),
  project: "Proyecto",
  discussion: "Discusión",
  pictureOf: (title) => `Imagen de «${title}»`,
  writtenBy: (model) => `Escrito por ${model} a partir del resumen de los autores`,
  summaryBy: (source) => `Resumen de ${source}`,
  extract: "Extracto del resumen de los autores",
  fromAbstract: "Del resumen de los autores",

  own: (kind, what) =>
    ({
      authors: `Sigue a ${what}.`,
      organizations: `Sigue a ${what}.`,
      keywords: `Su palabra clave: ${what}.`,
      topics: `Su tema: ${what}.`,
      liked: `Porque le gustó «${what}».`,
    })[kind],
  chosen: (followed, liked) => {
    const parts = joined(", ", [
      followed > 0 && `${counted(followed, "paper")} de lo que sigue`,
      liked > 0 && `${counted(liked, "paper")} según sus gustos`,
    ]);
    return parts ? `Elegidos para usted: ${parts}.` : "Elegidos para usted.";
  },
  away: (date) => `Durante su pausa: ${date}`,
  caughtUp: (papers) => `Nos alegra tenerle de vuelta. De su pausa, al final: ${papers}.`,
  allMuted: "Sin sus palabras silenciadas no queda nada de esta edición.",
  noneLeft: "De esta edición no queda nada que no haya recibido ya.",

  subscribed: (address, newsletter) =>
    `Recibe esta carta porque ${address} se suscribió a ${newsletter}.`,
  oneOff: (newsletter) =>
    `Alguien que gestiona ${newsletter} le envió esta única carta. No está suscrito y no recibirá nada más.`,
  questions: (contact) => `¿Preguntas o ideas? Escriba a ${contact}.`,
};

/** Weekdays are written small, but for the beginning of a line. */
function beginning(line: string): string {
  return line.slice(0, 1).toLocaleUpperCase("es") + line.slice(1);
}
