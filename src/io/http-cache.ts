/**
 * Answers that were kept on disk with what their server names them by (ETag, Last-Modified), so that
 * asking again costs nobody a second copy (RFC 9110, section 13). It may be deleted at any time.
 */
import { createHash, randomUUID } from "node:crypto";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** What is kept of an answer. */
export interface Kept {
  readonly url: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpCache {
  find(name: string): Kept | null;
  keep(name: string, kept: Kept): void;
}

const FILES_MAX = 2000;
const BYTES_MAX = 256 * 1024 * 1024;
/** The folder is looked through once in so many answers. */
const SWEEP_EVERY = 100;

/** Returns the cache in `folder`, which is made when there is something to keep. */
export function openHttpCache(folder: string): HttpCache {
  let kept = 0;
  const fileOf = (name: string) =>
    join(folder, `${createHash("sha256").update(name).digest("base64url")}.json`);
  return {
    find: (name) => {
      try {
        const found = JSON.parse(readFileSync(fileOf(name), "utf8")) as Kept;
        return typeof found.body === "string" && typeof found.url === "string" ? found : null;
      } catch {
        // Not there, or damaged: then it is asked for anew.
        return null;
      }
    },
    keep: (name, value) => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // Whole or not at all, also for another process that reads it meanwhile.
      const draft = join(folder, `${randomUUID()}.tmp`);
      // What a token opened is nobody else's.
      writeFileSync(draft, JSON.stringify(value), { mode: 0o600 });
      renameSync(draft, fileOf(name));
      if (kept++ % SWEEP_EVERY === 0) sweep(folder);
    },
  };
}

/** Removes the oldest files past the bounds. */
function sweep(folder: string): void {
  const files = readdirSync(folder).flatMap((name) => {
    const file = join(folder, name);
    const stat = statSync(file, { throwIfNoEntry: false });
    return stat ? [{ file, size: stat.size, at: stat.mtimeMs }] : [];
  });
  let bytes = 0;
  for (const [index, { file, size }] of files.toSorted((a, b) => b.at - a.at).entries()) {
    bytes += size;
    if (index >= FILES_MAX || bytes > BYTES_MAX) rmSync(file, { force: true });
  }
}
