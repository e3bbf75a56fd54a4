/**
 * Summaries that a model writes, where the operator has named one. Sole owner of the tables
 * `written_summaries` and `summary_spending`. Nothing is asked twice, a day has a budget, an edition a
 * time; whatever is not there by then is left to the extract, so that no edition waits or fails.
 */
import { createHash } from "node:crypto";
import type { Kysely } from "kysely";
import type { Migrations } from "../../io/database.ts";
import type { Paper, PaperKey, Summary } from "../paper.ts";
import { summaryIn } from "./answer.ts";
import { ANSWER_TOKENS_MAX, messagesFor, type Endpoint, type Question } from "./endpoint.ts";

export interface SummaryTables {
  /** Every answer, also one that was no summary (null), by all that it was asked with. */
  written_summaries: {
    paper_key: number;
    model: string;
    asked_hash: string;
    text: string | null;
    written_at: string;
  };
  summary_spending: {
    day: string;
    requests: number;
    tokens: number;
    failures: number;
    last_failure: string | null;
  };
}

export const summaryMigrations: Migrations = {
  "summaries-0001": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("written_summaries")
        .addColumn("paper_key", "integer", (column) => column.notNull().references("papers.key"))
        .addColumn("model", "text", (column) => column.notNull())
        .addColumn("asked_hash", "text", (column) => column.notNull())
        .addColumn("text", "text")
        .addColumn("written_at", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("written_summaries_pk", ["paper_key", "model", "asked_hash"])
        .execute();
      await db.schema
        .createTable("summary_spending")
        .addColumn("day", "text", (column) => column.primaryKey())
        .addColumn("requests", "integer", (column) => column.notNull())
        .addColumn("tokens", "integer", (column) => column.notNull())
        .addColumn("failures", "integer", (column) => column.notNull())
        .addColumn("last_failure", "text")
        .execute();
    },
  },
};

export type Written = ReadonlyMap<PaperKey, Summary>;

export interface SummaryWriter {
  /** Returns what was written of these papers before. Asks nobody. */
  known(papers: readonly Paper[]): Promise<Written>;
  /** Returns the same after asking for what is missing, as far as time and budget go, or until `stop`. */
  write(papers: readonly Paper[], stop?: AbortSignal): Promise<Written>;
  /** Returns what was asked for today, by the days of UTC, and what went wrong. */
  spent(): Promise<Spending>;
}

export interface Spending {
  readonly model: string;
  readonly requests: number;
  readonly tokens: number;
  readonly failures: number;
  readonly lastFailure: string | null;
}

export interface WriterOptions {
  readonly db: Kysely<SummaryTables>;
  readonly endpoint: Endpoint;
  readonly budgetPerDay: { readonly requests: number; readonly tokens: number };
  /** How long one edition may wait for all its summaries. */
  readonly editionTimeoutMs: number;
  readonly now: () => Date;
}

/** Servers of one's own answer one after the other; more at once would only run out of time. */
const REQUESTS_AT_ONCE = 2;
/** After so many failures in a row the server is taken to be down for this edition. */
const FAILURES_MAX = 3;

/** A paper with what is to be asked about it. */
interface Task {
  readonly key: PaperKey;
  readonly question: Question;
  readonly hash: string;
}

