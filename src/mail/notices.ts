/**
 * The other letters, in the hand of the first: to somebody who comes or goes, and to the operator. A
 * notice is said in words here, and set like a letter; it goes to one address, and to no list. (A day
 * without papers has a letter like any other: that of an edition with no entries.)
 */
import { daysOf, shortDate, type Cadence } from "../editions/period.ts";
import { PaperRoundError } from "../errors.ts";
import { wrap, type Templates } from "../io/template.ts";
import type { EditionName } from "./delivery.ts";
import { PREHEADER_MAX, shorten } from "./headline.ts";
import { accentsOf, siteHost, type Masthead } from "./letter.ts";
import type { Parts } from "./message.ts";

export const NOTICES = ["confirmation", "move", "links", "welcome", "moved", "alert"] as const;
export type NoticeKind = (typeof NOTICES)[number];

interface Detail {
  readonly name: string;
  readonly text: string;
  readonly url: string;
}

/** What a notice says, in plain words. */
export interface Notice {
  readonly kind: NoticeKind;
  readonly subject: string;
  /** The first line, which says something else than the subject. */
  readonly preheader: string;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  /** Named details, such as what to do; one with an address is a link of that name. */
  readonly details: readonly Detail[];
  readonly button: { readonly label: string; readonly url: string } | null;
  /** What is said last, and small. */
  readonly after: readonly string[];
  /** Why this letter came. */
  readonly why: string;
}

/** A notice, set. */
export interface SetNotice extends Parts {
  readonly preheader: string;
  readonly html: string;
}

type Names = Pick<Masthead, "name" | "siteUrl">;

/** Sets `notice`. Throws TEMPLATE_BROKEN. */
export async function setNotice(
  notice: Notice,
  masthead: Masthead,
  templates: Templates,
): Promise<SetNotice> {
  const { name, contact, postalAddress, siteUrl } = masthead;
  const view = {
    ...notice,
    lang: "en",
    dir: "ltr",
    rtl: false,
    newsletter: { name, contact, postalAddress, url: `${siteUrl}/`, ...accentsOf(masthead) },
  };
  return {
    subject: notice.subject,
    preheader: notice.preheader,
    html: await templates.html("notice", view),
    text: templates.text("notice", view),
  };
}

/** Returns `notice` as nothing but text, for when its template is broken. */
export function plainNotice({ subject, paragraphs, details, why }: Notice): Parts {
  const named = details.map(({ name, text, url }) => `${name}: ${text}${url && ` ${url}`}`);
  const text = [...paragraphs, ...named, why].map((each) => wrap(each)).join("\n\n");
  return { subject, text: `${text}\n`, html: null };
}

/** A request under an address, which its owner has yet to confirm. */
interface Asked {
  readonly address: string;
  /** Where the form was filled in, by whom as far as it is known: "papers.example.org". */
  readonly askedFrom: string;
  /** From which part of the internet: "192.0.2.0/24"; null: unknown. */
  readonly askedNetwork: string | null;
  readonly askedAt: Date;
  /** When it is forgotten. */
  readonly expiresAt: Date;
  readonly confirmUrl: string;
  /** Where to say that it was somebody else. */
  readonly refuseUrl: string;
}

/** Asks whoever reads `address` whether letters are wanted there; nothing follows without the click. */
export function confirmation(
  request: Asked & {
    readonly cadence: Cadence;
    /** Whether this was asked before, and this is the last time. */
    readonly again: boolean;
  },
  { name }: Names,
): Notice {
  const { address, cadence, askedFrom, confirmUrl, again } = request;
  return {
    kind: "confirmation",
    // Filters hold a question mark at a subject's end against it.
    subject: `${again ? "Once more, please" : "Please"} confirm: the ${cadence} letter of ${name}`,
    preheader: "One click, and it comes. Do nothing, and nothing comes.",
    heading: "Is this letter for you?",
    paragraphs: [
      `Somebody asked for the ${cadence} letter of ${name} to be sent to ${address}. If that was you, say yes.`,
    ],
    details: askedDetails(request),
    button: { label: "Yes, send me the letter", url: confirmUrl },
    after: [
      "If it was not you, do nothing: without that click no letter comes.",
      ...(again ? ["You are not asked again."] : []),
    ],
    why: `This one letter came because ${address} was given on ${askedFrom}.`,
  };
}

