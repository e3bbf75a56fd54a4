/**
 * Addresses that must not be mailed, with the reason and the time. Sole owner of `suppressions` and
 * `suppression_salt`. An erased reader's address is kept only as a salted hash, so that an import
 * can't bring it back.
 */
import { createHmac } from "node:crypto";
import type { Kysely } from "kysely";
import type { Handle, Migrations } from "../io/database.ts";
import type { SuppressionReason } from "./subscriber.ts";

export interface SuppressionTables {
  suppressions: { address: string; reason: string; suppressed_at: string };
  suppression_salt: { salt: string };
}

export interface Suppression {
  readonly reason: SuppressionReason;
  readonly at: string;
}

export const suppressionMigrations: Migrations = {
  "suppressions-0001": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("suppressions")
        .addColumn("address", "text", (column) => column.primaryKey())
        .addColumn("reason", "text", (column) => column.notNull())
        .addColumn("suppressed_at", "text", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("suppression_salt")
        .addColumn("salt", "text", (column) => column.notNull())
        .execute();
    },
  },
};

/** Returns the suppression of the address with `addressKey`, or null. */
export async function findSuppression(
  db: Handle<SuppressionTables>,
  addressKey: string,
): Promise<Suppression | null> {
  const row = await db
    .selectFrom("suppressions")
    .selectAll()
    .where("address", "in", [addressKey, ...(await hashes(db, addressKey))])
    .executeTakeFirst();
  return row ? { reason: row.reason as SuppressionReason, at: row.suppressed_at } : null;
}

/** Suppresses an address; an earlier suppression keeps its reason and time. */
export async function suppress(
  db: Handle<SuppressionTables>,
  addressKey: string,
  suppression: Suppression,
): Promise<void> {
  const { reason, at } = suppression;
  await db
    .insertInto("suppressions")
    .values({ address: addressKey, reason, suppressed_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Suppressions that the reader's own wish has made, and can take back. */
const OWN_WISHES: readonly SuppressionReason[] = ["unsubscribed", "erased"];

/** Whether the word of whoever reads at the address is enough to take a suppression back. */
export function isOwnWish({ reason }: Suppression): boolean {
  return OWN_WISHES.includes(reason);
}

/** Takes back a suppression that a reader's own wish has made; any other stays. */
export async function lift(db: Handle<SuppressionTables>, addressKey: string): Promise<void> {
  await db
    .deleteFrom("suppressions")
    .where("address", "in", [addressKey, ...(await hashes(db, addressKey))])
    .where("reason", "in", OWN_WISHES)
    .execute();
}

/** Replaces what is kept of an address by a salted hash. `makeSalt` is asked for the first one. */
export async function suppressErased(
  db: Handle<SuppressionTables>,
  addressKey: string,
  at: string,
  makeSalt: () => string,
): Promise<void> {
  if ((await hashes(db, addressKey)).length === 0) {
    await db.insertInto("suppression_salt").values({ salt: makeSalt() }).execute();
  }
  // What was not the reader's own wish goes on to hold, without the address.
  const before = await findSuppression(db, addressKey);
  await db.deleteFrom("suppressions").where("address", "=", addressKey).execute();
  const suppression =
    before && !isOwnWish(before) ? before : ({ reason: "erased", at } as const);
  for (const hash of await hashes(db, addressKey)) await suppress(db, hash, suppression);
}

/** Returns the hash of an address under the salt; none as long as nobody was erased. */
async function hashes(db: Handle<SuppressionTables>, addressKey: string): Promise<string[]> {
  const rows = await db.selectFrom("suppression_salt").select("salt").execute();
  return rows.map(({ salt }) => `hmac:${createHmac("sha256", salt).update(addressKey).digest("hex")}`);
}
