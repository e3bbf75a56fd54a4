/** The frame of a letter in Chinese, in simplified characters. */
import type { Days } from "../../editions/period.ts";
import { conventionsOf, joined, type Wording } from "./wording.ts";

const its = conventionsOf("zh-Hans", {
  paper: { none: "没有论文", other: "# 篇论文" },
  minute: { other: "# 分钟" },
  vote: { none: "没有投票", other: "# 票" },
  comment: { none: "没有评论", other: "# 条评论" },
  star: { none: "没有星标", other: "# 个星标" },
  author: { none: "没有作者", other: "# 位作者" },
  other: { none: "没有其他人", other: "其他 # 人" },
});
const { shortDate, dayOfMonth } = its;

const NEXT_ONE = "有值得介绍的内容时，您会收到下一封。";

export const chinese: Wording = {
  language: "zh",
  dir: "ltr",
  fixed: {
    readOnWeb: "在网页上阅读",
    why: "入选理由：",
    moreLikeThis: "多推荐这类",
    less: "少推荐",
    save: "收藏",
    paper: "论文",
    unsubscribe: "退订",
    change: "修改订阅内容",
    allEditions: "所有期号",
  },

  ...its.shared,
  length: (papers, minutes) => `${papers}，${minutes}`,

  dateline: (cadence, days) =>
    ({
      daily: its.day(days.last),
      weekly: `本周，${spanOf(days)}`,
      monthly: `本月论文，${its.monthOfYear(days.first)}`,
    })[cadence],
  andWeekBefore: "，以及此前一周的精选",
  label: (cadence, number) => {
    const edition = { daily: "日报", weekly: "周报", monthly: "月报" }[cadence];
    return number === null ? `${edition}，尚未发布` : `${edition}第 ${number} 期`;
  },
  tailTitle: { daily: "今日还有", weekly: "本周还有", monthly: "本月还有" },
  more: (count, cadence) =>
    `，${{ daily: "", weekly: "本周", monthly: "本月" }[cadence]}另有 ${its.number(count)} 篇`,
  also: "还有：",
  quiet: (cadence, { first }, papers) => {
    const when = {
      daily: `平静的${its.weekday(first)}`,
      weekly: "平静的一周",
      monthly: "平静的一个月",
    };
    return `${when[cadence]}：${papers}。`;
  },
  ofDaysBefore: "今天没有新的榜单：以下是前几天的精选。",
  empty: `各来源没有列出以往信件中未出现过的论文。${NEXT_ONE}`,
  belowBar: `没有论文达到本信件要求的关注度。${NEXT_ONE}`,
  cut: ({ isShort, titles, noRunnersUp, onWebOnly }) => {
    const left = joined("；", [
      isShort && "摘要已缩短",
      titles && (titles[0] > 1 ? `第 ${titles[0]} 至 ${titles[1]} 篇只列标题` : "论文只列标题"),
      noRunnersUp && "省略了末尾的标题",
      onWebOnly > 0 && `另有 ${its.number(onWebOnly)} 篇仅在网页上`,
    ]);
    return left && `为适应邮件大小：${left}。`;
  },

  moved: (by, since) => {
    const change = `${by > 0 ? "增加" : "减少"} ${its.number(Math.abs(by))}`;
    return since ? `自 ${since} ${change}` : change;
  },
  code: (stars) => (stars ? `代码（${stars}）` : "代码"),
  project: "项目",
  discussion: "讨论",
  pictureOf: (title) => `“${title}”的图片`,
  writtenBy: (model) => `由 ${model} 根据论文摘要撰写`,
  summaryBy: (source) => `概要来自 ${source}`,
  extract: "摘自论文摘要",
  fromAbstract: "论文摘要",

  own: (kind, what) =>
    ({
      authors: `您关注了 ${what}。`,
      organizations: `您关注了 ${what}。`,
      keywords: `您的关键词：${what}。`,
      topics: `您的主题：${what}。`,
      liked: `因为您喜欢“${what}”。`,
    })[kind],
  chosen: (followed, liked) => {
    const parts = joined("，", [
      followed > 0 && `${its.number(followed)} 篇来自您的关注`,
      liked > 0 && `${its.number(liked)} 篇与您喜欢的相近`,
    ]);
    return parts ? `为您挑选：${parts}。` : "为您挑选。";
  },
  away: (date) => `您暂停期间：${date}`,
  caughtUp: (papers) => `欢迎回来。您暂停期间的论文列在最后：${papers}。`,
  allMuted: "除去您屏蔽的词语，本期没有剩余内容。",
  noneLeft: "本期没有您尚未收到过的内容。",

  subscribed: (address, newsletter) => `您收到这封信，是因为 ${address} 订阅了 ${newsletter}。`,
  oneOff: (newsletter) =>
    `这封信由 ${newsletter} 的运营者单独发送给您。您没有订阅，之后不会再收到信件。`,
  questions: (contact) => `有问题或建议？请写信至 ${contact}。`,
};

/** Returns "2026年4月13日至19日", with the month or year of the end where that changes. */
function spanOf({ first, last }: Days): string {
  if (first.slice(0, 4) !== last.slice(0, 4)) return `${shortDate(first)}至${shortDate(last)}`;
  const isOneMonth = first.slice(0, 7) === last.slice(0, 7);
  return `${shortDate(first)}至${isOneMonth ? `${Number(last.slice(8))}日` : dayOfMonth(last)}`;
}
