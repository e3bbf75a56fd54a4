/**
 * The words of this room. A *delivery* is the duty to get one letter to one subscriber; its states are
 * explained in the glossary. Accepted is not delivered: all that a sender can know is that a server
 * took responsibility.
 */
import type { Cadence, Period } from "../editions/period.ts";
import type { PaperKey } from "../papers/paper.ts";
import type { Exclusion, Recipient, Standing, SubscriberKey } from "../subscribers/subscriber.ts";
import type { Reply } from "./outcome.ts";

export const DELIVERY_STATES = [
  "due",
  "claimed",
  "sending",
  "accepted",
  "deferred",
  "rejected",
  "expired",
  "uncertain",
  "suppressed",
  "cancelled",
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export interface EditionName {
  readonly cadence: Cadence;
  readonly period: Period;
}

/** A delivery whose time has come, with its reader as the list has them at that moment. */
export interface DueDelivery extends EditionName {
  readonly key: number;
  readonly attempts: number;
  readonly expiresAt: string;
  readonly reader: Standing<Recipient>;
}

/** A letter is worth delivering for this long after it was due first. */
const EXPIRES_HOURS: Readonly<Record<Cadence, number>> = { daily: 24, weekly: 72, monthly: 168 };

export interface DeliveryTimes {
  readonly dueAt: string;
  readonly expiresAt: string;
}

/** Returns the times of a delivery that is due then, and worth sending for as long as its cadence allows. */
export function timesFrom(due: Date, cadence: Cadence): DeliveryTimes {
  const expires = new Date(due.getTime() + EXPIRES_HOURS[cadence] * 3_600_000);
  return { dueAt: due.toISOString(), expiresAt: expires.toISOString() };
}

export type DeliveryCounts = Readonly<Record<DeliveryState, number>>;

/** Subscribers of the cadence are recipients or excluded; one who was erased stays a recipient. */
export interface Addressed {
  readonly recipients: number;
  readonly excluded: Readonly<Record<Exclusion, number>>;
}

/** A state that ends an attempt, and what is known of it. */
export interface Settlement {
  readonly state: Exclude<DeliveryState, "due" | "claimed" | "sending">;
  readonly reply: Reply | null;
  /** When a deferred delivery is due again. */
  readonly dueAt?: string;
}

/** A delivery as shown to the operator. */
export interface DeliveryRecord extends EditionName {
  readonly state: DeliveryState;
  readonly subscriber: SubscriberKey;
  readonly attempts: number;
  readonly reply: string | null;
  /** The reply's code, and its enhanced code (RFC 3463). */
  readonly code: number | null;
  readonly enhanced: string | null;
  /** The name under which the server's own log knows the letter, where it told it. */
  readonly queueId: string | null;
  /** When it came into its state. */
  readonly at: string | null;
  /** When it is due, for one that is owed. */
  readonly dueAt: string;
  /** The papers of a letter of its reader's own choice; null: the edition's own. */
  readonly papers: readonly PaperKey[] | null;
}

/** Which deliveries are meant. */
export interface DeliveryFilter {
  readonly states: readonly DeliveryState[];
  /** Of one cadence; of all if left out. */
  readonly cadence?: Cadence | null | undefined;
  /** Of one edition; of all if left out. */
  readonly edition?: EditionName | null | undefined;
  /** Of these subscribers; of all if left out. */
  readonly subscribers?: readonly SubscriberKey[] | null | undefined;
}

/** Returns how many deliveries are still to be made. */
export function owedOf({ due, claimed, sending, deferred }: DeliveryCounts): number {
  return due + claimed + sending + deferred;
}
