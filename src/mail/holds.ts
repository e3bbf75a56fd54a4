/**
 * What is held back: editions that an operator has paused, and domains whose provider keeps refusing.
 * Sole owner of the table `holds`. Deliveries stay due while they are held.
 */
import type { Kysely } from "kysely";
import type { EditionName } from "./delivery.ts";
import type { OutboxTables } from "./outbox-tables.ts";

/** An edition, or the domain of addresses, which stands for all of its provider's. */
export type Held =
  | { readonly kind: "edition"; readonly edition: EditionName }
  | { readonly kind: "domain"; readonly domain: string };

/** Why something is held back that nobody objected to. */
export const PAUSED = "paused by the operator";

export type Hold = Held & { readonly since: string; readonly why: string };

export interface Holds {
  /** Holds something back; an earlier hold keeps its time and reason, and then this returns false. */
  put(held: Held, why: string, now: string): Promise<boolean>;
  /** Returns whether it was held. */
  lift(held: Held): Promise<boolean>;
  all(): Promise<Hold[]>;
}

/** Returns the holds kept in `db`. */
export function openHolds(db: Kysely<OutboxTables>): Holds {
  return {
    put: async (held, why, now) => {
      const result = await db
        .insertInto("holds")
        .values({ kind: held.kind, name: nameOf(held), since: now, why })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },
    lift: async (held) => {
      const result = await db
        .deleteFrom("holds")
        .where("kind", "=", held.kind)
        .where("name", "=", nameOf(held))
        .executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
    all: async () => {
      const rows = await db.selectFrom("holds").selectAll().orderBy("since").execute();
      return rows.map(({ kind, name, since, why }) => ({ ...heldOf(kind, name), since, why }));
    },
  };
}

function nameOf(held: Held): string {
  return held.kind === "domain" ? held.domain : `${held.edition.cadence} ${held.edition.period}`;
}

function heldOf(kind: string, name: string): Held {
  if (kind === "domain") return { kind, domain: name };
  const [cadence, period] = name.split(" ");
  return { kind: "edition", edition: { cadence, period } as EditionName };
}
