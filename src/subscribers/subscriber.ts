/**
 * The words of this room. A *subscriber* is an address with its consent and preferences. A
 * *suppression* is an address that must not be mailed; it is stronger than any subscription.
 */

export type SubscriberKey = number & { readonly __brand: "SubscriberKey" };

/** The states of consent: only a confirmed subscriber is mailed. */
export type ConsentState = "pending" | "confirmed" | "unsubscribed";

/** How and when somebody came to be on the list (GDPR art. 7(1) asks for proof). */
export interface Consent {
  readonly how: "imported" | "added";
  /** The file and row, or the command. */
  readonly detail: string;
  readonly at: string;
}

export interface Subscriber {
  readonly key: SubscriberKey;
  readonly address: string;
  readonly state: ConsentState;
  readonly cadence: string;
  readonly textOnly: boolean;
  readonly consent: Consent;
  readonly endedAt: string | null;
}

/** What a letter needs to know of its reader. */
export type Recipient = Pick<Subscriber, "key" | "address" | "textOnly">;

/** Why an address must not be mailed. */
export type SuppressionReason = "unsubscribed" | "bounced" | "complained" | "erased" | "operator";

/** Why a subscriber of a cadence is not a recipient. */
export type Exclusion = "pending" | "unsubscribed" | "suppressed";

/** Whether a subscriber may be mailed, and why not. */
export type Standing<Reader = Subscriber> =
  | { readonly mail: Reader }
  | { readonly mail: null; readonly because: "left" | "suppressed" };
