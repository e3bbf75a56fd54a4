/** What time does to what was asked for at the door: it is reminded of, and then forgotten. */
import type { Handle } from "../io/database.ts";
import { forgetOld } from "./request-log.ts";
import type { RequestTables } from "./request-tables.ts";

/** A notice that was begun this long ago is no longer being sent by anybody. */
const BEGUN_MS = 3_600_000;

/**
 * Makes reminders due, and forgets what has expired or been begun by a run that ended. Returns whether an
 * address was forgotten.
 */
export async function tidy(
  db: Handle<RequestTables>,
  now: Date,
  remindMs: number | null,
): Promise<boolean> {
  const at = now.toISOString();
  const expired = await db
    .deleteFrom("requests")
    .where("expires_at", "<=", at)
    .executeTakeFirst();
  await db
    .updateTable("requests")
    .set({ notice: null, notice_begun_at: null })
    .where("notice_begun_at", "<=", new Date(now.getTime() - BEGUN_MS).toISOString())
    .execute();
  if (remindMs !== null) {
    await db
      .updateTable("requests")
      .set({ notice: "reminder", notice_due_at: at, notice_attempts: 0 })
      .where("wish", "=", "join")
      .where("confirmed_at", "is", null)
      .where("refused_at", "is", null)
      .where("reminded_at", "is", null)
      .where("notice", "is", null)
      .where("asked_at", "<=", new Date(now.getTime() - remindMs).toISOString())
      .execute();
  }
  const isToldForgotten = await forgetTold(db);
  await forgetOld(db, now);
  return expired.numDeletedRows > 0n || isToldForgotten;
}

/** Forgets the addresses of mailboxes that were told of a move. Returns whether there was one. */
export async function forgetTold(db: Handle<RequestTables>): Promise<boolean> {
  const told = await db
    .updateTable("requests")
    .set({ address: null, address_key: null })
    .where("confirmed_at", "is not", null)
    .where("notice", "is", null)
    .where("address_key", "is not", null)
    .executeTakeFirst();
  return told.numUpdatedRows > 0n;
}
