/** Letters as they leave: signed, to the list, from real papers and from hostile ones. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assemble } from "../../src/assemble.ts";
import { readConfig } from "../../src/config.ts";
import type { Cadence } from "../../src/editions/period.ts";
import { sampleNotices, setNotice } from "../../src/mail/notices.ts";
import type { Parts } from "../../src/mail/message.ts";
import {
  NO_CHOICE,
  type Subscriber,
  type SubscriberKey,
} from "../../src/subscribers/subscriber.ts";
import { ROOT } from "../home.ts";

export interface JudgedLetter extends Parts {
  readonly name: string;
  readonly html: string;
  /** The finished message; null for a letter that no list gets. */
  readonly message: Buffer | null;
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
};

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
  const keep = (name: string, parts: Parts, message: Buffer | null) => {
    const path = join(home, `${letters.length}.eml`);
    if (message) writeFileSync(path, message);
    letters.push({ ...parts, html: parts.html ?? "", name, message, file: path });
  };
  try {
    const { newsletter, files, masthead, templates } = app;
    const sample = join(ROOT, "data", "sample.jsonl");
    await newsletter.gather([files([sample, file], null)], () => {});
    const wanted: [string, Cadence, string][] = [
      ["a day", "daily", "2026-04-15"],
      ["a week", "weekly", "2026-04-15"],
      ...Object.keys(EDITIONS).map((day): [string, Cadence, string] => [day, "daily", day]),
    ];
    for (const [name, cadence, day] of wanted) {
      const draft = await newsletter.edition(cadence, day);
      const letter = await newsletter.set(draft);
      const { content } = await newsletter.compose(draft, letter, READER);
      keep(name, newsletter.print(letter, READER), content);
    }
    for (const [name, notice] of Object.entries(sampleNotices(masthead))) {
      keep(name, await setNotice(notice, masthead, templates), null);
    }
  } finally {
    await app.close();
  }
  return { letters, close };
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
