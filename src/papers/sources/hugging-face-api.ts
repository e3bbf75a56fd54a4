/**
 * Hugging Face Daily Papers as its API lists them now. Each gathering reads today and the days before
 * it, since votes grow for a while; days gone by are asked for by month, week or day.
 * https://huggingface.co/docs/hub/api
 */
import { Temporal } from "temporal-polyfill";
import type { z } from "zod";
import { huggingFaceSettings } from "../../config/sources-schema.ts";
import { PaperRoundError } from "../../errors.ts";
import type { HttpAnswer } from "../../io/http.ts";
import { addDays, daysBetween, utcDate } from "../days.ts";
import {
  isRefusal,
  type Gathering,
  type Means,
  type Mention,
  type Source,
  type SourceKind,
  type Span,
} from "../source.ts";
import type { CalendarDate } from "../text.ts";
import { huggingFaceJson } from "./hugging-face.ts";
import { fileOf, nextLink } from "./live.ts";

type Settings = z.output<typeof huggingFaceSettings>;

/** The most that the service gives at once; it cuts the list without a word where less is asked for. */
const LIMIT = 100;
/** The largest month had some 1,500 papers. */
const PAGES_MAX = 60;
/** A hundred items have half a megabyte. */
const BYTES_MAX = 8 * 1024 * 1024;

export const huggingFace: SourceKind<Settings> = {
  kind: "hugging-face",
  settings: huggingFaceSettings,
  open: openHuggingFace,
};

function openHuggingFace({ url, days, timeoutSeconds }: Settings, means: Means): Source {
  /** Reads what the service lists; `listDay` is that of items that tell none. */
  async function* listed(
    span: Span,
    listDay: CalendarDate | null,
    gathering: Gathering,
  ): AsyncIterable<Mention> {
    for await (const answer of pages(url, queryOf(span), means, gathering.signal)) {
      const file = fileOf(answer, listDay);
      if (!huggingFaceJson.recognizes(file)) {
        throw new PaperRoundError("SOURCE_SHAPE", `${answer.url} is not a list of Daily Papers.`);
      }
      yield* huggingFaceJson.read(file, gathering.say);
    }
  }

  /** Reads the last days, today first: trouble with a day before must not cost it. */
  async function* lately(gathering: Gathering): AsyncIterable<Mention> {
    const today = utcDate(means.now());
    const faults: PaperRoundError[] = [];
    let waiting: DayList | null = null;
    for (const day of daysBetween(addDays(today, 1 - days), today).toReversed()) {
      const list = await dayOrFault(day, gathering);
      const isRead = !(list instanceof PaperRoundError);
      if (!isRead) faults.push(list);
      if (waiting) yield* dated(waiting, isRead ? list : null, gathering);
      waiting = null;
      if (!isRead) continue;
      if (day === today && list.mentions.length === 0) gathering.say(nothingOn(day));
      // Whose list an undated one is shows the day before; no other waits for it.
      if (list.mentions.some(isUndated)) waiting = list;
      else yield* list.mentions;
    }
    if (waiting) yield* dated(waiting, null, gathering);
    if (faults[0]) throw faults[0];
  }

  async function dayOrFault(
    day: CalendarDate,
    gathering: Gathering,
  ): Promise<DayList | PaperRoundError> {
    try {
      const mentions: Mention[] = [];
      const span = { since: day, until: day };
      for await (const mention of listed(span, null, gathering)) mentions.push(mention);
      return { day, mentions };
    } catch (thrown) {
      if (thrown instanceof PaperRoundError && !gathering.signal.aborted) return thrown;
      throw thrown;
    }
  }

  return {
    name: means.name,
    timeoutMs: timeoutSeconds * 1000,
    cut: cutSpan,
    whyEmpty: (day) => (isWeekend(day) ? nothingOn(day) : null),
    mentions: (gathering) =>
      gathering.span
        ? listed(gathering.span, dayOfList(gathering.span), gathering)
        : lately(gathering),
  };
}

/** What a day's list holds, where undated as it came. */
interface DayList {
  readonly day: CalendarDate;
  readonly mentions: readonly Mention[];
}

/** Tells a list with its day, unless it is that of the day before again: then the day has none yet. */
function* dated(list: DayList, before: DayList | null, { say }: Gathering): Iterable<Mention> {
  const { day, mentions } = list;
  if (before && idsOf(before) === idsOf(list)) {
    say(`Hugging Face shows the list of ${before.day} again for ${day}.`);
    return;
  }
  const listedOn = dayOfList({ since: day, until: day });
  for (const mention of mentions) {
    if (isRefusal(mention) || !isUndated(mention)) yield mention;
    else yield { ...mention, facts: { ...mention.facts, listedOn } };
  }
}

/** Returns the day whose list a span's is; none on a weekend, when that of Friday may be shown. */
function dayOfList({ since, until }: Span): CalendarDate | null {
  return since === until && !isWeekend(since) ? since : null;
}

function isUndated(mention: Mention): boolean {
  return !isRefusal(mention) && mention.facts.listedOn === null;
}

async function* pages(
  url: string,
  query: string,
  { http }: Means,
  signal: AbortSignal,
): AsyncIterable<HttpAnswer> {
  for (let page = 0; page < PAGES_MAX; page++) {
    const address = `${url}/api/daily_papers?${query}&limit=${LIMIT}&p=${page}`;
    const headers = { accept: "application/json" };
    const answer = await http.ask({ url: address, headers, bytesMax: BYTES_MAX, signal });
    yield answer;
    // Past the end the list is empty. Where the service names the next page, it knows best.
    const isFull = (answer.text.match(/"paper"\s*:\s*\{/g) ?? []).length >= LIMIT;
    if (!isFull && nextLink(answer) === null) return;
  }
}

function queryOf({ since, until }: Span): string {
  if (since === until) return `date=${since}`;
  const first = Temporal.PlainDate.from(since);
  if (first.day === 1 && until >= addDays(since, 27)) return `month=${since.slice(0, 7)}`;
  const { yearOfWeek = first.year, weekOfYear = 1 } = first;
  return `week=${yearOfWeek}-W${String(weekOfYear).padStart(2, "0")}`;
}

/** Cuts a span into whole months, whole weeks, and days. */
function cutSpan({ since, until }: Span): Span[] {
  const parts: Span[] = [];
  for (let day = since; day <= until; day = addDays(parts.at(-1)?.until ?? day, 1)) {
    const date = Temporal.PlainDate.from(day);
    const month = addDays(day, date.daysInMonth - 1);
    const week = addDays(day, 6);
    if (date.day === 1 && month <= until) parts.push({ since: day, until: month });
    else if (date.dayOfWeek === 1 && week <= until) parts.push({ since: day, until: week });
    else parts.push({ since: day, until: day });
  }
  return parts;
}

function idsOf({ mentions }: DayList): string {
  const ids = mentions.map((each) => (isRefusal(each) ? "" : each.facts.arxivId));
  return ids.toSorted().join(" ");
}

function isWeekend(day: CalendarDate): boolean {
  return Temporal.PlainDate.from(day).dayOfWeek >= 6;
}

function nothingOn(day: CalendarDate): string {
  const why = isWeekend(day) ? "nothing on weekends" : `nothing on ${day} yet`;
  return `Hugging Face lists ${why}.`;
}
