/**
 * The rules of the door, the same for a form and for a program: who is let through, and how what is asked
 * for there is passed on. It is answered alike whoever is on the list, and nobody is looked up.
 */
import type { Context } from "hono";
import { LANGUAGE_TAGS } from "../config/language.ts";
import type { Shelves } from "../editions/shelves.ts";
import { siteHost, type Masthead } from "../mail/letter.ts";
import type { Readers, Visit } from "../readers.ts";
import type { Tastes } from "../tastes.ts";
import { isAddress, parseAddress, type Address } from "../subscribers/address.ts";
import type { Links } from "../subscribers/links.ts";
import { networkOf } from "../subscribers/network.ts";
import { firstChoicesOf } from "../subscribers/request-asking.ts";
import type { Verdict } from "../subscribers/request-log.ts";
import { NO_CHOICE, type Preferences } from "../subscribers/subscriber.ts";
import type { SubscriberList } from "../subscribers/subscriber-list.ts";
import { readChoices, type Offer } from "./choices.ts";
import { clientAddress } from "./proxy.ts";
import { isProven, UNPROVEN_SECONDS } from "./proof.ts";
import { isSealGood, sealForm, TRAP, type Fields, type Wrong } from "./visitor.ts";

/** The rules of the door, from the configuration. */
export interface Door extends Offer {
  /** Whether anybody may subscribe, and a mail server can ask them to confirm it. */
  readonly open: boolean;
  readonly minimumSeconds: number;
  /** The zero bits that a form's proof of work begins with; 0: none is asked for. */
  readonly proofOfWork: number;
  /** How long an unconfirmed request is kept. */
  readonly expiresDays: number;
  /** The address that letters come from. */
  readonly sender: string;
  /** The server that letters are handed to; null where there is none. */
  readonly mailServer: string | null;
  readonly refuseDomains: ReadonlySet<string>;
  readonly refuseRoles: ReadonlySet<string>;
}

export interface JoiningDependencies {
  readonly readers: Readers;
  readonly subscribers: SubscriberList;
  readonly shelves: Shelves;
  readonly links: Links;
  readonly tastes: Tastes;
  readonly masthead: Masthead;
  readonly door: Door;
  readonly now: () => Date;
  /** Whether the home can't be written: then nothing is taken in. */
  readonly isReadOnly: boolean;
  /**
   * Told that there is something to be mailed, so that nobody waits for the next minute. What is only asked
   * for under an address may not be answered at once: the work of it would tell who is on the list.
   */
  readonly wake?: ((isAsking: boolean) => void) | undefined;
}

/** Returns the words that a reader agrees to. They are kept with the consent, as they stand here. */
export function consentWording({ name }: Pick<Masthead, "name">): string {
  return `With this button I ask ${name} to send its letter of research papers to my address, once I have confirmed it by the link that is mailed there. I can leave at any time by the link in every letter.`;
}

/** Returns the fields of a request to join, with what each may hold, for whoever writes a program. */
export function apiFields({
  cadences,
  proofOfWork: bits,
}: Pick<Door, "cadences" | "proofOfWork">): Readonly<Record<string, string>> {
  const work = `a count for which the SHA-256 of "FORM:WORK" begins with ${bits} zero bits; without it, wait ${UNPROVEN_SECONDS} seconds`;
  return {
    email: "the address; it must be there",
    form: "the seal that the GET gave; it must be there",
    ...(bits > 0 && { work }),
    cadence: cadences.join(", "),
    format: "html, text",
    language: `of headings and links: ${LANGUAGE_TAGS.join(", ")}, or empty: as the newsletter has it`,
    hour: "0 to 23, or empty: as soon as it is out",
    weekday: "of a weekly letter, 1 for Monday to 7, or empty: when it is out",
    timeZone: "of the hour and the weekday, such as Europe/Berlin",
    topics: "a list of topics, named as in the addresses of their pages",
    keywords: "a list of words or phrases to follow",
    authors: "a list of full names to follow",
    organizations: "a list of names to follow",
    muted: "a list of words and phrases; no paper that holds one comes",
  };
}

