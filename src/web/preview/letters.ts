/**
 * The letters that a preview can show, set when they are asked for and kept until something changes.
 * Where one can't be set any more, the last one that could is shown, with what is wrong beside it.
 */
import { isPublished, type Draft } from "../../editions/edition.ts";
import { periodTitle, type Cadence } from "../../editions/period.ts";
import { PaperRoundError } from "../../errors.ts";
import type { Templates } from "../../io/template.ts";
import type { Masthead, SetLetter } from "../../mail/letter.ts";
import type { Parts } from "../../mail/message.ts";
import {
  NOTICES,
  sampleNotices,
  setNotice,
  type Notice,
  type NoticeKind,
  type SetNotice,
} from "../../mail/notices.ts";
import type { Newsletter, SingleResult } from "../../newsletter.ts";
import { unpackProfile } from "../../papers/packed-profile.ts";
import type { CalendarDate } from "../../papers/text.ts";
import { isAddress, parseAddress, type Address } from "../../subscribers/address.ts";
import type { Subscriber } from "../../subscribers/subscriber.ts";
import type { SubscriberList } from "../../subscribers/subscriber-list.ts";
import { fixtureDraft, FIXTURES, type FixtureName } from "./fixtures.ts";
import type { PreviewState } from "./state.ts";

/** What of the program a preview works with. */
export interface PreviewHouse {
  readonly newsletter: Newsletter;
  readonly subscribers: SubscriberList;
  readonly templates: Templates;
  readonly masthead: Masthead;
  /** Where letters may be sent for a test. */
  readonly testAddresses: readonly string[];
  /** Whether a key is configured that signs every letter. */
  readonly isSigned: boolean;
  /** Where Chromium lies, or null to look for it. */
  readonly browser: string | null;
}

/** A letter as it is shown. */
export interface Shown {
  /** What it is, in words: "Wednesday, 15 April 2026", "Hostile", "Welcome". */
  readonly title: string;
  /** What else there is to know at once. */
  readonly about: string;
  /** Null for a notice. */
  readonly draft: Draft | null;
  /** Null for the letter of a draft. */
  readonly notice: Notice | null;
  /** Who gets it; null stands for nobody in particular. */
  readonly reader: Subscriber | null;
  readonly parts: Parts;
  readonly preheader: string;
  /** Returns the finished message, as it would be sent. */
  readonly message: () => Promise<Buffer>;
}

export interface Showing {
  /** Null where no letter could ever be set. */
  readonly shown: Shown | null;
  /** What is wrong now. */
  readonly fault: PaperRoundError | null;
  /** When the letter shown was set, where a fault keeps a newer one away. */
  readonly lastGood: Date | null;
}

interface Sending {
  readonly address: Address;
  readonly force: boolean;
}

export interface PreviewLetters {
  /** Returns the letter that `state` names; what is wrong is part of the answer. */
  show(house: PreviewHouse, state: PreviewState, stamp: string): Promise<Showing>;
  /** Sets the letter shown last anew, so that it is there when a browser asks again. */
  prepare(house: PreviewHouse, stamp: string): Promise<void>;
  /** Sends it to one address; `force`: even with errors in it. Throws what a send throws. */
  send(house: PreviewHouse, state: PreviewState, to: Sending): Promise<SingleResult[]>;
}

/** A letter, set, before any reader's values are in it. */
type Setting =
  | { readonly draft: Draft; readonly letter: SetLetter }
  | { readonly draft: null; readonly letter: SetNotice; readonly kind: NoticeKind };

interface Kept {
  stamp: string;
  setting: Promise<Setting>;
  /** As it could last be set. */
  good: { readonly setting: Setting; readonly at: Date } | null;
}

/** Letters that are kept set. */
const KEPT_MAX = 30;
/** Who a letter that is on no list goes to, until it is sent. */
const SOMEBODY = "reader@example.org";

/** Returns today, or the newest day before it that has papers: an empty letter shows little. */
export async function newestDay(newsletter: Newsletter, cadence: Cadence): Promise<CalendarDate> {
  const today = newsletter.today();
  const { entries } = await newsletter.edition(cadence, today);
  const [newest] = entries.length > 0 ? [] : await newsletter.recentDays(1);
  return newest ?? today;
}

/** Returns whether the preview knows a letter of that name. */
export function isLetter(name: string): boolean {
  return name === "edition" || isFixture(name) || isNotice(name);
}

function isFixture(name: string): name is FixtureName {
  return Object.hasOwn(FIXTURES, name);
}

function isNotice(name: string): name is NoticeKind {
  return (NOTICES as readonly string[]).includes(name);
}

