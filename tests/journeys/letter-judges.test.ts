/**
 * Puts our letters before judges that others wrote: spam filters, checkers of accessibility, of HTML
 * and of MIME, and what mail programs are known to support.
 *
 *     apt-get install -y --no-install-recommends spamassassin rspamd chromium w3m
 *     apt-get install -y --no-install-recommends fonts-noto-core fonts-noto-cjk
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkLetter } from "../../src/mail/checks.ts";
import { clientSupport } from "../../src/mail/client-support.ts";
import { judgedLetters, type JudgedLetter } from "./judged-letters.ts";

const PYTHON = "/usr/bin/python3";
const SPAMASSASSIN = "/usr/bin/spamassassin";
const RSPAMD = "/usr/bin/rspamd";
const W3M = "/usr/bin/w3m";
const CHROMIUM = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

let letters: readonly JudgedLetter[] = [];
let close = () => {};
beforeAll(async () => {
  ({ letters, close } = await judgedLetters());
});
afterAll(() => close());

/** Titles of markup, for which rspamd takes text for HTML. */
const HOSTILE_DAY = "2026-05-01";
const AS_HTML = "MIME_HTML_ONLY";

const isMissing = (program: string) => !existsSync(program);
/** Says in a test's name why it is skipped. */
const absent = (program: string) =>
  isMissing(program) ? ` (skipped: ${program} is not installed)` : "";

/** Runs a judge's program over `input`; what it prints is the verdict. */
function run(program: string, args: readonly string[], input: string | Buffer = ""): string {
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
  return stdout;
}

test("our own checks find no error and no warning in letters of real papers", () => {
  const found = letters.flatMap((letter) =>
    checkLetter({
      ...letter,
      preheader: /<meta name="description" content="([^"]*)"/.exec(letter.html)?.[1] ?? "",
      siteUrl: "https://papers.example.org",
      isSigned: true,
    })
      .filter(({ level }) => level === "error" || (level === "warning" && letter.isReal))
      // A character of Arabic takes six bytes: with a choice's links to each paper, 52 KB of the hard 90.
      .filter(({ check }) => !(check === "size" && letter.name === "a choice in ar"))
      .map(({ check, message }) => `${letter.name}: ${check}: ${message}`),
  );
  expect(found).toEqual([]);
});

