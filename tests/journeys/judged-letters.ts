/** Letters as they leave: signed, to the list and to one person, from real papers and from hostile ones. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assemble } from "../../src/assemble.ts";
import { readConfig } from "../../src/config.ts";
import { LANGUAGE_TAGS } from "../../src/config/language.ts";
import type { Cadence } from "../../src/editions/period.ts";
import { sampleNotices, setNotice } from "../../src/mail/notices.ts";
import type { Parts } from "../../src/mail/message.ts";
import { NO_INTERESTS } from "../../src/papers/interests.ts";
import {
  NO_CHOICE,
  type Recipient,
  type Subscriber,
  type SubscriberKey,
} from "../../src/subscribers/subscriber.ts";
import { addressOf, ROOT } from "../home.ts";

export interface JudgedLetter extends Parts {
  readonly name: string;
  readonly html: string;
  /** To the list, or to one person who did something. */
  readonly kind: "list" | "single";
  /** Whether its papers are real ones. */
  readonly isReal: boolean;
  /** The finished message. */
  readonly message: Buffer;
  /** A file that holds the message. */
  readonly file: string;
}

export const READER: Subscriber = {
  key: 1 as SubscriberKey,
  address: "reader@example.net",
  state: "confirmed",
  cadence: "daily",
  textOnly: false,
  ...NO_CHOICE,
  consent: { how: "added", detail: "test", at: "2026-04-01T08:00:00.000Z" },
  endedAt: null,
  profile: null,
  leavingReason: null,
  moves: 0,
  away: null,
};

const CONFIG = `newsletter:
  name: Paper Round
  from: letters@papers.example.org
  contact: desk@papers.example.org
  publicUrl: https://papers.example.org
  postalAddress: Example Lab, 1 Main Street, Springfield
dkim:
  - selector: pr2026
    domain: papers.example.org
    keyFile: dkim.pem
`;

const HOSTILE = `<script>alert(1)</script><img src=x onerror=alert(2)> {{footer.unsubscribeUrl}} "><a href="javascript:alert(3)">`;
const LONG = "Pneumonoultramicroscopicsilicovolcanoconiosis".repeat(6);

/** Titles by the day on which they are listed. */
const EDITIONS: Readonly<Record<string, readonly string[]>> = {
  "2026-05-01": [HOSTILE, LONG, "‮evil‬ \u0000 title", "{{{x}}} {{#each entries}}"],
  "2026-05-02": [
    String.raw`$O(n^{2}\log n)$ bounds for \emph{sparse} attention: $\alpha \leq \frac{1}{2}$`,
    String.raw`Erd\H{o}s--R\'enyi graphs at \$5 a run, $10^{-3}$ of the \textbf{cost}`,
  ],
  "2026-05-03": ["مقالة عن النماذج اللغوية الكبيرة", "מחקר על מודלי שפה גדולים"],
  "2026-05-04": ["大規模言語モデルの研究", "大语言模型的推理能力研究", "대규모 언어 모델 연구"],
  "2026-05-05": ["A single paper on a quiet day"],
  "2026-04-16": ["The one paper of the day after"],
};

const DAY = "2026-04-15";
const NEXT_DAY = "2026-04-16";

/** Makes the letters in a folder of their own, which `close` removes. */
export async function judgedLetters(): Promise<{ letters: JudgedLetter[]; close: () => void }> {
  const home = mkdtempSync(join(tmpdir(), "paperround-judges-"));
  const close = () => rmSync(home, { recursive: true, force: true });
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(join(home, "dkim.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(join(home, "paperround.yaml"), CONFIG);
  const file = join(home, "odd.jsonl");
  writeFileSync(file, oddPapers().join("\n"));
  const config = readConfig(home, { PAPERROUND_CONFIG: join(home, "paperround.yaml") });
  const app = await assemble(config);
  const letters: JudgedLetter[] = [];
  const keep = (letter: Omit<JudgedLetter, "file" | "html"> & Parts) => {
    const path = join(home, `${letters.length}.eml`);
    writeFileSync(path, letter.message);
    letters.push({ ...letter, html: letter.html ?? "", file: path });
  };
  try {
    const { newsletter, files, masthead, templates } = app;
    const sample = join(ROOT, "data", "sample.jsonl");
    await newsletter.gather([files([sample, file], null)], () => {});
    const judge = async (
      name: string,
      { cadence = "daily", day = DAY, reader = {} }: Judging,
    ): Promise<void> => {
      const recipient = { ...READER, ...reader };
      const draft = await newsletter.edition(cadence, day);
      const letter = await newsletter.set(draft, recipient);
      const { content } = await newsletter.compose(draft, letter, recipient);
      const printed = newsletter.print(letter, recipient);
      keep({ ...printed, name, kind: "list", isReal: day === DAY, message: content });
    };
    await judge("a day", {});
    await judge("a week", { cadence: "weekly" });
    for (const day of Object.keys(EDITIONS)) await judge(day, { day });
    for (const language of LANGUAGE_TAGS.slice(1))
      await judge(`in ${language}`, { reader: { language } });
    const interests = {
      ...NO_INTERESTS,
      topics: ["vision", "robotics"],
      keywords: ["benchmark", HOSTILE],
      muted: ["agent"],
    };
    await judge("a choice", { reader: { interests } });
    await judge("a choice in ar", { reader: { interests, language: "ar" } });
    await newsletter.publish("daily", DAY);
    const pause = { since: `${DAY}T08:00:00.000Z`, until: "9999-12-31", last: null };
    const history = { seen: [], kept: null, pause };
    await judge("after a pause", { day: NEXT_DAY, reader: { history } });
    await judge("after a pause in zh", { day: NEXT_DAY, reader: { history, language: "zh" } });
    for (const [name, notice] of Object.entries(sampleNotices(masthead))) {
      const { content } = await newsletter.composeNotice(notice, addressOf(READER.address));
      const parts = await setNotice(notice, masthead, templates);
      keep({ ...parts, name, kind: "single", isReal: false, message: content });
    }
  } finally {
    await app.close();
  }
  return { letters, close };
}

/** An edition, and what its reader chose. */
interface Judging {
  readonly cadence?: Cadence;
  readonly day?: string;
  readonly reader?: Partial<Recipient>;
}

function oddPapers(): string[] {
  return Object.entries(EDITIONS).flatMap(([listedOn, titles], day) =>
    titles.map((title, index) =>
      JSON.stringify({
        title,
        arxivId: `2605.${day}000${index}`,
        abstract: `${title} is what this is about. ${"We measure it in several ways and find that it holds. ".repeat(6)}`,
        organization: day === 0 ? HOSTILE : "Example University",
        authors: day === 0 ? [HOSTILE, LONG] : ["Ada Lovelace", "Erwin Schrödinger", "李明"],
        listedOn,
        links: {
          code: day === 0 ? "javascript:alert(4)" : `https://example.org/code/${index}?a=1&b=2`,
        },
      }),
    ),
  );
}
