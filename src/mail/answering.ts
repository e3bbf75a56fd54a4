/**
 * Answers by mail what was asked for at the door. What an answer says is decided here, when it is
 * written: somebody who is on the list already is sent the links of that subscription, and nobody is
 * written to at an address that must not be mailed.
 */
import type { PaperRoundError } from "../errors.ts";
import type { RequestRecord } from "../subscribers/requests.ts";
import { openAnswers, type Answer, type AnswersDependencies } from "./answers.ts";
import type { Composer } from "./composer.ts";
import type { Outcome } from "./outcome.ts";
import type { SingleLetters } from "./transport.ts";

export interface AnsweringDependencies extends AnswersDependencies {
  readonly composer: Pick<Composer, "composeNotice">;
  readonly openSingle: () => SingleLetters;
}

/** What one turn did. */
export interface Answered {
  readonly accepted: number;
  /** What keeps answers from leaving; all of them are still owed. */
  readonly fault: PaperRoundError | null;
}

export type Answering = ReturnType<typeof openAnswering>;

/** Notices in one turn, so that a flood does not keep the program from its other work. */
const TURN_MAX = 500;
const RETRY_FIRST_MS = 60_000;
const RETRY_MAX_MS = 3_600_000;

/** Returns who answers. */
export function openAnswering(dependencies: AnsweringDependencies) {
  const { requests, composer, openSingle, now } = dependencies;
  const answerTo = openAnswers(dependencies);

  /** Sends the notices that are due, one after the other over one connection. */
  async function attend(signal: AbortSignal): Promise<Answered> {
    let way: SingleLetters | null = null;
    let accepted = 0;
    try {
      for (let turns = 0; turns < TURN_MAX && !signal.aborted; turns++) {
        const request = await requests.begin(now());
        if (!request) break;
        const answer = await answerTo(request);
        if (answer === "later") {
          await requests.postpone(request, retryAt(request.attempts));
          continue;
        }
        if (!answer || "nobody" in answer) {
          if (answer) await composer.composeNotice(answer.nobody, answer.to);
          await finish(request, null, null);
          continue;
        }
        way ??= openSingle();
        const outcome = await offer(request, answer, way);
        if (outcome.state === "accepted") accepted++;
        if (outcome.state === "untried") return { accepted, fault: outcome.fault };
      }
      return { accepted, fault: null };
    } finally {
      way?.close();
    }
  }

  /** Sends one answer, and writes down what came of it. Throws only before any of it has left. */
  async function offer(
    request: RequestRecord,
    answer: Answer,
    way: SingleLetters,
  ): Promise<Outcome> {
    let outcome: Outcome | null = null;
    try {
      outcome = await way.send(await composer.composeNotice(answer.notice, answer.to));
    } finally {
      const isOver =
        outcome !== null && outcome.state !== "untried" && outcome.state !== "deferred";
      if (isOver) await finish(request, answer, outcome);
      else await requests.postpone(request, retryAt(request.attempts));
    }
    return outcome;
  }

  /** Keeps what was confirmed, and what waits for a reply. All else is forgotten. */
  async function finish(
    request: RequestRecord,
    answer: Answer | null,
    outcome: Outcome | null,
  ): Promise<void> {
    const hasCome = outcome?.state === "accepted" || outcome?.state === "uncertain";
    const waits = answer?.asks === true && (hasCome || request.notice === "reminder");
    // A reminder that may not go leaves the first question as it stands.
    const stands = request.notice === "reminder" && answer === null;
    if (request.confirmedAt !== null || waits || stands) await requests.settle(request);
    else await requests.drop(request);
  }

  function retryAt(attempts: number): Date {
    const wait = Math.min(RETRY_FIRST_MS * 2 ** (attempts - 1), RETRY_MAX_MS);
    return new Date(now().getTime() + wait);
  }

  return { attend };
}
