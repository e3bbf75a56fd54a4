/** Measures what an edition of twelve costs: to set it, to look it over, and to print it for a reader. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assemble } from "../../src/assemble.ts";
import { readConfig } from "../../src/config.ts";
import { keepMjml } from "../../src/io/mjml.ts";
import { checkLetter } from "../../src/mail/checks.ts";
import { printLetter, setLetter } from "../../src/mail/letter.ts";
import { ENGLISH } from "../../src/mail/wording.ts";
import { DAY, SAMPLE } from "./home.ts";

const ENTRIES = 12;
const PRINTED = 1000;
const READER = {
  address: "reader@example.org",
  unsubscribeUrl: "https://papers.example.org/unsubscribe/1-abcdefghijklmnopqrstuv",
  preferencesUrl: "https://papers.example.org/preferences/1-abcdefghijklmnopqrstuv",
  opinionToken: "1-abcdefghijklmnopqrstuv",
};

/** Milliseconds, the least, the median and the most of the repetitions. */
export interface LetterCosts {
  readonly entries: number;
  readonly setting: readonly number[];
  readonly checking: readonly number[];
  readonly printing: readonly number[];
}

/** Sets, checks and prints the sample's letter so many times; MJML is warm by then. */
export async function measureLetter(times: number): Promise<LetterCosts> {
  const home = mkdtempSync(join(tmpdir(), "paperround-bench-"));
  const config = readConfig(home, { PAPERROUND_CONFIG: "" });
  const app = await assemble({ ...config, edition: { ...config.edition, entries: ENTRIES } });
  const release = keepMjml();
  try {
    await app.newsletter.gather([app.files([SAMPLE], null)], () => {});
    const draft = await app.newsletter.edition("daily", DAY);
    const set = () => setLetter(draft, app.masthead, app.templates, ENGLISH);
    let letter = await set();
    const about = {
      kind: "single",
      siteUrl: "https://papers.example.org",
      isSigned: false,
    } as const;
    const check = () => checkLetter({ ...letter, ...about, message: null });
    check();
    const costs = { setting: [] as number[], checking: [] as number[], printing: [] as number[] };
    for (let time = 0; time < times; time++) {
      const start = performance.now();
      letter = await set();
      costs.setting.push(performance.now() - start);
      const checked = performance.now();
      check();
      costs.checking.push(performance.now() - checked);
      const printed = performance.now();
      for (let reader = 0; reader < PRINTED; reader++) printLetter(letter, READER, false);
      costs.printing.push((performance.now() - printed) / PRINTED);
    }
    return {
      entries: ENTRIES,
      setting: spreadOf(costs.setting),
      checking: spreadOf(costs.checking),
      printing: spreadOf(costs.printing),
    };
  } finally {
    release();
    await app.close();
    rmSync(home, { recursive: true });
  }
}

function spreadOf(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return [0, Math.floor(sorted.length / 2), sorted.length - 1].map((at) => sorted[at] ?? 0);
}
