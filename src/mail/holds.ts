/**
 * What is held back: editions that an operator has paused, and domains whose provider keeps refusing.
 * Sole owner of the tables `holds` and `looked_into`. Deliveries stay due while they are held.
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

/** For so long nobody is asked again about a refusal that an operator has looked into. */
const LOOKED_INTO_MS = 24 * 3_600_000;

export type Hold = Held & { readonly since: string; readonly why: string };

export interface Holds {
  /** Holds something back; an earlier hold keeps its time and reason, and then this returns false. */
  put(held: Held, why: string, now: string): Promise<boolean>;
  /**
   * Holds a domain back because its provider keeps giving one `refusal` ("550 5.1.1"). False, and
   * nothing is held, where an operator has looked into that refusal within a day and let it go on.
   */
  object(domain: string, refusal: string, why: string, now: Date): Promise<boolean>;
  /** Returns whether it was held. Whoever lifts an objection has looked into it. */
  lift(held: Held, now: string): Promise<boolean>;
  all(): Promise<Hold[]>;
}

/** Returns the holds kept in `db`. */
export function openHolds(db: Kysely<OutboxTables>): Holds {
  async function insert(held: Held, refusal: string | null, why: string, now: string) {
    const result = await db
      .insertInto("holds")
      .values({ kind: held.kind, name: nameOf(held), since: now, why, refusal })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }

  return {
    put: (held, why, now) => insert(held, null, why, now),
    object: async (domain, refusal, why, now) => {
      const since = new Date(now.getTime() - LOOKED_INTO_MS).toISOString();
      const lookedInto = await db
        .selectFrom("looked_into")
        .select("at")
        .where("domain", "=", domain)
        .where("refusal", "=", refusal)
        .where("at", ">", since)
        .executeTakeFirst();
      if (lookedInto) return false;
      await insert({ kind: "domain", domain }, refusal, why, now.toISOString());
      return true;
    },
    lift: async (held, now) => {
      const lifted = await db
        .deleteFrom("holds")
        .where("kind", "=", held.kind)
        .where("name", "=", nameOf(held))
        .returning(["name", "refusal"])
        .executeTakeFirst();
      if (lifted?.refusal) {
        const { name: domain, refusal } = lifted;
        await db.replaceInto("looked_into").values({ domain, refusal, at: now }).execute();
      }
      return lifted !== undefined;
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