/** Returns the letters of a preview; `folder` holds the files of the fixtures. */
export function openPreviewLetters(folder: string, now: () => Date): PreviewLetters {
  const kept = new Map<string, Kept>();
  let last: PreviewState | null = null;

  async function draftOf({ newsletter, masthead }: PreviewHouse, state: PreviewState) {
    const { letter, cadence, date } = state;
    if (!isFixture(letter)) return newsletter.edition(cadence, date);
    return fixtureDraft(letter, cadence, { folder, leads: masthead.entries });
  }

  async function set(
    house: PreviewHouse,
    state: PreviewState,
    reader: Subscriber | null,
  ): Promise<Setting> {
    const { masthead, templates, newsletter } = house;
    if (isNotice(state.letter)) {
      const notice = sampleNotices(masthead)[state.letter];
      const letter = await setNotice(notice, masthead, templates);
      return { draft: null, letter, kind: state.letter };
    }
    const draft = await draftOf(house, state);
    return { draft, letter: await newsletter.set(draft, reader) };
  }

  /** Returns what is kept under the letter's name, set anew if anything has changed since. */
  function keptFor(
    house: PreviewHouse,
    state: PreviewState,
    stamp: string,
    reader: Subscriber | null,
  ): Kept {
    const { letter, cadence, date } = state;
    const name = [letter, cadence, letter === "edition" ? date : "", ownOf(reader)].join(" ");
    const known = kept.get(name);
    if (known?.stamp === stamp) return known;
    const entry: Kept = { stamp, setting: set(house, state, reader), good: known?.good ?? null };
    entry.setting.then(
      (setting) => (entry.good = { setting, at: now() }),
      // Whoever waits is told; whoever asks next has it tried again.
      () => (entry.stamp = ""),
    );
    kept.delete(name);
    kept.set(name, entry);
    const [oldest] = kept.keys();
    if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
    return entry;
  }

  async function show(house: PreviewHouse, state: PreviewState, stamp: string): Promise<Showing> {
    const { reader, fault: unknown } = await readerOf(house, state.reader);
    const entry = keptFor(house, state, stamp, reader);
    last = state;
    try {
      const setting = await entry.setting;
      return { shown: shownAs(house, setting, state, reader), fault: unknown, lastGood: null };
    } catch (thrown) {
      const fault = asFault(thrown);
      const { good } = entry;
      if (!good) return { shown: null, fault, lastGood: null };
      return { shown: shownAs(house, good.setting, state, reader), fault, lastGood: good.at };
    }
  }

  return {
    show,
    prepare: async (house, stamp) => {
      if (!last) return;
      const { reader } = await readerOf(house, last.reader);
      await keptFor(house, last, stamp, reader).setting.catch(() => {});
    },
    send: async (house, state, { address, force }) => {
      const { newsletter, masthead } = house;
      return isNotice(state.letter)
        ? newsletter.sendNotice(sampleNotices(masthead)[state.letter], address, { force })
        : newsletter.sendTo(await draftOf(house, state), [address], { force, evenEmpty: true });
    },
  };
}

/** Returns what of a reader makes their letter another than everybody's. */
function ownOf(reader: Subscriber | null): string {
  if (!reader) return "";
  const { papers, language, interests, profile } = reader;
  return JSON.stringify([papers, language, interests, profile && unpackProfile(profile)]);
}

/** Returns the subscriber of an address, or says why there is none; an empty one stands for nobody. */
async function readerOf(
  { subscribers }: PreviewHouse,
  text: string,
): Promise<{ reader: Subscriber | null; fault: PaperRoundError | null }> {
  if (text === "") return { reader: null, fault: null };
  const address = parseAddress(text);
  if (!isAddress(address)) {
    const fault = new PaperRoundError("ADDRESS_INVALID", `"${text}" ${address.invalid}.`);
    return { reader: null, fault };
  }
  const reader = await subscribers.find(address);
  if (reader) return { reader, fault: null };
  const message = `${address.address} is not on the list. The letter is shown as a one-off.`;
  return { reader: null, fault: new PaperRoundError("SUBSCRIBER_UNKNOWN", message) };
}

function shownAs(
  { newsletter, masthead }: PreviewHouse,
  setting: Setting,
  state: PreviewState,
  reader: Subscriber | null,
): Shown {
  const somebody = parseAddress(SOMEBODY) as Address;
  if (setting.draft === null) {
    const { letter, kind } = setting;
    const notice = sampleNotices(masthead)[kind];
    return {
      title: noticeTitle(kind),
      about: "a letter of its own, filled with examples",
      draft: null,
      notice,
      reader: null,
      parts: letter,
      preheader: letter.preheader,
      message: async () => (await newsletter.composeNotice(notice, somebody)).content,
    };
  }
  const { draft, letter } = setting;
  return {
    title: titleOf(state.letter) ?? periodTitle(draft.cadence, draft.period),
    about: aboutOf(draft, state),
    draft,
    notice: null,
    reader,
    parts: newsletter.print(letter, reader),
    preheader: letter.preheader,
    message: async () => (await newsletter.compose(draft, letter, reader ?? somebody)).content,
  };
}

/** What the notices are called where one of them is chosen. */
const NOTICE_TITLES: Readonly<Record<NoticeKind, string>> = {
  confirmation: "Confirmation",
  move: "New address",
  links: "Lost links",
  welcome: "Welcome",
  moved: "Farewell to an old address",
  alert: "Operator's alert",
};

/** Returns "Lost links" for "links". */
export function noticeTitle(kind: NoticeKind): string {
  return NOTICE_TITLES[kind];
}

/** Returns what a fixture or notice is called, and null for any other name. */
export function titleOf(letter: string): string | null {
  if (isFixture(letter)) return FIXTURES[letter].title;
  return isNotice(letter) ? noticeTitle(letter) : null;
}

function aboutOf(draft: Draft, { letter, cadence }: PreviewState): string {
  const state = isPublished(draft)
    ? `published as no. ${draft.number}, frozen`
    : isFixture(letter)
      ? `a fixture, as a ${cadence} letter`
      : "as it would be published now";
  const leads = draft.entries.filter(({ lead }) => lead).length;
  return `${state}; ${leads} of ${draft.candidates} candidates`;
}

/** Returns what was thrown as a fault of ours; what is none is a defect, and is said to be one. */
export function asFault(thrown: unknown): PaperRoundError {
  if (thrown instanceof PaperRoundError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new PaperRoundError("INTERNAL", text, { cause: thrown });
}
