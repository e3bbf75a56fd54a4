/**
 * Tells when files change. What counts is their stamp, made of names, times and sizes; the system's own
 * notices only say when to look again. So a file that an editor deletes and writes anew, a folder that
 * comes later, and a file system without notices are all the same to whoever listens.
 */
import { createHash } from "node:crypto";
import { opendirSync, statSync, watch, type Dirent, type FSWatcher } from "node:fs";
import { join } from "node:path";

/** What is watched; none of it need exist. */
export interface WatchedPaths {
  readonly files: readonly string[];
  /** With all that lies in them. */
  readonly folders: readonly string[];
}

export interface Watch {
  /** Returns `stampOf` what is watched. */
  stamp(): string;
  /** Has `listener` told of every change, until what is returned is called. */
  onChange(listener: () => void): () => void;
  close(): void;
}

/** Editors write in several steps; what they leave counts. */
const QUIET_MS = 40;
/** For what the system gives no notice of: databases, and folders that are not there yet. */
const POLL_MS = 500;
/** A folder of templates holds a dozen files; more than this is a mistake that must not cost much. */
export const FILES_MAX = 1000;

/**
 * Watches files and folders until it is closed. `say` is told once of a folder that holds so much that
 * the rest of it is not looked at.
 */
export function watchFiles(paths: WatchedPaths, say: (text: string) => void = () => {}): Watch {
  const tooLarge = new Set<string>();
  const tellLarge = (folder: string) => {
    if (!tooLarge.has(folder)) {
      say(`${folder} holds ${FILES_MAX} files or more; only so many are watched.`);
    }
    tooLarge.add(folder);
  };
  const stampNow = () => stampOf(paths, tellLarge);
  const listeners = new Set<() => void>();
  const watchers = new Map<string, FSWatcher>();
  let known = stampNow();
  let quiet: NodeJS.Timeout | null = null;

  function look(): void {
    quiet = null;
    const now = stampNow();
    if (now === known) return;
    known = now;
    for (const listener of listeners) listener();
  }

  function lookSoon(): void {
    if (quiet) clearTimeout(quiet);
    quiet = setTimeout(look, QUIET_MS);
  }

  /**
   * Asks for notices from every folder that is there; one that was replaced is asked anew. Each is asked
   * by itself: Node's own way of asking for all below one follows files, and loses one that an editor
   * puts in another's place.
   */
  function listen(): void {
    const inside = paths.folders.flatMap((folder) => [folder, ...foldersIn(folder)]);
    for (const folder of inside) {
      if (watchers.has(folder)) continue;
      const forget = () => {
        watchers.get(folder)?.close();
        watchers.delete(folder);
      };
      try {
        const watcher = watch(folder, { persistent: false }, (event, name) => {
          lookSoon();
          if (event === "rename" && (name === null || !isThere(folder))) forget();
        });
        watcher.on("error", forget);
        watchers.set(folder, watcher);
      } catch {
        // Not there, or not to be watched: it is looked at now and then.
      }
    }
  }

  listen();
  const poll = setInterval(() => {
    listen();
    if (!quiet) look();
  }, POLL_MS).unref();

  return {
    stamp: stampNow,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      clearInterval(poll);
      if (quiet) clearTimeout(quiet);
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
      listeners.clear();
    },
  };
}

/** Returns a short name for the state of the files; another one when any has changed. */
export function stampOf(
  { files, folders }: WatchedPaths,
  tellLarge: (folder: string) => void = () => {},
): string {
  const inside = folders.flatMap((folder) => {
    const found = filesIn(folder);
    if (found.length === FILES_MAX) tellLarge(folder);
    return found;
  });
  const hash = createHash("sha256");
  for (const path of [...files, ...inside]) hash.update(`${path}\0${stateOf(path)}\0`);
  return hash.digest("hex").slice(0, 16);
}

/** Returns the paths of what lies in a folder. */
function filesIn(folder: string): string[] {
  return entriesIn(folder).map(pathOf).toSorted();
}

/** Returns the paths of the folders in a folder. */
function foldersIn(folder: string): string[] {
  return entriesIn(folder)
    .filter((entry) => entry.isDirectory())
    .map(pathOf);
}

function pathOf({ parentPath, name }: Dirent): string {
  return join(parentPath, name);
}

/** Returns what lies in a folder, up to a bound: what lies beyond is not even read. */
function entriesIn(folder: string): Dirent[] {
  const found: Dirent[] = [];
  try {
    using entries = opendirSync(folder, { recursive: true });
    for (let entry = entries.readSync(); entry; entry = entries.readSync()) {
      found.push(entry);
      if (found.length === FILES_MAX) break;
    }
  } catch {
    // Not there, or gone while it was read.
  }
  return found;
}

function stateOf(path: string): string {
  const state = statSync(path, { throwIfNoEntry: false });
  return state ? `${state.mtimeMs} ${state.size} ${state.ino}` : "none";
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
