/** A file in our own JSON Lines format, at an address: what another Paper Round or a script tells. */
import type { z } from "zod";
import { jsonlSettings } from "../../config/sources-schema.ts";
import type { Means, Source, SourceKind } from "../source.ts";
import { fileOf } from "./live.ts";
import { sightingsJsonl } from "./sightings-jsonl.ts";

type Settings = z.output<typeof jsonlSettings>;

/** Some twenty thousand papers with their abstracts. */
const BYTES_MAX = 32 * 1024 * 1024;

export const jsonl: SourceKind<Settings> = {
  kind: "jsonl",
  settings: jsonlSettings,
  open: openJsonl,
};

function openJsonl({ url, timeoutSeconds }: Settings, means: Means): Source {
  return {
    name: means.name,
    timeoutMs: timeoutSeconds * 1000,
    async *mentions({ signal, say }) {
      const answer = await means.http.ask({ url, bytesMax: BYTES_MAX, signal });
      yield* sightingsJsonl.read(fileOf(answer), say);
    },
  };
}
