import { InvalidArgumentError, type Command } from "commander";
import type { App } from "../assemble.ts";
import { periodOf, type Cadence } from "../editions/period.ts";
import { PaperRoundError } from "../errors.ts";
import { grouped } from "../io/plural.ts";
import { DELIVERY_STATES, type DeliveryFilter, type DeliveryState } from "../mail/delivery.ts";
import type { Evidence } from "../mail/desk.ts";
import type { SubscriberKey } from "../subscribers/subscriber.ts";
import { addressArgument, cadenceOption, dateOption, withApp, withExamples } from "./context.ts";
import { addHolding } from "./holding.ts";
import { answer, answerJson, minuteOf, table, talk } from "./terminal.ts";

interface Which {
  date?: string;
  cadence?: Cadence;
  all?: boolean;
}

/** What a list shows unless states are named: all that is not simply done. */
const OPEN_STATES: readonly DeliveryState[] = DELIVERY_STATES.filter(
  (state) => state !== "accepted",
);
/** What can be tried again. Uncertain ones may have arrived, so they are resolved, not retried. */
const RETRIED_STATES: readonly DeliveryState[] = ["deferred", "expired", "rejected", "cancelled"];
/** Listing looks up each reader, so there is an end to it. */
const LIST_MAX = 100_000;
const LIST_USUAL = 1000;
const GO_ON =
  "`paperround serve` sends them, or `paperround send` with the --date of their edition.";

export function addOutbox(program: Command): void {
  const group = program
    .command("outbox")
    .description("letters that are owed, failed or uncertain, and what to do about them");
  withExamples(group, [
    "paperround outbox list",
    "paperround outbox list --state accepted --limit 20",
    "paperround outbox pause --date 2026-04-15",
    "paperround outbox retry reader@example.org --state rejected",
    "paperround outbox resolve --resend --date 2026-04-15 --all",
  ]);
  withEdition(group.command("list"))
    .description("show deliveries with their state, reply, queue id and Message-ID")
    .option("--state <state...>", `any of ${DELIVERY_STATES.join(", ")}`, stateOption)
    .option("--limit <number>", "show the newest so many", limitOption, LIST_USUAL)
    .option("--json", "print the result as JSON")
    .action(list);
  addHolding(group);
  withEdition(group.command("retry"))
    .description("make failed deliveries due at once, for serve or for a send of their edition")
    .argument("[email...]", "whose; or --all")
    .option(
      "--state <state...>",
      `any of ${RETRIED_STATES.join(", ")}; deferred if left out`,
      stateOption,
    )
    .option("--all", "those of all readers")
    .action(retry);
  withEdition(group.command("resolve"))
    .description("settle uncertain deliveries, once you know or have decided what became of them")
    .argument("[email...]", "whose; or --all")
    .option("--resend", "send them again, at the risk that somebody gets two")
    .option("--accept", "take them for accepted")
    .option("--all", "those of all readers")
    .action(resolve);
}

function withEdition(command: Command): Command {
  return command
    .option("--date <date>", "of this edition only; of all if left out", dateOption)
    .option(
      "--cadence <cadence>",
      "daily, weekly or monthly only; with --date daily if left out",
      cadenceOption,
    );
}

function stateOption(text: string, before: DeliveryState[] = []): DeliveryState[] {
  if ((DELIVERY_STATES as readonly string[]).includes(text))
    return [...before, text as DeliveryState];
  throw new InvalidArgumentError(`Choose from ${DELIVERY_STATES.join(", ")}.`);
}

function limitOption(text: string): number {
  const limit = Number(text);
  if (/^[1-9]\d{0,5}$/.test(text) && limit <= LIST_MAX) return limit;
  throw new InvalidArgumentError(`A limit is a number from 1 to ${LIST_MAX}.`);
}

async function list(
  options: Which & { state?: DeliveryState[]; limit: number; json?: boolean },
): Promise<void> {
  await withApp(async ({ newsletter }) => {
    const filter = { states: options.state ?? OPEN_STATES, ...editionOf(options) };
    const deliveries = await newsletter.deliveries(filter, options.limit);
    if (options.json) return answerJson(deliveries);
    if (deliveries.length === 0) return talk("No delivery is in any of these states.");
    answer(
      table([
        ["STATE", "EDITION", "ADDRESS", "TRIES", "SINCE", "CODE", "WHAT IS KNOWN"],
        ...deliveries.map(row),
      ]),
    );
    if (deliveries.length === options.limit) {
      talk(`These are the newest ${options.limit}; name --limit, --state or --date for others.`);
    }
  });
}