test.skipIf(isMissing(SPAMASSASSIN))(
  `SpamAssassin has nothing against any letter${absent(SPAMASSASSIN)}`,
  () => {
    // It takes seconds to start: one run judges all.
    const files = letters.map(({ file }) => file);
    const said = run(SPAMASSASSIN, ["-L", "-t", "-x", ...files]);
    const reports = said.split("Content analysis details:").slice(1);
    expect(reports).toHaveLength(files.length);
    const found = reports.flatMap((report, index) => {
      const name = letters[index]?.name;
      const total = Number(/\((-?[\d.]+) points/.exec(report)?.[1] ?? Number.NaN);
      const rules = [...report.matchAll(/^\s*(-?\d+\.\d+) ([A-Z][A-Z0-9_]+)/gm)];
      const bad = rules.filter(([, points]) => Number(points) > 0.1).map(([line]) => line.trim());
      return total <= 0 && bad.length === 0 ? [] : [`${name}: ${total}: ${bad.join(", ")}`];
    });
    expect(found).toEqual([]);
  },
);

test.skipIf(isMissing(RSPAMD))(
  `rspamd has nothing against any letter${absent(RSPAMD)}`,
  async () => {
    const service = await startRspamd();
    try {
      const found: string[] = [];
      for (const { name, message } of letters) {
        const { score, symbols } = await service.judge(message);
        const bad = Object.values(symbols)
          .filter(
            (symbol) => symbol.score > 0 && !(name === HOSTILE_DAY && symbol.name === AS_HTML),
          )
          .map(({ name: rule, score: points, options = [] }) => `${rule} ${points} (${options})`);
        if (score > 0 || bad.length > 0) found.push(`${name}: ${score}: ${bad.join(", ")}`);
      }
      expect(found).toEqual([]);
    } finally {
      await service.stop();
    }
  },
);

test.skipIf(isMissing(CHROMIUM))(
  `axe finds no fault of WCAG 2.2 A or AA, in light and dark, on phone and desktop${absent(CHROMIUM)}`,
  async () => {
    const script = readFileSync(
      createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
      "utf8",
    );
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    const found = new Set<string>();
    try {
      for (const colorScheme of ["light", "dark"] as const) {
        const page = await browser.newPage({ colorScheme });
        page.on("request", (request) => found.add(`asks for ${request.url()}`));
        for (const { name, html } of letters) {
          for (const dir of ["ltr", "rtl"] as const) {
            // Right to left is what a letter in another script than ours would be set in.
            await page.setContent(dir === "ltr" ? html : html.replaceAll('dir="ltr"', 'dir="rtl"'));
            await page.evaluate(script);
            for (const width of [320, 360, 800]) {
              await page.setViewportSize({ width, height: 800 });
              for (const fault of await page.evaluate<string[]>(AXE)) {
                found.add(`${name}, ${colorScheme}, ${width}, ${dir}: ${fault}`);
              }
            }
          }
        }
        await page.close();
      }
    } finally {
      await browser.close();
    }
    expect([...found]).toEqual([]);
  },
);

test("html-validate finds no error, rules for the web aside", async () => {
  const judge = new HtmlValidate({
    extends: ["html-validate:recommended"],
    rules: {
      // Mail programs need what these forbid.
      "doctype-style": "off",
      "no-conditional-comment": "off",
      "void-style": "off",
      "no-inline-style": "off",
      "prefer-native-element": "off",
      "no-deprecated-attr": "off",
      "presentation-role-style": "off",
    },
  });
  const found = new Set<string>();
  for (const { name, html } of letters) {
    const { results } = await judge.validateString(html);
    for (const { ruleId, message, line } of results.flatMap((result) => result.messages)) {
      found.add(`${name}: ${ruleId}, line ${line}: ${message}`);
    }
  }
  expect([...found]).toEqual([]);
});

test("the common mail programs understand what the layout needs", async () => {
  const found: string[] = [];
  for (const { name, html } of letters) {
    const support = await clientSupport(html);
    expect(support).not.toBeNull();
    for (const { name: family, percent, wanted, unsupported } of support?.families ?? []) {
      if (percent < wanted) found.push(`${name}: ${family} ${percent} % of ${wanted} %`);
      if (unsupported.length > 0) found.push(`${name}: ${family} lacks ${unsupported.join(", ")}`);
    }
  }
  expect(found).toEqual([]);
});

test.skipIf(isMissing(PYTHON))(
  `Python's email package finds no defect in any message${absent(PYTHON)}`,
  () => {
    const files = letters.map(({ kind, file }) => `${kind}:${file}`);
    expect(JSON.parse(run(PYTHON, ["-c", MIME_LINT, ...files]))).toEqual([]);
  },
);

test.skipIf(isMissing(W3M))(
  `w3m shows the words and links of the HTML that the text has${absent(W3M)}`,
  () => {
    const found = letters.flatMap(({ name, html, text }) => {
      const shown = run(
        W3M,
        ["-dump", "-T", "text/html", "-I", "UTF-8", "-O", "UTF-8", "-cols", "2000"],
        html,
      );
      const left = bagOf(wordsOf(text));
      const words = wordsOf(shown);
      const missing = words.filter((word) => !take(left, word));
      const share = 1 - missing.length / Math.max(words.length, 1);
      const linked = run(PYTHON, ["-c", LINKS], html).split("\n").filter(Boolean).toSorted();
      const written = (text.match(/(?:https?:\/\/|mailto:)\S+/g) ?? []).toSorted();
      return [
        ...(share < 0.99 ? [`${name}: ${(share * 100).toFixed(1)} %: ${missing.join(" ")}`] : []),
        ...(linked.join("\n") === written.join("\n") ? [] : [`${name}: the links differ`]),
      ];
    });
    expect(found).toEqual([]);
  },
);

/** Returns the words; w3m raises and lowers with ^ and [], where text has characters of their own. */
function wordsOf(text: string): string[] {
  const level = text.replace(RAISED, (run) => ` ${run.normalize("NFKC")} `);
  return level.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

const RAISED = /[\u00b2\u00b3\u00b9\u2070-\u209c\u02b0-\u02b8\u1d2c-\u1d6a]+/g;

function bagOf(words: readonly string[]): Map<string, number> {
  const bag = new Map<string, number>();
  for (const word of words) bag.set(word, (bag.get(word) ?? 0) + 1);
  return bag;
}

function take(bag: Map<string, number>, word: string): boolean {
  const left = bag.get(word) ?? 0;
  bag.set(word, left - 1);
  return left > 0;
}

/** Runs in the page: the rules that are WCAG's, at the levels A and AA. */
const AXE = `axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"],
  resultTypes: ["violations"],
}).then(({ violations }) => violations.map(({ id, nodes }) =>
  id + " at " + nodes.length + ", such as " + nodes[0].html.slice(0, 120)))`;

const LINKS = `
import sys
from html.parser import HTMLParser
class Links(HTMLParser):
    def handle_starttag(self, tag, attrs):
        url = dict(attrs).get("href")
        if tag == "a" and url:
            print(url)
Links().feed(sys.stdin.read())
`;

const MIME_LINT = `
import email, email.policy, json, sys
found = []
for argument in sys.argv[1:]:
    kind, name = argument.split(":", 1)
    raw = open(name, "rb").read()
    message = email.message_from_bytes(raw, policy=email.policy.default)
    lines = raw.split(b"\\r\\n")
    def tell(what):
        found.append(name + ": " + what)
    if any(b"\\r" in line or b"\\n" in line for line in lines): tell("a bare CR or LF")
    if max(map(len, lines)) > 998: tell("a line of more than 998")
    for each in message.walk():
        for defect in each.defects: tell("part: " + repr(defect))
        for field, value in each.items():
            for defect in getattr(value, "defects", ()): tell(field + ": " + repr(defect))
    fields = ["From", "To", "Date", "Subject", "Message-ID", "MIME-Version", "Content-Type", "Reply-To"]
    of_list = ["List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"]
    for field in fields + (of_list if kind == "list" else []):
        if len(message.get_all(field, [])) != 1: tell(field + " is not there once")
    if len(message["From"].addresses) != 1: tell("From is not one address")
    if message["Date"].datetime is None: tell("Date is none")
    kinds = [part.get_content_type() for part in message.walk()]
    if kinds != ["multipart/alternative", "text/plain", "text/html"]: tell("parts: " + repr(kinds))
    for part in message.walk():
        if not part.is_multipart(): part.get_content().encode("utf-8")
print(json.dumps(found))
`;

interface Finding {
  readonly name: string;
  readonly score: number;
  /** What it was found in. */
  readonly options?: readonly string[];
}

interface Verdict {
  readonly score: number;
  readonly symbols: Readonly<Record<string, Finding>>;
}

/** Starts rspamd on loopback ports, with a configuration of its own that asks nobody. */
async function startRspamd() {
  const folder = mkdtempSync(join(tmpdir(), "paperround-rspamd-"));
  const [scanner, controller] = [await freePort(), await freePort()];
  mkdirSync(join(folder, "local.d"));
  const settings: Record<string, string> = {
    "worker-normal.inc": `bind_socket = "127.0.0.1:${scanner}"; count = 1;`,
    "worker-controller.inc": `bind_socket = "127.0.0.1:${controller}"; count = 1;`,
    "worker-proxy.inc": "enabled = false; count = -1;",
    "logging.inc": 'type = "console"; level = "error";',
    // Whatever would be asked of the network is answered by nobody.
    "options.inc": `url_tld = "${join(folder, "suffixes")}";
      disable_hyperscan = true; dns { nameserver = ["127.0.0.1:9"]; timeout = 0.05s; retransmits = 1; }`,
  };
  const online =
    "antivirus arc asn bimi clickhouse dkim dkim_signing dmarc fuzzy_check greylist hfilter";
  const more =
    "history_redis mx_check neural once_received ratelimit rbl redis replies reputation rspamd_update spf";
  for (const name of `${online} ${more} surbl url_redirector whitelist`.split(" ")) {
    settings[`${name}.conf`] = "enabled = false;";
  }
  // Its own list of ten thousand takes half a minute to read.
  writeFileSync(
    join(folder, "suffixes"),
    "com\norg\nnet\nco\nio\nai\nedu\nac.kr\nac.uk\nde\nfr\ncn\nexample\n",
  );
  for (const [name, text] of Object.entries(settings)) {
    writeFileSync(join(folder, "local.d", name), `${text}\n`);
  }
  const places = ["LOCAL_CONFDIR", "DBDIR", "RUNDIR", "LOGDIR"];
  const variables = places.map((name) => `--var=${name}=${folder}`);
  const args = ["-f", "-i", "-c", "/etc/rspamd/rspamd.conf", ...variables];
  const child = spawn(RSPAMD, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  }
  const stop = () => ended(child).finally(() => rmSync(folder, { recursive: true, force: true }));
  const ask = async (message: Buffer): Promise<Verdict> => {
    const response = await fetch(`http://127.0.0.1:${scanner}/checkv2`, {
      method: "POST",
      headers: {
        IP: "203.0.113.7",
        Hostname: "mail.papers.example.org",
        Helo: "mail.papers.example.org",
        From: "letters@papers.example.org",
        Rcpt: "reader@example.net",
      },
      body: new Uint8Array(message),
    });
    return (await response.json()) as Verdict;
  };
  for (let tries = 0; tries < 600; tries += 1) {
    if (child.exitCode !== null) break;
    const up = await fetch(`http://127.0.0.1:${scanner}/ping`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (up) return { judge: ask, stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`rspamd does not start: ${said}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.kill("SIGTERM");
  await gone;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
