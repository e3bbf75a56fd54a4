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
   * Holds something back because of one `objection`: a refusal that a provider keeps giving ("550
   * 5.1.1"), or a code of ours. False, and nothing is held, where an operator has looked into it and let
   * it go on: of a domain within a day, of an edition ever.
   */
  object(held: Held, objection: string, why: string, now: Date): Promise<boolean>;
  /** Says that an operator has looked into an objection, made or not, and lifts what it holds back. */
  lookInto(held: Held, objection: string, now: string): Promise<void>;
  /** Returns whether it was held. Whoever lifts an objection has looked into it. */
  lift(held: Held, now: string): Promise<boolean>;
  all(): Promise<Hold[]>;
}

/** Returns the holds kept in `db`. */
export function openHolds(db: Kysely<OutboxTables>): Holds {
  async function insert(held: Held, objection: string | null, why: string, now: string) {
    const result = await db
      .insertInto("holds")
      .values({ ...rowOf(held), since: now, why, objection })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }

  async function lookInto(held: Held, objection: string, now: string): Promise<void> {
    await db
      .replaceInto("looked_into")
      .values({ ...rowOf(held), objection, at: now })
      .execute();
    const { kind, name } = rowOf(held);
    await db
      .deleteFrom("holds")
      .where("kind", "=", kind)
      .where("name", "=", name)
      .where("objection", "=", objection)
      .execute();
  }

  return {
    put: (held, why, now) => insert(held, null, why, now),
    lookInto,
    object: async (held, objection, why, now) => {
      const since = now.getTime() - (held.kind === "domain" ? LOOKED_INTO_MS : now.getTime());
      const { kind, name } = rowOf(held);
      const lookedInto = await db
        .selectFrom("looked_into")
        .select("at")
        .where("kind", "=", kind)
        .where("name", "=", name)
        .where("objection", "=", objection)
        .where("at", ">", new Date(since).toISOString())
        .executeTakeFirst();
      if (lookedInto) return false;
      await insert(held, objection, why, now.toISOString());
      return true;
    },
    lift: async (held, now) => {
      const { kind, name } = rowOf(held);
      const lifted = await db
        .deleteFrom("holds")
        .where("kind", "=", kind)
        .where("name", "=", name)
        .returning("objection")
        .executeTakeFirst();
      if (lifted?.objection) await lookInto(held, lifted.objection, now);
      return lifted !== undefined;
    },
    all: async () => {
      const rows = await db.selectFrom("holds").selectAll().orderBy("since").execute();
      return rows.map(({ kind, name, since, why }) => ({ ...heldOf(kind, name), since, why }));
    },
  };
}

function rowOf(held: Held): { kind: string; name: string } {
  const { kind } = held;
  if (kind === "domain") return { kind, name: held.domain };
  return { kind, name: `${held.edition.cadence} ${held.edition.period}` };
}

function heldOf(kind: string, name: string): Held {
  if (kind === "domain") return { kind, domain: name };
  const [cadence, period] = name.split(" ");
  return { kind: "edition", edition: { cadence, period } as EditionName };
}
