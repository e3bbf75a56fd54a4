/**
 * Takes back what a run left that has ended: its claims come due again, and what was on its way is
 * uncertain.
 */
import type { Kysely } from "kysely";
import { fateOf } from "../io/process.ts";
import type { DeliveryState } from "./delivery.ts";
import { IS_CLAIMED, type OutboxTables } from "./outbox-tables.ts";

/** A claim of another host is taken back after this long, when nothing can be told of its process. */
const LEASE_MS = 15 * 60_000;

/** Takes back what the process named `by` has claimed: its run is over. */
export async function releaseClaims(
  db: Kysely<OutboxTables>,
  by: string,
  now: string,
): Promise<void> {
  await toUncertain(db, by, ["sending"], now);
  await backToDue(db, by);
}

/** Takes back what ended processes have claimed. `own` says whether the one named `self` is one. */
export async function recoverClaims(
  db: Kysely<OutboxTables>,
  self: string,
  now: string,
  own: "ended" | "alive",
): Promise<{ due: number; uncertain: number }> {
  const owners = await db
    .selectFrom("deliveries")
    .select(["claimed_by", (eb) => eb.fn.max("claimed_at").as("last_claim")])
    .where(IS_CLAIMED)
    .groupBy("claimed_by")
    .execute();
  const recovered = { due: 0, uncertain: 0 };
  for (const { claimed_by: by, last_claim: lastClaim } of owners) {
    if (by === null) continue;
    const fate = by === self && own === "ended" ? "dead" : fateOf(by);
    const leaseOver = Date.parse(now) - Date.parse(lastClaim ?? now) > LEASE_MS;
    if (fate === "alive" || (fate === "elsewhere" && !leaseOver)) continue;
    // After a reboot a mere claim may stand for a letter that left, if the disk lied about what
    // it had written.
    const doubtful: DeliveryState[] = fate === "rebooted" ? ["claimed", "sending"] : ["sending"];
    recovered.uncertain += await toUncertain(db, by, doubtful, now);
    recovered.due += await backToDue(db, by);
  }
  return recovered;
}

async function backToDue(db: Kysely<OutboxTables>, by: string): Promise<number> {
  const result = await db
    .updateTable("deliveries")
    .set({ state: "due", claimed_by: null, claimed_at: null })
    .where(IS_CLAIMED)
    .where("claimed_by", "=", by)
    .where("state", "=", "claimed")
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

async function toUncertain(
  db: Kysely<OutboxTables>,
  by: string,
  states: readonly DeliveryState[],
  now: string,
): Promise<number> {
  const result = await db
    .updateTable("deliveries")
    .set({
      state: "uncertain",
      settled_at: now,
      reply_text: "The program ended before the server's answer was written down.",
    })
    .where(IS_CLAIMED)
    .where("claimed_by", "=", by)
    .where("state", "in", states)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}