/** Asks whoever reads `address` whether a reader's letters are to go there from now on. */
export function move(request: Asked & { readonly cadence: Cadence }, { name }: Names): Notice {
  const { address, cadence, askedFrom, confirmUrl } = request;
  return {
    kind: "move",
    subject: `Please confirm: ${name} to this address`,
    preheader: "One click, and it comes here. Do nothing, and nothing changes.",
    heading: "Is this your new address?",
    paragraphs: [
      `A reader of the ${cadence} letter of ${name} asked for it to be sent to ${address} from now on.`,
    ],
    details: askedDetails(request),
    button: { label: "Yes, send it here", url: confirmUrl },
    after: ["If it was not you, do nothing: without that click nothing changes."],
    why: `This one letter came because ${address} was given on ${askedFrom}.`,
  };
}

/** Sends a reader the links of every letter once more. */
export function lostLinks(
  reader: {
    address: string;
    cadence: Cadence;
    /** Whether letters have ended. What is kept can still be seen, and erased. */
    hasLeft: boolean;
    askedFrom: string;
    askedNetwork: string | null;
    askedAt: Date;
    preferencesUrl: string;
    unsubscribeUrl: string;
  },
  { name }: Names,
): Notice {
  const { address, cadence, hasLeft, askedFrom, preferencesUrl, unsubscribeUrl } = reader;
  return {
    kind: "links",
    subject: `Your links to ${name}`,
    preheader: hasLeft
      ? "To see what is kept of you, or to have it erased."
      : "To change what you get, or to leave.",
    heading: hasLeft ? "You have left" : "You are on the list",
    paragraphs: [
      hasLeft
        ? `No letter of ${name} goes to ${address}. Here you can see what is kept of you, take it along, or erase it.`
        : `The ${cadence} letter of ${name} goes to ${address}. Here you can change what you get, or leave.`,
    ],
    details: [
      ...(hasLeft ? [] : [detail("No more letters", "Unsubscribe", unsubscribeUrl)]),
      detail("Asked", askedText(reader)),
    ],
    button: { label: hasLeft ? "See what is kept" : "Change what you get", url: preferencesUrl },
    after: ["Keep this letter to yourself: whoever has it can use these links."],
    why: `This one letter came because ${address} was given on ${askedFrom}.`,
  };
}

/** Greets a new reader, and says what comes when. */
export function welcome(
  reader: {
    address: string;
    cadence: Cadence;
    /** When the next edition is due. */
    firstLetter: Date;
    preferencesUrl: string;
    unsubscribeUrl: string;
  },
  { name, siteUrl }: Names,
): Notice {
  const { address, cadence, firstLetter, preferencesUrl, unsubscribeUrl } = reader;
  return {
    kind: "welcome",
    subject: `Welcome to ${name}`,
    preheader: `Your first letter comes on ${momentOf(firstLetter)}.`,
    heading: "You are on the list",
    paragraphs: [
      `From now on the ${cadence} letter of ${name} comes to ${address}: the papers that matter, why each of them is there, and what it found.`,
      "No letter tells anybody that you have opened it: there are no pictures to load, and links lead straight to their targets.",
    ],
    details: [
      detail("More or less", "Change what you get", preferencesUrl),
      detail("No more letters", "Unsubscribe", unsubscribeUrl),
    ],
    button: { label: "Read the latest edition", url: `${siteUrl}/` },
    after: [],
    why: `You get this letter because ${address} subscribed to ${name}.`,
  };
}

/** Tells the mailbox that a reader has left that letters go elsewhere; where, is not its business. */
export function moved(
  reader: { address: string; askedFrom: string; at: Date },
  { name, siteUrl, contact }: Names & Pick<Masthead, "contact">,
): Notice {
  const { address, askedFrom, at } = reader;
  return {
    kind: "moved",
    subject: `The letters of ${name} no longer come here`,
    preheader: "They go to another address, where that was confirmed.",
    heading: "Your letters have moved",
    paragraphs: [
      `Somebody with the link of a letter that came to ${address} asked for the letters of ${name} to go to another address, and confirmed it there. If that was you, all is well.`,
      "The links in letters that came here can still end the subscription, and nothing else.",
    ],
    details: [
      detail("When", `${momentOf(at)}, on ${askedFrom}`),
      detail("If it was not you", `Write to ${contact}`, `mailto:${contact}`),
    ],
    button: { label: "Subscribe here again", url: `${siteUrl}/subscribe` },
    after: [],
    why: `This one letter came because ${address} was on the list of ${name}.`,
  };
}