/** Returns the writer that asks `endpoint`. */
export function openSummaryWriter(options: WriterOptions): SummaryWriter {
  const { db, endpoint, now, editionTimeoutMs } = options;
  const { model } = endpoint;
  const today = () => now().toISOString().slice(0, 10);

  /** Returns what is answered already; null where the answer was no summary. */
  async function answered(tasks: readonly Task[]): Promise<Map<PaperKey, string | null>> {
    if (tasks.length === 0) return new Map();
    const rows = await db
      .selectFrom("written_summaries")
      .select(["paper_key", "asked_hash", "text"])
      .where("model", "=", model)
      .where(
        "paper_key",
        "in",
        tasks.map(({ key }) => key),
      )
      .execute();
    const texts = new Map(rows.map((row) => [`${row.paper_key} ${row.asked_hash}`, row.text]));
    return new Map(
      tasks.flatMap(({ key, hash }) => {
        const text = texts.get(`${key} ${hash}`);
        return text === undefined ? [] : [[key, text]];
      }),
    );
  }

  function summaries(answers: ReadonlyMap<PaperKey, string | null>): Written {
    return new Map(
      [...answers].flatMap(([key, text]) => (text === null ? [] : [[key, { text, by: model }]])),
    );
  }

  /** Asks about one paper; returns whether the server answered. */
  async function writeOne({ key, question, hash }: Task, signal: AbortSignal): Promise<boolean> {
    const day = today();
    const reply = await endpoint.ask(question, signal);
    if ("failed" in reply) {
      await noteFailure(db, day, reply.failed);
      return false;
    }
    const expected = tokensOf(question);
    if (reply.tokens !== null) {
      // A server that counts wrong can't empty or refill the budget by much.
      const spent = Math.min(Math.max(reply.tokens, Math.ceil(expected / 10)), expected * 10);
      await db
        .updateTable("summary_spending")
        .set((eb) => ({ tokens: eb("tokens", "+", spent - expected) }))
        .where("day", "=", day)
        .execute();
    }
    await db
      .insertInto("written_summaries")
      .values({
        paper_key: key,
        model,
        asked_hash: hash,
        text: summaryIn(reply.text, question),
        written_at: now().toISOString(),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return true;
  }

  async function writeAll(tasks: readonly Task[], stop?: AbortSignal): Promise<void> {
    const limit = AbortSignal.timeout(editionTimeoutMs);
    const signal = stop ? AbortSignal.any([limit, stop]) : limit;
    const left = [...tasks];
    let failures = 0;
    const work = async () => {
      for (let task = left.shift(); task; task = left.shift()) {
        if (signal.aborted || failures >= FAILURES_MAX) return;
        if (!(await reserve(db, today(), options.budgetPerDay, tokensOf(task.question)))) return;
        failures = (await writeOne(task, signal)) ? 0 : failures + 1;
      }
    };
    await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, work));
  }

  return {
    known: async (papers) => summaries(await answered(tasksOf(papers))),

    write: async (papers, stop) => {
      const tasks = tasksOf(papers);
      const before = await answered(tasks);
      await writeAll(
        tasks.filter(({ key }) => !before.has(key)),
        stop,
      );
      return summaries(await answered(tasks));
    },

    spent: async () => {
      const row = await db
        .selectFrom("summary_spending")
        .selectAll()
        .where("day", "=", today())
        .executeTakeFirst();
      const {
        requests = 0,
        tokens = 0,
        failures = 0,
        last_failure: lastFailure = null,
      } = row ?? {};
      return { model, requests, tokens, failures, lastFailure };
    },
  };
}

function tasksOf(papers: readonly Paper[]): Task[] {
  return papers.flatMap(({ key, title, abstract }) => {
    if (!abstract) return [];
    const question = { title, abstract };
    const asked = JSON.stringify(messagesFor(question));
    return [{ key, question, hash: createHash("sha256").update(asked).digest("base64url") }];
  });
}

/** What a question costs at most, as a rule: tokens of English are some four characters long. */
function tokensOf(question: Question): number {
  return Math.ceil(JSON.stringify(messagesFor(question)).length / 3) + ANSWER_TOKENS_MAX;
}

/** Takes a request out of the day's budget before it is made; returns whether there was one left. */
async function reserve(
  db: Kysely<SummaryTables>,
  day: string,
  budget: WriterOptions["budgetPerDay"],
  tokens: number,
): Promise<boolean> {
  if (tokens > budget.tokens || budget.requests < 1) return false;
  const result = await db
    .insertInto("summary_spending")
    .values({ day, requests: 1, tokens, failures: 0, last_failure: null })
    .onConflict((conflict) =>
      conflict
        .column("day")
        .doUpdateSet((eb) => ({
          requests: eb("summary_spending.requests", "+", 1),
          tokens: eb("summary_spending.tokens", "+", tokens),
        }))
        .where("summary_spending.requests", "<", budget.requests)
        .where("summary_spending.tokens", "<=", budget.tokens - tokens),
    )
    .executeTakeFirst();
  return Number(result.numInsertedOrUpdatedRows ?? 0) > 0;
}

async function noteFailure(db: Kysely<SummaryTables>, day: string, why: string): Promise<void> {
  await db
    .updateTable("summary_spending")
    .set((eb) => ({ failures: eb("failures", "+", 1), last_failure: why }))
    .where("day", "=", day)
    .execute();
}
