import { join } from "node:path";
import type { App } from "../assemble.ts";
import { CONFIG_FILE, type Config } from "../config.ts";
import { PaperRoundError, reasonOf } from "../errors.ts";
import { stampOf, watchFiles } from "../io/watch.ts";
import type { PreviewStage } from "../web/preview/request.ts";
import type { PreviewHouse } from "../web/preview/letters.ts";

/** The program as one reading of the configuration made it, open for as long as somebody uses it. */
interface Opened {
  readonly app: App;
  readonly house: PreviewHouse;
  users: number;
  retired: boolean;
}

/**
 * Returns the program for a preview, which goes with the configuration: when that changes, the program
 * is opened anew, and if it can't be, the one before stays. `read` reads the configuration;
 * `say` is told of what can't be followed.
 */
export function openStage(
  { home, file }: Config,
  read: () => Config,
  ownFolders: readonly string[],
  say: (text: string) => void = () => {},
): PreviewStage & { close(): Promise<void> } {
  const configFiles = [file ?? join(home, CONFIG_FILE), join(home, ".env")];
  // What is committed stands in the log first. The other database holds the outbox, which a running
  // send writes to all the time, and little that a letter shows.
  const databases = ["", "-wal"].map((end) => join(home, `data/corpus.sqlite${end}`));
  const folders = [join(home, "templates"), ...ownFolders];
  const watch = watchFiles({ files: [...configFiles, ...databases], folders }, say);
  let current: Promise<Opened> | null = null;
  let seen = "";
  let fault: PaperRoundError | null = null;

  /** Returns the program for the configuration as it is now, or the last one that could be opened. */
  function newest(): Promise<Opened> {
    const stamp = stampOf({ files: configFiles, folders: [] });
    if (current && stamp === seen) return current;
    seen = stamp;
    // One that could not be opened is none.
    const before = current?.catch(() => null);
    const attempt = openHouse(read).then(
      async (opened) => {
        const old = await before;
        fault = null;
        if (old) await retire(old);
        return opened;
      },
      async (thrown) => {
        const old = await before;
        // What was wrong may lie outside the configuration, so whoever asks next has it tried again.
        if (current === attempt) seen = "";
        if (!old) {
          if (current === attempt) current = null;
          throw thrown;
        }
        fault = asFault(thrown);
        return old;
      },
    );
    current = attempt;
    return attempt;
  }

  return {
    lend: async (work) => {
      const opened = await newest();
      opened.users++;
      try {
        return await work(opened.house);
      } finally {
        opened.users--;
        await closeIfDone(opened);
      }
    },
    fault: () => fault,
    stamp: watch.stamp,
    onChange: watch.onChange,
    close: async () => {
      watch.close();
      const last = await current?.catch(() => null);
      if (last) await retire(last);
    },
  };
}

async function openHouse(read: () => Config): Promise<Opened> {
  const config = read();
  // Loaded when it is needed, since the first page begins without it.
  const { assemble } = await import("../assemble.ts");
  const app = await assemble(config);
  const { newsletter, preview } = config;
  const addresses = [newsletter.contact ?? [], preview.testAddresses].flat();
  const house: PreviewHouse = {
    ...app,
    testAddresses: [...new Set(addresses)],
    isSigned: app.dkimRecords.length > 0,
    browser: preview.browser ?? null,
  };
  return { app, house, users: 0, retired: false };
}

function retire(opened: Opened): Promise<void> {
  opened.retired = true;
  return closeIfDone(opened);
}

async function closeIfDone(opened: Opened): Promise<void> {
  if (opened.retired && opened.users === 0) await opened.app.close();
}

function asFault(thrown: unknown): PaperRoundError {
  if (thrown instanceof PaperRoundError) return thrown;
  return new PaperRoundError("INTERNAL", `${reasonOf(thrown)}.`, { cause: thrown });
}