/** Tells the operator what went wrong with a round of the schedule, and what to do about it. */
export function alert(
  trouble: { edition: EditionName; fault: PaperRoundError; at: Date },
  { name }: Names,
): Notice {
  const { edition, fault, at } = trouble;
  const date = shortDate(daysOf(edition.cadence, edition.period).last);
  return {
    kind: "alert",
    subject: `${name}: trouble with the ${edition.cadence} letter of ${date}`,
    preheader: shorten(fault.remedy, PREHEADER_MAX),
    heading: `Trouble with the letter of ${date}`,
    paragraphs: [fault.message],
    details: [
      detail("What to do", fault.remedy),
      detail("Look closer", "paperround status"),
      detail("Code", fault.code),
      detail("When", momentOf(at)),
    ],
    button: null,
    after: [
      "You are told once of each trouble with an edition. What is owed to readers is kept, and tried again.",
    ],
    why: `You get this letter because newsletter.alerts of ${name} names your address.`,
  };
}

/** Returns one notice of each kind, for looking at them. */
export function sampleNotices(
  masthead: Names & Pick<Masthead, "contact">,
): Readonly<Record<NoticeKind, Notice>> {
  const address = "ada@example.org";
  const cadence = "daily";
  const { siteUrl } = masthead;
  const linkTo = (page: string) => `${siteUrl}/${page}/1-sample`;
  const at = new Date("2026-04-15T09:12:00Z");
  const fault = new PaperRoundError(
    "SMTP_UNREACHABLE",
    "The mail server mail.example.org does not answer.",
  );
  const links = { preferencesUrl: linkTo("preferences"), unsubscribeUrl: linkTo("unsubscribe") };
  const asked = {
    address,
    cadence,
    askedFrom: siteHost(masthead),
    askedNetwork: "192.0.2.0/24",
    askedAt: at,
    expiresAt: new Date("2026-04-22T09:12:00Z"),
    confirmUrl: linkTo("confirm"),
    refuseUrl: linkTo("refuse"),
  } as const;
  return {
    confirmation: confirmation({ ...asked, again: false }, masthead),
    move: move(asked, masthead),
    links: lostLinks({ ...asked, hasLeft: false, ...links }, masthead),
    welcome: welcome(
      {
        address,
        cadence,
        firstLetter: new Date("2026-04-16T07:00:00Z"),
        ...links,
      },
      masthead,
    ),
    moved: moved({ ...asked, at }, masthead),
    alert: alert(
      { edition: { cadence, period: "2026-04-15" } as EditionName, fault, at },
      masthead,
    ),
  };
}

function askedDetails(asked: Asked): Detail[] {
  return [
    detail("Asked", askedText(asked)),
    detail("Good until", momentOf(asked.expiresAt)),
    detail("If it was not you", "This was not me", asked.refuseUrl),
  ];
}

/**
 * Returns when, where and from where something was asked for: "15 Apr 2026, 09:12 UTC, on
 * papers.example.org, from the network 192.0.2.0/24".
 */
export function askedText({
  askedAt,
  askedFrom,
  askedNetwork,
}: Pick<Asked, "askedAt" | "askedFrom" | "askedNetwork">): string {
  const from = askedNetwork === null ? "" : `, from the network ${askedNetwork}`;
  return `${momentOf(askedAt)}, on ${askedFrom}${from}`;
}

function detail(name: string, text: string, url = ""): Detail {
  return { name, text, url };
}

/** Returns "15 Apr 2026, 09:12 UTC". */
function momentOf(time: Date): string {
  const iso = time.toISOString();
  return `${shortDate(iso.slice(0, 10))}, ${iso.slice(11, 16)} UTC`;
}