function row(delivery: Evidence): string[] {
  const { state, period, address, attempts, at, dueAt, code, enhanced, reply } = delivery;
  const next = state === "deferred" || state === "due" ? `due ${minuteOf(dueAt)} UTC` : "";
  const codes = [code, enhanced].filter((each) => each !== null).join(" ");
  // The codes have a column of their own; what follows them is the server's own words.
  const words = reply?.startsWith(codes) ? reply.slice(codes.length).trim() : reply;
  const known = [words, next, state === "uncertain" ? `Message-ID ${delivery.messageId}` : ""];
  return [
    state,
    period,
    address ?? "(erased)",
    `${attempts}`,
    at ? minuteOf(at) : "",
    codes,
    known.filter(Boolean).join("; "),
  ];
}

async function retry(
  emails: string[],
  options: Which & { state?: DeliveryState[] },
): Promise<void> {
  const states = options.state ?? ["deferred"];
  const wrong = states.find((state) => !RETRIED_STATES.includes(state));
  if (wrong) {
    throw new PaperRoundError("USAGE", `Deliveries that are ${wrong} can't be retried.`, {
      remedy: `Choose from ${RETRIED_STATES.join(", ")}; uncertain ones are for \`outbox resolve\`.`,
    });
  }
  await withApp(async (app) => {
    const which = await whoseOf(app, emails, options);
    const due = await app.newsletter.requeue({ states, ...which });
    answer(`${grouped(due)} made due again`);
    if (due > 0) talk(GO_ON);
    else await sayWhatThereIs(app, states, which, "--state");
  });
}

async function resolve(
  emails: string[],
  options: Which & { resend?: boolean; accept?: boolean },
): Promise<void> {
  if (options.resend === options.accept) {
    const what = options.resend ? "Only one of --resend and --accept can be meant." : null;
    throw new PaperRoundError("USAGE", what ?? "Say what became of them: --resend or --accept.");
  }
  await withApp(async (app) => {
    const which = await whoseOf(app, emails, options);
    const filter = { states: ["uncertain"] as const, ...which };
    const settled = options.resend
      ? await app.newsletter.requeue(filter)
      : await app.newsletter.vouch(filter);
    const what = options.resend ? "made due again" : "taken for accepted";
    answer(`${grouped(settled)} uncertain ${what}`);
    if (options.resend && settled > 0) talk(GO_ON);
    if (settled === 0) await sayWhatThereIs(app, filter.states, which);
  });
}

/** Says why nothing was changed: in which states the deliveries are that were meant. */
async function sayWhatThereIs(
  { newsletter }: App,
  asked: readonly DeliveryState[],
  which: Omit<DeliveryFilter, "states">,
  option = "",
): Promise<void> {
  process.exitCode = 3;
  const found = await newsletter.countStates({ states: DELIVERY_STATES, ...which });
  const there = Object.entries(found).map(([state, many]) => `${grouped(many)} ${state}`);
  const none = `None of these deliveries is ${asked.join(" or ")}`;
  if (there.length === 0) return talk("No such delivery is in the outbox.");
  const remedy = option ? ` Name another ${option}, where it helps.` : "";
  talk(`${none}: there are ${there.join(", ")}.${remedy}`);
}

function editionOf({ date, cadence }: Which): Pick<DeliveryFilter, "cadence" | "edition"> {
  if (date === undefined) return { cadence };
  const named = cadence ?? "daily";
  return { edition: { cadence: named, period: periodOf(named, date) } };
}

/** Returns the subscribers that are meant. Whom a deliberate act concerns must be said. */
async function whoseOf(
  { subscribers }: App,
  emails: readonly string[],
  options: Which,
): Promise<Omit<DeliveryFilter, "states">> {
  const edition = editionOf(options);
  if (emails.length === 0 && options.all) return edition;
  if (emails.length === 0 || options.all) {
    throw new PaperRoundError("USAGE", "Name addresses, or --all for those of all readers.");
  }
  const keys: SubscriberKey[] = [];
  for (const address of emails.map(addressArgument)) {
    const subscriber = await subscribers.find(address);
    if (!subscriber) {
      throw new PaperRoundError("SUBSCRIBER_UNKNOWN", `${address.address} is not on the list.`);
    }
    keys.push(subscriber.key);
  }
  return { ...edition, subscribers: keys };
}
