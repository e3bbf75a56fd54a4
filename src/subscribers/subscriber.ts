/**
 * The words of this room. A *subscriber* is an address with its consent and preferences. A
 * *suppression* is an address that must not be mailed; it is stronger than any subscription.
 */

import type { Language } from "../config/language.ts";
import { NO_INTERESTS, type Interests } from "../papers/interests.ts";
import type { PaperKey } from "../papers/paper.ts";
import type { PackedProfile } from "../papers/packed-profile.ts";
import type { CalendarDate } from "../papers/text.ts";

export type SubscriberKey = number & { readonly __brand: "SubscriberKey" };

/** The states of consent: only a confirmed subscriber is mailed. */
export type ConsentState = "pending" | "confirmed" | "unsubscribed";

/** How and when somebody came to be on the list (GDPR art. 7(1) asks for proof). */
export interface Consent {
  readonly how: "imported" | "added" | "form" | "api";
  /** The file and row, the command, or the host whose form it was. */
  readonly detail: string;
  readonly at: string;
  /** The words that were agreed to, as they stood beside the button. */
  readonly wording?: string | undefined;
  /** When the owner of the mailbox said yes, for one that was asked. */
  readonly confirmedAt?: string | undefined;
  /** The latest move to another address, which that address asked for and confirmed. */
  readonly moved?: { readonly detail: string; readonly at: string; readonly confirmedAt: string };
}

/** What a reader may choose. */
export interface Preferences {
  readonly cadence: string;
  readonly textOnly: boolean;
  /** Of the frame of letters; null: the newsletter's. */
  readonly language: Language | null;
  /** From which hour of the reader's day letters come, 0 to 23; null: as soon as they are out. */
  readonly hour: number | null;
  /** On which day of the reader's week a weekly letter comes, 1 for Monday; null: when it is out. */
  readonly weekday: number | null;
  /** The zone of that hour and day. */
  readonly timeZone: string | null;
  /** How many papers a letter leads with at most; null: as many as the edition does. */
  readonly papers: number | null;
  /** The first date on which letters come again; null: there is no pause. */
  readonly pausedUntil: string | null;
  readonly interests: Interests;
}

export interface Subscriber extends Preferences {
  readonly key: SubscriberKey;
  readonly address: string;
  readonly state: ConsentState;
  readonly consent: Consent;
  readonly endedAt: string | null;
  /** What was learned from the reader's opinions of papers; null: nothing. */
  readonly profile: PackedProfile | null;
  readonly leavingReason: string | null;
  /** How often the address was changed: links in letters to an earlier one only end a subscription. */
  readonly moves: number;
  /** The latest pause, which may be over; null: none, or nothing is known of it. */
  readonly away: Away | null;
}

/** What a letter needs to know of its reader. */
export interface Recipient extends Pick<
  Subscriber,
  "key" | "address" | "textOnly" | "language" | "papers" | "moves" | "interests" | "profile"
> {
  /** Left out where no letter of an own choice has ever gone to the reader. */
  readonly history?: History | undefined;
}

/** What letters of a reader's own choice have brought. */
export interface History {
  /** Papers of the latest letters of the cadence, those of the letter at hand aside. */
  readonly seen: readonly PaperKey[];
  /** Papers of the letter at hand, where it was printed before; null: it was not. */
  readonly kept: readonly PaperKey[] | null;
  /** A pause that no letter may have told of yet. */
  readonly pause?: Pause | undefined;
}

/** A pause, while it lasts and after it. */
export interface Away {
  /** When it was chosen, as a timestamp. */
  readonly since: string;
  /** Editions that come out on this date or later are no part of it. */
  readonly until: CalendarDate;
}

/** A pause, and the reader's last letter before the one at hand, where it may be of after the pause. */
export interface Pause extends Away {
  readonly last: { readonly cadence: string; readonly period: string } | null;
}

/** What a reader chooses who chooses nothing. */
export const NO_CHOICE = {
  language: null,
  hour: null,
  weekday: null,
  timeZone: null,
  papers: null,
  pausedUntil: null,
  interests: NO_INTERESTS,
} as const;

/** Numbers of papers that a reader may choose; each is a letter of its own, set once. */
export const PAPER_COUNTS = [3, 5, 10, 15] as const;

/** Reasons for leaving that a reader may give. */
export const LEAVING_REASONS = {
  often: "Letters come too often",
  irrelevant: "The papers are not for me",
  unasked: "I never asked for them",
  other: "Something else",
} as const;
export type LeavingReason = keyof typeof LEAVING_REASONS;

/** Why an address must not be mailed. */
export type SuppressionReason = "unsubscribed" | "bounced" | "complained" | "erased" | "operator";

/** Why a subscriber of a cadence is not a recipient. */
export type Exclusion = "pending" | "unsubscribed" | "suppressed" | "paused";

/** Whether a subscriber may be mailed, and why not. */
export type Standing<Reader = Subscriber> =
  | { readonly mail: Reader }
  | { readonly mail: null; readonly because: "left" | "suppressed" };
