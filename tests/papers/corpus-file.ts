/** A real corpus, in memory or in a file, closed when the test ends. */
import { onTestFinished } from "vitest";
import { openDatabase } from "../../src/io/database.ts";
import { openCorpus } from "../../src/papers/corpus.ts";
import { corpusMigrations, type CorpusTables } from "../../src/papers/corpus-tables.ts";

/** A window that holds every day. */
export const ALWAYS = { after: "0000-01-01", upTo: "9999-12-31" };
export const NOW = "2026-04-15T08:00:00.000Z";

/** Returns the corpus in `file` with its database, to look behind it; closing twice does no harm. */
export async function openCorpusFile(file = ":memory:") {
  const { db, close } = await openDatabase<CorpusTables>({ file, migrations: corpusMigrations });
  let open = true;
  const closeOnce = async () => {
    if (open) await close();
    open = false;
  };
  onTestFinished(closeOnce);
  return { db, corpus: openCorpus(db), close: closeOnce };
}