/** What only a reader chooses: a request has no letters to shorten or to pause. */
const READERS_OWN = ["papers", "pause"];

/** Returns what is chosen along with an address; a field that is left out chooses nothing. */
export function readFirstChoices(fields: Fields, offer: Offer, today: string): Preferences | Wrong {
  const field = READERS_OWN.find((name) => fields.get(name));
  if (field === undefined) return readChoices(fields, chooseNothing(offer), offer, today);
  const wrong = `"${field}" can be chosen only by readers, with the link in their letters.`;
  return { wrong, field };
}

/** Returns a field that no request to join has, or null: a program is told what it misspells. */
export function unknownField(fields: Fields, door: Door): Wrong | null {
  const known = new Set([...Object.keys(apiFields(door)), ...READERS_OWN, "work", TRAP]);
  const field = [...fields.keys()].find((name) => !known.has(name));
  if (field === undefined) return null;
  return { wrong: `There is no field "${field.slice(0, 40)}".`, field };
}

/** Returns where a visitor comes from, as far as it is known. */
export function visitorNetwork(context: Context): string | null {
  const address = clientAddress(context);
  return address === null ? null : networkOf(address);
}

/** Returns with what a visitor sends a form. */
export function visitOf(context: Context, fields: Fields): Visit {
  return { network: visitorNetwork(context), seal: fields.get("form") ?? "" };
}

/** Returns the address in a field, or what to tell who wrote it. */
export function admissible(text: string, door: Door): Address | { readonly problem: string } {
  const parsed = parseAddress(text);
  if (!isAddress(parsed)) return { problem: `What you wrote ${parsed.invalid}.` };
  const [local = "", domain = ""] = parsed.key.split("@");
  // What stands behind a plus sign is the mailbox's own affair.
  if (door.refuseRoles.has(local.split("+")[0] ?? "")) {
    return { problem: `Mailboxes called "${local}" are not taken: nobody reads them alone.` };
  }
  const labels = domain.split(".");
  const above = labels.map((_, index) => labels.slice(index).join("."));
  if (above.some((name) => door.refuseDomains.has(name))) {
    return { problem: `Addresses at ${domain} are not taken here.` };
  }
  return parsed;
}

/** Passes on that somebody asks to join. */
export async function askToJoin(
  { readers, masthead, wake }: JoiningDependencies,
  { address, chosen, how }: { address: Address; chosen: Preferences; how: "form" | "api" },
  visit: Visit,
): Promise<Verdict> {
  const askedFrom = siteHost(masthead);
  const wording = consentWording(masthead);
  const asking = { address, ...firstChoicesOf(chosen), how, askedFrom, wording };
  const verdict = await readers.ask(asking, visit);
  wake?.(true);
  return verdict;
}

/** What a form carries from the moment that it is opened. */
export interface Opened {
  readonly seal: string;
  /** The zero bits that its proof of work begins with; 0: none is asked for. */
  readonly proofOfWork: number;
}

/** Returns what a form carries that is opened now. */
export function openForm({ door, links, now }: JoiningDependencies): Opened {
  return { seal: sealForm(links, now()), proofOfWork: door.proofOfWork };
}

/** Whether a form was opened here, by somebody who took the time of a person, or a program's work. */
export function sealIsGood({ door, links, now }: JoiningDependencies, fields: Fields): boolean {
  const seal = fields.get("form") ?? "";
  const isIdle =
    door.proofOfWork > 0 && !isProven(seal, fields.get("work") ?? "", door.proofOfWork);
  const seconds = isIdle ? Math.max(UNPROVEN_SECONDS, door.minimumSeconds) : door.minimumSeconds;
  return isSealGood(seal, { links, now: now(), minimumMs: seconds * 1000 });
}

/** Returns the preferences of whoever chooses nothing. */
export function chooseNothing({ cadences }: Offer): Preferences {
  return { cadence: cadences[0] ?? "daily", textOnly: false, ...NO_CHOICE };
}
