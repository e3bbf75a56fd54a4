/** Whom a delivery is for, and whether they may still have it: read from its row beside the list. */
import { storedLanguage } from "../config/language.ts";
import { storedInterests } from "../papers/interests.ts";
import { storedProfile } from "../papers/packed-profile.ts";
import type { Recipient, Standing, SubscriberKey } from "../subscribers/subscriber.ts";
import { historyOf, type HistoryRow } from "./history.ts";

interface ReaderRow extends HistoryRow {
  readonly subscriber_key: number;
  readonly address: string | null;
  readonly text_only: number | null;
  readonly language: string | null;
  readonly papers: number | null;
  readonly interests: string | null;
  readonly packed_profile: Uint8Array | null;
  readonly moves: number | null;
  readonly confirmed: number;
  readonly may_be_mailed: number;
}

/** Returns the reader of a delivery, or why there is none any more. */
export function standingOf(row: ReaderRow): Standing<Recipient> {
  if (!row.confirmed || row.address === null) return { mail: null, because: "left" };
  if (!row.may_be_mailed) return { mail: null, because: "suppressed" };
  const mail = {
    key: row.subscriber_key as SubscriberKey,
    address: row.address,
    textOnly: row.text_only === 1,
    language: storedLanguage(row.language),
    papers: row.papers,
    interests: storedInterests(row.interests),
    profile: storedProfile(row.packed_profile),
    history: historyOf(row),
    moves: row.moves ?? 0,
  };
  return { mail };
}
