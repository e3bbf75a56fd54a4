/** The frame of a letter in Arabic. */
import { conventionsOf, joined, type Wording } from "./wording.ts";

// Latin digits, as the papers have them.
const its = conventionsOf("ar-u-nu-latn", {
  paper: {
    none: "لا أوراق",
    one: "ورقة واحدة",
    two: "ورقتان",
    few: "# أوراق",
    many: "# ورقة",
    other: "# ورقة",
  },
  minute: {
    none: "أقل من دقيقة",
    one: "دقيقة واحدة",
    two: "دقيقتان",
    few: "# دقائق",
    many: "# دقيقة",
    other: "# دقيقة",
  },
  vote: {
    none: "لا أصوات",
    one: "صوت واحد",
    two: "صوتان",
    few: "# أصوات",
    many: "# صوتًا",
    other: "# صوت",
  },
  comment: {
    none: "لا تعليقات",
    one: "تعليق واحد",
    two: "تعليقان",
    few: "# تعليقات",
    many: "# تعليقًا",
    other: "# تعليق",
  },
  star: {
    none: "لا نجوم",
    one: "نجمة واحدة",
    two: "نجمتان",
    few: "# نجوم",
    many: "# نجمة",
    other: "# نجمة",
  },
  author: {
    none: "لا مؤلفين",
    one: "مؤلف واحد",
    two: "مؤلفان",
    few: "# مؤلفين",
    many: "# مؤلفًا",
    other: "# مؤلف",
  },
  other: {
    none: "لا آخرين",
    one: "آخر واحد",
    two: "آخران",
    few: "# آخرين",
    many: "# آخرين",
    other: "# آخرين",
  },
});
const { counted } = its;

const NEXT_ONE = "تأتي الرسالة التالية عندما يكون هناك ما يُروى.";

export const arabic: Wording = {
  language: "ar",
  dir: "rtl",
  fixed: {
    readOnWeb: "اقرأ على الويب",
    why: "سبب الاختيار:",
    moreLikeThis: "المزيد من هذا",
    less: "أقل",
    save: "حفظ",
    paper: "ورقة",
    unsubscribe: "إلغاء الاشتراك",
    change: "تغيير ما يصلك",
    allEditions: "كل الأعداد",
  },

  ...its.shared,
  length: (papers, minutes) => `${papers}، ${minutes}`,

  dateline: (cadence, days) =>
    ({
      daily: its.day(days.last),
      weekly: `هذا الأسبوع، ${its.span(days)}`,
      monthly: `أوراق الشهر، ${its.monthOfYear(days.first)}`,
    })[cadence],
  andWeekBefore: "، وأفضل أوراق الأسبوع السابق",
  label: (cadence, number) => {
    const edition = {
      daily: "العدد اليومي",
      weekly: "العدد الأسبوعي",
      monthly: "العدد الشهري",
    }[cadence];
    return number === null ? `${edition}، لم يُنشر بعد` : `${edition} رقم ${number}`;
  },
  tailTitle: { daily: "أيضًا اليوم", weekly: "أيضًا هذا الأسبوع", monthly: "أيضًا هذا الشهر" },
  more: (count, cadence) => {
    const span = { daily: "", weekly: " هذا الأسبوع", monthly: " هذا الشهر" };
    return ` و${counted(count, "paper")} غيرها${span[cadence]}`;
  },
  also: "أيضًا: ",
  quiet: (cadence, _days, papers) => {
    const when = { daily: "يوم هادئ", weekly: "أسبوع هادئ", monthly: "شهر هادئ" };
    return `${when[cadence]}: ${papers}.`;
  },
  ofDaysBefore: "لا قائمة لليوم: هذه أفضل أوراق الأيام السابقة.",
  empty: `لم يذكر أي مصدر ورقة لم ترد في رسالة سابقة. ${NEXT_ONE}`,
  belowBar: `لا توجد ورقة نالت من الاهتمام ما تطلبه هذه الرسالة. ${NEXT_ONE}`,
  cut: ({ isShort, titles, noRunnersUp, onWebOnly }) => {
    const left = joined("؛ ", [
      isShort && "الملخصات قصيرة",
      titles &&
        (titles[0] > 1
          ? `الأوراق من ${titles[0]} إلى ${titles[1]} عناوين فقط`
          : "الأوراق عناوين فقط"),
      noRunnersUp && "من دون العناوين الأخيرة",
      onWebOnly > 0 && `${counted(onWebOnly, "paper")} أخرى على الويب فقط`,
    ]);
    return left && `لتتسع في رسالة بريد: ${left}.`;
  },

  moved: (by, since) => {
    const change = `${by > 0 ? "بزيادة" : "بنقص"} ${its.number(Math.abs(by))}`;
    return since ? `${change} منذ ${since}` : change;
  },
  code: (stars) => (stars ? `الشيفرة (${stars})` : "الشيفرة"),
  project: "المشروع",
  discussion: "النقاش",
  pictureOf: (title) => `صورة «${title}»`,
  writtenBy: (model) => `كتبه ${model} من ملخص المؤلفين`,
  summaryBy: (source) => `موجز من ${source}`,
  extract: "مقتطف من ملخص المؤلفين",
  fromAbstract: "من ملخص المؤلفين",

  own: (kind, what) =>
    ({
      authors: `أنت تتابع ${what}.`,
      organizations: `أنت تتابع ${what}.`,
      keywords: `كلمتك المفتاحية: ${what}.`,
      topics: `موضوعك: ${what}.`,
      liked: `لأن «${what}» أعجبك.`,
    })[kind],
  chosen: (followed, liked) => {
    const parts = joined("، ", [
      followed > 0 && `${counted(followed, "paper")} مما تتابعه`,
      liked > 0 && `${counted(liked, "paper")} تشبه ما أعجبك`,
    ]);
    return parts ? `اختيرت لك: ${parts}.` : "اختيرت لك.";
  },
  away: (date) => `أثناء توقفك: ${date}`,
  caughtUp: (papers) => `أهلًا بعودتك. من فترة توقفك، في النهاية: ${papers}.`,
  allMuted: "لا يبقى شيء من هذا العدد من دون كلماتك المكتومة.",
  noneLeft: "لا يبقى من هذا العدد ما لم يصلك من قبل.",

  subscribed: (address, newsletter) => `تصلك هذه الرسالة لأن ${address} مشترك في ${newsletter}.`,
  oneOff: (newsletter) =>
    `أرسل إليك القائم على ${newsletter} هذه الرسالة وحدها. لست مشتركًا ولن يصلك غيرها.`,
  questions: (contact) => `أسئلة أو أفكار؟ اكتب إلى ${contact}.`,
};
