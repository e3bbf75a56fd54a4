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
  async function* ofSpan(span: Span, gathering: Gathering): AsyncIterable<Mention> {
    const isDay = span.since === span.until;
    for await (const answer of pages(url, queryOf(span), means, gathering.signal)) {
      const file = fileOf(answer, isDay ? span.since : null);
      if (!huggingFaceJson.recognizes(file)) {
        throw new PaperRoundError("SOURCE_SHAPE", `${answer.url} is not a list of Daily Papers.`);
      }
      yield* huggingFaceJson.read(file, gathering.say);
    }
  }

  /** Reads the last days, oldest first. A day that shows the list of the day before has none yet. */
  async function* lately(gathering: Gathering): AsyncIterable<Mention> {
    const today = utcDate(means.now());
    let before = "";
    for (const day of daysBetween(addDays(today, 1 - days), today)) {
      const mentions: Mention[] = [];
      for await (const mention of ofSpan({ since: day, until: day }, gathering)) {
        mentions.push(mention);
      }
      const ids = mentions.map(idOf).toSorted().join(" ");
      if (ids !== "" && ids === before) {
        gathering.say(`Hugging Face shows the list of ${addDays(day, -1)} again for ${day}.`);
        continue;
      }
      if (day === today && mentions.length === 0) gathering.say(nothingOn(day));
      before = ids;
      yield* mentions;
    }
  }

  return {
    name: means.name,
    timeoutMs: timeoutSeconds * 1000,
    cut: cutSpan,
    whyEmpty: (day) => (isWeekend(day) ? nothingOn(day) : null),
    mentions: (gathering) =>
      gathering.span ? ofSpan(gathering.span, gathering) : lately(gathering),
  };
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

function idOf(mention: Mention): string {
  return isRefusal(mention) ? mention.at : (mention.facts.arxivId ?? mention.facts.title);
}

function isWeekend(day: CalendarDate): boolean {
  return Temporal.PlainDate.from(day).dayOfWeek >= 6;
}

function nothingOn(day: CalendarDate): string {
  const why = isWeekend(day) ? "nothing on weekends" : `nothing on ${day} yet`;
  return `Hugging Face lists ${why}.`;
}
