/** A preview over the real program in a home of its own, with a stamp that a test can change. */
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { App } from "../../../src/assemble.ts";
import type { Config } from "../../../src/config.ts";
import type { PaperRoundError } from "../../../src/errors.ts";
import { openPreview } from "../../../src/web/preview/preview.ts";
import type { PreviewHouse } from "../../../src/web/preview/letters.ts";
import { emptyHome, openApp, ROOT } from "../../home.ts";

export const DAY = "2026-04-15";
export const TOKEN = "the token of this preview";
export const HOST = "127.0.0.1:8026";

export interface OpenedPreview {
  readonly app: App;
  readonly home: string;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  page(path: string): Promise<string>;
  /** Posts the form that sends a letter; a header that is null is left out. */
  post(
    fields: Record<string, string>,
    headers?: Record<string, string | null>,
    letter?: string,
  ): Promise<Response>;
  /** What a change of templates, data or configuration does. */
  change(fault?: PaperRoundError | null): void;
}

/** Opens a preview of the sample papers, or of an empty corpus. */
export async function openPages(
  changes: Partial<Config> = {},
  options: { house?: Partial<PreviewHouse>; empty?: boolean } = {},
): Promise<OpenedPreview> {
  const home = emptyHome();
  const app = await openApp(changes, { home });
  if (!options.empty) {
    await app.newsletter.gather([app.files([join(ROOT, "data", "sample.jsonl")], null)], () => {});
  }
  let stamp = 1;
  let wrong: PaperRoundError | null = null;
  const listeners = new Set<() => void>();
  const closing = new AbortController();
  onTestFinished(() => closing.abort());
  const plain = { testAddresses: [], isSigned: false, browser: null };
  const house: PreviewHouse = { ...app, ...plain, ...options.house };
  const pages = openPreview({
    stage: {
      lend: (work) => work(house),
      fault: () => wrong,
      stamp: () => String(stamp),
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    first: { cadence: "daily", reader: "", date: DAY },
    files: { css: () => "body { margin: 0 }", script: () => "// nothing" },
    fixtures: join(ROOT, "data", "preview"),
    token: TOKEN,
    signal: closing.signal,
    now: () => new Date("2026-04-15T08:00:00Z"),
  });
  const get = async (path: string, headers: Record<string, string> = {}) =>
    pages.request(path, { headers: { host: HOST, ...headers } });
  return {
    app,
    home,
    get,
    page: async (path) => (await get(path)).text(),
    post: async (fields, changed = {}, letter = "typical") => {
      const headers = new Headers({ host: HOST, origin: `http://${HOST}` });
      for (const [name, value] of Object.entries(changed)) {
        if (value === null) headers.delete(name);
        else headers.set(name, value);
      }
      const body = new URLSearchParams(fields);
      return pages.request(`/send?letter=${letter}`, { method: "POST", body, headers });
    },
    change: (fault = null) => {
      stamp++;
      wrong = fault;
      for (const listener of listeners) listener();
    },
  };
}
