/**
 * Answers kept as they came, and asked again in place of the servers: to find out later what a service
 * said, and to try a changed program on it. Each gathering has a folder of its own; in it, an answer is
 * one file.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PaperRoundError, reasonOf } from "../errors.ts";
import type { Http, HttpAnswer, HttpRequest } from "./http.ts";

/** Returns `http` with every answer kept in `folder`, also those that a source then refuses. */
export function keepingAnswers(http: Http, folder: string): Http {
  let kept = 0;
  return {
    ask: async (request) => {
      const answer = await http.ask(request);
      mkdirSync(folder, { recursive: true });
      const number = String(++kept).padStart(6, "0");
      const file = join(folder, `${number}-${nameOf(request)}.json`);
      writeFileSync(file, JSON.stringify({ asked: request.url, answer }));
      return answer;
    },
  };
}

/**
 * Returns a client that answers from `folder` alone; of several answers to one question each is given
 * once, in order. Throws FILE_NOT_FOUND and FILE_MALFORMED, and HTTP_UNREACHABLE for what was not kept.
 */
export function replayedAnswers(folder: string): Http {
  const answers = new Map<string, HttpAnswer[]>();
  for (const file of answerFiles(folder)) {
    const name = file.slice(7, -5);
    answers.set(name, [...(answers.get(name) ?? []), readAnswer(join(folder, file))]);
  }
  return {
    ask: async (request) => {
      const answer = answers.get(nameOf(request))?.shift();
      if (!answer) {
        const { host } = new URL(request.url);
        throw new PaperRoundError("HTTP_UNREACHABLE", `No answer of ${host} to this was kept.`);
      }
      if (Buffer.byteLength(answer.text) <= request.bytesMax) return answer;
      throw new PaperRoundError(
        "HTTP_ANSWER_REFUSED",
        `The kept answer to ${request.url} is too large.`,
      );
    },
  };
}

/** Returns the folders of gatherings in `folder`, oldest first, or itself where it is one. */
export function answerFolders(folder: string): string[] {
  if (!existsSync(folder)) throw new PaperRoundError("FILE_NOT_FOUND", `There is no ${folder}.`);
  if (answerFiles(folder).length > 0) return [folder];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .filter((path) => answerFiles(path).length > 0)
    .toSorted();
}

function answerFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^\d{6}-[\w-]{16}\.json$/.test(name))
    .toSorted();
}

function readAnswer(file: string): HttpAnswer {
  try {
    const { answer } = JSON.parse(readFileSync(file, "utf8")) as { answer: HttpAnswer };
    if (typeof answer.text === "string" && !Number.isNaN(Date.parse(answer.at))) return answer;
  } catch (cause) {
    throw new PaperRoundError("FILE_MALFORMED", `${file}: ${reasonOf(cause)}.`, { cause });
  }
  throw new PaperRoundError("FILE_MALFORMED", `${file} is not an answer that was kept.`);
}

/**
 * A question's name says nothing of what it asks, since a body may hold anything. A mirror answers the
 * same question, so that the host is no part of it.
 */
function nameOf({ method = "GET", url, body = "" }: HttpRequest): string {
  const { pathname, search } = new URL(url);
  const question = `${method} ${pathname}${search}\n${body}`;
  return createHash("sha256").update(question).digest("base64url").slice(0, 16);
}
